//! zlib's streams, in its own terms.

use zlib_rs::{Deflate, DeflateConfig, DeflateFlush, Inflate, InflateError, InflateFlush, Status};

/// `ZLIB_ENCODING_RAW`
pub const RAW: i64 = -15;
/// `ZLIB_ENCODING_GZIP`
pub const GZIP: i64 = 31;
/// `ZLIB_ENCODING_DEFLATE`
pub const DEFLATE: i64 = 15;
/// Any of them, told apart by their headers.
pub const ANY: i64 = 47;

/// The memory level of whatever compresses in one go.
pub const MAX_MEMORY: i64 = 9;

/// Bytes of output made room for at once.
const CHUNK: usize = 8192;

/// What zlib's functions return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i64)]
pub enum Code {
    Ok = 0,
    StreamEnd = 1,
    NeedDictionary = 2,
    StreamError = -2,
    DataError = -3,
    MemoryError = -4,
    BufferError = -5,
}

impl Code {
    /// `zError()`
    pub fn text(self) -> &'static str {
        match self {
            Code::Ok => "",
            Code::StreamEnd => "stream end",
            Code::NeedDictionary => "need dictionary",
            Code::StreamError => "stream error",
            Code::DataError => "data error",
            Code::MemoryError => "insufficient memory",
            Code::BufferError => "buffer error",
        }
    }
}

impl From<Status> for Code {
    fn from(status: Status) -> Code {
        match status {
            Status::Ok => Code::Ok,
            Status::StreamEnd => Code::StreamEnd,
            Status::BufError => Code::BufferError,
        }
    }
}

impl From<InflateError> for Code {
    fn from(error: InflateError) -> Code {
        match error {
            InflateError::NeedDict { .. } => Code::NeedDictionary,
            InflateError::StreamError => Code::StreamError,
            InflateError::DataError => Code::DataError,
            InflateError::MemError => Code::MemoryError,
        }
    }
}

/// How something is compressed.
#[derive(Clone, Copy)]
pub struct Settings {
    /// -1 to 9.
    pub level: i64,
    /// zlib's window bits: negative without a header, above 15 with gzip's.
    pub bits: i64,
    /// 1 to 9.
    pub memory: i64,
    /// `ZLIB_DEFAULT_STRATEGY` and its like.
    pub strategy: zlib_rs::Strategy,
}

impl Settings {
    /// The usual ones.
    pub fn new(level: i64, bits: i64) -> Settings {
        Settings { level, bits, memory: MAX_MEMORY, strategy: zlib_rs::Strategy::Default }
    }
}

/// A flush of PHP's constants; `None`: there is no such.
pub fn flush_of(mode: i64) -> Option<DeflateFlush> {
    Some(match mode {
        0 => DeflateFlush::NoFlush,
        1 => DeflateFlush::PartialFlush,
        2 => DeflateFlush::SyncFlush,
        3 => DeflateFlush::FullFlush,
        4 => DeflateFlush::Finish,
        5 => DeflateFlush::Block,
        _ => return None,
    })
}

/// Compresses.
pub struct Encoder(Deflate);

impl Encoder {
    /// `None` for a window that the encoding cannot have.
    pub fn new(settings: Settings) -> Option<Encoder> {
        let window = match settings.bits {
            bits if bits > 15 => bits - 16,
            bits => bits.abs(),
        };
        let headed = (1..=15).contains(&settings.bits);
        if !(8..=15).contains(&window) || (window == 8 && !headed) {
            return None;
        }
        Some(Encoder(Deflate::new_with_config(DeflateConfig {
            level: settings.level as i32,
            window_bits: settings.bits as i32,
            mem_level: settings.memory as i32,
            strategy: settings.strategy,
            ..DeflateConfig::default()
        })))
    }

    /// Compresses all of `input`; appends what comes out.
    pub fn run(
        &mut self,
        mut input: &[u8],
        flush: DeflateFlush,
        out: &mut Vec<u8>,
    ) -> Result<Code, Code> {
        loop {
            let from = out.len();
            out.resize(from + CHUNK.max(input.len() / 2), 0);
            let (taken, made) = (self.0.total_in(), self.0.total_out());
            let result = self.0.compress(input, &mut out[from..], flush);
            input = &input[(self.0.total_in() - taken) as usize..];
            let made = (self.0.total_out() - made) as usize;
            let full = from + made == out.len();
            out.truncate(from + made);
            match result {
                Ok(Status::StreamEnd) => return Ok(Code::StreamEnd),
                // Nothing to do is no error here.
                Ok(_) if !full && input.is_empty() => return Ok(Code::Ok),
                Ok(_) => {}
                Err(_) => return Err(Code::StreamError),
            }
        }
    }

    /// Sets what earlier input is taken to have been.
    pub fn set_dictionary(&mut self, dictionary: &[u8]) -> bool {
        self.0.set_dictionary(dictionary).is_ok()
    }

    /// Begins a new stream.
    pub fn reset(&mut self) {
        self.0.reset();
    }
}

/// What one step of decompression did.
pub struct Step {
    /// zlib's result.
    pub code: Code,
    /// Bytes of input taken.
    pub taken: usize,
    /// Bytes of output made.
    pub made: usize,
}

/// Decompresses.
pub struct Decoder {
    stream: Inflate,
    bits: i64,
}

impl Decoder {
    /// `None` for a window that zlib does not know.
    pub fn new(bits: i64) -> Option<Decoder> {
        let window = if (0..48).contains(&bits) { bits & 15 } else { bits.abs() };
        if !(8..=15).contains(&window) && (window != 0 || bits < 0) {
            return None;
        }
        Some(Decoder { stream: make(bits), bits })
    }

    /// Decompresses into the room there is.
    pub fn step(&mut self, input: &[u8], out: &mut [u8], flush: InflateFlush) -> Step {
        let (taken, made) = (self.stream.total_in(), self.stream.total_out());
        let code = match self.stream.decompress(input, out, flush) {
            Ok(status) => status.into(),
            Err(error) => error.into(),
        };
        Step {
            code,
            taken: (self.stream.total_in() - taken) as usize,
            made: (self.stream.total_out() - made) as usize,
        }
    }

    /// The same, making the room: until the input is used up or something is to be said. Appends.
    pub fn run(&mut self, input: &[u8], flush: InflateFlush, out: &mut Vec<u8>) -> Step {
        let mut total = Step { code: Code::Ok, taken: 0, made: 0 };
        loop {
            let from = out.len();
            out.resize(from + CHUNK.max(input.len() - total.taken), 0);
            let step = self.step(&input[total.taken..], &mut out[from..], flush);
            let full = from + step.made == out.len();
            out.truncate(from + step.made);
            total = Step {
                code: step.code,
                taken: total.taken + step.taken,
                made: total.made + step.made,
            };
            let more = full || (total.taken < input.len() && step.taken + step.made > 0);
            if !(matches!(step.code, Code::Ok | Code::BufferError) && more) {
                return total;
            }
        }
    }

    /// Sets what earlier output is taken to have been.
    pub fn set_dictionary(&mut self, dictionary: &[u8]) -> Code {
        match self.stream.set_dictionary(dictionary) {
            Ok(_) => Code::Ok,
            Err(error) => error.into(),
        }
    }

    /// Expects a new stream.
    pub fn reset(&mut self) {
        self.stream = make(self.bits);
    }

    /// Bytes taken of this stream.
    pub fn total_in(&self) -> u64 {
        self.stream.total_in()
    }
}

fn make(bits: i64) -> Inflate {
    Inflate::new(bits >= 0, bits.unsigned_abs() as u8)
}

/// Compresses all at once.
pub fn encode(data: &[u8], level: i64, bits: i64) -> Result<Vec<u8>, Code> {
    let mut out = Vec::new();
    let mut encoder = Encoder::new(Settings::new(level, bits)).ok_or(Code::StreamError)?;
    encoder.run(data, DeflateFlush::Finish, &mut out)?;
    Ok(out)
}

/// Decompresses all at once, at most about `max` bytes (0: any number).
pub fn decode(data: &[u8], bits: i64, max: usize) -> Result<Vec<u8>, Code> {
    if data.is_empty() {
        return Err(Code::DataError);
    }
    // PHP passes the null behind its strings too.
    let input = [data, b"\0"].concat();
    match decode_as(&input, bits, max) {
        Err(Code::DataError) if bits == ANY => decode_as(&input, RAW, max),
        result => result,
    }
}

/// PHP gives the output a little more room in each of at most 100 rounds, which decides where `max`
/// is noticed.
fn decode_as(input: &[u8], bits: i64, max: usize) -> Result<Vec<u8>, Code> {
    let mut decoder = Decoder::new(bits).ok_or(Code::StreamError)?;
    let mut size = if max != 0 && max < input.len() { max } else { input.len() };
    let (mut out, mut used, mut at) = (Vec::new(), 0, 0);
    for _ in 0..100 {
        if max != 0 && max <= used {
            return Err(Code::MemoryError);
        }
        out.resize(size, 0);
        let step = decoder.step(&input[at..], &mut out[used..], InflateFlush::NoFlush);
        used += step.made;
        at += step.taken;
        size += (size >> 3) + 1;
        match step.code {
            Code::StreamEnd => {
                out.truncate(used);
                return Ok(out);
            }
            Code::BufferError => {}
            Code::Ok if at < input.len() => {}
            Code::Ok => return Err(Code::DataError),
            code => return Err(code),
        }
    }
    Err(Code::BufferError)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_encodings_come_back() {
        let data: Vec<u8> = (0..200_000u32).map(|n| (n.wrapping_mul(n) % 251) as u8).collect();
        for bits in [RAW, GZIP, DEFLATE] {
            let encoded = encode(&data, -1, bits).unwrap();
            assert_eq!(decode(&encoded, bits, 0).unwrap(), data);
            assert_eq!(decode(&encoded, ANY, 0).unwrap(), data);
            assert_eq!(decode(&encoded[..encoded.len() / 2], bits, 0), Err(Code::DataError));
            assert_eq!(decode(&encoded, bits, 100), Err(Code::MemoryError));
        }
    }

    #[test]
    fn windows_that_cannot_be() {
        assert!(Decoder::new(7).is_none());
        assert!(Decoder::new(-16).is_none());
        assert!(Encoder::new(Settings::new(6, -8)).is_none());
        assert!(Encoder::new(Settings::new(6, 8)).is_some());
    }
}

//! Compressing a body as it comes.

use crate::compression::Coding;
use brotli::CompressorWriter;
use brotli::enc::BrotliEncoderParams;
use bytes::Bytes;
use flate2::{Compress, Compression, Crc, FlushCompress, Status};
use std::io::Write;
use zstd::stream::raw::CParameter;
use zstd::stream::write::Encoder;

const GZIP_LEVEL: u32 = 6;
const ZSTD_LEVEL: i32 = 3;
const BROTLI_QUALITY: i32 = 4;
/// How far back matches reach, in bits: what a compressor mostly costs in memory.
const WINDOW: u32 = 18;
/// The same of a body whose connection may wait with its compressor.
const STREAM_WINDOW: u32 = 15;

/// No name, no time, of a Unix system (RFC 1952).
const GZIP_HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
/// The last block of a deflate stream, with nothing in it.
const LAST_BLOCK: [u8; 2] = [3, 0];

/// A compressor of one body.
pub(crate) enum Compressor {
    Gzip(Gzip),
    Brotli(Box<CompressorWriter<Vec<u8>>>),
    Zstd(Encoder<'static, Vec<u8>>),
}

impl Compressor {
    /// Of a body that comes without stopping.
    pub(crate) fn new(coding: Coding) -> Compressor {
        Compressor::with_window(coding, WINDOW)
    }

    /// Of a body that a script is still writing.
    pub(crate) fn streaming(coding: Coding) -> Compressor {
        Compressor::with_window(coding, STREAM_WINDOW)
    }

    fn with_window(coding: Coding, window: u32) -> Compressor {
        match coding {
            Coding::Gzip => Compressor::Gzip(Gzip::default()),
            Coding::Brotli => {
                let params = BrotliEncoderParams {
                    quality: BROTLI_QUALITY,
                    lgwin: window as i32,
                    ..BrotliEncoderParams::default()
                };
                let writer = CompressorWriter::with_params(Vec::new(), 4096, &params);
                Compressor::Brotli(Box::new(writer))
            }
            Coding::Zstd => match zstd_encoder(window) {
                Ok(encoder) => Compressor::Zstd(encoder),
                Err(error) => panic!("zstd does not take its own parameters: {error}"),
            },
        }
    }

    /// Adds to the body; gives what can leave. `flush`: all that was added must leave.
    pub(crate) fn add(&mut self, bytes: &[u8], flush: bool) -> Bytes {
        match self {
            Compressor::Gzip(gzip) => gzip.add(bytes, flush),
            Compressor::Brotli(writer) => {
                written(put(writer.as_mut(), bytes, flush));
                std::mem::take(writer.get_mut())
            }
            Compressor::Zstd(encoder) => {
                written(put(encoder, bytes, flush));
                std::mem::take(encoder.get_mut())
            }
        }
        .into()
    }

    /// What is left at the end of the body.
    pub(crate) fn finish(self) -> Bytes {
        match self {
            Compressor::Gzip(gzip) => gzip.finish(),
            Compressor::Brotli(writer) => writer.into_inner(),
            Compressor::Zstd(encoder) => written(encoder.finish()),
        }
        .into()
    }

    /// A whole body.
    pub(crate) fn whole(coding: Coding, bytes: &[u8]) -> Bytes {
        let mut compressor = Compressor::new(coding);
        let first = compressor.add(bytes, false);
        let last = compressor.finish();
        if first.is_empty() { last } else { [first, last].concat().into() }
    }
}

fn zstd_encoder(window: u32) -> std::io::Result<Encoder<'static, Vec<u8>>> {
    let mut encoder = Encoder::new(Vec::new(), ZSTD_LEVEL)?;
    encoder.set_parameter(CParameter::WindowLog(window))?;
    Ok(encoder)
}

fn put(writer: &mut impl Write, bytes: &[u8], flush: bool) -> std::io::Result<()> {
    writer.write_all(bytes)?;
    if flush { writer.flush() } else { Ok(()) }
}

/// The result of writing to memory.
fn written<T>(result: std::io::Result<T>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("a compressor failed in memory: {error}"),
    }
}

/// gzip whose compressor exists only between flushes: behind one, deflate stands at a byte's border and
/// may go on with another compressor that knows nothing of what came before. So a connection that waits
/// between two parts of its response holds a sum and a length.
#[derive(Default)]
pub(crate) struct Gzip {
    deflate: Option<Compress>,
    sum: Crc,
    begun: bool,
}

impl Gzip {
    fn add(&mut self, bytes: &[u8], flush: bool) -> Vec<u8> {
        let mut out = Vec::new();
        if !self.begun {
            self.begun = true;
            out.extend_from_slice(&GZIP_HEAD);
        }
        self.sum.update(bytes);
        if !bytes.is_empty() {
            let deflate = self
                .deflate
                .get_or_insert_with(|| Compress::new(Compression::new(GZIP_LEVEL), false));
            run(deflate, bytes, FlushCompress::None, &mut out);
        }
        if flush && let Some(mut deflate) = self.deflate.take() {
            run(&mut deflate, &[], FlushCompress::Sync, &mut out);
        }
        out
    }

    fn finish(mut self) -> Vec<u8> {
        let mut out = self.add(&[], false);
        match &mut self.deflate {
            Some(deflate) => run(deflate, &[], FlushCompress::Finish, &mut out),
            None => out.extend_from_slice(&LAST_BLOCK),
        }
        out.extend_from_slice(&self.sum.sum().to_le_bytes());
        out.extend_from_slice(&self.sum.amount().to_le_bytes());
        out
    }
}

/// Compresses all of `input` and appends what comes out.
fn run(deflate: &mut Compress, mut input: &[u8], flush: FlushCompress, out: &mut Vec<u8>) {
    loop {
        out.reserve((input.len() / 4).max(256));
        let taken = deflate.total_in();
        let status = match deflate.compress_vec(input, out, flush) {
            Ok(status) => status,
            Err(error) => panic!("deflate failed in memory: {error}"),
        };
        input = &input[(deflate.total_in() - taken) as usize..];
        let room = out.len() < out.capacity();
        if status == Status::StreamEnd
            || (input.is_empty() && room && flush != FlushCompress::Finish)
        {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn decoded(coding: Coding, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        // The end may be missing: what came so far must be there all the same.
        let _cut = match coding {
            Coding::Gzip => flate2::read::GzDecoder::new(bytes).read_to_end(&mut out),
            Coding::Brotli => brotli::Decompressor::new(bytes, 4096).read_to_end(&mut out),
            Coding::Zstd => {
                zstd::stream::read::Decoder::new(bytes).and_then(|mut d| d.read_to_end(&mut out))
            }
        };
        out
    }

    #[test]
    fn what_is_flushed_can_be_read() {
        for coding in [Coding::Gzip, Coding::Brotli, Coding::Zstd] {
            let (mut wire, mut text) = (Vec::new(), Vec::new());
            let mut compressor = Compressor::streaming(coding);
            for n in 0..50u32 {
                let part = format!("part {n} ").repeat(n as usize * 97);
                text.extend_from_slice(part.as_bytes());
                wire.extend_from_slice(&compressor.add(part.as_bytes(), n % 3 == 0));
                if n % 3 == 0 {
                    assert_eq!(decoded(coding, &wire), text, "{coding:?} {n}");
                }
            }
            wire.extend_from_slice(&compressor.finish());
            assert_eq!(decoded(coding, &wire), text, "{coding:?}");
            assert!(wire.len() < text.len() / 4);
        }
    }

    #[test]
    fn whole_and_empty_bodies() {
        for coding in [Coding::Gzip, Coding::Brotli, Coding::Zstd] {
            for text in [String::new(), "a".repeat(100_000)] {
                let wire = Compressor::whole(coding, text.as_bytes());
                assert_eq!(decoded(coding, &wire), text.as_bytes(), "{coding:?}");
            }
        }
    }

    #[test]
    fn gzip_holds_nothing_between_flushes() {
        let mut gzip = Gzip::default();
        gzip.add(b"event", true);
        assert!(gzip.deflate.is_none());
    }
}

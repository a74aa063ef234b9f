//! Reading of compiled time zone files (RFC 8536).

use super::posix::PosixRule;

/// One kind of local time a zone has known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalType {
    /// Seconds east of UTC.
    pub offset: i32,
    /// Whether it is daylight saving time.
    pub dst: bool,
    /// Its abbreviation, such as `CET`.
    pub abbreviation: String,
}

/// The content of one time zone file.
#[derive(Clone, Debug, Default)]
pub struct TzFile {
    /// The kinds of local time.
    pub types: Vec<LocalType>,
    /// The instants of change, ascending, each with the index of the type that begins.
    pub transitions: Vec<(i64, u8)>,
    /// The rule for instants past the last transition.
    pub rule: Option<PosixRule>,
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.rest.split_at_checked(length)?;
        self.rest = tail;
        Some(head)
    }

    fn u32(&mut self) -> Option<usize> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?) as usize)
    }
}

struct Header {
    version: u8,
    ut_count: usize,
    standard_count: usize,
    leap_count: usize,
    time_count: usize,
    type_count: usize,
    char_count: usize,
}

impl Header {
    fn read(reader: &mut Reader) -> Option<Self> {
        if reader.take(4)? != b"TZif" {
            return None;
        }
        let version = reader.take(16)?[0];
        Some(Self {
            version,
            ut_count: reader.u32()?,
            standard_count: reader.u32()?,
            leap_count: reader.u32()?,
            time_count: reader.u32()?,
            type_count: reader.u32()?,
            char_count: reader.u32()?,
        })
    }

    fn body_length(&self, time_size: usize) -> usize {
        self.time_count * (time_size + 1)
            + self.type_count * 6
            + self.char_count
            + self.leap_count * (time_size + 4)
            + self.standard_count
            + self.ut_count
    }
}

/// Reads the 64-bit part of a time zone file; `None` when it is not well formed.
pub fn read(data: &[u8]) -> Option<TzFile> {
    let mut reader = Reader { rest: data };
    let first = Header::read(&mut reader)?;
    if first.version == 0 {
        return None;
    }
    reader.take(first.body_length(4))?;
    let header = Header::read(&mut reader)?;
    let times = reader.take(header.time_count * 8)?;
    let indices = reader.take(header.time_count)?;
    let types = reader.take(header.type_count * 6)?;
    let chars = reader.take(header.char_count)?;
    reader.take(header.leap_count * 12 + header.standard_count + header.ut_count)?;
    let footer = reader.rest.strip_prefix(b"\n").unwrap_or_default();
    let footer = footer.split(|byte| *byte == b'\n').next().unwrap_or_default();

    let mut file = TzFile { rule: PosixRule::parse(footer), ..TzFile::default() };
    for entry in types.chunks_exact(6) {
        let name = chars.get(usize::from(entry[5])..)?;
        let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
        file.types.push(LocalType {
            offset: i32::from_be_bytes(entry[..4].try_into().ok()?),
            dst: entry[4] != 0,
            abbreviation: String::from_utf8_lossy(name).into_owned(),
        });
    }
    for (time, index) in times.chunks_exact(8).zip(indices) {
        file.transitions.push((i64::from_be_bytes(time.try_into().ok()?), *index));
        file.types.get(usize::from(*index))?;
    }
    (!file.types.is_empty()).then_some(file)
}

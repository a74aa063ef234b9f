//! Compressed files: `gzopen()`, `compress.zlib://`, and what is read and written through them.

use crate::codec::{Code, Decoder, Encoder, GZIP, Settings};
use outlast_ext_standard::file::check_path;
use outlast_ext_standard::file::handle::pass_through;
use outlast_ext_standard::stream::context::option;
use outlast_ext_standard::stream::provided::{Opening, ProvidedWrapper};
use outlast_ext_standard::stream::{Backend, Chunk, Io, Make, Opened, Stream, open};
use outlast_value::{PhpArray, PhpString, Value};
use outlast_vm::{Cx, OrFalse, Ret};
use std::any::Any;
use std::cell::Cell;
use std::io::{self, SeekFrom};
use std::rc::Rc;
use zlib_rs::{DeflateFlush, InflateFlush, Strategy};

pub use outlast_ext_standard::file::handle::{
    fclose as gzclose, feof as gzeof, fgetc as gzgetc, fgets as gzgets, fpassthru as gzpassthru,
    fread as gzread, fseek as gzseek, ftell as gztell, fwrite as gzputs, fwrite as gzwrite,
    rewind as gzrewind,
};

/// The wrapper `compress.zlib://`.
pub const WRAPPER: ProvidedWrapper =
    ProvidedWrapper { scheme: "compress.zlib", label: "ZLIB", open: open_url };

/// Bytes read from the file at once.
const CHUNK: usize = 8192;
/// What a gzip file begins with.
const MAGIC: [u8; 2] = [0x1f, 0x8b];
/// `gzfile()` gives longer lines in parts.
const LINE_LIMIT: usize = 8190;

/// What follows in a file that is read.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    /// Not looked at yet.
    Unknown,
    /// What is not compressed is read as it is.
    Plain,
    Compressed,
}

/// A file that is read, as zlib's `gzread()` does.
struct Reading {
    part: Part,
    /// Compressed data came before: what follows it and is none is ignored.
    was_compressed: bool,
    decoder: Decoder,
    input: Vec<u8>,
    at: usize,
    /// The file has no more.
    ended: bool,
    output: Vec<u8>,
    given: usize,
    /// Read and given, or skipped.
    position: u64,
    /// Bytes to skip before the next are read.
    skip: u64,
    failed: bool,
}

impl Reading {
    fn new() -> Reading {
        Reading {
            part: Part::Unknown,
            was_compressed: false,
            decoder: Decoder::new(GZIP).expect("the usual window"),
            input: Vec::new(),
            at: 0,
            ended: false,
            output: Vec::new(),
            given: 0,
            position: 0,
            skip: 0,
            failed: false,
        }
    }

    fn load(&mut self, cx: &mut Cx, file: &Rc<Stream>) -> Ret<()> {
        self.input.drain(..self.at);
        self.at = 0;
        match file.read(cx, CHUNK)? {
            Some(bytes) if !bytes.is_empty() => self.input.extend_from_slice(&bytes),
            _ => self.ended = true,
        }
        Ok(())
    }

    fn left(&self) -> &[u8] {
        &self.input[self.at..]
    }

    /// Makes some output, if there is any to be made.
    fn fetch(&mut self, cx: &mut Cx, file: &Rc<Stream>) -> Ret<()> {
        self.output.clear();
        self.given = 0;
        if self.part == Part::Unknown {
            while self.left().len() < MAGIC.len() && !self.ended {
                self.load(cx, file)?;
            }
            if self.left().starts_with(&MAGIC) {
                self.part = Part::Compressed;
                self.was_compressed = true;
                self.decoder.reset();
            } else if self.was_compressed {
                self.ended = true;
                self.at = self.input.len();
            } else {
                self.part = Part::Plain;
            }
        } else if self.left().is_empty() && !self.ended {
            self.load(cx, file)?;
        }
        match self.part {
            Part::Unknown => {}
            Part::Plain => {
                self.output.extend_from_slice(&self.input[self.at..]);
                self.at = self.input.len();
            }
            Part::Compressed => {
                let input = &self.input[self.at..];
                let step = self.decoder.run(input, InflateFlush::NoFlush, &mut self.output);
                self.at += step.taken;
                match step.code {
                    Code::Ok | Code::BufferError => {}
                    Code::StreamEnd => self.part = Part::Unknown,
                    _ => self.failed = true,
                }
            }
        }
        Ok(())
    }

    /// Reads up to `count` bytes.
    fn read(&mut self, cx: &mut Cx, file: &Rc<Stream>, count: usize) -> Io<Chunk> {
        let mut chunk = Chunk::default();
        while chunk.bytes.len() < count {
            let ready = &self.output[self.given..];
            if !ready.is_empty() {
                let skipped = ready.len().min(usize::try_from(self.skip).unwrap_or(usize::MAX));
                let part = &ready[skipped..];
                let part = &part[..part.len().min(count - chunk.bytes.len())];
                chunk.bytes.extend_from_slice(part);
                self.skip -= skipped as u64;
                self.position += (skipped + part.len()) as u64;
                self.given += skipped + part.len();
            } else if self.failed {
                if chunk.bytes.is_empty() {
                    return Ok(Err(io::ErrorKind::InvalidData.into()));
                }
                break;
            } else if self.ended && self.left().is_empty() {
                self.skip = 0;
                chunk.end = true;
                break;
            } else {
                self.fetch(cx, file)?;
            }
        }
        Ok(Ok(chunk))
    }

    /// Moves to a position; the bytes between are skipped when the next are read.
    fn seek(&mut self, cx: &mut Cx, file: &Rc<Stream>, to: u64) -> Ret<Option<u64>> {
        if self.failed {
            return Ok(None);
        }
        if to < self.position {
            if !file.seek(cx, 0, 0)? {
                return Ok(None);
            }
            *self = Reading::new();
        }
        self.skip = to - self.position;
        Ok(Some(to))
    }
}

/// A file that is written, as zlib's `gzwrite()` does.
struct Writing {
    encoder: Encoder,
    position: u64,
    /// Zeros to be written before what comes next.
    skip: u64,
}

impl Writing {
    fn put(
        &mut self,
        cx: &mut Cx,
        file: &Rc<Stream>,
        bytes: &[u8],
        flush: DeflateFlush,
    ) -> Ret<bool> {
        let mut out = Vec::new();
        const ZEROS: [u8; CHUNK] = [0; CHUNK];
        while self.skip > 0 {
            let count = self.skip.min(CHUNK as u64);
            let zeros = &ZEROS[..count as usize];
            if self.encoder.run(zeros, DeflateFlush::NoFlush, &mut out).is_err() {
                return Ok(false);
            }
            self.skip -= count;
            self.position += count;
        }
        if self.encoder.run(bytes, flush, &mut out).is_err() {
            return Ok(false);
        }
        self.position += bytes.len() as u64;
        Ok(out.is_empty() || file.write(cx, &out)? == Some(out.len()))
    }
}

enum State {
    Reading(Box<Reading>),
    Writing(Writing),
}

/// A compressed file.
struct Compressed {
    file: Rc<Stream>,
    /// Taken out while it works: code of the script may run inside a wait for the file.
    state: Cell<Option<State>>,
}

impl Compressed {
    /// Lets `work` at the state; an error if that is at work already.
    fn with<T>(&self, cx: &mut Cx, work: impl FnOnce(&mut Cx, &mut State) -> Io<T>) -> Io<T> {
        let Some(mut state) = self.state.take() else {
            return Ok(Err(io::ErrorKind::ResourceBusy.into()));
        };
        let result = work(cx, &mut state);
        self.state.set(Some(state));
        result
    }
}

impl Backend for Compressed {
    fn label(&self) -> &'static str {
        "ZLIB"
    }

    fn read(&self, cx: &mut Cx, count: usize) -> Io<Chunk> {
        self.with(cx, |cx, state| match state {
            State::Reading(reading) => reading.read(cx, &self.file, count),
            State::Writing(_) => Ok(Err(io::ErrorKind::Unsupported.into())),
        })
    }

    fn write(&self, cx: &mut Cx, bytes: &[u8]) -> Io<usize> {
        self.with(cx, |cx, state| match state {
            State::Reading(_) => Ok(Ok(0)),
            State::Writing(writing) => {
                let done = writing.put(cx, &self.file, bytes, DeflateFlush::NoFlush)?;
                Ok(Ok(if done { bytes.len() } else { 0 }))
            }
        })
    }

    fn seekable(&self) -> bool {
        true
    }

    fn seek(&self, cx: &mut Cx, to: SeekFrom) -> Ret<Option<u64>> {
        let to = match to {
            SeekFrom::Start(to) => to,
            SeekFrom::Current(_) => return Ok(None),
            SeekFrom::End(_) => {
                cx.warning("SEEK_END is not supported")?;
                return Ok(None);
            }
        };
        let moved = self.with(cx, |cx, state| match state {
            State::Reading(reading) => Ok(Ok(reading.seek(cx, &self.file, to)?)),
            State::Writing(writing) => {
                let Some(skip) = to.checked_sub(writing.position) else { return Ok(Ok(None)) };
                writing.skip = skip;
                Ok(Ok(Some(to)))
            }
        })?;
        Ok(moved.unwrap_or(None))
    }

    fn flush(&self, cx: &mut Cx) -> Ret<bool> {
        let flushed = self.with(cx, |cx, state| match state {
            State::Reading(_) => Ok(Ok(true)),
            State::Writing(writing) => {
                writing.put(cx, &self.file, b"", DeflateFlush::SyncFlush).map(Ok)
            }
        })?;
        Ok(flushed.unwrap_or(false))
    }

    fn close(&self, cx: &mut Cx) -> Ret<()> {
        if let Some(State::Writing(mut writing)) = self.state.take() {
            writing.put(cx, &self.file, b"", DeflateFlush::Finish)?;
        }
        self.file.close(cx)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// What zlib reads from a mode: `None` if it says neither to read nor to write.
fn state_of(mode: &[u8], level: Option<i64>) -> Option<State> {
    let mut settings = Settings { memory: 8, ..Settings::new(-1, GZIP) };
    let mut writes = None;
    for letter in mode {
        match letter {
            b'r' => writes = Some(false),
            b'w' | b'a' => writes = Some(true),
            b'0'..=b'9' => settings.level = i64::from(letter - b'0'),
            b'f' => settings.strategy = Strategy::Filtered,
            b'h' => settings.strategy = Strategy::HuffmanOnly,
            b'R' => settings.strategy = Strategy::Rle,
            b'F' => settings.strategy = Strategy::Fixed,
            _ => {}
        }
    }
    if let Some(level) = level.filter(|level| (-1..=9).contains(level)) {
        settings.level = level;
    }
    Some(match writes? {
        false => State::Reading(Box::new(Reading::new())),
        true => State::Writing(Writing { encoder: Encoder::new(settings)?, position: 0, skip: 0 }),
    })
}

/// Opens a compressed file; `None`: it could not be, which was reported unless `how` is quiet.
fn open_compressed(
    cx: &mut Cx,
    path: &[u8],
    mode: &[u8],
    how: Opened<'_>,
    url: Option<&[u8]>,
) -> Ret<Option<Rc<Stream>>> {
    if mode.contains(&b'+') {
        if !how.quiet {
            let text = "Cannot open a zlib stream for reading and writing at the same time!";
            cx.warning(text)?;
        }
        return Ok(None);
    }
    let Some(file) = open(cx, path, mode, how)? else { return Ok(None) };
    let label = file.backend().map_or("", |backend| backend.label());
    if label == "Output" {
        if !how.quiet {
            let shown = String::from_utf8_lossy(path).into_owned();
            cx.warning_about(path, format!("could not make seekable - {shown}"))?;
        }
        file.close(cx)?;
        return Ok(None);
    }
    if file.backend().is_none_or(|backend| backend.descriptor().is_none()) {
        cx.warning(format!("Cannot represent a stream of type {label} as a File Descriptor"))?;
        file.close(cx)?;
        return Ok(None);
    }
    let level = match option(how.context, b"zlib", b"level") {
        Some(level) => Some(cx.to_int(&level)?),
        None => None,
    };
    let Some(state) = state_of(mode, level) else {
        if !how.quiet {
            cx.warning("gzopen failed")?;
        }
        file.close(cx)?;
        return Ok(None);
    };
    let make = Make {
        backend: Rc::new(Compressed { file, state: Cell::new(Some(state)) }),
        wrapper: if url.is_some() { "ZLIB" } else { "" },
        mode,
        uri: url,
    };
    let stream = Stream::new(cx, make);
    stream.unbuffered.set(true);
    Ok(Some(stream))
}

fn open_url(cx: &mut Cx, url: &[u8], mode: &[u8], how: Opened<'_>) -> Ret<Opening> {
    let path = &url[WRAPPER.scheme.len() + "://".len()..];
    if path.is_empty() {
        return Ok(Err("operation failed".to_owned()));
    }
    let quiet = Opened { quiet: true, ..how };
    let opened = open_compressed(cx, path, mode, quiet, Some(url))?;
    Ok(opened.ok_or_else(|| "operation failed".to_owned()))
}

/// Opens the file of an argument.
fn open_argument(
    cx: &mut Cx,
    filename: &PhpString,
    mode: &[u8],
    use_include_path: i64,
) -> Ret<Option<Rc<Stream>>> {
    check_path(cx, 1, filename)?;
    let how = Opened { include_path: use_include_path != 0, ..Opened::default() };
    let path = match filename.get(..16) {
        Some(scheme) if scheme.eq_ignore_ascii_case(b"compress.zlib://") => &filename[16..],
        _ => filename,
    };
    open_compressed(cx, path, mode, how, None)
}

pub fn gzopen(
    cx: &mut Cx,
    filename: &PhpString,
    mode: &PhpString,
    use_include_path: i64,
) -> Ret<Value> {
    Ok(match open_argument(cx, filename, mode, use_include_path)? {
        Some(stream) => stream.into_value(cx),
        None => Value::Bool(false),
    })
}

pub fn gzfile(cx: &mut Cx, filename: &PhpString, use_include_path: i64) -> Ret<OrFalse<PhpArray>> {
    let Some(stream) = open_argument(cx, filename, b"rb", use_include_path)? else {
        return Ok(OrFalse(None));
    };
    let mut lines = Vec::new();
    while let Some(line) = stream.line(cx, Some(LINE_LIMIT))? {
        // PHP takes each for a string of C.
        let end = line.iter().position(|byte| *byte == 0).unwrap_or(line.len());
        lines.push(Value::str(&line[..end]));
    }
    stream.close(cx)?;
    Ok(OrFalse(Some(PhpArray::from_list(lines))))
}

pub fn readgzfile(cx: &mut Cx, filename: &PhpString, use_include_path: i64) -> Ret<OrFalse<i64>> {
    let Some(stream) = open_argument(cx, filename, b"rb", use_include_path)? else {
        return Ok(OrFalse(None));
    };
    let count = pass_through(cx, &stream);
    stream.close(cx)?;
    count.map(|count| OrFalse(Some(count)))
}

//! Writing, flushing and closing streams.

use super::filter::{self, Flow, Outcome};
use super::{Stream, backend::error_text};
use outlast_value::Resource;
use outlast_vm::{Cx, Ret};
use std::io::{self, SeekFrom};
use std::rc::Rc;

impl Stream {
    /// `fwrite()`; `None`: it failed.
    pub fn write(self: &Rc<Self>, cx: &mut Cx, bytes: &[u8]) -> Ret<Option<usize>> {
        if bytes.is_empty() {
            return Ok(Some(0));
        }
        if self.backend().is_some_and(|b| matches!(b.label(), "RFC2397" | "Input")) {
            cx.notice("Stream is not writable")?;
            return Ok(None);
        }
        self.written.set(true);
        if self.write_filters.borrow().is_empty() {
            return self.write_backend(cx, bytes);
        }
        match filter::run(cx, self, true, 0, bytes.to_vec(), Flow::Normal)? {
            Outcome::Pass(filtered) => {
                if !filtered.is_empty() {
                    self.write_backend(cx, &filtered)?;
                }
                Ok(Some(bytes.len()))
            }
            Outcome::Fatal => Ok(None),
        }
    }

    /// Writes past the filters.
    pub(super) fn write_backend(self: &Rc<Self>, cx: &mut Cx, bytes: &[u8]) -> Ret<Option<usize>> {
        let Some(backend) = self.backend() else { return Ok(None) };
        // What was read ahead is not where the script stands.
        if self.unread() > 0 && backend.seekable() {
            self.drop_buffer();
            let at = u64::try_from(self.position.get()).unwrap_or(0);
            backend.seek(cx, SeekFrom::Start(at))?;
        }
        let mut done = 0;
        while done < bytes.len() {
            // Classes of the script get no more than a chunk at a time.
            let part = match backend.label() {
                "user-space" => self.chunk.get().min(bytes.len() - done),
                _ => bytes.len() - done,
            };
            match backend.write(cx, &bytes[done..done + part])? {
                Ok(0) => break,
                Ok(count) => {
                    done += count;
                    self.position.set(self.position.get() + count as i64);
                }
                Err(error) => {
                    if error.kind() == io::ErrorKind::WouldBlock {
                        break;
                    }
                    if let Some(code) = error.raw_os_error() {
                        let text = error_text(&error);
                        let length = bytes.len() - done;
                        let word = match backend.label() {
                            "STDIO" => "Write",
                            "MEMORY" | "TEMP" | "RFC2397" | "Output" | "user-space" => "",
                            _ => "Send",
                        };
                        if !word.is_empty() {
                            cx.notice(format!(
                                "{word} of {length} bytes failed with errno={code} {text}"
                            ))?;
                        }
                    }
                    if done == 0 {
                        return Ok(None);
                    }
                    break;
                }
            }
        }
        Ok(Some(done))
    }

    /// `fflush()`; `closing`: filters end.
    pub fn flush(self: &Rc<Self>, cx: &mut Cx, closing: bool) -> Ret<bool> {
        if !self.write_filters.borrow().is_empty() {
            let flow = if closing { Flow::Close } else { Flow::Flush };
            if let Outcome::Pass(rest) = filter::run(cx, self, true, 0, Vec::new(), flow)?
                && !rest.is_empty()
            {
                self.write_backend(cx, &rest)?;
            }
        }
        self.written.set(false);
        match self.backend() {
            Some(backend) => backend.flush(cx),
            None => Ok(false),
        }
    }

    /// Closes it: filters end, then what stands behind.
    pub fn close(self: &Rc<Self>, cx: &mut Cx) -> Ret<()> {
        if !self.is_open() {
            return Ok(());
        }
        if self.written.get() || !self.write_filters.borrow().is_empty() {
            self.flush(cx, true)?;
        }
        let links: Vec<_> = {
            let mut links = self.read_filters.take();
            links.append(&mut self.write_filters.take());
            links
        };
        for link in links {
            link.filter.dispose(cx)?;
            link.resource.close();
        }
        let backend = self.backend.borrow_mut().take();
        match backend {
            Some(backend) => backend.close(cx),
            None => Ok(()),
        }
    }

    /// Closes the stream and its resource.
    pub fn close_resource(self: &Rc<Self>, cx: &mut Cx, resource: &Resource) -> Ret<()> {
        let result = self.close(cx);
        // The payload queues nothing: the stream is closed.
        drop(resource.close());
        result
    }
}

//! Waiting for one of several streams.

use super::backend::host;
use super::{Backend, Stream};
use outlast_host::pipe::{self, Pollable};
use outlast_vm::{Cx, Ret};
use std::rc::Rc;
use std::time::Duration;

/// Which streams can be read and which can be written; `None`: that failed.
pub fn select(
    cx: &mut Cx,
    read: &[Rc<Stream>],
    write: &[Rc<Stream>],
    limit: Option<Duration>,
) -> Ret<Option<(Vec<bool>, Vec<bool>)>> {
    let backends = |streams: &[Rc<Stream>]| -> Vec<Option<Rc<dyn Backend>>> {
        streams.iter().map(|stream| stream.backend()).collect()
    };
    let (readers, writers) = (backends(read), backends(write));
    // What was read ahead can be read at once.
    let mut readable: Vec<bool> = read.iter().map(|stream| stream.unread() > 0).collect();
    if readable.contains(&true) {
        return Ok(Some((readable, vec![false; write.len()])));
    }
    let always = |backend: &Option<Rc<dyn Backend>>| {
        backend.as_ref().is_some_and(|b| b.always_ready() && b.pollable().is_none())
    };
    for (ready, backend) in readable.iter_mut().zip(&readers) {
        *ready = always(backend);
    }
    let mut writable: Vec<bool> = writers.iter().map(always).collect();
    let any = readable.contains(&true) || writable.contains(&true);
    let polls = |backends: &[Option<Rc<dyn Backend>>]| -> Vec<usize> {
        (0..backends.len())
            .filter(|at| backends[*at].as_ref().is_some_and(|b| b.pollable().is_some()))
            .collect()
    };
    let (read_at, write_at) = (polls(&readers), polls(&writers));
    if read_at.is_empty() && write_at.is_empty() {
        if !any {
            cx.warning("No stream arrays were passed")?;
            return Ok(None);
        }
        return Ok(Some((readable, writable)));
    }
    let read_polls: Vec<&dyn Pollable> =
        read_at.iter().filter_map(|at| readers[*at].as_ref()?.pollable()).collect();
    let write_polls: Vec<&dyn Pollable> =
        write_at.iter().filter_map(|at| writers[*at].as_ref()?.pollable()).collect();
    let limit = if any { Some(Duration::ZERO) } else { limit };
    match host(cx, "select", || pipe::select(&read_polls, &write_polls, limit))? {
        Ok(ready) => {
            for (at, ready) in read_at.into_iter().zip(ready.read) {
                readable[at] |= ready;
            }
            for (at, ready) in write_at.into_iter().zip(ready.write) {
                writable[at] |= ready;
            }
            Ok(Some((readable, writable)))
        }
        Err(error) => {
            let code = error.raw_os_error().unwrap_or(0);
            let text = super::backend::error_text(&error);
            cx.warning(format!("Unable to select [{code}]: {text} (max_fd=0)"))?;
            Ok(None)
        }
    }
}

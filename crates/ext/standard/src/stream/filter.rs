//! Filters of what a stream reads or writes.

use super::Stream;
use outlast_value::{Resource, Value};
use outlast_vm::{Cx, Ret};
use std::rc::Rc;

/// What a filter is to do besides passing bytes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Nothing.
    Normal,
    /// Give what it holds back.
    Flush,
    /// The same for the last time.
    Close,
}

/// What a filter made of its bytes.
pub enum Outcome {
    /// They go on (none: it wants more).
    Pass(Vec<u8>),
    /// It failed.
    Fatal,
}

/// A filter of one stream.
pub trait Filter {
    /// Filters some bytes.
    fn run(&self, cx: &mut Cx, stream: &Rc<Stream>, bytes: Vec<u8>, flow: Flow) -> Ret<Outcome>;
    /// It is taken off.
    fn dispose(&self, cx: &mut Cx) -> Ret<()> {
        let _ = cx;
        Ok(())
    }
}

/// A filter in a stream's chain.
#[derive(Clone)]
pub struct Link {
    /// The filter.
    pub filter: Rc<dyn Filter>,
    /// What the script holds.
    pub resource: Resource,
}

/// The payload of a filter's resource.
pub struct FilterHandle {
    /// The stream it is on.
    pub stream: Rc<Stream>,
    /// It is on the writing side.
    pub writing: bool,
}

/// Runs bytes through the filters from number `from` on.
pub fn run(
    cx: &mut Cx,
    stream: &Rc<Stream>,
    writing: bool,
    from: usize,
    bytes: Vec<u8>,
    flow: Flow,
) -> Ret<Outcome> {
    let links = if writing { &stream.write_filters } else { &stream.read_filters };
    let links: Vec<Link> = links.borrow().iter().skip(from).cloned().collect();
    let mut bytes = bytes;
    for link in links {
        if bytes.is_empty() && flow == Flow::Normal {
            break;
        }
        match link.filter.run(cx, stream, bytes, flow)? {
            Outcome::Pass(next) => bytes = next,
            Outcome::Fatal => return Ok(Outcome::Fatal),
        }
    }
    Ok(Outcome::Pass(bytes))
}

/// Puts a filter on one side of a stream.
pub fn attach(
    cx: &mut Cx,
    stream: &Rc<Stream>,
    filter: Rc<dyn Filter>,
    writing: bool,
    append: bool,
) -> Ret<Resource> {
    let id = cx.next_resource;
    cx.next_resource += 1;
    let handle = FilterHandle { stream: stream.clone(), writing };
    let resource = Resource::new(id, "stream filter", Box::new(handle));
    let link = Link { filter, resource: resource.clone() };
    let links = if writing { &stream.write_filters } else { &stream.read_filters };
    let at = if append { links.borrow().len() } else { 0 };
    links.borrow_mut().insert(at, link.clone());
    if !writing && append && stream.unread() > 0 {
        // What was read ahead goes through the new filter too.
        let ahead = stream.take_ahead();
        match link.filter.run(cx, stream, ahead.clone(), Flow::Normal)? {
            Outcome::Pass(bytes) => stream.put_ahead(bytes),
            Outcome::Fatal => {
                stream.put_ahead(ahead);
                cx.warning("Filter failed to process pre-buffered data")?;
            }
        }
    }
    Ok(resource)
}

/// `stream_filter_remove()`
pub fn detach(cx: &mut Cx, resource: &Resource) -> Ret<bool> {
    let Some((stream, writing)) = resource.with(|h: &FilterHandle| (h.stream.clone(), h.writing))
    else {
        return Ok(false);
    };
    let links = if writing { &stream.write_filters } else { &stream.read_filters };
    let Some(at) = links.borrow().iter().position(|l| l.resource.ptr_eq(resource)) else {
        return Ok(false);
    };
    let link = links.borrow()[at].clone();
    // It gives what it held back.
    if let Outcome::Pass(bytes) = link.filter.run(cx, &stream, Vec::new(), Flow::Close)?
        && !bytes.is_empty()
        && let Outcome::Pass(bytes) = run(cx, &stream, writing, at + 1, bytes, Flow::Normal)?
    {
        if writing {
            stream.write_backend(cx, &bytes)?;
        } else {
            stream.append_ahead(bytes);
        }
    }
    let links = if writing { &stream.write_filters } else { &stream.read_filters };
    links.borrow_mut().retain(|l| !l.resource.ptr_eq(resource));
    resource.close();
    link.filter.dispose(cx)?;
    Ok(true)
}

/// The filter's value for a script.
pub fn value(resource: Resource) -> Value {
    Value::Resource(resource)
}

//! What a script registered: wrappers, filters, the default context; and streams to be closed.

use super::{Stream, provided};
use outlast_host::files::Place;
use outlast_value::{PhpString, Resource};
use outlast_vm::{ClassRef, Cx, Ret};
use std::cell::RefCell;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;
use std::rc::{Rc, Weak};

/// Schemes with a wrapper of our own, in PHP's order.
pub const BUILTIN: [&str; 5] = ["php", "file", "glob", "data", "http"];

/// What opens the URLs of a scheme.
#[derive(Clone)]
pub enum Wrapper {
    /// One of our own.
    Builtin(&'static str),
    /// A class of the script.
    User(UserWrapper),
}

/// A class that opens URLs.
#[derive(Clone)]
pub struct UserWrapper {
    /// Its scheme.
    pub scheme: PhpString,
    /// The class.
    pub class: ClassRef,
    /// It opens something remote (`STREAM_IS_URL`).
    pub is_url: bool,
}

/// The state of a script.
pub struct Streams {
    /// Wrappers by scheme, in order.
    pub wrappers: Vec<(PhpString, Wrapper)>,
    /// Classes of filters by name.
    pub filters: Vec<(PhpString, PhpString)>,
    /// Made when first needed.
    pub default_context: Option<Resource>,
    /// Open streams whose resource is gone.
    pub dropped: Rc<RefCell<Vec<Rc<Stream>>>>,
    /// Streams that scripts hold, to be closed at the end.
    open: Vec<Weak<Stream>>,
    /// The directory it belongs to, and the place.
    place: Option<(Vec<u8>, Rc<Place>)>,
    /// Response headers of the last HTTP request.
    pub last_response: Option<outlast_value::PhpArray>,
}

impl Default for Streams {
    fn default() -> Streams {
        let provided = provided::wrappers().map(|wrapper| wrapper.scheme);
        let wrappers = provided
            .chain(BUILTIN)
            .map(|name| (PhpString::from(name), Wrapper::Builtin(name)))
            .collect();
        Streams {
            wrappers,
            filters: Vec::new(),
            default_context: None,
            dropped: Rc::default(),
            open: Vec::new(),
            place: None,
            last_response: None,
        }
    }
}

/// What messages call one of our own wrappers (`wrapper_type`).
pub fn label_of(scheme: &str) -> &str {
    match scheme {
        "php" => "PHP",
        "data" => "RFC2397",
        "file" => "plainfile",
        other => provided::wrapper(other).map_or(other, |wrapper| wrapper.label),
    }
}

impl Wrapper {
    /// Whether it opens what is elsewhere, so that settings may forbid it.
    pub fn is_url(&self) -> bool {
        match self {
            Wrapper::Builtin(name) => matches!(*name, "data" | "http"),
            Wrapper::User(user) => user.is_url,
        }
    }
}

impl Streams {
    /// The wrapper of a scheme.
    pub fn wrapper(&self, scheme: &[u8]) -> Option<Wrapper> {
        self.wrappers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(scheme))
            .map(|(_, wrapper)| wrapper.clone())
    }
}

/// The script's current directory and umask.
pub fn place(cx: &mut Cx) -> Rc<Place> {
    let cwd = std::mem::take(&mut cx.cwd);
    let streams = cx.state::<Streams>();
    let place = match &streams.place {
        Some((known, place)) if *known == cwd => place.clone(),
        old => {
            let place = Rc::new(Place::new(PathBuf::from(std::ffi::OsStr::from_bytes(&cwd))));
            if let Some((_, old)) = old {
                place.umask(Some(old.umask(None)));
            }
            streams.place = Some((cwd.clone(), place.clone()));
            place
        }
    };
    cx.cwd = cwd;
    place
}

/// `chdir()`
pub fn change_directory(cx: &mut Cx, path: &[u8]) -> std::io::Result<()> {
    let place = place(cx);
    place.change_directory(path)?;
    cx.cwd = place.directory().into_os_string().into_vec();
    let known = cx.cwd.clone();
    cx.state::<Streams>().place = Some((known, place));
    Ok(())
}

/// Closes streams whose resource went away.
pub fn close_dropped(cx: &mut Cx) -> Ret<()> {
    let dropped = cx.state::<Streams>().dropped.clone();
    if dropped.borrow().is_empty() {
        return Ok(());
    }
    let streams = dropped.take();
    for stream in streams {
        stream.close(cx)?;
    }
    Ok(())
}

/// Notes a stream that a script gets: it is closed at the end of the request, if not before.
/// Returns where its handle puts it when dropped.
pub fn watch(cx: &mut Cx, stream: &Rc<Stream>) -> Rc<RefCell<Vec<Rc<Stream>>>> {
    let streams = cx.state::<Streams>();
    if streams.open.len() == streams.open.capacity() {
        streams.open.retain(|stream| stream.strong_count() > 0);
    }
    streams.open.push(Rc::downgrade(stream));
    let dropped = streams.dropped.clone();
    if !cx.request_end_hooks.iter().any(|hook| std::ptr::fn_addr_eq(*hook, CLOSE_ALL)) {
        cx.request_end_hooks.push(CLOSE_ALL);
    }
    dropped
}

const CLOSE_ALL: outlast_vm::request::RequestEndHook = close_all;

/// Closes all that is still open, in the order it was opened.
fn close_all(cx: &mut Cx) -> Ret<()> {
    close_dropped(cx)?;
    let open = std::mem::take(&mut cx.state::<Streams>().open);
    for stream in open.iter().filter_map(Weak::upgrade) {
        stream.close(cx)?;
    }
    Ok(())
}

/// The name of the native function that runs, as messages begin with it.
pub fn running_function(cx: &Cx) -> String {
    cx.running_native().map(|f| f.display_name()).unwrap_or_default()
}

/// The path that the system is given.
pub fn path_of(cx: &mut Cx, path: &[u8]) -> PathBuf {
    place(cx).absolute(path)
}

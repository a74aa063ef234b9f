//! An open folder, or what a pattern matches, entry by entry.

use outlast_ext_standard::dir;
use outlast_ext_standard::file::pattern;
use outlast_ext_standard::stream::Stream;
use outlast_value::PhpString;
use outlast_vm::{Cx, Ret};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// How paths of entries by pattern begin.
const GLOB: &[u8] = b"glob://";

enum Entries {
    Folder(Rc<Stream>),
    /// Paths found; where the next one is.
    Matches(Vec<Vec<u8>>, Cell<usize>),
}

/// An iteration over a folder.
pub(super) struct Listing {
    entries: Entries,
    /// The folder, or the pattern with its scheme.
    opened: PhpString,
    /// The entry: path of its folder, and name.
    current: RefCell<Option<(PhpString, PhpString)>>,
    /// How many entries came before it.
    pub index: Cell<i64>,
    /// `FilesystemIterator`'s.
    pub flags: Cell<i64>,
    /// `RecursiveDirectoryIterator`: where this is below the folder it began with.
    pub sub_path: RefCell<PhpString>,
}

impl Listing {
    /// Opens a folder and goes to its first entry.
    pub fn open(cx: &mut Cx, path: &PhpString, flags: i64) -> Ret<Listing> {
        let (entries, opened) = if path.starts_with(GLOB) {
            let found = pattern::find(cx, &path[GLOB.len()..], 0);
            (Entries::Matches(found, Cell::new(0)), path.clone())
        } else {
            let opened =
                cx.throwing_warnings("UnexpectedValueException", |cx| dir::open_listing(cx, path))?;
            let Some(stream) = opened else {
                let text = [b"Failed to open directory \"", &path[..], b"\""].concat();
                return Err(cx.throw("UnexpectedValueException", text));
            };
            let slashed = path.len() > 1 && path.ends_with(b"/");
            let path = if slashed { PhpString::new(&path[..path.len() - 1]) } else { path.clone() };
            (Entries::Folder(stream), path)
        };
        let listing = Listing {
            entries,
            opened,
            current: RefCell::default(),
            index: Cell::new(0),
            flags: Cell::new(flags),
            sub_path: RefCell::default(),
        };
        listing.advance(cx)?;
        Ok(listing)
    }

    /// The same folder anew, at the same entry.
    pub fn reopened(&self, cx: &mut Cx) -> Ret<Listing> {
        let copy = Listing::open(cx, &self.opened, self.flags.get())?;
        *copy.sub_path.borrow_mut() = self.sub_path.borrow().clone();
        for _ in 0..self.index.get() {
            copy.next(cx)?;
        }
        Ok(copy)
    }

    /// Reads the next entry that is wanted.
    fn advance(&self, cx: &mut Cx) -> Ret<()> {
        loop {
            *self.current.borrow_mut() = self.read(cx)?;
            let skipped = self.flags.get() & super::directory::SKIP_DOTS != 0 && self.is_dot();
            if !skipped {
                return Ok(());
            }
        }
    }

    fn read(&self, cx: &mut Cx) -> Ret<Option<(PhpString, PhpString)>> {
        match &self.entries {
            Entries::Folder(stream) => {
                let name = dir::next_entry(cx, stream)?;
                Ok(name.map(|name| (self.opened.clone(), PhpString::from(name))))
            }
            Entries::Matches(paths, next) => {
                let Some(path) = paths.get(next.get()) else { return Ok(None) };
                next.set(next.get() + 1);
                let at = path.iter().rposition(|&b| b == b'/');
                let (folder, name) = match at {
                    Some(at) => (&path[..at.max(1)], &path[at + 1..]),
                    None => (&b""[..], &path[..]),
                };
                Ok(Some((PhpString::new(folder), PhpString::new(name))))
            }
        }
    }

    /// Back to the first entry.
    pub fn rewind(&self, cx: &mut Cx) -> Ret<()> {
        self.index.set(0);
        match &self.entries {
            Entries::Folder(stream) => dir::rewind_entries(cx, stream)?,
            Entries::Matches(_, next) => next.set(0),
        }
        self.advance(cx)
    }

    /// To the next entry.
    pub fn next(&self, cx: &mut Cx) -> Ret<()> {
        self.index.set(self.index.get() + 1);
        self.advance(cx)
    }

    /// Name of the current entry; `None` at the end.
    pub fn entry(&self) -> Option<PhpString> {
        self.current.borrow().as_ref().map(|(_, name)| name.clone())
    }

    pub fn is_dot(&self) -> bool {
        self.entry().is_some_and(|name| matches!(&name[..], b"." | b".."))
    }

    /// The folder of the current entry.
    pub fn folder(&self) -> PhpString {
        match (&self.entries, &*self.current.borrow()) {
            (Entries::Folder(_), _) => self.opened.clone(),
            (_, Some((folder, _))) => folder.clone(),
            _ => PhpString::default(),
        }
    }

    /// Path of the current entry.
    pub fn current_path(&self) -> Option<PhpString> {
        let current = self.current.borrow();
        let (folder, name) = current.as_ref()?;
        Some(join(folder, name))
    }

    /// The pattern with its scheme, if this goes by a pattern.
    pub fn glob_pattern(&self) -> Option<PhpString> {
        matches!(self.entries, Entries::Matches(..)).then(|| self.opened.clone())
    }

    /// How many paths match the pattern.
    pub fn matches(&self) -> Option<usize> {
        match &self.entries {
            Entries::Matches(paths, _) => Some(paths.len()),
            Entries::Folder(_) => None,
        }
    }
}

/// A name below a path.
pub(super) fn join(folder: &PhpString, name: &PhpString) -> PhpString {
    match &folder[..] {
        b"" => name.clone(),
        b"/" => PhpString::from([b"/", &name[..]].concat()),
        _ => PhpString::from([&folder[..], b"/", &name[..]].concat()),
    }
}

//! `session.save_handler`: where the data is kept.

use crate::files::Files;
use crate::state::session;
use crate::user;
use outlast_value::PhpString;
use outlast_vm::{Cx, Ret};

/// The save handlers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Files,
    User,
}

impl Kind {
    /// The handler that a setting names.
    pub fn named(name: &[u8]) -> Option<Kind> {
        match name.to_ascii_lowercase().as_slice() {
            b"files" => Some(Kind::Files),
            b"user" => Some(Kind::User),
            _ => None,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Files => "files",
            Kind::User => "user",
        }
    }
}

/// The handler in force; `None`: the setting names one that does not exist.
pub fn kind(cx: &Cx) -> Option<Kind> {
    Kind::named(cx.ini.bytes("session.save_handler"))
}

fn is_user(cx: &Cx) -> bool {
    kind(cx) == Some(Kind::User)
}

/// Is anything open?
pub fn is_open(cx: &mut Cx) -> bool {
    let session = session(cx);
    session.files.is_some() || session.user.open
}

pub fn open(cx: &mut Cx) -> Ret<bool> {
    let path = PhpString::new(cx.ini.bytes("session.save_path"));
    let name = PhpString::new(cx.ini.bytes("session.name"));
    if is_user(cx) { user::open(cx, &path, &name) } else { open_files(cx, &path) }
}

/// Opens the handler `files`.
pub fn open_files(cx: &mut Cx, save_path: &[u8]) -> Ret<bool> {
    let files = Files::new(cx, save_path)?;
    let session = session(cx);
    session.files = files;
    Ok(session.files.is_some())
}

pub fn close(cx: &mut Cx) -> Ret<bool> {
    if is_user(cx) {
        return user::close(cx);
    }
    session(cx).files = None;
    Ok(true)
}

/// Lets go of everything without calling anybody.
pub fn abandon(cx: &mut Cx) {
    let session = session(cx);
    session.files = None;
    session.user.open = false;
    session.user.parent_open = false;
}

/// Runs `body` with the files taken out: they may wait, and callbacks may run meanwhile.
pub fn with_files<R>(
    cx: &mut Cx,
    none: R,
    body: impl FnOnce(&mut Cx, &mut Files) -> Ret<R>,
) -> Ret<R> {
    let Some(mut files) = session(cx).files.take() else { return Ok(none) };
    let result = body(cx, &mut files);
    session(cx).files = Some(files);
    result
}

pub fn read(cx: &mut Cx, id: &PhpString) -> Ret<Option<PhpString>> {
    match is_user(cx) {
        true => user::read(cx, id),
        false => with_files(cx, None, |cx, files| files.read(cx, id)),
    }
}

pub fn write(cx: &mut Cx, id: &PhpString, data: &PhpString) -> Ret<bool> {
    match is_user(cx) {
        true => user::write(cx, id, data),
        false => with_files(cx, false, |cx, files| files.write(cx, id, data)),
    }
}

pub fn update_timestamp(cx: &mut Cx, id: &PhpString, data: &PhpString) -> Ret<bool> {
    match is_user(cx) {
        true => user::update_timestamp(cx, id, data),
        false => with_files(cx, false, |cx, files| files.update_timestamp(cx, id, data)),
    }
}

pub fn destroy(cx: &mut Cx, id: &PhpString) -> Ret<bool> {
    match is_user(cx) {
        true => user::destroy(cx, id),
        false => with_files(cx, false, |cx, files| Ok(files.destroy(cx, id))),
    }
}

/// Removes old sessions; how many, if that is known.
pub fn collect(cx: &mut Cx, lifetime: i64) -> Ret<Option<i64>> {
    match is_user(cx) {
        true => user::collect(cx, lifetime),
        false => with_files(cx, None, |cx, files| files.collect(cx, lifetime)),
    }
}

pub fn create_id(cx: &mut Cx) -> Ret<Option<PhpString>> {
    match is_user(cx) {
        true => user::create_id(cx),
        false => with_files(cx, None, |cx, files| Ok(files.create_id(cx))),
    }
}

/// Can it tell which ids it has data for?
pub fn validates(cx: &mut Cx) -> bool {
    !is_user(cx) || user::validates(cx)
}

pub fn validate_id(cx: &mut Cx, id: &PhpString) -> Ret<bool> {
    match is_user(cx) {
        true => user::validate_id(cx, id),
        false => with_files(cx, false, |cx, files| Ok(files.exists(cx, id))),
    }
}

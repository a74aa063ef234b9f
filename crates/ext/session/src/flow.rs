//! The life of a session.

use crate::report::{raise, refuse, warning};
use crate::state::{Session, Status, VARIABLE, bind, is_active, session, variables};
use crate::{cookie, id, save, serializer};
use outlast_ext_standard::output::rewrite;
use outlast_text::url::urlencode;
use outlast_value::{PhpArray, PhpString, Value};
use outlast_vm::cx::ConstEntry;
use outlast_vm::request::RequestEndHook;
use outlast_vm::{Cx, Ret, level};

/// At the start of a request: `session.auto_start`.
pub fn request_startup(cx: &mut Cx) -> Ret<()> {
    if cx.ini.bool("session.auto_start") {
        start(cx)?;
    }
    Ok(())
}

/// At the end of a request: the session is written.
fn write_at_end(cx: &mut Cx) -> Ret<()> {
    if !is_active(cx) {
        return Ok(());
    }
    let written = store(cx);
    session(cx).status = Status::None;
    written?;
    if save::is_open(cx) { save::close(cx).map(drop) } else { Ok(()) }
}

/// Whatever is still open is closed.
fn close_at_end(cx: &mut Cx) -> Ret<()> {
    let closed = if save::is_open(cx) { save::close(cx).map(drop) } else { Ok(()) };
    cx.take_state::<Session>();
    closed
}

/// `A (path: B)` of a complaint about the save handler.
pub fn handler_and_path(cx: &Cx) -> String {
    let name = save::kind(cx).map_or("", save::Kind::name);
    format!("{name} (path: {})", String::from_utf8_lossy(cx.ini.bytes("session.save_path")))
}

/// What a superglobal has under the session's name.
fn request_value(cx: &mut Cx, superglobal: &str) -> Option<Value> {
    let name = PhpString::new(cx.ini.bytes("session.name"));
    let Value::Array(array) = cx.global(superglobal.as_bytes())?.get() else {
        return None;
    };
    array.get_string(&name).map(Value::deref)
}

/// The id that the client sent before the body: in a cookie or, where that is allowed, in the URL.
pub fn early_id(cx: &mut Cx) -> Option<PhpString> {
    let cookie = match cx.ini.bool("session.use_cookies") {
        true => request_value(cx, "_COOKIE"),
        false => None,
    };
    let value = match cookie {
        None if !cx.ini.bool("session.use_only_cookies") => request_value(cx, "_GET"),
        cookie => cookie,
    };
    match value {
        Some(Value::Str(id)) => Some(id),
        _ => None,
    }
}

/// Takes the id that the client sent.
fn take_id(cx: &mut Cx, value: Value) {
    let session = session(cx);
    session.id = match value {
        Value::Str(id) => Some(id),
        _ => None,
    };
    session.send_cookie = session.id.is_none();
}

/// Starts a session with the settings as they are; false: there is none.
pub fn start(cx: &mut Cx) -> Ret<bool> {
    if save::kind(cx).is_none() {
        let name = String::from_utf8_lossy(cx.ini.bytes("session.save_handler")).into_owned();
        let text = format!("Cannot find session save handler \"{name}\" - session startup failed");
        return refuse(cx, &text);
    }
    if serializer::kind(cx).is_none() {
        let name = String::from_utf8_lossy(cx.ini.bytes("session.serialize_handler")).into_owned();
        let text = format!(
            "Cannot find session serialization handler \"{name}\" - session startup failed"
        );
        return refuse(cx, &text);
    }
    if !std::mem::replace(&mut session(cx).hooked, true) {
        cx.deactivation_hooks.extend([write_at_end as RequestEndHook, close_at_end]);
    }
    let use_cookies = cx.ini.bool("session.use_cookies");
    let only_cookies = cx.ini.bool("session.use_only_cookies");
    session(cx).define_sid = !only_cookies;
    session(cx).send_cookie = use_cookies || only_cookies;
    if session(cx).id.is_none() {
        if use_cookies && let Some(value) = request_value(cx, "_COOKIE") {
            take_id(cx, value);
            session(cx).send_cookie = false;
            session(cx).define_sid = false;
        }
        if !only_cookies {
            for superglobal in ["_GET", "_POST"] {
                if session(cx).id.is_none()
                    && let Some(value) = request_value(cx, superglobal)
                {
                    take_id(cx, value);
                }
            }
            if is_foreign(cx) {
                session(cx).id = None;
            }
        }
    }
    if session(cx).id.as_ref().is_some_and(|id| id::is_dangerous(id)) {
        session(cx).id = None;
    }
    Ok(initialize(cx)? && cookie::limit_cache(cx)?)
}

/// Did another site send the client here, which `session.referer_check` forbids?
fn is_foreign(cx: &mut Cx) -> bool {
    let expected = cx.ini.bytes("session.referer_check").to_vec();
    if expected.is_empty() {
        return false;
    }
    match cx.sapi.server_variable("HTTP_REFERER") {
        Some(referer) if !referer.is_empty() => {
            !referer.windows(expected.len()).any(|part| part == expected)
        }
        _ => false,
    }
}

/// Opens the handler and reads the data; false: it was complained about.
pub fn initialize(cx: &mut Cx) -> Ret<bool> {
    session(cx).status = Status::Active;
    let (file, line) = cx.position();
    session(cx).started = (!file.is_empty()).then_some((file, line));
    let result = initialize_parts(cx);
    if !matches!(result, Ok(true)) && is_active(cx) {
        let closed = match &result {
            Ok(_) => abort(cx),
            Err(_) => {
                save::abandon(cx);
                Ok(())
            }
        };
        session(cx).status = Status::None;
        session(cx).id = None;
        return result.and_then(|value| closed.map(|()| value));
    }
    if !matches!(result, Ok(true)) {
        session(cx).id = None;
    }
    result
}

fn initialize_parts(cx: &mut Cx) -> Ret<bool> {
    if !save::open(cx)? {
        abort(cx)?;
        let text = format!("Failed to initialize storage module: {}", handler_and_path(cx));
        return refuse(cx, &text);
    }
    let use_cookies = cx.ini.bool("session.use_cookies");
    let known = session(cx).id.clone().filter(|id| !id.is_empty());
    match known {
        None => {
            let created = save::create_id(cx)?;
            if created.is_none() {
                let text = format!("Failed to create session ID: {}", handler_and_path(cx));
                return Err(cx.throw_error(text));
            }
            session(cx).id = created;
            session(cx).send_cookie |= use_cookies;
        }
        Some(id) => {
            if cx.ini.bool("session.use_strict_mode") && !save::validate_id(cx, &id)? {
                let created = save::create_id(cx)?;
                session(cx).id = created.or_else(|| id::create(cx));
                session(cx).send_cookie |= use_cookies;
            }
        }
    }
    if !publish_id(cx)? {
        return Ok(false);
    }
    cx.unset_variable(&PhpString::from(VARIABLE), true);
    bind(cx, Value::Array(PhpArray::new()));
    let id = session(cx).id.clone().unwrap_or_default();
    let Some(data) = save::read(cx, &id)? else {
        abort(cx)?;
        let text = format!("Failed to read session data: {}", handler_and_path(cx));
        return refuse(cx, &text);
    };
    collect_sometimes(cx)?;
    session(cx).stored = cx.ini.bool("session.lazy_write").then(|| data.clone());
    decode(cx, &data)?;
    Ok(true)
}

/// The session's end without a trace.
pub fn abort(cx: &mut Cx) -> Ret<()> {
    if !is_active(cx) {
        return Ok(());
    }
    let closed = if save::is_open(cx) { save::close(cx).map(drop) } else { Ok(()) };
    session(cx).status = Status::None;
    closed
}

/// `session_reset()`: the data as it was stored.
pub fn reset(cx: &mut Cx) -> Ret<()> {
    if is_active(cx) {
        initialize(cx)?;
    }
    Ok(())
}

/// Reads data into `$_SESSION`; what cannot be read destroys the session.
pub fn decode(cx: &mut Cx, data: &[u8]) -> Ret<bool> {
    if serializer::decode(cx, data)? {
        return Ok(true);
    }
    destroy(cx)?;
    cx.unset_variable(&PhpString::from(VARIABLE), true);
    bind(cx, Value::Array(PhpArray::new()));
    refuse(cx, "Failed to decode session object. Session has been destroyed")
}

/// Tells the client and the script the id.
pub fn publish_id(cx: &mut Cx) -> Ret<bool> {
    let Some(id) = session(cx).id.clone() else {
        return refuse(cx, "Cannot set session ID - session ID is not initialized");
    };
    if cx.ini.bool("session.use_cookies") && session(cx).send_cookie {
        cookie::send(cx)?;
        session(cx).send_cookie = false;
    }
    let name = cx.ini.bytes("session.name").to_vec();
    let sid = match session(cx).define_sid {
        true => [&urlencode(&name), &b"="[..], &urlencode(&id)].concat(),
        false => Vec::new(),
    };
    let sid = Value::str(&sid);
    match cx.constants.get_mut(&PhpString::from("SID")) {
        Some(entry) => entry.value = sid,
        None => {
            let entry =
                ConstEntry { value: sid, user: false, extension: "session", deprecated: true };
            cx.constants.insert(PhpString::from("SID"), entry);
        }
    }
    if cx.ini.bool("session.use_trans_sid") && !cx.ini.bool("session.use_only_cookies") {
        let by_cookie =
            cx.ini.bool("session.use_cookies") && request_value(cx, "_COOKIE").is_some();
        if !by_cookie {
            rewrite::add_session_variable(cx, &name, &id)?;
        }
    }
    Ok(true)
}

/// Removes old sessions, as often as the settings say.
fn collect_sometimes(cx: &mut Cx) -> Ret<()> {
    let probability = cx.ini.int("session.gc_probability");
    if probability <= 0 {
        return Ok(());
    }
    let divisor = u64::try_from(cx.ini.int("session.gc_divisor")).unwrap_or(1).max(1);
    let drawn = outlast_host::random::number().unwrap_or(u64::MAX) % divisor;
    if drawn < probability.unsigned_abs() {
        let lifetime = cx.ini.int("session.gc_maxlifetime");
        save::collect(cx, lifetime)?;
    }
    Ok(())
}

/// Ends the session; `write`: its data is stored.
pub fn flush(cx: &mut Cx, write: bool) -> Ret<()> {
    let written = if write { store(cx) } else { Ok(()) };
    let closed = match &written {
        Ok(()) if save::is_open(cx) => save::close(cx).map(drop),
        Ok(()) => Ok(()),
        // PHP calls no more of its functions once one threw.
        Err(_) => {
            save::abandon(cx);
            Ok(())
        }
    };
    session(cx).status = Status::None;
    written.and(closed)
}

/// Stores the data.
fn store(cx: &mut Cx) -> Ret<()> {
    if variables(cx).is_none() {
        return Ok(());
    }
    let mut written = false;
    let mut function = "write";
    if save::is_open(cx) {
        let data = serializer::encode(cx)?;
        let id = session(cx).id.clone().unwrap_or_default();
        let unchanged = data.is_some()
            && cx.ini.bool("session.lazy_write")
            && session(cx).stored.as_ref() == data.as_ref();
        let data = data.unwrap_or_default();
        written = if unchanged {
            let object = session(cx).user.class_name.is_some();
            function = if object { "updateTimestamp" } else { "update_timestamp" };
            save::update_timestamp(cx, &id, &data)?
        } else {
            save::write(cx, &id, &data)?
        };
    }
    if written {
        return Ok(());
    }
    let path = String::from_utf8_lossy(cx.ini.bytes("session.save_path")).into_owned();
    let text = if save::kind(cx) == Some(save::Kind::User) {
        let handler = match &session(cx).user.class_name {
            Some(class) => format!("{}::{function}", class.to_str_lossy()),
            None => function.to_owned(),
        };
        format!(
            "Failed to write session data using user defined save handler. \
             (session.save_path: {path}, handler: {handler})"
        )
    } else {
        let name = save::kind(cx).map_or("", save::Kind::name);
        format!(
            "Failed to write session data ({name}). Please verify that the current setting of \
             session.save_path is correct ({path})"
        )
    };
    warning(cx, &text)
}

/// `session_destroy()`
pub fn destroy(cx: &mut Cx) -> Ret<bool> {
    if !is_active(cx) {
        return refuse(cx, "Trying to destroy uninitialized session");
    }
    let id = session(cx).id.clone();
    let destroyed = match id {
        Some(id) => save::destroy(cx, &id),
        None => Ok(true),
    };
    if matches!(destroyed, Ok(false)) {
        warning(cx, "Session object destruction failed")?;
    }
    let closed = match &destroyed {
        Ok(_) if save::is_open(cx) => save::close(cx).map(drop),
        Ok(_) => Ok(()),
        Err(_) => {
            save::abandon(cx);
            Ok(())
        }
    };
    let session = session(cx);
    session.files = None;
    session.variables = None;
    session.id = None;
    session.stored = None;
    session.status = Status::None;
    session.user.class_name = None;
    session.user.calling = false;
    session.user.parent_open = false;
    session.define_sid = true;
    closed.and(destroyed)
}

/// `session_regenerate_id()`
pub fn regenerate(cx: &mut Cx, delete_old: bool) -> Ret<bool> {
    let result = regenerate_parts(cx, delete_old);
    if !matches!(result, Ok(true)) {
        if result.is_err() {
            save::abandon(cx);
        }
        session(cx).status = Status::None;
    }
    result
}

fn regenerate_parts(cx: &mut Cx, delete_old: bool) -> Ret<bool> {
    let old = session(cx).id.clone().unwrap_or_default();
    if delete_old {
        if !save::destroy(cx, &old)? {
            save::close(cx)?;
            let text = format!("Session object destruction failed. ID: {}", handler_and_path(cx));
            return refuse(cx, &text);
        }
    } else {
        let data = serializer::encode(cx)?.unwrap_or_default();
        if !save::write(cx, &old, &data)? {
            save::close(cx)?;
            let text = format!("Session write failed. ID: {}", handler_and_path(cx));
            return refuse(cx, &text);
        }
    }
    save::close(cx)?;
    session(cx).stored = None;
    session(cx).id = None;
    if !save::open(cx)? {
        let text = format!("Failed to open session: {}", handler_and_path(cx));
        return Err(cx.throw_error(text));
    }
    let mut created = save::create_id(cx)?;
    if cx.ini.bool("session.use_strict_mode") && save::validates(cx) {
        for _ in 0..3 {
            match created.clone() {
                Some(id) if save::validate_id(cx, &id)? => created = save::create_id(cx)?,
                _ => break,
            }
        }
    }
    let Some(id) = created else {
        let text = format!("Failed to create new session ID: {}", handler_and_path(cx));
        return Err(cx.throw_error(text));
    };
    session(cx).id = Some(id.clone());
    // The new file is made, and locked.
    if save::read(cx, &id)?.is_none() {
        save::close(cx)?;
        let text = format!("Failed to create(read) session ID: {}", handler_and_path(cx));
        return Err(cx.throw_error(text));
    }
    session(cx).send_cookie |= cx.ini.bool("session.use_cookies");
    publish_id(cx)
}

/// There is a session already: says where it was started.
pub fn already_active(cx: &mut Cx) -> Ret<()> {
    let text = match session(cx).started.clone() {
        Some((file, line)) => format!(
            "Ignoring session_start() because a session is already active (started from {} on line \
             {line})",
            file.to_str_lossy()
        ),
        None => {
            "Ignoring session_start() because a session is already automatically active".to_owned()
        }
    };
    raise(cx, level::NOTICE, &text)
}

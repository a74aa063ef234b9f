//! The functions of the extension.

use crate::report::{raise, refuse, warning};
use crate::settings::SETTINGS;
use crate::state::{Status, is_active, session, variables};
use crate::{flow, id, save, serializer};
use outlast_value::{Key, PhpArray, PhpString, Value};
use outlast_vm::{Callable, Cx, ObjectClass, OrFalse, Ret, level};

#[path = "session_stub.rs"]
mod session_stub;
pub use session_stub::MODULE;

/// The text that a setter gives, null bytes refused.
fn without_null(cx: &mut Cx, text: &PhpString) -> Ret<()> {
    if text.contains(&0) {
        return Err(cx.arg_value_error(1, "must not contain any null bytes"));
    }
    Ok(())
}

/// May something still be changed? `what` begins PHP's sentences.
fn may_change(cx: &mut Cx, what: &str) -> Ret<bool> {
    if is_active(cx) {
        return refuse(cx, &format!("{what} cannot be changed when a session is active"));
    }
    if cx.headers_sent().0 {
        return refuse(
            cx,
            &format!("{what} cannot be changed after headers have already been sent"),
        );
    }
    Ok(true)
}

/// A function that reads a setting, and sets it if it is given a value.
fn setting(
    cx: &mut Cx,
    name: &str,
    what: &str,
    value: Option<PhpString>,
) -> Ret<OrFalse<PhpString>> {
    if value.is_some() && !may_change(cx, what)? {
        return Ok(OrFalse(None));
    }
    let old = cx.ini.get(name).unwrap_or_default();
    if let Some(value) = value {
        cx.ini_set(name.as_bytes(), value)?;
    }
    Ok(OrFalse(Some(old)))
}

/// `session_name()`
pub fn session_name(cx: &mut Cx, name: Option<&PhpString>) -> Ret<OrFalse<PhpString>> {
    if let Some(name) = name {
        without_null(cx, name)?;
    }
    setting(cx, "session.name", "Session name", name.cloned())
}

/// `session_module_name()`
pub fn session_module_name(cx: &mut Cx, module: Option<&PhpString>) -> Ret<OrFalse<PhpString>> {
    if module.is_some() && !may_change(cx, "Session save handler module")? {
        return Ok(OrFalse(None));
    }
    let old = save::kind(cx).map_or("", save::Kind::name);
    if let Some(module) = module {
        match save::Kind::named(module) {
            Some(save::Kind::User) => return Err(cx.arg_value_error(1, "cannot be \"user\"")),
            Some(save::Kind::Files) => {}
            None => {
                let shown = module.to_str_lossy().into_owned();
                warning(cx, &format!("Session handler module \"{shown}\" cannot be found"))?;
                return Ok(OrFalse(None));
            }
        }
        if save::is_open(cx) {
            save::close(cx)?;
        }
        cx.ini_set(b"session.save_handler", module.clone())?;
    }
    Ok(OrFalse(Some(PhpString::from(old))))
}

/// `session_save_path()`
pub fn session_save_path(cx: &mut Cx, path: Option<&PhpString>) -> Ret<OrFalse<PhpString>> {
    if let Some(path) = path {
        without_null(cx, path)?;
    }
    setting(cx, "session.save_path", "Session save path", path.cloned())
}

/// `session_cache_limiter()`
pub fn session_cache_limiter(cx: &mut Cx, value: Option<&PhpString>) -> Ret<OrFalse<PhpString>> {
    setting(cx, "session.cache_limiter", "Session cache limiter", value.cloned())
}

/// `session_cache_expire()`
pub fn session_cache_expire(cx: &mut Cx, value: Option<i64>) -> Ret<OrFalse<i64>> {
    if value.is_some() && !may_change(cx, "Session cache expiration")? {
        return Ok(OrFalse(None));
    }
    let old = cx.ini.int("session.cache_expire");
    if let Some(value) = value {
        cx.ini_set(b"session.cache_expire", PhpString::from(value.to_string()))?;
    }
    Ok(OrFalse(Some(old)))
}

/// `session_id()`
pub fn session_id(cx: &mut Cx, id: Option<&PhpString>) -> Ret<OrFalse<PhpString>> {
    if id.is_some() {
        if is_active(cx) {
            warning(cx, "Session ID cannot be changed when a session is active")?;
            return Ok(OrFalse(None));
        }
        if cx.ini.bool("session.use_cookies") && cx.headers_sent().0 {
            warning(cx, "Session ID cannot be changed after headers have already been sent")?;
            return Ok(OrFalse(None));
        }
    }
    let old = session(cx).id.clone().unwrap_or_default();
    if let Some(id) = id {
        session(cx).id = Some(id.clone());
    }
    Ok(OrFalse(Some(old)))
}

/// `session_create_id()`
pub fn session_create_id(cx: &mut Cx, prefix: &PhpString) -> Ret<OrFalse<PhpString>> {
    if !prefix.is_empty() && !id::is_valid(prefix) {
        warning(
            cx,
            "Prefix cannot contain special characters. Only the A-Z, a-z, 0-9, \"-\", and \",\" \
             characters are allowed",
        )?;
        return Ok(OrFalse(None));
    }
    let mut created = None;
    if is_active(cx) && !session(cx).user.calling {
        for _ in 0..3 {
            created = save::create_id(cx)?;
            match created.clone() {
                Some(id) if save::validates(cx) && save::validate_id(cx, &id)? => created = None,
                _ => break,
            }
        }
    } else {
        created = id::create(cx);
    }
    let Some(created) = created else {
        warning(cx, "Failed to create new ID")?;
        return Ok(OrFalse(None));
    };
    Ok(OrFalse(Some(PhpString::concat(&[prefix, &created]))))
}

/// `session_regenerate_id()`
pub fn session_regenerate_id(cx: &mut Cx, delete_old_session: bool) -> Ret<bool> {
    if !is_active(cx) {
        return refuse(cx, "Session ID cannot be regenerated when there is no active session");
    }
    if cx.headers_sent().0 {
        return refuse(cx, "Session ID cannot be regenerated after headers have already been sent");
    }
    flow::regenerate(cx, delete_old_session)
}

/// `session_decode()`
pub fn session_decode(cx: &mut Cx, data: &PhpString) -> Ret<bool> {
    if !is_active(cx) {
        return refuse(cx, "Session data cannot be decoded when there is no active session");
    }
    flow::decode(cx, data)
}

/// `session_encode()`
pub fn session_encode(cx: &mut Cx) -> Ret<OrFalse<PhpString>> {
    serializer::encode(cx).map(OrFalse)
}

/// `session_destroy()`
pub fn session_destroy(cx: &mut Cx) -> Ret<bool> {
    flow::destroy(cx)
}

/// `session_unset()`
pub fn session_unset(cx: &mut Cx) -> Ret<bool> {
    if !is_active(cx) {
        return Ok(false);
    }
    clear(cx);
    Ok(true)
}

fn clear(cx: &mut Cx) {
    if variables(cx).is_some()
        && let Some(variables) = session(cx).variables.clone()
    {
        variables.set(Value::Array(PhpArray::new()));
    }
}

/// `session_gc()`
pub fn session_gc(cx: &mut Cx) -> Ret<OrFalse<i64>> {
    if !is_active(cx) {
        warning(cx, "Session cannot be garbage collected when there is no active session")?;
        return Ok(OrFalse(None));
    }
    let lifetime = cx.ini.int("session.gc_maxlifetime");
    save::collect(cx, lifetime).map(OrFalse)
}

/// `session_get_cookie_params()`
pub fn session_get_cookie_params(cx: &mut Cx) -> Ret<PhpArray> {
    let text = |name: &str| Value::str(cx.ini.bytes(name));
    Ok(PhpArray::from([
        ("lifetime", Value::Int(cx.ini.int("session.cookie_lifetime"))),
        ("path", text("session.cookie_path")),
        ("domain", text("session.cookie_domain")),
        ("secure", Value::Bool(cx.ini.bool("session.cookie_secure"))),
        ("httponly", Value::Bool(cx.ini.bool("session.cookie_httponly"))),
        ("samesite", text("session.cookie_samesite")),
    ]))
}

/// `session_set_cookie_params()`
pub fn session_set_cookie_params(
    cx: &mut Cx,
    lifetime_or_options: &Value,
    path: Option<&PhpString>,
    domain: Option<&PhpString>,
    secure: Option<bool>,
    httponly: Option<bool>,
) -> Ret<bool> {
    if !cx.ini.bool("session.use_cookies") {
        let text = "Session cookies cannot be used when session.use_cookies is disabled";
        return refuse(cx, text);
    }
    if !may_change(cx, "Session cookie parameters")? {
        return Ok(false);
    }
    let flag = |value: bool| PhpString::from(if value { "1" } else { "0" });
    let mut changes: [(&str, Option<PhpString>); 6] = [
        ("lifetime", None),
        ("path", path.cloned()),
        ("domain", domain.cloned()),
        ("secure", secure.map(flag)),
        ("httponly", httponly.map(flag)),
        ("samesite", None),
    ];
    match lifetime_or_options {
        Value::Array(options) => {
            for (index, (_, given)) in changes.iter().enumerate() {
                if given.is_some() {
                    return Err(cx.arg_value_error(
                        index + 1,
                        "must be null when argument #1 ($lifetime_or_options) is an array",
                    ));
                }
            }
            read_cookie_options(cx, options, &mut changes)?;
        }
        lifetime => changes[0].1 = Some(cx.to_str(lifetime)?),
    }
    for (name, value) in changes {
        if let Some(value) = value {
            let changed = cx.ini_set(format!("session.cookie_{name}").as_bytes(), value)?;
            if changed.is_none() {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

fn read_cookie_options(
    cx: &mut Cx,
    options: &PhpArray,
    changes: &mut [(&str, Option<PhpString>); 6],
) -> Ret<()> {
    let mut found = false;
    for (key, value) in options.iter() {
        let Key::Str(key) = key else {
            warning(cx, "Argument #1 ($lifetime_or_options) cannot contain numeric keys")?;
            continue;
        };
        let value = value.deref();
        let known = changes.iter_mut().find(|(name, _)| key.eq_ignore_ascii_case(name.as_bytes()));
        let Some((name, change)) = known else {
            let shown = key.to_str_lossy();
            let text = format!(
                "Argument #1 ($lifetime_or_options) contains an unrecognized key \"{shown}\""
            );
            warning(cx, &text)?;
            continue;
        };
        found = true;
        *change = Some(if matches!(*name, "secure" | "httponly") {
            PhpString::from(if value.truthy() { "1" } else { "0" })
        } else {
            cx.to_str(&value)?
        });
    }
    if !found {
        return Err(cx.arg_value_error(1, "must contain at least 1 valid key"));
    }
    Ok(())
}

/// `session_write_close()`
pub fn session_write_close(cx: &mut Cx) -> Ret<bool> {
    if !is_active(cx) {
        return Ok(false);
    }
    flow::flush(cx, true)?;
    Ok(true)
}

/// `session_abort()`
pub fn session_abort(cx: &mut Cx) -> Ret<bool> {
    if !is_active(cx) {
        return Ok(false);
    }
    flow::abort(cx)?;
    Ok(true)
}

/// `session_reset()`
pub fn session_reset(cx: &mut Cx) -> Ret<bool> {
    if !is_active(cx) {
        return Ok(false);
    }
    flow::reset(cx)?;
    Ok(true)
}

/// `session_status()`
pub fn session_status(cx: &mut Cx) -> Ret<i64> {
    if save::kind(cx).is_none() || serializer::kind(cx).is_none() {
        return Ok(0);
    }
    Ok(match session(cx).status {
        Status::None => 1,
        Status::Active => 2,
    })
}

/// What `session_set_save_handler()` registers for an object.
const SHUTDOWN: &str = "session_register_shutdown";

/// `session_register_shutdown()`: comes last among the shutdown functions.
pub fn session_register_shutdown(cx: &mut Cx) -> Ret<()> {
    cx.register_shutdown_function(Value::str("session_write_close"), Vec::new());
    Ok(())
}

/// Whether the session is to be written by a shutdown function, before objects are destructed.
fn write_at_shutdown(cx: &mut Cx, wanted: bool) {
    if std::mem::replace(&mut session(cx).shutdown, wanted) == wanted {
        return;
    }
    if wanted {
        cx.register_shutdown_function(Value::str(SHUTDOWN), Vec::new());
    } else {
        let ours = |callable: &Value| {
            callable.as_str().is_some_and(|name| name.as_bytes() == SHUTDOWN.as_bytes())
        };
        let place = cx.shutdown_functions.iter().position(|(callable, _)| ours(callable));
        if let Some(place) = place {
            cx.shutdown_functions.remove(place);
        }
    }
}

/// The methods of a handler object, in the order of [`crate::state::Callback`]. As in PHP, having them
/// counts, not the interfaces that declare the last three.
const METHODS: [&str; 9] = [
    "open",
    "close",
    "read",
    "write",
    "destroy",
    "gc",
    "create_sid",
    "validateId",
    "updateTimestamp",
];

/// `session_set_save_handler()`
#[expect(clippy::too_many_arguments, reason = "PHP's parameters")]
pub fn session_set_save_handler(
    cx: &mut Cx,
    open: &Value,
    close: Option<&Value>,
    read: Option<&Callable>,
    write: Option<&Callable>,
    destroy: Option<&Callable>,
    gc: Option<&Callable>,
    create_sid: Option<&Callable>,
    validate_sid: Option<&Callable>,
    update_timestamp: Option<&Callable>,
) -> Ret<bool> {
    let Some(read) = read else { return set_object(cx, open, close) };
    let (Some(close), Some(write), Some(destroy), Some(gc)) = (close, write, destroy, gc) else {
        return Err(
            cx.throw_arg_count_error("Wrong parameter count for session_set_save_handler()")
        );
    };
    raise(
        cx,
        level::DEPRECATED,
        "Providing individual callbacks instead of an object implementing SessionHandlerInterface \
         is deprecated",
    )?;
    let open = callable(cx, 1, open)?;
    let close = callable(cx, 2, close)?;
    if !may_change(cx, "Session save handler")? {
        return Ok(false);
    }
    write_at_shutdown(cx, false);
    let user = &mut session(cx).user;
    user.class_name = None;
    user.callbacks = [
        Some(open),
        Some(close),
        Some(read.clone()),
        Some(write.clone()),
        Some(destroy.clone()),
        Some(gc.clone()),
        create_sid.cloned(),
        validate_sid.cloned(),
        update_timestamp.cloned(),
    ];
    use_user_handler(cx)
}

fn callable(cx: &mut Cx, number: usize, value: &Value) -> Ret<Callable> {
    match cx.resolve_callable(value)? {
        Ok(callable) => Ok(callable),
        Err(reason) => {
            Err(cx.arg_type_error(number, &format!("must be a valid callback, {reason}")))
        }
    }
}

fn set_object(cx: &mut Cx, handler: &Value, register: Option<&Value>) -> Ret<bool> {
    let interface = cx.class_or_throw(&PhpString::from("SessionHandlerInterface"))?;
    let object = match handler {
        Value::Object(object) if object.class().is_subclass_of_or_same(interface) => object,
        other => {
            let given = cx.value_type_name(other);
            let text = format!("must be of type SessionHandlerInterface, {given} given");
            return Err(cx.arg_type_error(1, &text));
        }
    };
    let register = match register {
        None => true,
        Some(value) => cx.to_bool(value)?,
    };
    if !may_change(cx, "Session save handler")? {
        return Ok(false);
    }
    let mut callbacks: [Option<Callable>; 9] = Default::default();
    for (callback, method) in callbacks.iter_mut().zip(METHODS) {
        if object.class().method(method.to_ascii_lowercase().as_bytes()).is_some() {
            let pair = PhpArray::from_list(vec![handler.clone(), Value::str(method)]);
            *callback = cx.resolve_callable(&Value::Array(pair))?.ok();
        }
    }
    session(cx).user.callbacks = callbacks;
    session(cx).user.class_name = Some(object.class().name.clone());
    write_at_shutdown(cx, register);
    use_user_handler(cx)
}

fn use_user_handler(cx: &mut Cx) -> Ret<bool> {
    if save::kind(cx) != Some(save::Kind::User) {
        session(cx).setting_handler = true;
        let set = cx.ini_set(b"session.save_handler", PhpString::from("user"));
        session(cx).setting_handler = false;
        set?;
    }
    Ok(true)
}

/// `session_start()`
pub fn session_start(cx: &mut Cx, options: PhpArray) -> Ret<bool> {
    if is_active(cx) {
        flow::already_active(cx)?;
        return Ok(true);
    }
    if cx.ini.bool("session.use_cookies") && cx.headers_sent().0 {
        return refuse(cx, "Session cannot be started after headers have already been sent");
    }
    let mut read_and_close = false;
    for (key, value) in options.iter() {
        let Key::Str(name) = key else { continue };
        let value = value.deref();
        if !matches!(value, Value::Str(_) | Value::Int(_) | Value::Bool(_)) {
            let given = cx.value_type_name(&value);
            let name = name.to_str_lossy();
            return Err(cx.throw_type_error(format!(
                "session_start(): Option \"{name}\" must be of type string|int|bool, {given} given"
            )));
        }
        if name.as_bytes() == b"read_and_close" {
            read_and_close = cx.to_int(&value)? != 0;
            continue;
        }
        let value = cx.to_str(&value)?;
        let setting = [b"session.", name.as_bytes()].concat();
        if cx.ini_set(&setting, value)?.is_none() {
            let shown = name.to_str_lossy().into_owned();
            warning(cx, &format!("Setting option \"{shown}\" failed"))?;
        }
    }
    flow::start(cx)?;
    if !is_active(cx) {
        clear(cx);
        return Ok(false);
    }
    if read_and_close {
        flow::flush(cx, false)?;
    }
    Ok(true)
}

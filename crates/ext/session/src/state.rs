//! What a script's session is and has.

use crate::files::Files;
use outlast_value::{PhpArray, PhpString, Reference, Value};
use outlast_vm::{Callable, Cx};

/// `session_status()`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// No session.
    #[default]
    None,
    /// There is one.
    Active,
}

/// The callbacks of `session_set_save_handler()`, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Callback {
    Open,
    Close,
    Read,
    Write,
    Destroy,
    Gc,
    CreateSid,
    ValidateSid,
    UpdateTimestamp,
}

/// The save handler that is made of PHP functions.
#[derive(Default)]
pub struct User {
    /// By [`Callback`].
    pub callbacks: [Option<Callable>; 9],
    /// The class of the handler, if it is an object.
    pub class_name: Option<PhpString>,
    /// `open` was called, `close` was not.
    pub open: bool,
    /// A callback runs.
    pub calling: bool,
    /// `SessionHandler::open()` was called, `close()` was not.
    pub parent_open: bool,
}

/// The session of a script.
#[derive(Default)]
pub struct Session {
    pub status: Status,
    pub id: Option<PhpString>,
    /// The id is to be sent as a cookie.
    pub send_cookie: bool,
    /// The constant SID is to hold the id.
    pub define_sid: bool,
    /// The data as read, for `session.lazy_write`.
    pub stored: Option<PhpString>,
    /// What `$_SESSION` was bound to.
    pub variables: Option<Reference>,
    /// Where `session_start()` was called; nowhere: `session.auto_start` did it.
    pub started: Option<(PhpString, u32)>,
    /// The session's file.
    pub files: Option<Files>,
    pub user: User,
    /// Another save handler was in force before this one.
    pub has_default: bool,
    /// While the configured settings are checked: what there is to say about them.
    pub startup: Option<Vec<(u32, String)>>,
    /// `session_set_save_handler()` changes the setting.
    pub setting_handler: bool,
    /// The end of the request is looked after.
    pub hooked: bool,
    /// `session_write_close()` is to be registered as a shutdown function.
    pub shutdown: bool,
}

/// The script's session.
pub fn session(cx: &mut Cx) -> &mut Session {
    cx.state::<Session>()
}

/// Is there a session?
pub fn is_active(cx: &mut Cx) -> bool {
    session(cx).status == Status::Active
}

/// The data, unless the script made something else of `$_SESSION`.
pub fn variables(cx: &mut Cx) -> Option<PhpArray> {
    match session(cx).variables.as_ref()?.get() {
        Value::Array(array) => Some(array),
        _ => None,
    }
}

/// The name of the variable that holds the data.
pub const VARIABLE: &str = "_SESSION";

/// Binds `$_SESSION` to new data.
pub fn bind(cx: &mut Cx, value: Value) {
    let name = PhpString::from(VARIABLE);
    let reference = Reference::new(value);
    cx.bind_variable(&name, reference.clone(), true);
    session(cx).variables = Some(reference);
}

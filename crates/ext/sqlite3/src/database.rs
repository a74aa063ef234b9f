//! `SQLite3`: a connection.

use crate::{result, statement};
use outlast_ext_sqlite::codes::{SQLITE_ATTACH, SQLITE_DENY, SQLITE_OK, SQLITE_OPEN_READWRITE};
use outlast_ext_sqlite::php::{self, Callbacks, PhpAggregate, Slot};
use outlast_ext_sqlite::{
    Backup, Blob, Connection, Statement, backup, blob_stream, escaped, paths, version,
    version_number,
};
use outlast_value::{Object, ObjectData, PhpArray, PhpString, Value};
use outlast_vm::{Callable, Cx, ObjectHandlers, OrFalse, Ret};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

pub static DATABASE: ObjectHandlers =
    ObjectHandlers { create: Some(create), uncloneable: true, ..ObjectHandlers::STANDARD };

/// The payload of a `SQLite3` object.
pub struct Database {
    /// `None` until opened and once closed.
    connection: RefCell<Option<Connection>>,
    /// Errors are thrown, not warnings.
    exceptions: Cell<bool>,
    callbacks: Callbacks,
    /// What the authorizer did wrong in the call under way.
    complaint: Rc<RefCell<Option<String>>>,
}

impl ObjectData for Database {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        self.callbacks.trace(visit);
    }
    fn clear(&self) {
        self.callbacks.clear();
    }
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

fn create(_: &mut Cx, object: &Object) -> Ret<()> {
    object.set_data(Box::new(Database {
        connection: RefCell::new(None),
        exceptions: Cell::new(false),
        callbacks: Callbacks::default(),
        complaint: Rc::default(),
    }));
    Ok(())
}

/// The error of an object that cannot be used.
pub fn not_open(cx: &mut Cx, class: &str) -> outlast_vm::Unwind {
    cx.throw_error(format!(
        "The {class} object has not been correctly initialised or is already closed"
    ))
}

/// The payload and connection of an open object.
pub fn open_database<'o>(cx: &mut Cx, object: &'o Object) -> Ret<(&'o Database, Connection)> {
    if let Some(database) = object.data::<Database>()
        && let Some(connection) = database.connection.borrow().clone()
    {
        return Ok((database, connection));
    }
    Err(not_open(cx, "SQLite3"))
}

impl Database {
    /// Throws or warns, as the script wants.
    pub fn error(&self, cx: &mut Cx, code: i32, message: &[u8]) -> Ret<()> {
        let complaint = self.complaint.take();
        if !self.exceptions.get() {
            if let Some(complaint) = complaint {
                cx.warning(complaint)?;
            }
            return cx.warning(message);
        }
        if let Some(complaint) = complaint {
            let code = i64::from(code);
            let _pending = cx.throw_with_code("SQLite3Exception", complaint, code);
        }
        Err(cx.throw_with_code("SQLite3Exception", message, i64::from(code)))
    }

    /// Reports the connection's last error behind some words.
    pub fn failed(&self, cx: &mut Cx, connection: &Connection, words: &str) -> Ret<()> {
        let message = connection.message();
        let message = [words.as_bytes(), message.as_bytes()].concat();
        self.error(cx, connection.code(), &message)
    }
}

const NOT_PREPARED: &str = "Unable to prepare statement: ";
pub const NOT_EXECUTED: &str = "Unable to execute statement: ";

pub fn sq_lite3_construct(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
    flags: i64,
    key: &PhpString,
) -> Ret<()> {
    sq_lite3_open(cx, this, name, flags, key)
}

pub fn sq_lite3_open(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
    flags: i64,
    _key: &PhpString,
) -> Ret<()> {
    if name.contains(&0) {
        return Err(cx.arg_value_error(1, "must not contain any null bytes"));
    }
    let Some(database) = this.data::<Database>() else { return Ok(()) };
    if database.connection.borrow().is_some() {
        return Err(cx.throw("Exception", "Already initialised DB Object"));
    }
    // URIs are for PDO.
    let plain = if name.starts_with(b"file:") {
        PhpString::concat(&[b"./", name.as_bytes()])
    } else {
        name.clone()
    };
    let Some(path) = paths::located(cx, &plain) else {
        let warning = paths::restriction(cx, name);
        cx.warning(warning)?;
        let full = cx.absolute_path(name);
        let text = [b"open_basedir prohibits opening ", full.as_slice()].concat();
        return Err(cx.throw("Exception", text));
    };
    match Connection::open(cx, &path, flags as i32, Duration::ZERO) {
        Ok(connection) => {
            connection.set_defensive(cx.ini.bool("sqlite3.defensive"));
            paths::confine(cx, &connection);
            *database.connection.borrow_mut() = Some(connection);
            Ok(())
        }
        Err(failure) => {
            let text = [b"Unable to open database: ", failure.message.as_bytes()].concat();
            Err(cx.throw("Exception", text))
        }
    }
}

pub fn sq_lite3_close(cx: &mut Cx, this: &Object) -> Ret<bool> {
    let Some(database) = this.data::<Database>() else { return Ok(true) };
    let Some(connection) = database.connection.borrow().clone() else { return Ok(true) };
    let code = connection.close();
    if code != SQLITE_OK {
        let message = connection.message();
        let text = [format!("Unable to close database: {code}, ").as_bytes(), &message].concat();
        return database.error(cx, code, &text).map(|()| false);
    }
    *database.connection.borrow_mut() = None;
    database.callbacks.clear();
    Ok(true)
}

pub fn sq_lite3_exec(cx: &mut Cx, this: &Object, sql: &PhpString) -> Ret<bool> {
    let (database, connection) = open_database(cx, this)?;
    if connection.exec(cx, sql)? == SQLITE_OK {
        return Ok(true);
    }
    database.failed(cx, &connection, "").map(|()| false)
}

/// Prepares a statement; `None`: the error is reported, or there is none to prepare.
fn prepared(cx: &mut Cx, this: &Object, sql: &PhpString) -> Ret<Option<Statement>> {
    let (database, connection) = open_database(cx, this)?;
    if sql.is_empty() {
        return Ok(None);
    }
    let end = sql.iter().position(|b| *b == 0).unwrap_or(sql.len());
    match Statement::prepare_first(cx, &connection, &sql[..end])? {
        Ok((statement, _)) => Ok(statement),
        Err(_) => database.failed(cx, &connection, NOT_PREPARED).map(|()| None),
    }
}

pub fn sq_lite3_prepare(cx: &mut Cx, this: &Object, sql: &PhpString) -> Ret<OrFalse<Object>> {
    match prepared(cx, this, sql)? {
        Some(found) => statement::make(cx, this, found).map(|o| OrFalse(Some(o))),
        None => Ok(OrFalse(None)),
    }
}

pub fn sq_lite3_query(cx: &mut Cx, this: &Object, sql: &PhpString) -> Ret<OrFalse<Object>> {
    let Some(found) = prepared(cx, this, sql)? else { return Ok(OrFalse(None)) };
    let (database, connection) = open_database(cx, this)?;
    if found.step(cx)?.is_err() {
        return database.failed(cx, &connection, NOT_EXECUTED).map(|()| OrFalse(None));
    }
    found.reset();
    let statement = statement::make(cx, this, found)?;
    result::make(cx, &statement, true).map(|o| OrFalse(Some(o)))
}

pub fn sq_lite3_query_single(
    cx: &mut Cx,
    this: &Object,
    sql: &PhpString,
    entire_row: bool,
) -> Ret<Value> {
    let Some(found) = prepared(cx, this, sql)? else { return Ok(Value::Bool(false)) };
    let (database, connection) = open_database(cx, this)?;
    match found.step(cx)? {
        Ok(true) if !entire_row => Ok(found.column(0).into_php()),
        Ok(true) => {
            let mut row = PhpArray::new();
            for column in 0..found.data_count() {
                let name = found.column_name(column).unwrap_or_default();
                row.insert_key_str(name, found.column(column).into_php());
            }
            Ok(Value::Array(row))
        }
        Ok(false) if entire_row => Ok(Value::empty_array()),
        Ok(false) => Ok(Value::Null),
        Err(_) => database.failed(cx, &connection, NOT_EXECUTED).map(|()| Value::Bool(false)),
    }
}

pub fn sq_lite3_version(_: &mut Cx) -> Ret<PhpArray> {
    let mut array = PhpArray::new();
    array.insert_str("versionString".into(), Value::str(version()));
    array.insert_str("versionNumber".into(), Value::Int(version_number()));
    Ok(array)
}

pub fn sq_lite3_last_insert_row_id(cx: &mut Cx, this: &Object) -> Ret<i64> {
    Ok(open_database(cx, this)?.1.last_insert_id())
}

fn known(this: &Object) -> Option<Connection> {
    this.data::<Database>().and_then(|database| database.connection.borrow().clone())
}

pub fn sq_lite3_last_error_code(_: &mut Cx, this: &Object) -> Ret<i64> {
    Ok(known(this).map_or(0, |connection| i64::from(connection.code())))
}

pub fn sq_lite3_last_extended_error_code(_: &mut Cx, this: &Object) -> Ret<i64> {
    Ok(known(this).map_or(0, |connection| i64::from(connection.extended_code())))
}

pub fn sq_lite3_last_error_msg(_: &mut Cx, this: &Object) -> Ret<PhpString> {
    Ok(known(this).map_or_else(PhpString::empty, |connection| connection.message()))
}

pub fn sq_lite3_changes(cx: &mut Cx, this: &Object) -> Ret<i64> {
    Ok(open_database(cx, this)?.1.changes())
}

pub fn sq_lite3_busy_timeout(cx: &mut Cx, this: &Object, milliseconds: i64) -> Ret<bool> {
    let (_, connection) = open_database(cx, this)?;
    connection.set_timeout(Duration::from_millis(u64::try_from(milliseconds).unwrap_or(0)));
    Ok(true)
}

pub fn sq_lite3_load_extension(cx: &mut Cx, this: &Object, name: &PhpString) -> Ret<bool> {
    let (database, connection) = open_database(cx, this)?;
    let folder = cx.ini.get("sqlite3.extension_dir").unwrap_or_default();
    if folder.is_empty() {
        return database.error(cx, 0, b"SQLite Extensions are disabled").map(|()| false);
    }
    if name.is_empty() {
        return Err(cx.arg_value_error(1, "must not be empty"));
    }
    let path = [folder.as_bytes(), b"/", name.as_bytes()].concat();
    let path = std::fs::canonicalize(String::from_utf8_lossy(&path).as_ref());
    let inside = path
        .as_ref()
        .is_ok_and(|path| path.starts_with(String::from_utf8_lossy(&folder).trim_end_matches('/')));
    match path {
        Ok(path) if inside => {
            let path = path.into_os_string().into_encoded_bytes();
            match connection.load_extension(cx, &path)? {
                Ok(()) => Ok(true),
                Err(message) => database.error(cx, connection.code(), &message).map(|()| false),
            }
        }
        Ok(_) => {
            let text = b"Unable to open extensions outside the defined directory";
            database.error(cx, 0, text).map(|()| false)
        }
        Err(_) => {
            let text = b"Unable to load extension at '";
            let text = [text, folder.as_bytes(), b"/", name.as_bytes(), b"'"].concat();
            database.error(cx, 0, &text).map(|()| false)
        }
    }
}

pub fn sq_lite3_backup(
    cx: &mut Cx,
    this: &Object,
    destination: &Object,
    source_name: &PhpString,
    destination_name: &PhpString,
) -> Ret<bool> {
    let (database, source) = open_database(cx, this)?;
    let (_, target) = open_database(cx, destination)?;
    let copied = backup(cx, (&source, source_name), (&target, destination_name))?;
    let text: &[u8] = match copied {
        Backup::Done => return Ok(true),
        Backup::SourceBusy => b"Backup failed: source database is busy",
        Backup::SourceLocked => b"Backup failed: source database is locked",
        Backup::NotStarted | Backup::Failed => {
            return database.failed(cx, &source, "Backup failed: ").map(|()| false);
        }
    };
    database.error(cx, source.code(), text).map(|()| false)
}

pub fn sq_lite3_escape_string(_: &mut Cx, text: &PhpString) -> Ret<Vec<u8>> {
    Ok(escaped(text))
}

fn count(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

pub fn sq_lite3_create_function(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
    function: &Callable,
    arguments: i64,
    flags: i64,
) -> Ret<bool> {
    let (database, connection) = open_database(cx, this)?;
    if name.is_empty() {
        return Ok(false);
    }
    let function = php::function(database.callbacks.hold(function));
    let code = connection.create_function(cx, name, count(arguments), flags as i32, function)?;
    Ok(code == SQLITE_OK)
}

pub fn sq_lite3_create_aggregate(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
    step: &Callable,
    finish: &Callable,
    arguments: i64,
) -> Ret<bool> {
    let (database, connection) = open_database(cx, this)?;
    if name.is_empty() {
        return Ok(false);
    }
    let (step, finish) = (database.callbacks.hold(step), database.callbacks.hold(finish));
    let aggregate = Box::new(PhpAggregate { step, finish, told: |_| 0 });
    Ok(connection.create_aggregate(cx, name, count(arguments), aggregate)? == SQLITE_OK)
}

pub fn sq_lite3_create_collation(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
    collation: &Callable,
) -> Ret<bool> {
    let (database, connection) = open_database(cx, this)?;
    if name.is_empty() {
        return Ok(false);
    }
    let collation = php::collation(database.callbacks.hold(collation), |cx, result| {
        if result.as_int().is_some() {
            return Ok(());
        }
        cx.raise_warning(
            "An error occurred while invoking the compare callback (invalid return type).  \
             Collation behaviour is undefined.",
        )
    });
    Ok(connection.create_collation(cx, name, collation)? == SQLITE_OK)
}

pub fn sq_lite3_open_blob(
    cx: &mut Cx,
    this: &Object,
    table: &PhpString,
    column: &PhpString,
    row: i64,
    schema: &PhpString,
    flags: i64,
) -> Ret<Value> {
    let (database, connection) = open_database(cx, this)?;
    let writable = flags & i64::from(SQLITE_OPEN_READWRITE) != 0;
    match Blob::open(cx, &connection, [schema, table, column], row, writable)? {
        Ok(blob) => Ok(blob_stream(cx, blob, "SQLite3", writable)),
        Err(_) => {
            let failed = database.failed(cx, &connection, "Unable to open blob: ");
            failed.map(|()| Value::Bool(false))
        }
    }
}

pub fn sq_lite3_enable_exceptions(cx: &mut Cx, this: &Object, enable: bool) -> Ret<bool> {
    let Some(database) = this.data::<Database>() else { return Ok(false) };
    if !enable {
        cx.deprecated("Use of warnings for SQLite3 is deprecated")?;
    }
    Ok(database.exceptions.replace(enable))
}

pub fn sq_lite3_enable_extended_result_codes(
    cx: &mut Cx,
    this: &Object,
    enable: bool,
) -> Ret<bool> {
    let (_, connection) = open_database(cx, this)?;
    Ok(connection.set_extended_codes(enable))
}

pub fn sq_lite3_set_authorizer(
    cx: &mut Cx,
    this: &Object,
    callback: Option<&Callable>,
) -> Ret<bool> {
    let (database, connection) = open_database(cx, this)?;
    let Some(callback) = callback else {
        connection.set_authorizer(None);
        paths::confine(cx, &connection);
        return Ok(true);
    };
    let slot = database.callbacks.hold(callback);
    let complaint = database.complaint.clone();
    connection.set_authorizer(Some(Box::new(move |cx, action, args| {
        authorize(cx, &slot, &complaint, action, args)
    })));
    Ok(true)
}

fn authorize(
    cx: &mut Cx,
    slot: &Rc<Slot>,
    complaint: &RefCell<Option<String>>,
    action: i32,
    args: [Option<&[u8]>; 4],
) -> Ret<i32> {
    if action == SQLITE_ATTACH && paths::attaching(cx, args[0]) != SQLITE_OK {
        return Ok(SQLITE_DENY);
    }
    let mut all = vec![Value::Int(i64::from(action))];
    all.extend(args.map(|arg| arg.map_or(Value::Null, Value::str)));
    let Some(callback) = slot.get() else { return Ok(SQLITE_DENY) };
    let text = match cx.call_resolved(&callback, all)?.into_deref() {
        Value::Int(answer @ 0..=2) => return Ok(answer as i32),
        Value::Int(answer) => {
            format!("The authorizer callback returned an invalid value: {answer}")
        }
        _ => "The authorizer callback returned an invalid type: expected int".to_owned(),
    };
    *complaint.borrow_mut() = Some(text);
    Ok(SQLITE_DENY)
}

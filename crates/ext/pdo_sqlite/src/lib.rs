//! PHP's extension `pdo_sqlite` (manual: ref.pdo-sqlite.php).
#![forbid(unsafe_code)]

mod driver;
mod pdo_sqlite_stub;
mod statement;

pub use driver::SQLITE;

use driver::connection_of;
use outlast_ext_pdo::{Callback, driver_of, throw_exception};
use outlast_ext_sqlite::codes::{SQLITE_OK, SQLITE_OPEN_READWRITE};
use outlast_ext_sqlite::{Blob, blob_stream};
use outlast_value::{Object, PhpString, Value};
use outlast_vm::{Callable, Cx, NativeModule, Ret};

/// What this crate defines.
pub static MODULES: &[&NativeModule] = &[&pdo_sqlite_stub::MODULE];

fn define(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
    count: i64,
    callback: Callback,
) -> Ret<bool> {
    // Says so if the object is not connected.
    connection_of(cx, this)?;
    match driver_of(this) {
        Some(driver) => driver.define(cx, name, count, callback),
        None => Ok(false),
    }
}

fn pdo_sqlite_create_function(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
    function: &Callable,
    count: i64,
    flags: i64,
) -> Ret<bool> {
    define(cx, this, name, count, Callback::Function { function: function.clone(), flags })
}

fn pdo_sqlite_create_aggregate(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
    step: &Callable,
    finalize: &Callable,
    count: i64,
) -> Ret<bool> {
    let callback = Callback::Aggregate { step: step.clone(), finalize: finalize.clone() };
    define(cx, this, name, count, callback)
}

fn pdo_sqlite_create_collation(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
    collation: &Callable,
) -> Ret<bool> {
    define(cx, this, name, 0, Callback::Collation(collation.clone()))
}

fn pdo_sqlite_load_extension(cx: &mut Cx, this: &Object, name: &PhpString) -> Ret<()> {
    if name.is_empty() {
        return Err(cx.arg_value_error(1, "must not be empty"));
    }
    let connection = connection_of(cx, this)?;
    let path = cx.absolute_path(name);
    if connection.load_extension(cx, &path)?.is_err() {
        let text = [b"Unable to load extension \"", name.as_bytes(), b"\""].concat();
        return Err(throw_exception(cx, &text, Value::Int(0), None));
    }
    Ok(())
}

fn pdo_sqlite_open_blob(
    cx: &mut Cx,
    this: &Object,
    table: &PhpString,
    column: &PhpString,
    row: i64,
    database: Option<&PhpString>,
    flags: i64,
) -> Ret<Value> {
    let connection = connection_of(cx, this)?;
    let writable = flags & i64::from(SQLITE_OPEN_READWRITE) != 0;
    let database = database.map_or(b"main".as_slice(), |name| name.as_bytes());
    match Blob::open(cx, &connection, [database, table, column], row, writable)? {
        Ok(blob) => Ok(blob_stream(cx, blob, "Pdo\\Sqlite", writable)),
        Err(code) => {
            debug_assert_ne!(code, SQLITE_OK);
            let message = connection.message();
            cx.raise_warning([b"Unable to open blob: ", message.as_bytes()].concat())?;
            Ok(Value::Bool(false))
        }
    }
}

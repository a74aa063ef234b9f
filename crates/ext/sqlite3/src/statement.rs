//! `SQLite3Stmt`.

use crate::database::{Database, NOT_EXECUTED, not_open, open_database};
use crate::result;
use outlast_ext_sqlite::codes::{
    SQLITE_BLOB, SQLITE_FLOAT, SQLITE_INTEGER, SQLITE_NULL, SQLITE_OK, SQLITE_TEXT,
};
use outlast_ext_sqlite::{Connection, SqlValue, Statement};
use outlast_ext_standard::stream::stream_of;
use outlast_value::{Object, ObjectData, PhpString, Reference, Value};
use outlast_vm::{Cx, ObjectHandlers, OrFalse, Ret};
use std::cell::RefCell;
use std::rc::Rc;

pub static STATEMENT: ObjectHandlers =
    ObjectHandlers { create: Some(create), uncloneable: true, ..ObjectHandlers::STANDARD };

/// A parameter and its value.
#[derive(Clone)]
struct Bound {
    index: i64,
    /// The variable or the value.
    value: Value,
    /// `SQLITE3_…`
    kind: i64,
}

/// The payload of a `SQLite3Stmt` object.
#[derive(Default)]
pub struct StatementData {
    database: RefCell<Option<Object>>,
    /// `None` once closed.
    pub statement: RefCell<Option<Rc<Statement>>>,
    bound: RefCell<Vec<Bound>>,
}

impl ObjectData for StatementData {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        if let Some(database) = &*self.database.borrow() {
            visit(&Value::Object(database.clone()));
        }
        self.bound.borrow().iter().for_each(|bound| visit(&bound.value));
    }
    fn clear(&self) {
        let held = (self.statement.take(), self.database.take(), self.bound.take());
        drop(held);
    }
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

fn create(_: &mut Cx, object: &Object) -> Ret<()> {
    object.set_data(Box::<StatementData>::default());
    Ok(())
}

fn set(object: &Object, database: &Object, statement: Statement) {
    if let Some(data) = object.data::<StatementData>() {
        *data.database.borrow_mut() = Some(database.clone());
        *data.statement.borrow_mut() = Some(Rc::new(statement));
    }
}

/// A statement object.
pub fn make(cx: &mut Cx, database: &Object, statement: Statement) -> Ret<Object> {
    let class = cx.class_or_throw(&PhpString::new(b"SQLite3Stmt"))?;
    let object = cx.instantiate(class)?;
    set(&object, database, statement);
    Ok(object)
}

/// A statement that can be used.
pub struct Open<'o> {
    pub data: &'o StatementData,
    pub statement: Rc<Statement>,
    pub connection: Connection,
    database: Object,
}

impl Open<'_> {
    /// Lets `f` report through the database.
    pub fn failed(&self, cx: &mut Cx, words: &str) -> Ret<()> {
        match self.database.data::<Database>() {
            Some(database) => database.failed(cx, &self.connection, words),
            None => Ok(()),
        }
    }
}

/// The payload of a statement that can be used.
pub fn open<'o>(cx: &mut Cx, object: &'o Object) -> Ret<Open<'o>> {
    let found = object.data::<StatementData>().and_then(|data| {
        let database = data.database.borrow().clone()?;
        Some((data, database))
    });
    let Some((data, database)) = found else { return Err(not_open(cx, "SQLite3")) };
    let (_, connection) = open_database(cx, &database)?;
    match data.statement.borrow().clone() {
        Some(statement) if statement.is_open() => {
            Ok(Open { data, statement, connection, database })
        }
        _ => Err(not_open(cx, "SQLite3Stmt")),
    }
}

pub fn sq_lite3_stmt_construct(
    cx: &mut Cx,
    this: &Object,
    database: &Object,
    sql: &PhpString,
) -> Ret<()> {
    let (payload, connection) = open_database(cx, database)?;
    match Statement::prepare_first(cx, &connection, sql)? {
        Ok((Some(statement), _)) => set(this, database, statement),
        Ok((None, _)) => {}
        Err(_) => payload.failed(cx, &connection, "Unable to prepare statement: ")?,
    }
    Ok(())
}

pub fn sq_lite3_stmt_param_count(cx: &mut Cx, this: &Object) -> Ret<i64> {
    Ok(i64::from(open(cx, this)?.statement.parameter_count()))
}

/// A closed statement is of no use to the database either.
pub fn sq_lite3_stmt_close(cx: &mut Cx, this: &Object) -> Ret<bool> {
    let open = open(cx, this)?;
    open.statement.finalize();
    *open.data.statement.borrow_mut() = None;
    *open.data.database.borrow_mut() = None;
    Ok(true)
}

pub fn sq_lite3_stmt_reset(cx: &mut Cx, this: &Object) -> Ret<bool> {
    let open = open(cx, this)?;
    if open.statement.reset() == SQLITE_OK {
        return Ok(true);
    }
    open.failed(cx, "Unable to reset statement: ").map(|()| false)
}

pub fn sq_lite3_stmt_clear(cx: &mut Cx, this: &Object) -> Ret<bool> {
    let open = open(cx, this)?;
    if open.statement.clear_bindings() != SQLITE_OK {
        return open.failed(cx, "Unable to clear statement: ").map(|()| false);
    }
    drop(open.data.bound.take());
    Ok(true)
}

pub fn sq_lite3_stmt_read_only(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(open(cx, this)?.statement.is_readonly())
}

pub fn sq_lite3_stmt_get_sql(cx: &mut Cx, this: &Object, expand: bool) -> Ret<OrFalse<PhpString>> {
    let open = open(cx, this)?;
    bind_all(cx, &open)?;
    let sql = if expand { open.statement.expanded_sql() } else { open.statement.sql() };
    Ok(OrFalse(sql))
}

fn bind(cx: &mut Cx, this: &Object, param: &Value, value: Value, kind: Option<i64>) -> Ret<bool> {
    let open = open(cx, this)?;
    let index = match param {
        Value::Int(index) => *index,
        other => {
            let name = cx.to_str(other)?;
            let known = matches!(name.first(), Some(b':' | b'@'));
            let name = if known { name } else { PhpString::concat(&[b":", &name]) };
            i64::from(open.statement.parameter_index(&name))
        }
    };
    if index < 1 {
        return Ok(false);
    }
    let kind = kind.unwrap_or_else(|| i64::from(natural_type(&value.deref())));
    let mut bound = open.data.bound.borrow_mut();
    bound.retain(|known| known.index != index);
    bound.push(Bound { index, value, kind });
    Ok(true)
}

/// The type a value has by itself.
fn natural_type(value: &Value) -> i32 {
    match value {
        Value::Int(_) | Value::Bool(_) => SQLITE_INTEGER,
        Value::Float(_) => SQLITE_FLOAT,
        Value::Null | Value::Undef => SQLITE_NULL,
        _ => SQLITE_TEXT,
    }
}

pub fn sq_lite3_stmt_bind_param(
    cx: &mut Cx,
    this: &Object,
    param: &Value,
    variable: &Reference,
    kind: Option<i64>,
) -> Ret<bool> {
    bind(cx, this, param, Value::Ref(variable.clone()), kind)
}

pub fn sq_lite3_stmt_bind_value(
    cx: &mut Cx,
    this: &Object,
    param: &Value,
    value: &Value,
    kind: Option<i64>,
) -> Ret<bool> {
    bind(cx, this, param, value.deref(), kind)
}

/// Hands all values to the library; what it does not take is warned of.
fn bind_all(cx: &mut Cx, open: &Open<'_>) -> Ret<bool> {
    let bound = open.data.bound.borrow().clone();
    for Bound { index, value, kind } in bound {
        let value = value.into_deref().or_null();
        let kind = i32::try_from(kind).unwrap_or(i32::MAX);
        let value = match kind {
            _ if value.is_null() => SqlValue::Null,
            SQLITE_NULL => SqlValue::Null,
            SQLITE_INTEGER => SqlValue::Int(cx.to_int(&value)?),
            SQLITE_FLOAT => SqlValue::Float(cx.to_float(&value)?),
            SQLITE_TEXT => SqlValue::Text(cx.to_str(&value)?),
            SQLITE_BLOB => match &value {
                Value::Resource(resource) => {
                    let Some(stream) = stream_of(resource) else {
                        return Err(outlast_ext_standard::stream::not_a_stream(cx, "stream"));
                    };
                    SqlValue::Blob(PhpString::new(&stream.contents(cx, None)?))
                }
                other => SqlValue::Blob(cx.to_str(other)?),
            },
            other => {
                let text = format!("Unknown parameter type: {other} for parameter {index}");
                if let Some(database) = open.database.data::<Database>() {
                    database.error(cx, 0, text.as_bytes())?;
                }
                return Ok(false);
            }
        };
        let at = i32::try_from(index).unwrap_or(i32::MAX);
        if open.statement.bind(at, &value) != SQLITE_OK
            && let Some(database) = open.database.data::<Database>()
        {
            let text = format!("Unable to bind parameter number {index}");
            database.error(cx, open.connection.code(), text.as_bytes())?;
        }
    }
    Ok(true)
}

pub fn sq_lite3_stmt_execute(cx: &mut Cx, this: &Object) -> Ret<OrFalse<Object>> {
    let open = open(cx, this)?;
    // Values cannot be bound while rows are pending.
    open.statement.reset();
    if !bind_all(cx, &open)? {
        return Ok(OrFalse(None));
    }
    if open.statement.step(cx)?.is_err() {
        open.failed(cx, NOT_EXECUTED)?;
        open.statement.reset();
        return Ok(OrFalse(None));
    }
    open.statement.reset();
    result::make(cx, this, false).map(|object| OrFalse(Some(object)))
}

//! Statements of SQLite.

use crate::driver::db_error;
use outlast_ext_pdo::{Attribute, DbError, DriverStatement, Outcome, Param};
use outlast_ext_sqlite::codes::{
    SQLITE_BLOB, SQLITE_FLOAT, SQLITE_INTEGER, SQLITE_NULL, SQLITE_OK, SQLITE_RANGE,
};
use outlast_ext_sqlite::{Connection, SqlValue, Statement};
use outlast_value::{PhpArray, PhpString, Value};
use outlast_vm::{Cx, Ret};
use std::cell::Cell;

/// `PDO::PARAM_…`
mod param {
    pub const NULL: i64 = 0;
    pub const INT: i64 = 1;
    pub const STR: i64 = 2;
    pub const LOB: i64 = 3;
    pub const STMT: i64 = 4;
    pub const BOOL: i64 = 5;
    pub const FLAGS: i64 = 0xFFFF_0000;
}

const ATTR_READONLY_STATEMENT: i64 = 1001;

/// A prepared statement.
pub struct Prepared {
    connection: Connection,
    /// `None`: the SQL had no statement.
    statement: Option<Statement>,
    /// The first row was fetched when it was executed.
    ahead: Cell<bool>,
    /// There are no more rows.
    done: Cell<bool>,
    changed: Cell<i64>,
}

impl Prepared {
    pub fn new(connection: &Connection, statement: Option<Statement>) -> Prepared {
        Prepared {
            connection: connection.clone(),
            statement,
            ahead: Cell::new(false),
            done: Cell::new(false),
            changed: Cell::new(0),
        }
    }

    fn error(&self) -> DbError {
        db_error(self.connection.failure())
    }

    fn bind(&self, cx: &mut Cx, statement: &Statement, param: &Param) -> Outcome<()> {
        let index = match &param.name {
            Some(name) => statement.parameter_index(name),
            None => i32::try_from(param.number + 1).unwrap_or(i32::MAX),
        };
        let value = param.value();
        let bound = match param.kind & !param::FLAGS {
            param::STMT => return Ok(Err(silent())),
            param::NULL => SqlValue::Null,
            _ if value.is_null() => SqlValue::Null,
            param::INT | param::BOOL => SqlValue::Int(cx.to_int(&value)?),
            param::LOB => match &value {
                Value::Str(bytes) => SqlValue::Blob(bytes.clone()),
                Value::Resource(_) => {
                    let message = PhpString::new(b"Expected a stream resource");
                    return Ok(Err(DbError { state: "HY105", code: 0, message }));
                }
                other => SqlValue::Text(cx.to_str(other)?),
            },
            _ => SqlValue::Text(cx.to_str(&value)?),
        };
        match statement.bind(index, &bound) {
            SQLITE_OK => Ok(Ok(())),
            _ => Ok(Err(self.error())),
        }
    }
}

/// A failure of which SQLite knows nothing.
fn silent() -> DbError {
    DbError { state: DbError::NONE, code: 0, message: PhpString::empty() }
}

impl DriverStatement for Prepared {
    fn execute(&self, cx: &mut Cx, params: &[Param], again: bool) -> Outcome<()> {
        let Some(statement) = &self.statement else { return Ok(Err(silent())) };
        if again && !self.done.get() || statement.is_busy() {
            statement.reset();
        }
        self.ahead.set(false);
        self.done.set(false);
        let count = statement.parameter_count().unsigned_abs() as usize;
        if params.len() > count {
            let message = PhpString::new(b"column index out of range");
            return Ok(Err(DbError { state: "HY000", code: i64::from(SQLITE_RANGE), message }));
        }
        for param in params {
            if let Err(error) = self.bind(cx, statement, param)? {
                return Ok(Err(error));
            }
        }
        match statement.step(cx)? {
            Ok(true) => self.ahead.set(true),
            Ok(false) => {
                self.done.set(true);
                self.changed.set(self.connection.changes());
                statement.reset();
            }
            Err(_) => {
                let error = self.error();
                statement.reset();
                return Ok(Err(error));
            }
        }
        Ok(Ok(()))
    }

    fn parameter_number(&self, name: &[u8]) -> i64 {
        let index = self.statement.as_ref().map(|statement| statement.parameter_index(name));
        index.map_or(-1, |index| i64::from(index) - 1)
    }

    fn fetch(&self, cx: &mut Cx) -> Outcome<bool> {
        let Some(statement) = &self.statement else { return Ok(Ok(false)) };
        if self.ahead.replace(false) {
            return Ok(Ok(true));
        }
        if self.done.get() {
            return Ok(Ok(false));
        }
        match statement.step(cx)? {
            Ok(true) => Ok(Ok(true)),
            Ok(false) => {
                self.done.set(true);
                statement.reset();
                Ok(Ok(false))
            }
            Err(_) => {
                let error = self.error();
                self.done.set(true);
                statement.reset();
                Ok(Err(error))
            }
        }
    }

    fn columns(&self) -> Vec<PhpString> {
        let Some(statement) = &self.statement else { return Vec::new() };
        (0..statement.column_count())
            .map(|column| statement.column_name(column).unwrap_or_default())
            .collect()
    }

    fn value(&self, _: &mut Cx, column: usize) -> Ret<Value> {
        Ok(self.statement.as_ref().map_or(Value::Null, |s| s.column(column).into_php()))
    }

    fn row_count(&self) -> i64 {
        self.changed.get()
    }

    fn column_meta(&self, _: &mut Cx, column: i64) -> Outcome<PhpArray> {
        let Some(statement) = &self.statement else { return Ok(Err(silent())) };
        let column = match usize::try_from(column) {
            Ok(column) if column < statement.column_count() => column,
            _ => return Ok(Err(self.error())),
        };
        let mut flags = PhpArray::new();
        let (name, kind) = match statement.column_type(column) {
            SQLITE_NULL => ("null", param::NULL),
            SQLITE_FLOAT => ("double", param::STR),
            SQLITE_INTEGER => ("integer", param::INT),
            other => {
                if other == SQLITE_BLOB {
                    flags = PhpArray::from_list(vec![Value::str("blob")]);
                }
                ("string", param::STR)
            }
        };
        let mut meta = PhpArray::new();
        meta.insert_str("native_type".into(), Value::str(name));
        meta.insert_str("pdo_type".into(), Value::Int(kind));
        if let Some(declared) = statement.declared_type(column) {
            meta.insert_str("sqlite:decl_type".into(), Value::Str(declared));
        }
        if let Some(table) = statement.table_name(column) {
            meta.insert_str("table".into(), Value::Str(table));
        }
        meta.insert_str("flags".into(), Value::Array(flags));
        Ok(Ok(meta))
    }

    fn close_cursor(&self, _: &mut Cx) -> Outcome<()> {
        if let Some(statement) = &self.statement {
            statement.reset();
        }
        Ok(Ok(()))
    }

    fn attribute(&self, _: &mut Cx, attribute: i64) -> Ret<Attribute<Value>> {
        Ok(match (attribute, &self.statement) {
            (ATTR_READONLY_STATEMENT, Some(statement)) => {
                Attribute::Done(Value::Bool(statement.is_readonly()))
            }
            _ => Attribute::Unknown,
        })
    }
}

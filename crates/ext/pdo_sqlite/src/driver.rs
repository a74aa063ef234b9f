//! Connections to SQLite.

use crate::statement::Prepared;
use outlast_ext_pdo::{
    Attribute, Callback, DbError, Driver, DriverKind, DriverStatement, Outcome, driver_of,
    int_attribute,
};
use outlast_ext_sqlite::codes::{
    SQLITE_CANTOPEN, SQLITE_OK, SQLITE_OPEN_CREATE, SQLITE_OPEN_READWRITE, SQLITE_OPEN_URI,
};
use outlast_ext_sqlite::php::{self, Callbacks, PhpAggregate};
use outlast_ext_sqlite::{Connection, Failure, Statement, paths, version};
use outlast_value::{Object, PhpArray, PhpString, Value};
use outlast_vm::{Cx, ObjectClass, Ret};
use std::any::Any;
use std::rc::Rc;
use std::time::Duration;

/// `PDO::ATTR_…` and `Pdo\Sqlite::ATTR_…`
mod attr {
    pub const TIMEOUT: i64 = 2;
    pub const SERVER_VERSION: i64 = 4;
    pub const CLIENT_VERSION: i64 = 5;
    pub const CURSOR: i64 = 10;
    pub const OPEN_FLAGS: i64 = 1000;
    pub const EXTENDED_RESULT_CODES: i64 = 1002;
}

const CURSOR_FORWARD_ONLY: i64 = 0;

/// How long a lock is waited for, unless the script says otherwise.
const TIMEOUT: Duration = Duration::from_secs(60);

/// SQLite, for PDO.
pub static SQLITE: &dyn DriverKind = &Kind;

struct Kind;

/// An error of the library in PDO's terms.
pub fn db_error(failure: Failure) -> DbError {
    // The first byte is the primary code.
    let state = match failure.code & 0xFF {
        SQLITE_OK => DbError::NONE,
        9 => "01002",
        12 => "42S02",
        18 => "22001",
        19 if failure.code == 19 => "23000",
        22 => "HYC00",
        _ => "HY000",
    };
    DbError { state, code: i64::from(failure.code), message: failure.message }
}

impl DriverKind for Kind {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn class(&self) -> &'static str {
        "Pdo\\Sqlite"
    }

    fn connect(
        &self,
        cx: &mut Cx,
        source: &PhpString,
        _user: Option<&PhpString>,
        _password: Option<&PhpString>,
        options: &PhpArray,
    ) -> Outcome<Rc<dyn Driver>> {
        let Some(path) = paths::located(cx, source) else {
            if !source.starts_with(b"file:") {
                let restriction = paths::restriction(cx, source);
                let text = [b"PDO::__construct(): ", restriction.as_slice()].concat();
                let _pending = outlast_ext_pdo::throw_exception(cx, &text, Value::Int(0), None);
            }
            let text = [b"open_basedir prohibits opening ", source.as_bytes()].concat();
            return Err(outlast_ext_pdo::throw_exception(cx, &text, Value::Int(0), None));
        };
        let option = |cx: &mut Cx, name, default| match options.get_int(name) {
            Some(value) => int_attribute(cx, &value.deref()),
            None => Ok(default),
        };
        let default = i64::from(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
        let flags = option(cx, attr::OPEN_FLAGS, default)? as i32 | SQLITE_OPEN_URI;
        let timeout = option(cx, attr::TIMEOUT, TIMEOUT.as_secs() as i64)?;
        match Connection::open(cx, &path, flags, seconds(timeout)) {
            Ok(connection) => {
                paths::confine(cx, &connection);
                Ok(Ok(Rc::new(Database { connection, callbacks: Callbacks::default() })))
            }
            Err(mut failure) => {
                if failure.code == SQLITE_OK {
                    failure.code = SQLITE_CANTOPEN;
                }
                Ok(Err(db_error(failure)))
            }
        }
    }
}

fn seconds(count: i64) -> Duration {
    Duration::from_secs(u64::try_from(count).unwrap_or(0))
}

/// A connection.
pub struct Database {
    pub connection: Connection,
    callbacks: Callbacks,
}

impl Database {
    fn run(&self, cx: &mut Cx, sql: &[u8]) -> Outcome<()> {
        match self.connection.exec(cx, sql)? {
            SQLITE_OK => Ok(Ok(())),
            _ => Ok(Err(db_error(self.connection.failure()))),
        }
    }
}

/// The connection of a `PDO` object.
pub fn connection_of(cx: &mut Cx, object: &Object) -> Ret<Connection> {
    if let Some(driver) = driver_of(object)
        && let Some(database) = driver.as_any().downcast_ref::<Database>()
    {
        return Ok(database.connection.clone());
    }
    let class = object.class().display_name();
    Err(cx.throw_error(format!("{class} object is uninitialized")))
}

impl Driver for Database {
    fn prepare(
        &self,
        cx: &mut Cx,
        sql: &PhpString,
        options: &PhpArray,
    ) -> Outcome<Rc<dyn DriverStatement>> {
        if let Some(cursor) = options.get_int(attr::CURSOR)
            && int_attribute(cx, &cursor.deref())? != CURSOR_FORWARD_ONLY
        {
            // PHP keeps the code of an error and raises none.
            let failure = Failure { code: SQLITE_OK, message: PhpString::empty() };
            return Ok(Err(db_error(failure)));
        }
        let end = sql.iter().position(|b| *b == 0).unwrap_or(sql.len());
        match Statement::prepare_first(cx, &self.connection, &sql[..end])? {
            Ok((statement, _)) => Ok(Ok(Rc::new(Prepared::new(&self.connection, statement)))),
            Err(_) => Ok(Err(db_error(self.connection.failure()))),
        }
    }

    fn exec(&self, cx: &mut Cx, sql: &PhpString) -> Outcome<i64> {
        Ok(self.run(cx, sql)?.map(|()| self.connection.changes()))
    }

    fn quote(&self, _: &mut Cx, text: &PhpString, _: i64) -> Ret<Option<PhpString>> {
        Ok(Some(PhpString::concat(&[b"'", &outlast_ext_sqlite::escaped(text), b"'"])))
    }

    fn begin(&self, cx: &mut Cx) -> Outcome<()> {
        self.run(cx, b"BEGIN")
    }

    fn commit(&self, cx: &mut Cx) -> Outcome<()> {
        self.run(cx, b"COMMIT")
    }

    fn roll_back(&self, cx: &mut Cx) -> Outcome<()> {
        self.run(cx, b"ROLLBACK")
    }

    fn in_transaction(&self) -> bool {
        self.connection.in_transaction()
    }

    fn last_insert_id(&self, _: &mut Cx, _: Option<&PhpString>) -> Outcome<PhpString> {
        Ok(Ok(PhpString::new(self.connection.last_insert_id().to_string().as_bytes())))
    }

    fn attribute(&self, _: &mut Cx, attribute: i64) -> Ret<Attribute<Value>> {
        Ok(match attribute {
            attr::SERVER_VERSION | attr::CLIENT_VERSION => Attribute::Done(Value::str(version())),
            _ => Attribute::Unknown,
        })
    }

    fn set_attribute(&self, cx: &mut Cx, attribute: i64, value: &Value) -> Ret<Attribute<bool>> {
        match attribute {
            attr::TIMEOUT => self.connection.set_timeout(seconds(int_attribute(cx, value)?)),
            attr::EXTENDED_RESULT_CODES => {
                let on = int_attribute(cx, value)? != 0;
                self.connection.set_extended_codes(on);
            }
            _ => return Ok(Attribute::Unknown),
        }
        Ok(Attribute::Done(true))
    }

    fn define(&self, cx: &mut Cx, name: &PhpString, count: i64, callback: Callback) -> Ret<bool> {
        let hold = |callable| self.callbacks.hold(callable);
        let count = i32::try_from(count).unwrap_or(i32::MAX);
        let code = match callback {
            Callback::Function { function, flags } => {
                let function = php::function(hold(&function));
                self.connection.create_function(cx, name, count, flags as i32, function)?
            }
            Callback::Aggregate { step, finalize } => {
                let (step, finish) = (hold(&step), hold(&finalize));
                let aggregate = PhpAggregate { step, finish, told: |rows| rows + 1 };
                self.connection.create_aggregate(cx, name, count, Box::new(aggregate))?
            }
            Callback::Collation(collation) => {
                let collation = php::collation(hold(&collation), |cx, result| match result {
                    Value::Int(_) => Ok(()),
                    other => {
                        let given = cx.value_type_name(other);
                        let function = cx.running_native().map(|f| f.display_name());
                        let function = function.unwrap_or_default();
                        Err(cx.throw_type_error(format!(
                            "{function}(): Return value of the callback must be of type int, \
                             {given} returned"
                        )))
                    }
                });
                self.connection.create_collation(cx, name, collation)?
            }
        };
        Ok(code == SQLITE_OK)
    }

    fn recycle(&self) -> bool {
        // What the script has defined would call into it.
        self.connection.roll_back_now() && self.callbacks.is_empty()
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        self.callbacks.trace(visit);
    }

    fn clear(&self) {
        self.callbacks.clear();
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

//! What a database has to do to be reached through PDO.

use outlast_value::{Object, PhpArray, PhpString, Reference, Value};
use outlast_vm::{Callable, Cx, Ret};
use std::any::Any;
use std::rc::Rc;
use std::sync::RwLock;

/// An error as the driver tells it.
#[derive(Clone, Debug)]
pub struct DbError {
    /// SQLSTATE; [`DbError::NONE`]: something failed of which the database knows nothing.
    pub state: &'static str,
    /// The database's own code.
    pub code: i64,
    /// The database's message.
    pub message: PhpString,
}

impl DbError {
    /// The SQLSTATE of success.
    pub const NONE: &'static str = "00000";
}

/// The result of a call that may run PHP code or end the script, and that the database may refuse.
pub type Outcome<T> = Ret<Result<T, DbError>>;

/// A way to connect to databases of one kind.
pub trait DriverKind: Sync {
    /// The prefix of data source names.
    fn name(&self) -> &'static str;
    /// The subclass of `PDO` for these databases.
    fn class(&self) -> &'static str;
    /// Connects; `source` is the data source name behind its prefix.
    fn connect(
        &self,
        cx: &mut Cx,
        source: &PhpString,
        user: Option<&PhpString>,
        password: Option<&PhpString>,
        options: &PhpArray,
    ) -> Outcome<Rc<dyn Driver>>;
}

static KINDS: RwLock<Vec<&'static dyn DriverKind>> = RwLock::new(Vec::new());

/// Makes a kind of database known to PDO; once is enough, for the whole process.
pub fn register(kind: &'static dyn DriverKind) {
    let mut kinds = KINDS.write().unwrap_or_else(std::sync::PoisonError::into_inner);
    if kinds.iter().all(|known| known.name() != kind.name()) {
        kinds.push(kind);
    }
}

/// All known kinds of databases.
pub fn kinds() -> Vec<&'static dyn DriverKind> {
    KINDS.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
}

/// What happened to an attribute.
pub enum Attribute<T> {
    /// It was read or set.
    Done(T),
    /// The driver does not have it.
    Unknown,
}

/// The callbacks that older programs define through `PDO` itself (`sqliteCreate…`).
pub enum Callback {
    Function { function: Callable, flags: i64 },
    Aggregate { step: Callable, finalize: Callable },
    Collation(Callable),
}

/// A connection.
pub trait Driver: Any {
    /// Prepares a statement.
    fn prepare(
        &self,
        cx: &mut Cx,
        sql: &PhpString,
        options: &PhpArray,
    ) -> Outcome<Rc<dyn DriverStatement>>;
    /// Runs SQL that returns no rows; how many it changed.
    fn exec(&self, cx: &mut Cx, sql: &PhpString) -> Outcome<i64>;
    /// A text as SQL literal; `None`: this cannot be done.
    fn quote(&self, cx: &mut Cx, text: &PhpString, kind: i64) -> Ret<Option<PhpString>>;
    /// Begins a transaction.
    fn begin(&self, cx: &mut Cx) -> Outcome<()>;
    /// Commits it.
    fn commit(&self, cx: &mut Cx) -> Outcome<()>;
    /// Rolls it back.
    fn roll_back(&self, cx: &mut Cx) -> Outcome<()>;
    /// Whether one is open.
    fn in_transaction(&self) -> bool;
    /// The id of the row inserted last.
    fn last_insert_id(&self, cx: &mut Cx, name: Option<&PhpString>) -> Outcome<PhpString>;
    /// An attribute of the driver.
    fn attribute(&self, cx: &mut Cx, attribute: i64) -> Ret<Attribute<Value>>;
    /// Sets one.
    fn set_attribute(&self, cx: &mut Cx, attribute: i64, value: &Value) -> Ret<Attribute<bool>>;
    /// Defines a callback.
    fn define(&self, cx: &mut Cx, name: &PhpString, count: i64, callback: Callback) -> Ret<bool>;
    /// A script has given up a persistent connection: takes back what it has begun. False: the connection cannot
    /// serve another script.
    fn recycle(&self) -> bool;
    /// Values that callbacks hold, for the cycle collector.
    fn trace(&self, visit: &mut dyn FnMut(&Value));
    /// Lets them go.
    fn clear(&self);
    /// For downcasting.
    fn as_any(&self) -> &dyn Any;
}

/// Where the value of a parameter is.
#[derive(Clone)]
pub enum Source {
    /// A variable, read when the statement is executed.
    Variable(Reference),
    /// A value.
    Value(Value),
}

/// A bound parameter.
#[derive(Clone)]
pub struct Param {
    /// Its name, with the colon.
    pub name: Option<PhpString>,
    /// Its position from 0; of a named one -1 until it is known.
    pub number: i64,
    /// Its value.
    pub source: Source,
    /// `PDO::PARAM_…`
    pub kind: i64,
}

impl Param {
    /// The value it has now.
    pub fn value(&self) -> Value {
        match &self.source {
            Source::Variable(reference) => reference.get().into_deref().or_null(),
            Source::Value(value) => value.clone(),
        }
    }
}

/// A prepared statement.
pub trait DriverStatement: Any {
    /// Binds the parameters and runs it. Its columns are known behind this.
    fn execute(&self, cx: &mut Cx, params: &[Param], again: bool) -> Outcome<()>;
    /// The position, from 0, of a named parameter; -1 if there is none.
    fn parameter_number(&self, name: &[u8]) -> i64;
    /// Goes to the next row; false: there is none.
    fn fetch(&self, cx: &mut Cx) -> Outcome<bool>;
    /// Names of the columns.
    fn columns(&self) -> Vec<PhpString>;
    /// A value of the current row.
    fn value(&self, cx: &mut Cx, column: usize) -> Ret<Value>;
    /// How many rows it changed.
    fn row_count(&self) -> i64;
    /// What is known about a column: what stands before name, length and precision.
    fn column_meta(&self, cx: &mut Cx, column: i64) -> Outcome<PhpArray>;
    /// Gives up the rest of the rows.
    fn close_cursor(&self, cx: &mut Cx) -> Outcome<()>;
    /// An attribute of the driver.
    fn attribute(&self, cx: &mut Cx, attribute: i64) -> Ret<Attribute<Value>>;
}

/// The driver behind a `PDO` object, if it is connected.
pub fn driver_of(object: &Object) -> Option<Rc<dyn Driver>> {
    object.data::<crate::handle::Handle>().and_then(|handle| handle.driver.borrow().clone())
}

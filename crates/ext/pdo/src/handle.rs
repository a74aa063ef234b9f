//! `PDO`: a connection.

use crate::attributes::{self, attr};
use crate::driver::{Attribute, Callback, Driver, DriverKind, kinds};
use crate::error::{self, Errors};
use crate::fetch::Plan;
use crate::persistent::{self, Lease};
use crate::statement;
use outlast_value::{Key, Object, ObjectData, PhpArray, PhpString, Value};
use outlast_vm::{Callable, ClassRef, Cx, ObjectClass, ObjectHandlers, OrFalse, Ret};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

pub static PDO_HANDLERS: ObjectHandlers =
    ObjectHandlers { create: Some(create), uncloneable: true, ..ObjectHandlers::STANDARD };

/// The payload of a `PDO` object.
pub struct Handle {
    /// `None` until connected.
    pub driver: RefCell<Option<Rc<dyn Driver>>>,
    kind: Cell<Option<&'static dyn DriverKind>>,
    /// The driver's, if its connection is a persistent one.
    lease: RefCell<Option<Rc<Lease>>>,
    pub errors: Errors,
    pub error_mode: Cell<i64>,
    /// `PDO::CASE_…` of column names.
    pub case: Cell<i64>,
    /// `PDO::NULL_…`
    pub nulls: Cell<i64>,
    /// All values are fetched as strings.
    pub stringify: Cell<bool>,
    pub fetch_mode: Cell<i64>,
    /// The class of statements and the arguments of its constructor.
    pub statement_class: RefCell<(Option<ClassRef>, Option<PhpArray>)>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        // Who else has the connection in this script has it without the transaction, as in PHP.
        if let Some(lease) = self.lease.get_mut() {
            lease.driver().recycle();
        }
        self.driver.take();
    }
}

impl ObjectData for Handle {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        if let Some(driver) = &*self.driver.borrow() {
            driver.trace(visit);
        }
        if let (_, Some(args)) = &*self.statement_class.borrow() {
            visit(&Value::Array(args.clone()));
        }
    }
    fn clear(&self) {
        if let Some(driver) = &*self.driver.borrow() {
            driver.clear();
        }
        *self.statement_class.borrow_mut() = (None, None);
    }
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

fn create(_: &mut Cx, object: &Object) -> Ret<()> {
    object.set_data(Box::new(Handle {
        driver: RefCell::new(None),
        kind: Cell::new(None),
        lease: RefCell::new(None),
        errors: Errors::default(),
        error_mode: Cell::new(error::mode::EXCEPTION),
        case: Cell::new(0),
        nulls: Cell::new(0),
        stringify: Cell::new(false),
        fetch_mode: Cell::new(crate::fetch::mode::BOTH),
        statement_class: RefCell::new((None, None)),
    }));
    Ok(())
}

/// The payload of a connected object.
pub fn handle<'o>(cx: &mut Cx, object: &'o Object) -> Ret<(&'o Handle, Rc<dyn Driver>)> {
    if let Some(handle) = object.data::<Handle>()
        && let Some(driver) = handle.driver.borrow().clone()
    {
        return Ok((handle, driver));
    }
    let class = object.class().display_name();
    Err(cx.throw_error(format!("{class} object is uninitialized")))
}

/// The same, errors of before being forgotten.
fn begin_call<'o>(cx: &mut Cx, object: &'o Object) -> Ret<(&'o Handle, Rc<dyn Driver>)> {
    let (handle, driver) = handle(cx, object)?;
    handle.errors.reset();
    Ok((handle, driver))
}

impl Handle {
    /// Whether its connection outlives the script.
    pub fn is_persistent(&self) -> bool {
        self.lease.borrow().is_some()
    }

    /// Reports an error of the database.
    pub fn fail(&self, cx: &mut Cx, error: crate::DbError) -> Ret<()> {
        self.errors.fail(cx, self.error_mode.get(), error)
    }

    /// Reports an error of PDO itself.
    pub fn refuse(&self, cx: &mut Cx, state: &'static str, text: &str) -> Ret<()> {
        self.errors.refuse(cx, self.error_mode.get(), state, text)
    }
}

/// The kind of database and the rest of a data source name.
fn resolve(cx: &mut Cx, dsn: &PhpString) -> Ret<(&'static dyn DriverKind, PhpString)> {
    let mut name = dsn.clone();
    if !name.contains(&b':') {
        let setting = [b"pdo.dsn.", name.as_bytes()].concat();
        match cx.ini.base().config(&setting) {
            Some(found) => name = PhpString::new(found),
            None => return Err(cx.arg_error("PDOException", 1, NO_SOURCE)),
        }
    }
    if let Some(uri) = name.strip_prefix(b"uri:") {
        let uri = uri.to_vec();
        cx.deprecated("Looking up the DSN from a URI is deprecated due to possible security concerns with DSNs coming from remote URIs")?;
        let stream = outlast_ext_standard::stream::open(cx, &uri, b"rb", Default::default())?;
        let Some(stream) = stream else {
            return Err(cx.arg_error("PDOException", 1, "must be a valid data source URI"));
        };
        let line = stream.line(cx, None)?.unwrap_or_default();
        stream.close(cx)?;
        name = PhpString::new(line.trim_ascii_end());
    }
    let Some(colon) = name.iter().position(|b| *b == b':') else {
        return Err(cx.arg_error("PDOException", 1, NO_SOURCE));
    };
    match kinds().into_iter().find(|kind| kind.name().as_bytes() == &name[..colon]) {
        Some(kind) => Ok((kind, PhpString::new(&name[colon + 1..]))),
        None => Err(error::throw(cx, b"could not find driver", Value::Int(0), None)),
    }
}

const NO_SOURCE: &str = "must be a valid data source name";

fn connect(
    cx: &mut Cx,
    this: &Object,
    (kind, source): (&'static dyn DriverKind, PhpString),
    user: Option<&PhpString>,
    password: Option<&PhpString>,
    options: Option<&PhpArray>,
) -> Ret<()> {
    let Some(handle) = this.data::<Handle>() else { return Ok(()) };
    let options = options.cloned().unwrap_or_default();
    if let Some(mode) = options.get_int(attr::ERRMODE) {
        // The database may have to report errors while it connects.
        attributes::set(cx, handle, None, attr::ERRMODE, &mode.deref())?;
    }
    let connected = match persistent::Source::wanted(cx, &options)? {
        Some(name) => {
            let key = persistent::Source::new(cx, kind, &source, user, password, name);
            let connect = |cx: &mut Cx| kind.connect(cx, &source, user, password, &options);
            persistent::lease(cx, key, connect)?.map(|lease| {
                let driver = lease.driver().clone();
                *handle.lease.borrow_mut() = Some(lease);
                driver
            })
        }
        None => kind.connect(cx, &source, user, password, &options)?,
    };
    let driver = connected.map_err(|error| error::not_connected(cx, &error))?;
    *handle.driver.borrow_mut() = Some(driver.clone());
    handle.kind.set(Some(kind));
    for (key, value) in options.into_entries() {
        if let Key::Int(attribute) = key
            && attribute != attr::PERSISTENT
        {
            attributes::set(cx, handle, Some(&driver), attribute, &value.into_deref())?;
        }
    }
    Ok(())
}

pub fn pdo_construct(
    cx: &mut Cx,
    this: &Object,
    dsn: &PhpString,
    user: Option<&PhpString>,
    password: Option<&PhpString>,
    options: Option<PhpArray>,
) -> Ret<()> {
    let found = resolve(cx, dsn)?;
    if let Some(class) = driver_class(this.class())
        && !class.eq_ignore_ascii_case(found.0.class())
    {
        let (own, name) = (this.class().display_name(), found.0.name());
        let text = format!(
            "{own}::__construct() cannot be used for connecting to the \"{name}\" driver, either \
             call {}::__construct() or PDO::__construct() instead",
            found.0.class()
        );
        return Err(error::throw(cx, text.as_bytes(), Value::Int(0), None));
    }
    connect(cx, this, found, user, password, options.as_ref())
}

/// The class of a driver that a class is or extends.
fn driver_class(class: ClassRef) -> Option<&'static str> {
    let mut at = Some(class);
    while let Some(class) = at {
        let name = class.display_name();
        if let Some(kind) = kinds().into_iter().find(|k| k.class().eq_ignore_ascii_case(&name)) {
            return Some(kind.class());
        }
        at = class.parent;
    }
    None
}

pub fn pdo_connect(
    cx: &mut Cx,
    called: Option<ClassRef>,
    dsn: &PhpString,
    user: Option<&PhpString>,
    password: Option<&PhpString>,
    options: Option<PhpArray>,
) -> Ret<Object> {
    let found = resolve(cx, dsn)?;
    let wanted = cx.class_or_throw(&PhpString::new(found.0.class().as_bytes()))?;
    let class = match called {
        Some(called) if called.is_subclass_of_or_same(wanted) => called,
        Some(called) if !called.name.eq_ignore_ascii_case(b"PDO") => {
            let (own, name, right) = (called.display_name(), found.0.name(), wanted.display_name());
            let text = format!(
                "{own}::connect() cannot be used for connecting to the \"{name}\" driver, either \
                 call {right}::connect() or PDO::connect() instead"
            );
            return Err(error::throw(cx, text.as_bytes(), Value::Int(0), None));
        }
        _ => wanted,
    };
    let object = cx.instantiate(class)?;
    connect(cx, &object, found, user, password, options.as_ref())?;
    Ok(object)
}

pub fn pdo_begin_transaction(cx: &mut Cx, this: &Object) -> Ret<bool> {
    let (handle, driver) = begin_call(cx, this)?;
    if driver.in_transaction() {
        let text = b"There is already an active transaction";
        return Err(error::throw(cx, text, Value::Int(0), None));
    }
    let result = driver.begin(cx)?;
    done(cx, handle, result)
}

/// Ends a transaction.
fn end(
    cx: &mut Cx,
    this: &Object,
    end: impl FnOnce(&mut Cx, &dyn Driver) -> crate::Outcome<()>,
) -> Ret<bool> {
    let (handle, driver) = begin_call(cx, this)?;
    if !driver.in_transaction() {
        return Err(error::throw(cx, b"There is no active transaction", Value::Int(0), None));
    }
    let result = end(cx, &*driver)?;
    done(cx, handle, result)
}

fn done(cx: &mut Cx, handle: &Handle, result: Result<(), crate::DbError>) -> Ret<bool> {
    match result {
        Ok(()) => Ok(true),
        Err(error) => handle.fail(cx, error).map(|()| false),
    }
}

pub fn pdo_commit(cx: &mut Cx, this: &Object) -> Ret<bool> {
    end(cx, this, |cx, driver| driver.commit(cx))
}

pub fn pdo_roll_back(cx: &mut Cx, this: &Object) -> Ret<bool> {
    end(cx, this, |cx, driver| driver.roll_back(cx))
}

pub fn pdo_in_transaction(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(handle(cx, this)?.1.in_transaction())
}

pub fn pdo_error_code(cx: &mut Cx, this: &Object) -> Ret<Option<PhpString>> {
    Ok(handle(cx, this)?.0.errors.code())
}

pub fn pdo_error_info(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    Ok(handle(cx, this)?.0.errors.info())
}

pub fn pdo_exec(cx: &mut Cx, this: &Object, statement: &PhpString) -> Ret<OrFalse<i64>> {
    if statement.is_empty() {
        return Err(cx.arg_value_error(1, "must not be empty"));
    }
    let (handle, driver) = begin_call(cx, this)?;
    match driver.exec(cx, statement)? {
        Ok(count) => Ok(OrFalse(Some(count))),
        Err(error) => handle.fail(cx, error).map(|()| OrFalse(None)),
    }
}

pub fn pdo_get_available_drivers(_: &mut Cx) -> Ret<PhpArray> {
    Ok(kinds().into_iter().map(|kind| Value::str(kind.name())).collect())
}

/// `pdo_drivers()`
pub fn pdo_drivers(cx: &mut Cx) -> Ret<PhpArray> {
    pdo_get_available_drivers(cx)
}

pub fn pdo_last_insert_id(
    cx: &mut Cx,
    this: &Object,
    name: Option<&PhpString>,
) -> Ret<OrFalse<PhpString>> {
    let (handle, driver) = begin_call(cx, this)?;
    match driver.last_insert_id(cx, name)? {
        Ok(id) => Ok(OrFalse(Some(id))),
        Err(error) => handle.fail(cx, error).map(|()| OrFalse(None)),
    }
}

pub fn pdo_quote(
    cx: &mut Cx,
    this: &Object,
    text: &PhpString,
    kind: i64,
) -> Ret<OrFalse<PhpString>> {
    let (_, driver) = begin_call(cx, this)?;
    Ok(OrFalse(driver.quote(cx, text, kind)?))
}

pub fn pdo_prepare(
    cx: &mut Cx,
    this: &Object,
    query: &PhpString,
    options: PhpArray,
) -> Ret<OrFalse<Object>> {
    if query.is_empty() {
        return Err(cx.arg_value_error(1, "must not be empty"));
    }
    let (handle, driver) = begin_call(cx, this)?;
    let (class, args) = match options.get_int(attr::STATEMENT_CLASS).map(Value::deref) {
        Some(wanted) => attributes::statement_class(cx, &wanted)?,
        None => handle.statement_class.borrow().clone(),
    };
    let prepared = match driver.prepare(cx, query, &options)? {
        Ok(prepared) => prepared,
        Err(error) => return handle.fail(cx, error).map(|()| OrFalse(None)),
    };
    let object = statement::make(cx, this, handle, query, prepared, class)?;
    statement::construct(cx, &object, args)?;
    Ok(OrFalse(Some(object)))
}

pub fn pdo_query(
    cx: &mut Cx,
    this: &Object,
    query: &PhpString,
    mode: Option<i64>,
    args: &[Value],
) -> Ret<OrFalse<Object>> {
    if query.is_empty() {
        return Err(cx.arg_value_error(1, "must not be empty"));
    }
    let (handle, driver) = begin_call(cx, this)?;
    let (class, class_args) = handle.statement_class.borrow().clone();
    let prepared = match driver.prepare(cx, query, &PhpArray::new())? {
        Ok(prepared) => prepared,
        Err(error) => return handle.fail(cx, error).map(|()| OrFalse(None)),
    };
    let object = statement::make(cx, this, handle, query, prepared, class)?;
    let data = statement::data(cx, &object)?;
    if let Some(mode) = mode {
        *data.plan.borrow_mut() = Plan::from_arguments(cx, data, mode, 2, args)?;
    }
    let executed = statement::run(cx, data);
    handle.errors.copy(&data.errors);
    if !executed? {
        return Ok(OrFalse(None));
    }
    statement::construct(cx, &object, class_args)?;
    Ok(OrFalse(Some(object)))
}

pub fn pdo_get_attribute(cx: &mut Cx, this: &Object, attribute: i64) -> Ret<Value> {
    let (handle, driver) = begin_call(cx, this)?;
    Ok(match attribute {
        attr::PERSISTENT => Value::Bool(handle.is_persistent()),
        attr::CASE => Value::Int(handle.case.get()),
        attr::ORACLE_NULLS => Value::Int(handle.nulls.get()),
        attr::ERRMODE => Value::Int(handle.error_mode.get()),
        attr::DRIVER_NAME => Value::str(handle.kind.get().map_or("", DriverKind::name)),
        attr::STATEMENT_CLASS => {
            let (class, args) = handle.statement_class.borrow().clone();
            let name = class.map_or_else(|| "PDOStatement".to_owned(), |c| c.display_name());
            let mut list = vec![Value::str(name)];
            list.extend(args.map(Value::Array));
            Value::Array(PhpArray::from_list(list))
        }
        attr::DEFAULT_FETCH_MODE => Value::Int(handle.fetch_mode.get()),
        attr::STRINGIFY_FETCHES => Value::Bool(handle.stringify.get()),
        _ => match driver.attribute(cx, attribute)? {
            Attribute::Done(value) => value,
            Attribute::Unknown => {
                handle.refuse(cx, "IM001", "driver does not support that attribute")?;
                Value::Bool(false)
            }
        },
    })
}

pub fn pdo_set_attribute(cx: &mut Cx, this: &Object, attribute: i64, value: &Value) -> Ret<bool> {
    let (handle, driver) = begin_call(cx, this)?;
    attributes::set(cx, handle, Some(&driver), attribute, value)
}

/// `PDO::sqliteCreateFunction()`
pub fn pdo_sqlite_create_function(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
    function: &Callable,
    count: i64,
    flags: i64,
) -> Ret<bool> {
    let (_, driver) = begin_call(cx, this)?;
    let callback = Callback::Function { function: function.clone(), flags };
    driver.define(cx, name, count, callback)
}

/// `PDO::sqliteCreateAggregate()`
pub fn pdo_sqlite_create_aggregate(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
    step: &Callable,
    finalize: &Callable,
    count: i64,
) -> Ret<bool> {
    let (_, driver) = begin_call(cx, this)?;
    let callback = Callback::Aggregate { step: step.clone(), finalize: finalize.clone() };
    driver.define(cx, name, count, callback)
}

/// `PDO::sqliteCreateCollation()`
pub fn pdo_sqlite_create_collation(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
    collation: &Callable,
) -> Ret<bool> {
    let (_, driver) = begin_call(cx, this)?;
    driver.define(cx, name, 0, Callback::Collation(collation.clone()))
}

/// The error mode of a connection, for drivers that report by themselves.
pub fn handle_error_mode(object: &Object) -> i64 {
    object.data::<Handle>().map_or(error::mode::EXCEPTION, |handle| handle.error_mode.get())
}

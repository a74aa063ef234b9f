//! `PDOStatement`.

use crate::attributes::attr;
use crate::columns::{self, param};
use crate::driver::{Attribute, DbError, DriverStatement, Param, Source};
use crate::error::{Errors, mode as error_mode};
use crate::fetch::{self, Plan, Rows, mode};
use crate::handle::Handle;
use outlast_ext_standard::stream::stream_of;
use outlast_value::{Key, Object, ObjectData, PhpArray, PhpString, Reference, Value};
use outlast_vm::{ClassRef, Cx, NativeIterator, ObjectClass, ObjectHandlers, OrFalse, Ret};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

pub static STATEMENT_HANDLERS: ObjectHandlers = ObjectHandlers {
    create: Some(create),
    uncloneable: true,
    iterate: Some(iterate),
    ..ObjectHandlers::STANDARD
};

/// A variable that takes the value of a column.
#[derive(Clone)]
pub struct BoundColumn {
    /// Its name, if it was bound by that.
    pub name: Option<PhpString>,
    /// Its number from 0, else -1.
    pub number: i64,
    pub target: Reference,
    pub kind: i64,
}

/// The payload of a `PDOStatement`.
pub struct StatementData {
    /// The `PDO` object; `None`: not prepared.
    pdo: RefCell<Option<Object>>,
    pub driver: RefCell<Option<Rc<dyn DriverStatement>>>,
    query: RefCell<PhpString>,
    pub errors: Errors,
    /// It was executed, and its rows may be fetched.
    pub executed: Cell<bool>,
    /// It was executed before.
    used: Cell<bool>,
    /// Names of the columns.
    pub columns: RefCell<Rc<[PhpString]>>,
    params: RefCell<Vec<Param>>,
    pub bound_columns: RefCell<Vec<BoundColumn>>,
    /// How rows are fetched.
    pub plan: RefCell<Plan>,
}

impl ObjectData for StatementData {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        if let Some(pdo) = &*self.pdo.borrow() {
            visit(&Value::Object(pdo.clone()));
        }
        for param in &*self.params.borrow() {
            match &param.source {
                Source::Variable(reference) => visit(&Value::Ref(reference.clone())),
                Source::Value(value) => visit(value),
            }
        }
        for column in &*self.bound_columns.borrow() {
            visit(&Value::Ref(column.target.clone()));
        }
        self.plan.borrow().trace(visit);
    }
    fn clear(&self) {
        drop(self.driver.borrow_mut().take());
        let held = (
            self.pdo.take(),
            self.params.take(),
            self.bound_columns.take(),
            self.plan.replace(Plan::plain(mode::BOTH)),
        );
        drop(held);
    }
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

fn create(_: &mut Cx, object: &Object) -> Ret<()> {
    object.set_data(Box::new(StatementData {
        pdo: RefCell::new(None),
        driver: RefCell::new(None),
        query: RefCell::new(PhpString::empty()),
        errors: Errors::default(),
        executed: Cell::new(false),
        used: Cell::new(false),
        columns: RefCell::new(Rc::new([])),
        params: RefCell::default(),
        bound_columns: RefCell::default(),
        plan: RefCell::new(Plan::plain(mode::BOTH)),
    }));
    Ok(())
}

impl StatementData {
    /// Lets `f` look at the connection.
    pub fn with_handle<R>(&self, f: impl FnOnce(Option<&Handle>) -> R) -> R {
        let pdo = self.pdo.borrow().clone();
        f(pdo.as_ref().and_then(|pdo| pdo.data::<Handle>()))
    }

    fn error_mode(&self) -> i64 {
        self.with_handle(|handle| handle.map_or(error_mode::EXCEPTION, |h| h.error_mode.get()))
    }

    /// Reports an error of the database.
    pub fn fail(&self, cx: &mut Cx, error: DbError) -> Ret<()> {
        self.errors.fail(cx, self.error_mode(), error)
    }

    /// Reports an error of PDO itself.
    pub fn refuse(&self, cx: &mut Cx, state: &'static str, text: &str) -> Ret<()> {
        self.errors.refuse(cx, self.error_mode(), state, text)
    }
}

/// A statement object, not constructed yet.
pub fn make(
    cx: &mut Cx,
    pdo: &Object,
    handle: &Handle,
    query: &PhpString,
    driver: Rc<dyn DriverStatement>,
    class: Option<ClassRef>,
) -> Ret<Object> {
    let base = cx.class_or_throw(&PhpString::new(b"PDOStatement"))?;
    let object = cx.instantiate(class.unwrap_or(base))?;
    if let Some(info) = base.props.get(b"queryString".as_slice()) {
        object.set_slot(info.slot as usize, Value::Str(query.clone()));
    }
    if let Some(data) = object.data::<StatementData>() {
        *data.pdo.borrow_mut() = Some(pdo.clone());
        *data.driver.borrow_mut() = Some(driver);
        *data.query.borrow_mut() = query.clone();
        *data.plan.borrow_mut() = Plan::plain(handle.fetch_mode.get());
    }
    Ok(object)
}

/// Calls the constructor of a class of the script's own.
pub fn construct(cx: &mut Cx, object: &Object, args: Option<PhpArray>) -> Ret<()> {
    let class = object.class();
    let Some(constructor) = class.magic.construct.clone() else {
        if args.is_some_and(|args| !args.is_empty()) {
            return Err(
                cx.throw_error("User-supplied statement does not accept constructor arguments")
            );
        }
        return Ok(());
    };
    let args = args.map(PhpArray::into_values).unwrap_or_default();
    cx.call_func(&constructor, Some(object.clone()), Some(class), args).map(drop)
}

/// The payload of a prepared statement.
pub fn data<'o>(cx: &mut Cx, this: &'o Object) -> Ret<&'o StatementData> {
    match this.data::<StatementData>() {
        Some(data) if data.pdo.borrow().is_some() => Ok(data),
        _ => {
            let class = this.class().display_name();
            Err(cx.throw_error(format!("{class} object is uninitialized")))
        }
    }
}

fn begin_call<'o>(cx: &mut Cx, this: &'o Object) -> Ret<&'o StatementData> {
    let data = data(cx, this)?;
    data.errors.reset();
    Ok(data)
}

/// Turns the value of a parameter, be it in a variable, into what the database is given.
fn settle(cx: &mut Cx, param: &mut Param) -> Ret<()> {
    let value = param.value();
    let settled = match (param.kind & !param::FLAGS, &value) {
        (param::LOB, Value::Resource(resource)) => match stream_of(resource) {
            Some(stream) => Value::str(stream.contents(cx, None)?),
            None => return Ok(()),
        },
        (param::STR, value) if !value.is_null() && !value.is_str() => Value::Str(cx.to_str(value)?),
        (param::INT | param::BOOL, value) if !value.is_null() && value.as_int().is_none() => {
            Value::Int(cx.to_int(value)?)
        }
        _ => return Ok(()),
    };
    match &param.source {
        Source::Variable(reference) => cx.assign_reference(reference, settled),
        Source::Value(_) => {
            param.source = Source::Value(settled);
            Ok(())
        }
    }
}

/// Executes with what is bound.
pub fn run(cx: &mut Cx, data: &StatementData) -> Ret<bool> {
    data.errors.reset();
    let Some(driver) = data.driver.borrow().clone() else { return Ok(false) };
    let mut params = data.params.borrow().clone();
    for param in &mut params {
        settle(cx, param)?;
        if let Some(name) = &param.name {
            param.number = driver.parameter_number(name);
        }
    }
    data.params.borrow_mut().clone_from(&params);
    // What a failed execution leaves is not to be fetched.
    let again = data.used.get();
    data.executed.set(false);
    match driver.execute(cx, &params, again)? {
        Ok(()) => {}
        Err(error) => return data.fail(cx, error).map(|()| false),
    }
    data.executed.set(true);
    data.used.set(true);
    let names = driver.columns();
    let names = data.with_handle(|handle| match handle {
        Some(handle) => names.into_iter().map(|name| columns::cased(handle, name)).collect(),
        None => names.into(),
    });
    *data.columns.borrow_mut() = names;
    Ok(true)
}

pub fn pdo_statement_execute(cx: &mut Cx, this: &Object, params: Option<PhpArray>) -> Ret<bool> {
    let data = begin_call(cx, this)?;
    if let Some(params) = params {
        let mut list = Vec::with_capacity(params.len());
        for (key, value) in params.into_entries() {
            let value = value.into_deref();
            let value = if value.is_null() { value } else { Value::Str(cx.to_str(&value)?) };
            let (name, number) = match key {
                Key::Int(number) => (None, number),
                Key::Str(name) => (Some(with_colon(&name)), -1),
            };
            list.push(Param { name, number, source: Source::Value(value), kind: param::STR });
        }
        *data.params.borrow_mut() = list;
    }
    run(cx, data)
}

fn with_colon(name: &PhpString) -> PhpString {
    if name.first() == Some(&b':') { name.clone() } else { PhpString::concat(&[b":", name]) }
}

/// The name or number (from 0) that an argument gives.
fn place(cx: &mut Cx, value: &Value) -> Ret<(Option<PhpString>, i64)> {
    match value {
        Value::Int(number) if *number < 1 => {
            Err(cx.arg_value_error(1, "must be greater than or equal to 1"))
        }
        Value::Int(number) => Ok((None, number - 1)),
        other => {
            let name = cx.to_str(other)?;
            if name.is_empty() {
                return Err(cx.arg_value_error(1, "must not be empty"));
            }
            Ok((Some(name), -1))
        }
    }
}

fn bind(cx: &mut Cx, this: &Object, at: &Value, source: Source, kind: i64) -> Ret<bool> {
    let (name, number) = place(cx, at)?;
    let name = name.as_ref().map(with_colon);
    let data = begin_call(cx, this)?;
    let mut param = Param { name, number, source, kind };
    let value = param.value();
    let as_bound = match (kind & !param::FLAGS, &value) {
        (param::STR, v) if !v.is_null() => Some(Value::Str(cx.to_str(v)?)),
        (param::INT, Value::Bool(b)) => Some(Value::Int(i64::from(*b))),
        (param::BOOL, Value::Int(n)) => Some(Value::Bool(*n != 0)),
        _ => None,
    };
    if let Some(value) = as_bound {
        match &param.source {
            Source::Variable(reference) => cx.assign_reference(reference, value)?,
            Source::Value(_) => param.source = Source::Value(value),
        }
    }
    let mut params = data.params.borrow_mut();
    params.retain(|known| match (&known.name, &param.name) {
        (None, None) => known.number != param.number,
        (known, name) => known != name,
    });
    params.push(param);
    Ok(true)
}

pub fn pdo_statement_bind_param(
    cx: &mut Cx,
    this: &Object,
    at: &Value,
    variable: &Reference,
    kind: i64,
    _max_length: i64,
    _options: &Value,
) -> Ret<bool> {
    bind(cx, this, at, Source::Variable(variable.clone()), kind)
}

pub fn pdo_statement_bind_value(
    cx: &mut Cx,
    this: &Object,
    at: &Value,
    value: &Value,
    kind: i64,
) -> Ret<bool> {
    bind(cx, this, at, Source::Value(value.deref()), kind)
}

pub fn pdo_statement_bind_column(
    cx: &mut Cx,
    this: &Object,
    at: &Value,
    target: &Reference,
    kind: i64,
    _max_length: i64,
    _options: &Value,
) -> Ret<bool> {
    let (name, number) = place(cx, at)?;
    let data = begin_call(cx, this)?;
    if let Some(name) = &name
        && data.executed.get()
        && !data.columns.borrow().contains(name)
    {
        let text = format!(
            "Did not find column name '{}' in the defined columns; it will not be bound",
            name.to_str_lossy()
        );
        data.refuse(cx, "HY000", &text)?;
        return Ok(false);
    }
    let mut bound = data.bound_columns.borrow_mut();
    bound.retain(|known| known.name != name || known.number != number);
    bound.push(BoundColumn { name, number, target: target.clone(), kind });
    Ok(true)
}

pub fn pdo_statement_fetch(
    cx: &mut Cx,
    this: &Object,
    mode: i64,
    _orientation: i64,
    _offset: i64,
) -> Ret<Value> {
    let data = begin_call(cx, this)?;
    let plan = Plan::for_call(cx, data, mode, false)?;
    fetch::fetch_one(cx, this, data, &plan)
}

pub fn pdo_statement_fetch_all(
    cx: &mut Cx,
    this: &Object,
    mode: i64,
    args: &[Value],
) -> Ret<PhpArray> {
    let data = data(cx, this)?;
    let plan = Plan::for_all(cx, data, mode, args)?;
    data.errors.reset();
    fetch::fetch_all(cx, this, data, &plan)
}

pub fn pdo_statement_fetch_column(cx: &mut Cx, this: &Object, column: i64) -> Ret<Value> {
    let data = begin_call(cx, this)?;
    if !fetch::advance(cx, data)? {
        return Ok(Value::Bool(false));
    }
    let Ok(column) = usize::try_from(column) else {
        let text = "Column index must be greater than or equal to 0";
        return Err(cx.throw_value_error(text));
    };
    if column >= data.columns.borrow().len() {
        return Err(cx.throw_value_error("Invalid column index"));
    }
    columns::value(cx, data, column, None)
}

pub fn pdo_statement_fetch_object(
    cx: &mut Cx,
    this: &Object,
    class: Option<&PhpString>,
    args: PhpArray,
) -> Ret<Value> {
    let data = begin_call(cx, this)?;
    let class = match class {
        Some(class) => cx.class_or_throw(class)?,
        None => crate::plan::standard_class(cx)?,
    };
    let plan = Plan { class: Some(class), args: args.into_values(), ..Plan::plain(mode::CLASS) };
    plan.check_constructor(cx)?;
    fetch::fetch_one(cx, this, data, &plan)
}

pub fn pdo_statement_set_fetch_mode(
    cx: &mut Cx,
    this: &Object,
    mode: i64,
    args: &[Value],
) -> Ret<bool> {
    let data = data(cx, this)?;
    let plan = Plan::from_arguments(cx, data, mode, 1, args)?;
    *data.plan.borrow_mut() = plan;
    Ok(true)
}

pub fn pdo_statement_close_cursor(cx: &mut Cx, this: &Object) -> Ret<bool> {
    let data = begin_call(cx, this)?;
    let Some(driver) = data.driver.borrow().clone() else { return Ok(false) };
    let result = driver.close_cursor(cx)?;
    data.executed.set(false);
    match result {
        Ok(()) => Ok(true),
        Err(error) => data.fail(cx, error).map(|()| false),
    }
}

pub fn pdo_statement_column_count(cx: &mut Cx, this: &Object) -> Ret<usize> {
    Ok(data(cx, this)?.columns.borrow().len())
}

pub fn pdo_statement_row_count(cx: &mut Cx, this: &Object) -> Ret<i64> {
    let data = data(cx, this)?;
    let driver = data.driver.borrow().clone();
    Ok(driver.map_or(0, |driver| driver.row_count()))
}

pub fn pdo_statement_error_code(cx: &mut Cx, this: &Object) -> Ret<Option<PhpString>> {
    Ok(data(cx, this)?.errors.code())
}

pub fn pdo_statement_error_info(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    Ok(data(cx, this)?.errors.info())
}

pub fn pdo_statement_next_rowset(cx: &mut Cx, this: &Object) -> Ret<bool> {
    let data = begin_call(cx, this)?;
    data.refuse(cx, "IM001", "driver does not support multiple rowsets")?;
    Ok(false)
}

pub fn pdo_statement_get_attribute(cx: &mut Cx, this: &Object, name: i64) -> Ret<Value> {
    let data = begin_call(cx, this)?;
    let Some(driver) = data.driver.borrow().clone() else { return Ok(Value::Bool(false)) };
    if let Attribute::Done(value) = driver.attribute(cx, name)? {
        return Ok(value);
    }
    if name != attr::EMULATE_PREPARES {
        data.refuse(cx, "IM001", "driver doesn't support getting that attribute")?;
    }
    Ok(Value::Bool(false))
}

pub fn pdo_statement_set_attribute(
    cx: &mut Cx,
    this: &Object,
    _attribute: i64,
    _value: &Value,
) -> Ret<bool> {
    let data = begin_call(cx, this)?;
    data.refuse(cx, "IM001", "This driver doesn't support setting attributes")?;
    Ok(false)
}

pub fn pdo_statement_get_column_meta(
    cx: &mut Cx,
    this: &Object,
    column: i64,
) -> Ret<OrFalse<PhpArray>> {
    let data = data(cx, this)?;
    if column < 0 {
        return Err(cx.arg_value_error(1, "must be greater than or equal to 0"));
    }
    data.errors.reset();
    if !data.executed.get() {
        return Ok(OrFalse(None));
    }
    let Some(driver) = data.driver.borrow().clone() else { return Ok(OrFalse(None)) };
    let mut meta = match driver.column_meta(cx, column)? {
        Ok(meta) => meta,
        Err(error) => return data.fail(cx, error).map(|()| OrFalse(None)),
    };
    if let Some(name) = data.columns.borrow().get(column as usize) {
        meta.insert_str("name".into(), Value::Str(name.clone()));
        meta.insert_str("len".into(), Value::Int(-1));
        meta.insert_str("precision".into(), Value::Int(0));
    }
    Ok(OrFalse(Some(meta)))
}

pub fn pdo_statement_debug_dump_params(cx: &mut Cx, this: &Object) -> Ret<Option<bool>> {
    let data = data(cx, this)?;
    let query = data.query.borrow().clone();
    let params = data.params.borrow().clone();
    let mut out = format!("SQL: [{}] ", query.len()).into_bytes();
    out.extend_from_slice(&query);
    out.extend_from_slice(format!("\nParams:  {}\n", params.len()).as_bytes());
    for param in params {
        let name = param.name.unwrap_or_default();
        if name.is_empty() {
            out.extend_from_slice(format!("Key: Position #{}:\n", param.number).as_bytes());
        } else {
            out.extend_from_slice(format!("Key: Name: [{}] ", name.len()).as_bytes());
            out.extend_from_slice(&name);
            out.push(b'\n');
        }
        let head = format!("paramno={}\nname=[{}] \"", param.number, name.len());
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(&name);
        let tail = format!("\"\nis_param=1\nparam_type={}\n", param.kind);
        out.extend_from_slice(tail.as_bytes());
    }
    cx.echo(&out)?;
    Ok(None)
}

fn iterate(cx: &mut Cx, this: &Object, by_ref: bool) -> Ret<Box<dyn NativeIterator>> {
    if by_ref {
        return Err(cx.throw_error("An iterator cannot be used with foreach by reference"));
    }
    data(cx, this)?;
    Ok(Box::new(Rows::new(cx, this)?))
}

pub fn pdo_statement_get_iterator(cx: &mut Cx, this: &Object) -> Ret<Object> {
    let rows = iterate(cx, this, false)?;
    outlast_ext_core::internal_iterator(cx, this, rows)
}

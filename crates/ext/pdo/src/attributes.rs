//! Attributes of a connection.

use crate::driver::{Attribute, Driver};
use crate::fetch::mode;
use crate::handle::Handle;
use outlast_value::{PhpArray, PhpString, Value};
use outlast_vm::{ClassRef, Cx, Ret};
use std::rc::Rc;

/// `PDO::ATTR_…`
pub mod attr {
    pub const ERRMODE: i64 = 3;
    pub const CASE: i64 = 8;
    pub const ORACLE_NULLS: i64 = 11;
    pub const PERSISTENT: i64 = 12;
    pub const STATEMENT_CLASS: i64 = 13;
    pub const DRIVER_NAME: i64 = 16;
    pub const STRINGIFY_FETCHES: i64 = 17;
    pub const DEFAULT_FETCH_MODE: i64 = 19;
    pub const EMULATE_PREPARES: i64 = 20;
}

/// The value of an attribute that is a number.
pub fn int(cx: &mut Cx, value: &Value) -> Ret<i64> {
    match value {
        Value::Int(n) => Ok(*n),
        Value::Bool(b) => Ok(i64::from(*b)),
        Value::Str(s) if std::str::from_utf8(s).is_ok_and(|s| s.trim().parse::<i64>().is_ok()) => {
            cx.to_int(value)
        }
        other => Err(not_a(cx, "int", other)),
    }
}

fn bool(cx: &mut Cx, value: &Value) -> Ret<bool> {
    match value {
        Value::Bool(b) => Ok(*b),
        Value::Int(n) => Ok(*n != 0),
        other => Err(not_a(cx, "bool", other)),
    }
}

fn not_a(cx: &mut Cx, wanted: &str, value: &Value) -> outlast_vm::Unwind {
    let given = cx.value_type_name(value);
    cx.throw_type_error(format!(
        "Attribute value must be of type {wanted} for selected attribute, {given} given"
    ))
}

/// Sets an attribute; without a driver, only PDO's own.
pub fn set(
    cx: &mut Cx,
    handle: &Handle,
    driver: Option<&Rc<dyn Driver>>,
    attribute: i64,
    value: &Value,
) -> Ret<bool> {
    match attribute {
        attr::ERRMODE => match int(cx, value)? {
            mode @ 0..=2 => handle.error_mode.set(mode),
            _ => {
                let text = "Error mode must be one of the PDO::ERRMODE_* constants";
                return Err(cx.throw_value_error(text));
            }
        },
        attr::CASE => match int(cx, value)? {
            case @ 0..=2 => handle.case.set(case),
            _ => {
                let text = "Case folding mode must be one of the PDO::CASE_* constants";
                return Err(cx.throw_value_error(text));
            }
        },
        attr::ORACLE_NULLS => handle.nulls.set(int(cx, value)?),
        attr::DEFAULT_FETCH_MODE => {
            if let Value::Array(list) = value
                && let Some(Value::Int(wanted)) = list.get_int(0).map(Value::deref)
                && (wanted == mode::INTO || wanted == mode::CLASS)
            {
                return Err(cx.throw_value_error(
                    "PDO::FETCH_INTO and PDO::FETCH_CLASS cannot be set as the default fetch mode",
                ));
            }
            let wanted = int(cx, value)?;
            if wanted == mode::DEFAULT {
                let text = "Fetch mode must be a bitmask of PDO::FETCH_* constants";
                return Err(cx.throw_value_error(text));
            }
            handle.fetch_mode.set(wanted);
        }
        attr::STRINGIFY_FETCHES => handle.stringify.set(bool(cx, value)?),
        attr::STATEMENT_CLASS => {
            if handle.is_persistent() {
                let text = "PDO::ATTR_STATEMENT_CLASS cannot be used with persistent PDO instances";
                handle.refuse(cx, "HY000", text)?;
                return Ok(false);
            }
            let class = statement_class(cx, value)?;
            *handle.statement_class.borrow_mut() = class;
        }
        _ => {
            let Some(driver) = driver else { return Ok(false) };
            return Ok(match driver.set_attribute(cx, attribute, value)? {
                Attribute::Done(done) => done,
                Attribute::Unknown => false,
            });
        }
    }
    Ok(true)
}

/// The class of statements and the arguments of its constructor.
pub fn statement_class(cx: &mut Cx, value: &Value) -> Ret<(Option<ClassRef>, Option<PhpArray>)> {
    let Value::Array(list) = value else {
        let given = cx.value_type_name(value);
        return Err(cx.throw_type_error(format!(
            "PDO::ATTR_STATEMENT_CLASS value must be of type array, {given} given"
        )));
    };
    let Some(name) = list.get_int(0).map(Value::deref) else {
        return Err(cx.throw_value_error(
            "PDO::ATTR_STATEMENT_CLASS value must be an array with the format array(classname, \
             constructor_args)",
        ));
    };
    let class = match &name {
        Value::Str(name) => cx.lookup_class(name, true)?,
        _ => None,
    };
    let Some(class) = class else {
        return Err(cx.throw_type_error("PDO::ATTR_STATEMENT_CLASS class must be a valid class"));
    };
    let base = cx.class_or_throw(&PhpString::new(b"PDOStatement"))?;
    if !class.is_subclass_of_or_same(base) {
        let text = "PDO::ATTR_STATEMENT_CLASS class must be derived from PDOStatement";
        return Err(cx.throw_type_error(text));
    }
    let public = outlast_bytecode::member_flags::PUBLIC;
    if class.magic.construct.as_ref().is_some_and(|c| c.modifiers & public != 0) {
        let text = "User-supplied statement class cannot have a public constructor";
        return Err(cx.throw_type_error(text));
    }
    match list.get_int(1).map(Value::deref) {
        None => Ok((Some(class), None)),
        Some(Value::Array(args)) => Ok((Some(class), Some(args))),
        Some(_) => {
            // The type that PHP names is that of the whole value.
            let given = cx.value_type_name(value);
            Err(cx.throw_type_error(format!(
                "PDO::ATTR_STATEMENT_CLASS constructor_args must be of type ?array, {given} given"
            )))
        }
    }
}

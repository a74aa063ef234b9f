//! URLs and query strings.

use super::assign;
use outlast_text::query::{self, BuildOptions, BuildValue, Limits, QueryArray, QueryValue};
use outlast_text::url;
use outlast_value::{Key, Object, PhpArray, PhpString, Reference, Value};
use outlast_vm::{Cx, ObjectClass, Ret};

const RFC3986: i64 = 2;
/// How deep data for a query nests at most.
const DEEPEST: usize = 400;

pub fn urlencode(_cx: &mut Cx, text: &PhpString) -> Ret<Vec<u8>> {
    Ok(url::urlencode(text))
}

pub fn urldecode(_cx: &mut Cx, text: &PhpString) -> Ret<Vec<u8>> {
    Ok(url::urldecode(text))
}

pub fn rawurlencode(_cx: &mut Cx, text: &PhpString) -> Ret<Vec<u8>> {
    Ok(url::rawurlencode(text))
}

pub fn rawurldecode(_cx: &mut Cx, text: &PhpString) -> Ret<Vec<u8>> {
    Ok(url::rawurldecode(text))
}

pub fn parse_url(cx: &mut Cx, text: &PhpString, component: i64) -> Ret<Value> {
    let Some(url) = url::parse_url(text) else {
        return Ok(Value::Bool(false));
    };
    let text = |part: Option<Vec<u8>>| part.map(Value::str);
    // In the order of the PHP_URL_* constants.
    let parts = [
        ("scheme", text(url.scheme)),
        ("host", text(url.host)),
        ("port", url.port.map(|port| Value::Int(i64::from(port)))),
        ("user", text(url.user)),
        ("pass", text(url.pass)),
        ("path", text(url.path)),
        ("query", text(url.query)),
        ("fragment", text(url.fragment)),
    ];
    if let Ok(at) = usize::try_from(component) {
        let Some((_, part)) = parts.into_iter().nth(at) else {
            return Err(cx.arg_value_error(
                2,
                &format!("must be a valid URL component identifier, {component} given"),
            ));
        };
        return Ok(part.unwrap_or(Value::Null));
    }
    let mut array = PhpArray::new();
    for (name, part) in parts {
        if let Some(part) = part {
            array.insert_str(PhpString::from(name), part);
        }
    }
    Ok(Value::Array(array))
}

pub fn parse_str(cx: &mut Cx, text: &PhpString, result: &Reference) -> Ret<()> {
    let separators = cx.ini.get("arg_separator.input").unwrap_or_else(|| PhpString::from("&"));
    let setting = |value: i64, otherwise: usize| usize::try_from(value).unwrap_or(otherwise);
    let default = Limits::default();
    let limits = Limits {
        variables: setting(cx.ini.int("max_input_vars"), default.variables),
        nesting: setting(cx.ini.int("max_input_nesting_level"), default.nesting),
    };
    let (array, too_many) = query::parse_query(text, &separators, limits);
    if too_many {
        cx.warning(format!(
            "Input variables exceeded {}. To increase the limit change max_input_vars in php.ini.",
            limits.variables
        ))?;
    }
    assign(cx, result, Value::Array(from_query(array)))
}

/// The variables of a query as a PHP array.
fn from_query(array: QueryArray) -> PhpArray {
    let mut result = PhpArray::new();
    for (key, value) in array.into_entries() {
        let key = match key {
            query::Key::Int(int) => Key::Int(int),
            query::Key::Text(text) => Key::Str(PhpString::new(&text)),
        };
        let value = match value {
            QueryValue::Text(text) => Value::str(text),
            QueryValue::Array(array) => Value::Array(from_query(array)),
        };
        result.insert(key, value);
    }
    result
}

pub fn http_build_query(
    cx: &mut Cx,
    data: &Value,
    numeric_prefix: &PhpString,
    separator: Option<&PhpString>,
    encoding: i64,
) -> Ret<Vec<u8>> {
    let separator = match separator {
        Some(separator) => separator.clone(),
        None => match cx.ini.get("arg_separator.output") {
            Some(separator) if !separator.is_empty() => separator,
            _ => PhpString::from("&"),
        },
    };
    let mut visiting = Vec::new();
    let entries = match data {
        Value::Array(array) => entries(cx, array, &mut visiting)?,
        Value::Object(object) if object.class().is_enum() => {
            let name = object.class().display_name();
            return Err(cx.arg_type_error(1, &format!("must not be an enum, {name} given")));
        }
        Value::Object(object) => properties(cx, object, &mut visiting)?,
        _ => Vec::new(),
    };
    let options =
        BuildOptions { numeric_prefix, separator: &separator, rfc3986: encoding == RFC3986 };
    Ok(query::build_query(&entries, options))
}

type Entries = Vec<(query::Key, BuildValue)>;

/// An array as data for a query; one that contains itself is left out where it recurs.
fn entries(cx: &mut Cx, array: &PhpArray, visiting: &mut Vec<usize>) -> Ret<Entries> {
    let id = array.ptr_id();
    if !array.is_empty() && visiting.contains(&id) {
        return Ok(Vec::new());
    }
    if visiting.len() >= DEEPEST {
        return Err(cx.throw_error("Maximum call stack size reached."));
    }
    visiting.push(id);
    let mut result = Vec::with_capacity(array.len());
    for (key, value) in array.iter() {
        let key = match key {
            Key::Int(int) => query::Key::Int(int),
            Key::Str(name) => query::Key::Text(name.to_vec()),
        };
        let value = match value.deref() {
            Value::Undef | Value::Null | Value::Resource(_) => BuildValue::Null,
            Value::Bool(on) => BuildValue::Text(vec![if on { b'1' } else { b'0' }]),
            Value::Array(array) => BuildValue::Nested(entries(cx, &array, visiting)?),
            Value::Object(object) if object.class().is_enum() => enum_case(cx, &object)?,
            Value::Object(object) => BuildValue::Nested(properties(cx, &object, visiting)?),
            scalar => BuildValue::Text(cx.to_str(&scalar)?.to_vec()),
        };
        result.push((key, value));
    }
    visiting.pop();
    Ok(result)
}

fn enum_case(cx: &mut Cx, case: &Object) -> Ret<BuildValue> {
    let class = case.class();
    if class.backing == 0 {
        let name = class.display_name();
        return Err(
            cx.throw_value_error(format!("Unbacked enum {name} cannot be converted to a string"))
        );
    }
    let value = cx.read_prop(case, &PhpString::from("value"))?;
    Ok(BuildValue::Text(cx.to_str(&value)?.to_vec()))
}

/// The properties of an object that the running code sees.
fn properties(cx: &mut Cx, object: &Object, visiting: &mut Vec<usize>) -> Ret<Entries> {
    let id = object.ptr_id();
    if visiting.contains(&id) {
        return Ok(Vec::new());
    }
    let scope = cx.scope();
    let table = cx.object_vars(object, scope)?;
    visiting.push(id);
    let result = entries(cx, &table, visiting)?;
    visiting.pop();
    Ok(result)
}

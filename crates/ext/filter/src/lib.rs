//! PHP's extension `filter`: checks and cleans values (<https://www.php.net/manual/en/book.filter.php>).

#[path = "filter_stub.rs"]
mod filter_stub;
mod flags;
mod network;
mod number;
mod sanitize;
mod text;

use flags::*;
use outlast_value::{PhpArray, PhpString, Value};
use outlast_vm::{Cx, NativeModule, ObjectClass, OrFalse, Ret};

/// What this crate defines.
pub static MODULES: &[&NativeModule] = &[&filter_stub::MODULE];

/// The filters that `filter_list()` names, with their numbers.
const FILTERS: [(&str, i64); 21] = [
    ("int", 257),
    ("boolean", 258),
    ("float", 259),
    ("validate_regexp", 272),
    ("validate_domain", 277),
    ("validate_url", 273),
    ("validate_email", 274),
    ("validate_ip", 275),
    ("validate_mac", 276),
    ("string", 513),
    ("stripped", 513),
    ("encoded", 514),
    ("special_chars", 515),
    ("full_special_chars", 522),
    ("unsafe_raw", 516),
    ("email", 517),
    ("url", 518),
    ("number_int", 519),
    ("number_float", 520),
    ("add_slashes", 523),
    ("callback", CALLBACK),
];

const CALLBACK: i64 = 1024;

/// What a filter is told besides the value.
struct Filtering<'a> {
    flags: i64,
    /// `options`, of any type for a callback.
    options: Option<&'a Value>,
}

impl Filtering<'_> {
    fn has(&self, flag: i64) -> bool {
        self.flags & flag != 0
    }

    /// An option by name.
    fn option(&self, name: &str) -> Option<Value> {
        match self.options {
            Some(Value::Array(options)) => options.get_str(name.as_bytes()).map(|v| v.deref()),
            _ => None,
        }
    }

    /// What stands for a value that is refused.
    fn failure(&self) -> Value {
        if self.has(NULL_ON_FAILURE) { Value::Null } else { Value::Bool(false) }
    }
}

/// The running function's name, for messages.
fn function_name(cx: &Cx) -> String {
    cx.running_native().map_or_else(String::new, |f| f.display_name())
}

fn exists(filter: i64) -> bool {
    (512..=523).contains(&filter) || (256..=277).contains(&filter) || filter == CALLBACK
}

/// Whether a filter's number is known; PHP's warning if not.
fn known(cx: &mut Cx, filter: i64) -> Ret<bool> {
    if !exists(filter) {
        cx.warning(format!("Unknown filter with ID {filter}"))?;
        return Ok(false);
    }
    Ok(true)
}

/// Applies a filter as arguments or an element of a definition say; no filter: they name it.
fn apply(
    cx: &mut Cx,
    value: &Value,
    filter: Option<i64>,
    args: &Value,
    default_flags: i64,
) -> Ret<Value> {
    let mut filter = filter;
    let mut flags = default_flags;
    let scalar_unless_array = |flags: i64| {
        if flags & (REQUIRE_ARRAY | FORCE_ARRAY) == 0 { flags | REQUIRE_SCALAR } else { flags }
    };
    let mut options = None;
    match args {
        Value::Array(args) => {
            let find = |name: &str| args.get_str(name.as_bytes()).map(|v| v.deref());
            if let Some(number) = find("filter") {
                filter = Some(cx.to_int(&number)?);
            }
            if let Some(found) = find("options") {
                if filter == Some(CALLBACK) {
                    options = Some(found);
                    flags = 0;
                } else if matches!(found, Value::Array(_)) {
                    options = Some(found);
                }
            }
            if let Some(given) = find("flags") {
                flags = scalar_unless_array(cx.to_int(&given)?);
            }
        }
        number => {
            let number = cx.to_int(number)?;
            match filter {
                Some(_) => flags = scalar_unless_array(number),
                None => filter = Some(number),
            }
        }
    }
    let how = Filtering { flags, options: options.as_ref() };
    let filter = filter.unwrap_or(UNSAFE_RAW);
    match value {
        Value::Array(_) if how.has(REQUIRE_SCALAR) => Ok(how.failure()),
        Value::Array(values) => cx.recurse(|cx| each(cx, values, filter, &how)),
        _ if how.has(REQUIRE_ARRAY) => Ok(how.failure()),
        value => {
            let filtered = one(cx, value, filter, &how)?;
            if how.has(FORCE_ARRAY) {
                return Ok(Value::Array(PhpArray::from_list(vec![filtered])));
            }
            Ok(filtered)
        }
    }
}

fn each(cx: &mut Cx, values: &PhpArray, filter: i64, how: &Filtering<'_>) -> Ret<Value> {
    let mut out = PhpArray::new();
    for (key, value) in values.iter() {
        let filtered = match value.deref() {
            Value::Array(inner) => cx.recurse(|cx| each(cx, &inner, filter, how))?,
            value => one(cx, &value, filter, how)?,
        };
        out.insert(key, filtered);
    }
    Ok(Value::Array(out))
}

/// Filters one value that is no array.
fn one(cx: &mut Cx, value: &Value, filter: i64, how: &Filtering<'_>) -> Ret<Value> {
    let textless = match value {
        Value::Object(o) => o.class().magic.to_string.is_none(),
        _ => false,
    };
    let result = if textless {
        how.failure()
    } else {
        let text = cx.to_str(value)?;
        filtered(cx, &text, filter, how)?
    };
    let refused = match result {
        Value::Null => how.has(NULL_ON_FAILURE),
        Value::Bool(false) => !how.has(NULL_ON_FAILURE),
        _ => false,
    };
    match how.option("default").filter(|_| refused) {
        Some(default) => Ok(default),
        None => Ok(result),
    }
}

fn filtered(cx: &mut Cx, text: &PhpString, filter: i64, how: &Filtering<'_>) -> Ret<Value> {
    let valid = match filter {
        257 => number::int(cx, text, how)?.map(Value::Int),
        258 => number::bool(text).map(Value::Bool),
        259 => number::float(cx, text, how)?.map(Value::Float),
        272 => text::matches(cx, text, how)?.then(|| Value::Str(text.clone())),
        273 => text::url(cx, text, how)?.then(|| Value::Str(text.clone())),
        274 => text::email(text, how).then(|| Value::Str(text.clone())),
        275 => network::ip(text, how).then(|| Value::Str(text.clone())),
        276 => network::mac(cx, text, how)?.then(|| Value::Str(text.clone())),
        277 => network::domain(text, how.has(HOSTNAME)).then(|| Value::Str(text.clone())),
        CALLBACK => return called(cx, text, how),
        other => return sanitize::sanitize(cx, text, other, how),
    };
    Ok(valid.unwrap_or_else(|| how.failure()))
}

fn called(cx: &mut Cx, text: &PhpString, how: &Filtering<'_>) -> Ret<Value> {
    let callback = how.options.cloned().unwrap_or(Value::Null);
    if !cx.is_callable(&callback)? {
        let name = function_name(cx);
        return Err(cx.throw_type_error(format!("{name}(): Option must be a valid callback")));
    }
    Ok(cx.call(&callback, vec![Value::Str(text.clone())])?.into_deref())
}

/// The request's values of a kind, by its `INPUT_*` number.
fn storage(cx: &mut Cx, kind: i64) -> Ret<Value> {
    let name = match kind {
        0 => "_POST",
        1 => "_GET",
        2 => "_COOKIE",
        4 => "_ENV",
        5 => "_SERVER",
        _ => return Err(cx.arg_value_error(1, "must be an INPUT_* constant")),
    };
    Ok(cx.global_ref(&name.into()).get())
}

fn filter_has_var(cx: &mut Cx, input_type: i64, var_name: &PhpString) -> Ret<bool> {
    Ok(match storage(cx, input_type)? {
        Value::Array(values) => values.get_str(var_name).is_some(),
        _ => false,
    })
}

fn filter_input(
    cx: &mut Cx,
    kind: i64,
    var_name: &PhpString,
    filter: i64,
    options: &Value,
) -> Ret<Value> {
    if !known(cx, filter)? {
        return Ok(Value::Bool(false));
    }
    let found = match storage(cx, kind)? {
        Value::Array(values) => values.get_str(var_name).map(|v| v.deref()),
        _ => None,
    };
    if let Some(value) = found {
        return apply(cx, &value, Some(filter), options, REQUIRE_SCALAR);
    }
    let mut flags = 0;
    match options {
        Value::Array(options) => {
            if let Some(given) = options.get_str(b"flags") {
                flags = cx.to_int(given)?;
            }
            if let Some(Value::Array(inner)) = options.get_str(b"options").map(|v| v.deref())
                && let Some(default) = inner.get_str(b"default")
            {
                return Ok(default.deref());
            }
        }
        number => flags = cx.to_int(number)?,
    }
    // The flag exchanges what stands for "refused" and for "not there".
    Ok(if flags & NULL_ON_FAILURE != 0 { Value::Bool(false) } else { Value::Null })
}

fn filter_var(cx: &mut Cx, value: &Value, filter: i64, options: &Value) -> Ret<Value> {
    if !known(cx, filter)? {
        return Ok(Value::Bool(false));
    }
    apply(cx, value, Some(filter), options, REQUIRE_SCALAR)
}

fn filter_input_array(cx: &mut Cx, kind: i64, options: &Value, add_empty: bool) -> Ret<Value> {
    if let Value::Int(filter) = options
        && !known(cx, *filter)?
    {
        return Ok(Value::Bool(false));
    }
    match storage(cx, kind)? {
        Value::Array(values) => by_definition(cx, &values, options, add_empty),
        _ => Ok(Value::Null),
    }
}

fn filter_var_array(cx: &mut Cx, array: PhpArray, options: &Value, add_empty: bool) -> Ret<Value> {
    if let Value::Int(filter) = options
        && !known(cx, *filter)?
    {
        return Ok(Value::Bool(false));
    }
    by_definition(cx, &array, options, add_empty)
}

/// Filters the values of an array, each as a definition by name says, or all alike.
fn by_definition(
    cx: &mut Cx,
    values: &PhpArray,
    definition: &Value,
    add_empty: bool,
) -> Ret<Value> {
    let Value::Array(definition) = definition else {
        return apply(cx, &Value::Array(values.clone()), None, definition, REQUIRE_ARRAY);
    };
    let mut out = PhpArray::new();
    for (key, args) in definition.iter() {
        let Value::Str(name) = key.to_value() else {
            return Err(cx.arg_type_error(2, "must contain only string keys"));
        };
        if name.is_empty() {
            return Err(cx.arg_value_error(2, "cannot contain empty keys"));
        }
        match values.get_str(&name).map(|v| v.deref()) {
            Some(value) => {
                let filtered = apply(cx, &value, None, &args.deref(), REQUIRE_SCALAR)?;
                out.insert(key, filtered);
            }
            None if add_empty => {
                out.insert(key, Value::Null);
            }
            None => {}
        }
    }
    Ok(Value::Array(out))
}

fn filter_list(_cx: &mut Cx) -> Ret<PhpArray> {
    Ok(FILTERS.iter().map(|(name, _)| Value::str(*name)).collect())
}

fn filter_id(_cx: &mut Cx, name: &PhpString) -> Ret<OrFalse<i64>> {
    let found = FILTERS.iter().find(|(known, _)| known.as_bytes() == &name[..]);
    Ok(OrFalse(found.map(|(_, number)| *number)))
}

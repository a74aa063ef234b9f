//! Conversion between encodings.

use crate::codec::{self, BAD, Substitute, decode, encode, is_valid};
use crate::detect;
use crate::encodings::{self, Encoding, Kind};
use crate::settings::{count_illegal, encoding_arg, encodings_arg, illegal, internal, substitute};
use outlast_value::{Key, Object, PhpArray, PhpString, Reference, Value};
use outlast_vm::{Cx, OrFalse, Ret, maybe_grow};

fn convert_string(
    cx: &mut Cx,
    bytes: &[u8],
    to: &Encoding,
    from: &[&'static Encoding],
) -> Ret<Option<PhpString>> {
    let from = match from {
        [one] => one,
        several => match detect::detect(bytes, several, true) {
            Some(found) => found,
            None => {
                cx.warning("Unable to detect character encoding")?;
                return Ok(None);
            }
        },
    };
    let substitute = substitute(cx);
    let (bytes, errors) = codec::convert(bytes, from, to, substitute);
    count_illegal(cx, errors);
    Ok(Some(PhpString::from(bytes)))
}

/// Strings in an array with their keys.
fn convert_array(
    cx: &mut Cx,
    array: &PhpArray,
    to: &Encoding,
    from: &[&'static Encoding],
) -> Ret<PhpArray> {
    if array.visit_guard() {
        cx.warning("Cannot convert recursively referenced values")?;
        return Ok(PhpArray::new());
    }
    array.set_visit_guard(true);
    let mut out = PhpArray::new();
    let mut result = Ok(());
    for (key, value) in array.iter() {
        let key = match key {
            Key::Str(s) => match convert_string(cx, &s, to, from) {
                Ok(Some(s)) => Key::from_string(s),
                Ok(None) => continue,
                Err(u) => {
                    result = Err(u);
                    break;
                }
            },
            key => key,
        };
        let value = match value.deref() {
            Value::Str(s) => match convert_string(cx, &s, to, from) {
                Ok(s) => s.map_or(Value::Bool(false), Value::Str),
                Err(u) => {
                    result = Err(u);
                    break;
                }
            },
            Value::Array(a) => match maybe_grow(|| convert_array(cx, &a, to, from)) {
                Ok(a) => Value::Array(a),
                Err(u) => {
                    result = Err(u);
                    break;
                }
            },
            Value::Object(_) => {
                result = cx.warning("Object is not supported");
                if result.is_err() {
                    break;
                }
                continue;
            }
            other => other,
        };
        out.insert(key, value);
    }
    array.set_visit_guard(false);
    result.map(|()| out)
}

pub fn mb_convert_encoding(
    cx: &mut Cx,
    string: &Value,
    to: &PhpString,
    from: &Value,
) -> Ret<Value> {
    let to = encoding_arg(cx, 2, Some(to))?;
    let from = if from.is_null() { vec![internal(cx)] } else { encodings_arg(cx, 3, from)? };
    if let Value::Array(array) = string {
        return Ok(Value::Array(convert_array(cx, array, to, &from)?));
    }
    let string = cx.to_str(string)?;
    let converted = convert_string(cx, &string, to, &from)?;
    Ok(converted.map_or(Value::Bool(false), Value::Str))
}

pub fn mb_scrub(cx: &mut Cx, string: &PhpString, encoding: Option<&PhpString>) -> Ret<PhpString> {
    let encoding = encoding_arg(cx, 2, encoding)?;
    if is_valid(encoding, string) {
        return Ok(string.clone());
    }
    let substitute = substitute(cx);
    let (bytes, errors) = codec::convert(string, encoding, encoding, substitute);
    count_illegal(cx, errors);
    Ok(PhpString::from(bytes))
}

/// Does a value contain itself?
fn is_circular(value: &Value, path: &mut Vec<usize>) -> bool {
    let (id, children) = match value {
        Value::Ref(r) => {
            return is_circular(&r.get(), path);
        }
        Value::Array(a) => (a.ptr_id(), a.values().cloned().collect()),
        Value::Object(o) => (o.ptr_id(), children_of(o)),
        _ => return false,
    };
    if path.contains(&id) {
        return true;
    }
    path.push(id);
    let circular = maybe_grow(|| children.iter().any(|child| is_circular(child, path)));
    path.pop();
    circular
}

/// The values of an object's properties.
fn children_of(o: &Object) -> Vec<Value> {
    let mut children: Vec<Value> = (0..o.slot_count()).map(|slot| o.slot(slot)).collect();
    if let Some(table) = o.dynamic() {
        children.extend(table.values().cloned());
    }
    children
}

/// Is all text in a value what the encoding allows?
fn value_is_valid(value: &Value, encoding: &Encoding) -> bool {
    match value {
        Value::Str(s) => is_valid(encoding, s),
        Value::Array(a) => a.iter().all(|(key, value)| {
            let key = match key {
                Key::Str(s) => is_valid(encoding, &s),
                Key::Int(_) => true,
            };
            key && maybe_grow(|| value_is_valid(&value.deref(), encoding))
        }),
        Value::Object(_) => false,
        _ => true,
    }
}

pub fn mb_check_encoding(cx: &mut Cx, value: &Value, encoding: Option<&PhpString>) -> Ret<bool> {
    let encoding = encoding_arg(cx, 2, encoding)?;
    if value.is_null() {
        cx.deprecated("Calling mb_check_encoding() without argument is deprecated")?;
        // It asks whether all text so far could be converted.
        return Ok(illegal(cx) == 0);
    }
    if is_circular(value, &mut Vec::new()) {
        cx.warning("Cannot not handle circular references")?;
        return Ok(false);
    }
    Ok(value_is_valid(value, encoding))
}

/// Encodings of bytes have no characters to tell numbers of.
fn check_has_characters(cx: &mut Cx, function: &str, encoding: &Encoding) -> Ret<()> {
    let none = matches!(
        encoding.kind,
        Kind::Base64
            | Kind::QuotedPrintable
            | Kind::Uuencode
            | Kind::HtmlEntities
            | Kind::Utf7
            | Kind::Utf7Imap
            | Kind::SevenBit
    ) && encoding.name != "ASCII";
    if none {
        let name = encoding.name;
        return Err(
            cx.throw_value_error(format!("{function}() does not support the \"{name}\" encoding"))
        );
    }
    Ok(())
}

pub fn mb_ord(cx: &mut Cx, string: &PhpString, encoding: Option<&PhpString>) -> Ret<OrFalse<i64>> {
    if string.is_empty() {
        return Err(cx.arg_value_error(1, "must not be empty"));
    }
    let encoding = encoding_arg(cx, 2, encoding)?;
    check_has_characters(cx, "mb_ord", encoding)?;
    // The longest character has fewer bytes than this.
    let head = &string[..string.len().min(16)];
    Ok(OrFalse(decode(encoding, head).first().filter(|c| **c != BAD).map(|c| i64::from(*c))))
}

pub fn mb_chr(cx: &mut Cx, codepoint: i64, encoding: Option<&PhpString>) -> Ret<OrFalse<Vec<u8>>> {
    let encoding = encoding_arg(cx, 2, encoding)?;
    check_has_characters(cx, "mb_chr", encoding)?;
    let Some(c) = u32::try_from(codepoint).ok().and_then(char::from_u32) else {
        return Ok(OrFalse(None));
    };
    let (bytes, errors) = encode(encoding, &[u32::from(c)], Substitute::None);
    Ok(OrFalse((errors == 0).then_some(bytes)))
}

/// All strings in a value.
fn strings_in(value: &Value, depth: usize, found: &mut Vec<PhpString>) {
    match value {
        Value::Str(s) => found.push(s.clone()),
        Value::Array(a) if depth < 100 => {
            a.values().for_each(|v| strings_in(&v.deref(), depth + 1, found));
        }
        Value::Object(o) if depth < 100 => {
            children_of(o).iter().for_each(|v| strings_in(&v.deref(), depth + 1, found));
        }
        _ => {}
    }
}

/// The value with all its strings converted; objects are changed in place.
fn convert_value(
    value: &Value,
    depth: usize,
    convert: &mut dyn FnMut(&[u8]) -> PhpString,
) -> Value {
    match value {
        Value::Str(s) => Value::Str(convert(s)),
        Value::Array(a) if depth < 100 => Value::Array(
            a.iter().map(|(k, v)| (k, convert_value(&v.deref(), depth + 1, convert))).collect(),
        ),
        Value::Object(o) if depth < 100 => {
            convert_object(o, depth, convert);
            value.clone()
        }
        other => other.clone(),
    }
}

fn convert_object(o: &Object, depth: usize, convert: &mut dyn FnMut(&[u8]) -> PhpString) {
    for slot in 0..o.slot_count() {
        match o.slot(slot) {
            Value::Ref(r) => r.set(convert_value(&r.get(), depth + 1, convert)),
            value => o.set_slot(slot, convert_value(&value, depth + 1, convert)),
        }
    }
    if let Some(table) = o.take_dynamic() {
        let converted =
            table.iter().map(|(k, v)| (k, convert_value(&v.deref(), depth + 1, convert))).collect();
        o.set_dynamic(Some(converted));
    }
}

pub fn mb_convert_variables(
    cx: &mut Cx,
    to: &PhpString,
    from: &Value,
    var: &Reference,
    vars: &[Value],
) -> Ret<OrFalse<&'static str>> {
    let to = encoding_arg(cx, 1, Some(to))?;
    let from = encodings_arg(cx, 2, from)?;
    let mut references = vec![var.clone()];
    references.extend(vars.iter().filter_map(|v| v.as_reference().cloned()));
    if references.iter().any(|r| is_circular(&r.get(), &mut Vec::new())) {
        cx.warning("Cannot handle recursive references")?;
        return Ok(OrFalse(None));
    }
    let from = match from.as_slice() {
        [one] => *one,
        several => {
            let mut strings = Vec::new();
            references.iter().for_each(|r| strings_in(&r.get(), 0, &mut strings));
            let fitting: Vec<&'static Encoding> = several
                .iter()
                .copied()
                .filter(|e| strings.iter().all(|s| is_valid(e, s)))
                .collect();
            let all: Vec<u8> = strings.iter().flat_map(|s| s.iter().copied()).collect();
            match detect::detect(&all, &fitting, false) {
                Some(found) => found,
                None => {
                    cx.warning("Unable to detect encoding")?;
                    return Ok(OrFalse(None));
                }
            }
        }
    };
    let substitute = substitute(cx);
    let mut errors = 0;
    let mut convert = |bytes: &[u8]| {
        let (bytes, wrong) = codec::convert(bytes, from, to, substitute);
        errors += wrong;
        PhpString::from(bytes)
    };
    for reference in &references {
        reference.set(convert_value(&reference.get(), 0, &mut convert));
    }
    count_illegal(cx, errors);
    Ok(OrFalse(Some(from.name)))
}

pub fn mb_parse_str(cx: &mut Cx, string: &PhpString, result: &Reference) -> Ret<bool> {
    let args = vec![Value::Str(string.clone()), Value::Ref(result.clone())];
    cx.call(&Value::str("parse_str"), args)?;
    Ok(true)
}

/// Output is left in the internal encoding, unless another is set for it.
pub fn mb_output_handler(cx: &mut Cx, string: &PhpString, _status: i64) -> Ret<PhpString> {
    let to = crate::settings::mb_http_output(cx, None)?;
    let to = to.as_str().and_then(|name| encodings::find(name)).unwrap_or_else(encodings::utf8);
    let from = internal(cx);
    if from == to {
        return Ok(string.clone());
    }
    let substitute = substitute(cx);
    Ok(PhpString::from(codec::convert(string, from, to, substitute).0))
}

//! Making parsers and setting them up.

use crate::{ParserData, State, codes, state};
use outlast_value::{Object, PhpString, Value};
use outlast_vm::{Cx, Ret};

fn made(cx: &mut Cx, label: Option<&PhpString>, separator: Option<Vec<u8>>) -> Ret<Object> {
    let mut new = State::new(separator);
    if let Some(label) = label.filter(|l| !l.is_empty()) {
        match target(label) {
            Some(target) => new.target = target,
            None => {
                return Err(cx.arg_value_error(1, "is not a supported source encoding"));
            }
        }
    }
    let class = cx.class(b"XMLParser").expect("it is declared here");
    let object = cx.instantiate(class)?;
    object.data::<ParserData>().expect("every parser has its state").0.replace(new);
    Ok(object)
}

fn target(label: &[u8]) -> Option<&'static str> {
    ["ISO-8859-1", "UTF-8", "US-ASCII"]
        .into_iter()
        .find(|known| known.as_bytes().eq_ignore_ascii_case(label))
}

pub fn xml_parser_create(cx: &mut Cx, label: Option<&PhpString>) -> Ret<Object> {
    made(cx, label, None)
}

pub fn xml_parser_create_ns(
    cx: &mut Cx,
    label: Option<&PhpString>,
    separator: &PhpString,
) -> Ret<Object> {
    made(cx, label, Some(separator.iter().copied().take(1).collect()))
}

pub fn xml_set_object(_cx: &mut Cx, parser: &Object, object: &Object) -> Ret<bool> {
    let old =
        std::mem::replace(&mut state(parser).borrow_mut().object, Value::Object(object.clone()));
    drop(old);
    Ok(true)
}

fn set(parser: &Object, which: impl Fn(&mut State) -> &mut Value, handler: &Value) {
    let handler = match handler {
        Value::Str(s) if s.is_empty() => Value::Null,
        v => v.clone(),
    };
    let old = std::mem::replace(which(&mut state(parser).borrow_mut()), handler);
    drop(old);
}

pub fn xml_set_element_handler(
    _cx: &mut Cx,
    parser: &Object,
    start: &Value,
    end: &Value,
) -> Ret<bool> {
    set(parser, |s| &mut s.start, start);
    set(parser, |s| &mut s.end, end);
    Ok(true)
}

pub fn xml_set_character_data_handler(_cx: &mut Cx, parser: &Object, handler: &Value) -> Ret<bool> {
    set(parser, |s| &mut s.text, handler);
    Ok(true)
}

pub fn xml_set_processing_instruction_handler(
    _cx: &mut Cx,
    parser: &Object,
    handler: &Value,
) -> Ret<bool> {
    set(parser, |s| &mut s.instruction, handler);
    Ok(true)
}

pub fn xml_set_default_handler(_cx: &mut Cx, parser: &Object, handler: &Value) -> Ret<bool> {
    set(parser, |s| &mut s.default, handler);
    Ok(true)
}

pub fn xml_get_error_code(_cx: &mut Cx, parser: &Object) -> Ret<i64> {
    Ok(state(parser).borrow().error)
}

pub fn xml_error_string(_cx: &mut Cx, code: i64) -> Ret<&'static str> {
    Ok(codes::text(code))
}

pub fn xml_get_current_line_number(_cx: &mut Cx, parser: &Object) -> Ret<i64> {
    Ok(i64::from(state(parser).borrow().position.0))
}

pub fn xml_get_current_column_number(_cx: &mut Cx, parser: &Object) -> Ret<i64> {
    Ok(i64::from(state(parser).borrow().position.1))
}

pub fn xml_get_current_byte_index(_cx: &mut Cx, parser: &Object) -> Ret<i64> {
    Ok(state(parser).borrow().position.2 as i64)
}

pub fn xml_parser_free(cx: &mut Cx, parser: &Object) -> Ret<bool> {
    let running = state(parser).borrow().started && state(parser).borrow().parser.is_none();
    if running {
        cx.warning("Parser cannot be freed while it is parsing")?;
        return Ok(false);
    }
    Ok(true)
}

pub fn xml_parser_set_option(
    cx: &mut Cx,
    parser: &Object,
    option: i64,
    value: &Value,
) -> Ret<bool> {
    match option {
        1 => state(parser).borrow_mut().fold = cx.to_bool(value)?,
        2 => {
            let label = cx.to_str(value)?;
            let Some(target) = target(&label) else {
                return Err(cx.arg_value_error(3, "is not a supported target encoding"));
            };
            state(parser).borrow_mut().target = target;
        }
        3 => {
            let skip = cx.to_int(value)?;
            if skip < 0 {
                let text = "must be between 0 and 2147483647 for option XML_OPTION_SKIP_TAGSTART";
                return Err(cx.arg_value_error(3, text));
            }
            state(parser).borrow_mut().skip_tag_start = skip;
        }
        4 => state(parser).borrow_mut().skip_white = cx.to_bool(value)?,
        5 => {
            if state(parser).borrow().started {
                let text = "Cannot change option XML_OPTION_PARSE_HUGE while parsing";
                return Err(cx.throw_error(text));
            }
            state(parser).borrow_mut().huge = cx.to_bool(value)?;
        }
        _ => return Err(cx.arg_value_error(2, "must be a XML_OPTION_* constant")),
    }
    Ok(true)
}

pub fn xml_parser_get_option(cx: &mut Cx, parser: &Object, option: i64) -> Ret<Value> {
    let s = state(parser).borrow();
    Ok(match option {
        1 => Value::Bool(s.fold),
        2 => Value::Str(PhpString::from(s.target)),
        3 => Value::Int(s.skip_tag_start),
        4 => Value::Bool(s.skip_white),
        5 => Value::Bool(s.huge),
        _ => return Err(cx.arg_value_error(2, "must be a XML_OPTION_* constant")),
    })
}

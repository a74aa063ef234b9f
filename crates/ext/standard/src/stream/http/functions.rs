//! Functions about responses.

use super::super::context::context_arg;
use super::super::openers::{self, Opened};
use super::super::{Streams, openers::scheme_of};
use outlast_value::{Key, PhpArray, PhpString, Value};
use outlast_vm::{Cx, OrFalse, Ret};

#[path = "functions_stub.rs"]
mod functions_stub;
pub use functions_stub::MODULE;

/// `http_get_last_response_headers()`
pub fn http_get_last_response_headers(cx: &mut Cx) -> Ret<Option<PhpArray>> {
    Ok(cx.state::<Streams>().last_response.clone())
}

/// `http_clear_last_response_headers()`
pub fn http_clear_last_response_headers(cx: &mut Cx) -> Ret<()> {
    cx.state::<Streams>().last_response = None;
    Ok(())
}

/// `get_headers()`
pub fn get_headers(
    cx: &mut Cx,
    url: &PhpString,
    associative: bool,
    context: &Value,
) -> Ret<OrFalse<PhpArray>> {
    let context = context_arg(cx, 3, Some(context))?;
    if scheme_of(url).is_none() {
        cx.warning("This function may only be used against URLs")?;
        return Ok(OrFalse(None));
    }
    let how = Opened { headers_only: true, context: Some(&context), ..Opened::default() };
    let Some(stream) = openers::open(cx, url, b"r", how)? else { return Ok(OrFalse(None)) };
    let lines = stream.wrapper_data.borrow().clone();
    stream.close(cx)?;
    let Value::Array(lines) = lines else { return Ok(OrFalse(None)) };
    if !associative {
        return Ok(OrFalse(Some(lines)));
    }
    let (mut out, mut indexed) = (PhpArray::new(), 0);
    for (_, line) in lines.iter() {
        let line = line.deref();
        let Value::Str(text) = &line else { continue };
        let Some(colon) = text.iter().position(|b| *b == b':') else {
            out.insert_int(indexed, line.clone());
            indexed += 1;
            continue;
        };
        let value = &text[colon + 1..];
        let blanks = value.iter().take_while(|b| b.is_ascii_whitespace()).count();
        let value = Value::str(&value[blanks..]);
        let key = Key::from_string(PhpString::new(&text[..colon]));
        let slot = out.get_or_insert(&key);
        match slot {
            Value::Array(all) => {
                all.insert_int(all.len() as i64, value);
            }
            Value::Undef | Value::Null => *slot = value,
            first => {
                let mut all = PhpArray::new();
                all.insert_int(0, std::mem::replace(first, Value::Null));
                all.insert_int(1, value);
                *first = Value::Array(all);
            }
        }
    }
    Ok(OrFalse(Some(out)))
}

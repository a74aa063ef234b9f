//! CSV lines of streams.

use crate::stream::{Stream, stream_arg};
use outlast_text::csv::{Dialect, read_csv, write_csv};
use outlast_value::{PhpArray, PhpString, Value};
use outlast_vm::{Cx, OrFalse, Ret};
use std::rc::Rc;

#[path = "csv_stub.rs"]
mod csv_stub;
pub use csv_stub::MODULE;

/// The bytes that structure a line, from arguments `first` and following.
pub fn dialect(
    cx: &mut Cx,
    first: usize,
    separator: &PhpString,
    enclosure: &PhpString,
    escape: Option<&PhpString>,
) -> Ret<Dialect> {
    if separator.len() != 1 {
        return Err(cx.arg_value_error(first, "must be a single character"));
    }
    if enclosure.len() != 1 {
        return Err(cx.arg_value_error(first + 1, "must be a single character"));
    }
    let escape = match escape {
        None => {
            cx.deprecated(
                "the $escape parameter must be provided as its default value will change",
            )?;
            Some(b'\\')
        }
        Some(escape) if escape.len() > 1 => {
            return Err(cx.arg_value_error(first + 2, "must be empty or a single character"));
        }
        Some(escape) => escape.first().copied(),
    };
    Ok(Dialect { delimiter: separator[0], enclosure: enclosure[0], escape })
}

/// `fputcsv()`
pub fn fputcsv(
    cx: &mut Cx,
    stream: &Value,
    fields: PhpArray,
    separator: &PhpString,
    enclosure: &PhpString,
    escape: Option<&PhpString>,
    eol: &PhpString,
) -> Ret<OrFalse<usize>> {
    let dialect = dialect(cx, 3, separator, enclosure, escape)?;
    let stream = stream_arg(cx, 1, stream)?;
    write_fields(cx, &stream, &fields, dialect, eol)
}

/// Writes a line; its length, `None` if it failed.
pub fn write_fields(
    cx: &mut Cx,
    stream: &Rc<Stream>,
    fields: &PhpArray,
    dialect: Dialect,
    eol: &[u8],
) -> Ret<OrFalse<usize>> {
    let mut texts = Vec::with_capacity(fields.len());
    for (_, field) in fields.iter() {
        texts.push(cx.to_str(&field.deref())?);
    }
    let line = write_csv(&texts, dialect, eol);
    Ok(OrFalse(stream.write(cx, &line)?))
}

/// `fgetcsv()`
pub fn fgetcsv(
    cx: &mut Cx,
    stream: &Value,
    length: Option<i64>,
    separator: &PhpString,
    enclosure: &PhpString,
    escape: Option<&PhpString>,
) -> Ret<OrFalse<PhpArray>> {
    let dialect = dialect(cx, 3, separator, enclosure, escape)?;
    let limit = match length {
        None | Some(0) => None,
        Some(length) if !(0..i64::MAX).contains(&length) => {
            return Err(cx.arg_value_error(2, "must be between 0 and 9223372036854775806"));
        }
        Some(length) => Some(length as usize),
    };
    let stream = stream_arg(cx, 1, stream)?;
    let Some(line) = stream.line(cx, limit)? else { return Ok(OrFalse(None)) };
    fields_from(cx, &stream, line, dialect).map(|fields| OrFalse(Some(fields)))
}

/// The fields of a record that begins with `line`; more lines are read where a field goes on.
pub fn fields_from(
    cx: &mut Cx,
    stream: &Rc<Stream>,
    line: Vec<u8>,
    dialect: Dialect,
) -> Ret<PhpArray> {
    let mut stop = None;
    let fields = read_csv(line, dialect, || match stream.line(cx, None) {
        Ok(line) => line,
        Err(unwind) => {
            stop = Some(unwind);
            None
        }
    });
    match stop {
        Some(unwind) => Err(unwind),
        None => Ok(fields.into_iter().map(|f| f.map_or(Value::Null, Value::str)).collect()),
    }
}

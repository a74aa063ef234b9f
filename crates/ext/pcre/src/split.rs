//! `preg_split`

use crate::error::{self, PregError};
use crate::pattern;
use crate::scan::{Scan, Step};
use outlast_value::{PhpArray, PhpString, Value};
use outlast_vm::{Cx, OrFalse, Ret};

const NO_EMPTY: i64 = 1;
const DELIM_CAPTURE: i64 = 2;
const OFFSET_CAPTURE: i64 = 4;

pub fn preg_split(
    cx: &mut Cx,
    pattern: &PhpString,
    subject: &PhpString,
    limit: i64,
    flags: i64,
) -> Ret<OrFalse<PhpArray>> {
    let Some(pattern) = pattern::get(cx, pattern)? else { return Ok(OrFalse(None)) };
    let no_empty = flags & NO_EMPTY != 0;
    let mut left = if limit <= 0 { i64::MAX } else { limit };
    error::set(cx, PregError::None);
    let mut out = PhpArray::new();
    let mut add = |start: usize, end: usize| {
        let piece = Value::Str(PhpString::new(&subject[start..end]));
        out.push(if flags & OFFSET_CAPTURE != 0 {
            Value::Array(PhpArray::from_list(vec![piece, Value::Int(start as i64)]))
        } else {
            piece
        })
        .ok();
    };
    let mut scan = Scan::new(&pattern, subject, 0, pattern::limits(cx));
    let mut last = 0;
    while left > 1 {
        let count = match scan.step() {
            Step::Match(count) => count,
            Step::End => break,
            Step::Error(code) => {
                error::set(cx, PregError::of_engine(code));
                return Ok(OrFalse(None));
            }
        };
        let (start, end) = scan.range();
        if end < start || start < last {
            error::set(cx, PregError::Internal);
            return Ok(OrFalse(None));
        }
        if !no_empty || start != last {
            add(last, start);
            left -= i64::from(left != i64::MAX);
        }
        if flags & DELIM_CAPTURE != 0 {
            for n in 1..count {
                let offsets = scan.matcher.offsets();
                let (start, end) = (offsets[2 * n], offsets[2 * n + 1]);
                match scan.group(n) {
                    Some(text) if !no_empty || !text.is_empty() => add(start, end),
                    None if !no_empty => add(0, 0),
                    _ => {}
                }
            }
        }
        last = end;
    }
    if !no_empty || last < subject.len() {
        add(last, subject.len());
    }
    Ok(OrFalse(Some(out)))
}

//! `preg_match`, `preg_match_all`, `preg_grep`

use crate::engine::PCRE2_ERROR_NOMATCH;
use crate::error::{self, PregError};
use crate::pattern::{self, Pattern};
use crate::scan::{Scan, Shape, Step};
use outlast_value::{Key, PhpArray, PhpString, Reference, Value};
use outlast_vm::{Cx, OrFalse, Ret};

const PATTERN_ORDER: i64 = 1;
const SET_ORDER: i64 = 2;
const GREP_INVERT: i64 = 1;

pub fn preg_match(
    cx: &mut Cx,
    pattern: &PhpString,
    subject: &PhpString,
    matches: Option<&Reference>,
    flags: i64,
    offset: i64,
) -> Ret<OrFalse<i64>> {
    let Some(pattern) = pattern::get(cx, pattern)? else { return Ok(OrFalse(None)) };
    if let Some(matches) = matches {
        matches.set(Value::empty_array());
    }
    if flags & 0xff != 0 {
        return Err(cx.arg_value_error(4, "must be a PREG_* constant"));
    }
    let Some(at) = start(cx, subject, offset) else { return Ok(OrFalse(None)) };
    let mut scan = Scan::new(&pattern, subject, at, pattern::limits(cx));
    match scan.step() {
        Step::Match(count) => {
            let (start, end) = scan.range();
            if end < start {
                cx.warning("Get subpatterns list failed")?;
                return Ok(OrFalse(None));
            }
            if let Some(matches) = matches {
                let shape = Shape::new(&pattern, flags);
                matches.set(Value::Array(shape.groups(&scan, count, pattern.code.groups())));
            }
            Ok(OrFalse(Some(1)))
        }
        Step::End => Ok(OrFalse(Some(0))),
        Step::Error(code) => {
            error::set(cx, PregError::of_engine(code));
            Ok(OrFalse(None))
        }
    }
}

/// Where matching starts, with no error noted so far; `None`: behind the end.
fn start(cx: &mut Cx, subject: &PhpString, offset: i64) -> Option<usize> {
    let len = subject.len();
    let at = match offset {
        0.. => offset as usize,
        _ => len.saturating_sub(offset.unsigned_abs() as usize),
    };
    let fits = at <= len;
    error::set(cx, if fits { PregError::None } else { PregError::Internal });
    fits.then_some(at)
}

pub fn preg_match_all(
    cx: &mut Cx,
    pattern: &PhpString,
    subject: &PhpString,
    matches: Option<&Reference>,
    flags: i64,
    offset: i64,
) -> Ret<OrFalse<i64>> {
    let Some(pattern) = pattern::get(cx, pattern)? else { return Ok(OrFalse(None)) };
    if let Some(matches) = matches {
        matches.set(Value::empty_array());
    }
    let order = if flags & 0xff == 0 { PATTERN_ORDER } else { flags & 0xff };
    if !(PATTERN_ORDER..=SET_ORDER).contains(&order) {
        return Err(cx.arg_value_error(4, "must be a PREG_* constant"));
    }
    let Some(at) = start(cx, subject, offset) else { return Ok(OrFalse(None)) };
    let shape = Shape::new(&pattern, flags);
    let mut found = All::new(&pattern, order == SET_ORDER, matches.is_some());
    let mut scan = Scan::new(&pattern, subject, at, pattern::limits(cx));
    loop {
        match scan.step() {
            Step::Match(count) => {
                let (start, end) = scan.range();
                if end < start {
                    cx.warning("Get subpatterns list failed")?;
                    return Ok(OrFalse(None));
                }
                found.add(&shape, &scan, count);
            }
            Step::End => break,
            Step::Error(code) => {
                error::set(cx, PregError::of_engine(code));
                break;
            }
        }
    }
    let count = found.count;
    if let Some(matches) = matches {
        matches.set(Value::Array(found.result(&shape)));
    }
    Ok(OrFalse((error::last(cx) == PregError::None).then_some(count)))
}

/// The matches of `preg_match_all`.
struct All {
    groups: usize,
    count: i64,
    wanted: bool,
    /// In `PREG_SET_ORDER`: an array for each match.
    sets: Option<PhpArray>,
    /// In `PREG_PATTERN_ORDER`: an array for each group.
    columns: Vec<PhpArray>,
    marks: PhpArray,
}

impl All {
    fn new(pattern: &Pattern, by_set: bool, wanted: bool) -> All {
        let groups = pattern.code.groups();
        All {
            groups,
            count: 0,
            wanted,
            sets: by_set.then(PhpArray::new),
            columns: if by_set || !wanted { Vec::new() } else { vec![PhpArray::new(); groups] },
            marks: PhpArray::new(),
        }
    }

    fn add(&mut self, shape: &Shape, scan: &Scan<'_>, count: usize) {
        self.count += 1;
        if !self.wanted {
            return;
        }
        if let Some(sets) = &mut self.sets {
            sets.push(Value::Array(shape.groups(scan, count, self.groups))).ok();
            return;
        }
        for (n, column) in self.columns.iter_mut().enumerate() {
            let value = if n < count { shape.group(scan, n) } else { shape.unmatched() };
            column.push(value).ok();
        }
        if let Some(mark) = scan.matcher.mark() {
            self.marks.insert(Key::Int(self.count - 1), Value::str(mark));
        }
    }

    fn result(self, shape: &Shape) -> PhpArray {
        if let Some(sets) = self.sets {
            return sets;
        }
        let mut out = PhpArray::with_capacity(self.groups);
        for (n, column) in self.columns.into_iter().enumerate() {
            if let Some(name) = shape.key(n) {
                out.insert(Key::Str(name.clone()), Value::Array(column.clone()));
            }
            out.push(Value::Array(column)).ok();
        }
        if !self.marks.is_empty() {
            out.insert(Key::from("MARK"), Value::Array(self.marks));
        }
        out
    }
}

pub fn preg_grep(
    cx: &mut Cx,
    pattern: &PhpString,
    array: PhpArray,
    flags: i64,
) -> Ret<OrFalse<PhpArray>> {
    let Some(pattern) = pattern::get(cx, pattern)? else { return Ok(OrFalse(None)) };
    let invert = flags & GREP_INVERT != 0;
    error::set(cx, PregError::None);
    let limits = pattern::limits(cx);
    let mut out = PhpArray::new();
    for (key, value) in array.iter() {
        let subject = cx.to_str(value)?;
        let mut scan = Scan::new(&pattern, &subject, 0, limits);
        let matched = match scan.step() {
            Step::Match(_) => true,
            Step::End | Step::Error(PCRE2_ERROR_NOMATCH) => false,
            Step::Error(code) => {
                error::set(cx, PregError::of_engine(code));
                break;
            }
        };
        if matched != invert {
            out.insert(key, value.clone());
        }
    }
    Ok(OrFalse(Some(out)))
}

//! `sort` and its family, `array_multisort`, `array_unique`.

use super::order::sorted_indices;
use super::util::{element, shared_array, take_array};
use outlast_number as number;
use outlast_text::compare::compare_ignoring_case;
use outlast_text::natural::natural_compare;
use outlast_value::{Key, PhpArray, PhpString, Reference, Value};
use outlast_vm::{Callable, Cx, Ret};
use rustc_hash::FxHashSet;
use std::cmp::Ordering;

/// `SORT_…`
pub mod flag {
    pub const REGULAR: i64 = 0;
    pub const NUMERIC: i64 = 1;
    pub const STRING: i64 = 2;
    pub const DESC: i64 = 3;
    pub const ASC: i64 = 4;
    pub const LOCALE_STRING: i64 = 5;
    pub const NATURAL: i64 = 6;
    pub const CASE: i64 = 8;
}

/// An element with its key.
pub type Entry = (Key, Value);

fn sign(o: Ordering) -> i32 {
    o as i32
}

/// Compares by `SORT_…` flags.
pub fn compare_by(cx: &mut Cx, flags: i64, a: &Value, b: &Value) -> Ret<i32> {
    let fold = flags & flag::CASE != 0;
    match flags & !flag::CASE {
        flag::NUMERIC => {
            let (x, y) = (cx.to_float(a)?, cx.to_float(b)?);
            Ok(if x == y {
                0
            } else if x < y {
                -1
            } else {
                1
            })
        }
        kind @ (flag::STRING | flag::LOCALE_STRING | flag::NATURAL) => {
            let (x, y) = (cx.to_str(a)?, cx.to_str(b)?);
            Ok(sign(match kind {
                flag::NATURAL => natural_compare(&x, &y, fold),
                flag::STRING if fold => compare_ignoring_case(&x, &y),
                _ => x.as_bytes().cmp(y.as_bytes()),
            }))
        }
        _ => cx.compare(a, b),
    }
}

/// Sorts entries by a comparison that may fail; on failure they stay as they were.
pub fn sort_entries(
    entries: &mut Vec<Entry>,
    compare: &mut dyn FnMut(&Entry, &Entry) -> Ret<i32>,
) -> Ret<()> {
    let order = sorted_indices(entries.len(), &mut |a, b| compare(&entries[a], &entries[b]))?;
    let mut taken: Vec<Option<Entry>> = std::mem::take(entries).into_iter().map(Some).collect();
    entries.extend(order.into_iter().filter_map(|i| taken[i as usize].take()));
    Ok(())
}

/// The same with keys only, for arrays without order among equals.
fn rebuild(entries: Vec<Entry>, renumber: bool, next_free: i64) -> PhpArray {
    if renumber {
        return PhpArray::from_list(entries.into_iter().map(|(_, v)| v).collect());
    }
    let mut out: PhpArray = entries.into_iter().collect();
    if !out.is_empty() && out.next_free() != next_free {
        out.set_next_free(next_free);
    }
    out
}

/// `foreach` by reference goes on where it stood, among the sorted elements.
fn with_iterators(mut sorted: PhpArray, iterators: &[(u32, usize)]) -> PhpArray {
    for &(handle, position) in iterators {
        sorted.iter_set_pos(handle, position);
    }
    sorted
}

/// Could the text be a number? Only then are strings compared as numbers.
pub(super) fn maybe_numeric(s: &[u8]) -> bool {
    s.first().is_some_and(|&c| c <= b'9')
}

/// A total order for entries of one simple type; `None`: comparisons need the engine.
fn simple_order(entries: &[Entry], flags: i64) -> Option<fn(&Value, &Value) -> Ordering> {
    let all = |is: fn(&Value) -> bool| entries.iter().all(|(_, v)| is(v));
    match flags {
        flag::REGULAR | flag::NUMERIC if all(Value::is_int) => Some(|a, b| match (a, b) {
            (Value::Int(x), Value::Int(y)) => x.cmp(y),
            _ => Ordering::Equal,
        }),
        flag::REGULAR | flag::NUMERIC if all(|v| matches!(v, Value::Float(f) if !f.is_nan())) => {
            Some(|a, b| match (a, b) {
                (Value::Float(x), Value::Float(y)) => number::compare_floats(*x, *y),
                _ => Ordering::Equal,
            })
        }
        flag::STRING | flag::LOCALE_STRING if all(Value::is_str) => Some(by_bytes),
        flag::REGULAR if all(|v| matches!(v, Value::Str(s) if !maybe_numeric(s))) => Some(by_bytes),
        _ => None,
    }
}

fn by_bytes(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Str(x), Value::Str(y)) => x.as_bytes().cmp(y.as_bytes()),
        _ => Ordering::Equal,
    }
}

/// The sorted list of integers, or of strings that compare by their bytes: nobody can tell equal ones apart.
fn sorted_list(array: &PhpArray, flags: i64, reverse: bool) -> Option<PhpArray> {
    let numbers = matches!(flags, flag::REGULAR | flag::NUMERIC);
    if numbers && array.values().all(Value::is_int) {
        let mut ints: Vec<i64> = array.values().filter_map(Value::as_int).collect();
        ints.sort_unstable();
        if reverse {
            ints.reverse();
        }
        return Some(PhpArray::list_of(ints.into_iter().map(Value::Int)));
    }
    let any = matches!(flags, flag::STRING | flag::LOCALE_STRING);
    let by_bytes = |v: &Value| matches!(v, Value::Str(s) if any || !maybe_numeric(s));
    if (any || flags == flag::REGULAR) && array.values().all(by_bytes) {
        let mut strings: Vec<Value> = array.values().cloned().collect();
        strings.sort_unstable_by(self::by_bytes);
        if reverse {
            strings.reverse();
        }
        return Some(PhpArray::from_list(strings));
    }
    None
}

/// Sorts by value in place.
fn sort_values(cx: &mut Cx, r: &Reference, flags: i64, reverse: bool, renumber: bool) -> Ret<bool> {
    let array = take_array(cx, r)?;
    if array.values().any(Value::is_ref) {
        // The array may hold itself: it has to be there while it is sorted.
        r.set(Value::Array(array.clone()));
    }
    let next_free = array.next_free();
    let iterators = array.iterators();
    if renumber && let Some(sorted) = sorted_list(&array, flags, reverse) {
        r.set(Value::Array(with_iterators(sorted, &iterators)));
        return Ok(true);
    }
    let mut entries = array.into_entries();
    let result = match simple_order(&entries, flags) {
        Some(order) => {
            entries.sort_by(|(_, a), (_, b)| if reverse { order(b, a) } else { order(a, b) });
            Ok(())
        }
        None => sort_entries(&mut entries, &mut |(_, a), (_, b)| {
            // What cannot be compared comes first in both directions.
            compare_by(cx, flags, a, b).map(|order| if reverse { -order } else { order })
        }),
    };
    let sorted = rebuild(entries, renumber && result.is_ok(), next_free);
    r.set(Value::Array(with_iterators(sorted, &iterators)));
    result.map(|()| true)
}

/// Does the key compare with others of its kind by its bytes?
fn compares_by_bytes(key: &Key, flags: i64) -> bool {
    let Key::Str(key) = key else { return false };
    match flags {
        flag::STRING | flag::LOCALE_STRING => true,
        flag::REGULAR => !maybe_numeric(key),
        _ => false,
    }
}

/// Sorts by key in place.
fn sort_keys(cx: &mut Cx, r: &Reference, flags: i64, reverse: bool) -> Ret<bool> {
    let array = take_array(cx, r)?;
    if !reverse && array.is_packed() && matches!(flags, flag::REGULAR | flag::NUMERIC) {
        r.set(Value::Array(array));
        return Ok(true);
    }
    let next_free = array.next_free();
    let iterators = array.iterators();
    let mut entries = array.into_entries();
    let ints = entries.iter().all(|(k, _)| matches!(k, Key::Int(_)));
    let result = if ints && matches!(flags, flag::REGULAR | flag::NUMERIC) {
        let int = |k: &Key| if let Key::Int(i) = k { *i } else { 0 };
        entries.sort_by_key(|(k, _)| int(k));
        if reverse {
            entries.reverse();
        }
        Ok(())
    } else if entries.iter().all(|(k, _)| compares_by_bytes(k, flags)) {
        entries.sort_by(|(a, _), (b, _)| {
            let order = match (a, b) {
                (Key::Str(a), Key::Str(b)) => a.as_bytes().cmp(b.as_bytes()),
                _ => Ordering::Equal,
            };
            if reverse { order.reverse() } else { order }
        });
        Ok(())
    } else {
        sort_entries(&mut entries, &mut |(a, _), (b, _)| {
            let (a, b) = (a.to_value(), b.to_value());
            compare_by(cx, flags, &a, &b).map(|order| if reverse { -order } else { order })
        })
    };
    let sorted = rebuild(entries, false, next_free);
    r.set(Value::Array(with_iterators(sorted, &iterators)));
    result.map(|()| true)
}

/// `sort()`
pub fn sort(cx: &mut Cx, array: &Reference, flags: i64) -> Ret<bool> {
    sort_values(cx, array, flags, false, true)
}

/// `rsort()`
pub fn rsort(cx: &mut Cx, array: &Reference, flags: i64) -> Ret<bool> {
    sort_values(cx, array, flags, true, true)
}

/// `asort()`
pub fn asort(cx: &mut Cx, array: &Reference, flags: i64) -> Ret<bool> {
    sort_values(cx, array, flags, false, false)
}

/// `arsort()`
pub fn arsort(cx: &mut Cx, array: &Reference, flags: i64) -> Ret<bool> {
    sort_values(cx, array, flags, true, false)
}

/// `natsort()`
pub fn natsort(cx: &mut Cx, array: &Reference) -> Ret<bool> {
    sort_values(cx, array, flag::NATURAL, false, false)
}

/// `natcasesort()`
pub fn natcasesort(cx: &mut Cx, array: &Reference) -> Ret<bool> {
    sort_values(cx, array, flag::NATURAL | flag::CASE, false, false)
}

/// `ksort()`
pub fn ksort(cx: &mut Cx, array: &Reference, flags: i64) -> Ret<bool> {
    sort_keys(cx, array, flags, false)
}

/// `krsort()`
pub fn krsort(cx: &mut Cx, array: &Reference, flags: i64) -> Ret<bool> {
    sort_keys(cx, array, flags, true)
}

/// A comparison by a callback, with PHP's patience for callbacks that return a bool.
pub struct UserCompare<'a> {
    callback: &'a Callable,
    told: bool,
}

impl<'a> UserCompare<'a> {
    /// For one sort.
    pub fn new(callback: &'a Callable) -> Self {
        UserCompare { callback, told: false }
    }

    /// The sign the callback gives, whatever type it returns.
    pub fn sign(&mut self, cx: &mut Cx, a: &Value, b: &Value) -> Ret<i32> {
        let result = cx.call_resolved(self.callback, vec![element(a), element(b)])?;
        Ok(cx.to_int(&result)?.signum() as i32)
    }

    /// The sign the callback gives; a bool is understood, once with a deprecation.
    pub fn compare(&mut self, cx: &mut Cx, a: &Value, b: &Value) -> Ret<i32> {
        let result = cx.call_resolved(self.callback, vec![element(a), element(b)])?.into_deref();
        let Value::Bool(truth) = result else {
            return Ok(cx.to_int(&result)?.signum() as i32);
        };
        if !self.told {
            self.told = true;
            cx.deprecated(
                "Returning bool from comparison function is deprecated, return an integer less \
                 than, equal to, or greater than zero",
            )?;
        }
        if truth {
            return Ok(1);
        }
        // `false` may mean "equal" or "less": the other way round tells.
        let other = cx.call_resolved(self.callback, vec![element(b), element(a)])?;
        Ok(-i32::from(cx.to_int(&other)? > 0))
    }
}

fn user_sort(
    cx: &mut Cx,
    r: &Reference,
    callback: &Callable,
    by_key: bool,
    renumber: bool,
) -> Ret<bool> {
    // The callback sees the array unsorted.
    let array = shared_array(cx, r)?;
    if array.is_empty() {
        return Ok(true);
    }
    let next_free = array.next_free();
    let mut entries = array.into_entries();
    let mut user = UserCompare::new(callback);
    sort_entries(&mut entries, &mut |a, b| {
        if by_key {
            user.compare(cx, &a.0.to_value(), &b.0.to_value())
        } else {
            user.compare(cx, &a.1, &b.1)
        }
    })?;
    r.set(Value::Array(rebuild(entries, renumber, next_free)));
    Ok(true)
}

/// `usort()`
pub fn usort(cx: &mut Cx, array: &Reference, callback: &Callable) -> Ret<bool> {
    user_sort(cx, array, callback, false, true)
}

/// `uasort()`
pub fn uasort(cx: &mut Cx, array: &Reference, callback: &Callable) -> Ret<bool> {
    user_sort(cx, array, callback, false, false)
}

/// `uksort()`
pub fn uksort(cx: &mut Cx, array: &Reference, callback: &Callable) -> Ret<bool> {
    user_sort(cx, array, callback, true, false)
}

/// One array of `array_multisort` with how it is sorted.
struct Column {
    target: Reference,
    array: PhpArray,
    flags: i64,
    descending: bool,
}

/// The columns with their flags, checked.
fn columns(cx: &mut Cx, arguments: Vec<Reference>) -> Ret<Vec<Column>> {
    let mut columns: Vec<Column> = Vec::new();
    let (mut order_open, mut kind_open) = (false, false);
    for (i, target) in arguments.into_iter().enumerate() {
        match target.get() {
            Value::Array(array) => {
                columns.push(Column { target, array, flags: flag::REGULAR, descending: false });
                (order_open, kind_open) = (true, true);
            }
            Value::Int(n) => {
                let open = match n & !flag::CASE {
                    flag::ASC | flag::DESC => &mut order_open,
                    flag::REGULAR
                    | flag::NUMERIC
                    | flag::STRING
                    | flag::NATURAL
                    | flag::LOCALE_STRING => &mut kind_open,
                    _ => return Err(cx.arg_value_error(i + 1, "must be a valid sort flag")),
                };
                let allowed = std::mem::take(open);
                match columns.last_mut() {
                    Some(c) if allowed => match n & !flag::CASE {
                        flag::ASC => c.descending = false,
                        flag::DESC => c.descending = true,
                        _ => c.flags = n,
                    },
                    _ => {
                        let text =
                            "must be an array or a sort flag that has not already been specified";
                        return Err(cx.arg_type_error(i + 1, text));
                    }
                }
            }
            _ => return Err(cx.arg_type_error(i + 1, "must be an array or a sort flag")),
        }
    }
    Ok(columns)
}

/// `array_multisort()`
pub fn array_multisort(cx: &mut Cx, array: &Reference, rest: &[Value]) -> Ret<bool> {
    let mut arguments = vec![array.clone()];
    arguments.extend(rest.iter().map(|v| match v {
        Value::Ref(r) => r.clone(),
        v => Reference::new(v.clone()),
    }));
    let columns = columns(cx, arguments)?;
    let len = columns[0].array.len();
    if columns.iter().any(|c| c.array.len() != len) {
        return Err(cx.throw_value_error("Array sizes are inconsistent"));
    }
    if len == 0 {
        return Ok(true);
    }
    let rows: Vec<Vec<Entry>> = columns.iter().map(|c| c.array.clone().into_entries()).collect();
    let order = sorted_indices(len, &mut |a, b| {
        for (c, entries) in columns.iter().zip(&rows) {
            let r = compare_by(cx, c.flags, &entries[a].1, &entries[b].1)?;
            if r != 0 {
                return Ok(if c.descending { -r } else { r });
            }
        }
        Ok(0)
    })?;
    for (c, entries) in columns.iter().zip(&rows) {
        let mut sorted = PhpArray::with_capacity(len);
        for &i in &order {
            let (key, value) = &entries[i as usize];
            super::util::put_renumbered(&mut sorted, key.as_key_ref(), value.clone());
        }
        c.target.set(Value::Array(sorted));
    }
    Ok(true)
}

/// `array_unique()`
pub fn array_unique(cx: &mut Cx, array: PhpArray, flags: i64) -> Ret<PhpArray> {
    if array.len() <= 1 {
        return Ok(array);
    }
    let mut out = array.clone();
    if flags == flag::STRING {
        let mut seen: FxHashSet<PhpString> = FxHashSet::default();
        for (k, v) in &array {
            let text = cx.to_str(v)?;
            if !seen.insert(text) {
                out.remove(&k);
            }
        }
        return Ok(out);
    }
    let entries = array.into_entries();
    let mut compare = |a: usize, b: usize| compare_by(cx, flags, &entries[a].1, &entries[b].1);
    let order = sorted_indices(entries.len(), &mut compare)?;
    let mut kept = order[0] as usize;
    for &i in &order[1..] {
        let i = i as usize;
        if compare(kept, i)? != 0 {
            kept = i;
            continue;
        }
        out.remove(&entries[kept.max(i)].0);
        kept = kept.min(i);
    }
    Ok(out)
}

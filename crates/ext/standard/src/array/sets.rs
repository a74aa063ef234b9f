//! `array_diff`, `array_intersect` and all their variants.
//!
//! Where callbacks compare, the arrays are sorted and walked side by side, as PHP does: scripts
//! see which elements are compared.

use super::sort::{Entry, UserCompare, sort_entries};
use super::util::arrays;
use outlast_value::{Key, PhpArray, PhpString, Value};
use outlast_vm::{Callable, Cx, Ret};
use rustc_hash::FxHashSet;

/// What is compared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Values,
    Keys,
    Both,
}

/// Which elements stay.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    Missing,
    Common,
}

/// Splits callbacks off the end of the arguments behind the first array.
fn callbacks(
    cx: &mut Cx,
    name: &str,
    rest: &[Value],
    count: usize,
) -> Ret<(Vec<PhpArray>, Vec<Callable>)> {
    if rest.len() < count {
        let (least, given) = (count + 1, rest.len() + 1);
        return Err(cx.throw_arg_count_error(format!(
            "{name}() expects at least {least} arguments, {given} given"
        )));
    }
    let (lists, functions) = rest.split_at(rest.len() - count);
    let mut found = Vec::with_capacity(count);
    for (i, f) in functions.iter().enumerate() {
        match cx.resolve_callable(f)? {
            Ok(c) => found.push(c),
            Err(reason) => {
                let text = format!("must be a valid callback, {reason}");
                return Err(cx.arg_type_error(lists.len() + 2 + i, &text));
            }
        }
    }
    Ok((arrays(cx, 2, lists)?, found))
}

/// Compares as the variant says.
struct Comparer<'a> {
    value: Option<UserCompare<'a>>,
    key: Option<UserCompare<'a>>,
}

impl<'a> Comparer<'a> {
    fn new(value: Option<&'a Callable>, key: Option<&'a Callable>) -> Self {
        Comparer { value: value.map(UserCompare::new), key: key.map(UserCompare::new) }
    }

    fn values(&mut self, cx: &mut Cx, a: &Entry, b: &Entry) -> Ret<i32> {
        match &mut self.value {
            Some(user) => user.sign(cx, &a.1, &b.1),
            None => {
                let (x, y) = (cx.to_str(&a.1)?, cx.to_str(&b.1)?);
                Ok(x.as_bytes().cmp(y.as_bytes()) as i32)
            }
        }
    }

    fn keys(&mut self, cx: &mut Cx, a: &Entry, b: &Entry) -> Ret<i32> {
        match &mut self.key {
            Some(user) => user.sign(cx, &a.0.to_value(), &b.0.to_value()),
            None => {
                let (x, y) = (key_text(&a.0), key_text(&b.0));
                Ok(x.as_bytes().cmp(y.as_bytes()) as i32)
            }
        }
    }
}

fn key_text(k: &Key) -> PhpString {
    match k {
        Key::Int(i) => outlast_vm::convert::int_to_string(*i),
        Key::Str(s) => s.clone(),
    }
}

/// Whether elements of other arrays are found by their keys.
fn by_lookup(
    cx: &mut Cx,
    first: &PhpArray,
    others: &[PhpArray],
    keep: Keep,
    value: Option<Option<&Callable>>,
) -> Ret<PhpArray> {
    let mut comparer = Comparer::new(value.flatten(), None);
    let mut out = PhpArray::new();
    for (k, v) in first {
        let entry = (k, super::util::element(v));
        let mut stays = true;
        for other in others {
            let found = match other.get(&entry.0) {
                None => false,
                Some(_) if value.is_none() => true,
                Some(w) => {
                    let w = (entry.0.clone(), w.clone());
                    comparer.values(cx, &entry, &w)? == 0
                }
            };
            stays = match keep {
                Keep::Missing => !found,
                Keep::Common => found,
            };
            if !stays {
                break;
            }
        }
        if stays {
            out.insert(entry.0, entry.1);
        }
    }
    Ok(out)
}

fn sorted(cx: &mut Cx, a: &PhpArray, by: By, comparer: &mut Comparer<'_>) -> Ret<Vec<Entry>> {
    let mut entries = a.clone().into_entries();
    sort_entries(&mut entries, &mut |x, y| match by {
        By::Values => comparer.values(cx, x, y),
        By::Keys | By::Both => comparer.keys(cx, x, y),
    })?;
    Ok(entries)
}

/// Walks the sorted arrays side by side.
fn by_walk(
    cx: &mut Cx,
    first: PhpArray,
    others: &[PhpArray],
    keep: Keep,
    by: By,
    mut comparer: Comparer<'_>,
) -> Ret<PhpArray> {
    // A copy of its own, made before other handles of the elements are.
    let mut out = first.clone();
    out.separate();
    let head = sorted(cx, &first, by, &mut comparer)?;
    let mut rows = Vec::with_capacity(others.len());
    for other in others {
        rows.push(sorted(cx, other, by, &mut comparer)?);
    }
    let mut walk = Walk { head, rows, at: 0, marks: vec![0; others.len()], out, by, comparer };
    match keep {
        Keep::Missing => walk.diff(cx)?,
        Keep::Common => walk.intersect(cx)?,
    }
    Ok(walk.out)
}

struct Walk<'a> {
    head: Vec<Entry>,
    rows: Vec<Vec<Entry>>,
    at: usize,
    marks: Vec<usize>,
    out: PhpArray,
    by: By,
    comparer: Comparer<'a>,
}

impl Walk<'_> {
    fn order(&mut self, cx: &mut Cx, at: usize, row: usize, mark: usize) -> Ret<i32> {
        let (a, b) = (&self.head[at], &self.rows[row][mark]);
        match self.by {
            By::Values => self.comparer.values(cx, a, b),
            By::Keys | By::Both => self.comparer.keys(cx, a, b),
        }
    }

    fn same_value(&mut self, cx: &mut Cx, row: usize, mark: usize) -> Ret<bool> {
        Ok(self.comparer.values(cx, &self.head[self.at], &self.rows[row][mark])? == 0)
    }

    /// Takes the element at the head out of the result.
    fn drop_head(&mut self) {
        self.out.remove(&self.head[self.at].0);
        self.at += 1;
    }

    /// Is the head's value that of the element before?
    fn repeats(&mut self, cx: &mut Cx) -> Ret<bool> {
        let (a, b) = (&self.head[self.at - 1], &self.head[self.at]);
        Ok(self.comparer.values(cx, a, b)? == 0)
    }

    fn diff(&mut self, cx: &mut Cx) -> Ret<()> {
        while self.at < self.head.len() {
            let mut found = false;
            for row in 0..self.rows.len() {
                found = match self.by {
                    By::Values => self.step_to_value(cx, row)?,
                    By::Keys | By::Both => self.scan_for_key(cx, row)?,
                };
                if found {
                    break;
                }
            }
            loop {
                if found {
                    self.drop_head();
                } else {
                    self.at += 1;
                }
                let more = self.at < self.head.len() && self.by == By::Values;
                if !more || !self.repeats(cx)? {
                    break;
                }
            }
        }
        Ok(())
    }

    fn step_to_value(&mut self, cx: &mut Cx, row: usize) -> Ret<bool> {
        while self.marks[row] < self.rows[row].len() {
            let c = self.order(cx, self.at, row, self.marks[row])?;
            if c <= 0 {
                if c == 0 {
                    self.marks[row] += 1;
                }
                return Ok(c == 0);
            }
            self.marks[row] += 1;
        }
        Ok(false)
    }

    fn scan_for_key(&mut self, cx: &mut Cx, row: usize) -> Ret<bool> {
        for mark in 0..self.rows[row].len() {
            if self.order(cx, self.at, row, mark)? == 0 {
                return match self.by {
                    By::Both => self.same_value(cx, row, mark),
                    _ => Ok(true),
                };
            }
        }
        Ok(false)
    }

    fn intersect(&mut self, cx: &mut Cx) -> Ret<()> {
        while self.at < self.head.len() {
            let mut absent_in = None;
            for row in 0..self.rows.len() {
                let mut c = 1;
                while self.marks[row] < self.rows[row].len() {
                    c = self.order(cx, self.at, row, self.marks[row])?;
                    if c <= 0 {
                        break;
                    }
                    self.marks[row] += 1;
                }
                if self.marks[row] == self.rows[row].len() {
                    while self.at < self.head.len() {
                        self.drop_head();
                    }
                    return Ok(());
                }
                let wrong_value =
                    c == 0 && self.by == By::Both && !self.same_value(cx, row, self.marks[row])?;
                if c != 0 || wrong_value {
                    absent_in = Some(row);
                    break;
                }
                self.marks[row] += 1;
            }
            match absent_in {
                Some(row) => loop {
                    self.drop_head();
                    if self.at == self.head.len() {
                        return Ok(());
                    }
                    if self.order(cx, self.at, row, self.marks[row])? >= 0 {
                        break;
                    }
                },
                None => {
                    self.at += 1;
                    while self.by == By::Values && self.at < self.head.len() && self.repeats(cx)? {
                        self.at += 1;
                    }
                }
            }
        }
        Ok(())
    }
}

/// `array_diff()`
pub fn array_diff(cx: &mut Cx, array: PhpArray, given: &[Value]) -> Ret<PhpArray> {
    let others = arrays(cx, 2, given)?;
    if array.len() == 1 {
        // A single value is looked for without a table, and read in any case.
        let value = array.values().next().cloned().unwrap_or(Value::Null);
        let wanted = cx.to_str(&value)?;
        for other in &others {
            for v in other.values() {
                if cx.to_str(v)? == wanted {
                    return Ok(PhpArray::new());
                }
            }
        }
        return Ok(array);
    }
    if array.is_empty() || others.iter().all(PhpArray::is_empty) {
        return Ok(array);
    }
    let mut excluded: FxHashSet<PhpString> = FxHashSet::default();
    for other in &others {
        for v in other.values() {
            let text = cx.to_str(v)?;
            excluded.insert(text);
        }
    }
    let mut out = PhpArray::new();
    for (k, v) in &array {
        let text = cx.to_str(v)?;
        if !excluded.contains(&text) {
            out.insert(k, super::util::element(v));
        }
    }
    Ok(out)
}

/// `array_diff_key()`
pub fn array_diff_key(cx: &mut Cx, array: PhpArray, given: &[Value]) -> Ret<PhpArray> {
    let others = arrays(cx, 2, given)?;
    by_lookup(cx, &array, &others, Keep::Missing, None)
}

/// `array_diff_assoc()`
pub fn array_diff_assoc(cx: &mut Cx, array: PhpArray, given: &[Value]) -> Ret<PhpArray> {
    let others = arrays(cx, 2, given)?;
    by_lookup(cx, &array, &others, Keep::Missing, Some(None))
}

/// `array_intersect_key()`
pub fn array_intersect_key(cx: &mut Cx, array: PhpArray, given: &[Value]) -> Ret<PhpArray> {
    let others = arrays(cx, 2, given)?;
    by_lookup(cx, &array, &others, Keep::Common, None)
}

/// `array_intersect_assoc()`
pub fn array_intersect_assoc(cx: &mut Cx, array: PhpArray, given: &[Value]) -> Ret<PhpArray> {
    let others = arrays(cx, 2, given)?;
    by_lookup(cx, &array, &others, Keep::Common, Some(None))
}

/// `array_udiff_assoc()`
pub fn array_udiff_assoc(cx: &mut Cx, array: PhpArray, rest: &[Value]) -> Ret<PhpArray> {
    let (others, f) = callbacks(cx, "array_udiff_assoc", rest, 1)?;
    by_lookup(cx, &array, &others, Keep::Missing, Some(Some(&f[0])))
}

/// `array_uintersect_assoc()`
pub fn array_uintersect_assoc(cx: &mut Cx, array: PhpArray, rest: &[Value]) -> Ret<PhpArray> {
    let (others, f) = callbacks(cx, "array_uintersect_assoc", rest, 1)?;
    by_lookup(cx, &array, &others, Keep::Common, Some(Some(&f[0])))
}

/// `array_intersect()`
pub fn array_intersect(cx: &mut Cx, array: PhpArray, given: &[Value]) -> Ret<PhpArray> {
    let others = arrays(cx, 2, given)?;
    if array.is_empty() || others.iter().any(PhpArray::is_empty) {
        return Ok(PhpArray::new());
    }
    by_walk(cx, array, &others, Keep::Common, By::Values, Comparer::new(None, None))
}

/// `array_udiff()`
pub fn array_udiff(cx: &mut Cx, array: PhpArray, rest: &[Value]) -> Ret<PhpArray> {
    let (others, f) = callbacks(cx, "array_udiff", rest, 1)?;
    by_walk(cx, array, &others, Keep::Missing, By::Values, Comparer::new(Some(&f[0]), None))
}

/// `array_uintersect()`
pub fn array_uintersect(cx: &mut Cx, array: PhpArray, rest: &[Value]) -> Ret<PhpArray> {
    let (others, f) = callbacks(cx, "array_uintersect", rest, 1)?;
    by_walk(cx, array, &others, Keep::Common, By::Values, Comparer::new(Some(&f[0]), None))
}

/// `array_diff_ukey()`
pub fn array_diff_ukey(cx: &mut Cx, array: PhpArray, rest: &[Value]) -> Ret<PhpArray> {
    let (others, f) = callbacks(cx, "array_diff_ukey", rest, 1)?;
    by_walk(cx, array, &others, Keep::Missing, By::Keys, Comparer::new(None, Some(&f[0])))
}

/// `array_intersect_ukey()`
pub fn array_intersect_ukey(cx: &mut Cx, array: PhpArray, rest: &[Value]) -> Ret<PhpArray> {
    let (others, f) = callbacks(cx, "array_intersect_ukey", rest, 1)?;
    by_walk(cx, array, &others, Keep::Common, By::Keys, Comparer::new(None, Some(&f[0])))
}

/// `array_diff_uassoc()`
pub fn array_diff_uassoc(cx: &mut Cx, array: PhpArray, rest: &[Value]) -> Ret<PhpArray> {
    let (others, f) = callbacks(cx, "array_diff_uassoc", rest, 1)?;
    by_walk(cx, array, &others, Keep::Missing, By::Both, Comparer::new(None, Some(&f[0])))
}

/// `array_intersect_uassoc()`
pub fn array_intersect_uassoc(cx: &mut Cx, array: PhpArray, rest: &[Value]) -> Ret<PhpArray> {
    let (others, f) = callbacks(cx, "array_intersect_uassoc", rest, 1)?;
    by_walk(cx, array, &others, Keep::Common, By::Both, Comparer::new(None, Some(&f[0])))
}

/// `array_udiff_uassoc()`
pub fn array_udiff_uassoc(cx: &mut Cx, array: PhpArray, rest: &[Value]) -> Ret<PhpArray> {
    let (others, f) = callbacks(cx, "array_udiff_uassoc", rest, 2)?;
    by_walk(cx, array, &others, Keep::Missing, By::Both, Comparer::new(Some(&f[0]), Some(&f[1])))
}

/// `array_uintersect_uassoc()`
pub fn array_uintersect_uassoc(cx: &mut Cx, array: PhpArray, rest: &[Value]) -> Ret<PhpArray> {
    let (others, f) = callbacks(cx, "array_uintersect_uassoc", rest, 2)?;
    by_walk(cx, array, &others, Keep::Common, By::Both, Comparer::new(Some(&f[0]), Some(&f[1])))
}

#[cfg(test)]
mod tests {
    use super::key_text;
    use outlast_value::Key;

    #[test]
    fn keys_compare_as_text() {
        assert_eq!(key_text(&Key::Int(-12)), "-12");
        assert!(key_text(&Key::Int(10)) < key_text(&Key::Int(9)));
    }
}

//! `array_merge`, `array_replace` and their recursive forms.

use super::build::MOST;
use super::util::{append, arrays, element, put_renumbered};
use outlast_value::{Key, PhpArray, Value};
use outlast_vm::{Cx, Ret};

/// `array_merge()`
pub fn array_merge(cx: &mut Cx, given: &[Value]) -> Ret<PhpArray> {
    let all = arrays(cx, 1, given)?;
    let Some((first, rest)) = all.split_first() else { return Ok(PhpArray::new()) };
    // A list that nothing is added to is the result.
    if rest.iter().all(PhpArray::is_empty) && first.is_list() {
        return Ok(first.clone());
    }
    let total: usize = all.iter().map(PhpArray::len).sum();
    if total as i64 >= MOST {
        return Err(
            cx.throw_error(format!("The total number of elements must be lower than {MOST}"))
        );
    }
    let mut out = if first.is_packed() {
        PhpArray::with_capacity(total)
    } else {
        PhpArray::with_hashed_capacity(total)
    };
    for a in &all {
        if let Some(list) = a.as_packed_slice() {
            // Far from the greatest key, of which alone it could complain.
            let _ = out.push_all(list.iter().map(element));
            continue;
        }
        for (k, v) in a.iter_refs() {
            put_renumbered(&mut out, k, element(v));
        }
    }
    Ok(out)
}

/// `array_merge_recursive()`
pub fn array_merge_recursive(cx: &mut Cx, given: &[Value]) -> Ret<PhpArray> {
    let all = arrays(cx, 1, given)?;
    let mut out = PhpArray::new();
    for a in &all {
        merge_into(cx, &mut out, a)?;
    }
    Ok(out)
}

fn merge_into(cx: &mut Cx, out: &mut PhpArray, from: &PhpArray) -> Ret<()> {
    for (k, v) in from {
        let Key::Str(name) = k else {
            append(cx, out, element(v))?;
            continue;
        };
        let Some(old) = out.get_string(&name) else {
            out.insert(Key::Str(name), element(v));
            continue;
        };
        let addition = v.deref();
        let mut merged = match old.deref() {
            // A copy of its own, so that what is merged in does not reach the source.
            Value::Array(a) => a,
            Value::Null => PhpArray::from_list(vec![Value::Null]),
            Value::Object(o) => cx.to_array(&Value::Object(o))?,
            other => PhpArray::from_list(vec![other]),
        };
        match addition {
            Value::Array(more) => {
                if merged.visit_guard() || more.visit_guard() {
                    return Err(cx.throw_value_error("Recursion detected"));
                }
                let guarded = more.clone();
                guarded.set_visit_guard(true);
                let result = merge_into(cx, &mut merged, &more);
                guarded.set_visit_guard(false);
                result?;
            }
            Value::Object(o) => {
                let more = cx.to_array(&Value::Object(o))?;
                merge_into(cx, &mut merged, &more)?;
            }
            other => append(cx, &mut merged, other)?,
        }
        out.insert(Key::Str(name), Value::Array(merged));
    }
    Ok(())
}

/// `array_replace()`
pub fn array_replace(cx: &mut Cx, array: PhpArray, replacements: &[Value]) -> Ret<PhpArray> {
    let all = arrays(cx, 2, replacements)?;
    let mut out = array;
    for a in &all {
        for (k, v) in a {
            out.insert(k, element(v));
        }
    }
    Ok(out)
}

/// `array_replace_recursive()`
pub fn array_replace_recursive(
    cx: &mut Cx,
    array: PhpArray,
    replacements: &[Value],
) -> Ret<PhpArray> {
    let all = arrays(cx, 2, replacements)?;
    let mut out = array;
    for a in &all {
        replace_into(cx, &mut out, a)?;
    }
    Ok(out)
}

fn replace_into(cx: &mut Cx, out: &mut PhpArray, from: &PhpArray) -> Ret<()> {
    for (k, v) in from {
        let both = match (v.deref(), out.get(&k).map(Value::deref)) {
            (Value::Array(new), Some(Value::Array(old))) => Some((new, old)),
            _ => None,
        };
        let Some((new, mut old)) = both else {
            out.insert(k, element(v));
            continue;
        };
        if new.visit_guard() || (v.is_ref() && new.ptr_eq(&old)) {
            return Err(cx.throw_value_error("Recursion detected"));
        }
        let guarded = new.clone();
        guarded.set_visit_guard(true);
        let result = replace_into(cx, &mut old, &new);
        guarded.set_visit_guard(false);
        result?;
        out.insert(k, Value::Array(old));
    }
    Ok(())
}

//! `compact()` and `extract()`.

use super::util::not_array;
use outlast_value::{Key, KeyRef, PhpArray, PhpString, Reference, Value};
use outlast_vm::{Cx, Ret};

/// `compact()`
pub fn compact(cx: &mut Cx, var_name: &Value, var_names: &[Value]) -> Ret<PhpArray> {
    cx.forbid_dynamic_call()?;
    let mut out = PhpArray::new();
    collect(cx, &mut out, var_name, 1)?;
    for (i, name) in var_names.iter().enumerate() {
        collect(cx, &mut out, name, i + 2)?;
    }
    Ok(out)
}

fn collect(cx: &mut Cx, out: &mut PhpArray, name: &Value, position: usize) -> Ret<()> {
    match name.deref() {
        Value::Str(s) => match cx.variable_value(&s, false) {
            Some(v) => drop(out.insert(Key::from_string(s), v.into_deref())),
            None if s == *"this" => {}
            None => {
                let mut text = b"Undefined variable $".to_vec();
                text.extend_from_slice(&s);
                cx.warning(text)?;
            }
        },
        Value::Array(a) => {
            if a.visit_guard() {
                return Err(cx.throw_error("Recursion detected"));
            }
            let guard = !a.is_immortal();
            if guard {
                a.set_visit_guard(true);
            }
            let result = a.values().try_for_each(|v| collect(cx, out, v, position));
            if guard {
                a.set_visit_guard(false);
            }
            result?;
        }
        other => {
            let given = cx.value_type_name(&other);
            cx.warning(format!(
                "Argument #{position} must be string or array of strings, {given} given"
            ))?;
        }
    }
    Ok(())
}

/// `EXTR_…`
mod mode {
    pub const OVERWRITE: i64 = 0;
    pub const SKIP: i64 = 1;
    pub const PREFIX_SAME: i64 = 2;
    pub const PREFIX_ALL: i64 = 3;
    pub const PREFIX_INVALID: i64 = 4;
    pub const PREFIX_IF_EXISTS: i64 = 5;
    pub const IF_EXISTS: i64 = 6;
    pub const REFS: i64 = 256;
}

/// May a variable be called so?
fn is_name(s: &[u8]) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b >= 0x80;
    s.first().is_some_and(|&b| word(b) && !b.is_ascii_digit()) && s.iter().all(|&b| word(b))
}

fn prefixed(prefix: &PhpString, name: &[u8]) -> PhpString {
    PhpString::concat(&[prefix, b"_", name])
}

/// The variable that a key becomes; `None`: it is skipped.
fn target(cx: &mut Cx, kind: i64, prefix: &PhpString, key: KeyRef<'_>) -> Ret<Option<PhpString>> {
    let name = match key {
        KeyRef::Str(s) => s.clone(),
        KeyRef::Int(i) => {
            if !matches!(kind, mode::PREFIX_ALL | mode::PREFIX_INVALID) {
                return Ok(None);
            }
            let name = prefixed(prefix, i.to_string().as_bytes());
            return Ok(Some(name).filter(|n| is_name(n)));
        }
    };
    if name.is_empty() && kind != mode::PREFIX_INVALID {
        return Ok(None);
    }
    let this = name == *"this";
    let exists = !this && cx.variable_value(&name, false).is_some();
    let with_prefix = match kind {
        mode::OVERWRITE => false,
        mode::SKIP => {
            return Ok(Some(name).filter(|n| !exists && !this && is_name(n)));
        }
        mode::IF_EXISTS => {
            if !exists {
                return Ok(None);
            }
            false
        }
        mode::PREFIX_SAME => exists || this,
        mode::PREFIX_IF_EXISTS => {
            if !exists {
                return Ok(None);
            }
            true
        }
        mode::PREFIX_INVALID => !is_name(&name) || this,
        _ => true,
    };
    let name = if with_prefix { prefixed(prefix, &name) } else { name };
    if !is_name(&name) || name == *"GLOBALS" {
        return Ok(None);
    }
    if name == *"this" {
        return Err(cx.throw_error("Cannot re-assign $this"));
    }
    Ok(Some(name))
}

/// `extract()`
pub fn extract(cx: &mut Cx, array: &Reference, flags: i64, prefix: Option<&PhpString>) -> Ret<i64> {
    let mut a = match array.get() {
        Value::Array(a) => a,
        other => return Err(not_array(cx, 1, &other.or_null())),
    };
    let kind = flags & 0xff;
    if kind > mode::IF_EXISTS {
        return Err(cx.arg_value_error(2, "must be a valid extract type"));
    }
    if (mode::PREFIX_SAME..=mode::PREFIX_IF_EXISTS).contains(&kind) && prefix.is_none() {
        return Err(cx.arg_value_error(3, "is required when using this extract type"));
    }
    let prefix = prefix.cloned().unwrap_or_default();
    cx.forbid_dynamic_call()?;
    if !prefix.is_empty() && !is_name(&prefix) {
        return Err(cx.arg_value_error(3, "must be a valid identifier"));
    }
    let refs = flags & mode::REFS != 0;
    if refs {
        // The elements become references in the array of the caller.
        array.set(Value::Null);
        let elements: Vec<Reference> = a.values_mut().map(Value::make_ref).collect();
        array.set(Value::Array(a.clone()));
        drop(elements);
    }
    let mut count = 0;
    for (k, v) in a.iter_refs() {
        let Some(name) = target(cx, kind, &prefix, k)? else { continue };
        match v {
            Value::Ref(r) if refs => cx.bind_variable(&name, r.clone(), false),
            v => cx.set_variable(&name, v.deref())?,
        }
        count += 1;
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn names_of_variables() {
        assert!(is_name(b"_a1"));
        assert!(is_name("é".as_bytes()));
        assert!(!is_name(b"1a"));
        assert!(!is_name(b"a-b"));
        assert!(!is_name(b""));
    }
}

//! `RegexIterator`: filters by the functions of the extension `pcre`.

use super::dual::{Dual, Extra, Regex, construct, dual};
use outlast_value::{Object, PhpString, Reference, Value};
use outlast_vm::{Cx, ObjectClass, Ret, Unwind};

const USE_KEY: i64 = 1;
const INVERT_MATCH: i64 = 2;
const MODES: &str = "must be RegexIterator::MATCH, RegexIterator::GET_MATCH, \
                     RegexIterator::ALL_MATCHES, RegexIterator::SPLIT, or RegexIterator::REPLACE";

pub(super) fn regex_iterator_construct(
    cx: &mut Cx,
    this: &Object,
    iterator: &Object,
    pattern: &PhpString,
    mode: i64,
    flags: i64,
    preg_flags: i64,
) -> Ret<()> {
    if !(0..=4).contains(&mode) {
        return Err(cx.arg_value_error(3, MODES));
    }
    // A bad pattern is reported here.
    let probe = vec![Value::Str(pattern.clone()), Value::empty_str()];
    cx.call(&Value::str("preg_match"), probe)?;
    let regex = Regex { pattern: pattern.clone(), mode, flags, preg_flags };
    construct(cx, this, Some(iterator.clone()), Extra::Regex(regex))
}

fn regex(cx: &mut Cx, d: &Dual) -> Ret<Regex> {
    match &*d.extra.borrow() {
        Extra::Regex(r) => Ok(r.clone()),
        _ => Err(misplaced(cx)),
    }
}

fn misplaced(cx: &mut Cx) -> Unwind {
    cx.throw_error("The object is in an invalid state as the parent constructor was not called")
}

fn change(cx: &mut Cx, this: &Object, f: impl FnOnce(&mut Regex)) -> Ret<()> {
    match &mut *dual(cx, this)?.extra.borrow_mut() {
        Extra::Regex(r) => {
            f(r);
            Ok(())
        }
        _ => Err(misplaced(cx)),
    }
}

fn element_count(v: &Value) -> usize {
    v.as_array().map_or(0, |a| a.len())
}

pub(super) fn regex_iterator_accept(cx: &mut Cx, this: &Object) -> Ret<bool> {
    let d = dual(cx, this)?;
    let r = regex(cx, d)?;
    let Some(current) = d.current.borrow().clone() else { return Ok(false) };
    let subject = if r.flags & USE_KEY != 0 {
        let key = d.key.borrow().clone().unwrap_or(Value::Null);
        cx.to_str(&key)?
    } else if current.is_array() {
        return Ok(false);
    } else {
        cx.to_str(&current)?
    };
    let pattern = Value::Str(r.pattern.clone());
    let subject = Value::Str(subject);
    let accepted = match r.mode {
        0 => cx.call(&Value::str("preg_match"), vec![pattern, subject])?.truthy(),
        1 | 2 => {
            let function = if r.mode == 1 { "preg_match" } else { "preg_match_all" };
            let matches = Reference::new(Value::empty_array());
            let mut arguments = vec![pattern, subject, Value::Ref(matches.clone())];
            if r.preg_flags != 0 {
                arguments.push(Value::Int(r.preg_flags));
            }
            let count = cx.call(&Value::str(function), arguments)?;
            *d.current.borrow_mut() = Some(matches.get());
            count.truthy()
        }
        3 => {
            let arguments = vec![pattern, subject, Value::Int(-1), Value::Int(r.preg_flags)];
            let parts = cx.call(&Value::str("preg_split"), arguments)?;
            let count = element_count(&parts);
            *d.current.borrow_mut() = Some(parts);
            count > 1
        }
        _ => {
            let replacement = cx.read_prop(this, &PhpString::from("replacement"))?;
            let replacement = Value::Str(cx.to_str(&replacement)?);
            let count = Reference::new(Value::Int(0));
            let arguments =
                vec![pattern, replacement, subject, Value::Int(-1), Value::Ref(count.clone())];
            let result = cx.call(&Value::str("preg_replace"), arguments)?;
            if r.flags & USE_KEY != 0 {
                *d.key.borrow_mut() = Some(result);
            } else {
                *d.current.borrow_mut() = Some(result);
            }
            count.get().truthy()
        }
    };
    Ok(accepted != (r.flags & INVERT_MATCH != 0))
}

pub(super) fn regex_iterator_get_mode(cx: &mut Cx, this: &Object) -> Ret<i64> {
    let d = dual(cx, this)?;
    Ok(regex(cx, d)?.mode)
}

pub(super) fn regex_iterator_set_mode(cx: &mut Cx, this: &Object, mode: i64) -> Ret<()> {
    if !(0..=4).contains(&mode) {
        return Err(cx.arg_value_error(1, MODES));
    }
    change(cx, this, |r| r.mode = mode)
}

pub(super) fn regex_iterator_get_flags(cx: &mut Cx, this: &Object) -> Ret<i64> {
    let d = dual(cx, this)?;
    Ok(regex(cx, d)?.flags)
}

pub(super) fn regex_iterator_set_flags(cx: &mut Cx, this: &Object, flags: i64) -> Ret<()> {
    change(cx, this, |r| r.flags = flags)
}

pub(super) fn regex_iterator_get_preg_flags(cx: &mut Cx, this: &Object) -> Ret<i64> {
    let d = dual(cx, this)?;
    Ok(regex(cx, d)?.preg_flags)
}

pub(super) fn regex_iterator_set_preg_flags(cx: &mut Cx, this: &Object, flags: i64) -> Ret<()> {
    change(cx, this, |r| r.preg_flags = flags)
}

pub(super) fn regex_iterator_get_regex(cx: &mut Cx, this: &Object) -> Ret<PhpString> {
    let d = dual(cx, this)?;
    Ok(regex(cx, d)?.pattern)
}

pub(super) fn recursive_regex_iterator_accept(cx: &mut Cx, this: &Object) -> Ret<bool> {
    let d = dual(cx, this)?;
    let Some(current) = d.current.borrow().clone() else { return Ok(false) };
    if let Value::Array(a) = &current {
        return Ok(!a.is_empty());
    }
    regex_iterator_accept(cx, this)
}

pub(super) fn recursive_regex_iterator_get_children(cx: &mut Cx, this: &Object) -> Ret<Object> {
    let d = dual(cx, this)?;
    let r = regex(cx, d)?;
    let children = d.call(cx, "getChildren")?;
    let arguments = vec![
        children,
        Value::Str(r.pattern),
        Value::Int(r.mode),
        Value::Int(r.flags),
        Value::Int(r.preg_flags),
    ];
    cx.new_object(this.class(), arguments)
}

//! `CachingIterator`: one element ahead.

use super::dual::{Caching, Dual, Extra, construct, dual};
use outlast_value::{Key, Object, PhpArray, PhpString, Value};
use outlast_vm::{Cx, ObjectClass, Ret};

const CALL_TOSTRING: i64 = 1;
const TOSTRING_USE_KEY: i64 = 2;
const TOSTRING_USE_CURRENT: i64 = 4;
const TOSTRING_USE_INNER: i64 = 8;
const CATCH_GET_CHILD: i64 = 16;
const FULL_CACHE: i64 = 256;
const PUBLIC: i64 = 0xFFFF;
const TEXT_FLAGS: i64 =
    CALL_TOSTRING | TOSTRING_USE_KEY | TOSTRING_USE_CURRENT | TOSTRING_USE_INNER;
const ONE_OF: &str = "must contain only one of CachingIterator::CALL_TOSTRING, \
                      CachingIterator::TOSTRING_USE_KEY, CachingIterator::TOSTRING_USE_CURRENT, \
                      or CachingIterator::TOSTRING_USE_INNER";

fn one_text_flag(flags: i64) -> bool {
    (flags & TEXT_FLAGS).count_ones() <= 1
}

pub(super) fn caching_iterator_construct(
    cx: &mut Cx,
    this: &Object,
    iterator: &Object,
    flags: i64,
) -> Ret<()> {
    if is_recursive(cx, this) {
        let wanted = cx.class(b"RecursiveIterator").expect("it is declared here");
        if !iterator.class().is_subclass_of_or_same(wanted) {
            let given = iterator.class().display_name();
            return Err(
                cx.arg_type_error(1, &format!("must be of type RecursiveIterator, {given} given"))
            );
        }
    }
    if !one_text_flag(flags) {
        return Err(cx.arg_value_error(2, ONE_OF));
    }
    let caching = Caching { flags: flags & PUBLIC, ..Caching::default() };
    construct(cx, this, Some(iterator.clone()), Extra::Caching(caching))
}

fn is_recursive(cx: &mut Cx, this: &Object) -> bool {
    let class = cx.class(b"RecursiveCachingIterator").expect("it is declared here");
    this.class().is_subclass_of_or_same(class)
}

/// Works on the cache; nothing in other iterators.
fn with<R: Default>(d: &Dual, f: impl FnOnce(&mut Caching) -> R) -> R {
    match &mut *d.extra.borrow_mut() {
        Extra::Caching(c) => f(c),
        _ => R::default(),
    }
}

/// The children of the element, as a caching iterator.
fn children(cx: &mut Cx, d: &Dual, flags: i64) -> Ret<Option<Object>> {
    let has = d.call(cx, "hasChildren")?;
    if !cx.to_bool(&has)? {
        return Ok(None);
    }
    let children = d.call(cx, "getChildren")?;
    let class = cx.class(b"RecursiveCachingIterator").expect("it is declared here");
    cx.new_object(class, vec![children, Value::Int(flags)]).map(Some)
}

/// Takes the element of the inner iterator and moves that on.
fn advance(cx: &mut Cx, this: &Object, d: &Dual) -> Ret<()> {
    if !d.fetch(cx, true)? {
        with(d, |c| c.valid = false);
        return Ok(());
    }
    let flags = with(d, |c| {
        c.valid = true;
        c.flags
    });
    let current = d.current.borrow().clone().unwrap_or(Value::Null);
    if flags & FULL_CACHE != 0 {
        let key = d.key.borrow().clone().unwrap_or(Value::Null);
        if let Some(key) = cx.to_key(&key)? {
            let old = with(d, |c| c.cache.insert(key, current.clone()));
            drop(old);
        }
    }
    if is_recursive(cx, this) {
        match children(cx, d, flags) {
            Ok(children) => {
                let old = with(d, |c| std::mem::replace(&mut c.children, children));
                drop(old);
            }
            Err(outlast_vm::Unwind::Throw) if flags & CATCH_GET_CHILD != 0 => {
                let caught = cx.exception.take();
                drop(caught);
            }
            Err(u) => return Err(u),
        }
    }
    if flags & (TOSTRING_USE_INNER | CALL_TOSTRING) != 0 {
        let subject = if flags & TOSTRING_USE_INNER != 0 {
            d.inner.borrow().clone().map_or(Value::Null, Value::Object)
        } else {
            current
        };
        let text = cx.to_str(&subject)?;
        with(d, |c| c.text = Some(text));
    }
    d.forward(cx, false)
}

pub(super) fn caching_iterator_rewind(cx: &mut Cx, this: &Object) -> Ret<()> {
    let d = dual(cx, this)?;
    d.rewind(cx)?;
    let old = with(d, |c| std::mem::take(&mut c.cache));
    drop(old);
    advance(cx, this, d)
}

pub(super) fn caching_iterator_valid(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(with(dual(cx, this)?, |c| c.valid))
}

pub(super) fn caching_iterator_next(cx: &mut Cx, this: &Object) -> Ret<()> {
    let d = dual(cx, this)?;
    advance(cx, this, d)
}

pub(super) fn caching_iterator_has_next(cx: &mut Cx, this: &Object) -> Ret<bool> {
    dual(cx, this)?.inner_valid(cx)
}

pub(super) fn caching_iterator_magic_to_string(cx: &mut Cx, this: &Object) -> Ret<PhpString> {
    let d = dual(cx, this)?;
    let flags = with(d, |c| c.flags);
    if flags & TEXT_FLAGS == 0 {
        let class = this.class().display_name();
        return Err(cx.throw(
            "BadMethodCallException",
            format!("{class} does not fetch string value (see CachingIterator::__construct)"),
        ));
    }
    if flags & TOSTRING_USE_KEY != 0 {
        let key = d.key.borrow().clone().unwrap_or(Value::Null);
        return cx.to_str(&key);
    }
    if flags & TOSTRING_USE_CURRENT != 0 {
        let current = d.current.borrow().clone().unwrap_or(Value::Null);
        return cx.to_str(&current);
    }
    Ok(with(d, |c| c.text.clone()).unwrap_or_default())
}

pub(super) fn caching_iterator_get_flags(cx: &mut Cx, this: &Object) -> Ret<i64> {
    Ok(with(dual(cx, this)?, |c| c.flags))
}

pub(super) fn caching_iterator_set_flags(cx: &mut Cx, this: &Object, flags: i64) -> Ret<()> {
    let d = dual(cx, this)?;
    if !one_text_flag(flags) {
        return Err(cx.arg_value_error(1, ONE_OF));
    }
    let had = with(d, |c| c.flags);
    if had & CALL_TOSTRING != 0 && flags & CALL_TOSTRING == 0 {
        return Err(
            cx.throw("InvalidArgumentException", "Unsetting flag CALL_TO_STRING is not possible")
        );
    }
    if had & TOSTRING_USE_INNER != 0 && flags & TOSTRING_USE_INNER == 0 {
        return Err(cx.throw(
            "InvalidArgumentException",
            "Unsetting flag TOSTRING_USE_INNER is not possible",
        ));
    }
    let old = with(d, |c| {
        let fresh = flags & FULL_CACHE != 0 && c.flags & FULL_CACHE == 0;
        c.flags = flags & PUBLIC;
        fresh.then(|| std::mem::take(&mut c.cache))
    });
    drop(old);
    Ok(())
}

/// The payload, if the whole cache is kept.
fn full<'a>(cx: &mut Cx, this: &'a Object) -> Ret<&'a Dual> {
    let d = dual(cx, this)?;
    if with(d, |c| c.flags) & FULL_CACHE == 0 {
        let class = this.class().display_name();
        return Err(cx.throw(
            "BadMethodCallException",
            format!("{class} does not use a full cache (see CachingIterator::__construct)"),
        ));
    }
    Ok(d)
}

fn cache_key(cx: &mut Cx, key: &Value) -> Ret<Key> {
    Ok(Key::from_string(cx.to_str(key)?))
}

pub(super) fn caching_iterator_offset_get(cx: &mut Cx, this: &Object, key: &Value) -> Ret<Value> {
    let d = full(cx, this)?;
    let k = cache_key(cx, key)?;
    match with(d, |c| c.cache.get(&k).cloned()) {
        Some(v) => Ok(v.into_deref()),
        None => {
            let shown = cx.to_str(key)?;
            cx.raise_warning(format!("Undefined array key \"{}\"", shown.to_str_lossy()))?;
            Ok(Value::Null)
        }
    }
}

pub(super) fn caching_iterator_offset_set(
    cx: &mut Cx,
    this: &Object,
    key: &Value,
    value: &Value,
) -> Ret<()> {
    let d = full(cx, this)?;
    let k = cache_key(cx, key)?;
    let old = with(d, |c| c.cache.insert(k, value.clone()));
    drop(old);
    Ok(())
}

pub(super) fn caching_iterator_offset_unset(cx: &mut Cx, this: &Object, key: &Value) -> Ret<()> {
    let d = full(cx, this)?;
    let k = cache_key(cx, key)?;
    let old = with(d, |c| c.cache.remove(&k));
    drop(old);
    Ok(())
}

pub(super) fn caching_iterator_offset_exists(cx: &mut Cx, this: &Object, key: &Value) -> Ret<bool> {
    let d = full(cx, this)?;
    let k = cache_key(cx, key)?;
    Ok(with(d, |c| c.cache.get(&k).is_some_and(|v| !v.deref().is_null())))
}

pub(super) fn caching_iterator_get_cache(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    let d = full(cx, this)?;
    Ok(with(d, |c| c.cache.clone()))
}

pub(super) fn caching_iterator_count(cx: &mut Cx, this: &Object) -> Ret<i64> {
    let d = full(cx, this)?;
    Ok(with(d, |c| c.cache.len()) as i64)
}

pub(super) fn recursive_caching_iterator_has_children(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(with(dual(cx, this)?, |c| c.children.is_some()))
}

pub(super) fn recursive_caching_iterator_get_children(
    cx: &mut Cx,
    this: &Object,
) -> Ret<Option<Object>> {
    Ok(with(dual(cx, this)?, |c| c.children.clone()))
}

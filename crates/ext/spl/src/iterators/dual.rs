//! What iterators around another one have in common: the inner iterator, and its element fetched
//! last.

use outlast_value::{Object, ObjectData, PhpArray, PhpString, Value};
use outlast_vm::{Cx, ObjectClass, ObjectHandlers, Ret, Unwind};
use std::cell::{Cell, RefCell};

pub(super) static DUAL_HANDLERS: ObjectHandlers = ObjectHandlers {
    create: Some(create),
    uncloneable: false,
    forward: Some(forward),
    ..ObjectHandlers::STANDARD
};

/// Methods that are missing are those of the inner iterator.
fn forward(this: &Object) -> Option<Object> {
    this.data::<Dual>()?.inner.borrow().clone()
}

/// What else a class needs.
#[derive(Default)]
pub(super) enum Extra {
    #[default]
    None,
    Callback(Value),
    Limit {
        offset: i64,
        count: i64,
    },
    Caching(Caching),
    Append {
        list: Object,
    },
    Regex(Regex),
}

#[derive(Default)]
pub(super) struct Caching {
    pub(super) flags: i64,
    pub(super) valid: bool,
    pub(super) text: Option<PhpString>,
    pub(super) children: Option<Object>,
    pub(super) cache: PhpArray,
}

#[derive(Clone)]
pub(super) struct Regex {
    pub(super) pattern: PhpString,
    pub(super) mode: i64,
    pub(super) flags: i64,
    pub(super) preg_flags: i64,
}

/// The payload.
#[derive(Default)]
pub(super) struct Dual {
    pub(super) constructed: Cell<bool>,
    pub(super) inner: RefCell<Option<Object>>,
    pub(super) current: RefCell<Option<Value>>,
    pub(super) key: RefCell<Option<Value>>,
    pub(super) position: Cell<i64>,
    pub(super) extra: RefCell<Extra>,
}

impl ObjectData for Dual {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        if let Some(o) = &*self.inner.borrow() {
            visit(&Value::Object(o.clone()));
        }
        for v in [&self.current, &self.key] {
            if let Some(v) = &*v.borrow() {
                visit(v);
            }
        }
        match &*self.extra.borrow() {
            Extra::Callback(v) => visit(v),
            Extra::Caching(c) => {
                visit(&Value::Array(c.cache.clone()));
                if let Some(o) = &c.children {
                    visit(&Value::Object(o.clone()));
                }
            }
            Extra::Append { list } => visit(&Value::Object(list.clone())),
            Extra::None | Extra::Limit { .. } | Extra::Regex(_) => {}
        }
    }
    fn clear(&self) {
        let old = (self.inner.take(), self.current.take(), self.key.take(), self.extra.take());
        drop(old);
    }
}

fn create(_cx: &mut Cx, this: &Object) -> Ret<()> {
    this.set_data(Box::new(Dual::default()));
    Ok(())
}

fn uninitialized(cx: &mut Cx) -> Unwind {
    cx.throw_error("The object is in an invalid state as the parent constructor was not called")
}

/// The payload of a constructed iterator.
pub(super) fn dual<'a>(cx: &mut Cx, this: &'a Object) -> Ret<&'a Dual> {
    match this.data::<Dual>() {
        Some(d) if d.constructed.get() => Ok(d),
        _ => Err(uninitialized(cx)),
    }
}

/// Notes the inner iterator; an Error if the object has one already.
pub(super) fn construct(
    cx: &mut Cx,
    this: &Object,
    inner: Option<Object>,
    extra: Extra,
) -> Ret<()> {
    let Some(d) = this.data::<Dual>() else { return Err(uninitialized(cx)) };
    if d.constructed.replace(true) {
        let class = crate::overrides::native_name(this);
        return Err(cx.throw(
            "BadMethodCallException",
            format!("{class}::getIterator() must be called exactly once per instance"),
        ));
    }
    *d.inner.borrow_mut() = inner;
    *d.extra.borrow_mut() = extra;
    Ok(())
}

impl Dual {
    /// Calls a method of the inner iterator; null without one.
    pub(super) fn call(&self, cx: &mut Cx, method: &str) -> Ret<Value> {
        let inner = self.inner.borrow().clone();
        match inner {
            Some(inner) => Ok(cx.call_method(&inner, method, Vec::new())?.into_deref()),
            None => Ok(Value::Null),
        }
    }

    /// Is the inner iterator at an element?
    pub(super) fn inner_valid(&self, cx: &mut Cx) -> Ret<bool> {
        let valid = self.call(cx, "valid")?;
        cx.to_bool(&valid)
    }

    /// Forgets the fetched element.
    pub(super) fn free(&self) {
        let mut old = (self.current.take(), self.key.take(), None);
        if let Extra::Caching(c) = &mut *self.extra.borrow_mut() {
            c.text = None;
            old.2 = c.children.take();
        }
        drop(old);
    }

    /// Rewinds the inner iterator.
    pub(super) fn rewind(&self, cx: &mut Cx) -> Ret<()> {
        self.free();
        self.position.set(0);
        self.call(cx, "rewind").map(drop)
    }

    /// Fetches the element of the inner iterator; false if there is none.
    pub(super) fn fetch(&self, cx: &mut Cx, check: bool) -> Ret<bool> {
        self.free();
        if check && !self.inner_valid(cx)? {
            return Ok(false);
        }
        let current = self.call(cx, "current")?;
        *self.current.borrow_mut() = Some(current);
        let key = self.call(cx, "key")?;
        *self.key.borrow_mut() = Some(key);
        Ok(true)
    }

    /// Moves the inner iterator on.
    pub(super) fn forward(&self, cx: &mut Cx, free: bool) -> Ret<()> {
        if free {
            self.free();
        }
        self.position.set(self.position.get() + 1);
        self.call(cx, "next").map(drop)
    }
}

pub(super) fn iterator_iterator_construct(
    cx: &mut Cx,
    this: &Object,
    iterator: &Object,
    _class: Option<&PhpString>,
) -> Ret<()> {
    let mut inner = iterator.clone();
    while inner.class().iteration == 2 {
        inner = cx.get_iterator(&inner)?;
    }
    construct(cx, this, Some(inner), Extra::None)
}

pub(super) fn iterator_iterator_get_inner_iterator(
    cx: &mut Cx,
    this: &Object,
) -> Ret<Option<Object>> {
    Ok(dual(cx, this)?.inner.borrow().clone())
}

pub(super) fn iterator_iterator_rewind(cx: &mut Cx, this: &Object) -> Ret<()> {
    let d = dual(cx, this)?;
    d.rewind(cx)?;
    d.fetch(cx, true).map(drop)
}

pub(super) fn iterator_iterator_valid(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(dual(cx, this)?.current.borrow().is_some())
}

pub(super) fn iterator_iterator_key(cx: &mut Cx, this: &Object) -> Ret<Option<Value>> {
    Ok(dual(cx, this)?.key.borrow().clone())
}

pub(super) fn iterator_iterator_current(cx: &mut Cx, this: &Object) -> Ret<Option<Value>> {
    Ok(dual(cx, this)?.current.borrow().clone())
}

pub(super) fn iterator_iterator_next(cx: &mut Cx, this: &Object) -> Ret<()> {
    let d = dual(cx, this)?;
    d.forward(cx, true)?;
    d.fetch(cx, true).map(drop)
}

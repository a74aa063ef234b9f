//! Going through any Traversable from native code, as `foreach` does.

use outlast_value::{Object, Value};
use outlast_vm::{Cx, NativeIterator, ObjectClass, Ret};

/// A Traversable being gone through.
pub(crate) enum Traversal {
    /// By its native iterator.
    Native(Box<dyn NativeIterator>),
    /// By its methods.
    Methods(Object),
}

impl Traversal {
    /// Of a Traversable object in a value.
    pub(crate) fn of_value(cx: &mut Cx, value: &Value) -> Ret<Traversal> {
        match value.deref() {
            Value::Object(o) => Traversal::of(cx, &o),
            v => {
                let given = cx.value_type_name(&v);
                Err(cx.throw_type_error(format!(
                    "Argument must be of type Traversable, {given} given"
                )))
            }
        }
    }

    /// Of a Traversable object.
    pub(crate) fn of(cx: &mut Cx, object: &Object) -> Ret<Traversal> {
        let mut o = object.clone();
        loop {
            if let Some(iterate) = o.class().handlers().iterate {
                return Ok(Traversal::Native(iterate(cx, &o, false)?));
            }
            if o.class().iteration != 2 {
                return Ok(Traversal::Methods(o));
            }
            o = cx.get_iterator(&o)?;
        }
    }

    pub(crate) fn rewind(&mut self, cx: &mut Cx) -> Ret<()> {
        match self {
            Traversal::Native(i) => i.rewind(cx),
            Traversal::Methods(o) => cx.call_method(o, "rewind", Vec::new()).map(drop),
        }
    }

    pub(crate) fn valid(&mut self, cx: &mut Cx) -> Ret<bool> {
        match self {
            Traversal::Native(i) => i.valid(cx),
            Traversal::Methods(o) => {
                let valid = cx.call_method(o, "valid", Vec::new())?;
                cx.to_bool(&valid)
            }
        }
    }

    pub(crate) fn current(&mut self, cx: &mut Cx) -> Ret<Value> {
        match self {
            Traversal::Native(i) => i.current(cx),
            Traversal::Methods(o) => cx.call_method(o, "current", Vec::new()),
        }
    }

    pub(crate) fn key(&mut self, cx: &mut Cx) -> Ret<Value> {
        match self {
            Traversal::Native(i) => i.key(cx),
            Traversal::Methods(o) => cx.call_method(o, "key", Vec::new()),
        }
    }

    pub(crate) fn next(&mut self, cx: &mut Cx) -> Ret<()> {
        match self {
            Traversal::Native(i) => i.next(cx),
            Traversal::Methods(o) => cx.call_method(o, "next", Vec::new()).map(drop),
        }
    }
}

/// An iterator whose methods are called.
pub(crate) struct MethodIterator(pub(crate) Object);

impl NativeIterator for MethodIterator {
    fn rewind(&mut self, cx: &mut Cx) -> Ret<()> {
        cx.call_method(&self.0, "rewind", Vec::new()).map(drop)
    }
    fn valid(&mut self, cx: &mut Cx) -> Ret<bool> {
        let valid = cx.call_method(&self.0, "valid", Vec::new())?;
        cx.to_bool(&valid)
    }
    fn current(&mut self, cx: &mut Cx) -> Ret<Value> {
        cx.call_method(&self.0, "current", Vec::new())
    }
    fn key(&mut self, cx: &mut Cx) -> Ret<Value> {
        Ok(cx.call_method(&self.0, "key", Vec::new())?.into_deref())
    }
    fn next(&mut self, cx: &mut Cx) -> Ret<()> {
        cx.call_method(&self.0, "next", Vec::new()).map(drop)
    }
}

//! `InternalIterator`: what `getIterator()` of a native class gives.

mod internal_iterator_stub;

pub(crate) use internal_iterator_stub::MODULE;

use outlast_value::{Object, ObjectData, Value};
use outlast_vm::{Cx, NativeIterator, ObjectHandlers, Ret};
use std::cell::{Cell, RefCell};

static ITERATOR_HANDLERS: ObjectHandlers =
    ObjectHandlers { uncloneable: true, ..ObjectHandlers::STANDARD };

struct IteratorData {
    /// What is iterated over, kept alive.
    over: Object,
    /// Taken out while it runs.
    iterator: RefCell<Option<Box<dyn NativeIterator>>>,
    started: Cell<bool>,
}

impl ObjectData for IteratorData {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&Value::Object(self.over.clone()));
    }
}

/// An `InternalIterator` over an object.
pub fn internal_iterator(
    cx: &mut Cx,
    over: &Object,
    iterator: Box<dyn NativeIterator>,
) -> Ret<Object> {
    let class = cx.class(b"InternalIterator").expect("it is declared here");
    let object = cx.instantiate(class)?;
    object.set_data(Box::new(IteratorData {
        over: over.clone(),
        iterator: RefCell::new(Some(iterator)),
        started: Cell::new(false),
    }));
    Ok(object)
}

/// Runs a step of the iterator, which starts it if nobody did.
fn step<T>(
    cx: &mut Cx,
    this: &Object,
    start: bool,
    run: impl FnOnce(&mut Cx, &mut dyn NativeIterator) -> Ret<T>,
) -> Ret<T> {
    let taken = this.data::<IteratorData>().and_then(|d| {
        let iterator = d.iterator.borrow_mut().take()?;
        Some((d, iterator))
    });
    let Some((data, mut iterator)) = taken else {
        return Err(cx.throw_error("The InternalIterator object has not been properly initialized"));
    };
    let mut result = Ok(());
    if start && !data.started.replace(true) {
        result = iterator.rewind(cx);
    }
    let result = result.and_then(|()| run(cx, &mut *iterator));
    *data.iterator.borrow_mut() = Some(iterator);
    result
}

fn internal_iterator_construct(_cx: &mut Cx, _this: &Object) -> Ret<()> {
    Ok(())
}

fn internal_iterator_current(cx: &mut Cx, this: &Object) -> Ret<Value> {
    step(cx, this, true, |cx, i| if i.valid(cx)? { i.current(cx) } else { Ok(Value::Null) })
}

fn internal_iterator_key(cx: &mut Cx, this: &Object) -> Ret<Value> {
    step(cx, this, true, |cx, i| if i.valid(cx)? { i.key(cx) } else { Ok(Value::Null) })
}

fn internal_iterator_next(cx: &mut Cx, this: &Object) -> Ret<()> {
    step(cx, this, true, |cx, i| i.next(cx))
}

fn internal_iterator_valid(cx: &mut Cx, this: &Object) -> Ret<bool> {
    step(cx, this, true, |cx, i| i.valid(cx))
}

fn internal_iterator_rewind(cx: &mut Cx, this: &Object) -> Ret<()> {
    step(cx, this, false, |cx, i| i.rewind(cx))?;
    if let Some(data) = this.data::<IteratorData>() {
        data.started.set(true);
    }
    Ok(())
}

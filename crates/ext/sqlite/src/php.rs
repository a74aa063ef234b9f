//! PHP's callables as SQLite's functions, aggregates and collations.

use crate::callbacks::{AggregateState, Aggregates, Collation, Function};
use crate::value::SqlValue;
use outlast_value::{PhpString, Reference, Value};
use outlast_vm::{Callable, Cx, Ret};
use std::cell::RefCell;
use std::rc::Rc;

const GONE: &str = "the callback is gone";

/// The callables that a connection has been given. Objects that hold one let the collector see them.
#[derive(Default)]
pub struct Callbacks(RefCell<Vec<Rc<Slot>>>);

/// A callable, unless its connection was found to be garbage.
pub struct Slot(RefCell<Option<Callable>>);

impl Slot {
    /// The callable, unless it is gone.
    pub fn get(&self) -> Option<Callable> {
        self.0.borrow().clone()
    }
}

impl Callbacks {
    /// Keeps a callable for as long as the library does.
    pub fn hold(&self, callable: &Callable) -> Rc<Slot> {
        let slot = Rc::new(Slot(RefCell::new(Some(callable.clone()))));
        let mut slots = self.0.borrow_mut();
        // Those that only this list still knows were replaced.
        slots.retain(|slot| Rc::strong_count(slot) > 1);
        slots.push(slot.clone());
        slot
    }

    /// Visits the objects that callables hold.
    pub fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        for slot in &*self.0.borrow() {
            if let Some(callable) = &*slot.0.borrow() {
                for object in [&callable.this, &callable.closure].into_iter().flatten() {
                    visit(&Value::Object(object.clone()));
                }
            }
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// Lets all of them go.
    pub fn clear(&self) {
        let slots = self.0.take();
        let callables: Vec<_> = slots.iter().map(|slot| slot.0.take()).collect();
        drop(callables);
    }
}

impl SqlValue {
    /// As PHP sees it: text and blobs are strings.
    pub fn into_php(self) -> Value {
        match self {
            SqlValue::Null => Value::Null,
            SqlValue::Int(n) => Value::Int(n),
            SqlValue::Float(f) => Value::Float(f),
            SqlValue::Text(s) | SqlValue::Blob(s) => Value::Str(s),
        }
    }

    /// What a callback returned.
    pub fn from_php(cx: &mut Cx, value: &Value) -> Ret<SqlValue> {
        Ok(match value.deref() {
            Value::Undef | Value::Null => SqlValue::Null,
            Value::Int(n) => SqlValue::Int(n),
            Value::Float(f) => SqlValue::Float(f),
            other => SqlValue::Text(cx.to_str(&other)?),
        })
    }
}

/// A function that calls a callable.
pub fn function(slot: Rc<Slot>) -> Function {
    Box::new(move |cx, args| {
        let Some(callable) = slot.get() else { return Ok(Err(GONE)) };
        let args = args.into_iter().map(SqlValue::into_php).collect();
        let result = cx.call_resolved(&callable, args)?;
        SqlValue::from_php(cx, &result).map(Ok)
    })
}

/// A collation that calls a callable; `check` says what is wrong with its result.
pub fn collation(
    slot: Rc<Slot>,
    check: impl Fn(&mut Cx, &Value) -> Ret<()> + 'static,
) -> Collation {
    Box::new(move |cx, left, right| {
        let Some(callable) = slot.get() else { return Ok(0) };
        let text = |bytes: &[u8]| Value::Str(PhpString::new(bytes));
        let result = cx.call_resolved(&callable, vec![text(left), text(right)])?.into_deref();
        check(cx, &result)?;
        Ok(cx.to_int(&result)?.signum() as i32)
    })
}

/// An aggregate of two callables.
pub struct PhpAggregate {
    /// Called with the state, the number of the row and the arguments: the new state.
    pub step: Rc<Slot>,
    /// Called with the state and the number of rows: the result.
    pub finish: Rc<Slot>,
    /// What `finish` is told instead of the number of rows, given that: PHP's extensions differ.
    pub told: fn(i64) -> i64,
}

impl Aggregates for PhpAggregate {
    fn step(
        &self,
        cx: &mut Cx,
        state: &mut AggregateState,
        args: Vec<SqlValue>,
    ) -> Ret<Result<(), &'static str>> {
        let Some(callable) = self.step.get() else { return Ok(Err(GONE)) };
        state.rows += 1;
        // The callback may take its state by reference.
        let value = Reference::new(std::mem::replace(&mut state.value, Value::Null));
        let mut all = vec![Value::Ref(value), Value::Int(state.rows)];
        all.extend(args.into_iter().map(SqlValue::into_php));
        state.value = cx.call_resolved(&callable, all)?.into_deref();
        Ok(Ok(()))
    }

    fn finish(&self, cx: &mut Cx, state: AggregateState) -> Ret<Result<SqlValue, &'static str>> {
        let Some(callable) = self.finish.get() else { return Ok(Err(GONE)) };
        let rows = (self.told)(state.rows);
        let value = Value::Ref(Reference::new(state.value));
        let result = cx.call_resolved(&callable, vec![value, Value::Int(rows)])?;
        SqlValue::from_php(cx, &result).map(Ok)
    }
}

//! The class `Fiber`.

mod fiber_stub;

pub(crate) use fiber_stub::MODULE;

use outlast_value::{Object, Value};
use outlast_vm::fiber::{FiberData, FiberState};
use outlast_vm::{Callable, Cx, ObjectHandlers, Ret};

static FIBER_HANDLERS: ObjectHandlers =
    ObjectHandlers { uncloneable: true, ..ObjectHandlers::STANDARD };

fn fiber_construct(cx: &mut Cx, this: &Object, callback: &Callable) -> Ret<()> {
    if this.data::<FiberData>().is_some() {
        return Err(cx.throw("FiberError", "Cannot call constructor twice"));
    }
    this.set_data(Box::new(FiberData::new(callback.clone())));
    // A fiber that is suspended when it goes has `finally` blocks to run.
    this.clear_flag(Object::DESTRUCTOR_CALLED);
    Ok(())
}

fn fiber_start(cx: &mut Cx, this: &Object, args: &[Value]) -> Ret<Value> {
    cx.fiber_start(this, args.to_vec())
}

fn fiber_resume(cx: &mut Cx, this: &Object, value: &Value) -> Ret<Value> {
    cx.fiber_resume(this, value.clone())
}

fn fiber_throw(cx: &mut Cx, this: &Object, exception: &Object) -> Ret<Value> {
    cx.fiber_throw(this, exception.clone())
}

fn fiber_get_return(cx: &mut Cx, this: &Object) -> Ret<Value> {
    cx.fiber_return(this)
}

fn state(this: &Object) -> Option<FiberState> {
    this.data::<FiberData>().map(FiberData::state)
}

fn fiber_is_started(_cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(state(this).is_some_and(|s| s != FiberState::Init))
}

fn fiber_is_suspended(_cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(state(this) == Some(FiberState::Suspended))
}

fn fiber_is_running(_cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(state(this) == Some(FiberState::Running))
}

fn fiber_is_terminated(_cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(matches!(state(this), Some(FiberState::Returned | FiberState::Threw)))
}

fn fiber_get_current(cx: &mut Cx) -> Ret<Option<Object>> {
    Ok(cx.current_fiber())
}

fn fiber_suspend(cx: &mut Cx, value: &Value) -> Ret<Value> {
    cx.fiber_suspend(value.clone())
}

//! What Outlast adds to PHP.

mod outlast_stub;

pub(crate) use outlast_stub::MODULE;

use outlast_vm::{Callable, Cx, Ret};

/// `Outlast\on_abort`: called once the client is gone, between two statements.
fn outlast_on_abort(cx: &mut Cx, _callback: &Callable) -> Ret<()> {
    let callback = cx.native_argument(0);
    cx.abort_callbacks.push(callback);
    cx.lifecycle.register_on_abort();
    Ok(())
}

//! What Outlast adds to PHP.

mod outlast_stub;

pub(crate) use outlast_stub::MODULE;

use crate::lifecycle::as_found;
use outlast_vm::{Callable, Cx, Ret};

/// `Outlast\on_abort`: called once the client is gone, between two statements.
fn outlast_on_abort(cx: &mut Cx, callback: &Callable) -> Ret<()> {
    let callback = as_found(cx, callback);
    cx.abort_callbacks.push(callback);
    cx.lifecycle.register_on_abort();
    Ok(())
}

//! Scripts without a server: one script on the calling thread, to its end.

use crate::script::{Hooks, Panic, Script};
use std::future::Future;
use std::io;
use std::rc::Rc;

fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

/// Runs `body` as a script on this thread, on an event loop of its own, so that waiting works in it as it
/// does under the server.
pub fn run_to_end<R: 'static>(
    hooks: Rc<dyn Hooks>,
    body: impl FnOnce() -> R + 'static,
) -> io::Result<Result<R, Panic>> {
    let runtime = runtime()?;
    let tasks = tokio::task::LocalSet::new();
    let script = Script::new(hooks, body)?;
    Ok(tasks.block_on(&runtime, async {
        let background = tokio::task::spawn_local(crate::run_background());
        let result = script.await;
        background.abort();
        result
    }))
}

/// A wait where there is no script: the thread waits.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    assert!(
        tokio::runtime::Handle::try_current().is_err(),
        "wait() on an event loop must be called inside a script"
    );
    runtime().expect("an event loop").block_on(future)
}

//! Work that has no asynchronous form.

use crate::{HostError, Result};
use outlast_fiber::{in_script, wait};
use std::future::Future;
use std::io;
use std::sync::LazyLock;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Runs `work` on the blocking pool while the script is parked; outside of a script, here and now.
///
/// If the script must stop meanwhile, the work goes on and its result is dropped. A panic in it goes on here.
pub fn blocking<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> Result<R> {
    if !in_script() {
        return Ok(work());
    }
    match wait(async move { tokio::task::spawn_blocking(work).await })? {
        Ok(result) => Ok(result),
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(io::Error::other("the blocking pool is closed").into()),
        },
    }
}

/// The same for work that keeps a core busy. No more of it runs at once than there are cores, and what is more
/// waits: else it would take them away from everything else.
pub fn computing<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> Result<R> {
    static CORES: LazyLock<Semaphore> = LazyLock::new(|| {
        Semaphore::new(std::thread::available_parallelism().map_or(1, usize::from))
    });
    if !in_script() {
        return Ok(work());
    }
    let core = wait(CORES.acquire())?.map_err(io::Error::other)?;
    blocking(move || {
        let result = work();
        drop(core);
        result
    })
}

/// Parks the script for a time.
pub fn sleep(duration: Duration) -> Result<()> {
    Ok(wait(async move { tokio::time::sleep(duration).await })?)
}

/// Waits for `future`, no longer than `limit`.
pub fn wait_at_most<T>(
    limit: Option<Duration>,
    future: impl Future<Output = io::Result<T>>,
) -> Result<T> {
    match limit {
        None => Ok(wait(future)??),
        Some(limit) => match wait(async move { tokio::time::timeout(limit, future).await })? {
            Ok(result) => Ok(result?),
            Err(_) => Err(HostError::TimedOut),
        },
    }
}

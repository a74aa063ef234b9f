//! Queues of scripts, of all threads, that wait for the same thing, such as the lock on a file.
//!
//! Whoever frees it within this process says so, and the first of the queue tries again at once. Who holds it
//! may be another process too, so the first also tries again and again by itself; those behind it do so
//! only now and then, for what they need may be free although the first of them cannot go on.

use crate::Result;
use outlast_fiber::wait;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// Between two tries of the first in a queue.
const FIRST: Duration = Duration::from_millis(5);
/// Between two tries of those behind it.
const BEHIND: Duration = Duration::from_millis(100);

type Queues = HashMap<Arc<[u8]>, VecDeque<Arc<Notify>>>;

static QUEUES: LazyLock<Mutex<Queues>> = LazyLock::new(Mutex::default);
/// Places in all queues, so that nobody looks for one where there is none.
static PLACES: AtomicUsize = AtomicUsize::new(0);

fn queues() -> MutexGuard<'static, Queues> {
    QUEUES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A place in the queue for the thing that a name stands for; given up when dropped.
#[derive(Debug)]
pub struct Place {
    name: Arc<[u8]>,
    turn: Arc<Notify>,
}

impl Place {
    /// Joins at the end.
    pub fn take(name: &Arc<[u8]>) -> Place {
        let turn = Arc::new(Notify::new());
        queues().entry(name.clone()).or_default().push_back(turn.clone());
        PLACES.fetch_add(1, Ordering::Relaxed);
        Place { name: name.clone(), turn }
    }

    fn is_first(&self) -> bool {
        let queues = queues();
        let first = queues.get(&self.name).and_then(VecDeque::front);
        first.is_some_and(|first| Arc::ptr_eq(first, &self.turn))
    }

    /// Parks the script until it is worth another try, `limit` at the longest.
    pub fn wait(&self, limit: Duration) -> Result<()> {
        let pause = if self.is_first() { FIRST } else { BEHIND };
        let pause = pause.min(limit);
        // However it ends, the next try tells.
        let _ = wait(async move { tokio::time::timeout(pause, self.turn.notified()).await })?;
        Ok(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut queues = queues();
        PLACES.fetch_sub(1, Ordering::Relaxed);
        let Some(queue) = queues.get_mut(&self.name) else { return };
        queue.retain(|turn| !Arc::ptr_eq(turn, &self.turn));
        match queue.front() {
            // It may have missed the word that was meant for who stood before it.
            Some(first) => first.notify_one(),
            None => drop(queues.remove(&self.name)),
        }
    }
}

/// Says that the thing may be free now.
pub fn freed(name: &[u8]) {
    if PLACES.load(Ordering::Relaxed) == 0 {
        return;
    }
    if let Some(first) = queues().get(name).and_then(VecDeque::front) {
        first.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_told_and_the_next_moves_up() {
        let name: Arc<[u8]> = b"thing".as_slice().into();
        let (first, second) = (Place::take(&name), Place::take(&name));
        assert!(first.is_first() && !second.is_first());
        freed(&name);
        // Told before it waits: it does not wait at all.
        first.wait(Duration::from_secs(3600)).unwrap();
        drop(first);
        assert!(second.is_first());
        second.wait(Duration::from_secs(3600)).unwrap();
        drop(second);
        assert!(!queues().contains_key(&name));
    }
}

//! The background run queue of a worker: where busy scripts wait for their next quantum.
//!
//! A `LocalSet` polls up to 61 tasks before it looks at I/O, so a script that yields by waking itself starves
//! every connection (measured: p99 446 ms). Here one script is woken a time, after the event loop has turned
//! several times (10 ms at a quantum of 10 ms, 2.2 ms at 2 ms).

use crate::script::{current_waker, park};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

/// Turns of the event loop between two quanta.
const TURNS: usize = 8;
/// After so long the next quantum comes with fewer turns: a crowd of short scripts, each of which makes a turn
/// longer, must not starve those that take more than one quantum.
const PATIENCE: Duration = Duration::from_millis(10);

struct Entry {
    waker: Waker,
    due: Rc<Cell<bool>>,
}

#[derive(Default)]
struct Queue {
    entries: VecDeque<Entry>,
    /// Who waits for the first entry; set while a scheduler runs.
    scheduler: Option<Waker>,
    running: bool,
}

thread_local! {
    static QUEUE: RefCell<Queue> = RefCell::default();
}

/// Lets every other script of this worker and the event loop run. Does nothing outside of a script, or
/// where no [`run_background`] runs.
pub fn yield_now() {
    let Some(waker) = current_waker() else { return };
    let due = Rc::new(Cell::new(false));
    let scheduler = QUEUE.with_borrow_mut(|queue| {
        if !queue.running {
            return None;
        }
        queue.entries.push_back(Entry { waker, due: due.clone() });
        Some(queue.scheduler.take())
    });
    let Some(scheduler) = scheduler else { return };
    if let Some(scheduler) = scheduler {
        scheduler.wake();
    }
    // An interrupt may wake us early; then it is our turn all the same: the entry in the queue wakes nobody.
    park();
    due.set(true);
}

/// Marks the queue as served, also while the future is dropped.
struct Serving;

impl Drop for Serving {
    fn drop(&mut self) {
        let left = QUEUE.try_with(|queue| {
            let mut queue = queue.borrow_mut();
            queue.running = false;
            std::mem::take(&mut queue.entries)
        });
        for entry in left.into_iter().flatten() {
            entry.waker.wake();
        }
    }
}

/// Serves the queue of this thread; spawn it once on each worker's `LocalSet`. Never returns.
pub async fn run_background() {
    QUEUE.with_borrow_mut(|queue| queue.running = true);
    let _serving = Serving;
    loop {
        let entry = poll_fn(|cx| {
            QUEUE.with_borrow_mut(|queue| match queue.entries.pop_front() {
                Some(entry) => Poll::Ready(entry),
                None => {
                    queue.scheduler = Some(cx.waker().clone());
                    Poll::Pending
                }
            })
        })
        .await;
        if entry.due.get() {
            continue;
        }
        let since = Instant::now();
        for _ in 0..TURNS {
            turn().await;
            if since.elapsed() >= PATIENCE {
                break;
            }
        }
        entry.waker.wake();
        // Tokio resumes this only after the drivers for I/O and time were polled.
        tokio::task::yield_now().await;
    }
}

/// Goes once to the end of the run queue.
async fn turn() {
    let mut done = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut done, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

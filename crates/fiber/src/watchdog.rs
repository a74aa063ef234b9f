//! The watchdog: one thread that tells busy workers, every 2 ms, to let others run.

use std::cell::OnceCell;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::thread::Thread;
use std::time::Duration;

/// The bit that is raised in a worker's interrupt word.
pub const TICK: u32 = 1;

const INTERVAL: Duration = Duration::from_millis(2);
/// After so many intervals without a busy worker the watchdog sleeps until one starts.
const IDLE_INTERVALS: u32 = 50;

/// One worker as the watchdog sees it.
struct Worker {
    word: Arc<AtomicU32>,
    /// Odd while a script runs; goes up at each switch.
    turn: AtomicU64,
}

static ASLEEP: AtomicBool = AtomicBool::new(false);
static WORKERS: Mutex<Vec<Weak<Worker>>> = Mutex::new(Vec::new());
static WATCHDOG: OnceLock<Option<Thread>> = OnceLock::new();

thread_local! {
    static WORKER: OnceCell<Arc<Worker>> = const { OnceCell::new() };
}

fn with_worker<R>(f: impl FnOnce(&Worker) -> R) -> R {
    WORKER.with(|cell| {
        f(cell.get_or_init(|| {
            let worker = Arc::new(Worker { word: Arc::default(), turn: AtomicU64::new(0) });
            let mut workers = WORKERS.lock().unwrap_or_else(PoisonError::into_inner);
            workers.retain(|worker| worker.strong_count() > 0);
            workers.push(Arc::downgrade(&worker));
            worker
        }))
    })
}

/// The interrupt word of this thread: what the script that runs on it polls at its safe points.
pub fn interrupt_word() -> Arc<AtomicU32> {
    with_worker(|worker| worker.word.clone())
}

pub(crate) fn script_runs() {
    with_worker(|worker| {
        // Ordered against ASLEEP: either the watchdog sees us run, or we see it asleep.
        worker.turn.fetch_add(1, Ordering::SeqCst);
        if ASLEEP.load(Ordering::SeqCst) {
            wake();
        }
    });
    WATCHDOG.get_or_init(start);
}

pub(crate) fn script_rests() {
    with_worker(|worker| {
        let turn = worker.turn.load(Ordering::Relaxed);
        worker.turn.store(turn + 1, Ordering::Release);
    });
}

#[cold]
fn wake() {
    ASLEEP.store(false, Ordering::SeqCst);
    if let Some(Some(thread)) = WATCHDOG.get() {
        thread.unpark();
    }
}

/// Without a thread there is no fairness, but scripts run all the same.
fn start() -> Option<Thread> {
    let spawned =
        std::thread::Builder::new().name("watchdog".into()).stack_size(128 << 10).spawn(watch);
    spawned.ok().map(|handle| handle.thread().clone())
}

fn watch() {
    let mut seen: Vec<(Weak<Worker>, u64)> = Vec::new();
    let mut idle = 0;
    loop {
        std::thread::sleep(INTERVAL);
        let workers = WORKERS.lock().unwrap_or_else(PoisonError::into_inner).clone();
        seen.retain(|(known, _)| workers.iter().any(|worker| worker.ptr_eq(known)));
        let mut busy = false;
        for weak in &workers {
            let Some(worker) = weak.upgrade() else { continue };
            let turn = worker.turn.load(Ordering::SeqCst);
            busy |= turn % 2 == 1;
            match seen.iter_mut().find(|(known, _)| known.ptr_eq(weak)) {
                Some((_, last)) if *last == turn && turn % 2 == 1 => {
                    worker.word.fetch_or(TICK, Ordering::Relaxed);
                }
                Some((_, last)) => *last = turn,
                None => seen.push((weak.clone(), turn)),
            }
        }
        idle = if busy { 0 } else { idle + 1 };
        if idle >= IDLE_INTERVALS {
            idle = 0;
            sleep_until_busy(&workers);
        }
    }
}

fn sleep_until_busy(workers: &[Weak<Worker>]) {
    ASLEEP.store(true, Ordering::SeqCst);
    let busy = workers
        .iter()
        .filter_map(Weak::upgrade)
        .any(|worker| worker.turn.load(Ordering::SeqCst) % 2 == 1);
    if busy {
        ASLEEP.store(false, Ordering::SeqCst);
    }
    while ASLEEP.load(Ordering::SeqCst) {
        std::thread::park();
    }
}

//! Scripts as a worker runs them: many on one thread, nested, deep, interrupted.

use outlast_fiber::*;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::task::{LocalSet, spawn_local};

fn worker<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    LocalSet::new().block_on(&runtime, async {
        spawn_local(run_background());
        future.await
    })
}

fn script<R: 'static>(body: impl FnOnce() -> R + 'static) -> Script<R> {
    Script::new(Rc::new(NoHooks), body).unwrap()
}

fn sleep_ms(ms: u64) -> Result<(), Interrupted> {
    wait(async move { tokio::time::sleep(Duration::from_millis(ms)).await })
}

#[derive(Default)]
struct Stoppable {
    stop: Cell<bool>,
    switches: Cell<u32>,
}

impl Hooks for Stoppable {
    fn resumed(&self) {
        self.switches.set(self.switches.get() + 1);
    }
    fn suspended(&self) {
        self.switches.set(self.switches.get() + 1);
    }
    fn stops_wait(&self) -> bool {
        self.stop.get()
    }
    fn abandoned(&self) {
        self.stop.set(true);
    }
}

#[test]
fn thousands_of_scripts_wait_at_once() {
    worker(async {
        let waiting = Rc::new(Cell::new(0));
        let scripts: Vec<_> = (0..5000)
            .map(|n| {
                let waiting = waiting.clone();
                spawn_local(script(move || {
                    waiting.set(waiting.get() + 1);
                    sleep_ms(20).unwrap();
                    n
                }))
            })
            .collect();
        tokio::task::yield_now().await;
        for (n, script) in scripts.into_iter().enumerate() {
            assert_eq!(script.await.unwrap().unwrap(), n);
        }
        assert_eq!(waiting.get(), 5000);
    });
}

#[test]
fn a_wait_inside_nested_coroutines_suspends_the_script() {
    worker(async {
        let log = Rc::new(RefCell::new(Vec::new()));
        let other = log.clone();
        let outer = log.clone();
        let nested = spawn_local(script(move || {
            let log = outer.clone();
            let mut fiber = Coroutine::new(move || {
                let inner_log = log.clone();
                let mut inner = Coroutine::new(move || {
                    sleep_ms(5).unwrap();
                    inner_log.borrow_mut().push("inner waited");
                    suspend();
                    sleep_ms(5).unwrap();
                    7
                })
                .unwrap();
                assert_eq!(inner.resume(), Progress::Suspended);
                suspend();
                log.borrow_mut().push("outer resumed");
                inner.resume()
            })
            .unwrap();
            assert!(!fiber.is_started());
            assert_eq!(fiber.resume(), Progress::Suspended);
            outer.borrow_mut().push("between");
            assert!(!in_coroutine());
            let result = fiber.resume();
            assert!(fiber.is_done());
            result
        }));
        let beside = spawn_local(script(move || {
            sleep_ms(1).unwrap();
            other.borrow_mut().push("beside");
        }));
        beside.await.unwrap().unwrap();
        assert_eq!(nested.await.unwrap().unwrap(), Progress::Done(Progress::Done(7)));
        assert_eq!(*log.borrow(), ["beside", "inner waited", "between", "outer resumed"]);
    });
}

fn recurse(depth: u32, pad: [u8; 512]) -> u64 {
    if depth == 0 {
        sleep_ms(1).unwrap();
        return 0;
    }
    maybe_grow(|| recurse(depth - 1, std::hint::black_box(pad))) + u64::from(pad[0]) + 1
}

#[test]
fn deep_native_recursion_grows_and_waits() {
    worker(async {
        let deep = spawn_local(script(|| recurse(20_000, [0; 512])));
        assert_eq!(deep.await.unwrap().unwrap(), 20_000);
        let fiber = script(|| Coroutine::new(|| recurse(5_000, [0; 512])).unwrap().resume());
        assert_eq!(spawn_local(fiber).await.unwrap().unwrap(), Progress::Done(5_000));
        let large = script(|| on_large_stack(8 << 20, remaining_stack));
        assert!(large.await.unwrap() > 7 << 20);
    });
}

#[test]
fn the_threads_own_stack_is_checked_too() {
    assert!(remaining_stack() > 100 << 10);
    assert_eq!(recurse(3, [0; 512]), 3);
}

/// Counts waits and interrupts, and waits itself in the latter.
struct Counting(Rc<Cell<(u32, u32)>>);

impl Waits for Counting {
    fn parks(&self) {
        let (parks, interrupts) = self.0.get();
        self.0.set((parks + 1, interrupts));
    }
    fn interrupted(&self) -> bool {
        sleep_ms(1).unwrap();
        let (parks, interrupts) = self.0.get();
        self.0.set((parks, interrupts + 1));
        false
    }
}

#[test]
fn an_interrupt_ends_a_wait_only_when_the_state_says_so() {
    worker(async {
        let hooks = Rc::new(Stoppable::default());
        let calls = Rc::new(Cell::new((0, 0)));
        let seen = calls.clone();
        let script = Script::new(hooks.clone(), move || {
            on_wait(Some(Rc::new(Counting(seen))));
            sleep_ms(60_000)
        })
        .unwrap();
        let handle = script.interrupt_handle();
        let task = spawn_local(script);
        tokio::time::sleep(Duration::from_millis(5)).await;
        handle.interrupt();
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(calls.get(), (2, 1), "the wait, and the one inside of the callback");
        assert!(!task.is_finished());
        hooks.stop.set(true);
        handle.interrupt();
        assert_eq!(task.await.unwrap().unwrap(), Err(Interrupted));
        assert_eq!(hooks.switches.get() % 2, 0);
    });
}

#[test]
fn once_masked_a_script_waits_again() {
    worker(async {
        let hooks = Rc::new(Stoppable::default());
        let state = hooks.clone();
        let script = Script::new(hooks.clone(), move || {
            let first = sleep_ms(60_000);
            let swallowed = sleep_ms(60_000);
            state.stop.set(false);
            (first, swallowed, sleep_ms(1))
        })
        .unwrap();
        let handle = script.interrupt_handle();
        let task = spawn_local(script);
        tokio::task::yield_now().await;
        hooks.stop.set(true);
        handle.interrupt();
        assert_eq!(task.await.unwrap().unwrap(), (Err(Interrupted), Err(Interrupted), Ok(())));
    });
}

#[test]
fn a_dropped_script_ends_by_error_values() {
    let ended = Rc::new(Cell::new(false));
    let inside = ended.clone();
    worker(async move {
        let script = Script::new(Rc::new(Stoppable::default()), move || {
            let fiber = Coroutine::new(|| sleep_ms(60_000)).unwrap().resume();
            assert_eq!(fiber, Progress::Done(Err(Interrupted)));
            yield_now();
            inside.set(true);
        })
        .unwrap();
        let task = spawn_local(script);
        tokio::task::yield_now().await;
        task.abort();
        let _ = task.await;
    });
    assert!(ended.get());
}

#[test]
fn a_panic_stays_in_its_script() {
    worker(async {
        let bad = spawn_local(script(|| {
            sleep_ms(1).unwrap();
            std::panic::resume_unwind(Box::new("broken"))
        }));
        let good = spawn_local(script(|| sleep_ms(2)));
        let panic: Result<(), _> = bad.await.unwrap();
        assert_eq!(*panic.unwrap_err().downcast::<&str>().unwrap(), "broken");
        assert_eq!(good.await.unwrap().unwrap(), Ok(()));
    });
}

#[test]
fn busy_scripts_are_told_to_yield_and_others_run() {
    worker(async {
        let stop = Rc::new(Cell::new(false));
        let busy: Vec<_> = (0..3)
            .map(|_| {
                let stop = stop.clone();
                spawn_local(script(move || {
                    let word = interrupt_word();
                    let mut yields = 0;
                    while !stop.get() {
                        if word.swap(0, Relaxed) & TICK != 0 {
                            yield_now();
                            yields += 1;
                        }
                    }
                    yields
                }))
            })
            .collect();
        for _ in 0..5 {
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
        stop.set(true);
        for script in busy {
            assert!(script.await.unwrap().unwrap() > 0);
        }
    });
}

#[test]
fn a_script_starts_inline_and_moves_to_its_own_task() {
    worker(async {
        let mut script = script(|| {
            sleep_ms(1).unwrap();
            3
        });
        let first = std::future::poll_fn(|cx| {
            std::task::Poll::Ready(std::pin::Pin::new(&mut script).poll(cx).is_pending())
        })
        .await;
        assert!(first);
        assert_eq!(spawn_local(script).await.unwrap().unwrap(), 3);
    });
}

#[test]
fn without_a_server_a_script_runs_to_its_end() {
    let result = run_to_end(Rc::new(NoHooks), || {
        yield_now();
        sleep_ms(1).map(|()| in_script())
    });
    assert!(matches!(result, Ok(Ok(Ok(true)))));
    assert_eq!(sleep_ms(1), Ok(()), "and outside of any the thread waits");
}

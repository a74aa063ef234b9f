//! The rules of a request's life, one test a rule.

use outlast_lifecycle::*;
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

thread_local! {
    static CPU: Cell<u64> = const { Cell::new(0) };
    static WALL: Cell<u64> = const { Cell::new(0) };
}

fn request(limits: Limits) -> Lifecycle {
    let clock =
        Clock { cpu: || Duration::from_secs(CPU.get()), wall: || Duration::from_secs(WALL.get()) };
    let lifecycle = Lifecycle::new(clock, Arc::default(), limits);
    lifecycle.resumed();
    lifecycle
}

#[test]
fn an_abort_is_known_at_once_and_stops_at_the_next_output_only() {
    let l = request(Limits::default());
    l.client_left();
    assert_eq!(l.connection_status(), ABORTED);
    assert_eq!(l.interrupt_word().load(Relaxed), CONNECTION);
    assert_eq!(l.check(), None);
    assert_eq!(l.output(Output::Write), Verdict::Stop(Stop::Abort));
    l.enter(Phase::ShutdownFunctions);
    assert_eq!(l.output(Output::Write), Verdict::Discard);
    assert_eq!(l.output(Output::Flush), Verdict::Stop(Stop::Abort));
}

#[test]
fn a_client_that_leaves_late_costs_no_shutdown_function() {
    let l = request(Limits::default());
    l.enter(Phase::ShutdownFunctions);
    l.client_left();
    assert_eq!(l.output(Output::Write), Verdict::Discard);
    assert_eq!(l.output(Output::Flush), Verdict::Stop(Stop::Abort));
}

#[test]
fn immediate_mode_delivers_once_and_respects_ignore_user_abort() {
    let l = request(Limits::default());
    l.set_abort_mode(AbortMode::Immediate);
    assert!(!l.set_ignore_user_abort(true));
    l.client_left();
    assert_eq!(l.pending_stop(), None);
    assert!(l.set_ignore_user_abort(false));
    assert_eq!(l.check(), Some(Stop::Abort));
    assert_eq!(l.check(), None);
}

#[test]
fn never_mode_and_ignore_discard_output() {
    for mode in [AbortMode::Never, AbortMode::Output] {
        let l = request(Limits::default());
        l.set_abort_mode(mode);
        l.set_ignore_user_abort(mode == AbortMode::Output);
        l.client_left();
        assert_eq!(l.output(Output::Flush), Verdict::Discard);
        assert!(l.is_detached());
    }
}

#[test]
fn an_admin_value_cannot_be_changed() {
    let l = request(Limits::default());
    l.lock_ignore_user_abort(false);
    assert!(!l.set_ignore_user_abort(true));
    assert!(!l.ignore_user_abort());
}

#[test]
fn only_time_between_resume_and_suspend_counts() {
    let l = request(Limits { cpu_seconds: 2, ..Limits::default() });
    l.interrupt_word().fetch_or(TICK, Relaxed);
    assert_eq!(l.take_interrupts(), TICK);
    CPU.set(1);
    l.suspended();
    CPU.set(100);
    l.resumed();
    assert_eq!(l.check(), None);
    assert_eq!(l.cpu_used(), Duration::from_secs(1));
    CPU.set(101);
    assert_eq!(l.check(), Some(Stop::Timeout { seconds: 2 }));
    assert_eq!(l.check(), None, "delivered once");
    l.client_left();
    assert_eq!(l.connection_status(), TIMEOUT | ABORTED);
    l.set_time_limit(1);
    CPU.set(102);
    assert_eq!(l.check(), Some(Stop::Timeout { seconds: 1 }), "set anew, it counts anew");
}

#[test]
fn a_run_without_a_tick_is_measured_by_the_wall_clock_and_bounded() {
    let l = request(Limits::default());
    WALL.set(3600);
    l.suspended();
    assert_eq!(l.cpu_used(), Duration::from_millis(10));
}

#[test]
fn a_finished_response_is_no_abort() {
    let l = request(Limits::default());
    assert!(l.finish_response());
    assert!(!l.finish_response());
    l.client_left();
    assert_eq!(l.connection_status(), NORMAL);
    assert_eq!(l.output(Output::Flush), Verdict::Discard);
    assert!(l.is_detached());
    l.enter(Phase::Done);
    assert!(!l.is_detached());
}

#[test]
fn a_detached_script_is_bounded_and_so_is_its_shutdown() {
    let limits = Limits { detached_seconds: 5, shutdown_seconds: 10, ..Limits::default() };
    let l = request(limits);
    WALL.set(50);
    assert_eq!(l.check(), None);
    l.client_left();
    assert_eq!(l.next_wall_deadline(), Some(Duration::from_secs(55)));
    WALL.set(55);
    assert_eq!(l.check(), Some(Stop::WallTimeout { seconds: 5 }));
    assert_eq!(l.check(), None);
    assert_eq!(l.next_wall_deadline(), Some(Duration::from_secs(65)));
    l.enter(Phase::ShutdownFunctions);
    WALL.set(65);
    assert_eq!(l.check(), Some(Stop::ShutdownTimeout { seconds: 10 }));
    assert_eq!(l.check(), None);
    assert_eq!(l.connection_status(), TIMEOUT | ABORTED);
    assert_eq!(l.cause(), Some(Cause::DetachedLimit), "the first cause is the cause");
}

#[test]
fn shutdown_functions_after_the_cpu_limit_have_the_hard_timeout() {
    let l = request(Limits { cpu_seconds: 1, hard_seconds: 2, ..Limits::default() });
    l.interrupt_word().fetch_or(TICK, Relaxed);
    l.take_interrupts();
    CPU.set(1);
    assert_eq!(l.check(), Some(Stop::Timeout { seconds: 1 }));
    CPU.set(2);
    assert_eq!(l.check(), None);
    CPU.set(3);
    assert_eq!(l.check(), Some(Stop::Timeout { seconds: 1 }));
}

#[test]
fn one_detached_script_too_many_ends_as_by_an_abort() {
    let l = request(Limits::default());
    l.set_ignore_user_abort(true);
    l.client_left();
    l.request_stop(Cause::TooManyDetached);
    assert_eq!(l.check(), Some(Stop::Abort));
    assert_eq!(l.check(), None);
    assert_eq!((l.connection_status(), l.cause()), (ABORTED, Some(Cause::TooManyDetached)));
    assert!(l.vitals().is_stopping());
}

#[test]
fn a_stack_is_given_to_all_who_asked() {
    let l = request(Limits::default());
    l.suspended();
    let answers = std::rc::Rc::new(Cell::new(0));
    for _ in 0..2 {
        let answers = answers.clone();
        l.ask_stack(move |_| answers.set(answers.get() + 1));
    }
    l.resumed();
    assert_eq!(l.take_interrupts(), LOOK);
    assert!(l.stack_is_asked());
    l.answer_stack(Vec::new());
    assert!(!l.stack_is_asked());
    assert_eq!(answers.get(), 2);
}

#[test]
fn a_stop_waits_for_a_parked_script_and_a_tick_does_not() {
    let l = request(Limits::default());
    l.interrupt_word().fetch_or(TICK, Relaxed);
    l.suspended();
    l.request_stop(Cause::Request);
    assert_eq!(l.interrupt_word().load(Relaxed), 0);
    l.resumed();
    assert_eq!(l.take_interrupts(), STOP);
    assert_eq!(l.check(), Some(Stop::StopRequested));
    assert_eq!(l.check(), None);
}

#[test]
fn on_abort_is_due_once_even_when_registered_late() {
    let l = request(Limits::default());
    l.register_on_abort();
    assert!(!l.take_on_abort());
    l.client_left();
    assert!(l.take_on_abort());
    assert!(!l.take_on_abort());
    l.register_on_abort();
    assert!(l.take_on_abort());
}

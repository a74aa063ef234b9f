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
    let l = request(Limits { detached_seconds: 5, ..Limits::default() });
    WALL.set(50);
    assert_eq!(l.check(), None);
    l.client_left();
    assert_eq!(l.next_wall_deadline(), Some(Duration::from_secs(55)));
    WALL.set(55);
    assert_eq!(l.check(), Some(Stop::WallTimeout { seconds: 5 }));
    assert_eq!(l.check(), None);
    WALL.set(70);
    assert_eq!(l.check(), Some(Stop::WallTimeout { seconds: 5 }));
}

#[test]
fn a_stop_waits_for_a_parked_script_and_a_tick_does_not() {
    let l = request(Limits::default());
    l.interrupt_word().fetch_or(TICK, Relaxed);
    l.suspended();
    l.request_stop();
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

//! A worker: one thread, one event loop, the connections and scripts on it.

use crate::Config;
use crate::access_log::AccessLog;
use crate::connection::{self, ConnectionState, Timeouts};
use crate::engine::EngineWorker;
use crate::packed::PackedFiles;
use crate::registry::Registry;
use crate::route::Router;
use crate::script::{CLOCK, RunningScript};
use crate::scripts::Scripts;
use crate::slow_log::SlowLog;
use outlast_fiber::TICK;
use outlast_lifecycle::{Cause, StackFrame};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::sync::{Notify, oneshot};
use tokio::task::{LocalSet, spawn_local, yield_now};

/// How often time limits are looked at that no event brings up.
const SWEEP: Duration = Duration::from_millis(500);
/// When at least so many scripts have run and half of them are gone, their memory is given back.
const CROWD: usize = 500;
/// It is also given back after so many sweeps at which no script ran, nor had run since the one before.
const RESTS: u32 = 2;
/// So many scripts or connections are looked at before the event loop turns: a crowd must not hold it up.
const SWEEP_PART: usize = 1000;

/// The way to a worker from other threads.
pub(crate) struct WorkerHandle {
    commands: UnboundedSender<Command>,
    /// What its scripts poll; there once it runs.
    word: OnceLock<Arc<AtomicU32>>,
}

impl WorkerHandle {
    pub(crate) fn new(commands: UnboundedSender<Command>) -> WorkerHandle {
        WorkerHandle { commands, word: OnceLock::new() }
    }

    /// False if the worker has ended.
    pub(crate) fn send(&self, command: Command) -> bool {
        self.commands.send(command).is_ok()
    }

    /// The same; a script that is busy makes way for it at its next safe point.
    fn send_now(&self, command: Command) -> bool {
        let sent = self.send(command);
        if let Some(word) = self.word.get() {
            word.fetch_or(TICK, Ordering::Relaxed);
        }
        sent
    }
}

/// What all workers share.
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) router: Router,
    pub(crate) log: Arc<AccessLog>,
    pub(crate) slow_log: Option<SlowLog>,
    pub(crate) scripts: Scripts,
    pub(crate) packed: Arc<PackedFiles>,
    /// Connections of each worker.
    pub(crate) loads: Vec<AtomicUsize>,
    /// The ways to the workers.
    pub(crate) workers: Vec<WorkerHandle>,
    pub(crate) started: SystemTime,
}

impl Shared {
    /// Tells all workers. One that has ended has nothing left to be told.
    pub(crate) fn tell(&self, mut command: impl FnMut() -> Command) {
        for worker in &self.workers {
            worker.send_now(command());
        }
    }

    /// Tells the worker of a script; false if there is no such script.
    pub(crate) fn tell_worker_of(&self, id: u64, command: Command) -> bool {
        let entry = self.scripts.get(id);
        let worker = entry.and_then(|entry| self.workers.get(usize::from(entry.worker)));
        worker.is_some_and(|worker| worker.send_now(command))
    }

    /// Asks a script to stop; false if there is none of this id.
    pub(crate) async fn stop_script(&self, id: u64) -> bool {
        let (answer, found) = oneshot::channel();
        self.tell_worker_of(id, Command::Stop(id, answer)) && found.await.unwrap_or(false)
    }

    /// Stops all scripts whose clients have gone; says how many.
    pub(crate) async fn stop_detached(&self) -> usize {
        let mut answers = Vec::new();
        for worker in &self.workers {
            let (answer, count) = oneshot::channel();
            worker.send_now(Command::StopDetached(answer));
            answers.push(count);
        }
        let mut all = 0;
        for count in answers {
            all += count.await.unwrap_or(0);
        }
        all
    }

    /// Where a script is; `None` if there is none, or it does not come to a safe point in time.
    pub(crate) async fn stack(&self, id: u64, limit: Duration) -> Option<Vec<StackFrame>> {
        let (answer, stack) = oneshot::channel();
        self.tell_worker_of(id, Command::Stack(id, answer));
        tokio::time::timeout(limit, stack).await.ok()?.ok()
    }
}

/// What a worker is told by other threads.
pub(crate) enum Command {
    /// Serve this connection.
    Connection(TcpStream, SocketAddr),
    /// Stop this script; say whether there was one.
    Stop(u64, oneshot::Sender<bool>),
    /// Stop all scripts whose clients have gone; say how many.
    StopDetached(oneshot::Sender<usize>),
    /// Ask this script where it is. Who asks hears nothing if there is no such script.
    Stack(u64, oneshot::Sender<Vec<StackFrame>>),
    /// Finish what runs, then end.
    Drain,
    /// Stop every script.
    StopAll,
}

/// One worker's state.
pub(crate) struct Worker {
    pub(crate) id: usize,
    pub(crate) shared: Arc<Shared>,
    pub(crate) log: Arc<AccessLog>,
    pub(crate) engine: Box<dyn EngineWorker>,
    pub(crate) registry: Registry,
    pub(crate) script_limit: usize,
    /// A script or a connection has ended.
    pub(crate) changed: Notify,
    connections: RefCell<HashMap<usize, Rc<ConnectionState>>>,
    open: Cell<usize>,
    draining: Cell<bool>,
}

impl Worker {
    fn new(id: usize, shared: Arc<Shared>, engine: Box<dyn EngineWorker>) -> Worker {
        let config = &shared.config;
        let share = |total: usize| total.div_ceil(shared.loads.len());
        let script_limit = share(config.max_scripts);
        Worker {
            id,
            log: shared.log.clone(),
            shared,
            engine,
            registry: Registry::default(),
            script_limit,
            changed: Notify::new(),
            connections: RefCell::default(),
            open: Cell::new(0),
            draining: Cell::new(false),
        }
    }

    /// Counts a connection until the result is dropped.
    pub(crate) fn count_connection(self: &Rc<Self>) -> impl Drop + use<> {
        self.open.set(self.open.get() + 1);
        OnDrop(Some({
            let worker = self.clone();
            move || {
                worker.open.set(worker.open.get() - 1);
                worker.shared.loads[worker.id].fetch_sub(1, Ordering::Relaxed);
                worker.changed.notify_one();
            }
        }))
    }

    /// Lists a connection for the sweep until the result is dropped.
    pub(crate) fn list_connection(
        self: &Rc<Self>,
        connection: &Rc<ConnectionState>,
    ) -> impl Drop + use<> {
        let key = Rc::as_ptr(connection).addr();
        self.connections.borrow_mut().insert(key, connection.clone());
        OnDrop(Some({
            let worker = self.clone();
            move || {
                worker.connections.borrow_mut().remove(&key);
            }
        }))
    }

    /// Whether the server stops: a connection ends with the response that it has begun.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.get()
    }

    fn begin_drain(&self) {
        self.draining.set(true);
        for connection in self.connections.borrow().values() {
            if connection.is_idle() {
                connection.socket.close();
            }
        }
        self.changed.notify_one();
    }

    fn stop_all(&self) {
        for script in self.registry.all() {
            script.stop(Cause::Drain);
        }
        for connection in self.connections.borrow().values() {
            if !connection.is_busy() {
                connection.socket.close();
            }
        }
    }

    fn obey(self: &Rc<Self>, command: Command) {
        match command {
            Command::Connection(stream, remote) => {
                spawn_local(connection::serve(self.clone(), stream, remote));
            }
            // Who asked may have gone.
            Command::Stop(id, answer) => {
                let script = self.registry.get(id);
                if let Some(script) = &script {
                    script.stop(Cause::Request);
                }
                let _ = answer.send(script.is_some());
            }
            Command::StopDetached(answer) => {
                let mut detached = self.registry.all();
                detached.retain(|script| script.lifecycle.is_detached());
                detached.iter().for_each(|script| script.stop(Cause::Request));
                let _ = answer.send(detached.len());
            }
            Command::Stack(id, answer) => {
                if let Some(script) = self.registry.get(id) {
                    script.ask_stack(|stack| drop(answer.send(stack)));
                }
            }
            Command::Drain => self.begin_drain(),
            Command::StopAll => self.stop_all(),
        }
    }

    fn log_if_slow(&self, script: &RunningScript) {
        let limit = self.shared.slow_log.as_ref().map(|slow_log| slow_log.limit);
        if !limit.is_some_and(|limit| script.is_slow(limit)) {
            return;
        }
        let (shared, entry) = (self.shared.clone(), script.entry.clone());
        script.ask_stack(move |stack| {
            if let Some(slow_log) = &shared.slow_log {
                slow_log.write(&entry, &stack);
            }
        });
    }

    async fn sweep(&self) {
        let config = &self.shared.config;
        let timeouts = Timeouts {
            header: Config::timeout(config.header_timeout),
            keep_alive: Config::timeout(config.keep_alive_timeout),
            send: Config::timeout(config.send_timeout),
        };
        let mut memory = HeldMemory::default();
        loop {
            tokio::time::sleep(SWEEP).await;
            if memory.is_to_go(self.registry.len(), self.registry.started()) {
                self.registry.shrink();
                self.connections.borrow_mut().shrink_to_fit();
                outlast_host::memory::give_back();
            }
            for ids in self.registry.ids().chunks(SWEEP_PART) {
                let now = (CLOCK.wall)();
                for script in ids.iter().filter_map(|&id| self.registry.get(id)) {
                    script.stop_if_overdue(now);
                    self.log_if_slow(&script);
                }
                yield_now().await;
            }
            let keys: Vec<usize> = self.connections.borrow().keys().copied().collect();
            for keys in keys.chunks(SWEEP_PART) {
                let now = Instant::now();
                for key in keys {
                    if let Some(connection) = self.connections.borrow().get(key) {
                        connection.close_if_slow(now, &timeouts);
                    }
                }
                yield_now().await;
            }
            if self.id == 0 {
                self.log.flush();
            }
        }
    }

    async fn serve(self: Rc<Self>, mut commands: UnboundedReceiver<Command>) {
        spawn_local(outlast_fiber::run_background());
        let sweeper = self.clone();
        spawn_local(async move { sweeper.sweep().await });
        loop {
            tokio::select! {
                command = commands.recv() => match command {
                    Some(command) => self.obey(command),
                    None => self.begin_drain(),
                },
                () = self.changed.notified() => {}
            }
            if self.draining.get() && self.open.get() == 0 && self.registry.len() == 0 {
                break;
            }
        }
    }
}

/// Runs a worker on this thread until it is drained.
pub(crate) fn run(
    id: usize,
    shared: Arc<Shared>,
    engine: Box<dyn EngineWorker>,
    commands: UnboundedReceiver<Command>,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let _ = shared.workers[id].word.set(outlast_fiber::interrupt_word());
    let worker = Rc::new(Worker::new(id, shared, engine));
    LocalSet::new().block_on(&runtime, worker.serve(commands));
    Ok(())
}

/// When a worker is to give back what its scripts have left.
#[derive(Default)]
struct HeldMemory {
    /// The most scripts at once since the last time.
    most: usize,
    /// Scripts started until the last sweep, and until memory was last given back.
    started: u64,
    given_back: u64,
    /// Sweeps without a script, in a row.
    rests: u32,
}

impl HeldMemory {
    /// Asked at each sweep: so many scripts run, and so many have been started.
    fn is_to_go(&mut self, running: usize, started: u64) -> bool {
        self.most = self.most.max(running);
        let rests = running == 0 && started == self.started;
        self.rests = if rests { self.rests + 1 } else { 0 };
        self.started = started;
        let crowd_left = self.most >= CROWD && running < self.most / 2;
        let idle = self.rests >= RESTS && started != self.given_back;
        if !crowd_left && !idle {
            return false;
        }
        self.most = running;
        self.given_back = if idle { started } else { self.given_back };
        true
    }
}

/// Runs a closure when dropped.
struct OnDrop<F: FnOnce()>(Option<F>);

impl<F: FnOnce()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        if let Some(f) = self.0.take() {
            f();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_goes_when_a_crowd_has_left_and_when_all_is_still() {
        let mut memory = HeldMemory::default();
        assert!(!memory.is_to_go(0, 0));
        assert!(!memory.is_to_go(10_000, 10_000));
        assert!(!memory.is_to_go(9_000, 10_000));
        assert!(memory.is_to_go(300, 10_000));
        assert!(!memory.is_to_go(0, 10_000));
        assert!(memory.is_to_go(0, 10_000));
        assert!(!memory.is_to_go(0, 10_000), "there is nothing new");
        for _ in 0..10 {
            assert!(!memory.is_to_go(3, 10_100));
        }
        assert!(!memory.is_to_go(0, 10_100));
        assert!(memory.is_to_go(0, 10_100));
    }
}

//! The server as a whole: listening, accepting, and stopping.

use crate::access_log::AccessLog;
use crate::route::Router;
use crate::worker::{self, Command, Shared};
use crate::{Config, ConfigError, Engine, ScriptInfo};
use socket2::{Domain, Protocol, Socket, Type};
use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::sync::{Notify, oneshot};

/// Connections that the system holds until they are accepted.
const BACKLOG: i32 = 4096;
/// What scripts get after the drain time to end their shutdown functions.
const LAST_GRACE: Duration = Duration::from_secs(5);

/// Why a server does not start.
#[derive(Debug)]
pub enum StartError {
    /// An option cannot be.
    Config(ConfigError),
    /// An address cannot be listened on.
    Listen(String, io::Error),
    /// The access log cannot be opened.
    Log(String, io::Error),
    /// The system refuses threads or the like.
    System(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StartError::Config(error) => error.fmt(f),
            StartError::Listen(address, error) => match error.kind() {
                io::ErrorKind::AddrInUse => {
                    write!(f, "cannot listen on {address}: another program is using it")
                }
                io::ErrorKind::PermissionDenied => {
                    write!(
                        f,
                        "cannot listen on {address}: permission denied (ports below 1024 need it)"
                    )
                }
                _ => write!(f, "cannot listen on {address}: {error}"),
            },
            StartError::Log(path, error) => write!(f, "cannot open access_log {path}: {error}"),
            StartError::System(error) => write!(f, "cannot start: {error}"),
        }
    }
}

impl std::error::Error for StartError {}

/// Starts servers.
pub struct Server;

/// A server that runs.
pub struct Running {
    addresses: Vec<SocketAddr>,
    control: Arc<Control>,
    threads: Vec<JoinHandle<()>>,
    drain_timeout: Duration,
    log: Arc<AccessLog>,
}

/// What reaches a running server from other threads.
struct Control {
    workers: Vec<UnboundedSender<Command>>,
    stopping: AtomicBool,
    stop_accepting: Notify,
}

impl Control {
    fn tell(&self, mut command: impl FnMut() -> Command) {
        for worker in &self.workers {
            // A worker that has ended has nothing left to be told.
            let _ = worker.send(command());
        }
    }

    fn drain(&self) {
        if !self.stopping.swap(true, Ordering::SeqCst) {
            self.stop_accepting.notify_one();
            self.tell(|| Command::Drain);
        }
    }
}

impl Server {
    /// Listens, and starts the workers and the thread that accepts.
    pub fn start(config: Config, engine: Arc<dyn Engine>) -> Result<Running, StartError> {
        let config = config.checked().map_err(StartError::Config)?;
        let log = AccessLog::open(&config.access_log_target())
            .map_err(|error| StartError::Log(config.access_log.clone(), error))?;
        let log = Arc::new(log);
        let mut listeners = Vec::new();
        for address in &config.listen {
            let opened =
                listen(address).map_err(|error| StartError::Listen(address.clone(), error))?;
            listeners.extend(opened);
        }
        let addresses = listeners
            .iter()
            .map(TcpListener::local_addr)
            .collect::<Result<_, _>>()
            .map_err(StartError::System)?;
        let router = Router::new(
            config.document_root.clone(),
            config.index.clone(),
            config.front_controller.clone(),
        );
        let (count, max) = (config.worker_count(), config.max_connections);
        let drain_timeout = Duration::from_secs(config.drain_timeout);
        let loads = (0..count).map(|_| AtomicUsize::new(0)).collect();
        let shared = Arc::new(Shared { config, router, log: log.clone(), loads });

        let mut workers = Vec::new();
        let mut threads = Vec::new();
        for id in 0..count {
            let (sender, commands) = unbounded_channel();
            let (shared, engine) = (shared.clone(), engine.clone());
            threads.push(spawn(format!("worker-{id}"), move || {
                if let Err(error) = worker::run(id, shared, engine.worker(), commands) {
                    tracing::error!("worker {id} cannot start: {error}");
                }
            })?);
            workers.push(sender);
        }
        let control = Arc::new(Control {
            workers,
            stopping: AtomicBool::new(false),
            stop_accepting: Notify::new(),
        });
        let acceptor = control.clone();
        threads.push(spawn("acceptor".into(), move || {
            if let Err(error) = accept_all(listeners, &acceptor, &shared, max) {
                tracing::error!("cannot accept connections: {error}");
            }
        })?);
        Ok(Running { addresses, control, threads, drain_timeout, log })
    }
}

fn spawn(name: String, body: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StartError> {
    std::thread::Builder::new().name(name).spawn(body).map_err(StartError::System)
}

fn listen(address: &str) -> io::Result<Vec<TcpListener>> {
    let mut listeners = Vec::new();
    for address in address.to_socket_addrs()? {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_reuse_address(true)?;
        if address.is_ipv6() {
            socket.set_only_v6(true)?;
        }
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        socket.set_nonblocking(true)?;
        listeners.push(socket.into());
    }
    Ok(listeners)
}

fn accept_all(
    listeners: Vec<TcpListener>,
    control: &Arc<Control>,
    shared: &Arc<Shared>,
    max: usize,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let tasks = tokio::task::LocalSet::new();
    tasks.block_on(&runtime, async {
        for listener in listeners {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            let (control, shared) = (control.clone(), shared.clone());
            tokio::task::spawn_local(async move { accept(listener, &control, &shared, max).await });
        }
        while !control.stopping.load(Ordering::SeqCst) {
            control.stop_accepting.notified().await;
        }
        Ok(())
    })
}

/// Deals connections out, each to the worker with the fewest.
async fn accept(listener: tokio::net::TcpListener, control: &Control, shared: &Shared, max: usize) {
    loop {
        let accepted = listener.accept().await;
        let accepted = accepted.and_then(|(stream, remote)| Ok((stream.into_std()?, remote)));
        let (stream, remote) = match accepted {
            Ok(accepted) => accepted,
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
            Err(error) => {
                tracing::warn!("cannot accept a connection: {error}");
                // Most likely too many open files: let some be closed.
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let load = |id: usize| shared.loads[id].load(Ordering::Relaxed);
        let Some(id) = (0..shared.loads.len()).min_by_key(|&id| load(id)) else { return };
        shared.loads[id].fetch_add(1, Ordering::Relaxed);
        let _ = control.workers[id].send(Command::Connection(stream, remote));
        while (0..shared.loads.len()).map(load).sum::<usize>() >= max {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Running {
    /// Where it listens; with port 0 in the options, this is how to learn the port.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Every script that runs. Answers when each worker has come to it.
    pub async fn scripts(&self) -> Vec<ScriptInfo> {
        let mut scripts = Vec::new();
        for worker in &self.control.workers {
            let (answer, list) = oneshot::channel();
            let _ = worker.send(Command::List(answer));
            scripts.extend(list.await.unwrap_or_default());
        }
        scripts
    }

    /// Asks a script to stop; false if there is none of this id.
    pub async fn stop_script(&self, id: u64) -> bool {
        for worker in &self.control.workers {
            let (answer, found) = oneshot::channel();
            let _ = worker.send(Command::Stop(id, answer));
            if found.await.unwrap_or(false) {
                return true;
            }
        }
        false
    }

    /// Stops: no new connections, running scripts end by themselves or, after the drain time, are stopped
    /// (their shutdown functions run). False if some still run; they end with the process.
    pub fn stop(self) -> bool {
        self.control.drain();
        if !self.ended_within(self.drain_timeout) {
            self.control.tell(|| Command::StopAll);
            if !self.ended_within(LAST_GRACE) {
                self.log.flush();
                return false;
            }
        }
        for thread in self.threads {
            let _ = thread.join();
        }
        self.log.flush();
        true
    }

    /// Serves until SIGTERM or SIGINT, then stops; a second signal stops the scripts at once.
    pub fn run_until_signal(self) -> io::Result<bool> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (mut terminate, mut interrupt) = runtime.block_on(async {
            Ok::<_, io::Error>((signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?))
        })?;
        runtime.block_on(async {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        });
        tracing::info!("stopping: waiting for running requests");
        let control = self.control.clone();
        std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
            });
            control.tell(|| Command::StopAll);
        });
        Ok(self.stop())
    }

    fn ended_within(&self, limit: Duration) -> bool {
        let until = Instant::now() + limit;
        while !self.threads.iter().all(JoinHandle::is_finished) {
            if Instant::now() >= until {
                return false;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        true
    }
}

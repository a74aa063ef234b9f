//! The server as a whole: listening, accepting, and stopping.

use crate::access_log::AccessLog;
use crate::control::{ControlDesk, RunningDesk};
use crate::route::Router;
use crate::scripts::Scripts;
use crate::slow_log::SlowLog;
use crate::worker::{self, Command, Shared, WorkerHandle};
use crate::{Config, ConfigError, Engine, ScriptInfo};
use socket2::{Domain, Protocol, Socket, Type};
use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;
use tokio::sync::mpsc::unbounded_channel;

/// Connections that the system holds until they are accepted.
const BACKLOG: i32 = 4096;
/// What shutdown functions get at the least when the server stops.
const LAST_GRACE: Duration = Duration::from_secs(1);

/// Why a server does not start.
#[derive(Debug)]
pub enum StartError {
    /// An option cannot be.
    Config(ConfigError),
    /// An address cannot be listened on.
    Listen(String, io::Error),
    /// A log cannot be opened: its option and its path.
    Log(&'static str, String, io::Error),
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
            StartError::Log(option, path, error) => {
                write!(f, "cannot open {option} {path}: {error}")
            }
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
    desk: RunningDesk,
    log: Arc<AccessLog>,
}

/// What reaches a running server from other threads.
struct Control {
    shared: Arc<Shared>,
    stopping: AtomicBool,
    stop_accepting: Notify,
}

impl Control {
    fn drain(&self) {
        if !self.stopping.swap(true, Ordering::SeqCst) {
            self.stop_accepting.notify_one();
            self.shared.tell(|| Command::Drain);
        }
    }
}

impl Server {
    /// Listens, and starts the workers and the thread that accepts.
    pub fn start(config: Config, engine: Arc<dyn Engine>) -> Result<Running, StartError> {
        let config = config.checked().map_err(StartError::Config)?;
        let log = AccessLog::open(&config.access_log_target())
            .map_err(|error| StartError::Log("access_log", config.access_log.clone(), error))?;
        let log = Arc::new(log);
        let mut listeners = Vec::new();
        for address in &config.listen {
            let opened =
                listen(address).map_err(|error| StartError::Listen(address.clone(), error))?;
            listeners.extend(opened);
        }
        let addresses: Vec<SocketAddr> = listeners
            .iter()
            .map(TcpListener::local_addr)
            .collect::<Result<_, _>>()
            .map_err(StartError::System)?;
        let router = Router::new(
            config.document_root.clone(),
            config.index.clone(),
            config.front_controller.clone(),
        );
        let slow_log = SlowLog::open(&config.slowlog, config.slowlog_timeout).map_err(|error| {
            StartError::Log("slowlog", config.slowlog.display().to_string(), error)
        })?;
        let (count, max) = (config.worker_count(), config.max_connections);
        let loads = (0..count).map(|_| AtomicUsize::new(0)).collect();
        let (workers, commands): (Vec<_>, Vec<_>) = (0..count).map(|_| unbounded_channel()).unzip();
        let workers = workers.into_iter().map(WorkerHandle::new).collect();
        let shared = Arc::new(Shared {
            config,
            router,
            log: log.clone(),
            slow_log,
            scripts: Scripts::default(),
            packed: Arc::default(),
            loads,
            workers,
            started: SystemTime::now(),
        });

        let mut threads = Vec::new();
        for (id, commands) in commands.into_iter().enumerate() {
            let (shared, engine) = (shared.clone(), engine.clone());
            threads.push(spawn(format!("worker-{id}"), move || {
                if let Err(error) = worker::run(id, shared, engine.worker(), commands) {
                    tracing::error!("worker {id} cannot start: {error}");
                }
            })?);
        }
        let desk = ControlDesk::open(&shared, &addresses)?;
        let control = Arc::new(Control {
            shared: shared.clone(),
            stopping: AtomicBool::new(false),
            stop_accepting: Notify::new(),
        });
        let acceptor = control.clone();
        threads.push(spawn("acceptor".into(), move || {
            if let Err(error) = accept_all(listeners, &acceptor, &shared, max) {
                tracing::error!("cannot accept connections: {error}");
            }
        })?);
        let desk = desk.start().map_err(StartError::System)?;
        Ok(Running { addresses, control, threads, desk, log })
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
    control: &Control,
    shared: &Arc<Shared>,
    max: usize,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let tasks = tokio::task::LocalSet::new();
    tasks.block_on(&runtime, async {
        for listener in listeners {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            let shared = shared.clone();
            tokio::task::spawn_local(async move { accept(listener, &shared, max).await });
        }
        while !control.stopping.load(Ordering::SeqCst) {
            control.stop_accepting.notified().await;
        }
        Ok(())
    })
}

/// Deals connections out, each to the worker with the fewest.
async fn accept(listener: tokio::net::TcpListener, shared: &Shared, max: usize) {
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
        shared.workers[id].send(Command::Connection(stream, remote));
        while (0..shared.loads.len()).map(load).sum::<usize>() >= max {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// How long a stopping server lets scripts run on, and what it leaves to their shutdown functions then.
fn drain_times(config: &Config) -> (Duration, Duration) {
    let all = Duration::from_secs(config.drain_timeout);
    let wanted = match config.shutdown_time {
        0 => all,
        seconds => Duration::from_secs(seconds),
    };
    let grace = wanted.min(all / 2).max(LAST_GRACE);
    (all.saturating_sub(grace), grace)
}

impl Running {
    /// Where it listens; with port 0 in the options, this is how to learn the port.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Every script that runs.
    pub fn scripts(&self) -> Vec<ScriptInfo> {
        self.control.shared.scripts.infos()
    }

    /// Asks a script to stop; false if there is none of this id.
    pub async fn stop_script(&self, id: u64) -> bool {
        self.control.shared.stop_script(id).await
    }

    /// Stops: no new connections, running scripts end by themselves or, near the end of the drain time, are
    /// stopped (their shutdown functions run). False if some still run; they end with the process.
    pub fn stop(mut self) -> bool {
        self.control.drain();
        self.desk.step_aside();
        let (by_themselves, grace) = drain_times(&self.control.shared.config);
        if !self.ended_within(by_themselves) {
            self.control.shared.tell(|| Command::StopAll);
            if !self.ended_within(grace) {
                let (left, _) = self.control.shared.scripts.counts();
                tracing::warn!("drain_timeout is over: {left} scripts are left behind");
                self.desk.stop();
                self.log.flush();
                return false;
            }
        }
        self.desk.stop();
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
            control.shared.tell(|| Command::StopAll);
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

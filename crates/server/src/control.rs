//! The control desk: a thread of its own that answers the server's owner on a Unix socket, however busy the
//! workers are, and that remembers counts over time.

use crate::http1::{find_end, parse};
use crate::server::StartError;
use crate::status::{self, Peer};
use crate::worker::Shared;
use bytes::BytesMut;
use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Notify;
use tokio::task::spawn_local;

/// Bytes of a request's head.
const MAX_HEAD: usize = 64 << 10;
/// Time between two samples of the counts.
const SAMPLE: Duration = Duration::from_secs(1);

/// The folder of the sockets of this user's servers: `$XDG_RUNTIME_DIR/outlast`, `/run/outlast` for root, or one
/// below the folder for temporary files.
pub fn runtime_folder() -> PathBuf {
    let (user, _) = outlast_host::system::user_and_group();
    match std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from) {
        Some(folder) if folder.is_absolute() => folder.join("outlast"),
        _ if user == 0 => PathBuf::from("/run/outlast"),
        _ => std::env::temp_dir().join(format!("outlast-{user}")),
    }
}

/// The desk, its socket bound.
pub(crate) struct ControlDesk {
    shared: Arc<Shared>,
    socket: Option<(UnixListener, PathBuf)>,
}

/// The desk at work.
pub(crate) struct RunningDesk {
    stop: Arc<Notify>,
    thread: JoinHandle<()>,
    path: Option<PathBuf>,
    /// The socket's own file, to be told from another's at its path.
    file: Option<(u64, u64)>,
}

impl ControlDesk {
    /// Binds the socket that the options name. One of its own choice that cannot be is only warned of.
    pub(crate) fn open(
        shared: &Arc<Shared>,
        addresses: &[SocketAddr],
    ) -> Result<ControlDesk, StartError> {
        let socket = match shared.config.control_socket.as_str() {
            "off" | "" => None,
            "auto" => {
                let port = addresses.first().map_or(0, SocketAddr::port);
                let path = runtime_folder().join(format!("{port}.sock"));
                let bound = own_folder(&runtime_folder()).and_then(|()| bind(&path));
                if let Err(error) = &bound {
                    tracing::warn!("no control socket {}: {error}", path.display());
                }
                bound.ok().map(|listener| (listener, path))
            }
            path => {
                let bound = bind(Path::new(path));
                let listener = bound.map_err(|error| StartError::Listen(path.into(), error))?;
                Some((listener, path.into()))
            }
        };
        Ok(ControlDesk { shared: shared.clone(), socket })
    }

    /// Starts the thread.
    pub(crate) fn start(self) -> io::Result<RunningDesk> {
        let stop = Arc::new(Notify::new());
        let stopped = stop.clone();
        let path = self.socket.as_ref().map(|(_, path)| path.clone());
        let file = path.as_deref().and_then(identity);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = std::thread::Builder::new().name("control".into()).spawn(move || {
            let tasks = tokio::task::LocalSet::new();
            tasks.block_on(&runtime, async {
                let shared = self.shared.clone();
                spawn_local(async move {
                    loop {
                        shared.scripts.sample();
                        tokio::time::sleep(SAMPLE).await;
                    }
                });
                if let Some((listener, _)) = self.socket {
                    spawn_local(answer_all(self.shared, listener));
                }
                stopped.notified().await;
            });
        })?;
        Ok(RunningDesk { stop, thread, path, file })
    }
}

impl RunningDesk {
    /// Leaves the socket's name to the next server on this port, which may start while this one still drains.
    /// Under another name this one can still be asked.
    pub(crate) fn step_aside(&mut self) {
        let Some(path) = &self.path else { return };
        let aside = path.with_extension(format!("draining-{}", std::process::id()));
        if identity(path) == self.file && fs::rename(path, &aside).is_ok() {
            self.path = Some(aside);
        }
    }

    /// Closes the desk and takes its socket away.
    pub(crate) fn stop(self) {
        self.stop.notify_one();
        let _ = self.thread.join();
        if let Some(path) = self.path.filter(|path| identity(path) == self.file) {
            let _ = fs::remove_file(path);
        }
    }
}

/// Which file is at a path.
fn identity(path: &Path) -> Option<(u64, u64)> {
    let found = fs::symlink_metadata(path).ok()?;
    Some((found.dev(), found.ino()))
}

/// Makes the folder, for its owner alone. One that is there already must be so: others could put a socket of
/// theirs there.
fn own_folder(folder: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    let found = fs::symlink_metadata(folder)?;
    let (user, _) = outlast_host::system::user_and_group();
    if !found.is_dir() || found.uid() != user || found.mode() & 0o077 != 0 {
        let shown = folder.display();
        return Err(io::Error::other(format!("{shown} is not a folder of this user alone")));
    }
    Ok(())
}

fn bind(path: &Path) -> io::Result<UnixListener> {
    if let Err(error) = UnixStream::connect(path) {
        // Left behind by a server that was killed.
        if error.kind() == io::ErrorKind::ConnectionRefused {
            fs::remove_file(path)?;
        }
    }
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, Permissions::from_mode(0o600))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

async fn answer_all(shared: Arc<Shared>, listener: UnixListener) {
    let listener = match tokio::net::UnixListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => return tracing::warn!("cannot watch the control socket: {error}"),
    };
    let (user, _) = outlast_host::system::user_and_group();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Most likely too many open files: let some be closed.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        // The permissions of the socket say the same; these are the kernel's words about who connected.
        let peer = stream.peer_cred().map(|peer| peer.uid());
        if peer.is_ok_and(|peer| peer == user || peer == 0) {
            spawn_local(serve(shared.clone(), stream));
        }
    }
}

/// One request; its body, if any, says nothing that is listened to.
async fn serve(shared: Arc<Shared>, mut stream: tokio::net::UnixStream) {
    let mut bytes = BytesMut::new();
    let end = loop {
        match stream.read_buf(&mut bytes).await {
            Ok(count) if count > 0 && bytes.len() <= MAX_HEAD => {}
            // A client that goes in the middle has said all that it wanted to.
            _ => return,
        }
        if let Some(end) = find_end(&bytes, 0) {
            break end;
        }
    };
    let Ok(head) = parse(bytes.split_to(end).freeze()) else { return };
    let place = head.parts.uri.path().trim_start_matches('/').to_owned();
    let response = status::answer(&shared, &head.parts, &place, Peer::Owner).await;
    let (parts, body) = response.into_parts();
    let mut text = format!("HTTP/1.1 {}\r\nConnection: close\r\n", parts.status).into_bytes();
    for (name, value) in &parts.headers {
        text.extend_from_slice(name.as_str().as_bytes());
        text.extend_from_slice(b": ");
        text.extend_from_slice(value.as_bytes());
        text.extend_from_slice(b"\r\n");
    }
    text.extend_from_slice(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
    text.extend_from_slice(&body);
    let _ = stream.write_all(&text).await;
}

//! Request bodies, read to their end before the script starts.
//!
//! As php-fpm behind nginx: a script never sees half a body, and does not start when its client leaves in the
//! middle. It also makes a disconnect visible: a FIN behind unread data would be seen by nobody.

use crate::RequestBody;
use crate::http1::Incoming;
use bytes::{Bytes, BytesMut};
use std::fs::File;
use std::io::{self, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::time::Duration;

/// Bodies up to this size stay in memory.
const MEMORY_LIMIT: usize = 64 << 10;
/// So much is collected before it is written to the file.
const BATCH: usize = 256 << 10;

/// Why there is no body.
#[derive(Debug)]
pub(crate) enum SpoolError {
    /// More than the server takes.
    TooLarge,
    /// Nothing came for too long.
    Slow,
    /// The client left, or sent nonsense.
    Cut,
    /// The disk failed us.
    Disk(io::Error),
}

/// Reads `body` to its end.
pub(crate) async fn spool(
    body: &mut Incoming,
    limit: u64,
    timeout: Duration,
) -> Result<RequestBody, SpoolError> {
    if body.is_over() {
        return Ok(RequestBody::Memory(Bytes::new()));
    }
    if body.at_least() > limit {
        return Err(SpoolError::TooLarge);
    }
    let mut file = None;
    let mut length = 0u64;
    let mut pending = BytesMut::new();
    loop {
        let data = match tokio::time::timeout(timeout, body.part()).await {
            Err(_) => return Err(SpoolError::Slow),
            Ok(Ok(None)) => break,
            Ok(Err(_)) => return Err(SpoolError::Cut),
            Ok(Ok(Some(data))) => data,
        };
        length += data.len() as u64;
        if length > limit {
            return Err(SpoolError::TooLarge);
        }
        pending.extend_from_slice(&data);
        let full = if file.is_some() { BATCH } else { MEMORY_LIMIT };
        if pending.len() > full {
            file = Some(append(file, pending.split().freeze()).await.map_err(SpoolError::Disk)?);
        }
    }
    let Some(open) = file else {
        return Ok(RequestBody::Memory(pending.freeze()));
    };
    let mut file = append(Some(open), pending.freeze()).await.map_err(SpoolError::Disk)?;
    file.rewind().map_err(SpoolError::Disk)?;
    Ok(RequestBody::File { file, length })
}

async fn append(file: Option<File>, bytes: Bytes) -> io::Result<File> {
    let written = tokio::task::spawn_blocking(move || {
        let mut file = match file {
            Some(file) => file,
            None => unnamed_file()?,
        };
        file.write_all(&bytes)?;
        Ok(file)
    });
    written.await.map_err(io::Error::other)?
}

/// A file without a name: it goes with its last handle, also when the process dies.
fn unnamed_file() -> io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true).mode(0o600);
    let folder = std::env::temp_dir();
    match options.clone().custom_flags(libc::O_TMPFILE).open(&folder) {
        Ok(file) => Ok(file),
        // Some file systems cannot; take a name and drop it at once.
        Err(_) => {
            let unique = outlast_host::clock::wall().as_nanos();
            let path = folder.join(format!("outlast-{}-{unique}", std::process::id()));
            let file = options.create_new(true).open(&path)?;
            std::fs::remove_file(&path)?;
            Ok(file)
        }
    }
}

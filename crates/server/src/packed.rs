//! Compressed files that were sent lately, so that a file is not compressed for each of its readers.

use crate::compression::Coding;
use bytes::Bytes;
use std::collections::HashMap;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Bytes of all that is kept.
const CAPACITY: usize = 32 << 20;
/// What takes more, compressed, is not kept.
pub(crate) const LARGEST: usize = 2 << 20;

/// One encoding of one state of a file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    path: PathBuf,
    inode: u64,
    size: u64,
    /// Seconds and nanoseconds.
    modified: (i64, i64),
    coding: Coding,
}

impl Key {
    pub(crate) fn new(path: &Path, metadata: &Metadata, coding: Coding) -> Key {
        Key {
            path: path.to_owned(),
            inode: metadata.ino(),
            size: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            coding,
        }
    }

    fn is_fresh(&self) -> bool {
        let modified = Duration::from_secs(u64::try_from(self.modified.0).unwrap_or(0));
        outlast_host::clock::wall().saturating_sub(modified) < SETTLED
    }
}

/// A file younger than this is not kept: it may change again without its time of change showing that.
const SETTLED: Duration = Duration::from_secs(2);

/// What is kept, for all workers. When it is full, what was sent longest ago goes.
#[derive(Debug, Default)]
pub(crate) struct PackedFiles(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    files: HashMap<Key, (Bytes, u64)>,
    bytes: usize,
    /// Goes up with each use.
    clock: u64,
}

impl PackedFiles {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn get(&self, key: &Key) -> Option<Bytes> {
        let mut kept = self.kept();
        kept.clock += 1;
        let now = kept.clock;
        let (bytes, used) = kept.files.get_mut(key)?;
        *used = now;
        Some(bytes.clone())
    }

    pub(crate) fn keep(&self, key: Key, bytes: Bytes) {
        if bytes.len() > LARGEST || key.is_fresh() {
            return;
        }
        let mut kept = self.kept();
        // Its other states will not be asked for any more.
        kept.remove_where(|known| known.path == key.path && known.coding == key.coding);
        while kept.bytes + bytes.len() > CAPACITY {
            let oldest = kept.files.iter().min_by_key(|(_, (_, used))| *used);
            let Some(oldest) = oldest.map(|(key, _)| key.clone()) else { break };
            kept.remove_where(|known| *known == oldest);
        }
        kept.clock += 1;
        kept.bytes += bytes.len();
        let now = kept.clock;
        kept.files.insert(key, (bytes, now));
    }
}

impl Kept {
    fn remove_where(&mut self, unwanted: impl Fn(&Key) -> bool) {
        let bytes = &mut self.bytes;
        self.files.retain(|key, (packed, _)| {
            let goes = unwanted(key);
            *bytes -= if goes { packed.len() } else { 0 };
            !goes
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str, modified: i64) -> Key {
        let (path, coding) = (name.into(), Coding::Gzip);
        Key { path, inode: 1, size: 1, modified: (modified, 0), coding }
    }

    #[test]
    fn it_is_bounded_and_a_changed_file_replaces_itself() {
        let files = PackedFiles::default();
        let packed = |size| Bytes::from(vec![0; size]);
        files.keep(key("large", 1), packed(LARGEST + 1));
        assert_eq!(files.get(&key("large", 1)), None);
        files.keep(key("a", 1), packed(5));
        files.keep(key("a", 2), packed(6));
        assert_eq!(files.get(&key("a", 1)), None);
        for at in 0..CAPACITY / LARGEST {
            assert!(files.get(&key("a", 2)).is_some(), "what is used stays");
            files.keep(key(&at.to_string(), 1), packed(LARGEST));
        }
        assert!(files.get(&key("a", 2)).is_some());
        assert_eq!(files.get(&key("0", 1)), None);
        assert!(files.kept().bytes <= CAPACITY);
    }
}

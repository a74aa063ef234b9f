//! Standard output and error, unbuffered.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

/// A duplicate of a standard descriptor: writes go out at once and survive whatever the script does
/// with its own handle.
pub(super) struct Descriptor(Option<File>);

impl Descriptor {
    pub(super) fn of(source: impl AsFd) -> Descriptor {
        let owned: io::Result<OwnedFd> = source.as_fd().try_clone_to_owned();
        Descriptor(owned.ok().map(File::from))
    }

    /// Writes all; an error means that nobody reads any more.
    pub(super) fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        let Some(file) = &mut self.0 else { return Err(io::ErrorKind::BrokenPipe.into()) };
        while !bytes.is_empty() {
            match file.write(bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => bytes = &bytes[count..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // Somebody made the terminal or pipe non-blocking; wait as a blocking one would.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if outlast_host::blocking::sleep(Duration::from_millis(1)).is_err() {
                        return Err(io::ErrorKind::Interrupted.into());
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

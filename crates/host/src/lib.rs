//! The touch points with the operating system: clocks, randomness, files, sockets, processes.
//!
//! What can take long parks the calling script ([`outlast_fiber::wait`]) instead of its thread: sockets and
//! pipes by readiness, the rest on the blocking pool. Outside of a script the thread itself waits. Nothing
//! here changes what belongs to the whole process (current directory, umask, environment): a
//! [`files::Place`] holds a script's own.

pub mod blocking;
pub mod clock;
mod error;
pub mod files;
pub mod memory;
pub mod pipe;
pub mod process;
pub mod queue;
pub mod random;
pub mod socket;
pub mod system;

pub use error::{HostError, Result, strerror};

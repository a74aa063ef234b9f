//! The touch points with the operating system.

pub mod clock;

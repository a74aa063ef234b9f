//! Settings, environment, time, errors and what a script is told about the system.

pub mod assertion;
pub mod environment;
pub mod error;
pub mod settings;
pub mod system;
pub mod time;
pub mod upload;

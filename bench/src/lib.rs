//! What the benchmarks share: a small HTTP client, the server under test, statistics, and the CPU suite.

mod client;
pub mod cpu;
mod stats;
mod target;

pub use client::Client;
pub use stats::Stats;
pub use target::{Target, TargetOptions};

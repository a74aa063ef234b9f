//! What the benchmarks of the server share: a small HTTP client, the server under test, and statistics.

mod client;
mod stats;
mod target;

pub use client::Client;
pub use stats::Stats;
pub use target::{Target, TargetOptions};

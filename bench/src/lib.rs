//! What the programs here share: small HTTP clients, the server under test, statistics, randomness, and the
//! CPU suite.

mod client;
pub mod cpu;
pub mod http;
mod random;
mod server;
pub mod servers;
mod stats;
mod target;

pub use client::Client;
pub use random::Random;
pub use server::{Look, Server, Setup};
pub use stats::Stats;
pub use target::{Target, TargetOptions};

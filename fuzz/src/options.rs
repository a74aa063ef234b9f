//! Options that both fuzzers have.

use clap::Args;
use std::path::PathBuf;

/// What to run, how long, and where findings go.
#[derive(Debug, Args)]
pub struct Options {
    /// The engine on trial, as a command with its options
    #[arg(long, default_value = "target/release/outlast php -n")]
    pub engine: String,
    /// PHP, as a command with its options
    #[arg(long, default_value = "php -n")]
    pub reference: String,
    /// Stop after this long
    #[arg(long, default_value_t = 60)]
    pub seconds: u64,
    /// The same seed gives the same inputs
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Inputs per process
    #[arg(long, default_value_t = 100)]
    pub batch: usize,
    /// Folder for the inputs that failed
    #[arg(long, default_value = "target/fuzz")]
    pub save: PathBuf,
    /// Go on until this many kinds of failures are found
    #[arg(long, default_value_t = 40)]
    pub stop_at: usize,
    /// Save failures as they are found, without making them smaller
    #[arg(long)]
    pub as_found: bool,
}

//! What both fuzzers share: random choices, running engines on many files, minimising what failed.

pub mod engine;
pub mod minimise;
pub mod options;
pub mod program;
pub mod random;
pub mod report;
pub mod scripts;
pub mod tokens;

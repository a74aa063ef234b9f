//! Outlast: `bytecode`.

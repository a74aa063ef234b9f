//! Outlast: `host`.

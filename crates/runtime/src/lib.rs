//! Outlast: `runtime`.

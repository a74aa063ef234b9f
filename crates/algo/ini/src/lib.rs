//! Outlast: `ini`.

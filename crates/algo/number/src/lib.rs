//! Outlast: `number`.

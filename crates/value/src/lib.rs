//! Outlast: `value`.

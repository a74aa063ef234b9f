//! Outlast: `text`.

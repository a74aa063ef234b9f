//! Outlast: `lifecycle`.

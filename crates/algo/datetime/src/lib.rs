//! Outlast: `datetime`.

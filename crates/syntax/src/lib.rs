//! Outlast: `syntax`.

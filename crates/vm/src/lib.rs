//! Outlast: `vm`.

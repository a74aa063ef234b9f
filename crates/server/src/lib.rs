//! Outlast: `server`.

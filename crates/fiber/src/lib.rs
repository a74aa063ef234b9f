//! Outlast: `fiber`.

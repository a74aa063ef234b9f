//! Outlast: `compiler`.

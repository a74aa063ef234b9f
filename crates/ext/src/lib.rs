//! Outlast: `ext`.

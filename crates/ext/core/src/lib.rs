//! PHP's extension `core`.

//! PHP's extension `random`.

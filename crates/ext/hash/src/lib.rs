//! PHP's extension `hash`.

//! PHP's extension `date`.

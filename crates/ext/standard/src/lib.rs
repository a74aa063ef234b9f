//! PHP's extension `standard`.

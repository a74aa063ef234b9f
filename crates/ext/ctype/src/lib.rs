//! PHP's extension `ctype`.

//! PHP's extension `spl`.

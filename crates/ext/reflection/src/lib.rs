//! PHP's extension `reflection`.

//! PHP's extension `json`.

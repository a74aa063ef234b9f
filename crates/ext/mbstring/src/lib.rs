//! PHP's extension `mbstring`.

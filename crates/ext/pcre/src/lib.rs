//! PHP's extension `pcre`.

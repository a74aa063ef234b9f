//! Flags of filters, as the constants `FILTER_*` have them.

pub(crate) const REQUIRE_SCALAR: i64 = 33554432;
pub(crate) const REQUIRE_ARRAY: i64 = 16777216;
pub(crate) const FORCE_ARRAY: i64 = 67108864;
pub(crate) const NULL_ON_FAILURE: i64 = 134217728;
pub(crate) const UNSAFE_RAW: i64 = 516;
pub(crate) const ALLOW_OCTAL: i64 = 1;
pub(crate) const ALLOW_HEX: i64 = 2;
pub(crate) const STRIP_LOW: i64 = 4;
pub(crate) const STRIP_HIGH: i64 = 8;
pub(crate) const STRIP_BACKTICK: i64 = 512;
pub(crate) const ENCODE_LOW: i64 = 16;
pub(crate) const ENCODE_HIGH: i64 = 32;
pub(crate) const ENCODE_AMP: i64 = 64;
pub(crate) const NO_ENCODE_QUOTES: i64 = 128;
pub(crate) const EMPTY_STRING_NULL: i64 = 256;
pub(crate) const ALLOW_FRACTION: i64 = 4096;
pub(crate) const ALLOW_THOUSAND: i64 = 8192;
pub(crate) const ALLOW_SCIENTIFIC: i64 = 16384;
pub(crate) const PATH_REQUIRED: i64 = 262144;
pub(crate) const QUERY_REQUIRED: i64 = 524288;
/// The same bit means something else to each of three filters.
pub(crate) const IPV4: i64 = 1048576;
pub(crate) const HOSTNAME: i64 = 1048576;
pub(crate) const EMAIL_UNICODE: i64 = 1048576;
pub(crate) const IPV6: i64 = 2097152;
pub(crate) const NO_RES_RANGE: i64 = 4194304;
pub(crate) const NO_PRIV_RANGE: i64 = 8388608;
pub(crate) const GLOBAL_RANGE: i64 = 268435456;

<?php

/** @extension standard */

const STREAM_NOTIFY_CONNECT = 2;
const STREAM_NOTIFY_AUTH_REQUIRED = 3;
const STREAM_NOTIFY_AUTH_RESULT = 10;
const STREAM_NOTIFY_MIME_TYPE_IS = 4;
const STREAM_NOTIFY_FILE_SIZE_IS = 5;
const STREAM_NOTIFY_REDIRECTED = 6;
const STREAM_NOTIFY_PROGRESS = 7;
const STREAM_NOTIFY_FAILURE = 9;
const STREAM_NOTIFY_COMPLETED = 8;
const STREAM_NOTIFY_RESOLVE = 1;
const STREAM_NOTIFY_SEVERITY_INFO = 0;
const STREAM_NOTIFY_SEVERITY_WARN = 1;
const STREAM_NOTIFY_SEVERITY_ERR = 2;
const STREAM_FILTER_READ = 1;
const STREAM_FILTER_WRITE = 2;
const STREAM_FILTER_ALL = 3;
const STREAM_CLIENT_PERSISTENT = 1;
const STREAM_CLIENT_ASYNC_CONNECT = 2;
const STREAM_CLIENT_CONNECT = 4;
const STREAM_CRYPTO_METHOD_ANY_CLIENT = 127;
const STREAM_CRYPTO_METHOD_SSLv2_CLIENT = 3;
const STREAM_CRYPTO_METHOD_SSLv3_CLIENT = 5;
const STREAM_CRYPTO_METHOD_SSLv23_CLIENT = 57;
const STREAM_CRYPTO_METHOD_TLS_CLIENT = 121;
const STREAM_CRYPTO_METHOD_TLSv1_0_CLIENT = 9;
const STREAM_CRYPTO_METHOD_TLSv1_1_CLIENT = 17;
const STREAM_CRYPTO_METHOD_TLSv1_2_CLIENT = 33;
const STREAM_CRYPTO_METHOD_TLSv1_3_CLIENT = 65;
const STREAM_CRYPTO_METHOD_ANY_SERVER = 126;
const STREAM_CRYPTO_METHOD_SSLv2_SERVER = 2;
const STREAM_CRYPTO_METHOD_SSLv3_SERVER = 4;
const STREAM_CRYPTO_METHOD_SSLv23_SERVER = 120;
const STREAM_CRYPTO_METHOD_TLS_SERVER = 120;
const STREAM_CRYPTO_METHOD_TLSv1_0_SERVER = 8;
const STREAM_CRYPTO_METHOD_TLSv1_1_SERVER = 16;
const STREAM_CRYPTO_METHOD_TLSv1_2_SERVER = 32;
const STREAM_CRYPTO_METHOD_TLSv1_3_SERVER = 64;
const STREAM_CRYPTO_PROTO_SSLv3 = 4;
const STREAM_CRYPTO_PROTO_TLSv1_0 = 8;
const STREAM_CRYPTO_PROTO_TLSv1_1 = 16;
const STREAM_CRYPTO_PROTO_TLSv1_2 = 32;
const STREAM_CRYPTO_PROTO_TLSv1_3 = 64;
const STREAM_SHUT_RD = 0;
const STREAM_SHUT_WR = 1;
const STREAM_SHUT_RDWR = 2;
const STREAM_PF_INET = 2;
const STREAM_PF_INET6 = 10;
const STREAM_PF_UNIX = 1;
const STREAM_IPPROTO_IP = 0;
const STREAM_IPPROTO_TCP = 6;
const STREAM_IPPROTO_UDP = 17;
const STREAM_IPPROTO_ICMP = 1;
const STREAM_IPPROTO_RAW = 255;
const STREAM_SOCK_STREAM = 1;
const STREAM_SOCK_DGRAM = 2;
const STREAM_SOCK_RAW = 3;
const STREAM_SOCK_SEQPACKET = 5;
const STREAM_SOCK_RDM = 4;
const STREAM_PEEK = 2;
const STREAM_OOB = 1;
const STREAM_SERVER_BIND = 4;
const STREAM_SERVER_LISTEN = 8;
const STREAM_USE_PATH = 1;
const STREAM_IGNORE_URL = 2;
const STREAM_REPORT_ERRORS = 8;
const STREAM_MUST_SEEK = 16;
const STREAM_URL_STAT_LINK = 1;
const STREAM_URL_STAT_QUIET = 2;
const STREAM_MKDIR_RECURSIVE = 1;
const STREAM_IS_URL = 1;
const STREAM_OPTION_BLOCKING = 1;
const STREAM_OPTION_READ_TIMEOUT = 4;
const STREAM_OPTION_READ_BUFFER = 2;
const STREAM_OPTION_WRITE_BUFFER = 3;
const STREAM_BUFFER_NONE = 0;
const STREAM_BUFFER_LINE = 1;
const STREAM_BUFFER_FULL = 2;
const STREAM_CAST_AS_STREAM = 0;
const STREAM_CAST_FOR_SELECT = 3;
const STREAM_META_TOUCH = 1;
const STREAM_META_OWNER = 3;
const STREAM_META_OWNER_NAME = 2;
const STREAM_META_GROUP = 5;
const STREAM_META_GROUP_NAME = 4;
const STREAM_META_ACCESS = 6;

function stream_get_contents($stream, ?int $length = null, int $offset = -1): string|false {}

function stream_copy_to_stream($from, $to, ?int $length = null, int $offset = 0): int|false {}

function stream_get_line($stream, int $length, string $ending = ""): string|false {}

function stream_get_meta_data($stream): array {}

/** @implementation-alias stream_get_meta_data */
function socket_get_status($stream): array {}

function stream_supports_lock($stream): bool {}

function stream_is_local($stream): bool {}

function stream_isatty($stream): bool {}

function stream_set_write_buffer($stream, int $size): int {}

/** @implementation-alias stream_set_write_buffer */
function set_file_buffer($stream, int $size): int {}

function stream_set_read_buffer($stream, int $size): int {}

function stream_set_chunk_size($stream, int $size): int {}

function stream_set_blocking($stream, bool $enable): bool {}

/** @implementation-alias stream_set_blocking */
function socket_set_blocking($stream, bool $enable): bool {}

function stream_set_timeout($stream, int $seconds, int $microseconds = 0): bool {}

/** @implementation-alias stream_set_timeout */
function socket_set_timeout($stream, int $seconds, int $microseconds = 0): bool {}

function stream_resolve_include_path(string $filename): string|false {}

function stream_get_wrappers(): array {}

function stream_get_transports(): array {}

function stream_wrapper_register(string $protocol, string $class, int $flags = 0): bool {}

/** @implementation-alias stream_wrapper_register */
function stream_register_wrapper(string $protocol, string $class, int $flags = 0): bool {}

function stream_wrapper_unregister(string $protocol): bool {}

function stream_wrapper_restore(string $protocol): bool {}

function stream_filter_prepend($stream, string $filter_name, int $mode = 0, mixed $params = UNKNOWN) {}

function stream_filter_append($stream, string $filter_name, int $mode = 0, mixed $params = UNKNOWN) {}

function stream_filter_remove($stream_filter): bool {}

function stream_select(
    ?array &$read,
    ?array &$write,
    ?array &$except,
    ?int $seconds,
    ?int $microseconds = null,
): int|false {}

<?php

/** @extension standard */

const SEEK_SET = 0;
const SEEK_CUR = 1;
const SEEK_END = 2;
const LOCK_SH = 1;
const LOCK_EX = 2;
const LOCK_UN = 3;
const LOCK_NB = 4;
const FILE_USE_INCLUDE_PATH = 1;
const FILE_IGNORE_NEW_LINES = 2;
const FILE_SKIP_EMPTY_LINES = 4;
const FILE_APPEND = 8;
const FILE_NO_DEFAULT_CONTEXT = 16;
/** @deprecated */
const FILE_TEXT = 0;
/** @deprecated */
const FILE_BINARY = 0;

function fopen(string $filename, string $mode, bool $use_include_path = false, $context = null) {}

function tmpfile() {}

function fclose($stream): bool {}

function feof($stream): bool {}

function fgetc($stream): string|false {}

function fgets($stream, ?int $length = null): string|false {}

function fread($stream, int $length): string|false {}

function fwrite($stream, string $data, ?int $length = null): int|false {}

/** @implementation-alias fwrite */
function fputs($stream, string $data, ?int $length = null): int|false {}

function fflush($stream): bool {}

function fsync($stream): bool {}

function fdatasync($stream): bool {}

function ftruncate($stream, int $size): bool {}

function fstat($stream): array|false {}

function fseek($stream, int $offset, int $whence = SEEK_SET): int {}

function ftell($stream): int|false {}

function rewind($stream): bool {}

function flock($stream, int $operation, &$would_block = null): bool {}

function fpassthru($stream): int {}

function fscanf($stream, string $format, mixed &...$vars): array|int|false|null {}

function fprintf($stream, string $format, mixed ...$values): int {}

function vfprintf($stream, string $format, array $values): int {}

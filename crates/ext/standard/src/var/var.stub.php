<?php

/** @extension standard */

function constant(string $name): mixed {}

function call_user_func(callable $callback, mixed ...$args): mixed {}

function call_user_func_array(callable $callback, array $args): mixed {}

function forward_static_call(callable $callback, mixed ...$args): mixed {}

function forward_static_call_array(callable $callback, array $args): mixed {}

function print_r(mixed $value, bool $return = false): string|true {}

function gettype(mixed $value): string {}

function get_debug_type(mixed $value): string {}

function settype(mixed &$var, string $type): bool {}

function intval(mixed $value, int $base = 10): int {}

function floatval(mixed $value): float {}

/** @implementation-alias floatval */
function doubleval(mixed $value): float {}

function boolval(mixed $value): bool {}

function strval(mixed $value): string {}

function is_null(mixed $value): bool {}

function is_resource(mixed $value): bool {}

function is_bool(mixed $value): bool {}

function is_int(mixed $value): bool {}

/** @implementation-alias is_int */
function is_integer(mixed $value): bool {}

/** @implementation-alias is_int */
function is_long(mixed $value): bool {}

function is_float(mixed $value): bool {}

/** @implementation-alias is_float */
function is_double(mixed $value): bool {}

function is_numeric(mixed $value): bool {}

function is_string(mixed $value): bool {}

function is_array(mixed $value): bool {}

function is_object(mixed $value): bool {}

function is_scalar(mixed $value): bool {}

function is_callable(mixed $value, bool $syntax_only = false, &$callable_name = null): bool {}

function is_iterable(mixed $value): bool {}

function is_countable(mixed $value): bool {}

function var_dump(mixed $value, mixed ...$values): void {}

function var_export(mixed $value, bool $return = false): ?string {}

function debug_zval_dump(mixed $value, mixed ...$values): void {}

function memory_get_usage(bool $real_usage = false): int {}

function memory_get_peak_usage(bool $real_usage = false): int {}

function memory_reset_peak_usage(): void {}

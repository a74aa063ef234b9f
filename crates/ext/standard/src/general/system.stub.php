<?php

/** @extension standard */

function sys_get_temp_dir(): string {}

function sys_getloadavg(): array|false {}

function getmypid(): int|false {}

function getmyuid(): int|false {}

function getmygid(): int|false {}

function getmyinode(): int|false {}

function getlastmod(): int|false {}

function get_current_user(): string {}

function gethostname(): string|false {}

function php_sapi_name(): string|false {}

function php_uname(string $mode = "a"): string {}

function phpversion(?string $extension = null): string|false {}

function register_tick_function(callable $callback, mixed ...$args): bool {}

function unregister_tick_function(callable $callback): void {}

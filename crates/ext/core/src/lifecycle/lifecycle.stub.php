<?php

/** @extension standard */

const CONNECTION_ABORTED = 1;
const CONNECTION_NORMAL = 0;
const CONNECTION_TIMEOUT = 2;

function connection_status(): int {}

function connection_aborted(): int {}

function ignore_user_abort(?bool $enable = null): int {}

function register_shutdown_function(callable $callback, mixed ...$args): void {}

function set_time_limit(int $seconds): bool {}

function flush(): void {}

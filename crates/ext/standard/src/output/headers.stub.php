<?php

/** @extension standard */

function header(string $header, bool $replace = true, int $response_code = 0): void {}

function header_remove(?string $name = null): void {}

function setrawcookie(
    string $name,
    string $value = "",
    array|int $expires_or_options = 0,
    string $path = "",
    string $domain = "",
    bool $secure = false,
    bool $httponly = false,
): bool {}

function setcookie(
    string $name,
    string $value = "",
    array|int $expires_or_options = 0,
    string $path = "",
    string $domain = "",
    bool $secure = false,
    bool $httponly = false,
): bool {}

function http_response_code(int $response_code = 0): int|bool {}

function headers_sent(&$filename = null, &$line = null): bool {}

function headers_list(): array {}

function header_register_callback(callable $callback): bool {}

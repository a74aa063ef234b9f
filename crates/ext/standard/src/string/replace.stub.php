<?php

/** @extension standard */

function str_replace(
    array|string $search,
    array|string $replace,
    array|string $subject,
    &$count = null,
): array|string {}

function str_ireplace(
    array|string $search,
    array|string $replace,
    array|string $subject,
    &$count = null,
): array|string {}

function substr_replace(
    array|string $string,
    array|string $replace,
    array|int $offset,
    array|int|null $length = null,
): array|string {}

function strtr(string $string, array|string $from, ?string $to = null): string {}

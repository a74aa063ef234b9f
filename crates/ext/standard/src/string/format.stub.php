<?php

/** @extension standard */

function sprintf(string $format, mixed ...$values): string {}

function printf(string $format, mixed ...$values): int {}

function vprintf(string $format, array $values): int {}

function vsprintf(string $format, array $values): string {}

function number_format(
    int|float $num,
    int $decimals = 0,
    ?string $decimal_separator = ".",
    ?string $thousands_separator = ",",
): string {}

function sscanf(string $string, string $format, mixed &...$vars): array|int|null {}

function pack(string $format, mixed ...$values): string {}

function unpack(string $format, string $string, int $offset = 0): array|false {}

<?php

/** @extension standard */

function strspn(string $string, string $characters, int $offset = 0, ?int $length = null): int {}

function strcspn(string $string, string $characters, int $offset = 0, ?int $length = null): int {}

function stristr(string $haystack, string $needle, bool $before_needle = false): string|false {}

function strstr(string $haystack, string $needle, bool $before_needle = false): string|false {}

/** @implementation-alias strstr */
function strchr(string $haystack, string $needle, bool $before_needle = false): string|false {}

function strpos(string $haystack, string $needle, int $offset = 0): int|false {}

function stripos(string $haystack, string $needle, int $offset = 0): int|false {}

function strrpos(string $haystack, string $needle, int $offset = 0): int|false {}

function strripos(string $haystack, string $needle, int $offset = 0): int|false {}

function strrchr(string $haystack, string $needle, bool $before_needle = false): string|false {}

function str_contains(string $haystack, string $needle): bool {}

function str_starts_with(string $haystack, string $needle): bool {}

function str_ends_with(string $haystack, string $needle): bool {}

function substr(string $string, int $offset, ?int $length = null): string {}

function substr_count(string $haystack, string $needle, int $offset = 0, ?int $length = null): int {}

function strpbrk(string $string, string $characters): string|false {}

function substr_compare(
    string $haystack,
    string $needle,
    int $offset,
    ?int $length = null,
    bool $case_insensitive = false,
): int {}

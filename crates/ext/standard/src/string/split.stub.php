<?php

/** @extension standard */

function explode(string $separator, string $string, int $limit = PHP_INT_MAX): array {}

function implode(array|string $separator, ?array $array = null): string {}

function join(array|string $separator, ?array $array = null): string {}

function strtok(string $string, ?string $token = null): string|false {}

function str_split(string $string, int $length = 1): array {}

function str_word_count(string $string, int $format = 0, ?string $characters = null): array|int {}

function count_chars(string $string, int $mode = 0): array|string {}

function str_getcsv(
    string $string,
    string $separator = ",",
    string $enclosure = "\"",
    string $escape = UNKNOWN,
): array {}

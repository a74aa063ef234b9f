<?php

/** @extension standard */

function file_get_contents(
    string $filename,
    bool $use_include_path = false,
    $context = null,
    int $offset = 0,
    ?int $length = null,
): string|false {}

function file_put_contents(string $filename, mixed $data, int $flags = 0, $context = null): int|false {}

function file(string $filename, int $flags = 0, $context = null): array|false {}

function readfile(string $filename, bool $use_include_path = false, $context = null): int|false {}

function copy(string $from, string $to, $context = null): bool {}

function tempnam(string $directory, string $prefix): string|false {}

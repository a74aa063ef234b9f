<?php

/** @extension standard */

function fputcsv(
    $stream,
    array $fields,
    string $separator = ",",
    string $enclosure = "\"",
    string $escape = UNKNOWN,
    string $eol = "\n",
): int|false {}

function fgetcsv(
    $stream,
    ?int $length = null,
    string $separator = ",",
    string $enclosure = "\"",
    string $escape = UNKNOWN,
): array|false {}

<?php

/** @extension standard */

function strcoll(string $string1, string $string2): int {}

function strnatcmp(string $string1, string $string2): int {}

function strnatcasecmp(string $string1, string $string2): int {}

function similar_text(string $string1, string $string2, &$percent = null): int {}

function levenshtein(
    string $string1,
    string $string2,
    int $insertion_cost = 1,
    int $replacement_cost = 1,
    int $deletion_cost = 1,
): int {}

function soundex(string $string): string {}

function metaphone(string $string, int $max_phonemes = 0): string {}

function version_compare(string $version1, string $version2, ?string $operator = null): int|bool {}

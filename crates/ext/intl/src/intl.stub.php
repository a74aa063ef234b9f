<?php

/** @extension intl */
const GRAPHEME_EXTR_COUNT = 0;
const GRAPHEME_EXTR_MAXBYTES = 1;
const GRAPHEME_EXTR_MAXCHARS = 2;
const U_ZERO_ERROR = 0;
const U_ILLEGAL_ARGUMENT_ERROR = 1;
const U_INVALID_CHAR_FOUND = 10;

class Normalizer
{
    public const int FORM_D = 4;
    public const int NFD = 4;
    public const int FORM_KD = 8;
    public const int NFKD = 8;
    public const int FORM_C = 16;
    public const int NFC = 16;
    public const int FORM_KC = 32;
    public const int NFKC = 32;

    /**
     * @tentative-return-type
     * @implementation-alias normalizer_normalize
     */
    public static function normalize(string $string, int $form = Normalizer::FORM_C): string|false {}

    /**
     * @tentative-return-type
     * @implementation-alias normalizer_is_normalized
     */
    public static function isNormalized(string $string, int $form = Normalizer::FORM_C): bool {}

    /**
     * @tentative-return-type
     * @implementation-alias normalizer_get_raw_decomposition
     */
    public static function getRawDecomposition(string $string, int $form = Normalizer::FORM_C): ?string {}
}

function normalizer_normalize(string $string, int $form = Normalizer::FORM_C): string|false {}

function normalizer_is_normalized(string $string, int $form = Normalizer::FORM_C): bool {}

function normalizer_get_raw_decomposition(string $string, int $form = Normalizer::FORM_C): ?string {}

function grapheme_strlen(string $string): int|false|null {}

function grapheme_strpos(string $haystack, string $needle, int $offset = 0): int|false {}

function grapheme_stripos(string $haystack, string $needle, int $offset = 0): int|false {}

function grapheme_strrpos(string $haystack, string $needle, int $offset = 0): int|false {}

function grapheme_strripos(string $haystack, string $needle, int $offset = 0): int|false {}

function grapheme_substr(string $string, int $offset, ?int $length = null): string|false {}

function grapheme_strstr(string $haystack, string $needle, bool $beforeNeedle = false): string|false {}

function grapheme_stristr(string $haystack, string $needle, bool $beforeNeedle = false): string|false {}

function grapheme_extract(
    string $haystack,
    int $size,
    int $type = GRAPHEME_EXTR_COUNT,
    int $offset = 0,
    &$next = null,
): string|false {}

function grapheme_str_split(string $string, int $length = 1): array|false {}

function intl_get_error_code(): int {}

function intl_get_error_message(): string {}

function intl_is_failure(int $errorCode): bool {}

function intl_error_name(int $errorCode): string {}

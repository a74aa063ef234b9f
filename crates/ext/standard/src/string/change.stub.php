<?php

/** @extension standard */

const STR_PAD_LEFT = 0;
const STR_PAD_RIGHT = 1;
const STR_PAD_BOTH = 2;

function trim(string $string, string $characters = " \n\r\t\v\x00"): string {}

function rtrim(string $string, string $characters = " \n\r\t\v\x00"): string {}

/** @implementation-alias rtrim */
function chop(string $string, string $characters = " \n\r\t\v\x00"): string {}

function ltrim(string $string, string $characters = " \n\r\t\v\x00"): string {}

function wordwrap(
    string $string,
    int $width = 75,
    string $break = "\n",
    bool $cut_long_words = false,
): string {}

function chunk_split(string $string, int $length = 76, string $separator = "\r\n"): string {}

function strtoupper(string $string): string {}

function strtolower(string $string): string {}

function str_increment(string $string): string {}

function str_decrement(string $string): string {}

function ucfirst(string $string): string {}

function lcfirst(string $string): string {}

function ucwords(string $string, string $separators = " \t\r\n\f\v"): string {}

function strrev(string $string): string {}

function hebrev(string $string, int $max_chars_per_line = 0): string {}

function nl2br(string $string, bool $use_xhtml = true): string {}

function str_repeat(string $string, int $times): string {}

function str_pad(
    string $string,
    int $length,
    string $pad_string = " ",
    int $pad_type = STR_PAD_RIGHT,
): string {}

function str_shuffle(string $string): string {}

function str_rot13(string $string): string {}

function ord(string $character): int {}

function chr(int $codepoint): string {}

function quotemeta(string $string): string {}

function addcslashes(string $string, string $characters): string {}

function addslashes(string $string): string {}

function stripcslashes(string $string): string {}

function stripslashes(string $string): string {}

function strip_tags(string $string, array|string|null $allowed_tags = null): string {}

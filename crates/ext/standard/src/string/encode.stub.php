<?php

/** @extension standard */

function base64_encode(string $string): string {}

function base64_decode(string $string, bool $strict = false): string|false {}

function bin2hex(string $string): string {}

function hex2bin(string $string): string|false {}

function quoted_printable_decode(string $string): string {}

function quoted_printable_encode(string $string): string {}

function convert_uuencode(string $string): string {}

function convert_uudecode(string $string): string|false {}

#[\Deprecated(since: "8.2", message: "visit the php.net documentation for various alternatives")]
function utf8_encode(string $string): string {}

#[\Deprecated(since: "8.2", message: "visit the php.net documentation for various alternatives")]
function utf8_decode(string $string): string {}

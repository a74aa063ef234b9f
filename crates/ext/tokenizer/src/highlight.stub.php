<?php

/** @extension standard */

function highlight_string(string $string, bool $return = false): string|true {}

function highlight_file(string $filename, bool $return = false): string|bool {}

/** @implementation-alias highlight_file */
function show_source(string $filename, bool $return = false): string|bool {}

function php_strip_whitespace(string $filename): string {}

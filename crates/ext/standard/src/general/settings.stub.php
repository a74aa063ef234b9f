<?php

/**
 * @extension standard
 * @ini SETTINGS
 */

const INI_USER = 1;
const INI_PERDIR = 2;
const INI_SYSTEM = 4;
const INI_ALL = 7;

function ini_get(string $option): string|false {}

function ini_get_all(?string $extension = null, bool $details = true): array|false {}

function ini_set(string $option, string|int|float|bool|null $value): string|false {}

/** @implementation-alias ini_set */
function ini_alter(string $option, string|int|float|bool|null $value): string|false {}

function ini_restore(string $option): void {}

function ini_parse_quantity(string $shorthand): int {}

function set_include_path(string $include_path): string|false {}

function get_include_path(): string|false {}

function get_cfg_var(string $option): array|string|false {}

function php_ini_scanned_files(): string|false {}

function php_ini_loaded_file(): string|false {}

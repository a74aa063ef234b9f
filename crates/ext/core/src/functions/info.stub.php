<?php

/** @extension Core */

function zend_version(): string {}

function define(string $constant_name, mixed $value, bool $case_insensitive = false): bool {}

function defined(string $constant_name): bool {}

function get_resource_type($resource): string {}

function get_resource_id($resource): int {}

function get_loaded_extensions(bool $zend_extensions = false): array {}

function get_defined_constants(bool $categorize = false): array {}

function extension_loaded(string $extension): bool {}

function get_extension_funcs(string $extension): array|false {}

function gc_mem_caches(): int {}

function gc_collect_cycles(): int {}

function gc_enabled(): bool {}

function gc_enable(): void {}

function gc_disable(): void {}

function gc_status(): array {}

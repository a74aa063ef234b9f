<?php

/** @extension Core */

function exit(string|int $status = 0): never {}

/** @implementation-alias exit */
function die(string|int $status = 0): never {}

function func_num_args(): int {}

function func_get_arg(int $position): mixed {}

function func_get_args(): array {}

function function_exists(string $function): bool {}

function get_defined_functions(bool $exclude_disabled = true): array {}

function get_defined_vars(): array {}

function get_included_files(): array {}

/** @implementation-alias get_included_files */
function get_required_files(): array {}

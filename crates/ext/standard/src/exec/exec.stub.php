<?php

/** @extension standard */

function exec(string $command, &$output = null, &$result_code = null): string|false {}

function system(string $command, &$result_code = null): string|false {}

function passthru(string $command, &$result_code = null): ?false {}

function escapeshellcmd(string $command): string {}

function escapeshellarg(string $arg): string {}

function shell_exec(string $command): string|false|null {}

function popen(string $command, string $mode) {}

function pclose($handle): int {}

function proc_open(
    array|string $command,
    array $descriptor_spec,
    &$pipes,
    ?string $cwd = null,
    ?array $env_vars = null,
    ?array $options = null,
) {}

function proc_close($process): int {}

function proc_terminate($process, int $signal = 15): bool {}

function proc_get_status($process): array {}

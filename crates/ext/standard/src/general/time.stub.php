<?php

/** @extension standard */

function sleep(int $seconds): int {}

function usleep(int $microseconds): void {}

function time_nanosleep(int $seconds, int $nanoseconds): array|bool {}

function time_sleep_until(float $timestamp): bool {}

function hrtime(bool $as_number = false): array|int|float|false {}

function microtime(bool $as_float = false): string|float {}

function gettimeofday(bool $as_float = false): array|float {}

function getrusage(int $mode = 0): array|false {}

<?php

/** @extension random */

const MT_RAND_MT19937 = 0;
/** @deprecated */
const MT_RAND_PHP = 1;

#[\Deprecated(since: "8.4", message: "use \\Random\\Randomizer::getFloat() instead")]
function lcg_value(): float {}

function mt_srand(?int $seed = null, int $mode = MT_RAND_MT19937): void {}

/** @implementation-alias mt_srand */
function srand(?int $seed = null, int $mode = MT_RAND_MT19937): void {}

function rand(int $min = UNKNOWN, int $max = UNKNOWN): int {}

function mt_rand(int $min = UNKNOWN, int $max = UNKNOWN): int {}

function mt_getrandmax(): int {}

/** @implementation-alias mt_getrandmax */
function getrandmax(): int {}

function random_bytes(int $length): string {}

function random_int(int $min, int $max): int {}

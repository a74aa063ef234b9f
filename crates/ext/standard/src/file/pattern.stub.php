<?php

/** @extension standard */

const FNM_NOESCAPE = 2;
const FNM_PATHNAME = 1;
const FNM_PERIOD = 4;
const FNM_CASEFOLD = 16;
const GLOB_BRACE = 1024;
const GLOB_ERR = 1;
const GLOB_MARK = 2;
const GLOB_NOCHECK = 16;
const GLOB_NOESCAPE = 64;
const GLOB_NOSORT = 4;
const GLOB_ONLYDIR = 8192;
const GLOB_AVAILABLE_FLAGS = 9303;

function fnmatch(string $pattern, string $filename, int $flags = 0): bool {}

function glob(string $pattern, int $flags = 0): array|false {}

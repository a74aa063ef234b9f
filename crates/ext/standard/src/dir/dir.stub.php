<?php

/** @extension standard */

const DIRECTORY_SEPARATOR = "/";
const PATH_SEPARATOR = ":";
const SCANDIR_SORT_ASCENDING = 0;
const SCANDIR_SORT_DESCENDING = 1;
const SCANDIR_SORT_NONE = 2;

function opendir(string $directory, $context = null) {}

function dir(string $directory, $context = null): Directory|false {}

function closedir($dir_handle = null): void {}

function chdir(string $directory): bool {}

function getcwd(): string|false {}

function rewinddir($dir_handle = null): void {}

function readdir($dir_handle = null): string|false {}

function scandir(
    string $directory,
    int $sorting_order = SCANDIR_SORT_ASCENDING,
    $context = null,
): array|false {}

class Directory
{
    public readonly string $path;
    public readonly mixed $handle;

    /** @tentative-return-type */
    public function close(): void {}

    /** @tentative-return-type */
    public function rewind(): void {}

    /** @tentative-return-type */
    public function read(): string|false {}
}

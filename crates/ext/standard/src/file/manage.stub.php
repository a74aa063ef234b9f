<?php

/** @extension standard */

function unlink(string $filename, $context = null): bool {}

function rename(string $from, string $to, $context = null): bool {}

function mkdir(string $directory, int $permissions = 0777, bool $recursive = false, $context = null): bool {}

function rmdir(string $directory, $context = null): bool {}

function symlink(string $target, string $link): bool {}

function link(string $target, string $link): bool {}

function readlink(string $path): string|false {}

function linkinfo(string $path): int|false {}

function touch(string $filename, ?int $mtime = null, ?int $atime = null): bool {}

function chmod(string $filename, int $permissions): bool {}

function chown(string $filename, string|int $user): bool {}

function chgrp(string $filename, string|int $group): bool {}

function lchown(string $filename, string|int $user): bool {}

function lchgrp(string $filename, string|int $group): bool {}

function umask(?int $mask = null): int {}

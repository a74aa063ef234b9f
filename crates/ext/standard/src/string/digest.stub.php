<?php

/** @extension standard */

function crc32(string $string): int {}

function md5(string $string, bool $binary = false): string {}

function md5_file(string $filename, bool $binary = false): string|false {}

function sha1(string $string, bool $binary = false): string {}

function sha1_file(string $filename, bool $binary = false): string|false {}

function uniqid(string $prefix = "", bool $more_entropy = false): string {}

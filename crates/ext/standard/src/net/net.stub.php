<?php

/** @extension standard */

function ip2long(string $ip): int|false {}

function long2ip(int $ip): string {}

function inet_ntop(string $ip): string|false {}

function inet_pton(string $ip): string|false {}

function gethostbyname(string $hostname): string {}

function gethostbynamel(string $hostname): array|false {}

function getservbyname(string $service, string $protocol): int|false {}

function getservbyport(int $port, string $protocol): string|false {}

function getprotobyname(string $protocol): int|false {}

function getprotobynumber(int $protocol): string|false {}

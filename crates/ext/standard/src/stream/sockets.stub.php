<?php

/** @extension standard */

function stream_socket_client(
    string $address,
    &$error_code = null,
    &$error_message = null,
    ?float $timeout = null,
    int $flags = 4,
    $context = null,
) {}

function stream_socket_server(
    string $address,
    &$error_code = null,
    &$error_message = null,
    int $flags = 12,
    $context = null,
) {}

function stream_socket_accept($socket, ?float $timeout = null, &$peer_name = null) {}

function stream_socket_get_name($socket, bool $remote): string|false {}

function stream_socket_recvfrom($socket, int $length, int $flags = 0, &$address = null): string|false {}

function stream_socket_sendto($socket, string $data, int $flags = 0, string $address = ""): int|false {}

function stream_socket_shutdown($stream, int $mode): bool {}

function stream_socket_pair(int $domain, int $type, int $protocol): array|false {}

function fsockopen(
    string $hostname,
    int $port = -1,
    &$error_code = null,
    &$error_message = null,
    ?float $timeout = null,
) {}

/** @implementation-alias fsockopen */
function pfsockopen(
    string $hostname,
    int $port = -1,
    &$error_code = null,
    &$error_message = null,
    ?float $timeout = null,
) {}

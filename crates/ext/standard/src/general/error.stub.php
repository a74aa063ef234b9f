<?php

/** @extension standard */

function error_log(
    string $message,
    int $message_type = 0,
    ?string $destination = null,
    ?string $additional_headers = null,
): bool {}

function error_get_last(): ?array {}

function error_clear_last(): void {}

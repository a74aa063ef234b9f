<?php

/** @extension standard */

function is_uploaded_file(string $filename): bool {}

function move_uploaded_file(string $from, string $to): bool {}

function request_parse_body(?array $options = null): array {}

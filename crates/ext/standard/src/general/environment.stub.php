<?php

/** @extension standard */

function getenv(?string $name = null, bool $local_only = false): array|string|false {}

function putenv(string $assignment): bool {}

function getopt(string $short_options, array $long_options = [], &$rest_index = null): array|false {}

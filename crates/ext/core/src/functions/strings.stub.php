<?php

/** @extension Core */

function strlen(string $string): int {}

function strcmp(string $string1, string $string2): int {}

function strncmp(string $string1, string $string2, int $length): int {}

function strcasecmp(string $string1, string $string2): int {}

function strncasecmp(string $string1, string $string2, int $length): int {}

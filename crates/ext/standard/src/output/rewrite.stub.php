<?php

/** @extension standard */

function output_add_rewrite_var(string $name, string $value): bool {}

function output_reset_rewrite_vars(): bool {}

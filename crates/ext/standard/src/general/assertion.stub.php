<?php

/** @extension standard */

const ASSERT_ACTIVE = 1;
const ASSERT_CALLBACK = 2;
const ASSERT_BAIL = 3;
const ASSERT_WARNING = 4;
const ASSERT_EXCEPTION = 5;

function assert(mixed $assertion, Throwable|string|null $description = null): bool {}

#[\Deprecated(since: "8.3")]
function assert_options(int $option, mixed $value = UNKNOWN): mixed {}

class AssertionError extends Error
{
}

<?php

/** @extension Core */

#[\Attribute(1)]
final class Attribute
{
    public const int TARGET_CLASS = 1;
    public const int TARGET_FUNCTION = 2;
    public const int TARGET_METHOD = 4;
    public const int TARGET_PROPERTY = 8;
    public const int TARGET_CLASS_CONSTANT = 16;
    public const int TARGET_PARAMETER = 32;
    public const int TARGET_ALL = 63;
    public const int IS_REPEATABLE = 64;

    public int $flags;

    public function __construct(int $flags = Attribute::TARGET_ALL) {}
}

#[\Attribute(4)]
final class ReturnTypeWillChange
{
    public function __construct() {}
}

#[\Attribute(1)]
final class AllowDynamicProperties
{
    public function __construct() {}
}

/**
 * @strict-properties
 */
#[\Attribute(32)]
final class SensitiveParameter
{
    public function __construct() {}
}

/**
 * @not-serializable
 * @strict-properties
 */
final class SensitiveParameterValue
{
    private readonly mixed $value;

    public function __construct(mixed $value) {}

    public function getValue(): mixed {}

    public function __debugInfo(): array {}
}

/**
 * @strict-properties
 */
#[\Attribute(4)]
final class Override
{
    public function __construct() {}
}

/**
 * @strict-properties
 */
#[\Attribute(22)]
final class Deprecated
{
    public readonly ?string $message;
    public readonly ?string $since;

    public function __construct(?string $message = null, ?string $since = null) {}
}

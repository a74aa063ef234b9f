<?php

/** @extension Reflection */

/**
 * @handlers HANDLERS
 */
class ReflectionAttribute implements Reflector
{
    public const int IS_INSTANCEOF = 2;

    public string $name;

    public function getName(): string {}

    public function getTarget(): int {}

    public function isRepeated(): bool {}

    public function getArguments(): array {}

    public function newInstance(): object {}

    public function __toString(): string {}

    private function __construct() {}
}

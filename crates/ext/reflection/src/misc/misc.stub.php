<?php

/** @extension Reflection */

/**
 * @handlers HANDLERS
 * @not-serializable
 */
class ReflectionExtension implements Reflector
{
    public string $name;

    public function __construct(string $name) {}

    public function __toString(): string {}

    /** @tentative-return-type */
    public function getName(): string {}

    /** @tentative-return-type */
    public function getFunctions(): array {}

    /** @tentative-return-type */
    public function getConstants(): array {}

    /** @tentative-return-type */
    public function getClasses(): array {}

    /** @tentative-return-type */
    public function getClassNames(): array {}
}

/**
 * @handlers HANDLERS
 */
final class ReflectionGenerator
{
    public function __construct(Generator $generator) {}

    /** @tentative-return-type */
    public function getExecutingLine(): int {}

    /** @tentative-return-type */
    public function getExecutingFile(): string {}

    /** @tentative-return-type */
    public function getFunction(): ReflectionFunctionAbstract {}

    public function isClosed(): bool {}
}

/**
 * @handlers HANDLERS
 */
final class ReflectionFiber
{
    public function __construct(Fiber $fiber) {}

    public function getFiber(): Fiber {}
}

/**
 * @handlers HANDLERS
 */
final class ReflectionReference
{
    public static function fromArrayElement(array $array, string|int $key): ?ReflectionReference {}

    public function getId(): string {}

    private function __construct() {}
}

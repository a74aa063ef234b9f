<?php

/** @extension Core */

interface Traversable
{
}

interface IteratorAggregate extends Traversable
{
    /** @tentative-return-type */
    public function getIterator(): Traversable;
}

interface Iterator extends Traversable
{
    /** @tentative-return-type */
    public function current(): mixed;

    /** @tentative-return-type */
    public function next(): void;

    /** @tentative-return-type */
    public function key(): mixed;

    /** @tentative-return-type */
    public function valid(): bool;

    /** @tentative-return-type */
    public function rewind(): void;
}

interface Serializable
{
    public function serialize();

    public function unserialize(string $data);
}

interface ArrayAccess
{
    /** @tentative-return-type */
    public function offsetExists(mixed $offset): bool;

    /** @tentative-return-type */
    public function offsetGet(mixed $offset): mixed;

    /** @tentative-return-type */
    public function offsetSet(mixed $offset, mixed $value): void;

    /** @tentative-return-type */
    public function offsetUnset(mixed $offset): void;
}

interface Countable
{
    /** @tentative-return-type */
    public function count(): int;
}

interface Stringable
{
    public function __toString(): string;
}

interface UnitEnum
{
    public static function cases(): array;
}

interface BackedEnum
{
    public static function from(string|int $value): static;

    public static function tryFrom(string|int $value): ?static;
}

#[\AllowDynamicProperties]
class stdClass
{
}

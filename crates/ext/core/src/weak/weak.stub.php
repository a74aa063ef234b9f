<?php

/** @extension Core */

/**
 * @handlers REFERENCE_HANDLERS
 * @not-serializable
 * @strict-properties
 */
final class WeakReference
{
    public function __construct() {}

    public static function create(object $object): WeakReference {}

    public function get(): ?object {}
}

/**
 * @handlers MAP_HANDLERS
 * @not-serializable
 * @strict-properties
 */
final class WeakMap implements ArrayAccess, Countable, IteratorAggregate
{
    public function offsetGet($object): mixed {}

    public function offsetSet($object, mixed $value): void {}

    public function offsetExists($object): bool {}

    public function offsetUnset($object): void {}

    public function count(): int {}

    public function getIterator(): Iterator {}
}

<?php

/** @extension Core */

/**
 * @handlers FIBER_HANDLERS
 * @not-serializable
 * @strict-properties
 */
final class Fiber
{
    public function __construct(callable $callback) {}

    public function start(mixed ...$args): mixed {}

    public function resume(mixed $value = null): mixed {}

    public function throw(Throwable $exception): mixed {}

    public function isStarted(): bool {}

    public function isSuspended(): bool {}

    public function isRunning(): bool {}

    public function isTerminated(): bool {}

    public function getReturn(): mixed {}

    public static function getCurrent(): ?Fiber {}

    public static function suspend(mixed $value = null): mixed {}
}

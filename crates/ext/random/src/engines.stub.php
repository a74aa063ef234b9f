<?php

/** @extension random */

namespace Random\Engine;

/**
 * @handlers MT19937
 * @strict-properties
 */
final class Mt19937 implements \Random\Engine
{
    public function __construct(?int $seed = null, int $mode = MT_RAND_MT19937) {}

    /** @body engine_generate */
    public function generate(): string {}

    /** @body engine_serialize */
    public function __serialize(): array {}

    /** @body engine_unserialize */
    public function __unserialize(array $data): void {}

    /** @body engine_debug_info */
    public function __debugInfo(): array {}
}

/**
 * @handlers PCG
 * @strict-properties
 */
final class PcgOneseq128XslRr64 implements \Random\Engine
{
    /** @body pcg_construct */
    public function __construct(string|int|null $seed = null) {}

    /** @body engine_generate */
    public function generate(): string {}

    /** @body pcg_jump */
    public function jump(int $advance): void {}

    /** @body engine_serialize */
    public function __serialize(): array {}

    /** @body engine_unserialize */
    public function __unserialize(array $data): void {}

    /** @body engine_debug_info */
    public function __debugInfo(): array {}
}

/**
 * @handlers XOSHIRO
 * @strict-properties
 */
final class Xoshiro256StarStar implements \Random\Engine
{
    /** @body xoshiro_construct */
    public function __construct(string|int|null $seed = null) {}

    /** @body engine_generate */
    public function generate(): string {}

    /** @body xoshiro_jump */
    public function jump(): void {}

    /** @body xoshiro_jump_long */
    public function jumpLong(): void {}

    /** @body engine_serialize */
    public function __serialize(): array {}

    /** @body engine_unserialize */
    public function __unserialize(array $data): void {}

    /** @body engine_debug_info */
    public function __debugInfo(): array {}
}

/**
 * @handlers SECURE
 * @not-serializable
 * @strict-properties
 */
final class Secure implements \Random\CryptoSafeEngine
{
    /** @body engine_generate */
    public function generate(): string {}
}

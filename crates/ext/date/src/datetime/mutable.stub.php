<?php

/** @extension date */

/** @handlers TIME_HANDLERS */
class DateTime implements DateTimeInterface
{
    public function __construct(string $datetime = "now", ?DateTimeZone $timezone = null) {}

    public function __serialize(): array {}

    public function __unserialize(array $data): void {}

    /** @tentative-return-type */
    public function __wakeup(): void {}

    /** @tentative-return-type */
    public static function __set_state(array $array): DateTime {}

    /**
     * @tentative-return-type
     * @called
     * @body date_time_create_from_other
     */
    public static function createFromImmutable(DateTimeImmutable $object): static {}

    /**
     * @called
     * @body date_time_create_from_other
     */
    public static function createFromInterface(DateTimeInterface $object): DateTime {}

    /**
     * @tentative-return-type
     * @called
     */
    public static function createFromFormat(
        string $format,
        string $datetime,
        ?DateTimeZone $timezone = null,
    ): DateTime|false {}

    /**
     * @tentative-return-type
     * @called
     */
    public static function createFromTimestamp(int|float $timestamp): static {}

    /** @tentative-return-type */
    public static function getLastErrors(): array|false {}

    /** @tentative-return-type */
    public function format(string $format): string {}

    /** @tentative-return-type */
    public function modify(string $modifier): DateTime {}

    /** @tentative-return-type */
    public function add(DateInterval $interval): DateTime {}

    /** @tentative-return-type */
    public function sub(DateInterval $interval): DateTime {}

    /** @tentative-return-type */
    public function getTimezone(): DateTimeZone|false {}

    /** @tentative-return-type */
    public function setTimezone(DateTimeZone $timezone): DateTime {}

    /** @tentative-return-type */
    public function getOffset(): int {}

    public function getMicrosecond(): int {}

    /** @tentative-return-type */
    public function setTime(int $hour, int $minute, int $second = 0, int $microsecond = 0): DateTime {}

    /** @tentative-return-type */
    public function setDate(int $year, int $month, int $day): DateTime {}

    /** @tentative-return-type */
    public function setISODate(int $year, int $week, int $dayOfWeek = 1): DateTime {}

    /** @tentative-return-type */
    public function setTimestamp(int $timestamp): DateTime {}

    public function setMicrosecond(int $microsecond): static {}

    /** @tentative-return-type */
    public function getTimestamp(): int {}

    /** @tentative-return-type */
    public function diff(DateTimeInterface $targetObject, bool $absolute = false): DateInterval {}
}

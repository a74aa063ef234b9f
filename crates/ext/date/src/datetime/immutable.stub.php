<?php

/** @extension date */

/** @handlers TIME_HANDLERS */
class DateTimeImmutable implements DateTimeInterface
{
    /** @implementation-alias DateTime::__construct */
    public function __construct(string $datetime = "now", ?DateTimeZone $timezone = null) {}

    /** @implementation-alias DateTime::__serialize */
    public function __serialize(): array {}

    public function __unserialize(array $data): void {}

    /** @tentative-return-type */
    public function __wakeup(): void {}

    /** @tentative-return-type */
    public static function __set_state(array $array): DateTimeImmutable {}

    /**
     * @tentative-return-type
     * @called
     * @body date_time_create_from_format
     */
    public static function createFromFormat(
        string $format,
        string $datetime,
        ?DateTimeZone $timezone = null,
    ): DateTimeImmutable|false {}

    /**
     * @tentative-return-type
     * @called
     * @body date_time_create_from_timestamp
     */
    public static function createFromTimestamp(int|float $timestamp): static {}

    /**
     * @tentative-return-type
     * @implementation-alias DateTime::getLastErrors
     */
    public static function getLastErrors(): array|false {}

    /**
     * @tentative-return-type
     * @implementation-alias DateTime::format
     */
    public function format(string $format): string {}

    /**
     * @tentative-return-type
     * @implementation-alias DateTime::getTimezone
     */
    public function getTimezone(): DateTimeZone|false {}

    /**
     * @tentative-return-type
     * @implementation-alias DateTime::getOffset
     */
    public function getOffset(): int {}

    /**
     * @tentative-return-type
     * @implementation-alias DateTime::getTimestamp
     */
    public function getTimestamp(): int {}

    /** @implementation-alias DateTime::getMicrosecond */
    public function getMicrosecond(): int {}

    /**
     * @tentative-return-type
     * @implementation-alias DateTime::diff
     */
    public function diff(DateTimeInterface $targetObject, bool $absolute = false): DateInterval {}

    /** @tentative-return-type */
    public function modify(string $modifier): DateTimeImmutable {}

    /** @tentative-return-type */
    public function add(DateInterval $interval): DateTimeImmutable {}

    /** @tentative-return-type */
    public function sub(DateInterval $interval): DateTimeImmutable {}

    /** @tentative-return-type */
    public function setTimezone(DateTimeZone $timezone): DateTimeImmutable {}

    /** @tentative-return-type */
    public function setTime(
        int $hour,
        int $minute,
        int $second = 0,
        int $microsecond = 0,
    ): DateTimeImmutable {}

    /** @tentative-return-type */
    public function setDate(int $year, int $month, int $day): DateTimeImmutable {}

    /** @tentative-return-type */
    public function setISODate(int $year, int $week, int $dayOfWeek = 1): DateTimeImmutable {}

    /** @tentative-return-type */
    public function setTimestamp(int $timestamp): DateTimeImmutable {}

    public function setMicrosecond(int $microsecond): static {}

    /**
     * @tentative-return-type
     * @called
     * @body date_time_create_from_other
     */
    public static function createFromMutable(DateTime $object): static {}

    /**
     * @called
     * @body date_time_create_from_other
     */
    public static function createFromInterface(DateTimeInterface $object): DateTimeImmutable {}
}

<?php

/** @extension date */

/** @handlers PERIOD_HANDLERS */
class DatePeriod implements IteratorAggregate
{
    public const int EXCLUDE_START_DATE = 1;
    public const int INCLUDE_END_DATE = 2;

    public readonly ?DateTimeInterface $start;
    public readonly ?DateTimeInterface $current;
    public readonly ?DateTimeInterface $end;
    public readonly ?DateInterval $interval;
    public readonly int $recurrences;
    public readonly bool $include_start_date;
    public readonly bool $include_end_date;

    /** @called */
    public static function createFromISO8601String(string $specification, int $options = 0): static {}

    public function __construct($start, $interval = UNKNOWN, $end = UNKNOWN, $options = UNKNOWN) {}

    /** @tentative-return-type */
    public function getStartDate(): DateTimeInterface {}

    /** @tentative-return-type */
    public function getEndDate(): ?DateTimeInterface {}

    /** @tentative-return-type */
    public function getDateInterval(): DateInterval {}

    /** @tentative-return-type */
    public function getRecurrences(): ?int {}

    public function __serialize(): array {}

    public function __unserialize(array $data): void {}

    /** @tentative-return-type */
    public function __wakeup(): void {}

    /** @tentative-return-type */
    public static function __set_state(array $array): DatePeriod {}

    public function getIterator(): Iterator {}
}

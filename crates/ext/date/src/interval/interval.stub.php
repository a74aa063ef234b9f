<?php

/** @extension date */

/** @implementation-alias DateInterval::createFromDateString */
function date_interval_create_from_date_string(string $datetime): DateInterval|false {}

/** @implementation-alias DateInterval::format */
function date_interval_format(DateInterval $object, string $format): string {}

/** @handlers INTERVAL_HANDLERS */
class DateInterval
{
    public function __construct(string $duration) {}

    /** @tentative-return-type */
    public static function createFromDateString(string $datetime): DateInterval {}

    /** @tentative-return-type */
    public function format(string $format): string {}

    public function __serialize(): array {}

    public function __unserialize(array $data): void {}

    /** @tentative-return-type */
    public function __wakeup(): void {}

    /** @tentative-return-type */
    public static function __set_state(array $array): DateInterval {}
}

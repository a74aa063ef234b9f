<?php

/** @extension date */

function timezone_name_from_abbr(string $abbr, int $utcOffset = -1, int $isDST = -1): string|false {}

/** @implementation-alias DateTimeZone::listIdentifiers */
function timezone_identifiers_list(
    int $timezoneGroup = DateTimeZone::ALL,
    ?string $countryCode = null,
): array {}

/** @implementation-alias DateTimeZone::listAbbreviations */
function timezone_abbreviations_list(): array {}

function timezone_version_get(): string {}

function timezone_open(string $timezone): DateTimeZone|false {}

/** @implementation-alias DateTimeZone::getName */
function timezone_name_get(DateTimeZone $object): string {}

/** @implementation-alias DateTimeZone::getOffset */
function timezone_offset_get(DateTimeZone $object, DateTimeInterface $datetime): int {}

/** @implementation-alias DateTimeZone::getTransitions */
function timezone_transitions_get(
    DateTimeZone $object,
    int $timestampBegin = PHP_INT_MIN,
    int $timestampEnd = PHP_INT_MAX,
): array|false {}

/** @implementation-alias DateTimeZone::getLocation */
function timezone_location_get(DateTimeZone $object): array|false {}

/** @handlers ZONE_HANDLERS */
class DateTimeZone
{
    public const int AFRICA = 1;
    public const int AMERICA = 2;
    public const int ANTARCTICA = 4;
    public const int ARCTIC = 8;
    public const int ASIA = 16;
    public const int ATLANTIC = 32;
    public const int AUSTRALIA = 64;
    public const int EUROPE = 128;
    public const int INDIAN = 256;
    public const int PACIFIC = 512;
    public const int UTC = 1024;
    public const int ALL = 2047;
    public const int ALL_WITH_BC = 4095;
    public const int PER_COUNTRY = 4096;

    public function __construct(string $timezone) {}

    /** @tentative-return-type */
    public function getName(): string {}

    /** @tentative-return-type */
    public function getOffset(DateTimeInterface $datetime): int {}

    /** @tentative-return-type */
    public function getTransitions(
        int $timestampBegin = PHP_INT_MIN,
        int $timestampEnd = PHP_INT_MAX,
    ): array|false {}

    /** @tentative-return-type */
    public function getLocation(): array|false {}

    /** @tentative-return-type */
    public static function listAbbreviations(): array {}

    /** @tentative-return-type */
    public static function listIdentifiers(
        int $timezoneGroup = DateTimeZone::ALL,
        ?string $countryCode = null,
    ): array {}

    public function __serialize(): array {}

    public function __unserialize(array $data): void {}

    /** @tentative-return-type */
    public function __wakeup(): void {}

    /** @tentative-return-type */
    public static function __set_state(array $array): DateTimeZone {}
}

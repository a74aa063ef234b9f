<?php

/** @extension date */

function date_create(string $datetime = "now", ?DateTimeZone $timezone = null): DateTime|false {}

function date_create_immutable(
    string $datetime = "now",
    ?DateTimeZone $timezone = null,
): DateTimeImmutable|false {}

function date_create_from_format(
    string $format,
    string $datetime,
    ?DateTimeZone $timezone = null,
): DateTime|false {}

function date_create_immutable_from_format(
    string $format,
    string $datetime,
    ?DateTimeZone $timezone = null,
): DateTimeImmutable|false {}

/** @implementation-alias DateTime::format */
function date_format(DateTimeInterface $object, string $format): string {}

/** @implementation-alias DateTime::modify */
function date_modify(DateTime $object, string $modifier): DateTime|false {}

/** @implementation-alias DateTime::add */
function date_add(DateTime $object, DateInterval $interval): DateTime {}

/** @implementation-alias DateTime::sub */
function date_sub(DateTime $object, DateInterval $interval): DateTime {}

/** @implementation-alias DateTime::getTimezone */
function date_timezone_get(DateTimeInterface $object): DateTimeZone|false {}

/** @implementation-alias DateTime::setTimezone */
function date_timezone_set(DateTime $object, DateTimeZone $timezone): DateTime {}

/** @implementation-alias DateTime::getOffset */
function date_offset_get(DateTimeInterface $object): int {}

/** @implementation-alias DateTime::diff */
function date_diff(
    DateTimeInterface $baseObject,
    DateTimeInterface $targetObject,
    bool $absolute = false,
): DateInterval {}

/** @implementation-alias DateTime::setTime */
function date_time_set(
    DateTime $object,
    int $hour,
    int $minute,
    int $second = 0,
    int $microsecond = 0,
): DateTime {}

/** @implementation-alias DateTime::setDate */
function date_date_set(DateTime $object, int $year, int $month, int $day): DateTime {}

/** @implementation-alias DateTime::setISODate */
function date_isodate_set(DateTime $object, int $year, int $week, int $dayOfWeek = 1): DateTime {}

/** @implementation-alias DateTime::setTimestamp */
function date_timestamp_set(DateTime $object, int $timestamp): DateTime {}

/** @implementation-alias DateTime::getTimestamp */
function date_timestamp_get(DateTimeInterface $object): int {}

//! The proleptic Gregorian calendar over the whole `i64` range.
//!
//! All arithmetic wraps instead of panicking: PHP accepts years far outside of what a timestamp
//! can hold and goes on with whatever the overflow gives.

/// Seconds in a day.
pub const DAY: i64 = 86_400;

/// Days in an era of 400 years.
const ERA_DAYS: i64 = 146_097;

/// Days from 0000-03-01 to 1970-01-01.
const EPOCH_SHIFT: i64 = 719_468;

/// Whether `year` is a leap year.
pub fn is_leap_year(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// The number of days in the month (1 to 12) of a year; 0 for a month out of range.
pub fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap_year(year) => 29,
        2 => 28,
        _ => 0,
    }
}

/// Days since 1970-01-01 of a date; the month must be in 1 to 12, the day may be out of range.
pub fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year.wrapping_sub(1) } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era.wrapping_mul(ERA_DAYS)
        .wrapping_add(day_of_era)
        .wrapping_sub(EPOCH_SHIFT)
        .wrapping_add(day.wrapping_sub(1))
}

/// The date (year, month, day) of a count of days since 1970-01-01.
pub fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let era = i128::from(days) + i128::from(EPOCH_SHIFT);
    let day_of_era = era.rem_euclid(i128::from(ERA_DAYS)) as i64;
    let era = era.div_euclid(i128::from(ERA_DAYS)) as i64;
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// Moves whole multiples of `base` from `low` to `high`, so that `low` is in `start..start + base`.
pub fn carry(start: i64, base: i64, low: &mut i64, high: &mut i64) {
    let shifted = low.wrapping_sub(start);
    *high = high.wrapping_add(shifted.div_euclid(base));
    *low = shifted.rem_euclid(base) + start;
}

/// Brings a month and day out of range into range, changing year and month as needed.
pub fn normalize_date(year: &mut i64, month: &mut i64, day: &mut i64) {
    carry(1, 12, month, year);
    if *day < 1 || *day > 28 {
        (*year, *month, *day) = civil_from_days(days_from_civil(*year, *month, *day));
    }
}

/// The day of the week, 0 being Sunday; month and day may be out of range.
pub fn day_of_week(mut year: i64, mut month: i64, mut day: i64) -> i64 {
    normalize_date(&mut year, &mut month, &mut day);
    (days_from_civil(year, month, day).rem_euclid(7) + 4) % 7
}

/// The day of the week as ISO 8601 counts: 1 is Monday, 7 is Sunday.
pub fn iso_day_of_week(year: i64, month: i64, day: i64) -> i64 {
    match day_of_week(year, month, day) {
        0 => 7,
        other => other,
    }
}

/// The day of the year, counted from 0.
pub fn day_of_year(year: i64, month: i64, day: i64) -> i64 {
    days_from_civil(year, month, day).wrapping_sub(days_from_civil(year, 1, 1))
}

/// The ISO 8601 year and week of a date.
pub fn iso_week(year: i64, month: i64, day: i64) -> (i64, i64) {
    let ordinal = day_of_year(year, month, day) + 1;
    let week = (ordinal - iso_day_of_week(year, month, day) + 10) / 7;
    if week < 1 {
        (year - 1, weeks_in_iso_year(year - 1))
    } else if week > weeks_in_iso_year(year) {
        (year + 1, 1)
    } else {
        (year, week)
    }
}

/// The number of weeks (52 or 53) of an ISO 8601 year.
pub fn weeks_in_iso_year(year: i64) -> i64 {
    let first = day_of_week(year, 1, 1);
    if first == 4 || (first == 3 && is_leap_year(year)) { 53 } else { 52 }
}

/// The offset in days from January 1st of `year` to the day of an ISO week.
pub fn day_offset_from_iso_week(year: i64, week: i64, day: i64) -> i64 {
    let first = day_of_week(year, 1, 1);
    let start = 0 - if first > 4 { first - 7 } else { first };
    start.wrapping_add(week.wrapping_sub(1).wrapping_mul(7)).wrapping_add(day)
}

/// The date of a day of an ISO week.
pub fn date_from_iso_week(year: i64, week: i64, day: i64) -> (i64, i64, i64) {
    civil_from_days(
        days_from_civil(year, 1, 1).wrapping_add(day_offset_from_iso_week(year, week, day)),
    )
}

/// PHP's `checkdate()`.
pub fn check_date(year: i64, month: i64, day: i64) -> bool {
    (1..=32767).contains(&year) && is_valid_date(year, month, day)
}

/// Whether month and day exist in the year.
pub fn is_valid_date(year: i64, month: i64, day: i64) -> bool {
    (1..=12).contains(&month) && day >= 1 && day <= days_in_month(year, month)
}

/// Whether the time of day is one.
pub fn is_valid_time(hour: i64, minute: i64, second: i64) -> bool {
    (0..24).contains(&hour) && (0..60).contains(&minute) && (0..60).contains(&second)
}

/// Seconds since the epoch of fields read as UTC, each of which may be out of range.
pub fn epoch_seconds(
    mut year: i64,
    mut month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
) -> i64 {
    carry(1, 12, &mut month, &mut year);
    days_from_civil(year, month, day)
        .wrapping_mul(DAY)
        .wrapping_add(hms_seconds(hour, minute, second))
}

/// Seconds of an amount of hours, minutes and seconds.
pub fn hms_seconds(hour: i64, minute: i64, second: i64) -> i64 {
    hour.wrapping_mul(3600).wrapping_add(minute.wrapping_mul(60)).wrapping_add(second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_civil_are_inverse() {
        for days in (-1_000_000..1_000_000).step_by(997) {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day), days);
        }
        assert_eq!(civil_from_days(0), (1970, 1, 1));
        assert_eq!(days_from_civil(2000, 2, 29), 11_016);
    }

    #[test]
    fn iso_weeks() {
        assert_eq!(iso_week(2008, 12, 29), (2009, 1));
        assert_eq!(iso_week(2010, 1, 3), (2009, 53));
        assert_eq!(date_from_iso_week(2008, 27, 3), (2008, 7, 2));
        assert_eq!(iso_day_of_week(2024, 6, 2), 7);
    }

    #[test]
    fn checkdate_limits() {
        assert!(check_date(2000, 2, 29));
        assert!(!check_date(1900, 2, 29));
        assert!(!check_date(0, 1, 1));
        assert!(!check_date(32_768, 1, 1));
    }
}

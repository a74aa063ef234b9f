//! `date()`: a date and time as text.

use std::io::Write;

use crate::civil;
use crate::parse::{DAY_NAMES, MONTH_NAMES};
use crate::time::DateTime;
use crate::zone::{Zone, format_offset};

/// The formats `DateTimeInterface` names.
#[allow(missing_docs)]
pub mod constants {
    pub const ATOM: &str = r"Y-m-d\TH:i:sP";
    pub const COOKIE: &str = "l, d-M-Y H:i:s T";
    pub const ISO8601: &str = r"Y-m-d\TH:i:sO";
    pub const ISO8601_EXPANDED: &str = r"X-m-d\TH:i:sP";
    pub const RFC822: &str = "D, d M y H:i:s O";
    pub const RFC850: &str = "l, d-M-y H:i:s T";
    pub const RFC1036: &str = "D, d M y H:i:s O";
    pub const RFC1123: &str = "D, d M Y H:i:s O";
    pub const RFC7231: &str = r"D, d M Y H:i:s \G\M\T";
    pub const RFC2822: &str = "D, d M Y H:i:s O";
    pub const RFC3339: &str = r"Y-m-d\TH:i:sP";
    pub const RFC3339_EXTENDED: &str = r"Y-m-d\TH:i:s.vP";
    pub const RSS: &str = "D, d M Y H:i:s O";
    pub const W3C: &str = r"Y-m-d\TH:i:sP";
}

/// Formats as `date()` does. With `local` false the time is taken to be in UTC and named `GMT`,
/// as `gmdate()` does.
pub fn format(spec: &[u8], time: &DateTime, local: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(spec.len() * 4);
    let mut letters = spec.iter();
    while let Some(letter) = letters.next() {
        if *letter == b'\\' {
            // At the end PHP takes the byte that ends its strings.
            out.push(letters.next().copied().unwrap_or(0));
        } else if write_letter(&mut out, *letter, time, local).is_err() {
            // Writing to a vector does not fail.
            break;
        }
    }
    out
}

/// The internet time of day, 0 to 999.
fn swatch_beat(time: &DateTime) -> i64 {
    (time.timestamp.wrapping_add(3600).rem_euclid(civil::DAY) * 10) / 864
}

fn hour12(time: &DateTime) -> i64 {
    match time.hour % 12 {
        0 => 12,
        hour => hour,
    }
}

fn ordinal_suffix(day: i64) -> &'static str {
    match day {
        1 | 21 | 31 => "st",
        2 | 22 => "nd",
        3 | 23 => "rd",
        _ => "th",
    }
}

/// `+hh` and `mm` with what is between them; seconds are cut.
fn short_offset(offset: i32, separator: &str) -> String {
    let sign = if offset < 0 { '-' } else { '+' };
    let amount = offset.unsigned_abs();
    format!("{sign}{:02}{separator}{:02}", amount / 3600, amount / 60 % 60)
}

fn abbreviation(time: &DateTime) -> String {
    match &time.zone {
        Zone::Offset(offset) => format!("GMT{}", short_offset(*offset, "")),
        zone => zone.at(time.timestamp).abbreviation,
    }
}

fn is_utc(time: &DateTime) -> bool {
    match &time.zone {
        Zone::Offset(offset) => *offset == 0,
        _ => matches!(&abbreviation(time)[..], "UTC" | "Z"),
    }
}

/// A year in at least four digits, after its sign if it is negative.
fn signed_year(year: i64) -> String {
    format!("{}{:04}", if year < 0 { "-" } else { "" }, year.unsigned_abs())
}

fn write_letter(
    out: &mut Vec<u8>,
    letter: u8,
    time: &DateTime,
    local: bool,
) -> std::io::Result<()> {
    let (year, month, day) = (time.year, time.month, time.day);
    let weekday = civil::day_of_week(year, month, day);
    let offset = if local { time.offset } else { 0 };
    let month_name = MONTH_NAMES[(month - 1).rem_euclid(12) as usize];
    match letter {
        b'd' => write!(out, "{day:02}"),
        b'D' => write!(out, "{}", &DAY_NAMES[weekday as usize][..3]),
        b'j' => write!(out, "{day}"),
        b'l' => write!(out, "{}", DAY_NAMES[weekday as usize]),
        b'S' => write!(out, "{}", ordinal_suffix(day)),
        b'w' => write!(out, "{weekday}"),
        b'N' => write!(out, "{}", civil::iso_day_of_week(year, month, day)),
        b'z' => write!(out, "{}", civil::day_of_year(year, month, day)),
        b'W' => write!(out, "{:02}", civil::iso_week(year, month, day).1),
        b'o' => write!(out, "{}", civil::iso_week(year, month, day).0),
        b'F' => write!(out, "{month_name}"),
        b'm' => write!(out, "{month:02}"),
        b'M' => write!(out, "{}", &month_name[..3]),
        b'n' => write!(out, "{month}"),
        b't' => write!(out, "{}", civil::days_in_month(year, month)),
        b'L' => write!(out, "{}", u8::from(civil::is_leap_year(year))),
        b'y' => write!(out, "{:02}", year % 100),
        b'Y' => write!(out, "{}", signed_year(year)),
        b'x' if year >= 10_000 => write!(out, "+{year}"),
        b'x' => write!(out, "{}", signed_year(year)),
        b'X' if year >= 0 => write!(out, "+{year:04}"),
        b'X' => write!(out, "{}", signed_year(year)),
        b'a' => write!(out, "{}", if time.hour >= 12 { "pm" } else { "am" }),
        b'A' => write!(out, "{}", if time.hour >= 12 { "PM" } else { "AM" }),
        b'B' => write!(out, "{:03}", swatch_beat(time)),
        b'g' => write!(out, "{}", hour12(time)),
        b'G' => write!(out, "{}", time.hour),
        b'h' => write!(out, "{:02}", hour12(time)),
        b'H' => write!(out, "{:02}", time.hour),
        b'i' => write!(out, "{:02}", time.minute),
        b's' => write!(out, "{:02}", time.second),
        b'u' => write!(out, "{:06}", time.micro),
        b'v' => write!(out, "{:03}", time.micro / 1000),
        b'I' => write!(out, "{}", u8::from(local && time.dst)),
        b'p' if !local || is_utc(time) => write!(out, "Z"),
        b'P' | b'p' => write!(out, "{}", short_offset(offset, ":")),
        b'O' => write!(out, "{}", short_offset(offset, "")),
        b'T' if local => write!(out, "{}", abbreviation(time)),
        b'T' => write!(out, "GMT"),
        b'e' => match &time.zone {
            _ if !local => write!(out, "UTC"),
            Zone::Offset(offset) => write!(out, "{}", format_offset(*offset)),
            zone => write!(out, "{}", zone.name()),
        },
        b'Z' => write!(out, "{offset}"),
        b'c' => write!(
            out,
            "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}{}",
            time.hour,
            time.minute,
            time.second,
            short_offset(offset, ":")
        ),
        b'r' => write!(
            out,
            "{}, {day:02} {} {year:04} {:02}:{:02}:{:02} {}",
            &DAY_NAMES[weekday as usize][..3],
            &month_name[..3],
            time.hour,
            time.minute,
            time.second,
            short_offset(offset, "")
        ),
        b'U' => write!(out, "{}", time.timestamp),
        other => out.write_all(&[other]),
    }
}

/// `idate()`: one part as a number; `None` for a letter that is not one of its own.
pub fn idate(letter: u8, time: &DateTime) -> Option<i64> {
    let (year, month, day) = (time.year, time.month, time.day);
    Some(match letter {
        b'B' => swatch_beat(time),
        b'd' | b'j' => day,
        b'h' => hour12(time),
        b'H' => time.hour,
        b'i' => time.minute,
        b'I' => i64::from(time.dst),
        b'L' => i64::from(civil::is_leap_year(year)),
        b'm' | b'n' => month,
        b'N' => civil::iso_day_of_week(year, month, day),
        b'o' => civil::iso_week(year, month, day).0,
        b's' => time.second,
        b't' => civil::days_in_month(year, month),
        b'U' => time.timestamp,
        b'w' => civil::day_of_week(year, month, day),
        b'W' => civil::iso_week(year, month, day).1,
        b'y' => year % 100,
        b'Y' => year,
        b'z' => civil::day_of_year(year, month, day),
        b'Z' => i64::from(time.offset),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn berlin(timestamp: i64) -> DateTime {
        DateTime::from_timestamp(timestamp, 123_456, Zone::parse(b"Europe/Berlin").unwrap())
    }

    #[test]
    fn letters() {
        let time = berlin(1_709_208_309);
        let text = format(b"D, d M Y H:i:s.u T e P p B N jS z t L o-W \\Y", &time, true);
        let wanted = "Thu, 29 Feb 2024 13:05:09.123456 CET Europe/Berlin +01:00 +01:00 545 4 29th \
                      59 29 1 2024-09 Y";
        assert_eq!(String::from_utf8(text).unwrap(), wanted);
    }

    #[test]
    fn years_out_of_four_digits() {
        let time = DateTime::from_timestamp(-63_549_360_000, 0, Zone::utc());
        assert_eq!(
            format(b"Y|y|x|X|c", &time, true),
            b"-0044|-44|-0044|-0044|-044-03-15T00:00:00+00:00"
        );
    }
}

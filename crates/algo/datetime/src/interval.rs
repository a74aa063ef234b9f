//! Intervals: `DateInterval`.

use std::io::Write;

use crate::parse::{Parsed, Relative, parse_iso_intervals};
use crate::time::DateTime;

/// An interval of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interval {
    /// The amounts, and what a relative text says besides them.
    pub amount: Relative,
    /// Whether it goes back in time.
    pub invert: bool,
    /// The whole days between the two dates it was made from.
    pub days: Option<i64>,
    /// Whether hours, minutes and seconds are elapsed time after the date part, as for an
    /// interval from an ISO 8601 duration.
    pub elapsed: bool,
}

impl Interval {
    /// `new DateInterval()`: an ISO 8601 duration; `None` when it is not well formed.
    pub fn from_iso(text: &[u8]) -> Option<Result<Self, NoPeriod>> {
        let parts = parse_iso_intervals(text)?;
        let of_two_dates = || {
            let date = |fields: [i64; 6]| {
                let [year, month, day, hour, minute, second] = fields;
                let epoch = DateTime::from_timestamp(0, 0, crate::Zone::utc());
                epoch.with_fields([year, month, day], [hour, minute, second])
            };
            Some(crate::diff(&date(parts.begin?), &date(parts.end?)))
        };
        Some(match parts.period {
            Some(amount) => Ok(Self { amount, elapsed: true, ..Self::default() }),
            None => of_two_dates().ok_or(NoPeriod),
        })
    }

    /// `DateInterval::createFromDateString()`: the relative part of a text without errors.
    pub fn from_parsed(parsed: &Parsed) -> Self {
        Self { amount: parsed.relative.unwrap_or_default(), ..Self::default() }
    }

    /// Whether it has a part that `DateTime::sub()` cannot undo.
    pub fn has_special(&self) -> bool {
        self.amount.weekday.is_some() || self.amount.special.is_some()
    }

    /// The amounts alone, each times `sign`.
    fn signed(&self, sign: i64) -> Relative {
        let amount = &self.amount;
        Relative {
            years: amount.years.wrapping_mul(sign),
            months: amount.months.wrapping_mul(sign),
            days: amount.days.wrapping_mul(sign),
            hours: amount.hours.wrapping_mul(sign),
            minutes: amount.minutes.wrapping_mul(sign),
            seconds: amount.seconds.wrapping_mul(sign),
            micros: amount.micros.wrapping_mul(sign),
            ..Relative::default()
        }
    }
}

/// The text is well formed but has no duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoPeriod;

impl DateTime {
    /// `DateTime::add()`.
    pub fn add(&self, interval: &Interval) -> Self {
        if interval.has_special() {
            return self.with_relative(interval.amount);
        }
        self.shifted(interval, if interval.invert { -1 } else { 1 })
    }

    /// `DateTime::sub()`; the special parts of an interval are not used.
    pub fn sub(&self, interval: &Interval) -> Self {
        self.shifted(interval, if interval.invert { 1 } else { -1 })
    }

    fn shifted(&self, interval: &Interval, sign: i64) -> Self {
        let relative = interval.signed(sign);
        if !interval.elapsed {
            return self.with_relative(relative);
        }
        let Relative { hours, minutes, seconds, micros, .. } = relative;
        let date = Relative { hours: 0, minutes: 0, seconds: 0, micros: 0, ..relative };
        let moved =
            if date == Relative::default() { self.clone() } else { self.with_relative(date) };
        let elapsed = crate::civil::hms_seconds(hours, minutes, seconds);
        let mut timestamp = moved.timestamp.wrapping_add(elapsed);
        let mut micro = moved.micro.wrapping_add(micros);
        crate::civil::carry(0, 1_000_000, &mut micro, &mut timestamp);
        Self::from_timestamp(timestamp, micro, moved.zone)
    }
}

/// `DateInterval::format()`.
pub fn format_interval(spec: &[u8], interval: &Interval) -> Vec<u8> {
    let mut out = Vec::with_capacity(spec.len() * 2);
    let mut bytes = spec.iter();
    while let Some(byte) = bytes.next() {
        let written = match (byte, bytes.as_slice().first()) {
            (b'%', Some(letter)) => {
                bytes.next();
                write_letter(&mut out, *letter, interval)
            }
            _ => out.write_all(&[*byte]),
        };
        if written.is_err() {
            // Writing to a vector does not fail.
            break;
        }
    }
    out
}

fn write_letter(out: &mut Vec<u8>, letter: u8, interval: &Interval) -> std::io::Result<()> {
    let amount = &interval.amount;
    match letter {
        b'Y' => write!(out, "{:02}", amount.years),
        b'y' => write!(out, "{}", amount.years),
        b'M' => write!(out, "{:02}", amount.months),
        b'm' => write!(out, "{}", amount.months),
        b'D' => write!(out, "{:02}", amount.days),
        b'd' => write!(out, "{}", amount.days),
        b'H' => write!(out, "{:02}", amount.hours),
        b'h' => write!(out, "{}", amount.hours),
        b'I' => write!(out, "{:02}", amount.minutes),
        b'i' => write!(out, "{}", amount.minutes),
        b'S' => write!(out, "{:02}", amount.seconds),
        b's' => write!(out, "{}", amount.seconds),
        b'F' => write!(out, "{:06}", amount.micros),
        b'f' => write!(out, "{}", amount.micros),
        b'a' => match interval.days {
            Some(days) => write!(out, "{days}"),
            None => write!(out, "(unknown)"),
        },
        b'R' => write!(out, "{}", if interval.invert { "-" } else { "+" }),
        b'r' => write!(out, "{}", if interval.invert { "-" } else { "" }),
        b'%' => write!(out, "%"),
        other => out.write_all(&[b'%', other]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn iso(text: &str) -> Option<Interval> {
        Interval::from_iso(text.as_bytes())?.ok()
    }

    #[test]
    fn durations() {
        let interval = iso("P1Y2M3W10DT2H30M5S").unwrap();
        assert_eq!(
            format_interval(b"%y %m %d %h %i %s %a %R", &interval),
            b"1 2 31 2 30 5 (unknown) +"
        );
        assert_eq!(format_interval(b"%D%%%q%", &iso("P0001-00-04T05:06:07").unwrap()), b"04%%q%");
        for text in ["P", "PT", "P1YT", "P1D1Y", "p1y", "P1.5D", "", "PT1D"] {
            assert_eq!(iso(text), None, "{text}");
        }
    }

    #[test]
    fn hours_are_elapsed_time() {
        let zone = crate::Zone::parse(b"Europe/Berlin").unwrap();
        let before = DateTime::from_timestamp(1_711_843_200, 0, zone);
        let after = before.add(&iso("PT2H").unwrap());
        assert_eq!((after.hour, after.timestamp), (4, 1_711_850_400));
        assert_eq!(after.sub(&iso("P1D").unwrap()).hour, 4);
    }
}

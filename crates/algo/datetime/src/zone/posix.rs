//! The POSIX `TZ` rule at the end of a time zone file, such as `CET-1CEST,M3.5.0,M10.5.0/3`.

use super::tzif::LocalType;
use crate::civil;

/// A rule of standard time and, where there is one, daylight saving time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PosixRule {
    /// The standard time.
    pub standard: LocalType,
    /// The daylight saving time with its beginning and end.
    pub daylight: Option<(LocalType, Boundary, Boundary)>,
}

/// A moment in every year, in local time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Boundary {
    day: Day,
    seconds: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Day {
    /// 1 to 365, February 29th never counted.
    Julian(i64),
    /// 0 to 365.
    Ordinal(i64),
    /// Month, week (5 is the last one) and day of the week.
    Weekday(i64, i64, i64),
}

impl Boundary {
    /// Seconds since the epoch, of the local clock, in a year.
    fn local_seconds(&self, year: i64) -> i64 {
        let days = match self.day {
            Day::Julian(day) => {
                let leap = i64::from(civil::is_leap_year(year) && day >= 60);
                civil::days_from_civil(year, 1, 1) + day - 1 + leap
            }
            Day::Ordinal(day) => civil::days_from_civil(year, 1, 1) + day,
            Day::Weekday(month, week, weekday) => {
                let first = civil::day_of_week(year, month, 1);
                let mut day = 1 + (weekday - first).rem_euclid(7) + (week - 1) * 7;
                while day > civil::days_in_month(year, month) {
                    day -= 7;
                }
                civil::days_from_civil(year, month, day)
            }
        };
        days.wrapping_mul(civil::DAY).wrapping_add(self.seconds)
    }
}

impl PosixRule {
    /// Parses a rule; `None` when it is empty or not well formed.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let mut parser = Parser { text, position: 0 };
        let name = parser.name()?;
        let offset = -parser.time()?;
        let standard = LocalType { offset: offset as i32, dst: false, abbreviation: name };
        if parser.rest().is_empty() {
            return Some(Self { standard, daylight: None });
        }
        let name = parser.name()?;
        let offset = match parser.peek() {
            Some(b',') | None => offset + 3600,
            Some(_) => -parser.time()?,
        };
        let daylight = LocalType { offset: offset as i32, dst: true, abbreviation: name };
        parser.expect(b',')?;
        let begin = parser.boundary()?;
        parser.expect(b',')?;
        let end = parser.boundary()?;
        Some(Self { standard, daylight: Some((daylight, begin, end)) })
    }

    /// The transitions of a year: the instants with the type that begins, ascending.
    pub fn transitions(&self, year: i64) -> Vec<(i64, &LocalType)> {
        let Some((daylight, begin, end)) = &self.daylight else {
            return Vec::new();
        };
        let begins = begin.local_seconds(year).wrapping_sub(i64::from(self.standard.offset));
        let ends = end.local_seconds(year).wrapping_sub(i64::from(daylight.offset));
        let mut list = vec![(begins, daylight), (ends, &self.standard)];
        list.sort_by_key(|entry| entry.0);
        list
    }

    /// The local time at an instant, and the instant it began (`None` when it has no beginning).
    pub fn at(&self, timestamp: i64) -> (&LocalType, Option<i64>) {
        let (year, _, _) = civil::civil_from_days(timestamp.div_euclid(civil::DAY));
        (year - 1..=year + 1)
            .flat_map(|year| self.transitions(year))
            .take_while(|(instant, _)| *instant <= timestamp)
            .last()
            .map_or((&self.standard, None), |(instant, kind)| (kind, Some(instant)))
    }
}

struct Parser<'a> {
    text: &'a [u8],
    position: usize,
}

impl Parser<'_> {
    fn rest(&self) -> &[u8] {
        &self.text[self.position..]
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.position).copied()
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.position += 1)
    }

    fn name(&mut self) -> Option<String> {
        let quoted = self.expect(b'<').is_some();
        let length = self.rest().iter().take_while(|byte| match quoted {
            true => **byte != b'>',
            false => byte.is_ascii_alphabetic(),
        });
        let length = length.count();
        let name = String::from_utf8_lossy(&self.rest()[..length]).into_owned();
        self.position += length;
        if quoted {
            self.expect(b'>')?;
        }
        (!name.is_empty()).then_some(name)
    }

    fn number(&mut self) -> Option<i64> {
        let start = self.position;
        let mut value = 0;
        while let Some(digit) = self.peek().filter(u8::is_ascii_digit) {
            value = value * 10 + i64::from(digit - b'0');
            self.position += 1;
        }
        (self.position > start && self.position < start + 9).then_some(value)
    }

    fn time(&mut self) -> Option<i64> {
        let sign = match self.peek()? {
            b'-' => -1,
            _ => 1,
        };
        if matches!(self.peek(), Some(b'-' | b'+')) {
            self.position += 1;
        }
        let mut seconds = self.number()? * 3600;
        for unit in [60, 1] {
            if self.expect(b':').is_some() {
                seconds += self.number()? * unit;
            }
        }
        Some(sign * seconds)
    }

    fn boundary(&mut self) -> Option<Boundary> {
        let day = if self.expect(b'J').is_some() {
            Day::Julian(self.number()?)
        } else if self.expect(b'M').is_some() {
            let month = self.number()?;
            self.expect(b'.')?;
            let week = self.number()?;
            self.expect(b'.')?;
            Day::Weekday(month, week, self.number()?)
        } else {
            Day::Ordinal(self.number()?)
        };
        let seconds = if self.expect(b'/').is_some() { self.time()? } else { 7200 };
        Some(Boundary { day, seconds })
    }
}

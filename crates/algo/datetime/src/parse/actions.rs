//! `strtotime()`: what each notation sets.

use std::cell::RefCell;

use super::automaton::Automaton;
use super::cursor::Cursor;
use super::patterns::{DEFINITIONS, RULES, Rule};
use super::words::Unit;
use super::{EdgeOfMonth, Message, Parsed, RelativeWeekday, Special};
use crate::civil;
use crate::zone::{Zone, parse_zone_text};

thread_local! {
    /// The scanner; its states are made as texts need them.
    static AUTOMATON: RefCell<Automaton> = RefCell::new(Automaton::new(
        DEFINITIONS.iter().copied(),
        RULES.iter().map(|(_, pattern)| *pattern),
    ));
}

const NO_ZONE: &str = "The timezone could not be found in the database";

/// Parses a date and time in any of the notations of `strtotime()`.
pub fn parse(text: &[u8]) -> Parsed {
    let blank = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0x0b;
    let start = text.iter().position(|byte| !blank(byte)).unwrap_or(text.len());
    let end = text.iter().rposition(|byte| !blank(byte)).map_or(start, |last| last + 1);
    let parsed = Parsed::default();
    let mut scanner = Scanner { text: &text[start..end], token: 0, times: 0, parsed };
    if scanner.text.is_empty() {
        if text.is_empty() {
            scanner.error("Empty string");
        }
        return scanner.parsed;
    }
    let mut position = 0;
    while position < scanner.text.len() {
        scanner.token = position;
        let found =
            AUTOMATON.with_borrow_mut(|automaton| automaton.scan(&scanner.text[position..]));
        match found {
            Some((rule, length)) => {
                position += length;
                // A token that is refused has already reported why.
                let _ = scanner.apply(RULES[rule].0, &scanner.text[scanner.token..position]);
            }
            None => {
                position += 1;
                scanner.error("Unexpected character");
            }
        }
    }
    let mut parsed = scanner.parsed;
    parsed.has_time = scanner.times > 0;
    parsed.check_existence(end - start + 1, 0);
    parsed
}

struct Scanner<'a> {
    text: &'a [u8],
    token: usize,
    /// How many times of day there are; four digits are one, or the year after one.
    times: u8,
    parsed: Parsed,
}

/// The token is not used; the error is in the list.
struct Refused;

impl Scanner<'_> {
    fn message(&self, text: &'static str) -> Message {
        let character = self.text.get(self.token).copied().unwrap_or(0);
        Message { position: self.token, character, text }
    }

    fn error(&mut self, text: &'static str) {
        let message = self.message(text);
        self.parsed.errors.push(message);
    }

    fn signed_number(&mut self, cursor: &mut Cursor, width: usize) -> Option<i64> {
        cursor.signed_number(width).unwrap_or_else(|_| {
            self.error("Number out of range");
            Some(0)
        })
    }

    fn begin_time(&mut self) -> Result<(), Refused> {
        if self.times > 0 {
            self.error("Double time specification");
            return Err(Refused);
        }
        self.times = 1;
        self.parsed.set_time(0, 0, 0, 0);
        Ok(())
    }

    fn drop_time(&mut self) {
        self.times = 0;
        self.parsed.set_time(0, 0, 0, 0);
    }

    fn begin_date(&mut self) -> Result<(), Refused> {
        if self.parsed.has_date {
            self.error("Double date specification");
            return Err(Refused);
        }
        self.parsed.has_date = true;
        Ok(())
    }

    fn begin_zone(&mut self) -> Result<(), Refused> {
        self.parsed.zones += 1;
        let message = self.message("Double timezone specification");
        match self.parsed.zones {
            1 => return Ok(()),
            2 => self.parsed.warnings.push(message),
            _ => self.parsed.errors.push(message),
        }
        Err(Refused)
    }

    fn read_zone(&mut self, cursor: &mut Cursor) {
        let found = parse_zone_text(cursor.text, &mut cursor.position);
        if !self.parsed.set_zone(found) {
            self.error(NO_ZONE);
        }
    }

    fn set_date(&mut self, year: Option<i64>, month: i64, day: i64) {
        if year.is_some() {
            self.parsed.year = year;
        }
        self.parsed.month = Some(month);
        self.parsed.day = Some(day);
    }

    fn read_seconds(cursor: &mut Cursor) -> (i64, i64) {
        if !matches!(cursor.peek(), Some(b':' | b'.')) {
            return (0, 0);
        }
        let second = cursor.number_or_zero(2);
        let micro = match cursor.peek() {
            Some(b'.') => cursor.fraction().unwrap_or(0),
            _ => 0,
        };
        (second, micro)
    }

    /// Hour, minute and second of a 12-hour clock with its meridian.
    fn read_time12(&mut self, cursor: &mut Cursor) {
        let hour = cursor.number_or_zero(2);
        let mut rest = [0, 0];
        for part in &mut rest {
            if matches!(cursor.peek(), Some(b':' | b'.')) {
                *part = cursor.number_or_zero(2);
            }
        }
        let hour = hour + cursor.meridian(hour).unwrap_or(0);
        self.parsed.set_time(hour, rest[0], rest[1], 0);
    }

    /// Hour, minute and second of a 24-hour clock, and the zone that may follow.
    fn read_time24(&mut self, cursor: &mut Cursor, after_date: bool) {
        let hour = cursor.number_or_zero(2);
        let (mut minute, mut second, mut micro) = (0, 0, 0);
        if matches!(cursor.peek(), Some(b':' | b'.')) {
            minute = cursor.number_or_zero(2);
            if !after_date || cursor.peek() == Some(b':') {
                (second, micro) = Self::read_seconds(cursor);
            }
        }
        self.parsed.set_time(hour, minute, second, micro);
        if cursor.peek().is_some() {
            self.read_zone(cursor);
        }
    }

    /// Adds an amount of the unit that follows to the relative part.
    fn add_relative(&mut self, cursor: &mut Cursor, amount: i64, behavior: i64, keep_time: bool) {
        let Some(unit) = cursor.unit() else { return };
        let relative = self.parsed.relative_mut();
        let mut overflows = false;
        let mut add = |field: &mut i64, factor: i64| {
            let (sum, overflow) = field.overflowing_add(amount.wrapping_mul(factor));
            *field = sum;
            overflows |= overflow;
        };
        match unit {
            Unit::Micro(factor) => add(&mut relative.micros, factor),
            Unit::Second => add(&mut relative.seconds, 1),
            Unit::Minute => add(&mut relative.minutes, 1),
            Unit::Hour => add(&mut relative.hours, 1),
            Unit::Day(factor) => add(&mut relative.days, factor),
            Unit::Month => add(&mut relative.months, 1),
            Unit::Year => add(&mut relative.years, 1),
            Unit::Weekday(day) => {
                let weeks = if amount > 0 { amount - 1 } else { amount };
                relative.days = relative.days.wrapping_add(weeks.wrapping_mul(7));
                relative.weekday = Some(RelativeWeekday { day, behavior });
                if !keep_time {
                    self.drop_time();
                }
            }
            Unit::WorkingDay => {
                relative.special = Some(Special::WorkingDays(amount));
                if !keep_time {
                    self.drop_time();
                }
            }
        }
        if overflows {
            self.error("Number out of range");
        }
    }

    fn apply(&mut self, rule: Rule, token: &[u8]) -> Result<(), Refused> {
        let mut cursor = Cursor::new(token);
        match rule {
            Rule::Yesterday | Rule::Tomorrow => {
                self.drop_time();
                self.parsed.relative_mut().days = if rule == Rule::Tomorrow { 1 } else { -1 };
            }
            Rule::Now | Rule::Separator => {}
            Rule::Noon => {
                self.times = 1;
                self.parsed.set_time(12, 0, 0, 0);
            }
            Rule::Today => self.drop_time(),
            Rule::Timestamp | Rule::TimestampFraction => self.timestamp(&mut cursor)?,
            Rule::EdgeOfMonth => {
                let last = matches!(token[0], b'l' | b'L');
                let edge = if last { EdgeOfMonth::Last } else { EdgeOfMonth::First };
                self.parsed.relative_mut().edge_of_month = Some(edge);
            }
            Rule::BackOrFrontOf => {
                let back = matches!(token[0], b'b' | b'B');
                let mut hour = cursor.number_or_zero(2);
                let minute = if back { 15 } else { 45 };
                if !back {
                    hour -= 1;
                }
                if cursor.peek().is_some() {
                    cursor.skip_spaces();
                    hour += cursor.meridian(hour).unwrap_or(0);
                }
                self.times = 1;
                self.parsed.set_time(hour, minute, 0, 0);
            }
            Rule::WeekdayOf => {
                let (amount, this) = cursor.ordinal().unwrap_or_default();
                cursor.skip_spaces();
                self.drop_time();
                let (special, behavior) = match amount {
                    1.. => (Special::WeekdayOfMonth, 1),
                    _ => (Special::LastWeekdayOfMonth, i64::from(this)),
                };
                self.parsed.relative_mut().special = Some(special);
                self.add_relative(&mut cursor, amount, behavior, false);
            }
            Rule::Time12 => {
                self.begin_time()?;
                self.read_time12(&mut cursor);
            }
            Rule::MssqlTime => {
                self.begin_time()?;
                let hour = cursor.number_or_zero(2);
                let minute = cursor.number_or_zero(2);
                let second = cursor.number_or_zero(2);
                let micro = cursor.fraction().unwrap_or(0);
                let hour = hour + cursor.meridian(hour).unwrap_or(0);
                self.parsed.set_time(hour, minute, second, micro);
            }
            Rule::Time24 => {
                self.begin_time()?;
                self.read_time24(&mut cursor, false);
            }
            Rule::NoColon => {
                match self.times {
                    0 => {
                        self.parsed.hour = cursor.number(2);
                        self.parsed.minute = cursor.number(2);
                        self.parsed.second = Some(0);
                    }
                    1 => self.parsed.year = cursor.number(4),
                    _ => {
                        self.error("Double time specification");
                        return Err(Refused);
                    }
                }
                self.times += 1;
            }
            Rule::NoColonSeconds => {
                self.begin_time()?;
                let hour = cursor.number_or_zero(2);
                let minute = cursor.number_or_zero(2);
                self.parsed.set_time(hour, minute, cursor.number_or_zero(2), 0);
            }
            Rule::DateAndTime => self.date_and_time(&mut cursor)?,
            Rule::CommonLog => {
                self.begin_time()?;
                self.begin_date()?;
                let day = cursor.number_or_zero(2);
                let month = cursor.month().unwrap_or(0);
                let year = cursor.number(4);
                self.set_date(year, month, day);
                let hour = cursor.number_or_zero(2);
                let minute = cursor.number_or_zero(2);
                self.parsed.set_time(hour, minute, cursor.number_or_zero(2), 0);
                self.read_zone(&mut cursor);
            }
            Rule::Year4 => self.parsed.year = cursor.number(4),
            Rule::Ago => self.ago(),
            Rule::Weekday => {
                self.drop_time();
                match cursor.unit() {
                    Some(Unit::Weekday(day)) => self.set_weekday(day, 1),
                    // PHP takes the word for the day of the week with the number 1.
                    _ => self.set_weekday(1, 1),
                }
            }
            Rule::RelativeTextWeek => {
                let (amount, this) = cursor.ordinal().unwrap_or_default();
                cursor.skip_spaces();
                self.add_relative(&mut cursor, amount, i64::from(this), false);
                let relative = self.parsed.relative_mut();
                let day = relative.weekday.map_or(UNSET_WEEKDAY, |weekday| weekday.day);
                relative.weekday = Some(RelativeWeekday { day, behavior: 2 });
            }
            Rule::RelativeText => {
                let (amount, this) = cursor.ordinal().unwrap_or_default();
                cursor.skip_spaces();
                self.add_relative(&mut cursor, amount, i64::from(this), false);
            }
            Rule::Zone => {
                self.begin_zone()?;
                self.read_zone(&mut cursor);
            }
            Rule::DateWithTime12 | Rule::DateWithTime24 => {
                self.begin_date()?;
                let month = cursor.month().unwrap_or(0);
                let day = cursor.number_or_zero(2);
                self.set_date(None, month, day);
                self.begin_time()?;
                match rule {
                    Rule::DateWithTime12 => self.read_time12(&mut cursor),
                    _ => self.read_time24(&mut cursor, true),
                }
            }
            Rule::Relative => {
                let amount = self.signed_number(&mut cursor, 24).unwrap_or(0);
                cursor.skip_spaces();
                self.parsed.relative_mut();
                self.add_relative(&mut cursor, amount, 1, true);
            }
            _ => self.date(rule, &mut cursor)?,
        }
        Ok(())
    }

    /// The notations of a date alone.
    fn date(&mut self, rule: Rule, cursor: &mut Cursor) -> Result<(), Refused> {
        self.begin_date()?;
        let (year, month, day) = match rule {
            Rule::American => {
                let month = cursor.number_or_zero(2);
                let day = cursor.number_or_zero(2);
                (cursor.year(4), month, day)
            }
            Rule::Iso | Rule::IsoExpanded => {
                let width = if rule == Rule::Iso { 4 } else { 19 };
                (
                    self.signed_number(cursor, width),
                    cursor.number_or_zero(2),
                    cursor.number_or_zero(2),
                )
            }
            Rule::Iso2 | Rule::YearMonthDay => {
                (cursor.year(4), cursor.number_or_zero(2), cursor.number_or_zero(2))
            }
            Rule::YearMonth => (cursor.year(4), cursor.number_or_zero(2), 1),
            Rule::Pointed4 | Rule::Pointed2 => {
                let day = cursor.number_or_zero(2);
                let month = cursor.number_or_zero(2);
                (cursor.year(4), month, day)
            }
            Rule::DayTextYear | Rule::DayText => {
                let day = cursor.number_or_zero(2);
                cursor.skip_day_suffix();
                let month = cursor.month().unwrap_or(0);
                (cursor.year(4), month, day)
            }
            Rule::TextYear => {
                let month = cursor.month().unwrap_or(0);
                (cursor.year(4), month, 1)
            }
            Rule::YearText => (cursor.year(4), cursor.month().unwrap_or(0), 1),
            Rule::TextDayYear | Rule::PgText => {
                let month = cursor.month().unwrap_or(0);
                let day = cursor.number_or_zero(2);
                self.parsed.year = cursor.year(4);
                (None, month, day)
            }
            Rule::PgTextReverse => {
                (cursor.year(4), cursor.month().unwrap_or(0), cursor.number_or_zero(2))
            }
            Rule::DateNoColon => {
                (cursor.number(4), cursor.number_or_zero(2), cursor.number_or_zero(2))
            }
            Rule::DayOfYear => (cursor.number(4), 1, cursor.number_or_zero(3)),
            Rule::IsoWeekday | Rule::IsoWeek => {
                let year = cursor.number_or_zero(4);
                let week = cursor.number_or_zero(2);
                let day = if rule == Rule::IsoWeek { 1 } else { cursor.number_or_zero(1) };
                let offset = civil::day_offset_from_iso_week(year, week, day);
                self.parsed.relative_mut().days = offset;
                (Some(year), 1, 1)
            }
            _ => {
                self.parsed.month = cursor.month();
                return Ok(());
            }
        };
        self.set_date(year, month, day);
        Ok(())
    }

    fn date_and_time(&mut self, cursor: &mut Cursor) -> Result<(), Refused> {
        self.begin_time()?;
        self.begin_date()?;
        let (year, month) = (cursor.number(4), cursor.number_or_zero(2));
        self.set_date(year, month, cursor.number_or_zero(2));
        let hour = cursor.number_or_zero(2);
        let minute = cursor.number_or_zero(2);
        let second = cursor.number_or_zero(2);
        let micro = match cursor.peek() {
            Some(b'.') => cursor.fraction().unwrap_or(0),
            _ => 0,
        };
        self.parsed.set_time(hour, minute, second, micro);
        if cursor.peek().is_some() {
            self.read_zone(cursor);
        }
        Ok(())
    }

    fn timestamp(&mut self, cursor: &mut Cursor) -> Result<(), Refused> {
        self.parsed.relative_mut();
        self.parsed.has_date = false;
        self.set_date(Some(0), 0, 0);
        self.drop_time();
        self.begin_zone()?;
        let negative = cursor.text.get(1) == Some(&b'-');
        let seconds = self.signed_number(cursor, 24).unwrap_or(0);
        self.set_date(Some(1970), 1, 1);
        let relative = self.parsed.relative_mut();
        relative.seconds = relative.seconds.wrapping_add(seconds);
        if cursor.peek() == Some(b'.') {
            let micros = cursor.fraction().unwrap_or(0);
            relative.micros = if negative { -micros } else { micros };
            if cursor.text.ends_with(b".") {
                self.error("Found unexpected data");
            }
        }
        self.parsed.is_local = true;
        self.parsed.zone = Some(Zone::Offset(0));
        Ok(())
    }

    fn ago(&mut self) {
        let Some(relative) = &mut self.parsed.relative else { return };
        for field in [
            &mut relative.years,
            &mut relative.months,
            &mut relative.days,
            &mut relative.hours,
            &mut relative.minutes,
            &mut relative.seconds,
        ] {
            *field = field.wrapping_neg();
        }
        if let Some(weekday) = &mut relative.weekday {
            weekday.day = if weekday.day == 0 { -7 } else { -weekday.day };
        }
        if let Some(Special::WorkingDays(amount)) = &mut relative.special {
            *amount = amount.wrapping_neg();
        }
    }

    fn set_weekday(&mut self, day: i64, behavior: i64) {
        let relative = self.parsed.relative_mut();
        let behavior = match relative.weekday {
            Some(RelativeWeekday { behavior: 2, .. }) => 2,
            _ => behavior,
        };
        relative.weekday = Some(RelativeWeekday { day, behavior });
    }
}

/// The day of `next week` when no day was named.
const UNSET_WEEKDAY: i64 = 1;

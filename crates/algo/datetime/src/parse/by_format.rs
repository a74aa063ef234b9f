//! `DateTime::createFromFormat()`: parsing by a format.

use super::cursor::Cursor;
use super::words::{self, Unit};
use super::{Message, Parsed, RelativeWeekday};
use crate::civil;
use crate::zone::{Zone, parse_zone_text};

/// Parses a text by a format of `DateTime::createFromFormat()`.
pub fn parse_by_format(format: &[u8], text: &[u8]) -> Parsed {
    let mut reader = Reader { cursor: Cursor::new(text), begin: 0, parsed: Parsed::default() };
    let mut format = Cursor::new(format);
    let mut extra_allowed = false;
    while let (Some(letter), Some(_)) = (format.peek(), reader.cursor.peek()) {
        reader.begin = reader.cursor.position;
        match letter {
            b'+' => extra_allowed = true,
            b'\\' => {
                if format.rest().len() > 1 {
                    format.position += 1;
                    reader.expect(format.peek(), "The escaped character could not be found");
                } else {
                    reader.error("Escaped character expected");
                }
            }
            _ => reader.apply(letter),
        }
        format.position += 1;
    }
    reader.begin = reader.cursor.position;
    if reader.cursor.peek().is_some() {
        let message = reader.message("Trailing data");
        let parsed = &mut reader.parsed;
        if extra_allowed { &mut parsed.warnings } else { &mut parsed.errors }.push(message);
    }
    for letter in format.rest() {
        match letter {
            b'!' => reader.reset(true),
            b'|' => reader.reset(false),
            b'*' | b'+' => {}
            _ => {
                reader.error("Not enough data available to satisfy format");
                break;
            }
        }
    }
    reader.finish()
}

struct Reader<'a> {
    cursor: Cursor<'a>,
    begin: usize,
    parsed: Parsed,
}

impl Reader<'_> {
    fn message(&self, text: &'static str) -> Message {
        let character = self.cursor.text.get(self.begin).copied().unwrap_or(0);
        Message { position: self.begin, character, text }
    }

    fn error(&mut self, text: &'static str) {
        let message = self.message(text);
        self.parsed.errors.push(message);
    }

    fn expect(&mut self, wanted: Option<u8>, text: &'static str) {
        if self.cursor.peek() == wanted {
            self.cursor.position += 1;
        } else {
            self.error(text);
        }
    }

    fn expect_digit(&mut self) {
        if !self.cursor.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.error("Unexpected data found.");
        }
    }

    /// A number of at most `width` digits with the count of its digits.
    fn number(&mut self, width: usize, missing: &'static str) -> Option<(i64, usize)> {
        self.expect_digit();
        self.find_number(width, missing)
    }

    fn find_number(&mut self, width: usize, missing: &'static str) -> Option<(i64, usize)> {
        let found = self.cursor.number_and_width(width);
        if found.is_none() {
            self.error(missing);
        }
        found
    }

    fn exact(&mut self, missing: &'static str) -> Option<i64> {
        let (value, width) = self.number(2, missing)?;
        if width != 2 {
            self.error(missing);
            return None;
        }
        self.parsed.has_time = true;
        Some(value)
    }

    fn signed_number(&mut self, width: usize) -> i64 {
        let start = self.cursor.peek();
        if !start.is_some_and(|byte| byte.is_ascii_digit() || byte == b'+' || byte == b'-') {
            self.error("Unexpected data found.");
        }
        let text = match self.cursor.signed_number(width) {
            Ok(Some(value)) => return value,
            Ok(None) => "Found unexpected data",
            Err(_) => "Number out of range",
        };
        self.parsed.errors.push(Message { position: 0, character: 0, text });
        0
    }

    /// A number as the part of a second that `width` digits can say.
    fn fraction(&mut self, width: usize, missing: &'static str) {
        if let Some((value, _)) = self.number(width, missing) {
            // What was skipped to find the digits counts as digits too.
            let count = (self.cursor.position - self.begin) as i32;
            let micros = value as f64 * 10_f64.powi(6 - count);
            self.parsed.micro = Some(micros as i64);
        }
    }

    /// Sets the fields to the epoch: all of them, or the ones not set yet.
    fn reset(&mut self, all: bool) {
        let parsed = &mut self.parsed;
        for (field, value) in [
            (&mut parsed.year, 1970),
            (&mut parsed.month, 1),
            (&mut parsed.day, 1),
            (&mut parsed.hour, 0),
            (&mut parsed.minute, 0),
            (&mut parsed.second, 0),
            (&mut parsed.micro, 0),
        ] {
            if all || field.is_none() {
                *field = Some(value);
            }
        }
        if all && matches!(parsed.zone, Some(Zone::Identifier(_))) {
            parsed.zone = None;
        }
    }

    fn apply(&mut self, letter: u8) {
        match letter {
            b'D' | b'l' => match self.cursor.unit() {
                Some(Unit::Weekday(day)) => {
                    let weekday = RelativeWeekday { day, behavior: 1 };
                    self.parsed.relative_mut().weekday = Some(weekday);
                }
                _ => self.error("A textual day could not be found"),
            },
            b'S' => self.cursor.skip_day_suffix(),
            b'd' | b'j' => {
                let found = self.number(2, "A two digit day could not be found");
                self.set_date_field(found, |parsed| &mut parsed.day);
            }
            b'm' | b'n' => {
                let found = self.number(2, "A two digit month could not be found");
                self.set_date_field(found, |parsed| &mut parsed.month);
            }
            b'M' | b'F' => {
                let word = self.cursor.skip_while(|byte| byte.is_ascii_alphabetic());
                match words::month(word) {
                    Some(month) => {
                        self.parsed.month = Some(month);
                        self.parsed.has_date = true;
                    }
                    None => self.error("A textual month could not be found"),
                }
            }
            b'y' => {
                let found = self.number(2, "A two digit year could not be found");
                let found = found.map(|(year, width)| match year {
                    0..70 => (year + 2000, width),
                    _ => (year + 1900, width),
                });
                self.set_date_field(found, |parsed| &mut parsed.year);
            }
            b'Y' => {
                let found = self.number(4, "A four digit year could not be found");
                self.set_date_field(found, |parsed| &mut parsed.year);
            }
            b'X' | b'x' => {
                self.parsed.year = Some(self.signed_number(19));
                self.parsed.has_date = true;
            }
            b'z' => self.day_of_year(),
            b'g' | b'h' | b'G' | b'H' => {
                let found = self.number(2, "A two digit hour could not be found");
                self.parsed.hour = found.map(|(hour, _)| hour);
                if found.is_some() {
                    self.parsed.has_time = true;
                }
                if matches!(letter, b'g' | b'h') && self.parsed.hour > Some(12) {
                    self.error("Hour cannot be higher than 12");
                }
            }
            b'a' | b'A' => {
                if self.parsed.hour.is_none() {
                    self.error("Meridian can only come after an hour has been found");
                }
                match self.cursor.strict_meridian(self.parsed.hour.unwrap_or(0)) {
                    Some(shift) => {
                        self.parsed.hour = self.parsed.hour.map(|hour| hour + shift);
                    }
                    None => self.error("A meridian could not be found"),
                }
            }
            b'i' => {
                let found = self.exact("A two digit minute could not be found");
                self.parsed.minute = found.or(self.parsed.minute);
            }
            b's' => {
                let found = self.exact("A two digit second could not be found");
                self.parsed.second = found.or(self.parsed.second);
            }
            b'u' => self.fraction(6, "A six digit microsecond could not be found"),
            b'v' => self.fraction(3, "A three digit millisecond could not be found"),
            b' ' => self.cursor.skip_spaces(),
            b'U' => self.timestamp(),
            b'e' | b'p' | b'P' | b'T' | b'O' => {
                let cursor = &mut self.cursor;
                let found = parse_zone_text(cursor.text, &mut cursor.position);
                if self.parsed.set_zone(found) {
                    self.parsed.zones = 1;
                } else {
                    self.error("The timezone could not be found in the database");
                }
            }
            b'#' => match self.cursor.peek() {
                Some(b';' | b':' | b'/' | b'.' | b',' | b'-' | b'(' | b')') => {
                    self.cursor.position += 1;
                }
                _ => self.error("The separation symbol ([;:/.,-]) could not be found"),
            },
            b';' | b':' | b'/' | b'.' | b',' | b'-' | b'(' | b')' => {
                self.expect(Some(letter), "The separation symbol could not be found");
            }
            b'!' => self.reset(true),
            b'|' => self.reset(false),
            b'?' => self.cursor.position += 1,
            b'*' => {
                self.cursor.position += 1;
                self.cursor.skip_while(|byte| !b" \t.,:;/-0123456789\0".contains(&byte));
            }
            _ => {
                if self.cursor.peek() != Some(letter) {
                    self.error("The format separator does not match");
                }
                self.cursor.position += 1;
            }
        }
    }

    fn set_date_field(
        &mut self,
        found: Option<(i64, usize)>,
        field: fn(&mut Parsed) -> &mut Option<i64>,
    ) {
        *field(&mut self.parsed) = found.map(|(value, _)| value);
        self.parsed.has_date |= found.is_some();
    }

    fn day_of_year(&mut self) {
        self.expect_digit();
        if self.parsed.year.is_none() {
            self.error("A 'day of year' can only come after a year has been found");
        }
        let found = self.find_number(3, "A three digit day-of-year could not be found");
        let Some((ordinal, _)) = found else { return };
        if let Some(year) = self.parsed.year {
            let (mut year, mut month, mut day) = (year, 1, ordinal + 1);
            civil::normalize_date(&mut year, &mut month, &mut day);
            self.parsed.year = Some(year);
            self.parsed.month = Some(month);
            self.parsed.day = Some(day);
            self.parsed.has_date = true;
        }
    }

    fn timestamp(&mut self) {
        let seconds = self.signed_number(24);
        let (year, month, day) = civil::civil_from_days(seconds.div_euclid(civil::DAY));
        let rest = seconds.rem_euclid(civil::DAY);
        let parsed = &mut self.parsed;
        (parsed.year, parsed.month, parsed.day) = (Some(year), Some(month), Some(day));
        let micro = parsed.micro.unwrap_or(0);
        parsed.set_time(rest / 3600, rest / 60 % 60, rest % 60, micro);
        parsed.has_date = true;
        parsed.has_time = true;
        parsed.is_local = true;
        parsed.zones = 1;
        parsed.zone = Some(Zone::Offset(0));
        parsed.zone_abbreviation = None;
    }

    fn finish(mut self) -> Parsed {
        let parsed = &mut self.parsed;
        let time = [&mut parsed.hour, &mut parsed.minute, &mut parsed.second, &mut parsed.micro];
        if time.iter().any(|field| field.is_some()) {
            time.into_iter().for_each(|field| *field = field.or(Some(0)));
        }
        let has_date = parsed.year.is_some() && parsed.month.is_some() && parsed.day.is_some();
        let kept = (parsed.has_date, parsed.has_time);
        (parsed.has_date, parsed.has_time) = (has_date, parsed.hour.is_some());
        let character = self.cursor.text.get(self.begin).copied().unwrap_or(0);
        parsed.check_existence(self.begin, character);
        (parsed.has_date, parsed.has_time) = kept;
        self.parsed
    }
}

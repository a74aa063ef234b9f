//! ISO 8601 durations, instants and recurrences: `R5/2008-03-01T13:00:00Z/P1Y2M`.

use super::Relative;
use super::cursor::Cursor;

/// A moment in UTC: year, month, day, hour, minute, second.
pub type IsoInstant = [i64; 6];

/// The parts of an ISO 8601 interval; each is there when the text has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IsoIntervals {
    /// The first instant.
    pub begin: Option<IsoInstant>,
    /// The second instant.
    pub end: Option<IsoInstant>,
    /// The duration; several are added up.
    pub period: Option<Relative>,
    /// The number after `R`.
    pub recurrences: Option<i64>,
}

/// Parses the parts of an ISO 8601 interval; `None` when any of it is not well formed.
pub fn parse_iso_intervals(text: &[u8]) -> Option<IsoIntervals> {
    if text.is_empty() {
        return None;
    }
    let mut cursor = Cursor::new(text);
    let mut found = IsoIntervals::default();
    loop {
        cursor.skip_while(|byte| b" \t\n.,/\0".contains(&byte));
        match cursor.peek() {
            None => return Some(found),
            Some(b'R') => {
                cursor.position += 1;
                let digits = cursor.skip_while(|byte| byte.is_ascii_digit());
                found.recurrences = Some(Cursor::new(digits).number(9)?);
            }
            Some(b'P') => {
                cursor.position += 1;
                let mut attempt = cursor.clone();
                match combined(&mut attempt) {
                    Some(period) => {
                        cursor = attempt;
                        found.period = Some(period);
                    }
                    None => period(&mut cursor, found.period.get_or_insert_default())?,
                }
            }
            Some(_) => {
                let instant = instant(&mut cursor)?;
                if found.begin.is_none() {
                    found.begin = Some(instant);
                } else {
                    found.end = Some(instant);
                }
            }
        }
    }
}

/// Exactly `width` digits, of a value up to `limit`.
fn digits(cursor: &mut Cursor, width: usize, limit: i64) -> Option<i64> {
    let digits = cursor.rest().get(..width)?;
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    cursor.number(width).filter(|value| *value <= limit)
}

fn byte(cursor: &mut Cursor, wanted: u8) -> Option<()> {
    (cursor.peek() == Some(wanted)).then(|| cursor.position += 1)
}

/// The alternative notation after `P`: `0001-00-04T05:06:07`.
fn combined(cursor: &mut Cursor) -> Option<Relative> {
    let years = digits(cursor, 4, 9999)?;
    byte(cursor, b'-')?;
    let months = digits(cursor, 2, 12)?;
    byte(cursor, b'-')?;
    let days = digits(cursor, 2, 31)?;
    byte(cursor, b'T')?;
    let hours = digits(cursor, 2, 24)?;
    byte(cursor, b':')?;
    let minutes = digits(cursor, 2, 59)?;
    byte(cursor, b':')?;
    let seconds = digits(cursor, 2, 60)?;
    Some(Relative { years, months, days, hours, minutes, seconds, ..Relative::default() })
}

/// The notation with letters, after `P`.
fn period(cursor: &mut Cursor, period: &mut Relative) -> Option<()> {
    let mut parts = 0;
    parts += part(cursor, b'Y', 1, &mut period.years)?;
    parts += part(cursor, b'M', 1, &mut period.months)?;
    parts += part(cursor, b'W', 7, &mut period.days)?;
    parts += part(cursor, b'D', 1, &mut period.days)?;
    if byte(cursor, b'T').is_some() {
        parts = part(cursor, b'H', 1, &mut period.hours)?;
        parts += part(cursor, b'M', 1, &mut period.minutes)?;
        parts += part(cursor, b'S', 1, &mut period.seconds)?;
    }
    (parts > 0).then_some(())
}

/// Adds a number in front of `letter`, if that is what follows; gives how many were read.
fn part(cursor: &mut Cursor, letter: u8, factor: i64, field: &mut i64) -> Option<usize> {
    let start = cursor.position;
    let digits = cursor.skip_while(|byte| byte.is_ascii_digit());
    if digits.is_empty() || cursor.peek() != Some(letter) {
        cursor.position = start;
        return Some(0);
    }
    cursor.position += 1;
    if digits.len() > 12 {
        return None;
    }
    // PHP keeps the amounts in 32 bits here.
    let value = Cursor::new(digits).number_or_zero(12) as i32;
    *field = field.wrapping_add(i64::from(value) * factor);
    Some(1)
}

/// An instant in UTC, in the basic or the extended form.
fn instant(cursor: &mut Cursor) -> Option<IsoInstant> {
    let year = digits(cursor, 4, 9999)?;
    let separator = |cursor: &mut Cursor, wanted: u8| {
        let _ = byte(cursor, wanted);
    };
    separator(cursor, b'-');
    let month = digits(cursor, 2, 12)?;
    separator(cursor, b'-');
    let day = digits(cursor, 2, 31)?;
    byte(cursor, b'T')?;
    let hour = digits(cursor, 2, 24)?;
    separator(cursor, b':');
    let minute = digits(cursor, 2, 59)?;
    separator(cursor, b':');
    let second = digits(cursor, 2, 60)?;
    byte(cursor, b'Z')?;
    Some([year, month, day, hour, minute, second])
}

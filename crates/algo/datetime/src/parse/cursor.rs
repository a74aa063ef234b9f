//! Reading of numbers and words out of a matched text.

use super::words;

/// A place in a text.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    pub text: &'a [u8],
    pub position: usize,
}

/// An amount does not fit.
pub(super) struct OutOfRange;

impl<'a> Cursor<'a> {
    pub fn new(text: &'a [u8]) -> Self {
        Self { text, position: 0 }
    }

    pub fn peek(&self) -> Option<u8> {
        self.text.get(self.position).copied()
    }

    pub fn rest(&self) -> &'a [u8] {
        &self.text[self.position.min(self.text.len())..]
    }

    fn skip_until(&mut self, wanted: impl Fn(u8) -> bool) -> Option<u8> {
        while let Some(byte) = self.peek() {
            if wanted(byte) {
                return Some(byte);
            }
            self.position += 1;
        }
        None
    }

    pub fn skip_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'a [u8] {
        let start = self.position;
        while self.peek().is_some_and(&wanted) {
            self.position += 1;
        }
        &self.text[start..self.position]
    }

    /// The next number of at most `width` digits, with the count of its digits.
    pub fn number_and_width(&mut self, width: usize) -> Option<(i64, usize)> {
        self.skip_until(|byte| byte.is_ascii_digit())?;
        let start = self.position;
        let mut value: i64 = 0;
        while let Some(digit) = self.peek().filter(u8::is_ascii_digit) {
            if self.position - start == width {
                break;
            }
            value = value.saturating_mul(10).saturating_add(i64::from(digit - b'0'));
            self.position += 1;
        }
        Some((value, self.position - start))
    }

    /// The next number of at most `width` digits.
    pub fn number(&mut self, width: usize) -> Option<i64> {
        self.number_and_width(width).map(|(value, _)| value)
    }

    /// The next number of at most `width` digits, 0 where there is none.
    pub fn number_or_zero(&mut self, width: usize) -> i64 {
        self.number(width).unwrap_or(0)
    }

    /// The next number as a year: two digits stand for 1970 to 2069.
    pub fn year(&mut self, width: usize) -> Option<i64> {
        let (value, width) = self.number_and_width(width)?;
        Some(match value {
            0..70 if width < 4 => value + 2000,
            70..100 if width < 4 => value + 1900,
            _ => value,
        })
    }

    /// The next number with any amount of signs in front.
    pub fn signed_number(&mut self, width: usize) -> Result<Option<i64>, OutOfRange> {
        let sign = |byte| byte == b'+' || byte == b'-';
        if self.skip_until(|byte| byte.is_ascii_digit() || sign(byte)).is_none() {
            return Ok(None);
        }
        let signs = self.skip_while(sign);
        let negative = signs.iter().filter(|byte| **byte == b'-').count() % 2 == 1;
        if self.skip_until(|byte| byte.is_ascii_digit()).is_none() {
            return Ok(None);
        }
        let mut value: i64 = 0;
        let start = self.position;
        while let Some(digit) = self.peek().filter(u8::is_ascii_digit) {
            if self.position - start == width {
                break;
            }
            let digit = i64::from(digit - b'0');
            let next = value.checked_mul(10).and_then(|tens| match negative {
                true => tens.checked_sub(digit),
                false => tens.checked_add(digit),
            });
            let Some(next) = next else {
                self.skip_while(|byte| byte.is_ascii_digit());
                return Err(OutOfRange);
            };
            value = next;
            self.position += 1;
        }
        Ok(Some(value))
    }

    /// The digits after a `.` or `:` as microseconds.
    pub fn fraction(&mut self) -> Option<i64> {
        self.skip_until(|byte| matches!(byte, b'.' | b':') || byte.is_ascii_digit())?;
        self.skip_while(|byte| matches!(byte, b'.' | b':'));
        let digits = self.skip_while(|byte| byte.is_ascii_digit());
        Some(micros_of_digits(digits))
    }

    /// Skips blanks, the ones that do not break lines too.
    pub fn skip_spaces(&mut self) {
        loop {
            let length = match self.rest() {
                [b' ' | b'\t', ..] => 1,
                [0xc2, 0xa0, ..] => 2,
                [0xe2, 0x80, 0xaf, ..] => 3,
                _ => return,
            };
            self.position += length;
        }
    }

    /// Skips the ending of an ordinal number.
    pub fn skip_day_suffix(&mut self) {
        let suffix = self.rest().get(..2).map(<[u8]>::to_ascii_lowercase);
        if suffix.is_some_and(|word| matches!(&word[..], b"st" | b"nd" | b"rd" | b"th")) {
            self.position += 2;
        }
    }

    /// The hours to add to an hour of a 12-hour clock, for the `am` or `pm` that follows.
    pub fn meridian(&mut self, hour: i64) -> Option<i64> {
        let letter = self.skip_until(|byte| b"aApP".contains(&byte))?;
        let shift = match letter {
            b'a' | b'A' if hour == 12 => -12,
            b'p' | b'P' if hour != 12 => 12,
            _ => 0,
        };
        self.position += 1;
        if self.peek() == Some(b'.') {
            self.position += 1;
        }
        if !matches!(self.peek(), Some(b'm' | b'M')) {
            return None;
        }
        self.position += 1;
        if self.peek() == Some(b'.') {
            self.position += 1;
        }
        Some(shift)
    }

    /// As `meridian()`, where the dots are both there or both missing.
    pub fn strict_meridian(&mut self, hour: i64) -> Option<i64> {
        self.skip_until(|byte| b"aApP".contains(&byte))?;
        let length = match self.rest() {
            [_, b'.', b'm' | b'M', b'.', ..] => 4,
            [_, b'm' | b'M', ..] => 2,
            _ => {
                self.position += 1;
                return None;
            }
        };
        let word = &self.rest()[..length];
        self.position += length;
        Cursor::new(word).meridian(hour)
    }

    fn letters(&mut self) -> &'a [u8] {
        self.skip_while(|byte| byte.is_ascii_alphabetic())
    }

    /// The month the next word names.
    pub fn month(&mut self) -> Option<i64> {
        self.skip_while(|byte| b" \t-./".contains(&byte));
        words::month(self.letters())
    }

    /// The amount the next word names, and whether the word is `this`.
    pub fn ordinal(&mut self) -> Option<(i64, bool)> {
        self.skip_while(|byte| b" \t-/".contains(&byte));
        words::ordinal(self.letters())
    }

    /// The unit the next word names.
    pub fn unit(&mut self) -> Option<words::Unit> {
        let word = self.skip_while(|byte| !b" ,\t;:/.-()\0".contains(&byte));
        words::unit(word)
    }
}

/// Digits after the decimal point as microseconds; more than six are cut.
fn micros_of_digits(digits: &[u8]) -> i64 {
    let mut value = 0;
    for index in 0..6 {
        value = value * 10 + digits.get(index).map_or(0, |digit| i64::from(digit - b'0'));
    }
    value
}

//! Natural order: runs of digits compare as numbers.

use std::cmp::Ordering;

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn byte(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    fn digit(&self) -> Option<u8> {
        self.bytes.get(self.at).copied().filter(u8::is_ascii_digit)
    }

    fn ended(&self) -> bool {
        self.at >= self.bytes.len()
    }

    fn skip_zeros(&mut self) {
        while self.byte() == b'0' && self.bytes.get(self.at + 1).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
    }

    fn skip_space(&mut self) {
        while is_space(self.byte()) {
            self.at += 1;
        }
    }
}

/// Compares digits aligned at their right: the longer run wins, then the greater digits.
fn compare_right(a: &mut Cursor, b: &mut Cursor) -> Ordering {
    let mut bias = Ordering::Equal;
    loop {
        match (a.digit(), b.digit()) {
            (None, None) => return bias,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(x), Some(y)) => bias = bias.then(x.cmp(&y)),
        }
        a.at += 1;
        b.at += 1;
    }
}

/// Compares digits aligned at their left, as fractions are.
fn compare_left(a: &mut Cursor, b: &mut Cursor) -> Ordering {
    loop {
        match (a.digit(), b.digit()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(x), Some(y)) if x != y => return x.cmp(&y),
            _ => {}
        }
        a.at += 1;
        b.at += 1;
    }
}

/// `strnatcmp()`, or `strnatcasecmp()` with `fold_case`.
pub fn natural_compare(a: &[u8], b: &[u8], fold_case: bool) -> Ordering {
    if a.is_empty() || b.is_empty() {
        return a.len().cmp(&b.len());
    }
    let (mut a, mut b) = (Cursor { bytes: a, at: 0 }, Cursor { bytes: b, at: 0 });
    a.skip_zeros();
    b.skip_zeros();
    loop {
        a.skip_space();
        b.skip_space();
        if a.digit().is_some() && b.digit().is_some() {
            let fractional = a.byte() == b'0' || b.byte() == b'0';
            let order = if fractional {
                compare_left(&mut a, &mut b)
            } else {
                compare_right(&mut a, &mut b)
            };
            if order.is_ne() {
                return order;
            }
            match (a.ended(), b.ended()) {
                (true, true) => return Ordering::Equal,
                (true, false) => return Ordering::Less,
                (false, true) => return Ordering::Greater,
                (false, false) => {}
            }
        }
        let (mut x, mut y) = (a.byte(), b.byte());
        if fold_case {
            x.make_ascii_uppercase();
            y.make_ascii_uppercase();
        }
        if x != y {
            return x.cmp(&y);
        }
        a.at += 1;
        b.at += 1;
        match (a.ended(), b.ended()) {
            (true, true) => return Ordering::Equal,
            (true, false) => return Ordering::Less,
            (false, true) => return Ordering::Greater,
            (false, false) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders() {
        for (a, b, order) in [
            ("img12.png", "img10.png", Ordering::Greater),
            ("img2.png", "img10.png", Ordering::Less),
            ("img02", "img2", Ordering::Less),
            ("001", "1", Ordering::Equal),
            ("a 1", "a1", Ordering::Equal),
            ("1.010", "1.001", Ordering::Greater),
            ("", "a", Ordering::Less),
        ] {
            assert_eq!(natural_compare(a.as_bytes(), b.as_bytes(), false), order, "{a} {b}");
        }
        assert_eq!(natural_compare(b"IMG1", b"img2", true), Ordering::Less);
    }
}

//! `number_format()`.

use crate::round::{RoundingMode, round};

/// The most decimals the formatter computes; the rest are zeros.
const MAX_DECIMALS: usize = 500;

const EXACT: f64 = 4_503_599_627_370_496.0;
/// The largest float below 2^63.
const LARGEST: f64 = 9_223_372_036_854_774_784.0;

/// `number_format()` of a float.
pub fn number_format(value: f64, decimals: i64, point: &[u8], thousands: &[u8]) -> Vec<u8> {
    // From 2^52 on a float has no fraction, so an int holds its digits exactly.
    if (EXACT..=LARGEST).contains(&value.abs()) {
        return number_format_int(value as i64, decimals, point, thousands);
    }
    let value = round(value, decimals, RoundingMode::HalfAwayFromZero);
    if value.is_nan() {
        return b"nan".to_vec();
    }
    if value.is_infinite() {
        return if value > 0.0 { &b"inf"[..] } else { b"-inf" }.to_vec();
    }
    let decimals = usize::try_from(decimals).unwrap_or(0);
    let mut text = format!("{:.*}", decimals.min(MAX_DECIMALS), value.abs());
    let missing = decimals.saturating_sub(MAX_DECIMALS);
    text.extend(std::iter::repeat_n('0', missing));
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let negative = value < 0.0;
    assemble(negative, whole.as_bytes(), fraction.as_bytes(), point, thousands)
}

/// `number_format()` of an int.
pub fn number_format_int(value: i64, decimals: i64, point: &[u8], thousands: &[u8]) -> Vec<u8> {
    let mut magnitude = value.unsigned_abs();
    if decimals < 0 {
        let places = u32::try_from(decimals.unsigned_abs()).unwrap_or(u32::MAX);
        magnitude = match 10u64.checked_pow(places) {
            Some(power) => {
                let rest = magnitude % power;
                let floor = magnitude - rest;
                if rest >= power / 2 { floor.saturating_add(power) } else { floor }
            }
            None => 0,
        };
    }
    let fraction = vec![b'0'; usize::try_from(decimals).unwrap_or(0)];
    let whole = magnitude.to_string();
    assemble(value < 0 && magnitude != 0, whole.as_bytes(), &fraction, point, thousands)
}

fn assemble(
    negative: bool,
    whole: &[u8],
    fraction: &[u8],
    point: &[u8],
    thousands: &[u8],
) -> Vec<u8> {
    let mut out = Vec::with_capacity(whole.len() * 2 + fraction.len() + 2);
    if negative {
        out.push(b'-');
    }
    for (at, digit) in whole.iter().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.extend_from_slice(thousands);
        }
        out.push(*digit);
    }
    if !fraction.is_empty() {
        out.extend_from_slice(point);
        out.extend_from_slice(fraction);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(value: f64, decimals: i64) -> String {
        String::from_utf8(number_format(value, decimals, b".", b",")).unwrap()
    }

    #[test]
    fn floats() {
        assert_eq!(plain(1234.5678, -2), "1,200");
        assert_eq!(plain(-0.4, 0), "0");
        assert_eq!(plain(0.125, 2), "0.13");
        assert_eq!(plain(1e20, 2), "100,000,000,000,000,000,000.00");
        assert_eq!(plain(f64::INFINITY, 2), "inf");
        assert_eq!(number_format(-1234.567, 2, b",", b"."), b"-1.234,57");
        assert_eq!(number_format(1234.5, 2, b"dec", b"th"), b"1th234dec50");
    }

    #[test]
    fn ints() {
        let ints = |v, d| String::from_utf8(number_format_int(v, d, b".", b",")).unwrap();
        assert_eq!(ints(i64::MAX, 0), "9,223,372,036,854,775,807");
        assert_eq!(ints(-12345, -2), "-12,300");
        assert_eq!(ints(5, -20), "0");
        assert_eq!(ints(i64::MAX, -18), "9,000,000,000,000,000,000");
        assert_eq!(ints(12, 2), "12.00");
    }
}

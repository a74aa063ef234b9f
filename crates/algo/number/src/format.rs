//! Floats as text, as `echo`, `var_dump`, `var_export` and `json_encode` write them.

/// Decimal digits of a finite value without trailing zeros, and the place of its point:
/// the value is `0.d1d2d3… × 10^point`.
pub(crate) struct Digits {
    pub(crate) negative: bool,
    pub(crate) digits: Vec<u8>,
    pub(crate) point: i32,
}

/// The shortest digits that read back as the same float, or `count` correctly rounded ones.
pub(crate) fn digits(value: f64, count: Option<usize>) -> Digits {
    let text = match count {
        Some(count) => format!("{:.*e}", count.max(1) - 1, value.abs()),
        None => format!("{:e}", value.abs()),
    };
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let mut digits: Vec<u8> = mantissa.bytes().filter(u8::is_ascii_digit).collect();
    let keeps_zeros = count.is_some_and(|count| is_tie(value.abs(), count.max(1)));
    while digits.len() > 1 && digits.last() == Some(&b'0') && !keeps_zeros {
        digits.pop();
    }
    let point = if digits == b"0" { 1 } else { exponent.parse::<i32>().unwrap_or(0) + 1 };
    Digits { negative: value.is_sign_negative(), digits, point }
}

/// Whether rounding to `count` digits has to decide a tie among small whole numbers; PHP
/// then leaves the zeros at the end of the digits.
fn is_tie(magnitude: f64, count: usize) -> bool {
    if count > 14 || magnitude >= 1e15 || magnitude.fract() != 0.0 {
        return false;
    }
    let digits = (magnitude as u64).to_string();
    let (kept, rest) = digits.split_at(count.min(digits.len()));
    let even = kept.ends_with('0');
    even && rest.starts_with('5') && rest[1..].bytes().all(|digit| digit == b'0')
}

fn non_finite(value: f64) -> Option<&'static [u8]> {
    if value.is_nan() {
        Some(b"NAN")
    } else if value == f64::INFINITY {
        Some(b"INF")
    } else if value == f64::NEG_INFINITY {
        Some(b"-INF")
    } else {
        None
    }
}

/// No float has more significant digits than this.
const MOST_DIGITS: i32 = 1100;

/// Appends `value` with at most `precision` significant digits (`-1`: the shortest that
/// reads back), in the style of C's `%G` but with `exponent` as the letter and `1.0E+25`
/// where the mantissa has one digit.
pub fn write_general(out: &mut Vec<u8>, value: f64, precision: i32, exponent: u8) {
    if let Some(text) = non_finite(value) {
        out.extend_from_slice(text);
        return;
    }
    // 17 digits hold every float, so the shortest form turns to an exponent beyond them.
    let (count, limit) = match precision {
        ..0 => (None, 17),
        0 => (Some(1), 1),
        n => (Some(n.min(MOST_DIGITS) as usize), n.min(MOST_DIGITS)),
    };
    let d = digits(value, count);
    if d.negative {
        out.push(b'-');
    }
    if d.point < -3 || d.point > limit {
        out.push(d.digits[0]);
        out.push(b'.');
        if d.digits.len() > 1 {
            out.extend_from_slice(&d.digits[1..]);
        } else {
            out.push(b'0');
        }
        out.push(exponent);
        let power = d.point - 1;
        out.push(if power < 0 { b'-' } else { b'+' });
        out.extend_from_slice(power.unsigned_abs().to_string().as_bytes());
    } else if d.point <= 0 {
        out.extend_from_slice(b"0.");
        out.resize(out.len() + d.point.unsigned_abs() as usize, b'0');
        out.extend_from_slice(&d.digits);
    } else {
        let whole = d.point as usize;
        if d.digits.len() > whole {
            out.extend_from_slice(&d.digits[..whole]);
            out.push(b'.');
            out.extend_from_slice(&d.digits[whole..]);
        } else {
            out.extend_from_slice(&d.digits);
            out.resize(out.len() + whole - d.digits.len(), b'0');
        }
    }
}

/// A float as a string conversion gives it under the ini setting `precision`.
pub fn to_string_precision(value: f64, precision: i32) -> Vec<u8> {
    let mut out = Vec::with_capacity(24);
    write_general(&mut out, value, precision, b'E');
    out
}

/// The shortest text that reads back as `value`, as `var_dump` shows it.
pub fn repr(value: f64) -> Vec<u8> {
    to_string_precision(value, -1)
}

/// A float as `var_export` writes it: a finite one always has a fraction or exponent.
pub fn var_export(value: f64, precision: i32) -> Vec<u8> {
    let mut out = to_string_precision(value, precision);
    if value.is_finite() && !out.contains(&b'.') {
        out.extend_from_slice(b".0");
    }
    out
}

/// A finite float as `json_encode` writes it (`1.0e+25`).
pub fn json_float(value: f64, precision: i32) -> Vec<u8> {
    let mut out = Vec::with_capacity(24);
    write_general(&mut out, value, precision, b'e');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn echo(value: f64) -> String {
        String::from_utf8(to_string_precision(value, 14)).unwrap()
    }

    #[test]
    fn echoes_fourteen_digits() {
        assert_eq!(echo(1e15), "1.0E+15");
        assert_eq!(echo(1e14), "1.0E+14");
        assert_eq!(echo(123456789012345678.0), "1.2345678901235E+17");
        assert_eq!(echo(1e-5), "1.0E-5");
        assert_eq!(echo(0.0001), "0.0001");
        assert_eq!(echo(-0.0), "-0");
        assert_eq!(echo(0.1 + 0.2), "0.3");
        assert_eq!(echo(f64::NEG_INFINITY), "-INF");
        assert_eq!(echo(100000.0), "100000");
        assert_eq!(echo(123456789012305.0), "1.2345678901230E+14");
        assert_eq!(echo(123456789012301.0), "1.234567890123E+14");
    }

    #[test]
    fn shows_shortest() {
        assert_eq!(repr(1e15), b"1000000000000000");
        assert_eq!(repr(0.1 + 0.2), b"0.30000000000000004");
        assert_eq!(repr(1e22), b"1.0E+22");
        assert_eq!(var_export(1.0, -1), b"1.0");
        assert_eq!(var_export(-0.0, -1), b"-0.0");
        assert_eq!(var_export(1e100, -1), b"1.0E+100");
        assert_eq!(json_float(1e25, -1), b"1.0e+25");
    }
}

//! The float conversions of the printf family.

/// `%f`: fixed decimals of a finite magnitude.
pub(crate) fn fixed(magnitude: f64, precision: usize) -> String {
    format!("{magnitude:.precision$}")
}

/// `%e`: one digit, `precision` decimals and the shortest exponent with its sign.
pub(crate) fn exponential(magnitude: f64, precision: usize, letter: char) -> String {
    let text = format!("{magnitude:.precision$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    match exponent.strip_prefix('-') {
        Some(power) => format!("{mantissa}{letter}-{power}"),
        None => format!("{mantissa}{letter}+{exponent}"),
    }
}

/// `%g`: `precision` significant digits, or the shortest that read back.
pub(crate) fn general(magnitude: f64, precision: Option<usize>, letter: char) -> String {
    let (text, limit) = match precision {
        Some(n) => {
            let n = n.max(1);
            (format!("{magnitude:.*e}", n - 1), n as i32)
        }
        None => (format!("{magnitude:e}"), 17),
    };
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let mut digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let keeps_zeros = precision.is_some_and(|count| is_tie(magnitude, count.max(1)));
    while digits.len() > 1 && digits.ends_with('0') && !keeps_zeros {
        digits.pop();
    }
    let power: i32 = exponent.parse().unwrap_or(0);
    let point = power + 1;
    if point < -3 || point > limit {
        let rest = if digits.len() > 1 { &digits[1..] } else { "0" };
        let sign = if power < 0 { '-' } else { '+' };
        format!("{}.{rest}{letter}{sign}{}", &digits[..1], power.abs())
    } else if point <= 0 {
        format!("0.{}{digits}", "0".repeat(point.unsigned_abs() as usize))
    } else {
        let whole = point as usize;
        if digits.len() > whole {
            format!("{}.{}", &digits[..whole], &digits[whole..])
        } else {
            format!("{digits}{}", "0".repeat(whole - digits.len()))
        }
    }
}

/// Whether rounding to `count` digits has to decide a tie among small whole numbers; PHP
/// then leaves the zeros at the end of the digits.
fn is_tie(magnitude: f64, count: usize) -> bool {
    if count > 14 || magnitude >= 1e15 || magnitude.fract() != 0.0 {
        return false;
    }
    let digits = (magnitude as u64).to_string();
    let (kept, rest) = digits.split_at(count.min(digits.len()));
    kept.ends_with('0') && rest.starts_with('5') && rest[1..].bytes().all(|digit| digit == b'0')
}

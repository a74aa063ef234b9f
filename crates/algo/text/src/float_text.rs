//! The float conversions of the printf family.

/// `%f`: fixed decimals of a finite magnitude.
pub(crate) fn fixed(magnitude: f64, precision: usize) -> String {
    match scaled(magnitude, precision) {
        Some(number) => with_point(number, precision),
        None => format!("{magnitude:.precision$}"),
    }
}

/// Powers of ten, all of which a float holds exactly.
const POWERS: [f64; 16] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// The number times a power of ten, rounded; `None` where it is large, or half way between two.
fn scaled(magnitude: f64, precision: usize) -> Option<u64> {
    let power = *POWERS.get(precision)?;
    let product = magnitude * power;
    if product >= (1u64 << 50) as f64 {
        return None;
    }
    // What the rounded product lacks: less than the smallest step there is at this size.
    let lacks = magnitude.mul_add(power, -product);
    let whole = product as u64;
    let rest = product - whole as f64;
    if rest == 0.5 && lacks == 0.0 {
        return None;
    }
    let up = rest > 0.5 || (rest == 0.5 && lacks > 0.0);
    Some(whole + u64::from(up))
}

/// The digits of a number with a point before the last `precision` ones.
fn with_point(mut number: u64, precision: usize) -> String {
    let mut text = [b'0'; 40];
    let mut at = text.len();
    let mut count = 0;
    while number > 0 || count <= precision {
        if count == precision && precision > 0 {
            at -= 1;
            text[at] = b'.';
        }
        at -= 1;
        text[at] = b'0' + (number % 10) as u8;
        number /= 10;
        count += 1;
    }
    String::from_utf8_lossy(&text[at..]).into_owned()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixed_decimals_are_those_of_the_exact_value() {
        let mut seed = 12345u64;
        for n in 0..20_000 {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let number = match n % 4 {
                0 => (seed >> 40) as f64 / 1000.0,
                1 => (seed >> 20) as f64 / 65536.0,
                2 => f64::from_bits(seed >> 2),
                _ => (seed >> 50) as f64 + 0.005,
            };
            if number.is_finite() && number < 1e30 {
                let precision = (seed % 17) as usize;
                assert_eq!(fixed(number, precision), format!("{number:.precision$}"));
            }
        }
        assert_eq!(fixed(0.0, 0), "0");
        assert_eq!(fixed(1.5, 2), "1.50");
        assert_eq!(fixed(0.125, 2), format!("{:.2}", 0.125));
    }
}

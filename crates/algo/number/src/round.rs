//! `round()` with its eight modes.

/// How a value between two candidates is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoundingMode {
    /// `PHP_ROUND_HALF_UP`: ties away from zero.
    HalfAwayFromZero,
    /// `PHP_ROUND_HALF_DOWN`: ties towards zero.
    HalfTowardsZero,
    /// `PHP_ROUND_HALF_EVEN`.
    HalfEven,
    /// `PHP_ROUND_HALF_ODD`.
    HalfOdd,
    /// `RoundingMode::PositiveInfinity`.
    Ceiling,
    /// `RoundingMode::NegativeInfinity`.
    Floor,
    /// `RoundingMode::TowardsZero`.
    TowardsZero,
    /// `RoundingMode::AwayFromZero`.
    AwayFromZero,
}

impl RoundingMode {
    /// The mode of a `PHP_ROUND_*` constant.
    pub fn from_constant(value: i64) -> Option<Self> {
        Some(match value {
            1 => Self::HalfAwayFromZero,
            2 => Self::HalfTowardsZero,
            3 => Self::HalfEven,
            4 => Self::HalfOdd,
            5 => Self::Ceiling,
            6 => Self::Floor,
            7 => Self::TowardsZero,
            8 => Self::AwayFromZero,
            _ => return None,
        })
    }
}

fn power_of_ten(power: u32) -> f64 {
    if power <= 22 { 10i128.pow(power) as f64 } else { 10f64.powf(f64::from(power)) }
}

/// The value whose scaled form is `scaled`.
fn unscale(scaled: f64, exponent: f64, places: i32) -> f64 {
    if places > 0 { scaled / exponent } else { scaled * exponent }
}

/// `round($value, $places, $mode)` of a float.
pub fn round(value: f64, places: i64, mode: RoundingMode) -> f64 {
    if !value.is_finite() || value == 0.0 {
        return value;
    }
    let places = places.clamp(-i64::from(i32::MAX), i64::from(i32::MAX)) as i32;
    let exponent = power_of_ten(places.unsigned_abs());
    let scaled = if places >= 0 { value * exponent } else { value / exponent };
    // Beyond the precision of floats there is nothing left to round.
    if scaled.abs() >= 1e16 {
        return value;
    }
    let rounded = round_scaled(scaled, value, exponent, places, mode);
    if places.abs() < 23 {
        return unscale(rounded, exponent, places);
    }
    let text = format!("{rounded:.6}e{}", -places);
    match text.parse::<f64>() {
        Ok(result) if result.is_finite() => result,
        _ => value,
    }
}

/// Rounds `scaled`, deciding by the original value, for scaling is not exact.
fn round_scaled(scaled: f64, value: f64, exponent: f64, places: i32, mode: RoundingMode) -> f64 {
    let mut whole = scaled.trunc();
    // Scaling may have fallen just short of a value that has exactly these places.
    let next = whole + 1f64.copysign(value);
    if unscale(next, exponent, places) == value {
        whole = next;
    }
    let away = whole + 1f64.copysign(value);
    let exact = unscale(whole, exponent, places) == value;
    let half = unscale(whole + 0.5f64.copysign(value), exponent, places).abs();
    let magnitude = value.abs();
    let step = match mode {
        RoundingMode::HalfAwayFromZero => magnitude >= half,
        RoundingMode::HalfTowardsZero => magnitude > half,
        RoundingMode::HalfEven => magnitude > half || (magnitude == half && whole % 2.0 != 0.0),
        RoundingMode::HalfOdd => magnitude > half || (magnitude == half && whole % 2.0 == 0.0),
        RoundingMode::Ceiling => value > 0.0 && !exact,
        RoundingMode::Floor => value < 0.0 && !exact,
        RoundingMode::TowardsZero => false,
        RoundingMode::AwayFromZero => !exact,
    };
    if step { away } else { whole }
}

/// `round()` of an int with negative `places`, as a float; other places change nothing.
pub fn round_int(value: i64, places: i64, mode: RoundingMode) -> f64 {
    if places >= 0 { value as f64 } else { round(value as f64, places, mode) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn up(value: f64, places: i64) -> f64 {
        round(value, places, RoundingMode::HalfAwayFromZero)
    }

    #[test]
    fn half_away_from_zero() {
        assert_eq!(up(5.055, 2), 5.06);
        assert_eq!(up(1.955, 2), 1.96);
        assert_eq!(up(-5.5, 0), -6.0);
        assert_eq!(up(1234567.891, -3), 1235000.0);
        assert_eq!(up(0.285, 2), 0.29);
        assert_eq!(up(0.49999999999999994, 0), 0.0);
        assert_eq!(up(12345.0, -5), 0.0);
        assert_eq!(up(1e20, 2), 1e20);
    }

    #[test]
    fn modes() {
        assert_eq!(round(2.5, 0, RoundingMode::HalfEven), 2.0);
        assert_eq!(round(2.5, 0, RoundingMode::HalfOdd), 3.0);
        assert_eq!(round(-2.1, 0, RoundingMode::Floor), -3.0);
        assert_eq!(round(2.1, 0, RoundingMode::Ceiling), 3.0);
        assert_eq!(round(5.06, 2, RoundingMode::TowardsZero), 5.06);
    }
}

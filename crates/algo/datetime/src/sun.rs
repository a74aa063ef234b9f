//! When the sun rises, culminates and sets.

use crate::civil;
use crate::time::DateTime;

/// The course of the sun on a day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SunTimes {
    /// It stays below the altitude.
    Below {
        /// When it is highest.
        transit: i64,
    },
    /// It stays above the altitude.
    Above {
        /// When it is highest.
        transit: i64,
    },
    /// It rises and sets; the instants, and the same as hours of the day in UTC.
    Crosses {
        /// When it is highest.
        transit: i64,
        /// When it rises above the altitude.
        rise: i64,
        /// When it sets below the altitude.
        set: i64,
        /// The hour of the rise.
        rise_hour: f64,
        /// The hour of the set.
        set_hour: f64,
    },
}

/// The noon of 2000-01-01 in UTC.
const J2000: f64 = 946_728_000.0;

fn revolution(degrees: f64) -> f64 {
    degrees - 360.0 * (degrees / 360.0).floor()
}

fn half_revolution(degrees: f64) -> f64 {
    degrees - 360.0 * (degrees / 360.0 + 0.5).floor()
}

fn sin(degrees: f64) -> f64 {
    degrees.to_radians().sin()
}

fn cos(degrees: f64) -> f64 {
    degrees.to_radians().cos()
}

/// Right ascension, declination (degrees) and distance of the sun, `days` after J2000.
fn position(days: f64) -> (f64, f64, f64) {
    let anomaly = revolution(356.0470 + 0.985_600_258_5 * days);
    let perihelion = 282.9404 + 4.709_35e-5 * days;
    let eccentricity = 0.016_709 - 1.151e-9 * days;
    let eccentric =
        anomaly + eccentricity.to_degrees() * sin(anomaly) * (1.0 + eccentricity * cos(anomaly));
    let x = cos(eccentric) - eccentricity;
    let y = (1.0 - eccentricity * eccentricity).sqrt() * sin(eccentric);
    let distance = x.hypot(y);
    let longitude = y.atan2(x).to_degrees() + perihelion;

    let obliquity = 23.4393 - 3.563e-7 * days;
    let (x, y) = (distance * cos(longitude), distance * sin(longitude));
    let (y, z) = (y * cos(obliquity), y * sin(obliquity));
    (y.atan2(x).to_degrees(), z.atan2(x.hypot(y)).to_degrees(), distance)
}

/// The course of the sun on the day of `time` at a place, where `altitude` (degrees above the
/// horizon) is what its centre, or its upper limb, has to cross.
pub fn sun_times(
    time: &DateTime,
    longitude: f64,
    latitude: f64,
    altitude: f64,
    upper_limb: bool,
) -> SunTimes {
    let midnight = civil::epoch_seconds(time.year, time.month, time.day, 0, 0, 0);
    let days = (midnight as f64 - J2000) / 86_400.0 + 2.0 - longitude / 360.0;
    let mean_time =
        revolution(180.0 + 356.0470 + 282.9404 + (0.985_600_258_5 + 4.709_35e-5) * days);
    let sidereal = revolution(mean_time + 180.0 + longitude);
    let (ascension, declination, distance) = position(days);
    let south = 12.0 - half_revolution(sidereal - ascension) / 15.0;
    let radius = if upper_limb { 0.2666 / distance } else { 0.0 };
    let arc = (sin(altitude - radius) - sin(latitude) * sin(declination))
        / (cos(latitude) * cos(declination));
    let instant = |hours: f64| (midnight as f64 + hours * 3600.0) as i64;
    let transit = instant(south);
    if arc >= 1.0 {
        return SunTimes::Below { transit };
    }
    if arc <= -1.0 {
        return SunTimes::Above { transit };
    }
    let half_day = arc.acos().to_degrees() / 15.0;
    let (rise_hour, set_hour) = (south - half_day, south + half_day);
    SunTimes::Crosses {
        transit,
        rise: instant(rise_hour),
        set: instant(set_hour),
        rise_hour,
        set_hour,
    }
}

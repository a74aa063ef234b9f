//! Time zones: UTC offsets, abbreviations and identifiers of the IANA database.

mod abbreviations;
mod database;
mod local;
mod names;
mod posix;
mod text;
mod tzif;

use std::sync::Arc;

pub use abbreviations::{Abbreviation, abbreviations, lookup_abbreviation, name_from_abbreviation};
pub use database::{OffsetAt, Transition, ZoneInfo, database_version, find_zone};
pub use names::{Group, Location, identifiers, identifiers_of_country, location};
pub use text::{ZoneText, parse_zone_text};

pub(crate) use local::{LocalClock, offset_of_local};

/// A time zone, of one of PHP's three kinds.
#[derive(Clone, Debug)]
pub enum Zone {
    /// A UTC offset in seconds: `+02:00`.
    Offset(i32),
    /// An abbreviation: `EST`.
    Abbreviation(ZoneAbbreviation),
    /// An identifier: `Europe/Berlin`.
    Identifier(Arc<ZoneInfo>),
}

/// A zone given by its abbreviation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneAbbreviation {
    /// The name, in upper case.
    pub name: String,
    /// Seconds east of UTC without the hour of daylight saving time.
    pub standard_offset: i32,
    /// Whether it stands for daylight saving time.
    pub dst: bool,
}

impl Zone {
    /// The zone `UTC` as an identifier.
    pub fn utc() -> Self {
        find_zone(b"UTC").map_or(Self::Offset(0), Self::Identifier)
    }

    /// The zone of an identifier of the database; case does not matter.
    pub fn from_identifier(name: &[u8]) -> Option<Self> {
        find_zone(name).map(Self::Identifier)
    }

    /// Parses what `new DateTimeZone()` accepts: an offset, an abbreviation or an identifier.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let mut position = 0;
        let found = parse_zone_text(text, &mut position);
        found.zone.filter(|_| found.known && position == text.len())
    }

    /// PHP's number of the kind: 1 offset, 2 abbreviation, 3 identifier.
    pub fn kind(&self) -> u8 {
        match self {
            Self::Offset(_) => 1,
            Self::Abbreviation(_) => 2,
            Self::Identifier(_) => 3,
        }
    }

    /// The name, as `DateTimeZone::getName()` gives it.
    pub fn name(&self) -> String {
        match self {
            Self::Offset(offset) => format_offset(*offset),
            Self::Abbreviation(abbreviation) => abbreviation.name.clone(),
            Self::Identifier(info) => info.name.clone(),
        }
    }

    /// The offset at an instant.
    pub fn at(&self, timestamp: i64) -> OffsetAt {
        match self {
            Self::Offset(offset) => OffsetAt {
                offset: *offset,
                dst: false,
                abbreviation: format_offset(*offset),
                since: None,
            },
            Self::Abbreviation(zone) => OffsetAt {
                offset: self.offset_at(timestamp).0,
                dst: zone.dst,
                abbreviation: zone.name.clone(),
                since: None,
            },
            Self::Identifier(info) => info.at(timestamp),
        }
    }

    /// Seconds east of UTC at an instant, and whether that is daylight saving time.
    pub fn offset_at(&self, timestamp: i64) -> (i32, bool) {
        match self {
            Self::Offset(offset) => (*offset, false),
            Self::Abbreviation(zone) => {
                (zone.standard_offset + if zone.dst { 3600 } else { 0 }, zone.dst)
            }
            Self::Identifier(info) => {
                let (offset, dst, _) = info.offset_at(timestamp);
                (offset, dst)
            }
        }
    }

    /// Whether two zones are the same one for the purpose of counting days between dates.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Identifier(one), Self::Identifier(two)) => one.name == two.name,
            (Self::Offset(one), Self::Offset(two)) => one == two,
            (Self::Abbreviation(_), Self::Abbreviation(_)) => {
                self.offset_at(0).0 == other.offset_at(0).0
            }
            _ => false,
        }
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.kind() == other.kind() && self.name() == other.name()
    }
}

/// An offset as `+hh:mm`, with seconds where there are any.
pub fn format_offset(offset: i32) -> String {
    let sign = if offset < 0 { '-' } else { '+' };
    let amount = offset.unsigned_abs();
    let (hours, minutes, seconds) = (amount / 3600, amount / 60 % 60, amount % 60);
    match seconds {
        0 => format!("{sign}{hours:02}:{minutes:02}"),
        _ => format!("{sign}{hours:02}:{minutes:02}:{seconds:02}"),
    }
}

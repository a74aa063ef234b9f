//! Texts to dates and times.

mod actions;
mod automaton;
mod by_format;
mod cursor;
mod iso_interval;
mod patterns;
mod words;

use crate::zone::{Zone, ZoneAbbreviation, ZoneText};

pub use actions::parse;
pub use by_format::parse_by_format;
pub use iso_interval::{IsoIntervals, parse_iso_intervals};
pub(crate) use words::{DAY_NAMES, MONTH_NAMES};

/// A warning or error about a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// The offset in the text (without the blanks around it).
    pub position: usize,
    /// The byte there, 0 at the end.
    pub character: u8,
    /// What is wrong.
    pub text: &'static str,
}

/// Which day of a month a text asks for, after everything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EdgeOfMonth {
    /// `first day of`
    First,
    /// `last day of`
    Last,
}

/// A relative part that months or days alone cannot say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Special {
    /// A count of days from Monday to Friday.
    WorkingDays(i64),
    /// `first monday of`
    WeekdayOfMonth,
    /// `last monday of`
    LastWeekdayOfMonth,
}

/// A weekday to move to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RelativeWeekday {
    /// The day, 0 being Sunday; negative after `ago`.
    pub day: i64,
    /// 0 the current day does not count, 1 it does, 2 the day of the current week.
    pub behavior: i64,
}

/// The relative part of a text, or the amounts of an interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Relative {
    pub years: i64,
    pub months: i64,
    pub days: i64,
    pub hours: i64,
    pub minutes: i64,
    pub seconds: i64,
    pub micros: i64,
    pub weekday: Option<RelativeWeekday>,
    pub special: Option<Special>,
    pub edge_of_month: Option<EdgeOfMonth>,
}

/// What a text says; fields it does not mention are `None`.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct Parsed {
    pub year: Option<i64>,
    pub month: Option<i64>,
    pub day: Option<i64>,
    pub hour: Option<i64>,
    pub minute: Option<i64>,
    pub second: Option<i64>,
    pub micro: Option<i64>,
    /// Whether the text has a date.
    pub has_date: bool,
    /// Whether the text has a time of day.
    pub has_time: bool,
    /// How many time zones the text has; the first one counts.
    pub zones: u32,
    /// Whether a time zone was attempted, known or not.
    pub is_local: bool,
    /// The time zone.
    pub zone: Option<Zone>,
    /// The abbreviation the time zone was written with.
    pub zone_abbreviation: Option<String>,
    /// The relative part, when there is one.
    pub relative: Option<Relative>,
    pub warnings: Vec<Message>,
    pub errors: Vec<Message>,
}

impl Parsed {
    /// The relative part, made when there is none yet.
    pub(crate) fn relative_mut(&mut self) -> &mut Relative {
        self.relative.get_or_insert_default()
    }

    fn set_time(&mut self, hour: i64, minute: i64, second: i64, micro: i64) {
        self.hour = Some(hour);
        self.minute = Some(minute);
        self.second = Some(second);
        self.micro = Some(micro);
    }

    /// Takes a zone that was read; whether it is a known one.
    fn set_zone(&mut self, found: ZoneText) -> bool {
        self.is_local = true;
        self.zone_abbreviation = found.abbreviation;
        let known = found.known;
        self.zone = found.zone.or_else(|| match self.zone.take()? {
            // The kind of a zone seen before stays, without its offset.
            Zone::Offset(_) => Some(Zone::Offset(0)),
            Zone::Abbreviation(zone) => {
                Some(Zone::Abbreviation(ZoneAbbreviation { standard_offset: 0, ..zone }))
            }
            zone => Some(zone),
        });
        known
    }

    /// Warns of a date or a time of day that does not exist.
    fn check_existence(&mut self, position: usize, character: u8) {
        let mut warn = |text| self.warnings.push(Message { position, character, text });
        if let (true, Some(hour), Some(minute), Some(second)) =
            (self.has_time, self.hour, self.minute, self.second)
            && !crate::civil::is_valid_time(hour, minute, second)
        {
            warn("The parsed time was invalid");
        }
        let year_of = self.year.unwrap_or(UNSET);
        let month = self.month.unwrap_or(UNSET);
        if self.has_date && !crate::civil::is_valid_date(year_of, month, self.day.unwrap_or(UNSET))
        {
            warn("The parsed date was invalid");
        }
    }
}

/// Stands for a field that is not set where PHP checks it like any value.
const UNSET: i64 = -9_999_999;

//! Dates and times as PHP's date extension knows them, without the language around it: calendar,
//! time zones, parsing, formatting and intervals.
#![forbid(unsafe_code)]

pub mod civil;
mod diff;
mod format;
mod interval;
mod parse;
mod sun;
mod time;
pub mod zone;

pub use diff::diff;
pub use format::{constants, format, idate};
pub use interval::{Interval, format_interval};
pub use parse::{
    EdgeOfMonth, IsoIntervals, Message, Parsed, Relative, RelativeWeekday, Special, parse,
    parse_by_format, parse_iso_intervals,
};
pub use sun::{SunTimes, sun_times};
pub use time::{DateTime, Fill, full_year};
pub use zone::Zone;

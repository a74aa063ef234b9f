//! The words of the notations: units, months, ordinals.

/// What an amount counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Microseconds, by the factor.
    Micro(i64),
    Second,
    Minute,
    Hour,
    /// Days, by the factor.
    Day(i64),
    Month,
    Year,
    /// A day of the week, 0 being Sunday.
    Weekday(i64),
    /// Monday to Friday.
    WorkingDay,
}

/// The names of the days, from Sunday.
pub(crate) const DAY_NAMES: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// The names of the months.
pub(crate) const MONTH_NAMES: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const ROMAN: [&str; 12] =
    ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"];

const UNITS: &[(&str, Unit)] = &[
    ("ms", Unit::Micro(1000)),
    ("msec", Unit::Micro(1000)),
    ("msecs", Unit::Micro(1000)),
    ("millisecond", Unit::Micro(1000)),
    ("milliseconds", Unit::Micro(1000)),
    ("usec", Unit::Micro(1)),
    ("usecs", Unit::Micro(1)),
    ("microsecond", Unit::Micro(1)),
    ("microseconds", Unit::Micro(1)),
    ("µs", Unit::Micro(1)),
    ("µsec", Unit::Micro(1)),
    ("µsecs", Unit::Micro(1)),
    ("sec", Unit::Second),
    ("secs", Unit::Second),
    ("second", Unit::Second),
    ("seconds", Unit::Second),
    ("min", Unit::Minute),
    ("mins", Unit::Minute),
    ("minute", Unit::Minute),
    ("minutes", Unit::Minute),
    ("hour", Unit::Hour),
    ("hours", Unit::Hour),
    ("day", Unit::Day(1)),
    ("days", Unit::Day(1)),
    ("week", Unit::Day(7)),
    ("weeks", Unit::Day(7)),
    ("fortnight", Unit::Day(14)),
    ("fortnights", Unit::Day(14)),
    ("forthnight", Unit::Day(14)),
    ("forthnights", Unit::Day(14)),
    ("month", Unit::Month),
    ("months", Unit::Month),
    ("year", Unit::Year),
    ("years", Unit::Year),
    ("weekday", Unit::WorkingDay),
    ("weekdays", Unit::WorkingDay),
];

const ORDINALS: &[(&str, i64)] = &[
    ("first", 1),
    ("next", 1),
    ("second", 2),
    ("third", 3),
    ("fourth", 4),
    ("fifth", 5),
    ("sixth", 6),
    ("seventh", 7),
    ("eight", 8),
    ("eighth", 8),
    ("ninth", 9),
    ("tenth", 10),
    ("eleventh", 11),
    ("twelfth", 12),
    ("last", -1),
    ("previous", -1),
    ("this", 0),
];

fn is_word(word: &[u8], name: &str) -> bool {
    word.eq_ignore_ascii_case(name.as_bytes())
}

/// The unit a word names.
pub(super) fn unit(word: &[u8]) -> Option<Unit> {
    let listed = UNITS.iter().find(|(name, _)| is_word(word, name)).map(|(_, unit)| *unit);
    listed.or_else(|| weekday(word).map(Unit::Weekday))
}

/// The day of the week a word names in full, in plural or by three letters.
pub(super) fn weekday(word: &[u8]) -> Option<i64> {
    let found = DAY_NAMES.iter().position(|name| {
        is_word(word, name)
            || is_word(word, &name[..3])
            || word
                .split_last()
                .is_some_and(|(last, stem)| last.eq_ignore_ascii_case(&b's') && is_word(stem, name))
    });
    found.map(|index| index as i64)
}

/// The month (1 to 12) a word names in full, by its abbreviation or by its Roman number.
pub(super) fn month(word: &[u8]) -> Option<i64> {
    if is_word(word, "sept") {
        return Some(9);
    }
    let named =
        MONTH_NAMES.iter().position(|name| is_word(word, name) || is_word(word, &name[..3]));
    let found = named.or_else(|| ROMAN.iter().position(|name| is_word(word, name)));
    found.map(|index| index as i64 + 1)
}

/// The amount of an ordinal or of `next`, `last`, `previous`, `this`, and whether it is `this`.
pub(super) fn ordinal(word: &[u8]) -> Option<(i64, bool)> {
    let found = ORDINALS.iter().find(|(name, _)| is_word(word, name));
    found.map(|(name, amount)| (*amount, *name == "this"))
}

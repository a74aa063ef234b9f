//! Restrictions of values.

use super::QName;
use super::pattern::Pattern;
use std::cmp::Ordering;

/// A restriction of a simple type.
#[derive(Debug, Clone)]
pub(super) enum Facet {
    Length(Bound, usize),
    Range(Limit, String),
    TotalDigits(usize),
    FractionDigits(usize),
    /// Those of one step: one of them must match.
    Patterns(Vec<Pattern>),
    /// Those of one step.
    Enumeration(Vec<Vec<u8>>),
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Bound {
    Exactly,
    Least,
    Most,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Limit {
    MinInclusive,
    MinExclusive,
    MaxInclusive,
    MaxExclusive,
}

/// Compares two numbers as written; None: one is none (`NaN`).
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    if let (Ok(a), Ok(b)) = (whole(a), whole(b)) {
        return Some(a.cmp(&b));
    }
    number(a)?.partial_cmp(&number(b)?)
}

fn whole(text: &str) -> Result<i128, std::num::ParseIntError> {
    text.strip_prefix('+').unwrap_or(text).parse()
}

fn number(text: &str) -> Option<f64> {
    match text {
        "INF" => Some(f64::INFINITY),
        "-INF" => Some(f64::NEG_INFINITY),
        "NaN" => None,
        _ => text.parse().ok(),
    }
}

impl Facet {
    /// What is wrong with the value: code and text. `same` says if two values mean the same.
    pub(super) fn check(
        &self,
        value: &[u8],
        length: usize,
        same: &dyn Fn(&[u8], &[u8]) -> bool,
    ) -> Option<(i64, String)> {
        let shown = String::from_utf8_lossy(value);
        match self {
            Facet::Length(bound, limit) => {
                let (fails, code, name, text) = match bound {
                    Bound::Exactly => (
                        length != *limit,
                        1830,
                        "length",
                        "this differs from the allowed length of",
                    ),
                    Bound::Least => (
                        length < *limit,
                        1831,
                        "minLength",
                        "this underruns the allowed minimum length of",
                    ),
                    Bound::Most => (
                        length > *limit,
                        1832,
                        "maxLength",
                        "this exceeds the allowed maximum length of",
                    ),
                };
                fails.then(|| {
                    let text = format!(
                        "[facet '{name}'] The value '{shown}' has a length of '{length}'; {text} '{limit}'."
                    );
                    (code, text)
                })
            }
            Facet::Range(limit, bound) => {
                let order = compare(&shown, bound)?;
                let (fits, code, name, text) = match limit {
                    Limit::MinInclusive => (
                        order.is_ge(),
                        1833,
                        "minInclusive",
                        format!("is less than the minimum value allowed ('{bound}')"),
                    ),
                    Limit::MaxInclusive => (
                        order.is_le(),
                        1834,
                        "maxInclusive",
                        format!("is greater than the maximum value allowed ('{bound}')"),
                    ),
                    Limit::MinExclusive => (
                        order.is_gt(),
                        1835,
                        "minExclusive",
                        format!("must be greater than '{bound}'"),
                    ),
                    Limit::MaxExclusive => (
                        order.is_lt(),
                        1836,
                        "maxExclusive",
                        format!("must be less than '{bound}'"),
                    ),
                };
                (!fits).then(|| (code, format!("[facet '{name}'] The value '{shown}' {text}.")))
            }
            Facet::TotalDigits(most) => {
                let digits = shown.trim_start_matches(['+', '-', '0']).bytes();
                let count = digits.filter(u8::is_ascii_digit).count();
                (count > *most).then(|| {
                    let text = format!(
                        "[facet 'totalDigits'] The value '{shown}' has more digits than are allowed ('{most}')."
                    );
                    (1837, text)
                })
            }
            Facet::FractionDigits(most) => {
                let count = shown.split_once('.').map_or(0, |(_, f)| f.trim_end_matches('0').len());
                (count > *most).then(|| {
                    let text = format!(
                        "[facet 'fractionDigits'] The value '{shown}' has more fractional digits than are allowed ('{most}')."
                    );
                    (1838, text)
                })
            }
            Facet::Patterns(patterns) => {
                if patterns.iter().any(|p| p.matches(&shown)) {
                    return None;
                }
                let text = format!(
                    "[facet 'pattern'] The value '{shown}' is not accepted by the pattern '{}'.",
                    patterns.last().map_or("", Pattern::text)
                );
                Some((1839, text))
            }
            Facet::Enumeration(values) => {
                if values.iter().any(|v| same(v, value)) {
                    return None;
                }
                let list: Vec<String> =
                    values.iter().map(|v| format!("'{}'", String::from_utf8_lossy(v))).collect();
                let text = format!(
                    "[facet 'enumeration'] The value '{shown}' is not an element of the set {{{}}}.",
                    list.join(", ")
                );
                Some((1840, text))
            }
        }
    }

    /// The order in which they are asked: patterns and enumerations last.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Facet::Patterns(_) => 1,
            Facet::Enumeration(_) => 2,
            _ => 0,
        }
    }
}

/// Why a value does not belong to a type.
pub(super) struct Misfit {
    pub(super) code: i64,
    pub(super) text: String,
}

impl Misfit {
    pub(super) fn of_type(kind: &str, code: i64, name: Option<&QName>, value: &[u8]) -> Misfit {
        let shown = String::from_utf8_lossy(value);
        let text = match name {
            Some(name) => {
                format!(
                    "'{shown}' is not a valid value of the {kind} type '{}'.",
                    name.type_shown()
                )
            }
            None => format!("'{shown}' is not a valid value of the local {kind} type."),
        };
        Misfit { code, text }
    }
}

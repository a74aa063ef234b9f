//! Values of simple types.

use super::facets::{Misfit, compare};
use super::{Schema, SimpleType, Space, TypeId, TypeKind, Variety};
use crate::chars;
use std::borrow::Cow;
use std::cmp::Ordering;

/// The builtin types with the type each restricts.
pub(super) const BUILTIN: &[(&str, &str)] = &[
    ("anySimpleType", ""),
    ("string", "anySimpleType"),
    ("normalizedString", "string"),
    ("token", "normalizedString"),
    ("language", "token"),
    ("NMTOKEN", "token"),
    ("Name", "token"),
    ("NCName", "Name"),
    ("ID", "NCName"),
    ("IDREF", "NCName"),
    ("ENTITY", "NCName"),
    ("boolean", "anySimpleType"),
    ("decimal", "anySimpleType"),
    ("integer", "decimal"),
    ("nonPositiveInteger", "integer"),
    ("negativeInteger", "nonPositiveInteger"),
    ("long", "integer"),
    ("int", "long"),
    ("short", "int"),
    ("byte", "short"),
    ("nonNegativeInteger", "integer"),
    ("unsignedLong", "nonNegativeInteger"),
    ("unsignedInt", "unsignedLong"),
    ("unsignedShort", "unsignedInt"),
    ("unsignedByte", "unsignedShort"),
    ("positiveInteger", "nonNegativeInteger"),
    ("float", "anySimpleType"),
    ("double", "anySimpleType"),
    ("anyURI", "anySimpleType"),
    ("QName", "anySimpleType"),
    ("NOTATION", "anySimpleType"),
    ("hexBinary", "anySimpleType"),
    ("base64Binary", "anySimpleType"),
    ("duration", "anySimpleType"),
    ("dateTime", "anySimpleType"),
    ("date", "anySimpleType"),
    ("time", "anySimpleType"),
    ("gYear", "anySimpleType"),
    ("gYearMonth", "anySimpleType"),
    ("gMonth", "anySimpleType"),
    ("gMonthDay", "anySimpleType"),
    ("gDay", "anySimpleType"),
];

/// The builtin lists with the type of their items.
pub(super) const BUILTIN_LISTS: &[(&str, &str)] =
    &[("NMTOKENS", "NMTOKEN"), ("IDREFS", "IDREF"), ("ENTITIES", "ENTITY")];

/// What white space means in a builtin type.
pub(super) fn space_of(name: &str) -> Space {
    match name {
        "string" | "anySimpleType" => Space::Preserve,
        "normalizedString" => Space::Replace,
        _ => Space::Collapse,
    }
}

/// Are its values numbers, so that they have an order here?
pub(super) fn is_number(name: &str) -> bool {
    name == "decimal" || name == "float" || name == "double" || is_integer(name)
}

fn is_integer(name: &str) -> bool {
    let mut at = name;
    while at != "integer" {
        match BUILTIN.iter().find(|(n, _)| *n == at) {
            Some((_, base)) => at = base,
            None => return false,
        }
    }
    true
}

/// Does the text (with its space dealt with) belong to the builtin type?
fn belongs(name: &str, value: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(value) else { return false };
    match name {
        "anySimpleType" | "string" | "normalizedString" | "token" => true,
        "language" => {
            let mut parts = text.split('-');
            let good = |p: &str| (1..=8).contains(&p.len());
            parts.next().is_some_and(|p| good(p) && p.bytes().all(|b| b.is_ascii_alphabetic()))
                && parts.all(|p| good(p) && p.bytes().all(|b| b.is_ascii_alphanumeric()))
        }
        "NMTOKEN" => !value.is_empty() && chars::is_name(&[b"_", value].concat()),
        "Name" => chars::is_name(value),
        "NCName" | "ID" | "IDREF" | "ENTITY" => chars::is_name(value) && !value.contains(&b':'),
        "QName" | "NOTATION" => {
            text.split(':').count() <= 2 && text.split(':').all(|p| chars::is_name(p.as_bytes()))
        }
        "boolean" => matches!(text, "true" | "false" | "1" | "0"),
        "decimal" => is_decimal(text),
        "float" | "double" => is_float(text),
        "anyURI" => is_uri(text),
        "hexBinary" => value.len().is_multiple_of(2) && value.iter().all(u8::is_ascii_hexdigit),
        "base64Binary" => {
            let digits: Vec<u8> = value.iter().copied().filter(|b| *b != b' ').collect();
            let body = digits.strip_suffix(b"==").or(digits.strip_suffix(b"=")).unwrap_or(&digits);
            digits.len().is_multiple_of(4)
                && body.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'))
        }
        "duration" => is_duration(text),
        "dateTime" | "date" | "time" | "gYear" | "gYearMonth" | "gMonth" | "gMonthDay" | "gDay" => {
            is_date(name, text)
        }
        _ => is_integer_of(name, text),
    }
}

fn is_decimal(text: &str) -> bool {
    let body = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = body.split_once('.').unwrap_or((body, ""));
    !(whole.is_empty() && fraction.is_empty())
        && whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit())
}

fn is_float(text: &str) -> bool {
    if matches!(text, "INF" | "-INF" | "NaN") {
        return true;
    }
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    is_decimal(mantissa) && !exponent.is_empty() && exponent.bytes().all(|b| b.is_ascii_digit())
}

fn is_integer_of(name: &str, text: &str) -> bool {
    let body = text.strip_prefix(['+', '-']).unwrap_or(text);
    if body.is_empty() || !body.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let (least, most) = match name {
        "nonPositiveInteger" => (None, Some("0")),
        "negativeInteger" => (None, Some("-1")),
        "nonNegativeInteger" => (Some("0"), None),
        "positiveInteger" => (Some("1"), None),
        "long" => (Some("-9223372036854775808"), Some("9223372036854775807")),
        "int" => (Some("-2147483648"), Some("2147483647")),
        "short" => (Some("-32768"), Some("32767")),
        "byte" => (Some("-128"), Some("127")),
        "unsignedLong" => (Some("0"), Some("18446744073709551615")),
        "unsignedInt" => (Some("0"), Some("4294967295")),
        "unsignedShort" => (Some("0"), Some("65535")),
        "unsignedByte" => (Some("0"), Some("255")),
        _ => (None, None),
    };
    least.is_none_or(|l| compare(text, l) != Some(Ordering::Less))
        && most.is_none_or(|m| compare(text, m) != Some(Ordering::Greater))
}

/// As far as a URI reference can be wrong.
fn is_uri(text: &str) -> bool {
    let bytes = text.as_bytes();
    let scheme = text.find([':', '/', '?', '#']).filter(|&at| bytes[at] == b':');
    if let Some(at) = scheme {
        let name = &bytes[..at];
        let good = name.first().is_some_and(u8::is_ascii_alphabetic)
            && name.iter().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(b));
        if !good {
            return false;
        }
    }
    let escapes = text.split('%').skip(1);
    escapes.into_iter().all(|rest| {
        let rest = rest.as_bytes();
        rest.len() >= 2 && rest[..2].iter().all(u8::is_ascii_hexdigit)
    }) && text.matches('#').count() <= 1
}

fn is_duration(text: &str) -> bool {
    let body = text.strip_prefix('-').unwrap_or(text);
    let Some(body) = body.strip_prefix('P') else { return false };
    let (date, time) = match body.split_once('T') {
        Some((date, time)) if !time.is_empty() => (date, time),
        Some(_) => return false,
        None => (body, ""),
    };
    let part = |mut text: &str, letters: &str| {
        for letter in letters.chars() {
            let digits = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
            let number = &text[..text.len() - digits.len()];
            if let Some(rest) = digits.strip_prefix(letter) {
                if number.is_empty() || (letter != 'S' && number.contains('.')) {
                    return false;
                }
                text = rest;
            }
        }
        text.is_empty()
    };
    !body.is_empty() && part(date, "YMD") && part(time, "HMS")
}

fn is_date(name: &str, text: &str) -> bool {
    let zone = text.strip_suffix('Z').or_else(|| {
        let at = text.len().checked_sub(6)?;
        let (rest, zone) = (text.get(..at)?, text.get(at..)?.as_bytes());
        let good = matches!(zone[0], b'+' | b'-')
            && zone[3] == b':'
            && [1, 2, 4, 5].iter().all(|&n| zone[n].is_ascii_digit());
        good.then_some(rest)
    });
    let text = zone.unwrap_or(text);
    let two = |t: &str, least: u32, most: u32| {
        t.len() == 2 && t.parse::<u32>().is_ok_and(|n| (least..=most).contains(&n))
    };
    let year = |t: &str| {
        let t = t.strip_prefix('-').unwrap_or(t);
        t.len() >= 4 && t.bytes().all(|b| b.is_ascii_digit())
    };
    let day = |year_text: &str, month: &str, d: &str| {
        let year: i64 = year_text.parse().unwrap_or(2000);
        let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        let most = match month {
            "02" => 28 + u32::from(leap),
            "04" | "06" | "09" | "11" => 30,
            _ => 31,
        };
        two(month, 1, 12) && two(d, 1, most)
    };
    let full = |t: &str| {
        let mut parts = t.rsplitn(3, '-');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(d), Some(m), Some(y)) => year(y) && day(y, m, d),
            _ => false,
        }
    };
    let time = |t: &str| {
        let (t, fraction) = t.split_once('.').unwrap_or((t, "0"));
        let parts: Vec<&str> = t.split(':').collect();
        let fraction = !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit());
        matches!(&parts[..], [h, m, s] if two(h, 0, 24) && two(m, 0, 59) && two(s, 0, 59))
            && fraction
    };
    match name {
        "date" => full(text),
        "time" => time(text),
        "dateTime" => text.split_once('T').is_some_and(|(d, t)| full(d) && time(t)),
        "gYear" => year(text),
        "gYearMonth" => text.rsplit_once('-').is_some_and(|(y, m)| year(y) && two(m, 1, 12)),
        "gMonth" => text.strip_prefix("--").is_some_and(|m| two(m.trim_end_matches("--"), 1, 12)),
        "gMonthDay" => text
            .strip_prefix("--")
            .and_then(|t| t.split_once('-'))
            .is_some_and(|(m, d)| day("2000", m, d)),
        _ => text.strip_prefix("---").is_some_and(|d| two(d, 1, 31)),
    }
}

/// The value with its white space dealt with.
pub(super) fn spaced(space: Space, value: &[u8]) -> Cow<'_, [u8]> {
    let is_space = |b: &u8| matches!(b, b' ' | b'\t' | b'\r' | b'\n');
    match space {
        Space::Preserve => Cow::Borrowed(value),
        Space::Replace => {
            value.iter().map(|b| if is_space(b) { b' ' } else { *b }).collect::<Vec<u8>>().into()
        }
        Space::Collapse => {
            let words: Vec<&[u8]> = value.split(is_space).filter(|w| !w.is_empty()).collect();
            words.join(&b' ').into()
        }
    }
}

impl Schema {
    /// Why the value does not belong to the type.
    pub(super) fn misfit(&self, id: TypeId, value: &[u8]) -> Option<Misfit> {
        let kind = &self.types[id];
        let TypeKind::Simple(simple) = &kind.kind else { return None };
        let value = &*spaced(simple.space, value);
        let name = kind.name.as_ref();
        let (fits, length) = match &simple.variety {
            Variety::Atomic(builtin) => {
                let length = match *builtin {
                    "hexBinary" => value.len() / 2,
                    "base64Binary" => {
                        let digits = value
                            .iter()
                            .filter(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'))
                            .count();
                        digits * 3 / 4
                    }
                    _ => String::from_utf8_lossy(value).chars().count(),
                };
                (belongs(builtin, value), length)
            }
            Variety::List(item) => {
                let items: Vec<&[u8]> =
                    value.split(|b| *b == b' ').filter(|w| !w.is_empty()).collect();
                (items.iter().all(|i| self.misfit(*item, i).is_none()), items.len())
            }
            Variety::Union(members) => {
                (members.iter().any(|m| self.misfit(*m, value).is_none()), 0)
            }
        };
        if !fits {
            let (kind, code) = match simple.variety {
                Variety::Atomic(_) => ("atomic", 1824),
                Variety::List(_) => ("list", 1825),
                Variety::Union(_) => ("union", 1826),
            };
            return Some(Misfit::of_type(kind, code, name, value));
        }
        let same = |a: &[u8], b: &[u8]| self.same(simple, a, b);
        (0..3)
            .flat_map(|rank| simple.facets.iter().filter(move |f| f.rank() == rank))
            .find_map(|facet| facet.check(value, length, &same))
            .map(|(code, text)| Misfit { code, text })
    }

    /// Do both texts mean the same value?
    pub(super) fn same(&self, simple: &SimpleType, a: &[u8], b: &[u8]) -> bool {
        let (a, b) = (spaced(simple.space, a), spaced(simple.space, b));
        match simple.variety {
            Variety::Atomic(name) if is_number(name) => {
                let text = |v: &[u8]| String::from_utf8_lossy(v).into_owned();
                a == b || compare(&text(&a), &text(&b)) == Some(Ordering::Equal)
            }
            Variety::Atomic("boolean") => {
                let truth = |v: &[u8]| matches!(v, b"true" | b"1");
                truth(&a) == truth(&b)
            }
            _ => a == b,
        }
    }
}

//! `version_compare()`.

use std::cmp::Ordering;

/// Puts dots around the runs of digits and of letters.
fn canonical(version: &[u8]) -> Vec<u8> {
    let is_separator = |byte: u8| matches!(byte, b'-' | b'_' | b'+');
    let Some((&first, rest)) = version.split_first() else {
        return Vec::new();
    };
    let mut out = vec![first];
    let mut previous = first;
    for &byte in rest {
        let dotted = out.last() == Some(&b'.');
        let digit = byte.is_ascii_digit();
        let was_digit = previous.is_ascii_digit();
        let was_word = !was_digit && previous != b'.';
        if is_separator(byte) {
            if !dotted {
                out.push(b'.');
            }
        } else if (was_word && digit) || (was_digit && !digit && byte != b'.') {
            if !dotted {
                out.push(b'.');
            }
            out.push(byte);
        } else if !byte.is_ascii_alphanumeric() {
            if !dotted {
                out.push(b'.');
            }
        } else {
            out.push(byte);
        }
        previous = byte;
    }
    if out.last() == Some(&b'.') {
        out.pop();
    }
    out
}

/// Where a word stands in the order of releases; `#` stands for any number.
fn rank(form: &[u8]) -> i32 {
    const FORMS: [(&[u8], i32); 10] = [
        (b"dev", 0),
        (b"alpha", 1),
        (b"a", 1),
        (b"beta", 2),
        (b"b", 2),
        (b"RC", 3),
        (b"rc", 3),
        (b"#", 4),
        (b"pl", 5),
        (b"p", 5),
    ];
    FORMS.iter().find(|(name, _)| form.starts_with(name)).map_or(-1, |(_, rank)| *rank)
}

/// Stands for any number.
const NUMBER: &[u8] = b"#N#";

fn starts_with_digit(part: &[u8]) -> bool {
    part.first().is_some_and(u8::is_ascii_digit)
}

fn number(part: &[u8]) -> u128 {
    part.iter().take_while(|b| b.is_ascii_digit()).fold(0u128, |value, digit| {
        value.saturating_mul(10).saturating_add(u128::from(digit - b'0'))
    })
}

/// `version_compare($a, $b)`.
pub fn version_compare(a: &[u8], b: &[u8]) -> Ordering {
    if a.is_empty() || b.is_empty() {
        return a.len().min(1).cmp(&b.len().min(1));
    }
    let prepare = |version: &[u8]| {
        if version[0] == b'#' { version.to_vec() } else { canonical(version) }
    };
    let (a, b) = (prepare(a), prepare(b));
    // What is left of each, `None` once its last part was compared.
    let (mut left, mut right) = (Some(&a[..]), Some(&b[..]));
    while let (Some(x), Some(y)) = (left, right)
        && !x.is_empty()
        && !y.is_empty()
    {
        let (part_x, rest_x) = split(x);
        let (part_y, rest_y) = split(y);
        let order = match (starts_with_digit(part_x), starts_with_digit(part_y)) {
            (true, true) => number(part_x).cmp(&number(part_y)),
            (false, false) => rank(part_x).cmp(&rank(part_y)),
            (true, false) => rank(NUMBER).cmp(&rank(part_y)),
            (false, true) => rank(part_x).cmp(&rank(NUMBER)),
        };
        if order.is_ne() {
            return order;
        }
        (left, right) = (rest_x, rest_y);
    }
    match (left, right) {
        (Some(rest), _) => compare_rest(rest),
        (None, Some(rest)) => compare_rest(rest).reverse(),
        (None, None) => Ordering::Equal,
    }
}

fn split(version: &[u8]) -> (&[u8], Option<&[u8]>) {
    match version.iter().position(|b| *b == b'.') {
        Some(at) => (&version[..at], Some(&version[at + 1..])),
        None => (version, None),
    }
}

/// How a version with more parts compares with one without them.
fn compare_rest(rest: &[u8]) -> Ordering {
    if starts_with_digit(rest) { Ordering::Greater } else { version_compare(rest, NUMBER) }
}

/// Applies an operator of `version_compare()`; `None` for an unknown one.
pub fn version_holds(order: Ordering, operator: &[u8]) -> Option<bool> {
    Some(match operator {
        b"<" | b"lt" => order.is_lt(),
        b"<=" | b"le" => order.is_le(),
        b">" | b"gt" => order.is_gt(),
        b">=" | b"ge" => order.is_ge(),
        b"=" | b"==" | b"eq" => order.is_eq(),
        b"!=" | b"<>" | b"ne" => order.is_ne(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders() {
        for (a, b, order) in [
            ("5.2", "5.10", Ordering::Less),
            ("1.0rc1", "1.0RC1", Ordering::Equal),
            ("1.0-dev", "1.0", Ordering::Less),
            ("1.0pl1", "1.0", Ordering::Greater),
            ("1.0.0", "1.0", Ordering::Greater),
            ("", "1", Ordering::Less),
            ("1.0b2", "1.0alpha3", Ordering::Greater),
        ] {
            assert_eq!(version_compare(a.as_bytes(), b.as_bytes()), order, "{a} {b}");
        }
        assert_eq!(version_holds(Ordering::Less, b"ne"), Some(true));
        assert_eq!(version_holds(Ordering::Less, b"x"), None);
    }
}

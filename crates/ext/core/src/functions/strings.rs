//! `strlen` and the comparisons of bytes.

use outlast_value::PhpString;
use outlast_vm::{Cx, Ret};
use std::cmp::Ordering;

pub(super) fn strlen(_cx: &mut Cx, string: &PhpString) -> Ret<usize> {
    Ok(string.len())
}

pub(super) fn strcmp(_cx: &mut Cx, a: &PhpString, b: &PhpString) -> Ret<i64> {
    Ok(sign(a.as_bytes().cmp(b.as_bytes())))
}

pub(super) fn strncmp(cx: &mut Cx, a: &PhpString, b: &PhpString, length: i64) -> Ret<i64> {
    let length = checked_length(cx, length)?;
    Ok(sign(head(a, length).cmp(head(b, length))))
}

pub(super) fn strcasecmp(_cx: &mut Cx, a: &PhpString, b: &PhpString) -> Ret<i64> {
    Ok(compare_ignoring_case(a, b))
}

pub(super) fn strncasecmp(cx: &mut Cx, a: &PhpString, b: &PhpString, length: i64) -> Ret<i64> {
    let length = checked_length(cx, length)?;
    Ok(compare_ignoring_case(head(a, length), head(b, length)))
}

fn checked_length(cx: &mut Cx, length: i64) -> Ret<usize> {
    match usize::try_from(length) {
        Ok(length) => Ok(length),
        Err(_) => Err(cx.arg_value_error(3, "must be greater than or equal to 0")),
    }
}

fn head(s: &[u8], length: usize) -> &[u8] {
    &s[..length.min(s.len())]
}

fn sign(order: Ordering) -> i64 {
    order as i64
}

/// The difference of the first bytes that differ, else whether one is longer.
fn compare_ignoring_case(a: &[u8], b: &[u8]) -> i64 {
    for (x, y) in a.iter().zip(b) {
        let (x, y) = (x.to_ascii_lowercase(), y.to_ascii_lowercase());
        if x != y {
            return i64::from(x) - i64::from(y);
        }
    }
    sign(a.len().cmp(&b.len()))
}

#[cfg(test)]
mod tests {
    use super::compare_ignoring_case;

    #[test]
    fn case_is_ignored_and_the_distance_told() {
        assert_eq!(compare_ignoring_case(b"ABC", b"abc"), 0);
        assert_eq!(compare_ignoring_case(b"a", b"C"), -2);
        assert_eq!(compare_ignoring_case(b"ABC", b"ab"), 1);
    }
}

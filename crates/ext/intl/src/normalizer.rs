//! `Normalizer`: the normal forms of Unicode (UAX #15).

use crate::error::{self, ILLEGAL_ARGUMENT, INVALID_CHAR};
use outlast_value::PhpString;
use outlast_vm::{Cx, OrFalse, Ret};
use unicode_normalization::char::{compose, decompose_canonical};
use unicode_normalization::{UnicodeNormalization, is_nfc, is_nfd, is_nfkc, is_nfkd};

const NOT_UTF8: &str = "Error converting input string to UTF-16";

/// A normal form by the number of its constant.
#[derive(Clone, Copy)]
enum Form {
    D,
    KD,
    C,
    KC,
}

fn form(cx: &mut Cx, number: i64) -> Ret<Form> {
    match number {
        4 => Ok(Form::D),
        8 => Ok(Form::KD),
        16 => Ok(Form::C),
        32 => Ok(Form::KC),
        _ => Err(cx.arg_value_error(2, "must be a a valid normalization form")),
    }
}

pub(crate) fn normalizer_normalize(
    cx: &mut Cx,
    string: &PhpString,
    number: i64,
) -> Ret<OrFalse<String>> {
    error::reset(cx);
    let form = form(cx, number)?;
    let Ok(text) = std::str::from_utf8(string) else {
        error::set(cx, INVALID_CHAR, NOT_UTF8);
        return Ok(OrFalse(None));
    };
    Ok(OrFalse(Some(match form {
        Form::D => text.nfd().collect(),
        Form::KD => text.nfkd().collect(),
        Form::C => text.nfc().collect(),
        Form::KC => text.nfkc().collect(),
    })))
}

pub(crate) fn normalizer_is_normalized(cx: &mut Cx, string: &PhpString, number: i64) -> Ret<bool> {
    error::reset(cx);
    let form = form(cx, number)?;
    let Ok(text) = std::str::from_utf8(string) else {
        error::set(cx, INVALID_CHAR, "Error converting string to UTF-16.");
        return Ok(false);
    };
    Ok(match form {
        Form::D => is_nfd(text),
        Form::KD => is_nfkd(text),
        Form::C => is_nfc(text),
        Form::KC => is_nfkc(text),
    })
}

/// One step of the decomposition of a character: into the last mark and what it stands on.
fn one_step(whole: char, form: Form) -> Option<String> {
    let mut parts = Vec::new();
    decompose_canonical(whole, |part| parts.push(part));
    if let (Some((&last, rest)), true) = (parts.split_last(), parts.len() > 1) {
        let mut base = Some(rest[0]);
        for &mark in &rest[1..] {
            base = base.and_then(|base| compose(base, mark));
        }
        if let Some(base) = base {
            return Some([base, last].iter().collect());
        }
        return Some(parts.iter().collect());
    }
    if parts != [whole] {
        return Some(parts.iter().collect());
    }
    if matches!(form, Form::KD | Form::KC) {
        let compatible: String = std::iter::once(whole).nfkd().collect();
        return (!compatible.chars().eq([whole])).then_some(compatible);
    }
    None
}

pub(crate) fn normalizer_get_raw_decomposition(
    cx: &mut Cx,
    string: &PhpString,
    number: i64,
) -> Ret<Option<String>> {
    error::reset(cx);
    let form = form(cx, number)?;
    let mut chars = std::str::from_utf8(string).unwrap_or_default().chars();
    match (chars.next(), chars.next()) {
        (Some(whole), None) => Ok(one_step(whole, form)),
        _ => {
            let text = "Input string must be exactly one UTF-8 encoded code point long.";
            error::set(cx, ILLEGAL_ARGUMENT, text);
            Ok(None)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decomposition_takes_one_step() {
        assert_eq!(one_step('é', Form::C).as_deref(), Some("e\u{301}"));
        assert_eq!(one_step('ǖ', Form::C).as_deref(), Some("ü\u{304}"));
        assert_eq!(one_step('ﬁ', Form::KC).as_deref(), Some("fi"));
        assert_eq!(one_step('ﬁ', Form::C), None);
        assert_eq!(one_step('a', Form::C), None);
    }
}

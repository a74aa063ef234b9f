//! Comparing strings, and how alike they are.

use super::assign;
use outlast_text::{metaphone as phonemes, natural, similarity, version};
use outlast_value::{PhpString, Reference, Value};
use outlast_vm::{Cx, Ret};

pub fn strcoll(_cx: &mut Cx, a: &PhpString, b: &PhpString) -> Ret<i64> {
    // In the C locale strings collate by their bytes, up to a NUL.
    let until_nul = |s: &PhpString| s.split(|b| *b == 0).next().unwrap_or_default().to_vec();
    Ok(until_nul(a).cmp(&until_nul(b)) as i64)
}

pub fn strnatcmp(_cx: &mut Cx, a: &PhpString, b: &PhpString) -> Ret<i64> {
    Ok(natural::natural_compare(a, b, false) as i64)
}

pub fn strnatcasecmp(_cx: &mut Cx, a: &PhpString, b: &PhpString) -> Ret<i64> {
    Ok(natural::natural_compare(a, b, true) as i64)
}

pub fn similar_text(
    cx: &mut Cx,
    a: &PhpString,
    b: &PhpString,
    percent: Option<&Reference>,
) -> Ret<usize> {
    let similarity = similarity::similar_text(a, b);
    if let Some(percent) = percent {
        let share = similarity::similar_percent(similarity, a.len(), b.len());
        assign(cx, percent, Value::Float(share))?;
    }
    Ok(similarity)
}

pub fn levenshtein(
    _cx: &mut Cx,
    a: &PhpString,
    b: &PhpString,
    insertion: i64,
    replacement: i64,
    deletion: i64,
) -> Ret<i64> {
    Ok(similarity::levenshtein(a, b, insertion, replacement, deletion))
}

pub fn soundex(_cx: &mut Cx, text: &PhpString) -> Ret<Vec<u8>> {
    Ok(similarity::soundex(text))
}

pub fn metaphone(cx: &mut Cx, text: &PhpString, most: i64) -> Ret<Vec<u8>> {
    let Ok(most) = usize::try_from(most) else {
        return Err(cx.arg_value_error(2, "must be greater than or equal to 0"));
    };
    Ok(phonemes::metaphone(text, most))
}

pub fn version_compare(
    cx: &mut Cx,
    a: &PhpString,
    b: &PhpString,
    operator: Option<&PhpString>,
) -> Ret<Value> {
    let order = version::version_compare(a, b);
    let Some(operator) = operator else {
        return Ok(Value::Int(order as i64));
    };
    match version::version_holds(order, operator) {
        Some(holds) => Ok(Value::Bool(holds)),
        None => Err(cx.arg_value_error(3, "must be a valid comparison operator")),
    }
}

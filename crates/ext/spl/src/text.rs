//! Values as text and back, by the functions of the extension `standard`.

use outlast_value::Value;
use outlast_vm::{Cx, Ret};

/// `serialize($value)`
pub(crate) fn serialized(cx: &mut Cx, value: Value) -> Ret<Vec<u8>> {
    let text = cx.call(&Value::str("serialize"), vec![value])?;
    Ok(cx.to_str(&text)?.to_vec())
}

/// `unserialize($text)`
pub(crate) fn unserialized(cx: &mut Cx, text: &[u8]) -> Ret<Value> {
    Ok(cx.call(&Value::str("unserialize"), vec![Value::str(text)])?.into_deref())
}

/// An offset of a list: an integer, or what PHP takes for one.
pub(crate) fn offset(index: &Value) -> Option<i64> {
    match index {
        Value::Int(i) => Some(*i),
        Value::Float(f) => Some(*f as i64),
        Value::Bool(b) => Some(i64::from(*b)),
        Value::Str(s) => s.as_int_key(),
        Value::Ref(r) => offset(&r.get()),
        _ => None,
    }
}

/// Length of the serialized value that `text` begins with.
pub(crate) fn value_len(text: &[u8]) -> Option<usize> {
    let find = |from: usize, byte: u8| {
        text.get(from..)?.iter().position(|&b| b == byte).map(|at| from + at)
    };
    let number = |from: usize, to: usize| -> Option<usize> {
        std::str::from_utf8(text.get(from..to)?).ok()?.parse().ok()
    };
    match *text.first()? {
        b'N' => (text.get(1) == Some(&b';')).then_some(2),
        b'i' | b'b' | b'd' | b'r' | b'R' => {
            (text.get(1) == Some(&b':')).then_some(())?;
            find(2, b';').map(|at| at + 1)
        }
        b's' | b'E' => {
            let colon = find(2, b':')?;
            let end = colon + 2 + number(2, colon)?;
            (text.get(end..end + 2)? == b"\";").then_some(end + 2)
        }
        b'a' => {
            let colon = find(2, b':')?;
            members_len(text, colon + 2, number(2, colon)?.checked_mul(2)?)
        }
        kind @ (b'O' | b'C') => {
            let colon = find(2, b':')?;
            let name_end = colon + 2 + number(2, colon)?;
            let count_end = find(name_end + 2, b':')?;
            let count = number(name_end + 2, count_end)?;
            if kind == b'C' {
                return text.get(count_end + 2 + count).map(|_| count_end + 3 + count);
            }
            members_len(text, count_end + 2, count.checked_mul(2)?)
        }
        _ => None,
    }
}

/// The end of so many values from `at`, and the brace behind them.
fn members_len(text: &[u8], mut at: usize, count: usize) -> Option<usize> {
    for _ in 0..count {
        at += value_len(text.get(at..)?)?;
    }
    (text.get(at) == Some(&b'}')).then_some(at + 1)
}

#[cfg(test)]
mod tests {
    use super::value_len;

    #[test]
    fn serialized_values_are_measured() {
        assert_eq!(value_len(b"i:1;:i:2;"), Some(4));
        assert_eq!(value_len(b"a:1:{i:0;s:3:\"a;b\";}x"), Some(20));
        assert_eq!(value_len(b"O:8:\"stdClass\":0:{},"), Some(19));
        assert_eq!(value_len(b"x"), None);
    }
}

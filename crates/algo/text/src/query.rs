//! Query strings: reading them into a tree (`parse_str`, `$_GET`) and writing them.

use std::collections::HashMap;

use crate::url::{rawurlencode, urldecode, urlencode};

/// A key of a query array.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// A canonical decimal int.
    Int(i64),
    /// Any other name.
    Text(Vec<u8>),
}

impl Key {
    /// The key a name becomes in an array.
    pub fn from_name(name: &[u8]) -> Self {
        let digits = name.strip_prefix(b"-").unwrap_or(name);
        let canonical = !digits.is_empty()
            && digits.iter().all(u8::is_ascii_digit)
            && (digits[0] != b'0' || name == b"0");
        let int = if canonical {
            std::str::from_utf8(name).ok().and_then(|text| text.parse().ok())
        } else {
            None
        };
        int.map_or_else(|| Key::Text(name.to_vec()), Key::Int)
    }
}

/// A value of a query string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueryValue {
    /// A plain value.
    Text(Vec<u8>),
    /// From `name[…]=`.
    Array(QueryArray),
}

/// An ordered map as PHP arrays are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueryArray {
    entries: Vec<(Key, QueryValue)>,
    places: HashMap<Key, usize>,
    next: i64,
}

impl QueryArray {
    /// The entries in order.
    pub fn entries(&self) -> &[(Key, QueryValue)] {
        &self.entries
    }

    /// The entries in order, by value.
    pub fn into_entries(self) -> Vec<(Key, QueryValue)> {
        self.entries
    }

    fn key_or_next(&self, key: Option<&[u8]>) -> Key {
        key.map_or(Key::Int(self.next), Key::from_name)
    }

    fn slot(&mut self, key: Key) -> &mut QueryValue {
        let at = match self.places.get(&key) {
            Some(at) => *at,
            None => {
                if let Key::Int(int) = key
                    && int >= self.next
                {
                    self.next = int.saturating_add(1);
                }
                self.places.insert(key.clone(), self.entries.len());
                self.entries.push((key, QueryValue::Text(Vec::new())));
                self.entries.len() - 1
            }
        };
        &mut self.entries[at].1
    }

    fn array(&mut self, key: Key) -> &mut QueryArray {
        let slot = self.slot(key);
        if matches!(slot, QueryValue::Text(_)) {
            *slot = QueryValue::Array(QueryArray::default());
        }
        match slot {
            QueryValue::Array(array) => array,
            QueryValue::Text(_) => unreachable!("the slot was just made an array"),
        }
    }
}

/// Limits on the variables read from a request.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// `max_input_vars`.
    pub variables: usize,
    /// `max_input_nesting_level`.
    pub nesting: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { variables: 1000, nesting: 64 }
    }
}

/// Reads a query string; the flag tells that there were more variables than the limit.
pub fn parse_query(text: &[u8], separators: &[u8], limits: Limits) -> (QueryArray, bool) {
    let mut array = QueryArray::default();
    let mut count = 0;
    for pair in text.split(|b| separators.contains(b)) {
        if pair.is_empty() {
            continue;
        }
        count += 1;
        if count > limits.variables {
            return (array, true);
        }
        let (name, value) = match pair.iter().position(|b| *b == b'=') {
            Some(at) => (&pair[..at], urldecode(&pair[at + 1..])),
            None => (pair, Vec::new()),
        };
        register_variable(&mut array, &urldecode(name), value, limits.nesting);
    }
    (array, false)
}

/// Adds a variable by a request's name for it: `a[b][]` nests, and bytes that no variable
/// name holds become underscores.
pub fn register_variable(array: &mut QueryArray, name: &[u8], value: Vec<u8>, nesting: usize) {
    let end = name.iter().position(|b| *b == 0).unwrap_or(name.len());
    let name = &name[..end];
    let start = name.iter().take_while(|b| **b == b' ').count();
    let name = &name[start..];
    let bracket = name.iter().position(|b| *b == b'[');
    let mut base = name[..bracket.unwrap_or(name.len())].to_vec();
    for byte in &mut base {
        if matches!(byte, b' ' | b'.') {
            *byte = b'_';
        }
    }
    if base.is_empty() {
        return;
    }
    let mut keys: Vec<Option<Vec<u8>>> = vec![Some(base)];
    let mut at = bracket.unwrap_or(name.len());
    while name.get(at) == Some(&b'[') {
        if keys.len() > nesting {
            return;
        }
        let from = at + 1;
        let skipped = usize::from(matches!(name.get(from), Some(b' ' | b'\t'..=b'\r')));
        if name.get(from + skipped) == Some(&b']') {
            keys.push(None);
            at = from + skipped + 1;
            continue;
        }
        match name[from + skipped..].iter().position(|b| *b == b']') {
            Some(length) => {
                keys.push(Some(name[from..from + skipped + length].to_vec()));
                at = from + skipped + length + 1;
            }
            None => {
                // An open bracket is part of the first name, and lost after an index.
                if let [Some(base)] = keys.as_mut_slice() {
                    base.push(b'_');
                    base.extend(name[from..].iter().map(|byte| match byte {
                        b' ' | b'.' | b'[' => b'_',
                        other => *other,
                    }));
                }
                break;
            }
        }
    }
    let Some((last, path)) = keys.split_last() else {
        return;
    };
    let mut target = array;
    for key in path {
        let key = target.key_or_next(key.as_deref());
        target = target.array(key);
    }
    let key = target.key_or_next(last.as_deref());
    *target.slot(key) = QueryValue::Text(value);
}

/// Data for `http_build_query()`.
#[derive(Clone, Debug, PartialEq)]
pub enum BuildValue {
    /// A null, which is left out.
    Null,
    /// A scalar as its text.
    Text(Vec<u8>),
    /// An array, or an object's visible properties.
    Nested(Vec<(Key, BuildValue)>),
}

/// How `http_build_query()` writes.
#[derive(Clone, Copy, Debug)]
pub struct BuildOptions<'a> {
    /// Goes before the int keys of the outermost array.
    pub numeric_prefix: &'a [u8],
    /// Between pairs.
    pub separator: &'a [u8],
    /// `PHP_QUERY_RFC3986` instead of `PHP_QUERY_RFC1738`.
    pub rfc3986: bool,
}

/// `http_build_query()`.
pub fn build_query(data: &[(Key, BuildValue)], options: BuildOptions) -> Vec<u8> {
    let mut out = Vec::new();
    build_into(&mut out, data, None, options);
    out
}

fn build_into(
    out: &mut Vec<u8>,
    data: &[(Key, BuildValue)],
    prefix: Option<&[u8]>,
    options: BuildOptions,
) {
    let encode = if options.rfc3986 { rawurlencode } else { urlencode };
    for (key, value) in data {
        let key = match key {
            Key::Int(int) => {
                let digits = int.to_string().into_bytes();
                if prefix.is_none() { [options.numeric_prefix, &digits].concat() } else { digits }
            }
            Key::Text(text) => encode(text),
        };
        let name = match prefix {
            Some(prefix) => [prefix, b"%5B", &key, b"%5D"].concat(),
            None => key,
        };
        match value {
            BuildValue::Null => {}
            BuildValue::Text(text) => {
                if !out.is_empty() {
                    out.extend_from_slice(options.separator);
                }
                out.extend_from_slice(&name);
                out.push(b'=');
                out.extend_from_slice(&encode(text));
            }
            BuildValue::Nested(data) => build_into(out, data, Some(&name), options),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(value: &QueryValue) -> String {
        match value {
            QueryValue::Text(text) => String::from_utf8_lossy(text).into_owned(),
            QueryValue::Array(array) => show_array(array),
        }
    }

    fn show_array(array: &QueryArray) -> String {
        let parts: Vec<String> = array
            .entries()
            .iter()
            .map(|(key, value)| match key {
                Key::Int(int) => format!("{int}:{}", show(value)),
                Key::Text(text) => format!("{}:{}", String::from_utf8_lossy(text), show(value)),
            })
            .collect();
        format!("{{{}}}", parts.join(","))
    }

    fn parsed(text: &str) -> String {
        show_array(&parse_query(text.as_bytes(), b"&", Limits::default()).0)
    }

    #[test]
    fn nests() {
        assert_eq!(parsed("a=1&b[]=2&b[]=3"), "{a:1,b:{0:2,1:3}}");
        assert_eq!(parsed("a[x][y]=1&a[x][]=2"), "{a:{x:{y:1,0:2}}}");
        assert_eq!(parsed("a.b=1&c d=2&+e=3"), "{a_b:1,c_d:2,e:3}");
        assert_eq!(parsed("a[b=1&[x]=2&=3"), "{a_b:1}");
        assert_eq!(parsed("a[5]=x&a[]=y&a=z&k"), "{a:z,k:}");
    }

    #[test]
    fn limits() {
        let limits = Limits { variables: 2, nesting: 64 };
        assert!(parse_query(b"a&b&c", b"&", limits).1);
    }

    #[test]
    fn builds() {
        let data = [
            (Key::Int(0), BuildValue::Text(b"x y".to_vec())),
            (
                Key::Text(b"a".to_vec()),
                BuildValue::Nested(vec![
                    (Key::Int(0), BuildValue::Text(b"1".to_vec())),
                    (Key::Text(b"b".to_vec()), BuildValue::Null),
                ]),
            ),
        ];
        let options = BuildOptions { numeric_prefix: b"n_", separator: b"&", rfc3986: false };
        assert_eq!(build_query(&data, options), b"n_0=x+y&a%5B0%5D=1");
    }
}

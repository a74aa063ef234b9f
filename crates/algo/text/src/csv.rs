//! CSV lines: `str_getcsv`, `fgetcsv` and `fputcsv`.

/// The bytes that structure a line.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    /// Between fields.
    pub delimiter: u8,
    /// Around fields.
    pub enclosure: u8,
    /// Keeps a following enclosure from ending its field.
    pub escape: Option<u8>,
}

impl Default for Dialect {
    fn default() -> Self {
        Self { delimiter: b',', enclosure: b'"', escape: Some(b'\\') }
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// The length of a line without the line end that closes it.
fn without_line_end(line: &[u8]) -> usize {
    match line {
        [rest @ .., b'\r', b'\n'] | [rest @ .., b'\r' | b'\n'] => rest.len(),
        _ => line.len(),
    }
}

/// Reads the fields of `line`. An enclosed field may go on for more lines, which `more`
/// gives until there are none. A blank line is one `None`.
pub fn read_csv(
    line: Vec<u8>,
    dialect: Dialect,
    mut more: impl FnMut() -> Option<Vec<u8>>,
) -> Vec<Option<Vec<u8>>> {
    let Dialect { delimiter, enclosure, .. } = dialect;
    let mut line = line;
    let mut limit = without_line_end(&line);
    let mut fields = Vec::new();
    let mut at = 0;
    loop {
        let mut start = at;
        while start < line.len() && line[start] != delimiter && is_space(line[start]) {
            start += 1;
        }
        if at < limit && line.get(start) == Some(&enclosure) {
            at = start;
        }
        if fields.is_empty() && at == limit {
            return vec![None];
        }
        let mut field = Vec::new();
        if at < limit && line[at] == enclosure {
            at += 1;
            read_enclosed(&mut field, &mut line, &mut at, &mut limit, dialect, &mut more);
            let end = field_end(&line, at, limit, delimiter);
            field.extend_from_slice(&line[at..end]);
            at = end;
        } else {
            let end = field_end(&line, at, limit, delimiter);
            field.extend_from_slice(&line[at..end]);
            field.truncate(without_line_end(&field));
            at = end;
        }
        fields.push(Some(field));
        if at >= limit {
            return fields;
        }
        at += 1;
    }
}

fn field_end(line: &[u8], from: usize, limit: usize, delimiter: u8) -> usize {
    line[from..limit].iter().position(|b| *b == delimiter).map_or(limit, |length| from + length)
}

/// Reads up to and past the closing enclosure.
fn read_enclosed(
    field: &mut Vec<u8>,
    line: &mut Vec<u8>,
    at: &mut usize,
    limit: &mut usize,
    dialect: Dialect,
    more: &mut impl FnMut() -> Option<Vec<u8>>,
) {
    let mut escaped = false;
    let start = *at;
    loop {
        if *at >= *limit {
            field.extend_from_slice(&line[*limit..]);
            match more() {
                Some(next) => {
                    *line = next;
                    *limit = without_line_end(line);
                    *at = 0;
                    escaped = false;
                    continue;
                }
                None => {
                    // PHP sees the NUL behind its strings where that is the escape.
                    if dialect.escape == Some(0) && start == line.len() {
                        field.push(0);
                    }
                    *at = *limit;
                    return;
                }
            }
        }
        let byte = line[*at];
        *at += 1;
        if escaped {
            escaped = false;
            field.push(byte);
        } else if byte == dialect.enclosure {
            if *at < *limit && line[*at] == dialect.enclosure {
                field.push(byte);
                *at += 1;
            } else {
                return;
            }
        } else {
            escaped = dialect.escape == Some(byte);
            field.push(byte);
        }
    }
}

/// `str_getcsv()`.
pub fn str_getcsv(text: &[u8], dialect: Dialect) -> Vec<Option<Vec<u8>>> {
    read_csv(text.to_vec(), dialect, || None)
}

/// Writes a line as `fputcsv()` does.
pub fn write_csv(fields: &[impl AsRef<[u8]>], dialect: Dialect, line_end: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for (place, field) in fields.iter().enumerate() {
        if place > 0 {
            out.push(dialect.delimiter);
        }
        let field = field.as_ref();
        let enclosed = field.iter().any(|byte| {
            *byte == dialect.delimiter
                || *byte == dialect.enclosure
                || Some(*byte) == dialect.escape
                || matches!(byte, b'\n' | b'\r' | b'\t' | b' ')
        });
        if !enclosed {
            out.extend_from_slice(field);
            continue;
        }
        out.push(dialect.enclosure);
        let mut escaped = false;
        for &byte in field {
            if dialect.escape == Some(byte) {
                escaped = true;
            } else if !escaped && byte == dialect.enclosure {
                out.push(byte);
            } else {
                escaped = false;
            }
            out.push(byte);
        }
        out.push(dialect.enclosure);
    }
    out.extend_from_slice(line_end);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        str_getcsv(text.as_bytes(), Dialect::default())
            .into_iter()
            .map(|f| f.map_or("null".into(), |f| String::from_utf8(f).unwrap()))
            .collect()
    }

    #[test]
    fn reads() {
        assert_eq!(read("a,\"b,\"\"c\",d"), ["a", "b,\"c", "d"]);
        assert_eq!(read(""), ["null"]);
        assert_eq!(read("a,"), ["a", ""]);
        assert_eq!(read(" a , \"b\" x,c\n"), [" a ", "b x", "c"]);
        assert_eq!(read("\"a\\\"b\",c"), ["a\\\"b", "c"]);
    }

    #[test]
    fn spans_lines() {
        let mut rest = vec![b"x\",c\n".to_vec()];
        let fields = read_csv(b"a,\"b\n".to_vec(), Dialect::default(), || rest.pop());
        assert_eq!(fields[1], Some(b"b\nx".to_vec()));
        assert_eq!(fields.len(), 3);
    }

    #[test]
    fn writes() {
        assert_eq!(
            write_csv(&["a b", "c\"d", "e"], Dialect::default(), b"\n"),
            b"\"a b\",\"c\"\"d\",e\n"
        );
    }
}

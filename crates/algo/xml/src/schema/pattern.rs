//! Patterns of XML Schema, on the engine of the `regex` crate.

use regex::Regex;

/// A pattern, which a value matches as a whole.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    text: String,
    regex: Regex,
}

const NAME_START: &str = r":_A-Za-z\u{C0}-\u{D6}\u{D8}-\u{F6}\u{F8}-\u{2FF}\u{370}-\u{37D}\u{37F}-\u{1FFF}\u{200C}-\u{200D}\u{2070}-\u{218F}\u{2C00}-\u{2FEF}\u{3001}-\u{D7FF}\u{F900}-\u{FDCF}\u{FDF0}-\u{FFFD}";
const NAME_MORE: &str = r"\-.0-9\u{B7}\u{300}-\u{36F}\u{203F}-\u{2040}";

impl Pattern {
    /// Why not, if it is none (or one with blocks of Unicode).
    pub(super) fn new(text: &str) -> Result<Pattern, String> {
        let translated = format!("^(?:{})$", translate(text)?);
        let regex = Regex::new(&translated).map_err(|_| {
            format!("The value '{text}' of the facet 'pattern' is not a valid regular expression.")
        })?;
        Ok(Pattern { text: text.to_owned(), regex })
    }

    pub(super) fn matches(&self, value: &str) -> bool {
        self.regex.is_match(value)
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

fn translate(text: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut inside = 0;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(e @ ('i' | 'I' | 'c' | 'C')) => {
                    let more = if e.eq_ignore_ascii_case(&'c') { NAME_MORE } else { "" };
                    let not = if e.is_ascii_uppercase() { "^" } else { "" };
                    out.push_str(&format!("[{not}{NAME_START}{more}]"));
                }
                Some(e @ ('p' | 'P')) => {
                    let name: String = chars.clone().take(3).collect();
                    if name.starts_with("{Is") {
                        return Err(format!(
                            "Blocks of Unicode are not supported in the pattern '{text}'."
                        ));
                    }
                    out.push('\\');
                    out.push(e);
                }
                Some(e) => {
                    out.push('\\');
                    out.push(e);
                }
                None => out.push('\\'),
            },
            '^' | '$' if inside == 0 => {
                out.push('\\');
                out.push(c);
            }
            '.' if inside == 0 => out.push_str("[^\\n\\r]"),
            '[' => {
                inside += 1;
                out.push(c);
            }
            '-' if inside > 0 && chars.peek() == Some(&'[') => out.push_str("--"),
            ']' => {
                inside = usize::saturating_sub(inside, 1);
                out.push(c);
            }
            '&' | '~' if inside > 0 => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    Ok(out)
}

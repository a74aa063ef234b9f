//! HTML entities: `htmlspecialchars`, `htmlentities` and their inverses.

mod charset;
mod escape;
mod multi_byte;
mod table;
mod unescape;

pub use charset::{Charset, SingleByte, UnknownCharset};
pub use escape::{escape, is_plain, translation_table};
pub use multi_byte::MultiByte;
pub use unescape::unescape;

/// `ENT_*` flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flags(pub i64);

impl Flags {
    /// `ENT_QUOTES | ENT_SUBSTITUTE | ENT_HTML401`, what the functions default to.
    pub const DEFAULT: Flags = Flags(3 | 8);

    fn single_quotes(self) -> bool {
        self.0 & 1 != 0
    }

    fn double_quotes(self) -> bool {
        self.0 & 2 != 0
    }

    fn ignore(self) -> bool {
        self.0 & 4 != 0
    }

    fn substitute(self) -> bool {
        self.0 & 8 != 0
    }

    fn disallowed(self) -> bool {
        self.0 & 128 != 0
    }

    fn doctype(self) -> Doctype {
        match self.0 & 48 {
            0 => Doctype::Html401,
            16 => Doctype::Xml1,
            32 => Doctype::Xhtml,
            _ => Doctype::Html5,
        }
    }

    /// Whether a quote is left as it is.
    fn spares(self, code: u32) -> bool {
        (code == u32::from(b'\'') && !self.single_quotes())
            || (code == u32::from(b'"') && !self.double_quotes())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doctype {
    Html401,
    Xhtml,
    Xml1,
    Html5,
}

impl Doctype {
    /// Whether a document may hold the character.
    fn allows(self, code: u32) -> bool {
        match self {
            Doctype::Html401 => {
                matches!(code, 0x20..=0x7e | 0x09 | 0x0a | 0x0d | 0xa0..=0xd7ff | 0xe000..=0x10_ffff)
            }
            Doctype::Html5 => match code {
                0x20..=0x7e | 0x09 | 0x0a | 0x0c | 0x0d => true,
                0xd800..=0xdfff | 0xfdd0..=0xfdef => false,
                0xa0..=0x10_ffff => code & 0xfffe != 0xfffe,
                _ => false,
            },
            Doctype::Xhtml | Doctype::Xml1 => match code {
                0x20..=0xd7ff | 0x09 | 0x0a | 0x0d => true,
                0xe000..=0x10_ffff => code != 0xfffe && code != 0xffff,
                _ => false,
            },
        }
    }

    /// Whether a document may name the character by its number.
    fn allows_numeric(self, code: u32) -> bool {
        match self {
            Doctype::Html401 => code <= 0x10_ffff,
            // Surrogates may be named, though nothing can hold them.
            Doctype::Html5 => {
                (self.allows(code) && code != 0x0d) || (0xd800..=0xdfff).contains(&code)
            }
            Doctype::Xhtml | Doctype::Xml1 => self.allows(code),
        }
    }

    /// Whether `&apos;` is an entity beside the four of HTML.
    fn has_apos(self) -> bool {
        self != Doctype::Html401
    }
}

/// Reads `&#…;` or `&#x…;` at the start of `text`: the code point and the length.
fn numeric_entity(text: &[u8]) -> Option<(u32, usize)> {
    let (base, start) = match text.get(2)? {
        b'x' | b'X' => (16, 3),
        _ => (10, 2),
    };
    let mut value = 0u32;
    let mut at = start;
    while let Some(digit) = text.get(at).and_then(|b| char::from(*b).to_digit(base)) {
        value = value.saturating_mul(base).saturating_add(digit);
        at += 1;
    }
    (at > start && text.get(at) == Some(&b';') && value <= 0x10_ffff).then_some((value, at + 1))
}

/// Reads `&name;` at the start of `text`: the name and the length.
fn named_entity(text: &[u8]) -> Option<(&str, usize)> {
    let length = text[1..].iter().take_while(|b| b.is_ascii_alphanumeric()).count();
    if length == 0 || text.get(1 + length) != Some(&b';') {
        return None;
    }
    let name = std::str::from_utf8(&text[1..=length]).ok()?;
    Some((name, length + 2))
}

/// The code points of a named entity.
fn resolve(name: &str, doctype: Doctype, all: bool) -> Option<table::Codes> {
    if name == "apos" && doctype.has_apos() {
        return Some((u32::from(b'\''), 0));
    }
    if !all || doctype == Doctype::Xml1 {
        return table::basic(name).map(|code| (code, 0));
    }
    table::full(doctype == Doctype::Html5).by_name(name)
}

//! The named entities of HTML 4.01 and HTML 5.

use std::collections::HashMap;
use std::sync::LazyLock;

/// One or two code points, the second 0 when there is one.
pub(super) type Codes = (u32, u32);

/// The entities of a document type.
pub(super) struct Table {
    names: HashMap<&'static str, Codes>,
    codes: HashMap<Codes, &'static str>,
    /// In the order of the characters.
    ordered: Vec<(Codes, &'static str)>,
}

impl Table {
    /// Reads `hex[+hex]:name[,name]` entries, the name to write first.
    fn parse(text: &'static str) -> Self {
        let mut table = Table { names: HashMap::new(), codes: HashMap::new(), ordered: Vec::new() };
        let hex = |digits: &str| u32::from_str_radix(digits, 16).unwrap_or(0);
        for (codes, names) in text.split_whitespace().filter_map(|e| e.split_once(':')) {
            let (first, second) = codes.split_once('+').unwrap_or((codes, ""));
            let codes = (hex(first), hex(second));
            for (place, name) in names.split(',').enumerate() {
                table.names.insert(name, codes);
                if place == 0 {
                    table.codes.insert(codes, name);
                    table.ordered.push((codes, name));
                }
            }
        }
        table
    }

    pub(super) fn by_name(&self, name: &str) -> Option<Codes> {
        self.names.get(name).copied()
    }

    pub(super) fn by_code(&self, codes: Codes) -> Option<&'static str> {
        self.codes.get(&codes).copied()
    }

    pub(super) fn ordered(&self) -> &[(Codes, &'static str)] {
        &self.ordered
    }
}

static HTML401: LazyLock<Table> = LazyLock::new(|| Table::parse(include_str!("html401.txt")));
static HTML5: LazyLock<Table> = LazyLock::new(|| Table::parse(include_str!("html5.txt")));

/// All entities of HTML 5, or of HTML 4.01 and XHTML.
pub(super) fn full(html5: bool) -> &'static Table {
    if html5 { &HTML5 } else { &HTML401 }
}

/// The entities `htmlspecialchars()` is about, but for the apostrophe.
pub(super) const BASIC: [(u8, &str); 4] =
    [(b'"', "quot"), (b'&', "amp"), (b'<', "lt"), (b'>', "gt")];

/// The code point of a basic entity.
pub(super) fn basic(name: &str) -> Option<u32> {
    BASIC.iter().find(|(_, basic)| *basic == name).map(|(byte, _)| u32::from(*byte))
}

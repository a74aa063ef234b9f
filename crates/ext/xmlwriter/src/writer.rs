//! What is open, and the text so far.

use outlast_xml::serialize::{escape_attribute, escape_text};

/// What is open.
#[derive(Debug, Clone, PartialEq)]
pub enum Open {
    /// An element; its start tag is open, or it has content.
    Element {
        name: Vec<u8>,
        in_tag: bool,
    },
    Attribute,
    Comment,
    Pi {
        has_data: bool,
    },
    CData,
    /// A document type; whether its `[` is written.
    Dtd {
        subset: bool,
    },
    /// A declaration of a document type; whether its value is in quotes.
    Declaration {
        quoted: bool,
        started: bool,
    },
}

/// The writer.
#[derive(Debug, Default)]
pub struct Writer {
    pub out: Vec<u8>,
    pub open: Vec<Open>,
    pub indent: bool,
    pub indent_text: Vec<u8>,
    /// The element that ends next begins a line.
    do_indent: bool,
    /// Namespaces to declare when the start tag ends.
    pub declared: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Writer {
    /// An empty one.
    pub fn new() -> Writer {
        Writer { indent_text: b" ".to_vec(), do_indent: true, ..Writer::default() }
    }

    fn put(&mut self, text: &[u8]) {
        self.out.extend_from_slice(text);
    }

    fn put_indent(&mut self) {
        if !self.indent {
            return;
        }
        let depth = self.open.len().saturating_sub(1);
        for _ in 0..depth {
            self.out.extend_from_slice(&self.indent_text);
        }
    }

    fn newline(&mut self) {
        if self.indent {
            self.put(b"\n");
        }
    }

    fn flush_declared(&mut self) {
        for (name, uri) in std::mem::take(&mut self.declared) {
            self.put(b" ");
            self.put(&name);
            self.put(b"=\"");
            escape_attribute(&uri, false, &mut self.out);
            self.put(b"\"");
        }
    }

    /// Ends an open start tag; false: content may not stand here.
    fn end_start_tag(&mut self, line: bool) {
        if self.open.last() == Some(&Open::Attribute) {
            self.end_attribute();
        }
        if let Some(Open::Element { in_tag: true, .. }) = self.open.last() {
            self.flush_declared();
            self.put(b">");
            if line {
                self.newline();
            }
            if let Some(Open::Element { in_tag, .. }) = self.open.last_mut() {
                *in_tag = false;
            }
        }
    }

    /// `<name`
    pub fn start_element(&mut self, name: &[u8]) -> bool {
        if !matches!(self.open.last(), None | Some(Open::Element { .. } | Open::Attribute)) {
            return false;
        }
        self.end_start_tag(true);
        self.open.push(Open::Element { name: name.to_vec(), in_tag: true });
        self.put_indent();
        self.do_indent = true;
        self.put(b"<");
        self.put(name);
        true
    }

    /// `/>` or `</name>`
    pub fn end_element(&mut self, full: bool) -> bool {
        if self.open.last() == Some(&Open::Attribute) {
            self.end_attribute();
        }
        let Some(Open::Element { name, in_tag }) = self.open.last().cloned() else { return false };
        if in_tag {
            self.flush_declared();
            if full {
                self.put(b"></");
                self.put(&name);
                self.put(b">");
            } else {
                self.put(b"/>");
            }
        } else {
            if self.do_indent {
                self.put_indent();
            }
            self.put(b"</");
            self.put(&name);
            self.put(b">");
        }
        self.do_indent = true;
        self.open.pop();
        self.newline();
        true
    }

    /// ` name="`
    pub fn start_attribute(&mut self, name: &[u8]) -> bool {
        if self.open.last() == Some(&Open::Attribute) {
            self.end_attribute();
        }
        if !matches!(self.open.last(), Some(Open::Element { in_tag: true, .. })) {
            return false;
        }
        self.put(b" ");
        self.put(name);
        self.put(b"=\"");
        self.open.push(Open::Attribute);
        true
    }

    /// `"`
    pub fn end_attribute(&mut self) -> bool {
        if self.open.last() != Some(&Open::Attribute) {
            return false;
        }
        self.open.pop();
        self.put(b"\"");
        true
    }

    /// Text, escaped as its place asks; `raw`: as it is.
    pub fn text(&mut self, text: &[u8], raw: bool) -> bool {
        match self.open.last().cloned() {
            Some(Open::Attribute) if !raw => escape_attribute(text, false, &mut self.out),
            Some(Open::Element { .. }) => {
                self.end_start_tag(false);
                self.do_indent = false;
                if raw {
                    self.put(text);
                } else {
                    let mut escaped = Vec::new();
                    escape_text(text, false, &mut escaped);
                    self.put(&escaped);
                }
            }
            Some(Open::Pi { has_data: false }) => {
                self.put(b" ");
                self.put(text);
                *self.open.last_mut().expect("it is open") = Open::Pi { has_data: true };
            }
            Some(Open::Dtd { subset: false }) => {
                self.put(b" [");
                self.put(text);
                *self.open.last_mut().expect("it is open") = Open::Dtd { subset: true };
            }
            Some(Open::Declaration { quoted, started: false }) => {
                self.put(if quoted { b" \"" } else { b" " });
                self.put(text);
                let now = Open::Declaration { quoted, started: true };
                *self.open.last_mut().expect("it is open") = now;
            }
            None if !raw => {
                let mut escaped = Vec::new();
                escape_text(text, false, &mut escaped);
                self.put(&escaped);
            }
            _ => self.put(text),
        }
        true
    }

    /// `<!--`, `<?target` or `<![CDATA[`
    pub fn start_markup(&mut self, begin: &[u8], what: Open) -> bool {
        if !matches!(self.open.last(), None | Some(Open::Element { .. } | Open::Attribute)) {
            return false;
        }
        let breaks = what == Open::Comment;
        self.end_start_tag(breaks);
        self.open.push(what);
        if breaks {
            self.put_indent();
        }
        self.put(begin);
        true
    }

    /// The end of what `is` says is open.
    pub fn end_markup(&mut self, end: &[u8], is: impl Fn(&Open) -> bool) -> bool {
        if !self.open.last().is_some_and(is) {
            return false;
        }
        let breaks = !matches!(self.open.pop(), Some(Open::CData));
        self.put(end);
        if breaks {
            self.newline();
        }
        true
    }

    /// `<!DOCTYPE name PUBLIC "…" "…"`
    pub fn start_dtd(&mut self, name: &[u8], public: Option<&[u8]>, system: Option<&[u8]>) -> bool {
        if !self.open.is_empty() || public.is_some() && system.is_none() {
            return false;
        }
        self.put(b"<!DOCTYPE ");
        self.put(name);
        self.put_ids(public, system, true);
        self.open.push(Open::Dtd { subset: false });
        true
    }

    /// ` PUBLIC "…" "…"` or ` SYSTEM "…"`
    pub fn put_ids(&mut self, public: Option<&[u8]>, system: Option<&[u8]>, lines: bool) {
        let gap: &[u8] = if lines && self.indent { b"\n" } else { b" " };
        if let Some(public) = public {
            self.put(gap);
            self.put(b"PUBLIC \"");
            self.put(public);
            self.put(b"\"");
        }
        if let Some(system) = system {
            if public.is_none() {
                self.put(gap);
                self.put(b"SYSTEM");
            } else if lines && self.indent {
                self.put(b"\n      ");
            }
            self.put(if lines && self.indent && public.is_some() { b"\"" } else { b" \"" });
            self.put(system);
            self.put(b"\"");
        }
    }

    /// `]>`
    pub fn end_dtd(&mut self) -> bool {
        if let Some(Open::Declaration { .. }) = self.open.last() {
            self.end_declaration();
        }
        let Some(Open::Dtd { subset }) = self.open.last().cloned() else { return false };
        self.open.pop();
        self.put(if subset { b"]>" } else { b">" });
        self.newline();
        true
    }

    /// `<!ELEMENT name` and the like
    pub fn start_declaration(&mut self, begin: &[u8], name: &[u8], quoted: bool) -> bool {
        match self.open.last().cloned() {
            None => {}
            Some(Open::Dtd { subset: true }) => {}
            Some(Open::Dtd { subset: false }) => {
                self.put(b" [");
                self.newline();
                *self.open.last_mut().expect("it is open") = Open::Dtd { subset: true };
            }
            Some(_) => return false,
        }
        self.open.push(Open::Declaration { quoted, started: false });
        self.put_indent();
        self.put(begin);
        self.put(name);
        true
    }

    /// `>`
    pub fn end_declaration(&mut self) -> bool {
        let Some(Open::Declaration { quoted, started }) = self.open.last().cloned() else {
            return false;
        };
        self.open.pop();
        self.put(if quoted && started { b"\">" } else { b">" });
        self.newline();
        true
    }

    /// Ends all that is open.
    pub fn end_document(&mut self) {
        while let Some(open) = self.open.last().cloned() {
            match open {
                Open::Element { .. } => self.end_element(false),
                Open::Attribute => self.end_attribute(),
                Open::Comment => self.end_markup(b"-->", |_| true),
                Open::Pi { .. } => self.end_markup(b"?>", |_| true),
                Open::CData => self.end_markup(b"]]>", |_| true),
                Open::Dtd { .. } => self.end_dtd(),
                Open::Declaration { .. } => self.end_declaration(),
            };
        }
        if !self.indent {
            self.put(b"\n");
        }
    }
}

//! `<!DOCTYPE …>` with its internal subset.

use super::text::char_reference_text;
use super::{Parsed, Parser, State, Stop};
use crate::chars;
use crate::dtd::{AttrDecl, Doctype, EntityDecl, NotationDecl};
use crate::event::Event;
use std::rc::Rc;

/// A public and a system id.
type Ids = (Option<Vec<u8>>, Option<Vec<u8>>);

/// Text of the subset while its declarations are read.
struct Subset<'a> {
    text: &'a [u8],
    at: usize,
}

impl Subset<'_> {
    fn rest(&self) -> &[u8] {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        self.at += self.rest().iter().take_while(|b| chars::is_space(**b)).count();
    }

    fn word(&mut self, word: &[u8]) -> bool {
        self.space();
        let found = self.rest().starts_with(word);
        if found {
            self.at += word.len();
        }
        found
    }

    fn name(&mut self) -> Option<Vec<u8>> {
        self.space();
        let len = chars::name_len(self.rest());
        let name = self.rest()[..len].to_vec();
        self.at += len;
        (len > 0).then_some(name)
    }

    fn quoted(&mut self) -> Option<Vec<u8>> {
        self.space();
        let quote = *self.rest().first().filter(|b| matches!(b, b'"' | b'\''))?;
        let len = self.rest()[1..].iter().position(|b| *b == quote)?;
        let text = self.rest()[1..=len].to_vec();
        self.at += len + 2;
        Some(text)
    }

    /// `PUBLIC "…" "…"` or `SYSTEM "…"`; a notation may have a public id alone.
    fn external(&mut self) -> Option<Ids> {
        if self.word(b"SYSTEM") {
            return self.quoted().map(|s| (None, Some(s)));
        }
        if self.word(b"PUBLIC") {
            let public = self.quoted()?;
            return Some((Some(public), self.quoted()));
        }
        None
    }

    /// To behind the next `>`.
    fn close(&mut self) -> Option<()> {
        self.space();
        self.word(b">").then_some(())
    }
}

/// Where the text of a doctype ends: the `]` of its subset, with quotes and comments in mind.
fn subset_len(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        if rest[0] == b']' {
            return Some(at);
        }
        at += if rest.starts_with(b"<!--") {
            super::markup::find(rest, b"-->")? + 3
        } else if rest.starts_with(b"<?") {
            super::markup::find(rest, b"?>")? + 2
        } else if rest[0] == b'<' {
            declaration_len(rest)?
        } else {
            1
        };
    }
    None
}

fn declaration_len(text: &[u8]) -> Option<usize> {
    let mut quote = None;
    for (i, b) in text.iter().enumerate() {
        match (quote, b) {
            (None, b'>') => return Some(i + 1),
            (None, b'"' | b'\'') => quote = Some(*b),
            (Some(q), b) if q == *b => quote = None,
            _ => {}
        }
    }
    None
}

impl Parser {
    pub(super) fn doctype(&mut self) -> Parsed<()> {
        self.skip(9);
        self.skip_space();
        let name = self.name()?;
        if name.is_empty() {
            self.fatal(68, "xmlParseDocTypeDecl : no DOCTYPE name !");
        }
        let mut head = Subset { text: self.rest(), at: 0 };
        let ids = head.external();
        head.space();
        let (used, has_subset) = (head.at, head.rest().first() == Some(&b'['));
        if head.rest().is_empty() && !self.has_all() {
            return Err(Stop::Incomplete);
        }
        let (public_id, system_id) = ids.unwrap_or_default();
        self.skip(used);
        let mut doctype = Doctype { name, public_id, system_id, ..Doctype::default() };
        if has_subset {
            let Some(len) = subset_len(&self.rest()[1..]) else {
                if !self.has_all() {
                    return Err(Stop::Incomplete);
                }
                let all = self.rest().len();
                self.skip(all);
                self.fatal(
                    1,
                    "internal error: xmlParseInternalSubset: error detected in Markup declaration\n",
                );
                self.fatal(61, "DOCTYPE improperly terminated");
                self.state = State::Prolog;
                return Err(Stop::Reported);
            };
            let text = self.rest()[1..=len].to_vec();
            self.skip(1);
            let good = self.subset(&text, &mut doctype);
            doctype.subset = Some(text);
            if !good {
                let text = "internal error: xmlParseInternalSubset: error detected in Markup declaration\n";
                self.fatal(1, text);
            }
            self.skip(len + 1);
            self.skip_space();
        }
        if self.peek() == Some(b'>') {
            self.skip(1);
        } else if self.rest().is_empty() && !self.has_all() {
            return Err(Stop::Incomplete);
        } else {
            self.fatal(61, "DOCTYPE improperly terminated");
        }
        let doctype = Box::new(doctype);
        self.dtd = Some(Rc::new((*doctype).clone()));
        self.emit(Event::Doctype(doctype));
        Ok(())
    }

    /// Reads the declarations; false: one is wrong.
    fn subset(&mut self, text: &[u8], doctype: &mut Doctype) -> bool {
        let mut subset = Subset { text, at: 0 };
        loop {
            subset.space();
            let from = subset.at;
            let rest = subset.rest();
            let good = match rest {
                [] => return true,
                [b'%', ..] => {
                    subset.at += 1;
                    subset.name();
                    subset.word(b";")
                }
                _ if rest.starts_with(b"<!--") => match super::markup::find(rest, b"-->") {
                    Some(len) => {
                        subset.at += len + 3;
                        true
                    }
                    None => false,
                },
                _ if rest.starts_with(b"<?") => match super::markup::find(rest, b"?>") {
                    Some(len) => {
                        subset.at += len + 2;
                        true
                    }
                    None => false,
                },
                _ if rest.starts_with(b"<!ENTITY") => {
                    subset.at += 8;
                    entity(&mut subset, doctype).is_some()
                }
                _ if rest.starts_with(b"<!ATTLIST") => {
                    subset.at += 9;
                    attribute_list(&mut subset, doctype).is_some()
                }
                _ if rest.starts_with(b"<!NOTATION") => {
                    subset.at += 10;
                    notation(&mut subset, doctype).is_some()
                }
                _ if rest.starts_with(b"<!ELEMENT") => match declaration_len(rest) {
                    Some(len) => {
                        subset.at += len;
                        true
                    }
                    None => false,
                },
                _ => false,
            };
            if !good {
                return false;
            }
            let declared = &text[from..subset.at];
            if declared.starts_with(b"<") {
                doctype.declarations.push(declared.to_vec());
            }
        }
    }
}

fn entity(s: &mut Subset<'_>, doctype: &mut Doctype) -> Option<()> {
    let parameter = s.word(b"%");
    let name = s.name()?;
    let mut decl = EntityDecl { name, parameter, ..EntityDecl::default() };
    match s.quoted() {
        Some(text) => {
            decl.text = Some(with_char_references(&text));
            decl.written = text;
        }
        None => {
            (decl.public_id, decl.system_id) = s.external()?;
            if s.word(b"NDATA") {
                decl.notation = Some(s.name()?);
            }
        }
    }
    s.close()?;
    doctype.entities.push(decl);
    Some(())
}

/// Character references in the text of an entity are replaced where it is declared.
fn with_char_references(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with(b"&#")
            && let Some(end) = rest.iter().position(|b| *b == b';')
            && let Some(c) = char_reference_text(&rest[1..end])
        {
            out.extend_from_slice(&c);
            at += end + 1;
            continue;
        }
        out.push(rest[0]);
        at += 1;
    }
    out
}

fn attribute_list(s: &mut Subset<'_>, doctype: &mut Doctype) -> Option<()> {
    let element = s.name()?;
    loop {
        if s.close().is_some() {
            return Some(());
        }
        let name = s.name()?;
        s.space();
        let mut ty = s.name().unwrap_or_default();
        s.space();
        if s.rest().starts_with(b"(") {
            let len = s.rest().iter().position(|b| *b == b')')? + 1;
            ty.extend_from_slice(&s.rest()[..len]);
            s.at += len;
        }
        let default = if s.word(b"#REQUIRED") || s.word(b"#IMPLIED") {
            None
        } else {
            s.word(b"#FIXED");
            Some(with_char_references(&s.quoted()?))
        };
        doctype.attrs.push(AttrDecl { element: element.clone(), name, ty, default });
    }
}

fn notation(s: &mut Subset<'_>, doctype: &mut Doctype) -> Option<()> {
    let name = s.name()?;
    let (public_id, system_id) = s.external()?;
    s.close()?;
    doctype.notations.push(NotationDecl { name, public_id, system_id });
    Some(())
}

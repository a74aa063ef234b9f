//! Content between tags, values of attributes, references.

use super::markup::normalized;
use super::{Input, MAX_EXPANSION, Parsed, Parser, State, Stop};
use crate::chars;
use crate::error::Level;
use crate::event::Event;
use crate::tree::Name;

/// What a reference stands for.
enum Reference {
    Text(Vec<u8>),
    Entity(Name),
    /// It was wrong and is left out.
    Nothing,
}

fn predefined(name: &[u8]) -> Option<u8> {
    Some(match name {
        b"lt" => b'<',
        b"gt" => b'>',
        b"amp" => b'&',
        b"quot" => b'"',
        b"apos" => b'\'',
        _ => return None,
    })
}

impl Parser {
    pub(super) fn content(&mut self) -> Parsed<()> {
        let rest = self.rest();
        let Some(first) = rest.first().copied() else { return self.content_end() };
        if first == b'&' {
            return self.content_reference();
        }
        if first != b'<' {
            return self.characters();
        }
        if !self.has_all() && rest.len() < 9 && b"<![CDATA[".starts_with(rest) {
            return Err(Stop::Incomplete);
        }
        if !self.has_all() && rest.len() < 4 && b"<!--".starts_with(rest) {
            return Err(Stop::Incomplete);
        }
        match rest.get(1) {
            None if !self.has_all() => Err(Stop::Incomplete),
            Some(b'/') => self.end_tag(),
            Some(b'?') => self.instruction(),
            Some(b'!') if rest.starts_with(b"<!--") => self.comment(),
            Some(b'!') if rest.starts_with(b"<![CDATA[") => self.cdata(),
            _ => self.start_tag(),
        }
    }

    /// At the end of an input: back to the one around it, or the end of the document.
    fn content_end(&mut self) -> Parsed<()> {
        if self.inputs.is_empty() {
            if !self.complete {
                return Err(Stop::Incomplete);
            }
            if self.options.fragment && self.open.is_empty() {
                self.state = State::Done;
                return Ok(());
            }
            if let Some(open) = self.open.last() {
                let name = open.name.qualified();
                let text = format!(
                    "Premature end of data in tag {} line {}",
                    String::from_utf8_lossy(&name),
                    open.line
                );
                self.fatal(77, text);
            }
            self.close_all();
            return Err(Stop::Halt);
        }
        let depth = self.inputs.len();
        let unclosed = self.open.last().is_some_and(|o| o.inputs == depth);
        self.inputs.pop();
        if unclosed {
            self.fatal(85, "chunk is not well balanced");
            return Err(Stop::Halt);
        }
        Ok(())
    }

    /// A document that ends too early: what is open ends with it.
    fn close_all(&mut self) {
        while let Some(open) = self.open.pop() {
            self.emit(Event::End(open.name));
        }
    }

    fn characters(&mut self) -> Parsed<()> {
        let rest = self.rest();
        let mut len = rest.iter().position(|b| matches!(b, b'<' | b'&')).unwrap_or(rest.len());
        if len == rest.len() && !self.has_all() {
            // The end may be the beginning of `]]>`, of "\r\n", or of a character.
            let kept = rest.iter().rev().take(4).take_while(|b| **b >= 0x80).count();
            let brackets = rest.iter().rev().take_while(|b| **b == b']').count().min(2);
            len -= kept.max(brackets).max(usize::from(rest.ends_with(b"\r")));
            if len == 0 {
                return Err(Stop::Incomplete);
            }
        }
        let text = &rest[..len];
        let bad = self.first_bad(text);
        let text = match bad {
            None => text.to_vec(),
            Some(at) => text[..at].to_vec(),
        };
        if !text.is_empty() {
            let text = normalized(&text);
            self.emit(Event::Text(text));
        }
        let Some(at) = bad else {
            self.skip(len);
            return Ok(());
        };
        self.skip(at);
        self.bad_character()
    }

    /// Where a character stands that may not stand in text.
    fn first_bad(&self, text: &[u8]) -> Option<usize> {
        let valid = match std::str::from_utf8(text) {
            Ok(_) => text.len(),
            Err(e) => e.valid_up_to(),
        };
        let mut at = 0;
        while at < valid {
            let b = text[at];
            if b == b']' && text[at..].starts_with(b"]]>")
                || b < 0x20 && !chars::is_space(b)
                || b == 0xEF && matches!(&text[at..], [0xEF, 0xBF, 0xBE | 0xBF, ..])
            {
                return Some(at);
            }
            at += 1;
        }
        (valid < text.len()).then_some(valid)
    }

    fn bad_character(&mut self) -> Parsed<()> {
        let rest = self.rest();
        if rest.starts_with(b"]]>") {
            self.fatal(62, "Sequence ']]>' not allowed in content");
            self.skip(3);
            return Ok(());
        }
        let first = rest[0];
        if first >= 0x80 && chars::decode(rest).is_none() {
            let bytes: Vec<u8> = rest.iter().copied().chain([0; 4]).take(4).collect();
            if !self.bad_utf8 {
                self.bad_utf8 = true;
                let text = format!(
                    "Input is not proper UTF-8, indicate encoding !\nBytes: 0x{:02X} 0x{:02X} 0x{:02X} 0x{:02X}",
                    bytes[0], bytes[1], bytes[2], bytes[3]
                );
                self.fatal(9, text);
            }
            if self.options.recover {
                let byte = char::from(first).to_string();
                self.emit(Event::Text(byte.into_bytes()));
                self.skip(1);
                return Ok(());
            }
            return Err(Stop::Halt);
        }
        let code = chars::decode(rest).map_or(u32::from(first), |(c, _)| u32::from(c));
        self.fatal(9, format!("PCDATA invalid Char value {code}"));
        let len = chars::decode(self.rest()).map_or(1, |(_, len)| len);
        self.skip(len);
        Ok(())
    }

    fn content_reference(&mut self) -> Parsed<()> {
        match self.reference()? {
            Reference::Nothing => Ok(()),
            Reference::Text(text) => {
                self.emit(Event::Text(text));
                Ok(())
            }
            Reference::Entity(name) => self.content_entity(name),
        }
    }

    fn content_entity(&mut self, name: Name) -> Parsed<()> {
        let text = self.dtd.as_ref().and_then(|d| d.entity_text(&name));
        match text {
            Some(text) if self.options.replace_entities => self.enter(name, text),
            _ => {
                self.emit(Event::EntityRef(name));
                Ok(())
            }
        }
    }

    /// Reads on in the replacement of an entity.
    fn enter(&mut self, name: Name, text: Vec<u8>) -> Parsed<()> {
        if self.inputs.iter().any(|i| i.entity.as_ref() == Some(&name)) {
            self.fatal(89, "Detected an entity reference loop");
            return Err(Stop::Halt);
        }
        self.count_expansion(text.len())?;
        self.inputs.push(Input { text: text.into(), at: 0, entity: Some(name) });
        Ok(())
    }

    fn count_expansion(&mut self, more: usize) -> Parsed<()> {
        self.expanded += more;
        if self.expanded > MAX_EXPANSION && !self.options.huge {
            self.fatal(89, "Detected an entity reference loop");
            return Err(Stop::Halt);
        }
        Ok(())
    }

    /// `&…;`, of which nothing is read yet.
    fn reference(&mut self) -> Parsed<Reference> {
        if !self.has_all() && !self.rest().iter().take(200).any(|b| matches!(b, b';' | b'<')) {
            return Err(Stop::Incomplete);
        }
        if self.rest().get(1) == Some(&b'#') {
            return self.char_reference();
        }
        self.skip(1);
        let name = self.name()?;
        if name.is_empty() {
            self.fatal(68, "xmlParseEntityRef: no name");
            return Ok(Reference::Nothing);
        }
        if self.peek() != Some(b';') {
            self.fatal(23, "EntityRef: expecting ';'");
            return Ok(Reference::Nothing);
        }
        self.skip(1);
        if let Some(c) = predefined(&name) {
            return Ok(Reference::Text(vec![c]));
        }
        let known = self.dtd.as_ref().is_some_and(|d| d.entity(&name).is_some());
        if !known {
            let text = format!("Entity '{}' not defined", String::from_utf8_lossy(&name));
            let external = self.dtd.as_ref().is_some_and(|d| d.system_id.is_some());
            if external && !self.standalone {
                self.report(Level::Error, 27, text);
            } else {
                self.fatal(26, text);
            }
        }
        Ok(Reference::Entity(name.into()))
    }

    fn char_reference(&mut self) -> Parsed<Reference> {
        let hex = self.rest().get(2) == Some(&b'x');
        self.skip(if hex { 3 } else { 2 });
        let radix = if hex { 16 } else { 10 };
        let mut value: u32 = 0;
        let mut digits = 0;
        while let Some(d) = self.peek().and_then(|b| char::from(b).to_digit(radix)) {
            value = value.saturating_mul(radix).saturating_add(d).min(0x11_0000);
            digits += 1;
            self.skip(1);
        }
        if self.peek() == Some(b';') && digits > 0 {
            self.skip(1);
        } else {
            let (code, what) = if hex { (6, "hexadecimal") } else { (7, "decimal") };
            self.fatal(code, format!("CharRef: invalid {what} value"));
            value = 0;
        }
        if !chars::is_char(value) {
            self.fatal(9, format!("xmlParseCharRef: invalid xmlChar value {value}"));
            return Ok(Reference::Nothing);
        }
        let c = char::from_u32(value).unwrap_or('\u{FFFD}');
        Ok(Reference::Text(c.to_string().into_bytes()))
    }

    /// A quoted value with its references replaced; `None`: an error was reported.
    pub(super) fn attribute_value(&mut self) -> Parsed<Option<Vec<u8>>> {
        let quote = match self.peek() {
            Some(q @ (b'"' | b'\'')) => q,
            None if !self.has_all() => return Err(Stop::Incomplete),
            _ => {
                self.fatal(39, "AttValue: \" or ' expected");
                return Ok(None);
            }
        };
        if !self.has_all() && !self.rest()[1..].contains(&quote) {
            return Err(Stop::Incomplete);
        }
        self.skip(1);
        let mut out = Vec::new();
        loop {
            match self.peek() {
                None => {
                    self.fatal(40, "AttValue: ' expected");
                    return Ok(None);
                }
                Some(b) if b == quote => {
                    self.skip(1);
                    return Ok(Some(out));
                }
                Some(b'<') => {
                    self.fatal(38, "Unescaped '<' not allowed in attributes values");
                    return Ok(None);
                }
                Some(b'&') => match self.reference()? {
                    Reference::Nothing => {}
                    Reference::Text(text) => out.extend_from_slice(&text),
                    Reference::Entity(name) => self.expand_in_value(&name, &mut out, 0)?,
                },
                Some(b'\r') if self.rest().get(1) == Some(&b'\n') => self.skip(1),
                Some(b) => {
                    if b < 0x20 && !chars::is_space(b) {
                        self.fatal(9, "invalid character in attribute value");
                        return Ok(None);
                    }
                    out.push(if chars::is_space(b) { b' ' } else { b });
                    self.skip(1);
                }
            }
        }
    }

    /// The replacement of an entity within an attribute.
    fn expand_in_value(&mut self, name: &Name, out: &mut Vec<u8>, depth: usize) -> Parsed<()> {
        let Some(text) = self.dtd.as_ref().and_then(|d| d.entity_text(name)) else {
            return Ok(());
        };
        if depth > 40 {
            self.fatal(89, "Detected an entity reference loop");
            return Err(Stop::Halt);
        }
        self.count_expansion(text.len())?;
        let mut at = 0;
        while at < text.len() {
            let rest = &text[at..];
            if rest[0] != b'&' {
                out.push(if chars::is_space(rest[0]) { b' ' } else { rest[0] });
                at += 1;
                continue;
            }
            let Some(end) = rest.iter().position(|b| *b == b';') else { return Ok(()) };
            let inner = &rest[1..end];
            at += end + 1;
            if let Some(text) = char_reference_text(inner) {
                out.extend_from_slice(&text);
            } else if let Some(c) = predefined(inner) {
                out.push(c);
            } else {
                self.expand_in_value(&inner.into(), out, depth + 1)?;
            }
        }
        Ok(())
    }
}

/// `#233` or `#xE9` as text.
pub(super) fn char_reference_text(inner: &[u8]) -> Option<Vec<u8>> {
    let digits = std::str::from_utf8(inner.strip_prefix(b"#")?).ok()?;
    let code = match digits.strip_prefix('x') {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => digits.parse().ok()?,
    };
    char::from_u32(code).filter(|_| chars::is_char(code)).map(|c| c.to_string().into_bytes())
}

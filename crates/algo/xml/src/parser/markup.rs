//! Comments, processing instructions, CDATA sections and the XML declaration.

use super::{Parsed, Parser, Stop};
use crate::chars;
use crate::encoding;
use crate::error::Level;
use crate::event::Event;

/// Where `needle` stands.
pub(super) fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    text.windows(needle.len()).position(|w| w == needle)
}

/// Line ends as XML sees them.
pub(super) fn normalized(text: &[u8]) -> Vec<u8> {
    if !text.contains(&b'\r') {
        return text.to_vec();
    }
    let mut out = Vec::with_capacity(text.len());
    for (i, b) in text.iter().enumerate() {
        match b {
            b'\r' if text.get(i + 1) == Some(&b'\n') => {}
            b'\r' => out.push(b'\n'),
            b => out.push(*b),
        }
    }
    out
}

impl Parser {
    pub(super) fn comment(&mut self) -> Parsed<()> {
        let Some(len) = find(&self.rest()[4..], b"-->") else {
            if !self.has_all() {
                return Err(Stop::Incomplete);
            }
            let all = self.rest().len();
            self.skip(all);
            return Err(self.ended(45, "Comment not terminated"));
        };
        let text = self.rest()[4..4 + len].to_vec();
        if let Some(at) = find(&text, b"--") {
            self.skip(4 + at);
            self.fatal(80, "Double hyphen within comment: <!-- ");
            self.skip(len - at + 3);
        } else if text.ends_with(b"-") {
            self.skip(4 + len);
            self.fatal(80, "Double hyphen within comment");
            self.skip(3);
        } else {
            self.skip(len + 7);
        }
        self.check_chars(&text, "xmlParseComment: invalid xmlChar value")?;
        self.emit(Event::Comment(normalized(&text)));
        Ok(())
    }

    /// Reports the first character that may not stand in a document.
    fn check_chars(&mut self, text: &[u8], what: &str) -> Parsed<()> {
        let bad = text.iter().find(|b| !chars::is_char(u32::from(**b)) && **b < 0x80).copied();
        match bad {
            Some(b) => {
                self.fatal(9, format!("{what} {b}"));
                Err(Stop::Reported)
            }
            None => Ok(()),
        }
    }

    pub(super) fn instruction(&mut self) -> Parsed<()> {
        if find(self.rest(), b"?>").is_none() && !self.has_all() {
            return Err(Stop::Incomplete);
        }
        self.skip(2);
        let target = self.name()?;
        if target.is_empty() {
            self.fatal(46, "xmlParsePI : no target name");
            return Err(Stop::Reported);
        }
        if target.eq_ignore_ascii_case(b"xml") {
            if target == b"xml" {
                self.fatal(64, "XML declaration allowed only at the start of the document");
            } else {
                self.report(Level::Warning, 64, "xmlParsePITarget: invalid name prefix 'xml'");
            }
        }
        let Some(len) = find(self.rest(), b"?>") else {
            let all = self.rest().len();
            self.skip(all);
            let text = format!("ParsePI: PI {} never end ...", String::from_utf8_lossy(&target));
            return Err(self.ended(47, text));
        };
        let data = self.rest()[..len].to_vec();
        if !data.is_empty() && !chars::is_space(data[0]) {
            let text = format!("ParsePI: PI {} space expected", String::from_utf8_lossy(&target));
            self.fatal(65, text);
        }
        self.skip(len + 2);
        let from = data.iter().take_while(|b| chars::is_space(**b)).count();
        self.emit(Event::Pi { target: target.into(), data: normalized(&data[from..]) });
        Ok(())
    }

    pub(super) fn cdata(&mut self) -> Parsed<()> {
        let Some(len) = find(&self.rest()[9..], b"]]>") else {
            if !self.has_all() {
                return Err(Stop::Incomplete);
            }
            let mut text = b"CData section not finished\n".to_vec();
            let rest = &self.rest()[9..];
            text.extend_from_slice(&rest[..rest.len().saturating_sub(2)]);
            let all = self.rest().len();
            self.skip(all);
            return Err(self.ended(63, text));
        };
        let text = normalized(&self.rest()[9..9 + len]);
        self.skip(len + 12);
        self.check_chars(&text, "CData section contains invalid char")?;
        self.emit(Event::CData(text));
        Ok(())
    }

    /// `<?xml version="1.0" encoding="…" standalone="…"?>`
    pub(super) fn declaration(&mut self) -> Parsed<()> {
        if find(self.rest(), b"?>").is_none() && !self.has_all() {
            return Err(Stop::Incomplete);
        }
        self.skip(5);
        self.skip_space();
        let version = match self.pseudo_attribute(b"version")? {
            Some(version) => version,
            None => {
                self.fatal(96, "Malformed declaration expecting version");
                Vec::new()
            }
        };
        if version != b"1.0" && !version.is_empty() {
            let shown = String::from_utf8_lossy(&version).into_owned();
            if version.starts_with(b"1.") {
                self.report(Level::Warning, 97, format!("Unsupported version '{shown}'"));
            } else {
                self.fatal(109, format!("Unsupported version '{shown}'"));
            }
        }
        let mut spaced = self.skip_space() > 0;
        let mut encoding = None;
        let mut standalone = None;
        if !self.rest().starts_with(b"?>") {
            if !spaced {
                self.fatal(65, "Blank needed here");
            }
            encoding = self.pseudo_attribute(b"encoding")?;
            if let Some(label) = &encoding
                && !encoding::known(label)
            {
                let shown = String::from_utf8_lossy(label).into_owned();
                self.fatal(32, format!("Unsupported encoding {shown}"));
                return Err(Stop::Halt);
            }
            if encoding.is_some() {
                spaced = self.skip_space() > 0;
            }
            if !self.rest().starts_with(b"?>") && encoding.is_some() && !spaced {
                self.fatal(65, "Blank needed here");
            }
            if let Some(value) = self.pseudo_attribute(b"standalone")? {
                standalone = match value.as_slice() {
                    b"yes" => Some(true),
                    b"no" => Some(false),
                    _ => {
                        self.fatal(78, "standalone accepts only 'yes' or 'no'");
                        None
                    }
                };
            }
            self.skip_space();
        }
        if self.rest().starts_with(b"?>") {
            self.skip(2);
        } else {
            self.fatal(57, "parsing XML declaration: '?>' expected");
            match self.rest().iter().position(|b| *b == b'>') {
                Some(end) => self.skip(end + 1),
                None => return Err(Stop::Halt),
            }
        }
        self.standalone = standalone == Some(true);
        self.emit(Event::Declaration { version, encoding, standalone });
        Ok(())
    }

    fn pseudo_attribute(&mut self, name: &[u8]) -> Parsed<Option<Vec<u8>>> {
        if !self.rest().starts_with(name) {
            return Ok(None);
        }
        self.skip(name.len());
        self.skip_space();
        if self.peek() != Some(b'=') {
            self.fatal(75, "expected '='");
            return Ok(None);
        }
        self.skip(1);
        self.skip_space();
        let quote = match self.peek() {
            Some(q @ (b'"' | b'\'')) => q,
            _ => {
                self.fatal(33, "String not started expecting ' or \"");
                return Ok(None);
            }
        };
        self.skip(1);
        let Some(len) = self.rest().iter().position(|b| *b == quote) else {
            self.fatal(34, "String not closed expecting \" or '");
            return Ok(None);
        };
        let value = self.rest()[..len].to_vec();
        self.skip(len + 1);
        Ok(Some(value))
    }
}

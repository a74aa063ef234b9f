//! Tags: names, attributes, namespaces.

use super::{MAX_DEPTH, Open, Parsed, Parser, State, Stop, Written};
use crate::chars;
use crate::error::Level;
use crate::event::{Attr, Event, QName, Start};
use crate::tree::{Name, XML_NS, XMLNS_NS};

fn lossy(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

impl Parser {
    pub(super) fn start_tag(&mut self) -> Parsed<()> {
        let line = self.line;
        self.skip(1);
        let name = self.name()?;
        if name.is_empty() {
            if self.rest().is_empty() && !self.has_all() {
                return Err(Stop::Incomplete);
            }
            self.fatal(68, "StartTag: invalid element name");
            return Err(Stop::Reported);
        }
        let (written, broken) = self.attributes()?;
        let empty = self.rest().starts_with(b"/>");
        if !empty && !self.rest().starts_with(b">") {
            if self.rest().len() < 2 && !self.has_all() {
                return Err(Stop::Incomplete);
            }
            let shown = lossy(&name).into_owned();
            self.fatal(73, format!("Couldn't find end of Start Tag {shown} line {line}"));
            return Err(Stop::Reported);
        }
        let namespaces = self.namespaces.len();
        let start = match broken {
            false => self.resolve(&name, written, self.line),
            // The errors are reported; what is left of the tag is its name.
            true => self.resolve(&name, Vec::new(), self.line),
        };
        self.skip(if empty { 2 } else { 1 });
        let qname = start.name.clone();
        self.emit(Event::Start(Box::new(start)));
        if empty {
            self.emit(Event::End(qname));
            self.namespaces.truncate(namespaces);
            self.close_document();
            return Ok(());
        }
        let inputs = self.inputs.len();
        self.open.push(Open { name: qname, line, namespaces, inputs });
        if self.open.len() > MAX_DEPTH && !self.options.huge {
            let text =
                format!("Excessive depth in document: {MAX_DEPTH} use XML_PARSE_HUGE option");
            self.fatal(1, text);
            return Err(Stop::Halt);
        }
        Ok(())
    }

    /// The attributes as written, and whether a tag was so broken that they are of no use.
    fn attributes(&mut self) -> Parsed<(Written, bool)> {
        let mut written: Written = Vec::new();
        self.skip_space();
        loop {
            match self.peek() {
                None if !self.has_all() => return Err(Stop::Incomplete),
                None | Some(b'>') => break,
                Some(b'/') if self.rest().get(1) == Some(&b'>') => break,
                Some(b'/') if self.rest().len() == 1 && !self.has_all() => {
                    return Err(Stop::Incomplete);
                }
                Some(_) => {}
            }
            let name = self.name()?;
            if name.is_empty() {
                self.attribute_name_error();
                break;
            }
            self.skip_space();
            let value = if self.peek() == Some(b'=') {
                self.skip(1);
                self.skip_space();
                self.attribute_value()?
            } else {
                if self.rest().is_empty() && !self.has_all() {
                    return Err(Stop::Incomplete);
                }
                let shown = lossy(&name).into_owned();
                self.fatal(41, format!("Specification mandates value for attribute {shown}"));
                None
            };
            if let Some(value) = value {
                if written.iter().any(|(n, _)| *n == name) {
                    let shown = lossy(&name).into_owned();
                    self.fatal(42, format!("Attribute {shown} redefined"));
                } else {
                    written.push((name, value));
                }
            }
            if matches!(self.peek(), Some(b'>')) || self.rest().starts_with(b"/>") {
                break;
            }
            if self.skip_space() == 0 {
                if self.rest().len() < 2 && !self.has_all() {
                    return Err(Stop::Incomplete);
                }
                self.fatal(65, "attributes construct error");
                return Ok((written, true));
            }
        }
        Ok((written, false))
    }

    fn attribute_name_error(&mut self) {
        self.fatal(68, "error parsing attribute name");
        self.fatal(65, "attributes construct error");
    }

    /// Resolves names against the declarations in force and those of the tag.
    fn resolve(&mut self, name: &[u8], written: Written, line: u32) -> Start {
        let mut attrs = written;
        self.add_defaults(name, &mut attrs);
        if self.options.no_namespaces {
            let plain = |n: &[u8]| QName { prefix: None, local: n.into(), ns: None };
            let attrs = attrs
                .into_iter()
                .map(|(n, value)| Attr { name: plain(&n), value, is_id: false })
                .collect();
            return Start { name: plain(name), attrs, declared: Vec::new(), line };
        }
        let mut declared: Vec<(Option<Name>, Name)> = Vec::new();
        let mut plain = Vec::new();
        for (attr, value) in attrs {
            if attr == b"xmlns" {
                declared.push((None, value.into()));
            } else if let Some(prefix) = attr.strip_prefix(b"xmlns:".as_slice()) {
                self.declare(prefix, value, &mut declared);
            } else {
                plain.push((attr, value));
            }
        }
        self.namespaces.extend(declared.iter().cloned());
        let (prefix, local) = self.split(name);
        let ns = self.lookup(prefix.as_deref());
        let mut qname = QName { prefix, local, ns };
        if let (Some(p), None) = (&qname.prefix, &qname.ns) {
            let text =
                format!("Namespace prefix {} on {} is not defined", lossy(p), lossy(&qname.local));
            self.report(Level::Error, 201, text);
            qname = QName { prefix: None, local: name.into(), ns: None };
        }
        let mut resolved: Vec<Attr> = Vec::new();
        for (attr, value) in plain {
            let resolved_name = self.attribute_qname(&attr, name);
            let twice = resolved.iter().any(|a| {
                a.name.local == resolved_name.local
                    && a.name.ns == resolved_name.ns
                    && a.name.ns.is_some()
            });
            if twice {
                let text = format!(
                    "Namespaced Attribute {} in '{}' redefined",
                    lossy(&resolved_name.local),
                    lossy(resolved_name.ns.as_deref().unwrap_or_default())
                );
                self.well_formed = false;
                self.report(Level::Error, 203, text);
                continue;
            }
            let is_id = attr == b"xml:id" || self.declared_id(name, &attr);
            resolved.push(Attr { name: resolved_name, value, is_id });
        }
        Start { name: qname, attrs: resolved, declared, line }
    }

    fn attribute_qname(&mut self, attr: &[u8], element: &[u8]) -> QName {
        let (prefix, local) = self.split(attr);
        let Some(prefix) = prefix else { return QName { prefix: None, local, ns: None } };
        match self.lookup(Some(&prefix)) {
            Some(ns) => QName { prefix: Some(prefix), local, ns: Some(ns) },
            None => {
                let (_, on) = chars::split_qname(element);
                let text = format!(
                    "Namespace prefix {} for {} on {} is not defined",
                    lossy(&prefix),
                    lossy(&local),
                    lossy(on)
                );
                self.report(Level::Error, 201, text);
                QName { prefix: None, local: attr.into(), ns: None }
            }
        }
    }

    fn declare(&mut self, prefix: &[u8], uri: Vec<u8>, declared: &mut Vec<(Option<Name>, Name)>) {
        let shown = lossy(prefix).into_owned();
        if prefix == b"xml" {
            if uri != XML_NS {
                let text = "xml namespace prefix mapped to wrong URI";
                self.report(Level::Error, 200, text);
            }
            return;
        }
        if prefix == b"xmlns" {
            self.report(Level::Error, 200, "redefinition of the xmlns prefix is forbidden");
            return;
        }
        if uri == XMLNS_NS {
            self.report(Level::Error, 200, "reuse of the xmlns namespace name is forbidden");
            return;
        }
        if uri.is_empty() {
            self.report(
                Level::Error,
                200,
                format!("xmlns:{shown}: Empty XML namespace is not allowed"),
            );
            return;
        }
        if !uri.contains(&b':') {
            let text = format!("xmlns:{shown}: URI {} is not absolute", lossy(&uri));
            self.report(Level::Warning, 100, text);
        }
        declared.push((Some(prefix.into()), uri.into()));
    }

    fn split(&mut self, name: &[u8]) -> (Option<Name>, Name) {
        let (prefix, local) = chars::split_qname(name);
        (prefix.map(Name::from), local.into())
    }

    fn lookup(&self, prefix: Option<&[u8]>) -> Option<Name> {
        if prefix == Some(b"xml") {
            return Some(XML_NS.into());
        }
        self.namespaces
            .iter()
            .rev()
            .find(|(p, _)| p.as_deref() == prefix)
            .map(|(_, uri)| uri.clone())
            .filter(|uri| !uri.is_empty())
    }

    fn declared_id(&self, element: &[u8], attr: &[u8]) -> bool {
        self.dtd
            .as_ref()
            .is_some_and(|d| d.attrs_of(element).any(|a| a.name == attr && a.ty == b"ID"))
    }

    fn add_defaults(&self, element: &[u8], attrs: &mut Written) {
        let Some(dtd) = &self.dtd else { return };
        for a in dtd.attrs_of(element) {
            let wanted = self.options.default_attrs || a.name.starts_with(b"xmlns");
            if let Some(value) = &a.default
                && wanted
                && !attrs.iter().any(|(n, _)| *n == a.name)
            {
                attrs.push((a.name.clone(), value.clone()));
            }
        }
    }

    pub(super) fn end_tag(&mut self) -> Parsed<()> {
        if self.open.last().is_none_or(|o| o.inputs != self.inputs.len()) {
            if self.options.fragment {
                self.fatal(85, "chunk is not well balanced");
                return Err(Stop::Halt);
            }
            self.fatal(68, "StartTag: invalid element name");
            return Err(Stop::Halt);
        }
        self.skip(2);
        let name = self.name()?;
        self.skip_space();
        let closed = self.peek() == Some(b'>');
        if !closed && self.rest().is_empty() && !self.has_all() {
            return Err(Stop::Incomplete);
        }
        if closed {
            self.skip(1);
        } else {
            self.fatal(73, "expected '>'");
        }
        let Some(open) = self.open.pop() else { return Ok(()) };
        let expected = open.name.qualified();
        if expected != name {
            let text = format!(
                "Opening and ending tag mismatch: {} line {} and {}",
                lossy(&expected),
                open.line,
                if name.is_empty() { "unparsable".into() } else { lossy(&name) }
            );
            self.fatal(76, text);
        }
        self.namespaces.truncate(open.namespaces);
        self.emit(Event::End(open.name));
        self.close_document();
        Ok(())
    }

    /// Behind the end of the root element comes the epilog.
    fn close_document(&mut self) {
        if self.open.is_empty() && !self.options.fragment {
            self.state = State::Epilog;
        }
    }
}

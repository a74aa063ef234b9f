//! Canonical XML 1.0, inclusive and exclusive.

use crate::tree::{Kind, Name, NodeId, Tree};

/// What to write.
#[derive(Debug, Clone, Copy, Default)]
pub struct Canonical {
    /// Only the namespaces that names use.
    pub exclusive: bool,
    pub comments: bool,
}

type Namespace = (Option<Name>, Name);

/// A node with what is below it.
pub fn canonical(tree: &Tree, top: NodeId, how: Canonical) -> Vec<u8> {
    let mut out = Vec::new();
    let writer = Writer { tree, how };
    match tree.kind(top) {
        Kind::Document | Kind::HtmlDocument => {
            let mut behind = false;
            for child in tree.children(top) {
                let start = out.len();
                writer.node(child, &[], &mut out);
                if tree.kind(child) == Kind::Element {
                    behind = true;
                } else if out.len() > start {
                    // Outside the document element, each has a line of its own.
                    let at = if behind { start } else { out.len() };
                    out.insert(at, b'\n');
                }
            }
        }
        _ => writer.node(top, &[], &mut out),
    }
    out
}

struct Writer<'t> {
    tree: &'t Tree,
    how: Canonical,
}

impl Writer<'_> {
    fn node(&self, id: NodeId, rendered: &[Namespace], out: &mut Vec<u8>) {
        let node = self.tree.node(id);
        match node.kind {
            Kind::Element => self.element(id, rendered, out),
            Kind::Text | Kind::CData => escape(&node.value, false, out),
            Kind::EntityRef => escape(&self.tree.text(id), false, out),
            Kind::Comment if self.how.comments => {
                out.extend_from_slice(b"<!--");
                out.extend_from_slice(&node.value);
                out.extend_from_slice(b"-->");
            }
            Kind::Pi => {
                out.extend_from_slice(b"<?");
                out.extend_from_slice(&node.name);
                if !node.value.is_empty() {
                    out.push(b' ');
                    out.extend_from_slice(&node.value);
                }
                out.extend_from_slice(b"?>");
            }
            _ => {}
        }
    }

    /// `rendered`: the namespaces that elements around have written, the last one of a prefix holds.
    fn element(&self, id: NodeId, rendered: &[Namespace], out: &mut Vec<u8>) {
        let node = self.tree.node(id);
        let mut inner = rendered.to_vec();
        let mut own: Vec<Namespace> = Vec::new();
        for (prefix, uri) in self.namespaces(id) {
            let known = rendered.iter().rev().find(|(p, _)| *p == prefix).map(|(_, u)| u);
            let same = match known {
                Some(known) => *known == uri,
                None => prefix.is_none() && uri.is_empty(),
            };
            if !same && prefix.as_deref() != Some(b"xml") {
                own.push((prefix, uri));
            }
        }
        own.sort();
        inner.extend(own.iter().cloned());
        let name = self.tree.qualified(id);
        out.push(b'<');
        out.extend_from_slice(&name);
        for (prefix, uri) in &own {
            let name = match prefix {
                Some(prefix) => [b"xmlns:", &prefix[..]].concat(),
                None => b"xmlns".to_vec(),
            };
            attribute(&name, uri, out);
        }
        let mut attrs = node.attrs.clone();
        attrs.sort_by_key(|&a| {
            let a = self.tree.node(a);
            (a.ns.clone(), a.name.clone())
        });
        for attr in attrs {
            attribute(&self.tree.qualified(attr), &self.tree.node(attr).value, out);
        }
        out.push(b'>');
        for child in self.tree.children(id) {
            self.node(child, &inner, out);
        }
        out.extend_from_slice(b"</");
        out.extend_from_slice(&name);
        out.push(b'>');
    }

    /// The namespaces that the element has to have: all in scope, or those that its names use.
    fn namespaces(&self, id: NodeId) -> Vec<Namespace> {
        let mut found: Vec<Namespace> = Vec::new();
        let mut add = |prefix: &Option<Name>, uri: Name| {
            if !found.iter().any(|(p, _)| p == prefix) {
                found.push((prefix.clone(), uri));
            }
        };
        let node = self.tree.node(id);
        if self.how.exclusive {
            let none: Name = Name::from(&b""[..]);
            add(&node.prefix, node.ns.clone().unwrap_or(none));
            for &attr in &node.attrs {
                let attr = self.tree.node(attr);
                if let (Some(_), Some(ns)) = (&attr.prefix, &attr.ns) {
                    add(&attr.prefix, ns.clone());
                }
            }
            return found;
        }
        for above in self.tree.ancestors(id) {
            for (prefix, uri) in &self.tree.node(above).declared {
                add(prefix, uri.clone());
            }
        }
        found
    }
}

fn attribute(name: &[u8], value: &[u8], out: &mut Vec<u8>) {
    out.push(b' ');
    out.extend_from_slice(name);
    out.extend_from_slice(b"=\"");
    escape(value, true, out);
    out.push(b'"');
}

fn escape(text: &[u8], attribute: bool, out: &mut Vec<u8>) {
    for &b in text {
        match b {
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' if !attribute => out.extend_from_slice(b"&gt;"),
            b'"' if attribute => out.extend_from_slice(b"&quot;"),
            b'\t' if attribute => out.extend_from_slice(b"&#x9;"),
            b'\n' if attribute => out.extend_from_slice(b"&#xA;"),
            b'\r' => out.extend_from_slice(b"&#xD;"),
            b => out.push(b),
        }
    }
}

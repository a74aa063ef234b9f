//! Trees as text.

use crate::chars;
use crate::encoding;
use crate::tree::{Kind, Node, NodeId, Tree};

/// How to write.
#[derive(Debug, Clone, Copy, Default)]
pub struct Style {
    /// Indents where there is no text.
    pub format: bool,
    /// `<a></a>` in place of `<a/>`.
    pub no_empty_tags: bool,
    /// Without `<?xml …?>`.
    pub no_declaration: bool,
    /// What is not ASCII as numeric references.
    pub ascii: bool,
}

/// Text as content of an element.
pub fn escape_text(text: &[u8], ascii: bool, out: &mut Vec<u8>) {
    escape(text, ascii, out, |b| match b {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'\r' => Some("&#13;"),
        _ => None,
    });
}

/// Text as value of an attribute in double quotes.
pub fn escape_attribute(text: &[u8], ascii: bool, out: &mut Vec<u8>) {
    escape(text, ascii, out, |b| match b {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'"' => Some("&quot;"),
        b'\n' => Some("&#10;"),
        b'\t' => Some("&#9;"),
        b'\r' => Some("&#13;"),
        _ => None,
    });
}

fn escape(
    text: &[u8],
    ascii: bool,
    out: &mut Vec<u8>,
    replaced: impl Fn(u8) -> Option<&'static str>,
) {
    let mut at = 0;
    while at < text.len() {
        let b = text[at];
        if let Some(r) = replaced(b) {
            out.extend_from_slice(r.as_bytes());
        } else if ascii && b >= 0x80 {
            let (code, len) = match chars::decode(&text[at..]) {
                Some((c, len)) => (u32::from(c), len),
                None => (u32::from(b), 1),
            };
            out.extend_from_slice(format!("&#x{code:X};").as_bytes());
            at += len;
            continue;
        } else {
            out.push(b);
        }
        at += 1;
    }
}

/// A whole document, in its encoding.
pub fn document(tree: &Tree, mut style: Style) -> Vec<u8> {
    let label = tree.encoding.clone();
    style.ascii = label.is_none();
    let mut out = Vec::new();
    if !style.no_declaration {
        declaration(tree, &mut out);
    }
    for child in tree.children(Tree::ROOT) {
        node(tree, child, style, &mut out);
        out.push(b'\n');
    }
    match label {
        Some(label) => encoding::from_utf8(&out, &label).unwrap_or(out),
        None => out,
    }
}

fn declaration(tree: &Tree, out: &mut Vec<u8>) {
    out.extend_from_slice(b"<?xml version=\"");
    out.extend_from_slice(&tree.version);
    out.push(b'"');
    if let Some(label) = &tree.encoding {
        out.extend_from_slice(b" encoding=\"");
        out.extend_from_slice(label);
        out.push(b'"');
    }
    match tree.standalone {
        Some(true) => out.extend_from_slice(b" standalone=\"yes\""),
        Some(false) => out.extend_from_slice(b" standalone=\"no\""),
        None => {}
    }
    out.extend_from_slice(b"?>\n");
}

/// One node with what is below it, in UTF-8.
pub fn node(tree: &Tree, top: NodeId, style: Style, out: &mut Vec<u8>) {
    let mut at = top;
    // Depth of the element outside which nothing is indented, as it holds text.
    let mut depth = 0usize;
    let mut plain_from: Option<usize> = None;
    loop {
        let indented = open(tree, at, style, plain_from.is_none(), out);
        if let Some(first) = indented.0 {
            depth += 1;
            if !indented.1 && plain_from.is_none() {
                plain_from = Some(depth);
            }
            if style.format && plain_from.is_none() {
                indent(depth, out);
            }
            at = first;
            continue;
        }
        loop {
            if at == top {
                return;
            }
            if let Some(next) = tree.node(at).next {
                if style.format && plain_from.is_none() {
                    indent(depth, out);
                }
                at = next;
                break;
            }
            let Some(parent) = tree.node(at).parent else { return };
            let was_plain = plain_from.is_some();
            if plain_from == Some(depth) {
                plain_from = None;
            }
            depth -= 1;
            at = parent;
            if tree.kind(at) == Kind::Element {
                if style.format && !was_plain {
                    indent(depth, out);
                }
                out.extend_from_slice(b"</");
                out.extend_from_slice(&tree.qualified(at));
                out.push(b'>');
            }
        }
    }
}

fn indent(depth: usize, out: &mut Vec<u8>) {
    out.push(b'\n');
    out.resize(out.len() + depth * 2, b' ');
}

/// Writes a node up to its first child, which is returned with whether children may be indented.
fn open(
    tree: &Tree,
    id: NodeId,
    style: Style,
    indenting: bool,
    out: &mut Vec<u8>,
) -> (Option<NodeId>, bool) {
    let n = tree.node(id);
    match n.kind {
        Kind::Element => return element(tree, id, style, indenting, out),
        Kind::Text => escape_text(&n.value, style.ascii, out),
        Kind::CData => cdata(&n.value, out),
        Kind::Comment => surrounded(b"<!--", &n.value, b"-->", out),
        Kind::Pi => instruction(n, out),
        Kind::EntityRef => surrounded(b"&", &n.name, b";", out),
        Kind::DocumentType => doctype(n, out),
        Kind::Attribute => {
            out.push(b' ');
            attribute(tree, id, style, out);
        }
        Kind::Document | Kind::HtmlDocument | Kind::Fragment => return (n.first, false),
        Kind::Entity | Kind::Notation => {}
    }
    (None, false)
}

fn surrounded(open: &[u8], text: &[u8], close: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(open);
    out.extend_from_slice(text);
    out.extend_from_slice(close);
}

fn instruction(n: &Node, out: &mut Vec<u8>) {
    surrounded(b"<?", &n.name, b"", out);
    if !n.value.is_empty() {
        surrounded(b" ", &n.value, b"", out);
    }
    out.extend_from_slice(b"?>");
}

/// A `]]>` within is split between two sections.
fn cdata(text: &[u8], out: &mut Vec<u8>) {
    let mut from = 0;
    let mut at = 0;
    while at + 3 <= text.len() {
        if &text[at..at + 3] == b"]]>" {
            surrounded(b"<![CDATA[", &text[from..at + 2], b"]]>", out);
            from = at + 2;
            at += 2;
        } else {
            at += 1;
        }
    }
    if from < text.len() || text.is_empty() {
        surrounded(b"<![CDATA[", &text[from..], b"]]>", out);
    }
}

fn attribute(tree: &Tree, id: NodeId, style: Style, out: &mut Vec<u8>) {
    out.extend_from_slice(&tree.qualified(id));
    out.extend_from_slice(b"=\"");
    escape_attribute(&tree.node(id).value, style.ascii, out);
    out.push(b'"');
}

fn element(
    tree: &Tree,
    id: NodeId,
    style: Style,
    indenting: bool,
    out: &mut Vec<u8>,
) -> (Option<NodeId>, bool) {
    let n = tree.node(id);
    let name = tree.qualified(id);
    out.push(b'<');
    out.extend_from_slice(&name);
    for (prefix, uri) in &n.declared {
        out.extend_from_slice(b" xmlns");
        if let Some(p) = prefix {
            surrounded(b":", p, b"", out);
        }
        out.extend_from_slice(b"=\"");
        escape_attribute(uri, style.ascii, out);
        out.push(b'"');
    }
    for a in &n.attrs {
        out.push(b' ');
        attribute(tree, *a, style, out);
    }
    if n.first.is_none() {
        if style.no_empty_tags {
            surrounded(b"></", &name, b">", out);
        } else {
            out.extend_from_slice(b"/>");
        }
        return (None, false);
    }
    out.push(b'>');
    let only_markup = !tree
        .children(id)
        .any(|c| matches!(tree.kind(c), Kind::Text | Kind::EntityRef | Kind::CData));
    (n.first, indenting && only_markup)
}

fn id_in_quotes(id: &[u8], out: &mut Vec<u8>) {
    let quote: &[u8] = if id.contains(&b'"') { b"'" } else { b"\"" };
    surrounded(quote, id, quote, out);
}

fn doctype(n: &Node, out: &mut Vec<u8>) {
    surrounded(b"<!DOCTYPE ", &n.name, b"", out);
    let Some(d) = &n.doctype else {
        out.push(b'>');
        return;
    };
    match (&d.public_id, &d.system_id) {
        (Some(public), system) => {
            out.extend_from_slice(b" PUBLIC ");
            id_in_quotes(public, out);
            out.push(b' ');
            id_in_quotes(system.as_deref().unwrap_or_default(), out);
        }
        (None, Some(system)) => {
            out.extend_from_slice(b" SYSTEM ");
            id_in_quotes(system, out);
        }
        (None, None) => {}
    }
    if !d.declarations.is_empty() {
        out.extend_from_slice(b" [\n");
        for line in &d.declarations {
            surrounded(b"", line, b"\n", out);
        }
        out.push(b']');
    }
    out.push(b'>');
}

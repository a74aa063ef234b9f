//! What the parser gives.

use crate::dtd::Doctype;
use crate::tree::Name;

/// A name as written, with the namespace it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QName {
    /// Before the colon.
    pub prefix: Option<Name>,
    /// Behind the colon.
    pub local: Name,
    /// The namespace.
    pub ns: Option<Name>,
}

impl QName {
    /// The name as written.
    pub fn qualified(&self) -> Vec<u8> {
        match &self.prefix {
            Some(prefix) => [prefix, b":".as_slice(), &self.local].concat(),
            None => self.local.to_vec(),
        }
    }
}

/// An attribute.
#[derive(Debug, Clone)]
pub struct Attr {
    /// Its name.
    pub name: QName,
    /// Its value, with references replaced.
    pub value: Vec<u8>,
    /// The DTD says it is an id.
    pub is_id: bool,
}

/// The begin of an element.
#[derive(Debug, Clone)]
pub struct Start {
    /// Its name.
    pub name: QName,
    /// Attributes in order, without declarations of namespaces.
    pub attrs: Vec<Attr>,
    /// Declarations of namespaces: prefix and URI.
    pub declared: Vec<(Option<Name>, Name)>,
    /// The line where its tag ends.
    pub line: u32,
}

/// A piece of a document.
#[derive(Debug, Clone)]
pub enum Event {
    /// `<?xml …?>`
    Declaration { version: Vec<u8>, encoding: Option<Vec<u8>>, standalone: Option<bool> },
    /// `<!DOCTYPE …>`
    Doctype(Box<Doctype>),
    /// `<a …>`; an empty tag is followed by its end.
    Start(Box<Start>),
    /// `</a>`
    End(QName),
    /// Text with references replaced; a stretch of text may come in pieces.
    Text(Vec<u8>),
    /// `<![CDATA[…]]>`
    CData(Vec<u8>),
    /// `<!--…-->`
    Comment(Vec<u8>),
    /// `<?target data?>`
    Pi { target: Name, data: Vec<u8> },
    /// `&name;` that is not replaced.
    EntityRef(Name),
}

//! What a document's `<!DOCTYPE` declares.

use crate::tree::Name;

/// An entity.
#[derive(Debug, Clone, Default)]
pub struct EntityDecl {
    pub name: Vec<u8>,
    /// Replacement text; `None`: external.
    pub text: Option<Vec<u8>>,
    /// The text as written.
    pub written: Vec<u8>,
    pub public_id: Option<Vec<u8>>,
    pub system_id: Option<Vec<u8>>,
    pub notation: Option<Vec<u8>>,
    /// `%name;`
    pub parameter: bool,
}

/// A notation.
#[derive(Debug, Clone)]
pub struct NotationDecl {
    pub name: Vec<u8>,
    pub public_id: Option<Vec<u8>>,
    pub system_id: Option<Vec<u8>>,
}

/// An attribute of a list.
#[derive(Debug, Clone)]
pub struct AttrDecl {
    pub element: Vec<u8>,
    pub name: Vec<u8>,
    /// `CDATA`, `ID`, `(a|b)`
    pub ty: Vec<u8>,
    /// The value where the attribute is left out.
    pub default: Option<Vec<u8>>,
}

/// A document type.
#[derive(Debug, Clone, Default)]
pub struct Doctype {
    pub name: Vec<u8>,
    pub public_id: Option<Vec<u8>>,
    pub system_id: Option<Vec<u8>>,
    /// The internal subset as written, without its brackets; `None`: there is none.
    pub subset: Option<Vec<u8>>,
    pub entities: Vec<EntityDecl>,
    pub notations: Vec<NotationDecl>,
    pub attrs: Vec<AttrDecl>,
    /// Declarations in order, as libxml2 writes them back.
    pub declarations: Vec<Vec<u8>>,
}

impl Doctype {
    /// A general entity by name; the first declaration holds.
    pub fn entity(&self, name: &[u8]) -> Option<&EntityDecl> {
        self.entities.iter().find(|e| !e.parameter && e.name == name)
    }

    /// The text of an internal entity without markup.
    pub fn entity_text(&self, name: &Name) -> Option<Vec<u8>> {
        self.entity(name).and_then(|e| e.text.clone())
    }

    /// The declared attributes of an element.
    pub fn attrs_of<'a>(&'a self, element: &'a [u8]) -> impl Iterator<Item = &'a AttrDecl> {
        self.attrs.iter().filter(move |a| a.element == element)
    }
}

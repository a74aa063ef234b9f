//! XML Schema 1.0: schemas as read, and documents held against them, in libxml2's words.
//!
//! `xs:redefine`, blocks of Unicode in patterns, and bounds of dates are refused by name when the
//! schema is read.

mod content;
mod facets;
mod identity;
mod pattern;
mod read;
mod simple;
mod validate;

use crate::{Level, Name, NodeId, Tree, XmlError};
use content::Model;
use facets::Facet;
use identity::Constraint;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::rc::Rc;

pub use read::{Loader, read};
pub use validate::validate;

/// The namespace of schemas.
pub(crate) const XS: &[u8] = b"http://www.w3.org/2001/XMLSchema";
/// The namespace of `xsi:type` and the like.
pub(crate) const XSI: &[u8] = b"http://www.w3.org/2001/XMLSchema-instance";

/// A name with its namespace.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct QName {
    pub(crate) ns: Option<Name>,
    pub(crate) local: Name,
}

impl QName {
    pub(crate) fn of(tree: &Tree, id: NodeId) -> QName {
        let node = tree.node(id);
        QName { ns: node.ns.clone(), local: node.name.clone() }
    }

    /// As messages write it.
    pub(crate) fn shown(&self) -> String {
        let local = String::from_utf8_lossy(&self.local);
        match &self.ns {
            Some(ns) => format!("{{{}}}{local}", String::from_utf8_lossy(ns)),
            None => local.into_owned(),
        }
    }

    /// As messages name types: `xs:integer`.
    fn type_shown(&self) -> String {
        if self.ns.as_deref() == Some(XS) {
            return format!("xs:{}", String::from_utf8_lossy(&self.local));
        }
        self.shown()
    }
}

/// A schema: components point to each other by their numbers.
#[derive(Debug, Default)]
pub struct Schema {
    types: Vec<Type>,
    elements: Vec<Element>,
    attributes: Vec<Attribute>,
    global_types: HashMap<QName, TypeId>,
    global_elements: HashMap<QName, ElementId>,
    global_attributes: HashMap<QName, AttributeId>,
    /// Elements that may stand for another.
    substitutes: HashMap<QName, Vec<ElementId>>,
}

type TypeId = usize;
type ElementId = usize;
type AttributeId = usize;

#[derive(Debug)]
struct Type {
    /// None: declared where it is used.
    name: Option<QName>,
    base: Option<TypeId>,
    kind: TypeKind,
}

#[derive(Debug)]
enum TypeKind {
    /// Named, not read yet.
    Pending,
    /// `xs:anyType`
    Any,
    Simple(SimpleType),
    Complex(ComplexType),
}

#[derive(Debug, Clone)]
struct SimpleType {
    variety: Variety,
    space: Space,
    /// Those of this step, behind them those of the types it restricts.
    facets: Vec<Facet>,
}

#[derive(Debug, Clone)]
enum Variety {
    /// A builtin type, by its name.
    Atomic(&'static str),
    List(TypeId),
    Union(Vec<TypeId>),
}

/// What happens to white space before a value is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Space {
    Preserve,
    Replace,
    Collapse,
}

#[derive(Debug)]
struct ComplexType {
    attributes: Vec<AttributeUse>,
    any_attribute: Option<Wildcard>,
    content: Content,
    mixed: bool,
    is_abstract: bool,
}

#[derive(Debug, Clone)]
enum Content {
    Empty,
    Simple(TypeId),
    Particles(Rc<Particles>),
}

/// The content of elements, with the automaton made when it is first needed.
#[derive(Debug)]
struct Particles {
    particle: Particle,
    model: OnceCell<Model>,
}

#[derive(Debug, Clone)]
struct Particle {
    term: Term,
    min: u32,
    /// None: unbounded.
    max: Option<u32>,
}

#[derive(Debug, Clone)]
enum Term {
    Element(ElementId),
    Any(Wildcard),
    Sequence(Vec<Particle>),
    Choice(Vec<Particle>),
    All(Vec<Particle>),
}

#[derive(Debug)]
struct Element {
    name: QName,
    kind: TypeId,
    nillable: bool,
    is_abstract: bool,
    fixed: Option<Vec<u8>>,
    default: Option<Vec<u8>>,
    constraints: Vec<Constraint>,
}

#[derive(Debug)]
struct Attribute {
    name: QName,
    kind: TypeId,
    fixed: Option<Vec<u8>>,
    default: Option<Vec<u8>>,
}

#[derive(Debug, Clone)]
struct AttributeUse {
    attribute: AttributeId,
    required: bool,
    prohibited: bool,
    fixed: Option<Vec<u8>>,
    default: Option<Vec<u8>>,
}

#[derive(Debug, Clone)]
struct Wildcard {
    allowed: Namespaces,
    process: Process,
}

#[derive(Debug, Clone)]
enum Namespaces {
    Any,
    /// `##other` than this one.
    Other(Option<Name>),
    Listed(Vec<Option<Name>>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Process {
    Strict,
    Lax,
    Skip,
}

impl Wildcard {
    fn allows(&self, ns: Option<&[u8]>) -> bool {
        match &self.allowed {
            Namespaces::Any => true,
            Namespaces::Other(own) => ns.is_some() && ns != own.as_deref(),
            Namespaces::Listed(list) => list.iter().any(|n| n.as_deref() == ns),
        }
    }
}

impl Schema {
    /// Is `derived` the type `base`, or made from it?
    fn derives(&self, derived: TypeId, base: TypeId) -> bool {
        let mut at = Some(derived);
        while let Some(id) = at {
            if id == base || matches!(self.types[base].kind, TypeKind::Any) {
                return true;
            }
            at = self.types[id].base;
        }
        false
    }
}

fn complaint(code: i64, line: u32, message: String) -> XmlError {
    let message = format!("{message}\n").into_bytes();
    XmlError { level: Level::Error, code, message, line, column: 0 }
}

#[cfg(test)]
mod tests {
    use super::{read, validate};
    use crate::build::{Wanted, document};

    fn errors(schema: &str, text: &str) -> Vec<String> {
        let tree = |text: &str| {
            document(text.as_bytes(), None, Wanted::default()).tree.expect("well-formed")
        };
        let schema = format!(
            "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\">{schema}</xs:schema>"
        );
        let schema = read(&tree(&schema), b"memory", &mut |_, _| None).expect("a schema");
        validate(&schema, &mut tree(text), false)
            .iter()
            .map(|e| String::from_utf8_lossy(&e.message).trim_end().to_owned())
            .collect()
    }

    const LIST: &str = "<xs:element name='r'><xs:complexType><xs:sequence>\
        <xs:element name='a' minOccurs='0' type='xs:integer'/>\
        <xs:element name='b' minOccurs='0' maxOccurs='unbounded'/>\
        <xs:choice><xs:element name='c'/><xs:element name='d'/></xs:choice></xs:sequence>\
        <xs:attribute name='q' use='required' type='xs:boolean'/></xs:complexType></xs:element>";

    #[test]
    fn says_what_it_expected() {
        assert!(errors(LIST, "<r q='1'><a> 5 </a><b/><b/><d/></r>").is_empty());
        assert_eq!(
            errors(LIST, "<r q='1'><b/><a/></r>"),
            ["Element 'a': This element is not expected. Expected is one of ( b, c, d )."]
        );
        assert_eq!(
            errors(LIST, "<r q='1'><b/></r>"),
            ["Element 'r': Missing child element(s). Expected is one of ( b, c, d )."]
        );
        assert_eq!(
            errors(LIST, "<r z=''><a>x</a><c/></r>"),
            [
                "Element 'r', attribute 'z': The attribute 'z' is not allowed.",
                "Element 'r': The attribute 'q' is required but missing.",
                "Element 'a': 'x' is not a valid value of the atomic type 'xs:integer'."
            ]
        );
        assert_eq!(
            errors(LIST, "<x/>"),
            ["Element 'x': No matching global declaration available for the validation root."]
        );
    }

    #[test]
    fn facets_have_their_say() {
        let schema = "<xs:element name='r'><xs:simpleType><xs:restriction base='xs:string'>\
            <xs:enumeration value='x'/><xs:enumeration value='y'/>\
            </xs:restriction></xs:simpleType></xs:element>\
            <xs:element name='p'><xs:simpleType><xs:restriction base='xs:token'>\
            <xs:pattern value='[a-z-[m]]+\\d'/></xs:restriction></xs:simpleType></xs:element>";
        assert_eq!(
            errors(schema, "<r>z</r>"),
            [
                "Element 'r': [facet 'enumeration'] The value 'z' is not an element of the set {'x', 'y'}."
            ]
        );
        assert!(errors(schema, "<p> abc7 </p>").is_empty());
        assert_eq!(
            errors(schema, "<p>am7</p>"),
            [
                "Element 'p': [facet 'pattern'] The value 'am7' is not accepted by the pattern '[a-z-[m]]+\\d'."
            ]
        );
    }

    #[test]
    fn keys_are_unique() {
        let schema = "<xs:element name='r'><xs:complexType><xs:sequence>\
            <xs:element name='i' maxOccurs='9'><xs:complexType><xs:attribute name='id'/></xs:complexType></xs:element>\
            </xs:sequence></xs:complexType>\
            <xs:key name='K'><xs:selector xpath='i'/><xs:field xpath='@id'/></xs:key></xs:element>";
        assert!(errors(schema, "<r><i id='1'/><i id='2'/></r>").is_empty());
        assert_eq!(
            errors(schema, "<r><i id='1'/><i id='1'/></r>"),
            ["Element 'i': Duplicate key-sequence ['1'] in key identity-constraint 'K'."]
        );
    }
}

//! Schemas from their documents.

mod attributes;

use super::content::is_too_large;
use super::facets::{Bound, Facet, Limit};
use super::identity::{Constraint, ConstraintKind};
use super::pattern::Pattern;
use super::simple::{BUILTIN, BUILTIN_LISTS, is_number, space_of};
use super::*;

/// Gives the document at a location that `base` (a document) names, with its own location.
pub type Loader<'l> = dyn FnMut(&[u8], &[u8]) -> Option<(Vec<u8>, Tree)> + 'l;

/// Where a component is declared.
type Place = (usize, NodeId);

/// What a name can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Table {
    Type,
    Element,
    Attribute,
    Group,
    AttributeGroup,
}

struct Document {
    tree: Tree,
    location: Vec<u8>,
    target: Option<Name>,
    qualified_elements: bool,
    qualified_attributes: bool,
}

struct Reader {
    documents: Vec<Document>,
    places: HashMap<(Table, QName), Place>,
    schema: Schema,
    /// Groups being read, to see those that contain themselves.
    open: Vec<NodeId>,
}

type Read<T> = Result<T, XmlError>;

/// Reads a schema; an error is what libxml2 says first of a document that is none.
pub fn read(tree: &Tree, location: &[u8], load: &mut Loader<'_>) -> Result<Schema, XmlError> {
    let mut reader = Reader {
        documents: Vec::new(),
        places: HashMap::new(),
        schema: Schema::default(),
        open: Vec::new(),
    };
    reader.builtins();
    let mut copy = Tree::new(tree.kind(Tree::ROOT));
    if let Some(root) = tree.document_element() {
        let root = copy.copy_from(tree, root, true);
        copy.append(Tree::ROOT, root);
    }
    reader.document(copy, location.to_vec(), None, load)?;
    reader.components()?;
    Ok(reader.schema)
}

fn xs(local: &str) -> QName {
    QName { ns: Some(XS.into()), local: local.as_bytes().into() }
}

impl Reader {
    fn builtins(&mut self) {
        let any = self.add_type(Some(xs("anyType")), None, TypeKind::Any);
        for (name, base) in BUILTIN {
            let base = self.schema.global_types.get(&xs(base)).copied().unwrap_or(any);
            let simple = SimpleType {
                variety: Variety::Atomic(name),
                space: space_of(name),
                facets: Vec::new(),
            };
            self.add_type(Some(xs(name)), Some(base), TypeKind::Simple(simple));
        }
        for (name, item) in BUILTIN_LISTS {
            let item = self.schema.global_types[&xs(item)];
            let simple = SimpleType {
                variety: Variety::List(item),
                space: Space::Collapse,
                facets: Vec::new(),
            };
            let base = self.schema.global_types[&xs("anySimpleType")];
            self.add_type(Some(xs(name)), Some(base), TypeKind::Simple(simple));
        }
        // What documents may name without a schema for it.
        let string = self.schema.global_types[&xs("string")];
        let uri = self.schema.global_types[&xs("anyURI")];
        for (local, kind) in [("lang", string), ("space", string), ("base", uri), ("id", string)] {
            let name =
                QName { ns: Some(crate::tree::XML_NS.into()), local: local.as_bytes().into() };
            self.schema.global_attributes.insert(name.clone(), self.schema.attributes.len());
            self.schema.attributes.push(Attribute { name, kind, fixed: None, default: None });
        }
    }

    fn add_type(&mut self, name: Option<QName>, base: Option<TypeId>, kind: TypeKind) -> TypeId {
        let id = self.schema.types.len();
        if let Some(name) = &name {
            self.schema.global_types.insert(name.clone(), id);
        }
        self.schema.types.push(Type { name, base, kind });
        id
    }

    /// Notes what a document declares, and the documents it takes in.
    fn document(
        &mut self,
        tree: Tree,
        location: Vec<u8>,
        includer: Option<Option<Name>>,
        load: &mut Loader<'_>,
    ) -> Read<()> {
        let shown = String::from_utf8_lossy(&location).into_owned();
        let root = tree.document_element().filter(|&r| {
            let node = tree.node(r);
            *node.name == *b"schema" && node.ns.as_deref() == Some(XS)
        });
        let Some(root) = root else {
            let text = format!("The XML document '{shown}' is not a schema document.");
            return Err(complaint(1772, 0, text));
        };
        let attr = |name: &str| tree.attr_value(root, name.as_bytes());
        let target = attr("targetNamespace").map(Name::from).or(includer.unwrap_or_default());
        let document = Document {
            qualified_elements: attr("elementFormDefault") == Some(b"qualified"),
            qualified_attributes: attr("attributeFormDefault") == Some(b"qualified"),
            target: target.clone(),
            location,
            tree,
        };
        let at = self.documents.len();
        self.documents.push(document);
        let mut others = Vec::new();
        for child in self.children((at, root)) {
            let word = self.word(child);
            let table = match &word[..] {
                "simpleType" | "complexType" => Table::Type,
                "element" => Table::Element,
                "attribute" => Table::Attribute,
                "group" => Table::Group,
                "attributeGroup" => Table::AttributeGroup,
                "include" | "import" => {
                    others.push(child);
                    continue;
                }
                "annotation" | "notation" => continue,
                "redefine" => return Err(self.unsupported(child, "xs:redefine")),
                _ => {
                    let text = format!(
                        "Element '{{{}}}schema': The content is not valid. Expected is ((include | import | redefine | annotation)*, (((simpleType | complexType | group | attributeGroup) | element | attribute | notation), annotation*)*).",
                        String::from_utf8_lossy(XS)
                    );
                    return Err(complaint(3033, self.line(child), text));
                }
            };
            let name = QName { ns: target.clone(), local: self.required(child, "name")?.into() };
            self.places.insert((table, name), child);
        }
        for other in others {
            let Some(location) = self.attr(other, "schemaLocation").map(<[u8]>::to_vec) else {
                continue;
            };
            let base = self.documents[at].location.clone();
            // Without its document, an import only says that a namespace is used.
            let Some((location, tree)) = load(&location, &base) else {
                if self.word(other) == "include" {
                    let text = format!(
                        "Element '{{{}}}include': Failed to load the document '{}' for inclusion.",
                        String::from_utf8_lossy(XS),
                        String::from_utf8_lossy(&location)
                    );
                    return Err(complaint(3091, self.line(other), text));
                }
                continue;
            };
            if self.documents.iter().any(|d| d.location == location) {
                continue;
            }
            let includer = (self.word(other) == "include").then(|| target.clone());
            self.document(tree, location, includer, load)?;
        }
        Ok(())
    }

    fn components(&mut self) -> Read<()> {
        let mut all: Vec<((Table, QName), Place)> =
            self.places.iter().map(|(k, v)| (k.clone(), *v)).collect();
        all.sort_by_key(|(_, place)| *place);
        for ((table, name), place) in all {
            match table {
                Table::Type => drop(self.named_type(&name, place, "type")?),
                Table::Element => drop(self.global_element(&name, place, "ref")?),
                Table::Attribute => drop(self.global_attribute(&name, place, "ref")?),
                Table::Group | Table::AttributeGroup => {}
            }
        }
        Ok(())
    }

    // Looking at documents.

    fn tree(&self, place: Place) -> &Tree {
        &self.documents[place.0].tree
    }

    fn attr(&self, place: Place, name: &str) -> Option<&[u8]> {
        self.tree(place).attr_value(place.1, name.as_bytes())
    }

    fn line(&self, place: Place) -> u32 {
        self.tree(place).node(place.1).line
    }

    /// The local name of an element of schemas.
    fn word(&self, place: Place) -> String {
        String::from_utf8_lossy(&self.tree(place).node(place.1).name).into_owned()
    }

    fn children(&self, place: Place) -> Vec<Place> {
        let tree = self.tree(place);
        tree.elements(place.1)
            .filter(|&c| tree.node(c).ns.as_deref() == Some(XS))
            .map(|c| (place.0, c))
            .filter(|&c| self.word(c) != "annotation")
            .collect()
    }

    fn unsupported(&self, place: Place, what: &str) -> XmlError {
        complaint(3000, self.line(place), format!("{what} is not supported."))
    }

    fn required(&self, place: Place, name: &str) -> Read<Vec<u8>> {
        if let Some(value) = self.attr(place, name) {
            return Ok(value.to_vec());
        }
        let text = format!(
            "Element '{}': The attribute '{name}' is required but missing.",
            QName::of(self.tree(place), place.1).shown()
        );
        Err(complaint(3036, self.line(place), text))
    }

    /// A name as an attribute writes it.
    fn resolve(&self, place: Place, text: &[u8]) -> QName {
        let (prefix, local) = crate::chars::split_qname(text.trim_ascii());
        let ns = self.tree(place).namespace_of(place.1, prefix).filter(|n| !n.is_empty());
        QName { ns, local: local.into() }
    }

    fn unresolved(&self, place: Place, attribute: &str, name: &QName, what: &str) -> XmlError {
        let own = match self.attr(place, "name") {
            Some(own) => format!("'{}'", String::from_utf8_lossy(own)),
            None => format!("'{}'", name.shown()),
        };
        let component = match &self.word(place)[..] {
            "element" => format!("element decl. {own}"),
            "attribute" => format!("attribute decl. {own}"),
            _ => format!("Element '{}'", QName::of(self.tree(place), place.1).shown()),
        };
        let text = format!(
            "{component}, attribute '{attribute}': The QName value '{}' does not resolve to a(n) {what}.",
            name.shown()
        );
        complaint(3004, self.line(place), text)
    }

    fn place_of(&self, table: Table, name: &QName) -> Option<Place> {
        self.places.get(&(table, name.clone())).copied()
    }

    fn number(&self, place: Place, name: &str, or: u32) -> Option<u32> {
        let Some(text) = self.attr(place, name) else { return Some(or) };
        let text = String::from_utf8_lossy(text.trim_ascii()).into_owned();
        if text == "unbounded" { None } else { Some(text.parse().unwrap_or(or)) }
    }

    fn is_true(&self, place: Place, name: &str) -> bool {
        matches!(self.attr(place, name).map(<[u8]>::trim_ascii), Some(b"true" | b"1"))
    }

    // Types.

    fn type_named(&mut self, place: Place, attribute: &str, text: &[u8]) -> Read<TypeId> {
        let name = self.resolve(place, text);
        if let Some(&id) = self.schema.global_types.get(&name) {
            return Ok(id);
        }
        match self.place_of(Table::Type, &name) {
            Some(at) => self.named_type(&name, at, attribute),
            None => Err(self.unresolved(place, attribute, &name, "type definition")),
        }
    }

    fn named_type(&mut self, name: &QName, place: Place, _: &str) -> Read<TypeId> {
        if let Some(&id) = self.schema.global_types.get(name) {
            return Ok(id);
        }
        let id = self.add_type(Some(name.clone()), None, TypeKind::Pending);
        self.fill(id, place)?;
        Ok(id)
    }

    fn own_type(&mut self, place: Place) -> Read<TypeId> {
        let id = self.add_type(None, None, TypeKind::Pending);
        self.fill(id, place)?;
        Ok(id)
    }

    fn fill(&mut self, id: TypeId, place: Place) -> Read<()> {
        let (base, kind) = if self.word(place) == "simpleType" {
            let (base, simple) = self.simple_type(place)?;
            (base, TypeKind::Simple(simple))
        } else {
            let (base, complex) = self.complex_type(place)?;
            (base, TypeKind::Complex(complex))
        };
        let own = &mut self.schema.types[id];
        own.base = base;
        own.kind = kind;
        Ok(())
    }

    fn simple(&self, id: TypeId, place: Place) -> Read<&SimpleType> {
        match &self.schema.types[id].kind {
            TypeKind::Simple(simple) => Ok(simple),
            _ => {
                let text = format!(
                    "Element '{}': The base type is not a simple type definition.",
                    QName::of(self.tree(place), place.1).shown()
                );
                Err(complaint(3000, self.line(place), text))
            }
        }
    }

    fn simple_type(&mut self, place: Place) -> Read<(Option<TypeId>, SimpleType)> {
        let any = self.schema.global_types[&xs("anySimpleType")];
        let Some(&child) = self.children(place).first() else {
            let text = format!(
                "Element '{}': The content is not valid. Expected is (annotation?, (restriction | list | union)).",
                QName::of(self.tree(place), place.1).shown()
            );
            return Err(complaint(3033, self.line(place), text));
        };
        let inner: Vec<Place> =
            self.children(child).into_iter().filter(|&c| self.word(c) == "simpleType").collect();
        match &self.word(child)[..] {
            "list" => {
                let item = match (self.attr(child, "itemType").map(<[u8]>::to_vec), inner.first()) {
                    (Some(text), _) => self.type_named(child, "itemType", &text)?,
                    (None, Some(&own)) => self.own_type(own)?,
                    (None, None) => any,
                };
                let variety = Variety::List(item);
                Ok((Some(any), SimpleType { variety, space: Space::Collapse, facets: Vec::new() }))
            }
            "union" => {
                let mut members = Vec::new();
                let names = self.attr(child, "memberTypes").unwrap_or_default().to_vec();
                for name in names.split(u8::is_ascii_whitespace).filter(|n| !n.is_empty()) {
                    members.push(self.type_named(child, "memberTypes", name)?);
                }
                for own in inner {
                    members.push(self.own_type(own)?);
                }
                let variety = Variety::Union(members);
                Ok((Some(any), SimpleType { variety, space: Space::Preserve, facets: Vec::new() }))
            }
            _ => {
                let base = match (self.attr(child, "base").map(<[u8]>::to_vec), inner.first()) {
                    (Some(text), _) => self.type_named(child, "base", &text)?,
                    (None, Some(&own)) => self.own_type(own)?,
                    (None, None) => any,
                };
                let mut simple = self.simple(base, child)?.clone();
                self.facets(child, &mut simple)?;
                Ok((Some(base), simple))
            }
        }
    }

    fn facets(&self, place: Place, simple: &mut SimpleType) -> Read<()> {
        let (mut own, mut patterns, mut values) = (Vec::new(), Vec::new(), Vec::new());
        let ordered = matches!(simple.variety, Variety::Atomic(name) if is_number(name));
        for child in self.children(place) {
            let word = self.word(child);
            let value = self.attr(child, "value").unwrap_or_default();
            let text = String::from_utf8_lossy(value).into_owned();
            let count = text.trim().parse().unwrap_or(0);
            let limit = match &word[..] {
                "minInclusive" => Some(Limit::MinInclusive),
                "minExclusive" => Some(Limit::MinExclusive),
                "maxInclusive" => Some(Limit::MaxInclusive),
                "maxExclusive" => Some(Limit::MaxExclusive),
                _ => None,
            };
            match &word[..] {
                "enumeration" => {
                    values.push(super::simple::spaced(simple.space, value).into_owned());
                }
                "pattern" => patterns
                    .push(Pattern::new(&text).map_err(|e| complaint(1756, self.line(child), e))?),
                "whiteSpace" => {
                    simple.space = match &text[..] {
                        "collapse" => Space::Collapse,
                        "replace" => Space::Replace,
                        _ => Space::Preserve,
                    }
                }
                "length" => own.push(Facet::Length(Bound::Exactly, count)),
                "minLength" => own.push(Facet::Length(Bound::Least, count)),
                "maxLength" => own.push(Facet::Length(Bound::Most, count)),
                "totalDigits" => own.push(Facet::TotalDigits(count)),
                "fractionDigits" => own.push(Facet::FractionDigits(count)),
                _ => match limit {
                    Some(limit) if ordered => {
                        own.push(Facet::Range(limit, text.trim().to_owned()));
                    }
                    Some(_) => {
                        let what = format!("The facet '{word}' of a type that is not a number");
                        return Err(self.unsupported(child, &what));
                    }
                    None => {}
                },
            }
        }
        if !patterns.is_empty() {
            own.push(Facet::Patterns(patterns));
        }
        if !values.is_empty() {
            own.push(Facet::Enumeration(values));
        }
        own.append(&mut simple.facets);
        simple.facets = own;
        Ok(())
    }

    fn complex_type(&mut self, place: Place) -> Read<(Option<TypeId>, ComplexType)> {
        let mut complex = ComplexType {
            attributes: Vec::new(),
            any_attribute: None,
            content: Content::Empty,
            mixed: self.is_true(place, "mixed"),
            is_abstract: self.is_true(place, "abstract"),
        };
        let derived = self
            .children(place)
            .into_iter()
            .find(|&c| matches!(&self.word(c)[..], "simpleContent" | "complexContent"));
        let Some(derived) = derived else {
            complex.content = self.content(place, None)?;
            self.attributes(place, &mut complex)?;
            return Ok((Some(self.schema.global_types[&xs("anyType")]), complex));
        };
        complex.mixed |= self.is_true(derived, "mixed");
        let Some(&step) = self.children(derived).first() else {
            return Err(self.unsupported(derived, "content without a derivation"));
        };
        let text = self.required(step, "base")?;
        let base = self.type_named(step, "base", &text)?;
        let extends = self.word(step) == "extension";
        let own = self.children(step).into_iter().find(|&c| self.word(c) == "simpleType");
        let simple = self.word(derived) == "simpleContent";
        let inherited = match &self.schema.types[base].kind {
            TypeKind::Complex(b) => {
                Some((b.attributes.clone(), b.any_attribute.clone(), b.content.clone(), b.mixed))
            }
            _ => None,
        };
        let base_content = inherited.as_ref().map(|b| b.2.clone());
        if let Some((attributes, any, _, mixed)) = inherited {
            complex.attributes = attributes;
            if extends {
                complex.any_attribute = any;
                complex.mixed |= mixed;
            }
        }
        complex.content = if simple {
            let value = match (own, &base_content) {
                (Some(own), _) => self.own_type(own)?,
                (None, Some(Content::Simple(id))) => *id,
                (None, _) => base,
            };
            if extends {
                Content::Simple(value)
            } else {
                let mut restricted = self.simple(value, step)?.clone();
                self.facets(step, &mut restricted)?;
                let kind = TypeKind::Simple(restricted);
                Content::Simple(self.add_type(None, Some(value), kind))
            }
        } else {
            self.content(step, base_content.filter(|_| extends))?
        };
        self.attributes(step, &mut complex)?;
        Ok((Some(base), complex))
    }

    /// The particles that stand in a type or derivation, behind those it extends.
    fn content(&mut self, place: Place, base: Option<Content>) -> Read<Content> {
        let child = self
            .children(place)
            .into_iter()
            .find(|&c| matches!(&self.word(c)[..], "group" | "all" | "choice" | "sequence"));
        let own = match child {
            Some(child) => self.particle(child)?,
            None => None,
        };
        let particle = match (base, own) {
            (Some(Content::Particles(base)), Some(own)) => {
                let both = Term::Sequence(vec![base.particle.clone(), own]);
                Particle { term: both, min: 1, max: Some(1) }
            }
            (Some(base), None) => return Ok(base),
            (_, Some(own)) => own,
            (None, None) => return Ok(Content::Empty),
        };
        if is_too_large(&particle) {
            return Err(self.unsupported(place, "Content of so many particles"));
        }
        let empty = matches!(&particle.term, Term::Sequence(l) | Term::All(l) if l.is_empty());
        if empty || particle.max == Some(0) {
            return Ok(Content::Empty);
        }
        Ok(Content::Particles(Rc::new(Particles { particle, model: OnceCell::new() })))
    }

    fn particle(&mut self, place: Place) -> Read<Option<Particle>> {
        let min = self.number(place, "minOccurs", 1).unwrap_or(1);
        let max = self.number(place, "maxOccurs", 1);
        let term = match &self.word(place)[..] {
            "element" => Term::Element(self.element(place)?),
            "any" => Term::Any(self.wildcard(place)),
            "group" => {
                let text = self.required(place, "ref")?;
                let name = self.resolve(place, &text);
                let Some(at) = self.place_of(Table::Group, &name) else {
                    return Err(self.unresolved(place, "ref", &name, "model group definition"));
                };
                if self.open.contains(&at.1) {
                    return Err(self.unsupported(place, "A group that contains itself"));
                }
                self.open.push(at.1);
                let inner = match self.children(at).first() {
                    Some(&inner) => self.particle(inner)?,
                    None => None,
                };
                self.open.pop();
                match inner {
                    Some(inner) if inner.min == 1 && inner.max == Some(1) => inner.term,
                    Some(inner) => Term::Sequence(vec![inner]),
                    None => return Ok(None),
                }
            }
            word @ ("sequence" | "choice" | "all") => {
                let make: fn(Vec<Particle>) -> Term = match word {
                    "sequence" => Term::Sequence,
                    "choice" => Term::Choice,
                    _ => Term::All,
                };
                let mut list = Vec::new();
                for child in self.children(place) {
                    list.extend(self.particle(child)?);
                }
                make(list)
            }
            _ => {
                let text = format!(
                    "Element '{}': This element is not expected.",
                    QName::of(self.tree(place), place.1).shown()
                );
                return Err(complaint(3033, self.line(place), text));
            }
        };
        Ok((max != Some(0)).then_some(Particle { term, min, max }))
    }

    fn wildcard(&self, place: Place) -> Wildcard {
        let target = self.documents[place.0].target.clone();
        let text = self.attr(place, "namespace").unwrap_or(b"##any");
        let allowed = match text {
            b"##any" => Namespaces::Any,
            b"##other" => Namespaces::Other(target),
            list => Namespaces::Listed(
                list.split(u8::is_ascii_whitespace)
                    .filter(|n| !n.is_empty())
                    .map(|n| match n {
                        b"##local" => None,
                        b"##targetNamespace" => target.clone(),
                        uri => Some(uri.into()),
                    })
                    .collect(),
            ),
        };
        let process = match self.attr(place, "processContents") {
            Some(b"lax") => Process::Lax,
            Some(b"skip") => Process::Skip,
            _ => Process::Strict,
        };
        Wildcard { allowed, process }
    }

    // Elements and attributes.

    fn global_element(&mut self, name: &QName, place: Place, _: &str) -> Read<ElementId> {
        if let Some(&id) = self.schema.global_elements.get(name) {
            return Ok(id);
        }
        let id = self.declare(name.clone(), place);
        self.schema.global_elements.insert(name.clone(), id);
        if let Some(head) = self.attr(place, "substitutionGroup").map(<[u8]>::to_vec) {
            let head = self.resolve(place, &head);
            self.schema.substitutes.entry(head).or_default().push(id);
        }
        self.define(id, place)?;
        Ok(id)
    }

    fn element(&mut self, place: Place) -> Read<ElementId> {
        if let Some(text) = self.attr(place, "ref").map(<[u8]>::to_vec) {
            let name = self.resolve(place, &text);
            return match self.place_of(Table::Element, &name) {
                Some(at) => self.global_element(&name, at, "ref"),
                None => Err(self.unresolved(place, "ref", &name, "element declaration")),
            };
        }
        let document = &self.documents[place.0];
        let qualified = match self.attr(place, "form") {
            Some(form) => form == b"qualified",
            None => document.qualified_elements,
        };
        let ns = if qualified { document.target.clone() } else { None };
        let name = QName { ns, local: self.required(place, "name")?.into() };
        let id = self.declare(name, place);
        self.define(id, place)?;
        Ok(id)
    }

    fn declare(&mut self, name: QName, place: Place) -> ElementId {
        let value = |attribute| self.attr(place, attribute).map(<[u8]>::to_vec);
        let element = Element {
            name,
            kind: self.schema.global_types[&xs("anyType")],
            nillable: self.is_true(place, "nillable"),
            is_abstract: self.is_true(place, "abstract"),
            fixed: value("fixed"),
            default: value("default"),
            constraints: Vec::new(),
        };
        self.schema.elements.push(element);
        self.schema.elements.len() - 1
    }

    fn define(&mut self, id: ElementId, place: Place) -> Read<()> {
        let children = self.children(place);
        let own = children
            .iter()
            .copied()
            .find(|&c| matches!(&self.word(c)[..], "simpleType" | "complexType"));
        let kind = match (self.attr(place, "type").map(<[u8]>::to_vec), own) {
            (Some(text), _) => Some(self.type_named(place, "type", &text)?),
            (None, Some(own)) => Some(self.own_type(own)?),
            (None, None) => match self.attr(place, "substitutionGroup").map(<[u8]>::to_vec) {
                Some(head) => {
                    let name = self.resolve(place, &head);
                    match self.place_of(Table::Element, &name) {
                        Some(at) => {
                            let head = self.global_element(&name, at, "substitutionGroup")?;
                            Some(self.schema.elements[head].kind)
                        }
                        None => {
                            let what = "element declaration";
                            return Err(self.unresolved(place, "substitutionGroup", &name, what));
                        }
                    }
                }
                None => None,
            },
        };
        if let Some(kind) = kind {
            self.schema.elements[id].kind = kind;
        }
        let mut constraints = Vec::new();
        for child in children {
            if matches!(&self.word(child)[..], "unique" | "key" | "keyref") {
                constraints.push(self.constraint(child)?);
            }
        }
        self.schema.elements[id].constraints = constraints;
        Ok(())
    }

    fn constraint(&self, place: Place) -> Read<Constraint> {
        let kind = match &self.word(place)[..] {
            "unique" => ConstraintKind::Unique,
            "key" => ConstraintKind::Key,
            _ => {
                let refer = self.required(place, "refer")?;
                ConstraintKind::Reference(self.resolve(place, &refer))
            }
        };
        let target = self.documents[place.0].target.clone();
        let name = QName { ns: target, local: self.required(place, "name")?.into() };
        let mut constraint = Constraint {
            kind,
            name,
            selector: Vec::new(),
            fields: Vec::new(),
            prefixes: HashMap::new(),
        };
        for child in self.children(place) {
            let path = self.required(child, "xpath")?;
            match &self.word(child)[..] {
                "selector" => constraint.selector = path,
                _ => constraint.fields.push(path),
            }
        }
        let tree = self.tree(place);
        for node in tree.ancestors(place.1) {
            for (prefix, uri) in &tree.node(node).declared {
                if let Some(prefix) = prefix {
                    constraint.prefixes.entry(prefix.to_vec()).or_insert_with(|| uri.to_vec());
                }
            }
        }
        Ok(constraint)
    }
}

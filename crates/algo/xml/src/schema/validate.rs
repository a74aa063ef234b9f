//! Documents held against a schema.

use super::content::{Leaf, Model, State};
use super::*;
use crate::Kind;

struct Validation<'s> {
    schema: &'s Schema,
    errors: Vec<XmlError>,
    /// Attributes that the schema adds.
    added: Vec<(NodeId, QName, Vec<u8>)>,
}

/// What is wrong with the document. `create` adds the attributes that the schema has defaults for.
pub fn validate(schema: &Schema, tree: &mut Tree, create: bool) -> Vec<XmlError> {
    let mut validation = Validation { schema, errors: Vec::new(), added: Vec::new() };
    if let Some(root) = tree.document_element() {
        match schema.global_elements.get(&QName::of(tree, root)) {
            Some(&id) => validation.element(tree, root, id),
            None => {
                let text = "No matching global declaration available for the validation root.";
                validation.say(tree, root, 1845, text);
            }
        }
    } else {
        validation.errors.push(complaint(1845, 0, "The document has no document element.".into()));
    }
    if create {
        for (element, name, value) in std::mem::take(&mut validation.added) {
            let attr = tree.create(Kind::Attribute, &name.local);
            let node = tree.node_mut(attr);
            node.ns = name.ns;
            node.value = value;
            tree.add_attr(element, attr);
        }
    }
    validation.errors
}

impl Validation<'_> {
    fn say(&mut self, tree: &Tree, element: NodeId, code: i64, text: &str) {
        let message = format!("Element '{}': {text}", QName::of(tree, element).shown());
        self.errors.push(complaint(code, tree.node(element).line, message));
    }

    fn say_of_attribute(&mut self, tree: &Tree, attr: NodeId, code: i64, text: &str) {
        let element = tree.node(attr).parent.unwrap_or(Tree::ROOT);
        let message = format!(
            "Element '{}', attribute '{}': {text}",
            QName::of(tree, element).shown(),
            QName::of(tree, attr).shown()
        );
        self.errors.push(complaint(code, tree.node(element).line, message));
    }

    fn element(&mut self, tree: &Tree, element: NodeId, id: ElementId) {
        let schema = self.schema;
        let declared = &schema.elements[id];
        if declared.is_abstract {
            self.say(tree, element, 1846, "The element declaration is abstract.");
            return;
        }
        let Some(kind) = self.actual_type(tree, element, declared.kind) else { return };
        let nil = tree
            .attr_ns(element, Some(XSI), b"nil")
            .is_some_and(|a| matches!(&tree.node(a).value[..], b"true" | b"1"));
        if nil && !declared.nillable {
            self.say(tree, element, 1847, "The element is not 'nillable'.");
        }
        self.typed(tree, element, kind, Some(declared), nil && declared.nillable);
        if !declared.constraints.is_empty() {
            identity::check(schema, tree, &declared.constraints, element, &mut self.errors);
        }
    }

    /// The type of the declaration, or the one that `xsi:type` names.
    fn actual_type(&mut self, tree: &Tree, element: NodeId, declared: TypeId) -> Option<TypeId> {
        let schema = self.schema;
        let mut kind = declared;
        if let Some(attr) = tree.attr_ns(element, Some(XSI), b"type") {
            let text = tree.node(attr).value.trim_ascii();
            let (prefix, local) = crate::chars::split_qname(text);
            let ns = tree.namespace_of(element, prefix).filter(|n| !n.is_empty());
            let name = QName { ns, local: local.into() };
            match schema.global_types.get(&name) {
                Some(&id) if schema.derives(id, declared) => kind = id,
                Some(_) => {
                    let text = format!(
                        "The type definition '{}', specified by xsi:type, is blocked or not validly derived from the type definition '{}'.",
                        name.type_shown(),
                        schema.types[declared]
                            .name
                            .as_ref()
                            .map_or("local type".into(), QName::type_shown)
                    );
                    self.say(tree, element, 1849, &text);
                    return None;
                }
                None => {
                    let text = format!(
                        "The QName value '{}' of the attribute 'xsi:type' does not resolve to a type definition.",
                        name.shown()
                    );
                    self.say(tree, element, 1848, &text);
                    return None;
                }
            }
        }
        if matches!(&schema.types[kind].kind, TypeKind::Complex(c) if c.is_abstract) {
            self.say(tree, element, 1850, "The type definition is abstract.");
            return None;
        }
        Some(kind)
    }

    fn typed(
        &mut self,
        tree: &Tree,
        element: NodeId,
        kind: TypeId,
        declared: Option<&Element>,
        nil: bool,
    ) {
        match &self.schema.types[kind].kind {
            TypeKind::Any | TypeKind::Pending => {
                for child in tree.elements(element) {
                    self.lax(tree, child);
                }
            }
            TypeKind::Simple(_) => {
                for &attr in &tree.node(element).attrs {
                    if tree.node(attr).ns.as_deref() != Some(XSI) {
                        self.not_allowed(tree, attr);
                    }
                }
                let text = "Element content is not allowed, because the type definition is simple.";
                if !nil && self.has_no_elements(tree, element, 1843, text) {
                    self.value(tree, element, kind, declared);
                }
            }
            TypeKind::Complex(complex) => {
                self.attributes(tree, element, complex);
                if !nil {
                    self.content(tree, element, complex, declared);
                }
            }
        }
    }

    fn has_no_elements(&mut self, tree: &Tree, element: NodeId, code: i64, text: &str) -> bool {
        let empty = tree.elements(element).next().is_none();
        if !empty {
            self.say(tree, element, code, text);
        }
        empty
    }

    fn content(
        &mut self,
        tree: &Tree,
        element: NodeId,
        complex: &ComplexType,
        declared: Option<&Element>,
    ) {
        match &complex.content {
            Content::Simple(kind) => {
                let text = "Element content is not allowed, because the content type is a simple type definition.";
                if self.has_no_elements(tree, element, 1842, text) {
                    self.value(tree, element, *kind, declared);
                }
            }
            Content::Empty => {
                for child in tree.children(element) {
                    let node = tree.node(child);
                    match node.kind {
                        Kind::Element if !complex.mixed => {
                            let text = "Element content is not allowed, because the content type is empty.";
                            self.say(tree, element, 1841, text);
                            return;
                        }
                        Kind::Element => {
                            self.say(tree, child, 1871, "This element is not expected.");
                            return;
                        }
                        Kind::Text | Kind::CData if !complex.mixed => {
                            let text = "Character content is not allowed, because the content type is empty.";
                            self.say(tree, element, 1841, text);
                            return;
                        }
                        _ => {}
                    }
                }
            }
            Content::Particles(particles) => {
                let model = particles.model.get_or_init(|| Model::new(&particles.particle));
                self.children(tree, element, model, complex.mixed);
            }
        }
    }

    fn children(&mut self, tree: &Tree, element: NodeId, model: &Model, mixed: bool) {
        let mut state = State::default();
        for child in tree.children(element) {
            let node = tree.node(child);
            match node.kind {
                Kind::Text | Kind::CData if !mixed && !crate::chars::is_blank(&node.value) => {
                    let text = "Character content other than whitespace is not allowed because the content type is 'element-only'.";
                    self.say(tree, element, 1843, text);
                }
                Kind::Element => {
                    let expected = model.expected(self.schema, &state);
                    match model.take(self.schema, &mut state, node.ns.as_ref(), &node.name) {
                        Some(Leaf::Element(id)) => self.element(tree, child, id),
                        Some(Leaf::Any(wildcard)) => match wildcard.process {
                            Process::Skip => {}
                            Process::Lax => self.lax(tree, child),
                            Process::Strict => self.strict(tree, child),
                        },
                        None => {
                            let text = format!("This element is not expected.{expected}");
                            self.say(tree, child, 1871, &text);
                            return;
                        }
                    }
                }
                _ => {}
            }
        }
        if !model.may_end(&state) {
            let expected = model.expected(self.schema, &state);
            self.say(tree, element, 1871, &format!("Missing child element(s).{expected}"));
        }
    }

    /// Validates what is declared, at any depth.
    fn lax(&mut self, tree: &Tree, element: NodeId) {
        match self.schema.global_elements.get(&QName::of(tree, element)) {
            Some(&id) => self.element(tree, element, id),
            None => {
                for child in tree.elements(element) {
                    self.lax(tree, child);
                }
            }
        }
    }

    fn strict(&mut self, tree: &Tree, element: NodeId) {
        match self.schema.global_elements.get(&QName::of(tree, element)) {
            Some(&id) => self.element(tree, element, id),
            None => {
                let text = "No matching global element declaration available, but demanded by the strict wildcard.";
                self.say(tree, element, 1845, text);
            }
        }
    }

    fn value(&mut self, tree: &Tree, element: NodeId, kind: TypeId, declared: Option<&Element>) {
        let mut text = tree.text(element);
        let implied = declared.and_then(|d| d.default.as_ref().or(d.fixed.as_ref()));
        if let (true, Some(implied)) = (text.is_empty(), implied) {
            text = implied.clone();
        }
        if let Some(misfit) = self.schema.misfit(kind, &text) {
            self.say(tree, element, misfit.code, &misfit.text);
        } else if let Some(fixed) = declared.and_then(|d| d.fixed.as_ref())
            && !self.means(kind, &text, fixed)
        {
            let text = format!(
                "The actual value '{}' does not match the fixed value constraint '{}'.",
                String::from_utf8_lossy(&text),
                String::from_utf8_lossy(fixed)
            );
            self.say(tree, element, 1858, &text);
        }
    }

    fn means(&self, kind: TypeId, a: &[u8], b: &[u8]) -> bool {
        match &self.schema.types[kind].kind {
            TypeKind::Simple(simple) => self.schema.same(simple, a, b),
            _ => a == b,
        }
    }

    fn not_allowed(&mut self, tree: &Tree, attr: NodeId) {
        let name = QName::of(tree, attr).shown();
        let text = format!("The attribute '{name}' is not allowed.");
        self.say_of_attribute(tree, attr, 1866, &text);
    }

    fn attributes(&mut self, tree: &Tree, element: NodeId, complex: &ComplexType) {
        let schema = self.schema;
        let mut late: Vec<(NodeId, i64, String)> = Vec::new();
        let mut unknown = Vec::new();
        let own = |attr: NodeId| {
            let name = QName::of(tree, attr);
            complex.attributes.iter().find(|u| schema.attributes[u.attribute].name == name)
        };
        for &attr in &tree.node(element).attrs {
            let node = tree.node(attr);
            if node.ns.as_deref() == Some(XSI) {
                continue;
            }
            if let Some(used) = own(attr) {
                let kind = schema.attributes[used.attribute].kind;
                if let Some(misfit) = schema.misfit(kind, &node.value) {
                    self.say_of_attribute(tree, attr, misfit.code, &misfit.text);
                } else if let Some(fixed) = &used.fixed
                    && !self.means(kind, &node.value, fixed)
                {
                    let text = format!(
                        "The value '{}' does not match the fixed value constraint '{}'.",
                        String::from_utf8_lossy(&node.value),
                        String::from_utf8_lossy(fixed)
                    );
                    late.push((attr, 1874, text));
                }
                continue;
            }
            let wildcard = complex.any_attribute.as_ref().filter(|w| w.allows(node.ns.as_deref()));
            let global = schema.global_attributes.get(&QName::of(tree, attr));
            match (wildcard.map(|w| w.process), global) {
                (None, _) => unknown.push(attr),
                (Some(Process::Skip), _) | (Some(Process::Lax), None) => {}
                (Some(_), Some(&id)) => {
                    let kind = schema.attributes[id].kind;
                    if let Some(misfit) = schema.misfit(kind, &node.value) {
                        self.say_of_attribute(tree, attr, misfit.code, &misfit.text);
                    }
                }
                (Some(Process::Strict), None) => {
                    let text = "No matching global attribute declaration available, but demanded by the strict wildcard.";
                    late.push((attr, 1867, text.to_owned()));
                }
            }
        }
        let mut late: Vec<(NodeId, Option<(i64, String)>)> =
            late.into_iter().map(|(attr, code, text)| (attr, Some((code, text)))).collect();
        late.extend(unknown.into_iter().map(|attr| (attr, None)));
        let order = &tree.node(element).attrs;
        late.sort_by_key(|(attr, _)| order.iter().position(|a| a == attr));
        for (attr, said) in late {
            match said {
                Some((code, text)) => self.say_of_attribute(tree, attr, code, &text),
                None => self.not_allowed(tree, attr),
            }
        }
        for used in &complex.attributes {
            let name = &schema.attributes[used.attribute].name;
            if tree.attr_ns(element, name.ns.as_deref(), &name.local).is_some() {
                continue;
            }
            if used.required {
                let text = format!("The attribute '{}' is required but missing.", name.shown());
                self.say(tree, element, 1868, &text);
            } else if let Some(value) = used.default.as_ref().or(used.fixed.as_ref()) {
                self.added.push((element, name.clone(), value.clone()));
            }
        }
    }
}

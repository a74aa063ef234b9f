//! Keys, references to them, and what must be unique.

use super::{QName, Schema, complaint};
use crate::xpath::{Context, Value, evaluate};
use crate::{NodeId, Tree, XmlError};
use std::collections::HashMap;

/// `xs:unique`, `xs:key` or `xs:keyref`.
#[derive(Debug)]
pub(super) struct Constraint {
    pub(super) kind: ConstraintKind,
    pub(super) name: QName,
    pub(super) selector: Vec<u8>,
    pub(super) fields: Vec<Vec<u8>>,
    /// Prefixes where it stands.
    pub(super) prefixes: HashMap<Vec<u8>, Vec<u8>>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum ConstraintKind {
    Unique,
    Key,
    /// With the key it refers to.
    Reference(QName),
}

type Sequence = Vec<Vec<u8>>;

/// Checks the constraints of an element whose content has been seen.
pub(super) fn check(
    schema: &Schema,
    tree: &Tree,
    constraints: &[Constraint],
    element: NodeId,
    errors: &mut Vec<XmlError>,
) {
    let mut keys: HashMap<&QName, Vec<Sequence>> = HashMap::new();
    let (references, others): (Vec<&Constraint>, Vec<&Constraint>) =
        constraints.iter().partition(|c| matches!(c.kind, ConstraintKind::Reference(_)));
    for constraint in others {
        let word = if constraint.kind == ConstraintKind::Key { "key" } else { "unique" };
        let mut seen: Vec<Sequence> = Vec::new();
        for node in constraint.selected(tree, element) {
            let line = tree.node(node).line;
            let element = QName::of(tree, node).shown();
            let Some(sequence) = constraint.sequence(tree, node) else {
                if constraint.kind == ConstraintKind::Key {
                    let text = format!(
                        "Element '{element}': Not all fields of key identity-constraint '{}' evaluate to a node.",
                        constraint.name.shown()
                    );
                    errors.push(complaint(1877, line, text));
                }
                continue;
            };
            if seen.contains(&sequence) {
                let text = format!(
                    "Element '{element}': Duplicate key-sequence {} in {word} identity-constraint '{}'.",
                    shown(&sequence),
                    constraint.name.shown()
                );
                errors.push(complaint(1877, line, text));
            } else {
                seen.push(sequence);
            }
        }
        keys.insert(&constraint.name, seen);
    }
    for constraint in references {
        let ConstraintKind::Reference(key) = &constraint.kind else { continue };
        // The key may stand at an element inside.
        let inner;
        let known = match keys.get(key) {
            Some(known) => known,
            None => {
                inner = schema.keys_inside(tree, element, key);
                &inner
            }
        };
        for node in constraint.selected(tree, element) {
            let Some(sequence) = constraint.sequence(tree, node) else { continue };
            if !known.contains(&sequence) {
                let text = format!(
                    "Element '{}': No match found for key-sequence {} of keyref '{}'.",
                    QName::of(tree, node).shown(),
                    shown(&sequence),
                    constraint.name.shown()
                );
                errors.push(complaint(1877, tree.node(node).line, text));
            }
        }
    }
}

fn shown(sequence: &Sequence) -> String {
    let values: Vec<String> =
        sequence.iter().map(|v| format!("'{}'", String::from_utf8_lossy(v))).collect();
    format!("[{}]", values.join(", "))
}

impl Schema {
    fn keys_inside(&self, tree: &Tree, element: NodeId, key: &QName) -> Vec<Sequence> {
        let mut all = Vec::new();
        for declared in &self.elements {
            for constraint in declared.constraints.iter().filter(|c| c.name == *key) {
                for node in tree.descendants(element) {
                    if QName::of(tree, node) == declared.name {
                        let nodes = constraint.selected(tree, node);
                        all.extend(nodes.into_iter().filter_map(|n| constraint.sequence(tree, n)));
                    }
                }
            }
        }
        all
    }
}

impl Constraint {
    fn nodes(&self, tree: &Tree, from: NodeId, path: &[u8]) -> Vec<NodeId> {
        let prefixes = |p: &[u8]| self.prefixes.get(p).cloned();
        match evaluate(path, &Context::new(tree, from, &prefixes)) {
            Ok(Value::Nodes(nodes)) => nodes,
            _ => Vec::new(),
        }
    }

    fn selected(&self, tree: &Tree, element: NodeId) -> Vec<NodeId> {
        self.nodes(tree, element, &self.selector)
    }

    /// The values of the fields; None if one is absent.
    fn sequence(&self, tree: &Tree, node: NodeId) -> Option<Sequence> {
        let field = |path: &Vec<u8>| {
            let found = *self.nodes(tree, node, path).first()?;
            Some(tree.text(found))
        };
        self.fields.iter().map(field).collect()
    }
}

//! Putting nodes into their places and taking them out.

use crate::{HIERARCHY, NOT_FOUND, Place, object, place, refused, thrown};
use outlast_ext_libxml::Document;
use outlast_value::{Object, Value};
use outlast_vm::{Cx, Ret};
use outlast_xml::{Kind, NodeId, Tree};
use std::rc::Rc;

/// May `child` stand in `parent`?
fn fits(tree: &Tree, parent: NodeId, child: Kind) -> bool {
    match tree.kind(parent) {
        Kind::Element | Kind::Fragment | Kind::EntityRef => !matches!(
            child,
            Kind::Document
                | Kind::HtmlDocument
                | Kind::DocumentType
                | Kind::Entity
                | Kind::Notation
        ),
        Kind::Document | Kind::HtmlDocument => !matches!(child, Kind::Document | Kind::Attribute),
        Kind::Attribute => matches!(child, Kind::Text | Kind::EntityRef),
        _ => false,
    }
}

/// Brings a node into a document: moved where it belonged to none yet or `adopting`.
fn bring(document: &Rc<Document>, at: &Place, adopting: bool) -> Option<NodeId> {
    let (from, id) = at;
    if Rc::ptr_eq(from, document) {
        return Some(*id);
    }
    if !from.settings.orphan.get() && !adopting {
        return None;
    }
    from.tree.borrow_mut().detach(*id);
    Some(document.adopt(from, *id))
}

/// Declarations that the new place has already are dropped.
fn reconcile(tree: &mut Tree, id: NodeId) {
    let Some(parent) = tree.node(id).parent else { return };
    let nodes: Vec<NodeId> = std::iter::once(id)
        .chain(tree.descendants(id))
        .filter(|n| tree.kind(*n) == Kind::Element && !tree.node(*n).declared.is_empty())
        .collect();
    for n in nodes {
        let kept = tree
            .node(n)
            .declared
            .iter()
            .filter(|(prefix, uri)| {
                tree.namespace_of(parent, prefix.as_deref()).as_ref() != Some(uri)
            })
            .cloned()
            .collect();
        tree.node_mut(n).declared = kept;
    }
}

/// Inserts a node before `before`, or as the last child; a `DOMException` code if it may not be.
pub(crate) fn insert(
    document: &Rc<Document>,
    parent: NodeId,
    new: &Place,
    mut before: Option<NodeId>,
) -> Result<NodeId, i64> {
    let kind = new.0.tree.borrow().kind(new.1);
    {
        let tree = document.tree.borrow();
        let same = Rc::ptr_eq(document, &new.0);
        if !fits(&tree, parent, kind) || same && tree.is_within(parent, new.1) {
            return Err(HIERARCHY);
        }
        if before.is_some_and(|b| tree.node(b).parent != Some(parent)) {
            return Err(NOT_FOUND);
        }
    }
    let Some(id) = bring(document, new, false) else {
        return Err(crate::WRONG_DOCUMENT);
    };
    let mut tree = document.tree.borrow_mut();
    if before == Some(id) {
        before = tree.node(id).next;
    }
    if kind == Kind::Attribute {
        crate::attributes::replace(&mut tree, parent, id);
        return Ok(id);
    }
    if kind == Kind::Fragment {
        let children: Vec<NodeId> = tree.children(id).collect();
        for child in children {
            tree.detach(child);
            tree.insert(parent, child, before);
            reconcile(&mut tree, child);
        }
        return Ok(id);
    }
    tree.detach(id);
    tree.insert(parent, id, before);
    reconcile(&mut tree, id);
    Ok(id)
}

fn inserted(cx: &mut Cx, this: &Object, node: &Object, before: Option<&Object>) -> Ret<Value> {
    let (document, parent) = place(cx, this)?;
    let new = place(cx, node)?;
    let before = match before {
        Some(b) => {
            let (other, id) = place(cx, b)?;
            if !Rc::ptr_eq(&other, &document) {
                return refused(cx, &document, NOT_FOUND);
            }
            Some(id)
        }
        None => None,
    };
    let empty = new.0.tree.borrow().kind(new.1) == Kind::Fragment
        && new.0.tree.borrow().node(new.1).first.is_none();
    if empty {
        cx.warning("Document Fragment is empty")?;
        return Ok(Value::Bool(false));
    }
    let first = {
        let tree = new.0.tree.borrow();
        (tree.kind(new.1) == Kind::Fragment).then(|| tree.node(new.1).first).flatten()
    };
    match insert(&document, parent, &new, before) {
        Ok(_) if first.is_some() && Rc::ptr_eq(&document, &new.0) => {
            crate::maybe(cx, &document, first)
        }
        Ok(_) => Ok(Value::Object(node.clone())),
        Err(code) => refused(cx, &document, code),
    }
}

pub fn dom_node_append_child(cx: &mut Cx, this: &Object, node: &Object) -> Ret<Value> {
    inserted(cx, this, node, None)
}

pub fn dom_node_insert_before(
    cx: &mut Cx,
    this: &Object,
    node: &Object,
    child: Option<&Object>,
) -> Ret<Value> {
    inserted(cx, this, node, child)
}

pub fn dom_node_remove_child(cx: &mut Cx, this: &Object, child: &Object) -> Ret<Value> {
    let (document, parent) = place(cx, this)?;
    let (other, id) = place(cx, child)?;
    let is_child = Rc::ptr_eq(&document, &other)
        && document.tree.borrow().node(id).parent == Some(parent)
        && document.tree.borrow().kind(id) != Kind::Attribute;
    if !is_child {
        return refused(cx, &document, NOT_FOUND);
    }
    document.tree.borrow_mut().detach(id);
    Ok(Value::Object(child.clone()))
}

pub fn dom_node_replace_child(
    cx: &mut Cx,
    this: &Object,
    node: &Object,
    child: &Object,
) -> Ret<Value> {
    let (document, parent) = place(cx, this)?;
    let (other, old) = place(cx, child)?;
    if !Rc::ptr_eq(&document, &other) || document.tree.borrow().node(old).parent != Some(parent) {
        return refused(cx, &document, NOT_FOUND);
    }
    let new = place(cx, node)?;
    if Rc::ptr_eq(&document, &new.0) && new.1 == old {
        return Ok(Value::Object(child.clone()));
    }
    match insert(&document, parent, &new, Some(old)) {
        Ok(_) => {
            document.tree.borrow_mut().detach(old);
            Ok(Value::Object(child.clone()))
        }
        Err(code) => refused(cx, &document, code),
    }
}

pub fn dom_document_adopt_node(cx: &mut Cx, this: &Object, node: &Object) -> Ret<Value> {
    let (document, _) = place(cx, this)?;
    let at = place(cx, node)?;
    if matches!(at.0.tree.borrow().kind(at.1), Kind::Document | Kind::HtmlDocument) {
        return Err(thrown(cx, 9));
    }
    at.0.tree.borrow_mut().detach(at.1);
    bring(&document, &at, true);
    Ok(Value::Object(node.clone()))
}

/// Nodes and strings as places.
fn places(cx: &mut Cx, document: &Rc<Document>, nodes: &[Value]) -> Ret<Vec<Place>> {
    let mut out = Vec::new();
    for (i, node) in nodes.iter().enumerate() {
        match node.deref() {
            Value::Object(o) if o.data::<outlast_ext_libxml::NodeData>().is_some() => {
                out.push(place(cx, &o)?);
            }
            Value::Str(text) => {
                let id = document.tree.borrow_mut().create_text(Kind::Text, &text);
                out.push((document.clone(), id));
            }
            other => {
                let given = cx.value_type_name(&other);
                let text = format!("must be of type DOMNode|string, {given} given");
                return Err(cx.arg_type_error(i + 1, &text));
            }
        }
    }
    Ok(out)
}

fn insert_all(
    cx: &mut Cx,
    document: &Rc<Document>,
    parent: NodeId,
    new: &[Place],
    before: Option<NodeId>,
) -> Ret<()> {
    for at in new {
        if let Err(code) = insert(document, parent, at, before) {
            refused(cx, document, code)?;
        }
    }
    Ok(())
}

fn within(cx: &mut Cx, this: &Object, nodes: &[Value], how: Within) -> Ret<()> {
    let (document, parent) = place(cx, this)?;
    let new = places(cx, &document, nodes)?;
    let before = match how {
        Within::Begin => document.tree.borrow().node(parent).first,
        Within::End => None,
        Within::Instead => {
            document.tree.borrow_mut().clear(parent);
            None
        }
    };
    insert_all(cx, &document, parent, &new, before)
}

enum Within {
    Begin,
    End,
    Instead,
}

enum Beside {
    Before,
    After,
    Instead,
}

fn beside(cx: &mut Cx, this: &Object, nodes: &[Value], how: Beside) -> Ret<()> {
    let (document, id) = place(cx, this)?;
    let new = places(cx, &document, nodes)?;
    let Some(parent) = document.tree.borrow().node(id).parent else { return Ok(()) };
    let moved = |n: NodeId| new.iter().any(|(d, i)| Rc::ptr_eq(d, &document) && *i == n);
    let before = {
        let tree = document.tree.borrow();
        let from = match how {
            Beside::Before => Some(id),
            Beside::After | Beside::Instead => tree.node(id).next,
        };
        std::iter::successors(from, |n| tree.node(*n).next).find(|n| !moved(*n))
    };
    if matches!(how, Beside::Instead) && !moved(id) {
        document.tree.borrow_mut().detach(id);
    }
    insert_all(cx, &document, parent, &new, before)
}

fn removed(cx: &mut Cx, this: &Object) -> Ret<()> {
    let (document, id) = place(cx, this)?;
    if document.tree.borrow().node(id).parent.is_none() {
        return refused(cx, &document, NOT_FOUND).map(drop);
    }
    document.tree.borrow_mut().detach(id);
    Ok(())
}

macro_rules! parent_methods {
    ($append:ident, $prepend:ident, $replace:ident) => {
        pub fn $append(cx: &mut Cx, this: &Object, nodes: &[Value]) -> Ret<()> {
            within(cx, this, nodes, Within::End)
        }
        pub fn $prepend(cx: &mut Cx, this: &Object, nodes: &[Value]) -> Ret<()> {
            within(cx, this, nodes, Within::Begin)
        }
        pub fn $replace(cx: &mut Cx, this: &Object, nodes: &[Value]) -> Ret<()> {
            within(cx, this, nodes, Within::Instead)
        }
    };
}

macro_rules! child_methods {
    ($before:ident, $after:ident, $replace:ident, $remove:ident) => {
        pub fn $before(cx: &mut Cx, this: &Object, nodes: &[Value]) -> Ret<()> {
            beside(cx, this, nodes, Beside::Before)
        }
        pub fn $after(cx: &mut Cx, this: &Object, nodes: &[Value]) -> Ret<()> {
            beside(cx, this, nodes, Beside::After)
        }
        pub fn $replace(cx: &mut Cx, this: &Object, nodes: &[Value]) -> Ret<()> {
            beside(cx, this, nodes, Beside::Instead)
        }
        pub fn $remove(cx: &mut Cx, this: &Object) -> Ret<()> {
            removed(cx, this)
        }
    };
}

parent_methods!(dom_document_append, dom_document_prepend, dom_document_replace_children);
parent_methods!(dom_element_append, dom_element_prepend, dom_element_replace_children);
parent_methods!(
    dom_document_fragment_append,
    dom_document_fragment_prepend,
    dom_document_fragment_replace_children
);
child_methods!(dom_element_before, dom_element_after, dom_element_replace_with, dom_element_remove);
child_methods!(
    dom_character_data_before,
    dom_character_data_after,
    dom_character_data_replace_with,
    dom_character_data_remove
);

/// `beforebegin` and the like.
fn adjacent(cx: &mut Cx, this: &Object, place_name: &[u8], new: Place) -> Ret<bool> {
    let (document, id) = place(cx, this)?;
    let (parent, before) = {
        let tree = document.tree.borrow();
        let n = tree.node(id);
        match place_name.to_ascii_lowercase().as_slice() {
            b"beforebegin" => (n.parent, Some(id)),
            b"afterbegin" => (Some(id), n.first),
            b"beforeend" => (Some(id), None),
            b"afterend" => (n.parent, n.next),
            _ => return Err(thrown(cx, 12)),
        }
    };
    let Some(parent) = parent else { return Ok(false) };
    match insert(&document, parent, &new, before) {
        Ok(_) => Ok(true),
        Err(code) => Err(thrown(cx, code)),
    }
}

pub fn dom_element_insert_adjacent_element(
    cx: &mut Cx,
    this: &Object,
    wher: &outlast_value::PhpString,
    element: &Object,
) -> Ret<Option<Object>> {
    let new = place(cx, element)?;
    Ok(adjacent(cx, this, wher, new)?.then(|| element.clone()))
}

pub fn dom_element_insert_adjacent_text(
    cx: &mut Cx,
    this: &Object,
    wher: &outlast_value::PhpString,
    data: &outlast_value::PhpString,
) -> Ret<()> {
    let (document, _) = place(cx, this)?;
    let text = document.tree.borrow_mut().create_text(Kind::Text, data);
    object(cx, &document, text)?;
    adjacent(cx, this, wher, (document, text)).map(drop)
}

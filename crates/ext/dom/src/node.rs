//! Methods of `DOMNode`.

use crate::{object, place};
use outlast_value::{Object, PhpArray, PhpString, Value};
use outlast_vm::{Cx, Ret};
use outlast_xml::{Kind, NodeId, Tree};
use std::rc::Rc;

/// `clone $node`
pub(crate) fn copy(cx: &mut Cx, new: &Object, old: &Object) -> Ret<()> {
    let (document, id) = place(cx, old)?;
    if id == Tree::ROOT {
        let copy = copied_document(&document);
        copy.bind(Tree::ROOT, new);
        return Ok(());
    }
    let copy = document.tree.borrow_mut().copy(id, true);
    document.bind(copy, new);
    Ok(())
}

fn copied_document(
    document: &Rc<outlast_ext_libxml::Document>,
) -> Rc<outlast_ext_libxml::Document> {
    let from = document.tree.borrow();
    let mut tree = Tree::new(from.kind(Tree::ROOT));
    tree.version = from.version.clone();
    tree.encoding = from.encoding.clone();
    tree.standalone = from.standalone;
    tree.dtd = from.dtd.clone();
    for child in from.children(Tree::ROOT) {
        let copy = tree.copy_from(&from, child, true);
        tree.append(Tree::ROOT, copy);
    }
    document.renewed(tree)
}

pub fn dom_node_clone_node(cx: &mut Cx, this: &Object, deep: bool) -> Ret<Object> {
    let (document, id) = place(cx, this)?;
    if id == Tree::ROOT {
        let copy = copied_document(&document);
        if !deep {
            copy.tree.borrow_mut().clear(Tree::ROOT);
        }
        return object(cx, &copy, Tree::ROOT);
    }
    let copy = document.tree.borrow_mut().copy(id, deep);
    // What the copy's names need is declared on it.
    let mut tree = document.tree.borrow_mut();
    let n = tree.node(copy);
    if n.kind == Kind::Element
        && let Some(ns) = n.ns.clone()
        && tree.namespace_of(copy, tree.node(copy).prefix.as_deref()).is_none()
    {
        let prefix = tree.node(copy).prefix.clone();
        tree.node_mut(copy).declared.push((prefix, ns));
    }
    drop(tree);
    object(cx, &document, copy)
}

pub fn dom_node_get_line_no(cx: &mut Cx, this: &Object) -> Ret<i64> {
    let (document, id) = place(cx, this)?;
    let tree = document.tree.borrow();
    Ok(i64::from(tree.node(id).line))
}

pub fn dom_node_get_node_path(cx: &mut Cx, this: &Object) -> Ret<Option<Vec<u8>>> {
    let (document, id) = place(cx, this)?;
    let tree = document.tree.borrow();
    if id == Tree::ROOT {
        return Ok(Some(b"/".to_vec()));
    }
    let mut steps: Vec<Vec<u8>> = Vec::new();
    for n in tree.ancestors(id).filter(|n| *n != Tree::ROOT) {
        steps.push(step_name(&tree, n));
    }
    steps.reverse();
    Ok(Some(steps.iter().flat_map(|s| [b"/".as_slice(), s].concat()).collect()))
}

fn step_name(tree: &Tree, id: NodeId) -> Vec<u8> {
    let n = tree.node(id);
    let mut name = match n.kind {
        Kind::Text | Kind::CData => b"text()".to_vec(),
        Kind::Comment => b"comment()".to_vec(),
        Kind::Pi => [b"processing-instruction('", &*n.name, b"')".as_slice()].concat(),
        Kind::Attribute => return [b"@".as_slice(), &tree.qualified(id)].concat(),
        Kind::Element if n.ns.is_some() && n.prefix.is_none() => b"*".to_vec(),
        _ => tree.qualified(id),
    };
    let Some(parent) = n.parent else { return name };
    let same: Vec<NodeId> = tree
        .children(parent)
        .filter(|c| {
            let o = tree.node(*c);
            let texts = |k: Kind| matches!(k, Kind::Text | Kind::CData);
            (o.kind == n.kind || texts(o.kind) && texts(n.kind))
                && (name == b"*" || o.name == n.name && o.prefix == n.prefix)
        })
        .collect();
    if same.len() > 1
        && let Some(at) = same.iter().position(|s| *s == id)
    {
        name.extend_from_slice(format!("[{}]", at + 1).as_bytes());
    }
    name
}

pub fn dom_node_has_attributes(cx: &mut Cx, this: &Object) -> Ret<bool> {
    let (document, id) = place(cx, this)?;
    let tree = document.tree.borrow();
    Ok(!tree.node(id).attrs.is_empty() || !tree.node(id).declared.is_empty())
}

pub fn dom_node_has_child_nodes(cx: &mut Cx, this: &Object) -> Ret<bool> {
    let (document, id) = place(cx, this)?;
    let tree = document.tree.borrow();
    Ok(tree.node(id).first.is_some())
}

pub fn dom_node_is_same_node(cx: &mut Cx, this: &Object, other: &Object) -> Ret<bool> {
    let (a, b) = (place(cx, this)?, place(cx, other)?);
    Ok(Rc::ptr_eq(&a.0, &b.0) && a.1 == b.1)
}

fn same_shape(a: &Tree, x: NodeId, b: &Tree, y: NodeId) -> bool {
    let (n, m) = (a.node(x), b.node(y));
    n.kind == m.kind
        && n.name == m.name
        && n.prefix == m.prefix
        && n.ns == m.ns
        && n.value == m.value
        && n.attrs.len() == m.attrs.len()
        && n.attrs.iter().all(|attr| {
            let attr = a.node(*attr);
            b.attr_ns(y, attr.ns.as_deref(), &attr.name)
                .is_some_and(|other| b.node(other).value == attr.value)
        })
}

pub fn dom_node_is_equal_node(cx: &mut Cx, this: &Object, other: Option<&Object>) -> Ret<bool> {
    let Some(other) = other else { return Ok(false) };
    let ((da, a), (db, b)) = (place(cx, this)?, place(cx, other)?);
    let (ta, tb) = (da.tree.borrow(), db.tree.borrow());
    let depth = |t: &Tree, n: NodeId, top: NodeId| t.ancestors(n).take_while(|x| *x != top).count();
    let mut left = std::iter::once(a).chain(ta.descendants(a));
    let mut right = std::iter::once(b).chain(tb.descendants(b));
    loop {
        match (left.next(), right.next()) {
            (None, None) => return Ok(true),
            (Some(x), Some(y))
                if same_shape(&ta, x, &tb, y) && depth(&ta, x, a) == depth(&tb, y, b) => {}
            _ => return Ok(false),
        }
    }
}

/// The element whose declarations hold at a node.
fn element_at(tree: &Tree, id: NodeId) -> Option<NodeId> {
    match tree.kind(id) {
        Kind::Element => Some(id),
        Kind::Document | Kind::HtmlDocument => tree.document_element(),
        _ => tree.node(id).parent.filter(|p| tree.kind(*p) == Kind::Element),
    }
}

pub fn dom_node_is_default_namespace(cx: &mut Cx, this: &Object, ns: &PhpString) -> Ret<bool> {
    let (document, id) = place(cx, this)?;
    let tree = document.tree.borrow();
    let Some(element) = element_at(&tree, id) else { return Ok(false) };
    Ok(tree.namespace_of(element, None).is_some_and(|uri| *uri == *ns.as_bytes()))
}

pub fn dom_node_lookup_namespace_uri(
    cx: &mut Cx,
    this: &Object,
    prefix: Option<&PhpString>,
) -> Ret<Option<Vec<u8>>> {
    let (document, id) = place(cx, this)?;
    let tree = document.tree.borrow();
    let Some(element) = element_at(&tree, id) else { return Ok(None) };
    let prefix = prefix.map(|p| p.as_bytes()).filter(|p| !p.is_empty());
    Ok(tree.namespace_of(element, prefix).map(|uri| uri.to_vec()))
}

pub fn dom_node_lookup_prefix(cx: &mut Cx, this: &Object, ns: &PhpString) -> Ret<Option<Vec<u8>>> {
    let (document, id) = place(cx, this)?;
    let tree = document.tree.borrow();
    let Some(element) = element_at(&tree, id) else { return Ok(None) };
    Ok(tree.prefix_of(element, ns).flatten().map(|p| p.to_vec()))
}

pub fn dom_node_normalize(cx: &mut Cx, this: &Object) -> Ret<()> {
    let (document, id) = place(cx, this)?;
    let mut tree = document.tree.borrow_mut();
    let texts: Vec<NodeId> = tree.descendants(id).filter(|n| tree.kind(*n) == Kind::Text).collect();
    for text in texts {
        let prev = tree.node(text).prev.filter(|p| tree.kind(*p) == Kind::Text);
        if tree.node(text).value.is_empty() {
            tree.detach(text);
        } else if let Some(prev) = prev {
            let value = tree.node(text).value.clone();
            tree.node_mut(prev).value.extend_from_slice(&value);
            tree.detach(text);
        }
    }
    Ok(())
}

pub fn dom_node_contains(cx: &mut Cx, this: &Object, other: Option<&Object>) -> Ret<bool> {
    let Some(other) = other else { return Ok(false) };
    let (a, b) = (place(cx, this)?, place(cx, other)?);
    Ok(Rc::ptr_eq(&a.0, &b.0) && a.0.tree.borrow().is_within(b.1, a.1))
}

pub fn dom_node_get_root_node(
    cx: &mut Cx,
    this: &Object,
    _options: Option<PhpArray>,
) -> Ret<Object> {
    let (document, id) = place(cx, this)?;
    let top = document.tree.borrow().top(id);
    object(cx, &document, top)
}

pub fn dom_node_compare_document_position(
    cx: &mut Cx,
    this: &Object,
    other: &Object,
) -> Ret<Value> {
    let ((da, a), (db, b)) = (place(cx, this)?, place(cx, other)?);
    if Rc::ptr_eq(&da, &db) && a == b {
        return Ok(Value::Int(0));
    }
    let tree = da.tree.borrow();
    if !Rc::ptr_eq(&da, &db) || tree.top(a) != tree.top(b) {
        let order = if this.ptr_id() < other.ptr_id() { 4 } else { 2 };
        return Ok(Value::Int(1 | 32 | order));
    }
    Ok(Value::Int(if tree.is_within(b, a) {
        16 | 4
    } else if tree.is_within(a, b) {
        8 | 2
    } else if tree.order(a, b) == std::cmp::Ordering::Less {
        4
    } else {
        2
    }))
}

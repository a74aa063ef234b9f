//! Attributes of elements.

use crate::properties::set_text;
use crate::{INUSE_ATTRIBUTE, INVALID_CHARACTER, NAMESPACE, NOT_FOUND, object, place, refused};
use outlast_value::{Object, PhpArray, PhpString, Value};
use outlast_vm::{Cx, Ret};
use outlast_xml::tree::{Name, XML_NS, XMLNS_NS};
use outlast_xml::{Kind, NodeId, Tree, chars};
use std::rc::Rc;

/// Sets an attribute by its name as written.
pub(crate) fn set(tree: &mut Tree, element: NodeId, name: &[u8], value: &[u8]) {
    if let Some(attr) = tree.attr(element, name) {
        tree.node_mut(attr).value = value.to_vec();
        return;
    }
    let (prefix, local) = chars::split_qname(name);
    let ns = prefix.and_then(|p| tree.namespace_of(element, Some(p)));
    let attr = tree.create(Kind::Attribute, if ns.is_some() { local } else { name });
    let node = tree.node_mut(attr);
    node.prefix = prefix.filter(|_| ns.is_some()).map(Name::from);
    node.is_id = name == b"xml:id";
    node.ns = ns;
    node.value = value.to_vec();
    tree.add_attr(element, attr);
}

/// Hangs an attribute onto an element in place of one of its name, which is returned.
pub(crate) fn replace(tree: &mut Tree, element: NodeId, attr: NodeId) -> Option<NodeId> {
    let (ns, name) = (tree.node(attr).ns.clone(), tree.node(attr).name.clone());
    let old = tree.attr_ns(element, ns.as_deref(), &name).filter(|o| *o != attr);
    if let Some(old) = old {
        tree.detach(old);
    }
    tree.detach(attr);
    tree.add_attr(element, attr);
    old
}

/// `xmlns` or `xmlns:p`: the prefix it declares.
fn declares(name: &[u8]) -> Option<Option<&[u8]>> {
    if name == b"xmlns" {
        return Some(None);
    }
    name.strip_prefix(b"xmlns:".as_slice()).map(Some)
}

fn declared(tree: &Tree, element: NodeId, prefix: Option<&[u8]>) -> Option<Vec<u8>> {
    let declared = &tree.node(element).declared;
    declared.iter().find(|(p, _)| p.as_deref() == prefix).map(|(_, uri)| uri.to_vec())
}

fn value(tree: &Tree, element: NodeId, name: &[u8]) -> Option<Vec<u8>> {
    match declares(name) {
        Some(prefix) => declared(tree, element, prefix),
        None => tree.attr_value(element, name).map(<[u8]>::to_vec),
    }
}

pub fn dom_element_get_attribute(cx: &mut Cx, this: &Object, name: &PhpString) -> Ret<Vec<u8>> {
    let (document, id) = place(cx, this)?;
    let tree = document.tree.borrow();
    Ok(value(&tree, id, name).unwrap_or_default())
}

pub fn dom_element_has_attribute(cx: &mut Cx, this: &Object, name: &PhpString) -> Ret<bool> {
    let (document, id) = place(cx, this)?;
    let tree = document.tree.borrow();
    Ok(value(&tree, id, name).is_some())
}

pub fn dom_element_get_attribute_names(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    let (document, id) = place(cx, this)?;
    let tree = document.tree.borrow();
    let node = tree.node(id);
    let spaces = node.declared.iter().map(|(prefix, _)| match prefix {
        Some(p) => [b"xmlns:".as_slice(), p].concat(),
        None => b"xmlns".to_vec(),
    });
    let plain = node.attrs.iter().map(|a| tree.qualified(*a));
    let names = spaces.chain(plain).map(|n| Value::Str(PhpString::new(&n))).collect();
    Ok(PhpArray::from_list(names))
}

pub fn dom_element_set_attribute(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
    value: &PhpString,
) -> Ret<Value> {
    if name.is_empty() {
        return Err(cx.arg_value_error(1, "must not be empty"));
    }
    let (document, id) = place(cx, this)?;
    if !chars::is_name(name) {
        return refused(cx, &document, INVALID_CHARACTER);
    }
    if let Some(prefix) = declares(name) {
        declare(&mut document.tree.borrow_mut(), id, prefix, value);
        return Ok(Value::Bool(true));
    }
    set(&mut document.tree.borrow_mut(), id, name, value);
    let attr = document.tree.borrow().attr(id, name);
    crate::maybe(cx, &document, attr)
}

pub(crate) fn declare(tree: &mut Tree, element: NodeId, prefix: Option<&[u8]>, uri: &[u8]) {
    let declared = &mut tree.node_mut(element).declared;
    match declared.iter_mut().find(|(p, _)| p.as_deref() == prefix) {
        Some((_, old)) => *old = uri.into(),
        None => declared.push((prefix.map(Name::from), uri.into())),
    }
}

pub fn dom_element_remove_attribute(cx: &mut Cx, this: &Object, name: &PhpString) -> Ret<bool> {
    let (document, id) = place(cx, this)?;
    let mut tree = document.tree.borrow_mut();
    if let Some(prefix) = declares(name) {
        let had = declared(&tree, id, prefix).is_some();
        tree.node_mut(id).declared.retain(|(p, _)| p.as_deref() != prefix);
        return Ok(had);
    }
    let Some(attr) = tree.attr(id, name) else { return Ok(false) };
    tree.detach(attr);
    Ok(true)
}

fn uri(ns: Option<&PhpString>) -> Option<&[u8]> {
    ns.map(|n| n.as_bytes()).filter(|n| !n.is_empty())
}

/// The prefix and local name of a qualified name in a namespace, or why it is none.
pub(crate) fn checked<'n>(
    ns: Option<&[u8]>,
    name: &'n [u8],
) -> Result<(Option<&'n [u8]>, &'n [u8]), i64> {
    if !chars::is_name(name) {
        return Err(if name.is_empty() { NAMESPACE } else { INVALID_CHARACTER });
    }
    let (prefix, local) = chars::split_qname(name);
    let colons = name.iter().filter(|b| **b == b':').count();
    if colons > 1 || colons == 1 && prefix.is_none() || !chars::is_name(local) {
        return Err(NAMESPACE);
    }
    let bad = prefix.is_some() && ns.is_none()
        || prefix == Some(b"xml") && ns != Some(XML_NS)
        || (name == b"xmlns" || prefix == Some(b"xmlns")) != (ns == Some(XMLNS_NS));
    if bad { Err(NAMESPACE) } else { Ok((prefix, local)) }
}

pub fn dom_element_set_attribute_ns(
    cx: &mut Cx,
    this: &Object,
    ns: Option<&PhpString>,
    name: &PhpString,
    value: &PhpString,
) -> Ret<()> {
    if name.is_empty() {
        return Err(cx.arg_value_error(2, "must not be empty"));
    }
    let (document, id) = place(cx, this)?;
    let (prefix, local) = match checked(uri(ns), name) {
        Ok(parts) => parts,
        Err(code) => return refused(cx, &document, code).map(drop),
    };
    let mut tree = document.tree.borrow_mut();
    if uri(ns) == Some(XMLNS_NS) {
        declare(&mut tree, id, declares(name).flatten(), value);
        return Ok(());
    }
    if let Some(attr) = tree.attr_ns(id, uri(ns), local) {
        tree.node_mut(attr).value = value.to_vec();
        return Ok(());
    }
    let attr = tree.create(Kind::Attribute, local);
    let prefix = uri(ns).map(|ns| prefix_for(&mut tree, id, prefix, ns));
    let node = tree.node_mut(attr);
    node.prefix = prefix;
    node.ns = uri(ns).map(Name::from);
    node.value = value.to_vec();
    node.is_id = name.as_bytes() == b"xml:id";
    tree.add_attr(id, attr);
    Ok(())
}

/// A prefix that means the namespace at an element; declared there if there is none yet.
fn prefix_for(tree: &mut Tree, element: NodeId, wanted: Option<&[u8]>, ns: &[u8]) -> Name {
    if let Some(p) = wanted
        && tree.namespace_of(element, Some(p)).as_deref() == Some(ns)
    {
        return p.into();
    }
    if let Some(Some(found)) = tree.prefix_of(element, ns) {
        return found;
    }
    let free = |p: &[u8]| tree.namespace_of(element, Some(p)).is_none();
    let prefix: Name = match wanted {
        Some(p) if free(p) => p.into(),
        _ => (0..)
            .map(|i| if i == 0 { b"default".to_vec() } else { format!("default{i}").into_bytes() })
            .find(|p| free(p))
            .unwrap_or_default()
            .into(),
    };
    tree.node_mut(element).declared.push((Some(prefix.clone()), ns.into()));
    prefix
}

pub fn dom_element_get_attribute_ns(
    cx: &mut Cx,
    this: &Object,
    ns: Option<&PhpString>,
    local: &PhpString,
) -> Ret<Vec<u8>> {
    let (document, id) = place(cx, this)?;
    let tree = document.tree.borrow();
    if uri(ns) == Some(XMLNS_NS) {
        let prefix = Some(local.as_bytes()).filter(|l| *l != b"xmlns");
        return Ok(declared(&tree, id, prefix).unwrap_or_default());
    }
    let found = tree.attr_ns(id, uri(ns), local);
    Ok(found.map(|a| tree.node(a).value.clone()).unwrap_or_default())
}

pub fn dom_element_has_attribute_ns(
    cx: &mut Cx,
    this: &Object,
    ns: Option<&PhpString>,
    local: &PhpString,
) -> Ret<bool> {
    let (document, id) = place(cx, this)?;
    let tree = document.tree.borrow();
    let prefix = Some(local.as_bytes()).filter(|l| *l != b"xmlns");
    Ok(tree.attr_ns(id, uri(ns), local).is_some()
        || uri(ns) == Some(XMLNS_NS) && declared(&tree, id, prefix).is_some())
}

pub fn dom_element_remove_attribute_ns(
    cx: &mut Cx,
    this: &Object,
    ns: Option<&PhpString>,
    local: &PhpString,
) -> Ret<()> {
    let (document, id) = place(cx, this)?;
    let mut tree = document.tree.borrow_mut();
    if let Some(attr) = tree.attr_ns(id, uri(ns), local) {
        tree.detach(attr);
    }
    Ok(())
}

pub fn dom_element_get_attribute_node(cx: &mut Cx, this: &Object, name: &PhpString) -> Ret<Value> {
    let (document, id) = place(cx, this)?;
    let attr = document.tree.borrow().attr(id, name);
    match attr {
        Some(attr) => Ok(Value::Object(object(cx, &document, attr)?)),
        None => Ok(Value::Bool(false)),
    }
}

pub fn dom_element_get_attribute_node_ns(
    cx: &mut Cx,
    this: &Object,
    ns: Option<&PhpString>,
    local: &PhpString,
) -> Ret<Value> {
    let (document, id) = place(cx, this)?;
    let attr = document.tree.borrow().attr_ns(id, uri(ns), local);
    crate::maybe(cx, &document, attr)
}

pub fn dom_element_set_attribute_node(cx: &mut Cx, this: &Object, attr: &Object) -> Ret<Value> {
    let (document, id) = place(cx, this)?;
    let (from, mut a) = place(cx, attr)?;
    let owner = from.tree.borrow().node(a).parent;
    if owner.is_some_and(|o| !Rc::ptr_eq(&from, &document) || o != id) {
        return refused(cx, &document, INUSE_ATTRIBUTE);
    }
    if !Rc::ptr_eq(&from, &document) {
        if !from.settings.orphan.get() {
            return refused(cx, &document, crate::WRONG_DOCUMENT);
        }
        a = document.adopt(&from, a);
    }
    let old = replace(&mut document.tree.borrow_mut(), id, a);
    crate::maybe(cx, &document, old)
}

pub fn dom_element_set_attribute_node_ns(cx: &mut Cx, this: &Object, attr: &Object) -> Ret<Value> {
    dom_element_set_attribute_node(cx, this, attr)
}

pub fn dom_element_remove_attribute_node(cx: &mut Cx, this: &Object, attr: &Object) -> Ret<Value> {
    let (document, id) = place(cx, this)?;
    let (from, a) = place(cx, attr)?;
    if !Rc::ptr_eq(&from, &document) || document.tree.borrow().node(a).parent != Some(id) {
        return refused(cx, &document, NOT_FOUND);
    }
    document.tree.borrow_mut().detach(a);
    Ok(Value::Object(attr.clone()))
}

pub fn dom_element_toggle_attribute(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
    force: Option<bool>,
) -> Ret<bool> {
    let (document, id) = place(cx, this)?;
    if !chars::is_name(name) {
        return refused(cx, &document, INVALID_CHARACTER).map(|_| false);
    }
    let mut tree = document.tree.borrow_mut();
    let attr = tree.attr(id, name);
    match (attr, force) {
        (None, Some(false)) => Ok(false),
        (None, _) => {
            set(&mut tree, id, name, b"");
            Ok(true)
        }
        (Some(_), Some(true)) => Ok(true),
        (Some(attr), _) => {
            tree.detach(attr);
            Ok(false)
        }
    }
}

fn set_id(
    cx: &mut Cx,
    this: &Object,
    is_id: bool,
    find: impl Fn(&Tree, NodeId) -> Option<NodeId>,
) -> Ret<()> {
    let (document, id) = place(cx, this)?;
    let attr = find(&document.tree.borrow(), id);
    let Some(attr) = attr else { return refused(cx, &document, NOT_FOUND).map(drop) };
    document.tree.borrow_mut().node_mut(attr).is_id = is_id;
    Ok(())
}

pub fn dom_element_set_id_attribute(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
    is_id: bool,
) -> Ret<()> {
    set_id(cx, this, is_id, |tree, id| tree.attr(id, name))
}

pub fn dom_element_set_id_attribute_ns(
    cx: &mut Cx,
    this: &Object,
    ns: &PhpString,
    name: &PhpString,
    is_id: bool,
) -> Ret<()> {
    set_id(cx, this, is_id, |tree, id| tree.attr_ns(id, uri(Some(ns)), name))
}

pub fn dom_attr_is_id(cx: &mut Cx, this: &Object) -> Ret<bool> {
    let (document, id) = place(cx, this)?;
    let tree = document.tree.borrow();
    Ok(tree.node(id).is_id)
}

pub fn dom_attr_construct(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
    value: &PhpString,
) -> Ret<()> {
    if !chars::is_name(name) {
        return Err(crate::thrown(cx, INVALID_CHARACTER));
    }
    let id = crate::construct::orphan(this, Kind::Attribute, name);
    let (document, _) = id;
    set_text(&mut document.tree.borrow_mut(), id.1, value);
    Ok(())
}

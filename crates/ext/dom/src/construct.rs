//! `new DOMElement(…)` and the like: nodes that belong to no document yet.

use crate::attributes::checked;
use crate::properties::set_text;
use crate::{INVALID_CHARACTER, Place, thrown};
use outlast_ext_libxml::Document;
use outlast_value::{Object, PhpString};
use outlast_vm::{Cx, Ret};
use outlast_xml::tree::Name;
use outlast_xml::{Kind, chars};

/// A node of its own that the object stands for.
pub(crate) fn orphan(this: &Object, kind: Kind, name: &[u8]) -> Place {
    let document = Document::orphan();
    let id = document.tree.borrow_mut().create(kind, name);
    document.bind(id, this);
    (document, id)
}

fn with_text(this: &Object, kind: Kind, name: &[u8], text: &[u8]) {
    let (document, id) = orphan(this, kind, name);
    set_text(&mut document.tree.borrow_mut(), id, text);
}

pub fn dom_element_construct(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
    value: Option<&PhpString>,
    ns: &PhpString,
) -> Ret<()> {
    if !chars::is_name(name) {
        return Err(thrown(cx, INVALID_CHARACTER));
    }
    let uri = Some(ns.as_bytes()).filter(|n| !n.is_empty());
    let (prefix, local) = match checked(uri, name) {
        Ok(parts) => parts,
        Err(code) => return Err(thrown(cx, code)),
    };
    let (document, id) = orphan(this, Kind::Element, local);
    let mut tree = document.tree.borrow_mut();
    let node = tree.node_mut(id);
    node.prefix = prefix.map(Name::from);
    node.ns = uri.map(Name::from);
    if let Some(uri) = uri {
        node.declared.push((prefix.map(Name::from), uri.into()));
    }
    if let Some(value) = value {
        set_text(&mut tree, id, value);
    }
    Ok(())
}

pub fn dom_text_construct(_cx: &mut Cx, this: &Object, data: &PhpString) -> Ret<()> {
    with_text(this, Kind::Text, b"", data);
    Ok(())
}

pub fn dom_comment_construct(_cx: &mut Cx, this: &Object, data: &PhpString) -> Ret<()> {
    with_text(this, Kind::Comment, b"", data);
    Ok(())
}

pub fn dom_cdata_section_construct(_cx: &mut Cx, this: &Object, data: &PhpString) -> Ret<()> {
    with_text(this, Kind::CData, b"", data);
    Ok(())
}

pub fn dom_document_fragment_construct(_cx: &mut Cx, this: &Object) -> Ret<()> {
    orphan(this, Kind::Fragment, b"");
    Ok(())
}

pub fn dom_entity_reference_construct(cx: &mut Cx, this: &Object, name: &PhpString) -> Ret<()> {
    if !chars::is_name(name) {
        return Err(thrown(cx, INVALID_CHARACTER));
    }
    orphan(this, Kind::EntityRef, name);
    Ok(())
}

pub fn dom_processing_instruction_construct(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
    value: &PhpString,
) -> Ret<()> {
    if !chars::is_name(name) {
        return Err(thrown(cx, INVALID_CHARACTER));
    }
    with_text(this, Kind::Pi, name, value);
    Ok(())
}

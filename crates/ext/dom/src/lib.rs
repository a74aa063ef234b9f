//! `dom`: the classes of PHP's classic DOM.

mod attributes;
mod canonical;
mod character;
mod construct;
mod document;
#[rustfmt::skip]
mod dom_stub;
mod element;
mod insert;
mod lists;
mod node;
mod properties;
mod validate;
mod xpath;

use attributes::*;
use canonical::*;
use character::*;
use construct::*;
use document::*;
use element::*;
use insert::*;
use lists::*;
use node::*;
use validate::*;
use xpath::*;

use outlast_ext_libxml::{Document, NodeData};
use outlast_value::{Object, Value};
use outlast_vm::native::NativeModule;
use outlast_vm::{Cx, ObjectHandlers, Ret, Unwind};
use outlast_xml::{Kind, NodeId};
use std::rc::Rc;

/// What this extension defines.
pub static MODULES: &[&NativeModule] = &[&dom_stub::MODULE];

static NODE: ObjectHandlers = ObjectHandlers {
    clone: Some(node::copy),
    properties: Some(properties::all),
    read_property: Some(properties::read),
    write_property: Some(properties::write),
    ..ObjectHandlers::STANDARD
};

/// A node and the document it is in.
pub(crate) type Place = (Rc<Document>, NodeId);

pub(crate) const HIERARCHY: i64 = 3;
pub(crate) const WRONG_DOCUMENT: i64 = 4;
pub(crate) const INVALID_CHARACTER: i64 = 5;
pub(crate) const NOT_FOUND: i64 = 8;
pub(crate) const INUSE_ATTRIBUTE: i64 = 10;
pub(crate) const NAMESPACE: i64 = 14;

/// The text of a `DOMException`.
fn error_text(code: i64) -> &'static str {
    match code {
        1 => "Index Size Error",
        HIERARCHY => "Hierarchy Request Error",
        WRONG_DOCUMENT => "Wrong Document Error",
        INVALID_CHARACTER => "Invalid Character Error",
        NOT_FOUND => "Not Found Error",
        INUSE_ATTRIBUTE => "Inuse Attribute Error",
        12 => "Syntax Error",
        NAMESPACE => "Namespace Error",
        _ => "Invalid State Error",
    }
}

pub(crate) fn thrown(cx: &mut Cx, code: i64) -> Unwind {
    cx.throw_with_code("DOMException", error_text(code), code)
}

/// Throws, or warns where the document is not strict: the call is then false.
pub(crate) fn refused(cx: &mut Cx, document: &Document, code: i64) -> Ret<Value> {
    if document.settings.strict_error_checking.get() {
        return Err(thrown(cx, code));
    }
    cx.warning(error_text(code))?;
    Ok(Value::Bool(false))
}

/// The node an object stands for.
pub(crate) fn place(cx: &mut Cx, object: &Object) -> Ret<Place> {
    match object.data::<NodeData>() {
        Some(data) => Ok(data.place()),
        None => Err(thrown(cx, 11)),
    }
}

fn class_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Element => "DOMElement",
        Kind::Attribute => "DOMAttr",
        Kind::Text => "DOMText",
        Kind::CData => "DOMCdataSection",
        Kind::EntityRef => "DOMEntityReference",
        Kind::Entity => "DOMEntity",
        Kind::Pi => "DOMProcessingInstruction",
        Kind::Comment => "DOMComment",
        Kind::Document | Kind::HtmlDocument => "DOMDocument",
        Kind::DocumentType => "DOMDocumentType",
        Kind::Fragment => "DOMDocumentFragment",
        Kind::Notation => "DOMNotation",
    }
}

/// The object that stands for a node: always the same while it lives.
pub(crate) fn object(cx: &mut Cx, document: &Rc<Document>, id: NodeId) -> Ret<Object> {
    if let Some(object) = document.object(id) {
        return Ok(object);
    }
    let name = class_of(document.tree.borrow().kind(id));
    let registered = document.classes.borrow().get(name.to_ascii_lowercase().as_bytes()).copied();
    let class = match registered {
        Some(class) => class,
        None => cx.class(name.as_bytes()).expect("it is declared here"),
    };
    let object = cx.instantiate(class)?;
    document.bind(id, &object);
    Ok(object)
}

/// The object of a node, or null.
pub(crate) fn maybe(cx: &mut Cx, document: &Rc<Document>, id: Option<NodeId>) -> Ret<Value> {
    match id {
        Some(id) => object(cx, document, id).map(Value::Object),
        None => Ok(Value::Null),
    }
}

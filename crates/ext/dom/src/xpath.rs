//! `DOMXPath`.

use crate::lists::{self, Source};
use crate::{object, place};
use outlast_ext_libxml::Document;
use outlast_value::{Object, ObjectData, PhpString, Value};
use outlast_vm::{Cx, ObjectHandlers, Ret};
use outlast_xml::xpath::{self, Context, XPathError};
use outlast_xml::{Kind, Tree};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

struct XPathData {
    document: Rc<Document>,
    namespaces: RefCell<HashMap<Vec<u8>, Vec<u8>>>,
    register: Cell<bool>,
}

impl ObjectData for XPathData {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

pub(crate) static XPATH: ObjectHandlers = ObjectHandlers {
    uncloneable: true,
    read_property: Some(read),
    write_property: Some(write),
    ..ObjectHandlers::STANDARD
};

fn read(cx: &mut Cx, this: &Object, name: &PhpString) -> Ret<Option<Value>> {
    let Some(data) = this.data::<XPathData>() else { return Ok(None) };
    Ok(match name.as_bytes() {
        b"document" => Some(Value::Object(object(cx, &data.document, Tree::ROOT)?)),
        b"registerNodeNamespaces" => Some(Value::Bool(data.register.get())),
        _ => None,
    })
}

fn write(cx: &mut Cx, this: &Object, name: &PhpString, value: &Value) -> Ret<bool> {
    match (name.as_bytes(), this.data::<XPathData>()) {
        (b"registerNodeNamespaces", Some(data)) => {
            data.register.set(cx.to_bool(value)?);
            Ok(true)
        }
        (b"document", _) => {
            Err(cx.throw_error("Cannot modify readonly property DOMXPath::$document"))
        }
        _ => Ok(false),
    }
}

pub fn domx_path_construct(
    cx: &mut Cx,
    this: &Object,
    document: &Object,
    register: bool,
) -> Ret<()> {
    let (document, _) = place(cx, document)?;
    let namespaces = RefCell::default();
    this.set_data(Box::new(XPathData { document, namespaces, register: Cell::new(register) }));
    Ok(())
}

pub fn domx_path_register_namespace(
    _cx: &mut Cx,
    this: &Object,
    prefix: &PhpString,
    uri: &PhpString,
) -> Ret<bool> {
    let Some(data) = this.data::<XPathData>() else { return Ok(false) };
    if prefix.is_empty() {
        return Ok(false);
    }
    data.namespaces.borrow_mut().insert(prefix.to_vec(), uri.to_vec());
    Ok(true)
}

fn run(
    cx: &mut Cx,
    this: &Object,
    expression: &PhpString,
    context: Option<&Object>,
    register: bool,
) -> Ret<Option<(Rc<Document>, xpath::Value)>> {
    let Some(data) = this.data::<XPathData>() else {
        return Err(cx.throw_error("The DOMXPath object has not been correctly initialized"));
    };
    let (document, node) = match context {
        Some(context) => place(cx, context)?,
        // Paths begin at the document element, as libxml2's are told to.
        None => {
            let root = data.document.tree.borrow().document_element();
            (data.document.clone(), root.unwrap_or(Tree::ROOT))
        }
    };
    if !Rc::ptr_eq(&document, &data.document) {
        return Err(cx.throw_error("Node from wrong document"));
    }
    let result = {
        let tree = document.tree.borrow();
        let element = match tree.kind(node) {
            Kind::Element => Some(node),
            Kind::Document | Kind::HtmlDocument => tree.document_element(),
            _ => tree.node(node).parent,
        };
        let use_nodes = register && data.register.get();
        let namespaces = |prefix: &[u8]| {
            let own = data.namespaces.borrow().get(prefix).cloned();
            own.or_else(|| {
                let element = element.filter(|_| use_nodes || prefix == b"xml")?;
                tree.namespace_of(element, Some(prefix)).map(|n| n.to_vec())
            })
        };
        xpath::evaluate(expression, &Context::new(&tree, node, &namespaces))
    };
    match result {
        Ok(value) => Ok(Some((document, value))),
        Err(error) => {
            complain(cx, &error)?;
            Ok(None)
        }
    }
}

fn complain(cx: &mut Cx, error: &XPathError) -> Ret<()> {
    match error {
        XPathError::Invalid => cx.warning("Invalid expression"),
        XPathError::Prefix(_) => cx.warning("Undefined namespace prefix"),
        XPathError::Function(name) => {
            let shown = String::from_utf8_lossy(name).into_owned();
            cx.warning(format!("xmlXPathCompOpEval: function {shown} not found"))?;
            cx.warning("Unregistered function")
        }
        XPathError::Variable(_) => cx.warning("Undefined variable"),
        XPathError::Type => cx.warning("Invalid type"),
        XPathError::Arity => cx.warning("Invalid number of arguments"),
        XPathError::Unsupported(what) => {
            Err(cx.throw_error(format!("XPath: {what} is not supported")))
        }
    }
}

pub fn domx_path_query(
    cx: &mut Cx,
    this: &Object,
    expression: &PhpString,
    context: Option<&Object>,
    register: bool,
) -> Ret<Value> {
    let Some((document, value)) = run(cx, this, expression, context, register)? else {
        return Ok(Value::Bool(false));
    };
    let nodes = match value {
        xpath::Value::Nodes(nodes) => nodes,
        _ => Vec::new(),
    };
    lists::list(cx, &document, Source::Found(nodes))
}

pub fn domx_path_evaluate(
    cx: &mut Cx,
    this: &Object,
    expression: &PhpString,
    context: Option<&Object>,
    register: bool,
) -> Ret<Value> {
    let Some((document, value)) = run(cx, this, expression, context, register)? else {
        return Ok(Value::Bool(false));
    };
    Ok(match value {
        xpath::Value::Nodes(nodes) => lists::list(cx, &document, Source::Found(nodes))?,
        xpath::Value::Text(text) => Value::Str(PhpString::new(&text)),
        xpath::Value::Number(n) => Value::Float(n),
        xpath::Value::Boolean(b) => Value::Bool(b),
    })
}

pub fn domx_path_quote(_cx: &mut Cx, text: &PhpString) -> Ret<Vec<u8>> {
    if !text.contains(&b'\'') {
        return Ok([b"'", text.as_bytes(), b"'"].concat());
    }
    if !text.contains(&b'"') {
        return Ok([b"\"", text.as_bytes(), b"\""].concat());
    }
    // Neither quote can stand around all of it: pieces are joined.
    let mut out = b"concat(".to_vec();
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        let single = rest.iter().position(|b| *b == b'\'').unwrap_or(rest.len());
        let double = rest.iter().position(|b| *b == b'"').unwrap_or(rest.len());
        let (len, quote) = if single > double { (single, b'\'') } else { (double, b'"') };
        if out.len() > 7 {
            out.push(b',');
        }
        out.push(quote);
        out.extend_from_slice(&rest[..len]);
        out.push(quote);
        rest = &rest[len..];
    }
    out.push(b')');
    Ok(out)
}

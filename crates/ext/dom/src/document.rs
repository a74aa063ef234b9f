//! Documents: reading, writing, making nodes.

use crate::attributes::{checked, declare};
use crate::properties::{document_of, set_content, set_text};
use crate::{INVALID_CHARACTER, NAMESPACE, object, place, refused, thrown};
use outlast_ext_libxml::options::{NO_ERROR, NO_WARNING, wanted};
use outlast_ext_libxml::{Document, raise_io_error, report, source};
use outlast_value::{Object, PhpString, Value};
use outlast_vm::{ClassRef, Cx, OrFalse, Ret};
use outlast_xml::dtd::Doctype;
use outlast_xml::serialize::{self, Style};
use outlast_xml::tree::Name;
use outlast_xml::{Kind, Level, NodeId, Tree, build, chars, encoding};
use std::rc::Rc;

pub fn dom_document_construct(
    cx: &mut Cx,
    this: &Object,
    version: &PhpString,
    label: &PhpString,
) -> Ret<()> {
    let mut tree = Tree::new(Kind::Document);
    tree.version = version.to_vec();
    if !label.is_empty() {
        if !encoding::known(label) {
            return Err(cx.arg_value_error(2, "must be a valid document encoding"));
        }
        tree.encoding = Some(label.to_vec());
    }
    Document::new(tree).bind(Tree::ROOT, this);
    Ok(())
}

fn parse(cx: &mut Cx, this: &Object, text: &[u8], options: i64, file: Option<&[u8]>) -> Ret<bool> {
    let (document, _) = place(cx, this)?;
    let settings = &document.settings;
    let mut how = wanted(options);
    how.parse.recover |= settings.recover.get();
    how.parse.replace_entities |= settings.substitute_entities.get();
    how.no_blanks |= !settings.preserve_white_space.get();
    let built = build::document(text, None, how);
    let errors = built
        .errors
        .into_iter()
        .filter(|e| options & if e.level == Level::Warning { NO_WARNING } else { NO_ERROR } == 0)
        .collect();
    if let Some(tree) = built.tree {
        let renewed = document.renewed(tree);
        let uri = file.map_or_else(|| [&cx.cwd[..], b"/"].concat(), <[u8]>::to_vec);
        *renewed.uri.borrow_mut() = Some(uri);
        renewed.bind(Tree::ROOT, this);
        report(cx, errors, file)?;
        return Ok(true);
    }
    report(cx, errors, file)?;
    Ok(false)
}

pub fn dom_document_load_xml(
    cx: &mut Cx,
    this: &Object,
    source: &PhpString,
    options: i64,
) -> Ret<bool> {
    if source.is_empty() {
        return Err(cx.arg_value_error(1, "must not be empty"));
    }
    parse(cx, this, source, options, None)
}

pub fn dom_document_load(cx: &mut Cx, this: &Object, path: &PhpString, options: i64) -> Ret<bool> {
    if path.is_empty() {
        return Err(cx.arg_value_error(1, "must not be empty"));
    }
    match source::read(cx, path)? {
        Some(text) => parse(cx, this, &text, options, Some(path)),
        None => {
            raise_io_error(cx, path)?;
            Ok(false)
        }
    }
}

fn style(document: &Document, options: i64) -> Style {
    Style {
        format: document.settings.format_output.get(),
        no_empty_tags: options & 4 != 0,
        no_declaration: options & 2 != 0,
        ascii: false,
    }
}

pub fn dom_document_save_xml(
    cx: &mut Cx,
    this: &Object,
    node: Option<&Object>,
    options: i64,
) -> Ret<Value> {
    let (document, _) = place(cx, this)?;
    let style = style(&document, options);
    let Some(node) = node else {
        let text = serialize::document(&document.tree.borrow(), style);
        return Ok(Value::Str(PhpString::new(&text)));
    };
    let (other, id) = place(cx, node)?;
    if !Rc::ptr_eq(&document, &other) {
        return refused(cx, &document, crate::WRONG_DOCUMENT);
    }
    let tree = document.tree.borrow();
    let mut out = Vec::new();
    serialize::node(&tree, id, style, &mut out);
    Ok(Value::Str(PhpString::new(&out)))
}

pub fn dom_document_save(
    cx: &mut Cx,
    this: &Object,
    path: &PhpString,
    options: i64,
) -> Ret<OrFalse<i64>> {
    if path.is_empty() {
        return Err(cx.arg_value_error(1, "must not be empty"));
    }
    let (document, _) = place(cx, this)?;
    let text = serialize::document(&document.tree.borrow(), style(&document, options));
    Ok(OrFalse(source::write(cx, path, &text)?.map(|n| n as i64)))
}

pub fn dom_document_normalize_document(cx: &mut Cx, this: &Object) -> Ret<()> {
    crate::node::dom_node_normalize(cx, this)
}

fn made(cx: &mut Cx, this: &Object, kind: Kind, name: &[u8], value: &[u8]) -> Ret<Object> {
    let (document, _) = place(cx, this)?;
    let (id, unterminated) = {
        let mut tree = document.tree.borrow_mut();
        let id = tree.create(kind, name);
        let mut unterminated = None;
        if kind == Kind::Element {
            unterminated = set_content(&mut tree, id, value).err();
        } else {
            set_text(&mut tree, id, value);
        }
        (id, unterminated)
    };
    if let Some(rest) = unterminated {
        let shown = String::from_utf8_lossy(rest);
        cx.warning(format!("unterminated entity reference {shown:>15}"))?;
    }
    object(cx, &document, id)
}

fn made_named(cx: &mut Cx, this: &Object, kind: Kind, name: &[u8], value: &[u8]) -> Ret<Value> {
    let (document, _) = place(cx, this)?;
    if !chars::is_name(name) {
        return refused(cx, &document, INVALID_CHARACTER);
    }
    made(cx, this, kind, name, value).map(Value::Object)
}

fn made_ns(
    cx: &mut Cx,
    this: &Object,
    kind: Kind,
    ns: Option<&PhpString>,
    name: &PhpString,
    value: &[u8],
) -> Ret<Value> {
    let (document, _) = place(cx, this)?;
    let uri = ns.map(|n| n.as_bytes()).filter(|n| !n.is_empty());
    let (prefix, local) = match checked(uri, name) {
        Ok(parts) => parts,
        Err(code) => return refused(cx, &document, code),
    };
    let new = made(cx, this, kind, local, value)?;
    let (_, id) = place(cx, &new)?;
    let mut tree = document.tree.borrow_mut();
    let node = tree.node_mut(id);
    node.ns = uri.map(Name::from);
    node.prefix = prefix.map(Name::from);
    if let Some(uri) = uri
        && kind == Kind::Element
    {
        declare(&mut tree, id, prefix, uri);
    }
    Ok(Value::Object(new))
}

pub fn dom_document_create_element(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
    value: &PhpString,
) -> Ret<Value> {
    made_named(cx, this, Kind::Element, name, value)
}

pub fn dom_document_create_element_ns(
    cx: &mut Cx,
    this: &Object,
    ns: Option<&PhpString>,
    name: &PhpString,
    value: &PhpString,
) -> Ret<Value> {
    made_ns(cx, this, Kind::Element, ns, name, value)
}

pub fn dom_document_create_attribute(cx: &mut Cx, this: &Object, name: &PhpString) -> Ret<Value> {
    made_named(cx, this, Kind::Attribute, name, b"")
}

pub fn dom_document_create_attribute_ns(
    cx: &mut Cx,
    this: &Object,
    ns: Option<&PhpString>,
    name: &PhpString,
) -> Ret<Value> {
    made_ns(cx, this, Kind::Attribute, ns, name, b"")
}

pub fn dom_document_create_cdata_section(
    cx: &mut Cx,
    this: &Object,
    data: &PhpString,
) -> Ret<Object> {
    made(cx, this, Kind::CData, b"", data)
}

pub fn dom_document_create_comment(cx: &mut Cx, this: &Object, data: &PhpString) -> Ret<Object> {
    made(cx, this, Kind::Comment, b"", data)
}

pub fn dom_document_create_text_node(cx: &mut Cx, this: &Object, data: &PhpString) -> Ret<Object> {
    made(cx, this, Kind::Text, b"", data)
}

pub fn dom_document_create_document_fragment(cx: &mut Cx, this: &Object) -> Ret<Object> {
    made(cx, this, Kind::Fragment, b"", b"")
}

pub fn dom_document_create_entity_reference(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
) -> Ret<Value> {
    made_named(cx, this, Kind::EntityRef, name, b"")
}

pub fn dom_document_create_processing_instruction(
    cx: &mut Cx,
    this: &Object,
    target: &PhpString,
    data: &PhpString,
) -> Ret<Value> {
    made_named(cx, this, Kind::Pi, target, data)
}

pub fn dom_document_get_element_by_id(cx: &mut Cx, this: &Object, id: &PhpString) -> Ret<Value> {
    let (document, _) = place(cx, this)?;
    let found = document.tree.borrow().by_id(id);
    crate::maybe(cx, &document, found)
}

pub fn dom_document_import_node(
    cx: &mut Cx,
    this: &Object,
    node: &Object,
    deep: bool,
) -> Ret<Value> {
    let (document, _) = place(cx, this)?;
    let (from, id) = place(cx, node)?;
    if matches!(from.tree.borrow().kind(id), Kind::Document | Kind::HtmlDocument) {
        cx.warning("Cannot import: Node Type Not Supported")?;
        return Ok(Value::Bool(false));
    }
    let copy = if Rc::ptr_eq(&document, &from) {
        document.tree.borrow_mut().copy(id, deep)
    } else {
        document.tree.borrow_mut().copy_from(&from.tree.borrow(), id, deep)
    };
    bring_namespaces(&document, copy);
    object(cx, &document, copy).map(Value::Object)
}

/// A copy declares the namespace of its name, which the original had from above.
fn bring_namespaces(document: &Document, copy: NodeId) {
    let mut tree = document.tree.borrow_mut();
    let n = tree.node(copy);
    if n.kind == Kind::Element
        && let Some(ns) = n.ns.clone()
    {
        let prefix = n.prefix.clone();
        if tree.namespace_of(copy, prefix.as_deref()).is_none() {
            tree.node_mut(copy).declared.push((prefix, ns));
        }
    }
}

pub fn dom_document_register_node_class(
    cx: &mut Cx,
    this: &Object,
    base: &PhpString,
    extended: Option<&PhpString>,
) -> Ret<bool> {
    let base_class = cx.class_or_throw(base)?;
    let node = cx.class(b"DOMNode").expect("it is declared here");
    if !base_class.is_subclass_of_or_same(node) {
        let text = "must be a class name derived from DOMNode";
        return Err(cx.arg_error(
            "TypeError",
            1,
            &format!("{text}, {} given", base.to_str_lossy()),
        ));
    }
    let (document, _) = place(cx, this)?;
    let key = base_class.name.as_bytes().to_ascii_lowercase();
    let Some(extended) = extended else {
        document.classes.borrow_mut().remove(&key);
        return Ok(true);
    };
    let class: ClassRef = cx.class_or_throw(extended)?;
    if !class.is_subclass_of_or_same(base_class) {
        let text = format!(
            "must be a class name derived from {} or null, {} given",
            base_class.display_name(),
            extended.to_str_lossy()
        );
        return Err(cx.arg_error("TypeError", 2, &text));
    }
    if class.is_abstract() {
        return Err(cx.arg_value_error(2, "must not be an abstract class"));
    }
    document.classes.borrow_mut().insert(key, class);
    Ok(true)
}

pub fn dom_document_fragment_append_xml(cx: &mut Cx, this: &Object, data: &PhpString) -> Ret<bool> {
    let (document, id) = place(cx, this)?;
    if document.settings.orphan.get() {
        return refused(cx, &document, 7).map(|_| false);
    }
    if data.is_empty() {
        return Ok(true);
    }
    let (good, errors) = {
        let mut part = Tree::new(Kind::Fragment);
        let mut tree = document.tree.borrow_mut();
        part.dtd = tree.dtd.clone();
        let (good, errors) = build::fragment(&mut part, Tree::ROOT, data, Vec::new());
        if good {
            let children: Vec<NodeId> = part.children(Tree::ROOT).collect();
            for child in children {
                let copy = tree.copy_from(&part, child, true);
                tree.append(id, copy);
            }
        }
        (good, errors)
    };
    report(cx, errors, None)?;
    Ok(good)
}

pub fn dom_implementation_create_document_type(
    cx: &mut Cx,
    _this: &Object,
    name: &PhpString,
    public_id: &PhpString,
    system_id: &PhpString,
) -> Ret<Value> {
    if name.is_empty() {
        return Err(cx.arg_value_error(1, "must not be empty"));
    }
    if !chars::is_name(name) {
        return Err(thrown(cx, INVALID_CHARACTER));
    }
    let given = |s: &PhpString| (!s.is_empty()).then(|| s.to_vec());
    let doctype = Doctype {
        name: name.to_vec(),
        public_id: given(public_id),
        system_id: given(system_id),
        ..Doctype::default()
    };
    let document = Document::orphan();
    let id = {
        let mut tree = document.tree.borrow_mut();
        let id = tree.create(Kind::DocumentType, name);
        tree.node_mut(id).doctype = Some(Rc::new(doctype));
        id
    };
    object(cx, &document, id).map(Value::Object)
}

pub fn dom_implementation_create_document(
    cx: &mut Cx,
    _this: &Object,
    ns: Option<&PhpString>,
    name: &PhpString,
    doctype: Option<&Object>,
) -> Ret<Value> {
    let document = Document::new(Tree::new(Kind::Document));
    let uri = ns.map(|n| n.as_bytes()).filter(|n| !n.is_empty());
    if name.is_empty() && uri.is_some() {
        return Err(thrown(cx, NAMESPACE));
    }
    if let Some(doctype) = doctype {
        let new = place(cx, doctype)?;
        if new.0.tree.borrow().node(new.1).parent.is_some() {
            return Err(thrown(cx, crate::WRONG_DOCUMENT));
        }
        if let Err(code) = crate::insert::insert(&document, Tree::ROOT, &new, None) {
            return Err(thrown(cx, code));
        }
    }
    let this = object(cx, &document, Tree::ROOT)?;
    if !name.is_empty() {
        let Value::Object(root) = made_ns(cx, &this, Kind::Element, ns, name, b"")? else {
            return Ok(Value::Bool(false));
        };
        let (_, id) = place(cx, &root)?;
        document.tree.borrow_mut().append(Tree::ROOT, id);
    }
    document_of(cx, &(document, Tree::ROOT)).map(Value::Object)
}

//! Properties of nodes.

use crate::lists::{self, Source};
use crate::{Place, maybe, object, place};
use outlast_value::{Key, Object, PhpArray, PhpString, Value};
use outlast_vm::{Cx, ObjectClass, PropertiesFor, Ret};
use outlast_xml::tree::Node;
use outlast_xml::{Kind, NodeId, Tree};

fn text(bytes: &[u8]) -> Value {
    Value::Str(PhpString::new(bytes))
}

fn text_or_null(bytes: Option<&[u8]>) -> Value {
    bytes.map_or(Value::Null, text)
}

/// `nodeName`
pub(crate) fn node_name(tree: &Tree, id: NodeId) -> Vec<u8> {
    match tree.kind(id) {
        Kind::Text => b"#text".to_vec(),
        Kind::CData => b"#cdata-section".to_vec(),
        Kind::Comment => b"#comment".to_vec(),
        Kind::Document | Kind::HtmlDocument => b"#document".to_vec(),
        Kind::Fragment => b"#document-fragment".to_vec(),
        _ => tree.qualified(id),
    }
}

fn element_beside(tree: &Tree, id: NodeId, back: bool) -> Option<NodeId> {
    let step = |n: &NodeId| if back { tree.node(*n).prev } else { tree.node(*n).next };
    std::iter::successors(step(&id), step).find(|n| tree.kind(*n) == Kind::Element)
}

/// Nodes that a property names.
fn related(tree: &Tree, id: NodeId, name: &[u8]) -> Option<Option<NodeId>> {
    let n = tree.node(id);
    let element = |id: Option<NodeId>| id.filter(|i| tree.kind(*i) == Kind::Element);
    Some(match name {
        b"parentNode" => n.parent.filter(|_| n.kind != Kind::Attribute),
        b"parentElement" => element(n.parent.filter(|_| n.kind != Kind::Attribute)),
        b"ownerElement" => n.parent,
        b"firstChild" => n.first,
        b"lastChild" => n.last,
        b"previousSibling" => n.prev,
        b"nextSibling" => n.next,
        b"firstElementChild" => tree.elements(id).next(),
        b"lastElementChild" => tree.elements(id).last(),
        b"previousElementSibling" => element_beside(tree, id, true),
        b"nextElementSibling" => element_beside(tree, id, false),
        b"documentElement" => tree.document_element(),
        b"doctype" => tree.children(Tree::ROOT).find(|c| tree.kind(*c) == Kind::DocumentType),
        _ => return None,
    })
}

fn node_value(tree: &Tree, n: &Node, id: NodeId) -> Value {
    match n.kind {
        Kind::Element => text(&tree.text(id)),
        Kind::Text | Kind::CData | Kind::Comment | Kind::Pi | Kind::Attribute => text(&n.value),
        _ => Value::Null,
    }
}

/// Properties that are plain values.
fn plain((document, id): &Place, name: &[u8]) -> Option<Value> {
    let tree = document.tree.borrow();
    let n = tree.node(*id);
    let attribute = |a: &[u8]| text(tree.attr_value(*id, a).unwrap_or_default());
    let named = matches!(n.kind, Kind::Element | Kind::Attribute);
    let settings = &document.settings;
    let flag = |cell: &std::cell::Cell<bool>| Value::Bool(cell.get());
    let doctype = n.doctype.as_deref();
    Some(match name {
        b"nodeName" => text(&node_name(&tree, *id)),
        b"tagName" | b"target" => text(&tree.qualified(*id)),
        b"name" => text(&n.name),
        b"nodeValue" => node_value(&tree, n, *id),
        b"value" | b"data" => text(&n.value),
        b"nodeType" => Value::Int(n.kind as i64),
        b"textContent" => text(&tree.text(*id)),
        b"isConnected" => Value::Bool(tree.top(*id) == Tree::ROOT && !settings.orphan.get()),
        b"namespaceURI" => text_or_null(n.ns.as_deref().filter(|_| named)),
        b"prefix" => text(n.prefix.as_deref().unwrap_or_default()),
        b"localName" => text_or_null(named.then_some(&*n.name)),
        b"baseURI" => text_or_null(document.uri.borrow().as_deref()),
        b"className" => attribute(b"class"),
        b"id" => attribute(b"id"),
        b"childElementCount" => Value::Int(tree.elements(*id).count() as i64),
        b"schemaTypeInfo" | b"config" | b"notationName" => Value::Null,
        b"specified" => Value::Bool(true),
        b"length" => Value::Int(String::from_utf8_lossy(&n.value).chars().count() as i64),
        b"wholeText" => text(&whole_text(&tree, *id)),
        b"actualEncoding" | b"encoding" | b"xmlEncoding" => text_or_null(tree.encoding.as_deref()),
        b"standalone" | b"xmlStandalone" => Value::Bool(tree.standalone == Some(true)),
        b"version" | b"xmlVersion" => text(&tree.version),
        b"documentURI" => text_or_null(document.uri.borrow().as_deref()),
        b"strictErrorChecking" => flag(&settings.strict_error_checking),
        b"formatOutput" => flag(&settings.format_output),
        b"validateOnParse" => flag(&settings.validate_on_parse),
        b"resolveExternals" => flag(&settings.resolve_externals),
        b"preserveWhiteSpace" => flag(&settings.preserve_white_space),
        b"recover" => flag(&settings.recover),
        b"substituteEntities" => flag(&settings.substitute_entities),
        b"publicId" => text(doctype.and_then(|d| d.public_id.as_deref()).unwrap_or_default()),
        b"systemId" => text(doctype.and_then(|d| d.system_id.as_deref()).unwrap_or_default()),
        b"internalSubset" => text_or_null(doctype.and_then(|d| d.subset.as_deref())),
        _ => return None,
    })
}

/// The text with that of the texts beside it.
fn whole_text(tree: &Tree, id: NodeId) -> Vec<u8> {
    let is_text = |n: &NodeId| matches!(tree.kind(*n), Kind::Text | Kind::CData);
    let first = std::iter::successors(Some(id), |n| tree.node(*n).prev.filter(is_text)).last();
    std::iter::successors(first, |n| tree.node(*n).next.filter(is_text))
        .flat_map(|n| tree.node(n).value.clone())
        .collect()
}

/// Reads a property.
pub(crate) fn read(cx: &mut Cx, this: &Object, name: &PhpString) -> Ret<Option<Value>> {
    let declared = this.class().props.get(name).is_some_and(|p| p.is_virtual());
    if !declared {
        return Ok(None);
    }
    let at = place(cx, this)?;
    let (document, id) = &at;
    let found = related(&document.tree.borrow(), *id, name);
    if let Some(node) = found {
        return maybe(cx, document, node).map(Some);
    }
    Ok(match name.as_bytes() {
        b"ownerDocument" => {
            let has = *id != Tree::ROOT && !document.settings.orphan.get();
            Some(maybe(cx, document, has.then_some(Tree::ROOT))?)
        }
        b"childNodes" => Some(lists::list(cx, document, Source::Children(*id))?),
        b"attributes" => {
            let element = document.tree.borrow().kind(*id) == Kind::Element;
            match element {
                true => Some(lists::map(cx, document, *id)?),
                false => Some(Value::Null),
            }
        }
        b"implementation" => {
            let class = cx.class(b"DOMImplementation").expect("it is declared here");
            Some(Value::Object(cx.instantiate(class)?))
        }
        name => plain(&at, name),
    })
}

/// Writes a property.
pub(crate) fn write(cx: &mut Cx, this: &Object, name: &PhpString, value: &Value) -> Ret<bool> {
    if !this.class().props.get(name).is_some_and(|p| p.is_virtual()) {
        return Ok(false);
    }
    let (document, id) = place(cx, this)?;
    let settings = &document.settings;
    let flag = match name.as_bytes() {
        b"formatOutput" => Some(&settings.format_output),
        b"preserveWhiteSpace" => Some(&settings.preserve_white_space),
        b"validateOnParse" => Some(&settings.validate_on_parse),
        b"resolveExternals" => Some(&settings.resolve_externals),
        b"substituteEntities" => Some(&settings.substitute_entities),
        b"recover" => Some(&settings.recover),
        b"strictErrorChecking" => Some(&settings.strict_error_checking),
        _ => None,
    };
    if let Some(flag) = flag {
        flag.set(cx.to_bool(value)?);
        return Ok(true);
    }
    match name.as_bytes() {
        b"standalone" | b"xmlStandalone" => {
            let on = cx.to_bool(value)?;
            document.tree.borrow_mut().standalone = Some(on);
            return Ok(true);
        }
        b"nodeValue" | b"textContent" | b"value" | b"data" | b"encoding" | b"version"
        | b"xmlVersion" | b"documentURI" | b"prefix" | b"className" | b"id" => {}
        name => {
            let text = format!(
                "Cannot modify readonly property {}::${}",
                this.class().display_name(),
                String::from_utf8_lossy(name)
            );
            return Err(cx.throw_error(text));
        }
    }
    let given = cx.to_str(value)?;
    if name.as_bytes() == b"encoding" && !outlast_xml::encoding::known(&given) {
        return Err(cx.throw_value_error("Invalid document encoding"));
    }
    let mut tree = document.tree.borrow_mut();
    match name.as_bytes() {
        b"encoding" => tree.encoding = Some(given.to_vec()),
        b"version" | b"xmlVersion" => tree.version = given.to_vec(),
        b"documentURI" => *document.uri.borrow_mut() = Some(given.to_vec()),
        b"prefix" => {
            tree.node_mut(id).prefix = (!given.is_empty()).then(|| given.as_bytes().into())
        }
        b"className" => crate::attributes::set(&mut tree, id, b"class", &given),
        b"id" => crate::attributes::set(&mut tree, id, b"id", &given),
        _ => set_text(&mut tree, id, &given),
    }
    Ok(true)
}

/// Replaces what a node holds by text.
pub(crate) fn set_text(tree: &mut Tree, id: NodeId, given: &[u8]) {
    match tree.kind(id) {
        Kind::Element | Kind::Fragment => {
            tree.clear(id);
            if !given.is_empty() {
                let child = tree.create_text(Kind::Text, given);
                tree.append(id, child);
            }
        }
        Kind::Text | Kind::CData | Kind::Comment | Kind::Pi | Kind::Attribute => {
            tree.node_mut(id).value = given.to_vec();
        }
        _ => {}
    }
}

/// Makes text the content of a new element, where references to entities are entities. What
/// follows an `&` without its `;` comes back, and the element stays empty.
pub(crate) fn set_content<'t>(
    tree: &mut Tree,
    id: NodeId,
    given: &'t [u8],
) -> Result<(), &'t [u8]> {
    let mut text = Vec::new();
    let mut rest = given;
    while let Some(at) = rest.iter().position(|&b| b == b'&') {
        text.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
        let Some(end) = rest.iter().position(|&b| b == b';') else {
            tree.clear(id);
            return Err(rest);
        };
        let name = &rest[..end];
        match predefined(name) {
            Some(replaced) => text.extend_from_slice(&replaced),
            None => {
                append_text(tree, id, &mut text);
                let reference = tree.create(Kind::EntityRef, name);
                tree.append(id, reference);
            }
        }
        rest = &rest[end + 1..];
    }
    text.extend_from_slice(rest);
    append_text(tree, id, &mut text);
    Ok(())
}

/// What `&name;` means everywhere.
fn predefined(name: &[u8]) -> Option<Vec<u8>> {
    Some(match name {
        b"lt" => b"<".to_vec(),
        b"gt" => b">".to_vec(),
        b"amp" => b"&".to_vec(),
        b"quot" => b"\"".to_vec(),
        b"apos" => b"'".to_vec(),
        _ => {
            let digits = std::str::from_utf8(name.strip_prefix(b"#")?).ok()?;
            let code = match digits.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => digits.parse(),
            };
            let c = code.ok().filter(|&c| c > 0).and_then(char::from_u32);
            c.map(|c| c.to_string().into_bytes()).unwrap_or_default()
        }
    })
}

fn append_text(tree: &mut Tree, id: NodeId, text: &mut Vec<u8>) {
    if !text.is_empty() {
        let child = tree.create_text(Kind::Text, text);
        tree.append(id, child);
        text.clear();
    }
}

/// Properties as `var_dump` shows them: those of the class first, nodes left out.
pub(crate) fn all(cx: &mut Cx, this: &Object, purpose: PropertiesFor) -> Ret<PhpArray> {
    let mut out = cx.mangled_vars(this);
    if purpose != PropertiesFor::Debug {
        return Ok(out);
    }
    let mut class = Some(this.class());
    while let Some(c) = class {
        let own: Vec<PhpString> = c
            .props
            .values()
            .filter(|p| p.is_virtual() && p.class.get() == c)
            .map(|p| p.name.clone())
            .collect();
        for name in own {
            if let Some(value) = read(cx, this, &name)? {
                let shown = match value {
                    Value::Object(_) => text(b"(object value omitted)"),
                    v => v,
                };
                out.insert(Key::from_string(name), shown);
            }
        }
        class = c.parent;
    }
    Ok(out)
}

/// The object of the document a node belongs to.
pub(crate) fn document_of(cx: &mut Cx, at: &Place) -> Ret<Object> {
    object(cx, &at.0, Tree::ROOT)
}

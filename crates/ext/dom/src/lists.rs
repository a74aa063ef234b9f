//! `DOMNodeList` and `DOMNamedNodeMap`.

use crate::{maybe, object};
use outlast_ext_core::internal_iterator;
use outlast_ext_libxml::Document;
use outlast_value::{Key, Object, ObjectData, PhpArray, PhpString, Value};
use outlast_vm::{Cx, NativeIterator, ObjectHandlers, PropertiesFor, Ret};
use outlast_xml::{Kind, NodeId, Tree};
use std::cell::RefCell;
use std::rc::Rc;

/// What a list holds.
pub(crate) enum Source {
    Children(NodeId),
    /// Elements of a name below a node; `*` is any. The namespace: none asked for, or that one.
    Named {
        below: NodeId,
        ns: Option<Option<Vec<u8>>>,
        name: Vec<u8>,
    },
    /// What a query found.
    Found(Vec<NodeId>),
    /// Attributes of an element.
    Attributes(NodeId),
}

struct ListData {
    document: Rc<Document>,
    source: Source,
    /// Nodes, as of a state of the tree.
    cache: RefCell<(u64, Rc<[NodeId]>)>,
}

impl ObjectData for ListData {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

impl ListData {
    fn nodes(&self) -> Rc<[NodeId]> {
        let tree = self.document.tree.borrow();
        let mut cache = self.cache.borrow_mut();
        if cache.0 != tree.changes {
            *cache = (tree.changes, self.source.nodes(&tree).into());
        }
        cache.1.clone()
    }
}

impl Source {
    fn nodes(&self, tree: &Tree) -> Vec<NodeId> {
        match self {
            Source::Children(of) => tree.children(*of).collect(),
            Source::Attributes(of) => tree.node(*of).attrs.clone(),
            Source::Found(nodes) => nodes.clone(),
            Source::Named { below, ns, name } => tree
                .descendants(*below)
                .filter(|id| {
                    let n = tree.node(*id);
                    let same_name = match ns {
                        None => name == b"*" || tree.qualified(*id) == *name,
                        Some(_) => name == b"*" || *n.name == **name,
                    };
                    let same_ns = match ns {
                        None => true,
                        Some(Some(uri)) if uri == b"*" => true,
                        Some(uri) => n.ns.as_deref() == uri.as_deref().filter(|u| !u.is_empty()),
                    };
                    n.kind == Kind::Element && same_name && same_ns
                })
                .collect(),
        }
    }
}

pub(crate) static LIST: ObjectHandlers = ObjectHandlers {
    read_property: Some(read),
    properties: Some(properties),
    read_dimension: Some(dimension),
    has_dimension: Some(has_dimension),
    iterate: Some(iterate),
    uncloneable: true,
    ..ObjectHandlers::STANDARD
};
pub(crate) static MAP: ObjectHandlers = LIST;

fn make(cx: &mut Cx, class: &str, document: &Rc<Document>, source: Source) -> Ret<Value> {
    let class = cx.class(class.as_bytes()).expect("it is declared here");
    let object = cx.instantiate(class)?;
    let cache = RefCell::new((u64::MAX, Rc::from([])));
    object.set_data(Box::new(ListData { document: document.clone(), source, cache }));
    Ok(Value::Object(object))
}

/// A `DOMNodeList`.
pub(crate) fn list(cx: &mut Cx, document: &Rc<Document>, source: Source) -> Ret<Value> {
    make(cx, "DOMNodeList", document, source)
}

/// A `DOMNamedNodeMap` of the attributes of an element.
pub(crate) fn map(cx: &mut Cx, document: &Rc<Document>, element: NodeId) -> Ret<Value> {
    make(cx, "DOMNamedNodeMap", document, Source::Attributes(element))
}

fn length(this: &Object) -> i64 {
    this.data::<ListData>().map_or(0, |l| l.nodes().len() as i64)
}

fn item(cx: &mut Cx, this: &Object, index: i64) -> Ret<Value> {
    let Some(data) = this.data::<ListData>() else { return Ok(Value::Null) };
    let found = usize::try_from(index).ok().and_then(|i| data.nodes().get(i).copied());
    maybe(cx, &data.document, found)
}

fn read(_cx: &mut Cx, this: &Object, name: &PhpString) -> Ret<Option<Value>> {
    Ok((name.as_bytes() == b"length").then(|| Value::Int(length(this))))
}

fn properties(cx: &mut Cx, this: &Object, purpose: PropertiesFor) -> Ret<PhpArray> {
    let mut out = cx.mangled_vars(this);
    if purpose == PropertiesFor::Debug {
        out.insert(Key::from("length"), Value::Int(length(this)));
    }
    Ok(out)
}

fn named(this: &Object, name: &[u8]) -> Option<NodeId> {
    let data = this.data::<ListData>()?;
    let Source::Attributes(element) = data.source else { return None };
    data.document.tree.borrow().attr(element, name)
}

fn dimension(cx: &mut Cx, this: &Object, key: Option<&Value>, _quiet: bool) -> Ret<Value> {
    let Some(key) = key else {
        return Err(cx.throw_error("Cannot access node list without offset"));
    };
    if let Value::Str(name) = key
        && name.as_int_key().is_none()
        && let Some(data) = this.data::<ListData>()
        && matches!(data.source, Source::Attributes(_))
    {
        return maybe(cx, &data.document, named(this, name));
    }
    let index = cx.to_int(key)?;
    item(cx, this, index)
}

fn has_dimension(cx: &mut Cx, this: &Object, key: &Value, _empty: bool) -> Ret<bool> {
    Ok(!dimension(cx, this, Some(key), true)?.is_null())
}

struct Nodes {
    over: Object,
    at: i64,
}

impl NativeIterator for Nodes {
    fn rewind(&mut self, _cx: &mut Cx) -> Ret<()> {
        self.at = 0;
        Ok(())
    }
    fn valid(&mut self, _cx: &mut Cx) -> Ret<bool> {
        Ok(self.at < length(&self.over))
    }
    fn current(&mut self, cx: &mut Cx) -> Ret<Value> {
        item(cx, &self.over, self.at)
    }
    fn key(&mut self, _cx: &mut Cx) -> Ret<Value> {
        let data = self.over.data::<ListData>();
        if let Some(data) = data
            && matches!(data.source, Source::Attributes(_))
            && let Some(id) = data.nodes().get(self.at as usize)
        {
            let name = data.document.tree.borrow().node(*id).name.clone();
            return Ok(Value::Str(PhpString::new(&name)));
        }
        Ok(Value::Int(self.at))
    }
    fn next(&mut self, _cx: &mut Cx) -> Ret<()> {
        self.at += 1;
        Ok(())
    }
}

fn iterate(cx: &mut Cx, this: &Object, by_ref: bool) -> Ret<Box<dyn NativeIterator>> {
    if by_ref {
        return Err(cx.throw_error("An iterator cannot be used with foreach by reference"));
    }
    Ok(Box::new(Nodes { over: this.clone(), at: 0 }))
}

fn iterator(cx: &mut Cx, this: &Object) -> Ret<Object> {
    let nodes = iterate(cx, this, false)?;
    internal_iterator(cx, this, nodes)
}

pub fn dom_node_list_count(_cx: &mut Cx, this: &Object) -> Ret<i64> {
    Ok(length(this))
}

pub fn dom_node_list_get_iterator(cx: &mut Cx, this: &Object) -> Ret<Object> {
    iterator(cx, this)
}

pub fn dom_node_list_item(cx: &mut Cx, this: &Object, index: i64) -> Ret<Value> {
    item(cx, this, index)
}

pub fn dom_named_node_map_count(_cx: &mut Cx, this: &Object) -> Ret<i64> {
    Ok(length(this))
}

pub fn dom_named_node_map_get_iterator(cx: &mut Cx, this: &Object) -> Ret<Object> {
    iterator(cx, this)
}

pub fn dom_named_node_map_item(cx: &mut Cx, this: &Object, index: i64) -> Ret<Value> {
    if index < 0 {
        return Err(cx.arg_value_error(1, "must be between 0 and 2147483647"));
    }
    item(cx, this, index)
}

pub fn dom_named_node_map_get_named_item(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
) -> Ret<Value> {
    let Some(data) = this.data::<ListData>() else { return Ok(Value::Null) };
    maybe(cx, &data.document, named(this, name))
}

pub fn dom_named_node_map_get_named_item_ns(
    cx: &mut Cx,
    this: &Object,
    ns: Option<&PhpString>,
    local: &PhpString,
) -> Ret<Option<Object>> {
    let Some(data) = this.data::<ListData>() else { return Ok(None) };
    let Source::Attributes(element) = data.source else { return Ok(None) };
    let ns = ns.map(|n| n.as_bytes()).filter(|n| !n.is_empty());
    let found = data.document.tree.borrow().attr_ns(element, ns, local);
    found.map(|id| object(cx, &data.document, id)).transpose()
}

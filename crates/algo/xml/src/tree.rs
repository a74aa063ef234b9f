//! The tree: nodes in one arena a document, linked by their numbers.

use crate::dtd::Doctype;
use std::rc::Rc;

/// A name, shared.
pub type Name = Rc<[u8]>;

/// The namespace of `xml:`.
pub const XML_NS: &[u8] = b"http://www.w3.org/XML/1998/namespace";
/// The namespace of `xmlns`.
pub const XMLNS_NS: &[u8] = b"http://www.w3.org/2000/xmlns/";

/// A node of a [`Tree`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(u32);

/// What a node is, with DOM's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Element = 1,
    Attribute = 2,
    Text = 3,
    CData = 4,
    EntityRef = 5,
    Entity = 6,
    Pi = 7,
    Comment = 8,
    Document = 9,
    DocumentType = 10,
    Fragment = 11,
    Notation = 12,
    HtmlDocument = 13,
}

/// A node.
#[derive(Debug, Clone)]
pub struct Node {
    pub kind: Kind,
    pub parent: Option<NodeId>,
    pub prev: Option<NodeId>,
    pub next: Option<NodeId>,
    pub first: Option<NodeId>,
    pub last: Option<NodeId>,
    /// Local name, target, or name of an entity.
    pub name: Name,
    pub prefix: Option<Name>,
    pub ns: Option<Name>,
    /// The text of a text, an attribute, a comment; the data of a processing instruction.
    pub value: Vec<u8>,
    /// Line in the source; 0: made by a script.
    pub line: u32,
    /// Attributes of an element, in order.
    pub attrs: Vec<NodeId>,
    /// Namespaces that an element declares.
    pub declared: Vec<(Option<Name>, Name)>,
    /// An attribute that is an id.
    pub is_id: bool,
    pub doctype: Option<Rc<Doctype>>,
}

/// A document, or what will belong to one.
#[derive(Debug)]
pub struct Tree {
    nodes: Vec<Node>,
    pub version: Vec<u8>,
    pub encoding: Option<Vec<u8>>,
    pub standalone: Option<bool>,
    /// The doctype that is in force.
    pub dtd: Option<Rc<Doctype>>,
    /// Goes up with each change of the structure.
    pub changes: u64,
}

impl Tree {
    /// The document itself.
    pub const ROOT: NodeId = NodeId(0);

    /// An empty document.
    pub fn new(kind: Kind) -> Tree {
        let mut tree = Tree {
            nodes: Vec::new(),
            version: b"1.0".to_vec(),
            encoding: None,
            standalone: None,
            dtd: None,
            changes: 0,
        };
        tree.create(kind, &[]);
        tree
    }

    /// A node that stands nowhere yet.
    pub fn create(&mut self, kind: Kind, name: &[u8]) -> NodeId {
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(Node {
            kind,
            parent: None,
            prev: None,
            next: None,
            first: None,
            last: None,
            name: name.into(),
            prefix: None,
            ns: None,
            value: Vec::new(),
            line: 0,
            attrs: Vec::new(),
            declared: Vec::new(),
            is_id: false,
            doctype: None,
        });
        id
    }

    /// A node with text.
    pub fn create_text(&mut self, kind: Kind, value: &[u8]) -> NodeId {
        let id = self.create(kind, b"");
        self.node_mut(id).value = value.to_vec();
        id
    }

    /// The node.
    #[inline]
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// The node, to change it.
    #[inline]
    pub fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id.0 as usize]
    }

    /// What the node is.
    #[inline]
    pub fn kind(&self, id: NodeId) -> Kind {
        self.node(id).kind
    }

    /// Children in order.
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(self.node(id).first, |c| self.node(*c).next)
    }

    /// Children that are elements.
    pub fn elements(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        self.children(id).filter(|c| self.kind(*c) == Kind::Element)
    }

    /// The node behind `id` in document order, within `top`.
    pub fn following(&self, id: NodeId, top: NodeId) -> Option<NodeId> {
        self.node(id).first.or_else(|| self.following_outside(id, top))
    }

    /// The node behind the end of `id` in document order, within `top`.
    pub fn following_outside(&self, mut id: NodeId, top: NodeId) -> Option<NodeId> {
        loop {
            if id == top {
                return None;
            }
            if let Some(next) = self.node(id).next {
                return Some(next);
            }
            id = self.node(id).parent?;
        }
    }

    /// All nodes below `top`, in document order.
    pub fn descendants(&self, top: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(self.node(top).first, move |id| self.following(*id, top))
    }

    /// The root element.
    pub fn document_element(&self) -> Option<NodeId> {
        self.elements(Tree::ROOT).next()
    }

    /// The node without parent that `id` hangs on.
    pub fn top(&self, mut id: NodeId) -> NodeId {
        while let Some(parent) = self.node(id).parent {
            id = parent;
        }
        id
    }

    /// Is `ancestor` the node or above it?
    pub fn is_within(&self, id: NodeId, ancestor: NodeId) -> bool {
        std::iter::successors(Some(id), |n| self.node(*n).parent).any(|n| n == ancestor)
    }

    /// Puts a node that stands nowhere behind the last child.
    pub fn append(&mut self, parent: NodeId, child: NodeId) {
        self.insert(parent, child, None);
    }

    /// Puts a node that stands nowhere before a child, or behind the last one.
    pub fn insert(&mut self, parent: NodeId, child: NodeId, before: Option<NodeId>) {
        self.changes += 1;
        let prev = match before {
            Some(b) => self.node(b).prev,
            None => self.node(parent).last,
        };
        let node = self.node_mut(child);
        node.parent = Some(parent);
        node.prev = prev;
        node.next = before;
        match prev {
            Some(p) => self.node_mut(p).next = Some(child),
            None => self.node_mut(parent).first = Some(child),
        }
        match before {
            Some(b) => self.node_mut(b).prev = Some(child),
            None => self.node_mut(parent).last = Some(child),
        }
    }

    /// Takes a node out of its place, with all below it.
    pub fn detach(&mut self, id: NodeId) {
        let Some(parent) = self.node(id).parent else { return };
        self.changes += 1;
        if self.kind(id) == Kind::Attribute {
            self.node_mut(parent).attrs.retain(|a| *a != id);
            self.node_mut(id).parent = None;
            return;
        }
        let (prev, next) = (self.node(id).prev, self.node(id).next);
        match prev {
            Some(p) => self.node_mut(p).next = next,
            None => self.node_mut(parent).first = next,
        }
        match next {
            Some(n) => self.node_mut(n).prev = prev,
            None => self.node_mut(parent).last = prev,
        }
        let node = self.node_mut(id);
        (node.parent, node.prev, node.next) = (None, None, None);
    }

    /// Takes all children out.
    pub fn clear(&mut self, id: NodeId) {
        while let Some(child) = self.node(id).first {
            self.detach(child);
        }
    }

    /// The name with its prefix.
    pub fn qualified(&self, id: NodeId) -> Vec<u8> {
        let node = self.node(id);
        match &node.prefix {
            Some(prefix) => [prefix, b":".as_slice(), &node.name].concat(),
            None => node.name.to_vec(),
        }
    }

    /// All text within: what XPath takes for the node's string value.
    pub fn text(&self, id: NodeId) -> Vec<u8> {
        let mut out = Vec::new();
        match self.kind(id) {
            Kind::Element | Kind::Document | Kind::HtmlDocument | Kind::Fragment => {
                for n in self.descendants(id) {
                    self.own_text(n, &mut out);
                }
            }
            _ => self.own_text(id, &mut out),
        }
        if !matches!(self.kind(id), Kind::Comment | Kind::Pi) {
            return out;
        }
        self.node(id).value.clone()
    }

    fn own_text(&self, id: NodeId, out: &mut Vec<u8>) {
        let node = self.node(id);
        match node.kind {
            Kind::Text | Kind::CData | Kind::Attribute => out.extend_from_slice(&node.value),
            Kind::EntityRef => {
                if let Some(text) = self.dtd.as_ref().and_then(|d| d.entity_text(&node.name)) {
                    out.extend_from_slice(&text);
                }
            }
            _ => {}
        }
    }

    /// The attribute of that name as written.
    pub fn attr(&self, element: NodeId, qualified: &[u8]) -> Option<NodeId> {
        self.node(element).attrs.iter().copied().find(|a| {
            let a = self.node(*a);
            match &a.prefix {
                None => *a.name == *qualified,
                Some(p) => {
                    qualified.len() == p.len() + 1 + a.name.len()
                        && qualified.starts_with(p)
                        && qualified[p.len()] == b':'
                        && qualified.ends_with(&a.name)
                }
            }
        })
    }

    /// The attribute of that name in a namespace.
    pub fn attr_ns(&self, element: NodeId, ns: Option<&[u8]>, local: &[u8]) -> Option<NodeId> {
        let attrs = &self.node(element).attrs;
        attrs.iter().copied().find(|a| {
            let a = self.node(*a);
            *a.name == *local && a.ns.as_deref() == ns
        })
    }

    /// Value of an attribute as written.
    pub fn attr_value(&self, element: NodeId, qualified: &[u8]) -> Option<&[u8]> {
        self.attr(element, qualified).map(|a| self.node(a).value.as_slice())
    }

    /// Hangs a new attribute onto an element.
    pub fn add_attr(&mut self, element: NodeId, attr: NodeId) {
        self.changes += 1;
        self.node_mut(attr).parent = Some(element);
        self.node_mut(element).attrs.push(attr);
    }

    /// The namespace a prefix means at an element.
    pub fn namespace_of(&self, element: NodeId, prefix: Option<&[u8]>) -> Option<Name> {
        if prefix == Some(b"xml") {
            return Some(XML_NS.into());
        }
        self.ancestors(element)
            .find_map(|n| {
                let declared = &self.node(n).declared;
                declared.iter().find(|(p, _)| p.as_deref() == prefix).map(|(_, uri)| uri.clone())
            })
            .filter(|uri| !uri.is_empty())
    }

    /// A prefix (or none) that means a namespace at an element; the outer `None`: there is none.
    pub fn prefix_of(&self, element: NodeId, ns: &[u8]) -> Option<Option<Name>> {
        if ns == XML_NS {
            return Some(Some(b"xml".as_slice().into()));
        }
        self.ancestors(element).find_map(|n| {
            let declared = &self.node(n).declared;
            let found = declared.iter().filter(|(_, uri)| **uri == *ns);
            found
                .map(|(p, _)| p.clone())
                .find(|p| self.namespace_of(element, p.as_deref()).as_deref() == Some(ns))
        })
    }

    /// The node and what is above it.
    pub fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(Some(id), |n| self.node(*n).parent)
    }

    /// The element with an id.
    pub fn by_id(&self, id: &[u8]) -> Option<NodeId> {
        self.descendants(Tree::ROOT).find(|n| {
            self.node(*n).attrs.iter().any(|a| {
                let a = self.node(*a);
                a.is_id && a.value == id
            })
        })
    }

    /// A copy of a node of this or another tree, with what is below it if `deep`.
    pub fn copy_from(&mut self, other: &Tree, id: NodeId, deep: bool) -> NodeId {
        let copy = self.copy_node(other, id);
        if !deep {
            return copy;
        }
        let (mut at, mut parent) = (id, copy);
        while let Some(next) = other.following(at, id) {
            // Climb to the copy of the parent of `next`.
            let above = other.node(next).parent;
            if other.node(at).first != Some(next) {
                while other.node(at).parent != above {
                    at = other.node(at).parent.expect("within the subtree");
                    parent = self.node(parent).parent.expect("the copy is as deep");
                }
                parent = self.node(parent).parent.expect("the copy is as deep");
            }
            let child = self.copy_node(other, next);
            self.append(parent, child);
            (at, parent) = (next, child);
        }
        copy
    }

    fn copy_node(&mut self, other: &Tree, id: NodeId) -> NodeId {
        let from = other.node(id);
        let mut node = from.clone();
        (node.parent, node.prev, node.next, node.first, node.last) = (None, None, None, None, None);
        node.attrs = Vec::new();
        let copy = NodeId(self.nodes.len() as u32);
        self.nodes.push(node);
        for attr in &from.attrs {
            let a = self.copy_node(other, *attr);
            self.add_attr(copy, a);
        }
        copy
    }

    /// A copy of a node of this tree.
    pub fn copy(&mut self, id: NodeId, deep: bool) -> NodeId {
        let mut part = Tree::new(Kind::Fragment);
        let copied = part.copy_from(self, id, deep);
        self.copy_from(&part, copied, deep)
    }

    /// Which of two nodes comes first in the document.
    pub fn order(&self, a: NodeId, b: NodeId) -> std::cmp::Ordering {
        if a == b {
            return std::cmp::Ordering::Equal;
        }
        let path = |id| {
            let mut path: Vec<NodeId> = self.ancestors(id).collect();
            path.reverse();
            path
        };
        let (pa, pb) = (path(a), path(b));
        let same = pa.iter().zip(&pb).take_while(|(x, y)| x == y).count();
        match (pa.get(same), pb.get(same)) {
            (None, _) => std::cmp::Ordering::Less,
            (_, None) => std::cmp::Ordering::Greater,
            (Some(x), Some(y)) if same == 0 => x.cmp(y),
            (Some(x), Some(y)) => {
                let place = |n: NodeId| {
                    let attrs = &self.node(pa[same - 1]).attrs;
                    attrs.iter().position(|a| *a == n)
                };
                match (place(*x), place(*y)) {
                    (Some(i), Some(j)) => i.cmp(&j),
                    (Some(_), None) => std::cmp::Ordering::Less,
                    (None, Some(_)) => std::cmp::Ordering::Greater,
                    (None, None) => {
                        let behind =
                            std::iter::successors(self.node(*x).next, |n| self.node(*n).next)
                                .any(|n| n == *y);
                        if behind { std::cmp::Ordering::Less } else { std::cmp::Ordering::Greater }
                    }
                }
            }
        }
    }
}

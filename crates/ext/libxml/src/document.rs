//! Documents as objects hold them.

use outlast_value::{Object, ObjectData, WeakObject};
use outlast_vm::ClassRef;
use outlast_xml::{Kind, NodeId, Tree};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

/// A tree with the objects that stand for its nodes.
pub struct Document {
    pub tree: RefCell<Tree>,
    objects: RefCell<HashMap<NodeId, WeakObject>>,
    pub settings: Settings,
    /// `registerNodeClass`: classes of nodes by their base class.
    pub classes: RefCell<HashMap<Vec<u8>, ClassRef>>,
    /// Where the document came from.
    pub uri: RefCell<Option<Vec<u8>>>,
}

/// What a script sets on a document.
#[derive(Clone)]
pub struct Settings {
    pub format_output: Cell<bool>,
    pub preserve_white_space: Cell<bool>,
    pub validate_on_parse: Cell<bool>,
    pub resolve_externals: Cell<bool>,
    pub substitute_entities: Cell<bool>,
    pub recover: Cell<bool>,
    pub strict_error_checking: Cell<bool>,
    /// No document yet: its nodes were made with `new`.
    pub orphan: Cell<bool>,
}

impl Document {
    /// A document of a tree.
    pub fn new(tree: Tree) -> Rc<Document> {
        Rc::new(Document {
            tree: RefCell::new(tree),
            objects: RefCell::default(),
            settings: Settings {
                format_output: Cell::new(false),
                preserve_white_space: Cell::new(true),
                validate_on_parse: Cell::new(false),
                resolve_externals: Cell::new(false),
                substitute_entities: Cell::new(false),
                recover: Cell::new(false),
                strict_error_checking: Cell::new(true),
                orphan: Cell::new(false),
            },
            classes: RefCell::default(),
            uri: RefCell::default(),
        })
    }

    /// What holds nodes that belong to no document yet.
    pub fn orphan() -> Rc<Document> {
        let document = Document::new(Tree::new(Kind::Document));
        document.settings.orphan.set(true);
        document
    }

    /// A new document with the settings of this one.
    pub fn renewed(&self, tree: Tree) -> Rc<Document> {
        Rc::new(Document {
            tree: RefCell::new(tree),
            objects: RefCell::default(),
            settings: self.settings.clone(),
            classes: RefCell::new(self.classes.borrow().clone()),
            uri: RefCell::default(),
        })
    }

    /// The object that stands for a node, if it lives.
    pub fn object(&self, id: NodeId) -> Option<Object> {
        self.objects.borrow().get(&id).and_then(WeakObject::upgrade)
    }

    /// Makes an object stand for a node.
    pub fn bind(self: &Rc<Self>, id: NodeId, object: &Object) {
        self.objects.borrow_mut().insert(id, object.weak());
        match object.data::<NodeData>() {
            Some(data) => *data.0.borrow_mut() = (self.clone(), id),
            None => object.set_data(Box::new(NodeData(RefCell::new((self.clone(), id))))),
        }
    }

    /// Moves a node that stands nowhere from another document into this one, with what is below
    /// it; its objects stand for the moved nodes.
    pub fn adopt(self: &Rc<Self>, from: &Rc<Document>, id: NodeId) -> NodeId {
        let source = from.tree.borrow();
        let moved = self.tree.borrow_mut().copy_from(&source, id, true);
        let tree = self.tree.borrow();
        let old = std::iter::once(id).chain(source.descendants(id));
        let new = std::iter::once(moved).chain(tree.descendants(moved));
        for (old, new) in old.zip(new) {
            from.rebind(old, self, new);
            let attrs = source.node(old).attrs.iter().zip(&tree.node(new).attrs);
            attrs.for_each(|(old, new)| from.rebind(*old, self, *new));
        }
        moved
    }

    fn rebind(&self, old: NodeId, to: &Rc<Document>, new: NodeId) {
        let object = self.objects.borrow_mut().remove(&old).and_then(|weak| weak.upgrade());
        if let Some(object) = object {
            to.bind(new, &object);
        }
    }
}

/// The payload of an object that stands for a node.
pub struct NodeData(RefCell<(Rc<Document>, NodeId)>);

impl NodeData {
    /// The node.
    pub fn place(&self) -> (Rc<Document>, NodeId) {
        self.0.borrow().clone()
    }
}

impl ObjectData for NodeData {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

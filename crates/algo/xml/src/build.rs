//! Trees from events.

use crate::chars;
use crate::error::XmlError;
use crate::event::{Event, QName, Start};
use crate::parser::{Options, Parser, Step};
use crate::tree::{Kind, Name, NodeId, Tree};
use crate::{dtd::Doctype, encoding};
use std::rc::Rc;

/// How a tree is made.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted {
    /// How to parse.
    pub parse: Options,
    /// `XML_PARSE_NOBLANKS`: text of white space between elements is left out.
    pub no_blanks: bool,
    /// `XML_PARSE_NOCDATA`: CDATA sections become text.
    pub no_cdata: bool,
}

/// A tree, if the text was well-formed (or recovering was wanted), and what was wrong.
pub struct Built {
    pub tree: Option<Tree>,
    pub errors: Vec<XmlError>,
}

struct Builder<'t> {
    tree: &'t mut Tree,
    at: NodeId,
    wanted: Wanted,
}

/// Parses a document.
pub fn document(source: &[u8], told: Option<&[u8]>, wanted: Wanted) -> Built {
    let decoded = encoding::decode(source, told);
    let mut tree = Tree::new(Kind::Document);
    tree.encoding = decoded.detected.map(|e| e.as_bytes().to_vec());
    let mut parser = Parser::of(&decoded.text, wanted.parse);
    let mut builder = Builder { tree: &mut tree, at: Tree::ROOT, wanted };
    while let Step::Event(event) = parser.next_step() {
        builder.take(event);
    }
    if wanted.no_blanks {
        drop_blanks(&mut tree);
    }
    if let Some(label) = told {
        tree.encoding = Some(label.to_vec());
    }
    let good = parser.is_well_formed() || wanted.parse.recover;
    Built { tree: good.then_some(tree), errors: parser.take_errors() }
}

/// Parses the content of an element into `into`; false: it is not well-formed.
pub fn fragment(
    tree: &mut Tree,
    into: NodeId,
    source: &[u8],
    namespaces: Vec<(Option<Name>, Name)>,
) -> (bool, Vec<XmlError>) {
    let options = Options { fragment: true, ..Options::default() };
    let mut parser = Parser::of(source, options);
    parser.in_context(tree.dtd.clone(), namespaces);
    let wanted = Wanted { parse: options, ..Wanted::default() };
    let mut builder = Builder { tree, at: into, wanted };
    while let Step::Event(event) = parser.next_step() {
        builder.take(event);
    }
    (parser.is_well_formed(), parser.take_errors())
}

impl Builder<'_> {
    fn take(&mut self, event: Event) {
        match event {
            Event::Declaration { version, encoding, standalone } => {
                self.tree.version = version;
                self.tree.standalone = standalone;
                if encoding.is_some() {
                    self.tree.encoding = encoding;
                }
            }
            Event::Doctype(doctype) => self.doctype(Rc::from(doctype)),
            Event::Start(start) => self.start(*start),
            Event::End(_) => {
                self.at = self.tree.node(self.at).parent.unwrap_or(Tree::ROOT);
            }
            Event::Text(text) => self.text(&text),
            Event::CData(text) if self.wanted.no_cdata => self.text(&text),
            Event::CData(text) => self.leaf(Kind::CData, b"", text),
            Event::Comment(text) => self.leaf(Kind::Comment, b"", text),
            Event::Pi { target, data } => self.leaf(Kind::Pi, &target, data),
            Event::EntityRef(name) => self.leaf(Kind::EntityRef, &name, Vec::new()),
        }
    }

    fn doctype(&mut self, doctype: Rc<Doctype>) {
        let id = self.tree.create(Kind::DocumentType, &doctype.name);
        self.tree.node_mut(id).doctype = Some(doctype.clone());
        self.tree.append(Tree::ROOT, id);
        self.tree.dtd = Some(doctype);
    }

    fn leaf(&mut self, kind: Kind, name: &[u8], value: Vec<u8>) {
        let id = self.tree.create(kind, name);
        self.tree.node_mut(id).value = value;
        self.tree.append(self.at, id);
    }

    fn text(&mut self, text: &[u8]) {
        let last = self.tree.node(self.at).last;
        if let Some(last) = last
            && self.tree.kind(last) == Kind::Text
        {
            self.tree.node_mut(last).value.extend_from_slice(text);
            return;
        }
        self.leaf(Kind::Text, b"", text.to_vec());
    }

    fn start(&mut self, start: Start) {
        let id = self.named(Kind::Element, &start.name);
        let node = self.tree.node_mut(id);
        node.line = start.line;
        node.declared = start.declared;
        for attr in start.attrs {
            let a = self.named(Kind::Attribute, &attr.name);
            let node = self.tree.node_mut(a);
            node.value = attr.value;
            node.is_id = attr.is_id;
            node.line = start.line;
            self.tree.add_attr(id, a);
        }
        self.tree.append(self.at, id);
        self.at = id;
    }

    fn named(&mut self, kind: Kind, name: &QName) -> NodeId {
        let id = self.tree.create(kind, b"");
        let node = self.tree.node_mut(id);
        node.name = name.local.clone();
        node.prefix = name.prefix.clone();
        node.ns = name.ns.clone();
        id
    }
}

/// Text of white space is left out where an element has no other text.
fn drop_blanks(tree: &mut Tree) {
    let blank: Vec<NodeId> = tree
        .descendants(Tree::ROOT)
        .filter(|id| {
            let node = tree.node(*id);
            node.kind == Kind::Text
                && chars::is_blank(&node.value)
                && !(node.prev.is_none() && node.next.is_none())
                && node.parent.is_some_and(|p| {
                    !tree.children(p).any(|c| {
                        let c = tree.node(c);
                        matches!(c.kind, Kind::Text) && !chars::is_blank(&c.value)
                    })
                })
        })
        .collect();
    for id in blank {
        tree.detach(id);
    }
}

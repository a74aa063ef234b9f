//! XML without a VM: a parser that reports errors in libxml2's words, a tree, XPath 1.0 and the
//! writing of trees. The extensions `libxml`, `dom`, `simplexml`, `xml`, `xmlreader` and
//! `xmlwriter` build on it.

pub mod build;
pub mod chars;
pub mod dtd;
pub mod encoding;
pub mod error;
pub mod event;
pub mod parser;
pub mod serialize;
pub mod tree;
pub mod xpath;

pub use error::{Level, XmlError};
pub use tree::{Kind, Name, NodeId, Tree};

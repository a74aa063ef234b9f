//! XML without a VM: a parser that reports errors in libxml2's words, a tree, XPath 1.0 and the
//! writing of trees. The extensions `libxml`, `dom`, `simplexml`, `xml`, `xmlreader` and
//! `xmlwriter` build on it.

pub mod build;
pub mod canonical;
pub mod chars;
pub mod dtd;
pub mod encoding;
pub mod error;
pub mod event;
pub mod parser;
pub mod schema;
pub mod serialize;
pub mod tree;
pub mod xpath;

pub use error::{Level, XmlError};
pub use tree::{Kind, Name, NodeId, Tree};

#[cfg(test)]
mod tests {
    use super::build::{Wanted, document};
    use super::serialize::{self, Style};
    use super::xpath::{Context, Value, evaluate};
    use super::{Kind, Tree};

    fn tree(text: &str) -> Tree {
        document(text.as_bytes(), None, Wanted::default()).tree.expect("it is well-formed")
    }

    fn errors(text: &str) -> Vec<String> {
        let errors = document(text.as_bytes(), None, Wanted::default()).errors;
        errors.iter().map(|e| String::from_utf8_lossy(&e.message).trim_end().to_owned()).collect()
    }

    fn query(tree: &Tree, expression: &str) -> String {
        let none = |_: &[u8]| None;
        let context = Context::new(tree, Tree::ROOT, &none);
        let value = evaluate(expression.as_bytes(), &context).expect("it is an expression");
        match value {
            Value::Nodes(nodes) => format!("{} nodes", nodes.len()),
            v => String::from_utf8(v.text(tree)).expect("text"),
        }
    }

    #[test]
    fn writes_back_what_it_read() {
        let text = "<a xmlns=\"urn:x\" b=\"1 &lt; 2\"><!--c--><p:d xmlns:p=\"urn:p\"/>t &amp; u<![CDATA[<]]></a>";
        let written = serialize::document(&tree(text), Style::default());
        let expected = format!("<?xml version=\"1.0\"?>\n{text}\n");
        assert_eq!(String::from_utf8_lossy(&written), expected);
    }

    #[test]
    fn indents_where_there_is_no_text() {
        let style = Style { format: true, ..Style::default() };
        let written = serialize::document(&tree("<a><b><c/></b><d>x<e/></d></a>"), style);
        let expected =
            "<?xml version=\"1.0\"?>\n<a>\n  <b>\n    <c/>\n  </b>\n  <d>x<e/></d>\n</a>\n";
        assert_eq!(String::from_utf8_lossy(&written), expected);
    }

    #[test]
    fn reports_errors_in_the_words_of_libxml2() {
        assert_eq!(errors("<a>"), ["Premature end of data in tag a line 1"]);
        assert_eq!(
            errors("<a><b></a>"),
            [
                "Opening and ending tag mismatch: b line 1 and a",
                "Premature end of data in tag a line 1"
            ]
        );
        assert_eq!(errors("x"), ["Start tag expected, '<' not found"]);
        assert_eq!(errors("<a/><b/>"), ["Extra content at the end of the document"]);
        assert_eq!(errors("<a>&foo;</a>"), ["Entity 'foo' not defined"]);
        assert_eq!(errors("<x:a/>"), ["Namespace prefix x on a is not defined"]);
        assert_eq!(errors("<a b=\"1\" b=\"2\"/>"), ["Attribute b redefined"]);
        assert_eq!(
            errors("<a b=c></a>"),
            [
                "AttValue: \" or ' expected",
                "attributes construct error",
                "Couldn't find end of Start Tag a line 1",
                "Extra content at the end of the document"
            ]
        );
    }

    #[test]
    fn evaluates_paths_and_functions() {
        let tree = tree("<a><b i='1'>x</b><b i='2'>y</b><c><b>z</b></c></a>");
        assert_eq!(query(&tree, "//b"), "3 nodes");
        assert_eq!(query(&tree, "/a/b[@i='2']"), "1 nodes");
        assert_eq!(query(&tree, "string(/a/b[2])"), "y");
        assert_eq!(query(&tree, "count(//b) * 2 div 3"), "2");
        assert_eq!(query(&tree, "concat(name(/*), '-', //c/b)"), "a-z");
        assert_eq!(query(&tree, "//b[last()]"), "2 nodes");
        assert_eq!(query(&tree, "(//b)[last()]/ancestor::c"), "1 nodes");
        assert_eq!(query(&tree, "substring('12345', 2, 3)"), "234");
    }

    #[test]
    fn copies_keep_their_shape() {
        let from = tree("<a><b><c/><d>t</d></b><e/></a>");
        let root = from.document_element().expect("a root");
        let mut to = Tree::new(Kind::Document);
        let copy = to.copy_from(&from, root, true);
        to.append(Tree::ROOT, copy);
        let write = |t: &Tree| serialize::document(t, Style::default());
        assert_eq!(write(&to), write(&from));
    }
}

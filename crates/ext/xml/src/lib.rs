//! `xml`: the parser with handlers.

mod codes;
mod functions;
mod parse;
#[rustfmt::skip]
mod xml_stub;

use functions::*;
use parse::*;

use outlast_value::{Object, ObjectData, Value};
use outlast_vm::native::NativeModule;
use outlast_vm::{Cx, ObjectHandlers, Ret};
use outlast_xml::parser::{Options, Parser};
use std::cell::RefCell;

/// What this extension defines.
pub static MODULES: &[&NativeModule] = &[&xml_stub::MODULE];

static PARSER: ObjectHandlers =
    ObjectHandlers { uncloneable: true, create: Some(create), ..ObjectHandlers::STANDARD };

fn create(_cx: &mut Cx, this: &Object) -> Ret<()> {
    this.set_data(Box::new(ParserData(RefCell::new(State::new(None)))));
    Ok(())
}

/// A parser and what the script set on it.
pub(crate) struct State {
    /// `None` while it runs a handler.
    pub parser: Option<Parser>,
    pub object: Value,
    pub start: Value,
    pub end: Value,
    pub text: Value,
    pub instruction: Value,
    pub default: Value,
    pub fold: bool,
    pub skip_white: bool,
    pub skip_tag_start: i64,
    pub huge: bool,
    pub target: &'static str,
    pub separator: Option<Vec<u8>>,
    pub started: bool,
    pub error: i64,
    pub position: (u32, u32, usize),
}

impl State {
    /// A new parser; a separator: names are `uri` separator `local`.
    pub fn new(separator: Option<Vec<u8>>) -> State {
        State {
            parser: None,
            object: Value::Null,
            start: Value::Null,
            end: Value::Null,
            text: Value::Null,
            instruction: Value::Null,
            default: Value::Null,
            fold: true,
            skip_white: false,
            skip_tag_start: 0,
            huge: false,
            target: "UTF-8",
            separator,
            started: false,
            error: 0,
            position: (1, 1, 0),
        }
    }

    /// How the text is parsed.
    pub fn options(&self) -> Options {
        Options {
            replace_entities: true,
            huge: self.huge,
            no_namespaces: self.separator.is_none(),
            ..Options::default()
        }
    }
}

/// The payload of an `XMLParser`.
pub(crate) struct ParserData(pub RefCell<State>);

impl ObjectData for ParserData {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        let s = self.0.borrow();
        for v in [&s.object, &s.start, &s.end, &s.text, &s.instruction, &s.default] {
            visit(v);
        }
    }
    fn clear(&self) {
        let old = self.0.replace(State::new(None));
        drop(old);
    }
}

pub(crate) fn state(this: &Object) -> &RefCell<State> {
    &this.data::<ParserData>().expect("every parser has its state").0
}

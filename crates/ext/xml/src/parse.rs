//! Parsing: events to handlers, or into arrays.

use crate::{State, state};
use outlast_value::{Key, Object, PhpArray, PhpString, Reference, Value};
use outlast_vm::{Cx, OrFalse, Ret};
use outlast_xml::event::{Event, QName};
use outlast_xml::parser::{Parser, Step};
use outlast_xml::{Level, chars, encoding};

impl State {
    fn shown(&self, text: &[u8]) -> Value {
        let bytes = match self.target {
            "UTF-8" => text.to_vec(),
            // What the encoding lacks is a question mark.
            target => {
                let limit = if target == "US-ASCII" { 0x80 } else { 0x100 };
                let chars = String::from_utf8_lossy(text);
                chars.chars().map(|c| if u32::from(c) < limit { c as u8 } else { b'?' }).collect()
            }
        };
        Value::Str(PhpString::new(&bytes))
    }

    fn name(&self, name: &QName) -> Value {
        let mut full = match (&self.separator, &name.ns) {
            (Some(separator), Some(ns)) => [ns, separator.as_slice(), &name.local].concat(),
            _ => name.qualified(),
        };
        if self.fold {
            full.make_ascii_uppercase();
        }
        self.shown(&full)
    }

    fn tag(&self, name: &QName) -> Value {
        let skip = self.skip_tag_start as usize;
        match self.name(name) {
            Value::Str(s) => Value::Str(PhpString::new(s.get(skip..).unwrap_or_default())),
            v => v,
        }
    }

    fn attributes(&self, start: &outlast_xml::event::Start) -> PhpArray {
        let mut out = PhpArray::new();
        for attr in &start.attrs {
            if let Value::Str(name) = self.name(&attr.name) {
                out.insert(Key::from_string(name), self.shown(&attr.value));
            }
        }
        out
    }
}

fn call(cx: &mut Cx, parser: &Object, handler: &Value, mut args: Vec<Value>) -> Ret<()> {
    args.insert(0, Value::Object(parser.clone()));
    let object = state(parser).borrow().object.clone();
    if let (Value::Object(object), Value::Str(name)) = (&object, handler) {
        return cx.call_method(object, &name.to_str_lossy(), args).map(drop);
    }
    cx.call(handler, args).map(drop)
}

/// Calls what the script set for an event.
fn deliver(cx: &mut Cx, this: &Object, event: Event) -> Ret<()> {
    let (handler, args) = {
        let s = state(this).borrow();
        match &event {
            Event::Start(start) => {
                let args = vec![s.tag(&start.name), Value::Array(s.attributes(start))];
                (s.start.clone(), args)
            }
            Event::End(name) => (s.end.clone(), vec![s.tag(name)]),
            Event::Text(text) | Event::CData(text) => {
                let handler = if s.text.is_null() { &s.default } else { &s.text };
                (handler.clone(), vec![s.shown(text)])
            }
            Event::Pi { target, data } => {
                (s.instruction.clone(), vec![s.shown(target), s.shown(data)])
            }
            Event::Comment(text) => {
                let whole = [b"<!--".as_slice(), text, b"-->"].concat();
                (s.default.clone(), vec![s.shown(&whole)])
            }
            Event::EntityRef(name) => {
                let whole = [b"&".as_slice(), name, b";"].concat();
                (s.default.clone(), vec![s.shown(&whole)])
            }
            Event::Declaration { .. } | Event::Doctype(_) => return Ok(()),
        }
    };
    if handler.is_null() {
        return Ok(());
    }
    call(cx, this, &handler, args)
}

/// Feeds the parser and hands each event on; false: the text is not well-formed.
fn run(
    cx: &mut Cx,
    this: &Object,
    data: &[u8],
    last: bool,
    mut each: impl FnMut(&mut Cx, Event, u32) -> Ret<()>,
) -> Ret<bool> {
    let mut parser = {
        let mut s = state(this).borrow_mut();
        if s.started && s.parser.is_none() {
            drop(s);
            return Err(cx.throw_error("Parser must not be called recursively"));
        }
        let options = s.options();
        s.started = true;
        s.parser.take().unwrap_or_else(|| Parser::new(options))
    };
    let first = parser.position().2 == 0;
    match first {
        true => parser.feed(&encoding::decode(data, None).text, last),
        false => parser.feed(data, last),
    }
    let result = loop {
        let step = parser.next_step();
        let fatal = parser.take_errors().into_iter().find(|e| e.level == Level::Fatal);
        {
            let mut s = state(this).borrow_mut();
            s.position = parser.position();
            if let (Some(fatal), 0) = (fatal, s.error) {
                s.error = fatal.code;
            }
        }
        match step {
            Step::Event(event) => {
                if let Err(e) = each(cx, event, parser.position().0) {
                    break Err(e);
                }
            }
            Step::Incomplete | Step::End => break Ok(parser.is_well_formed()),
        }
    };
    state(this).borrow_mut().parser = Some(parser);
    result
}

pub fn xml_parse(cx: &mut Cx, parser: &Object, data: &PhpString, last: bool) -> Ret<i64> {
    let good = run(cx, parser, data, last, |cx, event, _| deliver(cx, parser, event))?;
    Ok(i64::from(good))
}

/// What `xml_parse_into_struct` collects.
#[derive(Default)]
struct Structure {
    values: Vec<Entry>,
    /// The opened elements: where they stand in `values`.
    open: Vec<usize>,
}

struct Entry {
    tag: Value,
    kind: &'static str,
    level: i64,
    attributes: Option<PhpArray>,
    value: Option<Vec<u8>>,
}

impl Structure {
    fn start(&mut self, tag: Value, attributes: PhpArray) {
        if let Some(parent) = self.open.last().and_then(|i| self.values.get_mut(*i)) {
            parent.kind = "open";
        }
        self.open.push(self.values.len());
        let level = self.open.len() as i64;
        let attributes = (!attributes.is_empty()).then_some(attributes);
        self.values.push(Entry { tag, kind: "complete", level, attributes, value: None });
    }

    fn end(&mut self, tag: Value) {
        let level = self.open.len() as i64;
        let Some(at) = self.open.pop() else { return };
        if self.values[at].kind == "open" {
            self.values.push(Entry { tag, kind: "close", level, attributes: None, value: None });
        }
    }

    fn text(&mut self, text: &[u8], skip_white: bool) {
        if skip_white && chars::is_blank(text) {
            return;
        }
        let Some(at) = self.open.last().copied() else { return };
        let level = self.open.len() as i64;
        let last = self.values.len() - 1;
        if last == at || self.values[last].kind == "cdata" {
            self.values[last].value.get_or_insert_default().extend_from_slice(text);
            return;
        }
        let tag = self.values[at].tag.clone();
        let value = Some(text.to_vec());
        self.values.push(Entry { tag, kind: "cdata", level, attributes: None, value });
    }

    fn arrays(self, s: &State) -> (PhpArray, PhpArray) {
        let (mut values, mut index) = (Vec::new(), PhpArray::new());
        for (i, entry) in self.values.into_iter().enumerate() {
            if let Value::Str(tag) = &entry.tag {
                let place = index.get_or_insert(&Key::from_string(tag.clone()));
                let mut list = match std::mem::replace(place, Value::Null) {
                    Value::Array(list) => list,
                    _ => PhpArray::new(),
                };
                list.insert_int(list.next_free().max(0), Value::Int(i as i64));
                *place = Value::Array(list);
            }
            let mut out = PhpArray::new();
            out.insert(Key::from("tag"), entry.tag);
            out.insert(Key::from("type"), Value::Str(PhpString::from(entry.kind)));
            out.insert(Key::from("level"), Value::Int(entry.level));
            if let Some(attributes) = entry.attributes {
                out.insert(Key::from("attributes"), Value::Array(attributes));
            }
            if let Some(value) = entry.value {
                out.insert(Key::from("value"), s.shown(&value));
            }
            values.push(Value::Array(out));
        }
        (PhpArray::from_list(values), index)
    }
}

pub fn xml_parse_into_struct(
    cx: &mut Cx,
    parser: &Object,
    data: &PhpString,
    values: &Reference,
    index: Option<&Reference>,
) -> Ret<OrFalse<i64>> {
    let mut structure = Structure::default();
    let good = run(cx, parser, data, true, |cx, event, _| {
        {
            let s = state(parser).borrow();
            match &event {
                Event::Start(start) => structure.start(s.tag(&start.name), s.attributes(start)),
                Event::End(name) => structure.end(s.tag(name)),
                Event::Text(text) | Event::CData(text) => structure.text(text, s.skip_white),
                _ => {}
            }
        }
        deliver(cx, parser, event)
    })?;
    let (list, places) = structure.arrays(&state(parser).borrow());
    values.set(Value::Array(list));
    if let Some(index) = index {
        index.set(Value::Array(places));
    }
    Ok(OrFalse(Some(i64::from(good))))
}

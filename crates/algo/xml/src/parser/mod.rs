//! A non-validating parser that gives events; it can be fed piece by piece.

mod doctype;
mod markup;
mod tags;
mod text;

use crate::chars;
use crate::dtd::Doctype;
use crate::error::{Level, XmlError};
use crate::event::{Event, QName};
use crate::tree::Name;
use std::collections::VecDeque;
use std::rc::Rc;

/// How to parse; the names are libxml2's.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// `XML_PARSE_RECOVER`: go on behind errors.
    pub recover: bool,
    /// `XML_PARSE_NOENT`: replace entities.
    pub replace_entities: bool,
    /// `XML_PARSE_DTDATTR`: add attributes that the DTD gives a default.
    pub default_attrs: bool,
    /// `XML_PARSE_HUGE`: no bound on depth and size.
    pub huge: bool,
    /// The text is a part of an element's content, not a document.
    pub fragment: bool,
    /// Names are not resolved against namespaces.
    pub no_namespaces: bool,
}

/// What stands between two calls of [`Parser::next_step`].
pub enum Step {
    /// A piece of the document.
    Event(Event),
    /// The input ends within something; feed more.
    Incomplete,
    /// The document is at its end, or an error stopped the parser.
    End,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Start,
    Prolog,
    Content,
    Epilog,
    Done,
}

struct Open {
    name: QName,
    line: u32,
    /// Namespaces in force before it.
    namespaces: usize,
    /// Inputs open when it began: it has to end in the same entity.
    inputs: usize,
}

/// Text being read: the document, or the replacement of an entity.
struct Input {
    text: Rc<[u8]>,
    at: usize,
    entity: Option<Name>,
}

/// Why a construct could not be read.
enum Stop {
    /// More input is needed.
    Incomplete,
    /// An error was reported; the parser can go on behind it.
    Reported,
    /// An error was reported that ends the parse.
    Halt,
}

type Parsed<T> = Result<T, Stop>;
/// Names and values of attributes as written.
type Written = Vec<(Vec<u8>, Vec<u8>)>;

/// Depth of elements without `XML_PARSE_HUGE`.
const MAX_DEPTH: usize = 256;
/// Bytes of replaced entities without `XML_PARSE_HUGE`.
const MAX_EXPANSION: usize = 10_000_000;

/// The parser.
pub struct Parser {
    base: Vec<u8>,
    at: usize,
    line: u32,
    line_start: usize,
    inputs: Vec<Input>,
    complete: bool,
    state: State,
    options: Options,
    open: Vec<Open>,
    namespaces: Vec<(Option<Name>, Name)>,
    dtd: Option<Rc<Doctype>>,
    standalone: bool,
    pending: VecDeque<Event>,
    errors: Vec<XmlError>,
    well_formed: bool,
    expanded: usize,
    bad_utf8: bool,
}

impl Parser {
    /// A parser without input.
    pub fn new(options: Options) -> Parser {
        Parser {
            base: Vec::new(),
            at: 0,
            line: 1,
            line_start: 0,
            inputs: Vec::new(),
            complete: false,
            state: if options.fragment { State::Content } else { State::Start },
            options,
            open: Vec::new(),
            namespaces: Vec::new(),
            dtd: None,
            standalone: false,
            pending: VecDeque::new(),
            errors: Vec::new(),
            well_formed: true,
            expanded: 0,
            bad_utf8: false,
        }
    }

    /// A parser of a whole text in UTF-8.
    pub fn of(text: &[u8], options: Options) -> Parser {
        let mut parser = Parser::new(options);
        parser.feed(text, true);
        parser
    }

    /// Adds input; `last`: there is no more.
    pub fn feed(&mut self, text: &[u8], last: bool) {
        self.base.extend_from_slice(text);
        self.complete |= last;
    }

    /// Gives the entities and namespaces of the place where a fragment stands.
    pub fn in_context(&mut self, dtd: Option<Rc<Doctype>>, namespaces: Vec<(Option<Name>, Name)>) {
        self.dtd = dtd;
        self.namespaces = namespaces;
    }

    /// What was found wrong since the last call.
    pub fn take_errors(&mut self) -> Vec<XmlError> {
        std::mem::take(&mut self.errors)
    }

    /// Was there no fatal error?
    pub fn is_well_formed(&self) -> bool {
        self.well_formed
    }

    /// Is the parser behind the document, or stopped?
    pub fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// The document type, once read.
    pub fn dtd(&self) -> Option<&Rc<Doctype>> {
        self.dtd.as_ref()
    }

    /// Elements that are open.
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// Line, column and byte of the place that is read next.
    pub fn position(&self) -> (u32, u32, usize) {
        (self.line, (self.at - self.line_start) as u32 + 1, self.at)
    }

    /// The next piece of the document.
    pub fn next_step(&mut self) -> Step {
        loop {
            if let Some(event) = self.pending.pop_front() {
                return Step::Event(event);
            }
            if self.state == State::Done {
                return Step::End;
            }
            let before = (self.at, self.line, self.line_start);
            let errors = self.errors.len();
            let within = self.inputs.len();
            match self.step() {
                Ok(()) | Err(Stop::Reported) => {}
                Err(Stop::Halt) => self.state = State::Done,
                Err(Stop::Incomplete) => {
                    if within == 0 && !self.complete {
                        (self.at, self.line, self.line_start) = before;
                        self.errors.truncate(errors);
                        return Step::Incomplete;
                    }
                    self.state = State::Done;
                }
            }
            if !self.well_formed && !self.options.recover {
                // Nothing of what follows is given; errors are still looked for.
                self.pending.clear();
            }
        }
    }

    fn step(&mut self) -> Parsed<()> {
        match self.state {
            State::Start => self.document_start(),
            State::Prolog => self.prolog(),
            State::Content => self.content(),
            State::Epilog => self.epilog(),
            State::Done => Ok(()),
        }
    }

    fn document_start(&mut self) -> Parsed<()> {
        if self.rest().is_empty() {
            if self.complete {
                self.fatal(4, "Document is empty");
                return Err(Stop::Halt);
            }
            return Err(Stop::Incomplete);
        }
        if !self.complete && self.rest().len() < 6 && b"<?xml ".starts_with(self.rest()) {
            return Err(Stop::Incomplete);
        }
        if self.rest().starts_with(b"<?xml")
            && self.rest().get(5).is_some_and(|b| chars::is_space(*b))
        {
            self.declaration()?;
        }
        self.state = State::Prolog;
        Ok(())
    }

    fn prolog(&mut self) -> Parsed<()> {
        self.skip_space();
        let rest = self.rest();
        if rest.len() < 9 && !self.complete && b"<!DOCTYPE".starts_with(rest) {
            return Err(Stop::Incomplete);
        }
        if rest.starts_with(b"<?") {
            return self.instruction();
        }
        if rest.starts_with(b"<!--") {
            return self.comment();
        }
        if rest.starts_with(b"<!DOCTYPE") && self.dtd.is_none() {
            return self.doctype();
        }
        if rest.first() != Some(&b'<') {
            self.fatal(4, "Start tag expected, '<' not found");
            return Err(Stop::Halt);
        }
        self.state = State::Content;
        match self.start_tag() {
            Err(Stop::Incomplete) => {
                self.state = State::Prolog;
                Err(Stop::Incomplete)
            }
            Ok(()) => Ok(()),
            Err(stop) => {
                self.state = State::Epilog;
                Err(stop)
            }
        }
    }

    fn epilog(&mut self) -> Parsed<()> {
        self.skip_space();
        let rest = self.rest();
        if rest.is_empty() {
            if !self.complete {
                return Err(Stop::Incomplete);
            }
            self.state = State::Done;
            return Ok(());
        }
        if !self.complete && rest.len() < 4 && b"<!--".starts_with(rest) {
            return Err(Stop::Incomplete);
        }
        if rest.starts_with(b"<?") {
            return self.instruction();
        }
        if rest.starts_with(b"<!--") {
            return self.comment();
        }
        self.fatal(5, "Extra content at the end of the document");
        Err(Stop::Halt)
    }

    /// What is read next: the innermost input.
    fn rest(&self) -> &[u8] {
        match self.inputs.last() {
            Some(input) => &input.text[input.at..],
            None => &self.base[self.at..],
        }
    }

    fn peek(&self) -> Option<u8> {
        self.rest().first().copied()
    }

    /// Moves on; lines are counted in the document alone.
    fn skip(&mut self, count: usize) {
        if let Some(input) = self.inputs.last_mut() {
            input.at += count;
            return;
        }
        let passed = &self.base[self.at..self.at + count];
        if let Some(last) = passed.iter().rposition(|b| *b == b'\n') {
            self.line += passed.iter().filter(|b| **b == b'\n').count() as u32;
            self.line_start = self.at + last + 1;
        }
        self.at += count;
    }

    fn skip_space(&mut self) -> usize {
        let count = self.rest().iter().take_while(|b| chars::is_space(**b)).count();
        self.skip(count);
        count
    }

    /// Is the input that is being read all there is of it?
    fn has_all(&self) -> bool {
        !self.inputs.is_empty() || self.complete
    }

    /// At the end of what there is: more is needed, or `message` is reported.
    fn ended(&mut self, code: i64, message: impl AsRef<[u8]>) -> Stop {
        if !self.has_all() {
            return Stop::Incomplete;
        }
        self.fatal(code, message);
        Stop::Reported
    }

    fn fatal(&mut self, code: i64, message: impl AsRef<[u8]>) {
        self.well_formed = false;
        self.report(Level::Fatal, code, message);
    }

    fn report(&mut self, level: Level, code: i64, message: impl AsRef<[u8]>) {
        let mut message = message.as_ref().to_vec();
        message.push(b'\n');
        let (line, column, _) = self.position();
        self.errors.push(XmlError { level, code, message, line, column });
    }

    /// The name that stands here; empty: there is none.
    fn name(&mut self) -> Parsed<Vec<u8>> {
        let len = chars::name_len(self.rest());
        if len == self.rest().len() && !self.has_all() {
            return Err(Stop::Incomplete);
        }
        let name = self.rest()[..len].to_vec();
        self.skip(len);
        Ok(name)
    }

    fn emit(&mut self, event: Event) {
        self.pending.push_back(event);
    }
}

//! An open file read line by line, as `SplFileObject` counts lines.

use super::data;
use crate::overrides::overridden;
use outlast_ext_standard::file::csv::fields_from;
use outlast_ext_standard::stream::Stream;
use outlast_text::csv::Dialect;
use outlast_value::{Object, PhpArray, PhpString, Value};
use outlast_vm::{Cx, ObjectClass, Ret};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

pub(super) const DROP_NEW_LINE: i64 = 1;
pub(super) const READ_AHEAD: i64 = 2;
pub(super) const SKIP_EMPTY: i64 = 4;
pub(super) const READ_CSV: i64 = 8;

/// How lines are read, as scripts may set it, before the file is open too.
pub(super) struct Lines {
    pub flags: Cell<i64>,
    /// Longest line that is read; 0 for any.
    pub max_line: Cell<usize>,
    pub dialect: Cell<Dialect>,
    /// No escape byte was chosen: PHP warns where it is used.
    pub default_escape: Cell<bool>,
}

impl Default for Lines {
    fn default() -> Lines {
        Lines {
            flags: Cell::new(0),
            max_line: Cell::new(0),
            dialect: Cell::new(Dialect { delimiter: b',', enclosure: b'"', escape: Some(b'\\') }),
            default_escape: Cell::new(true),
        }
    }
}

fn has(this: &Object, flag: i64) -> bool {
    data(this).how.flags.get() & flag != 0
}

/// The state of one `SplFileObject`.
pub(super) struct Reader {
    pub stream: Rc<Stream>,
    /// Keeps the stream open.
    pub resource: Value,
    pub mode: PhpString,
    pub line: RefCell<Option<PhpString>>,
    pub fields: RefCell<Option<Value>>,
    pub number: Cell<i64>,
}

impl Reader {
    pub fn new(stream: Rc<Stream>, resource: Value, mode: PhpString) -> Reader {
        Reader {
            stream,
            resource,
            mode,
            line: RefCell::default(),
            fields: RefCell::default(),
            number: Cell::new(0),
        }
    }

    pub fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        if let Some(fields) = &*self.fields.borrow() {
            visit(fields);
        }
    }

    /// Forgets the current line.
    pub fn forget(&self) {
        let old = (self.line.take(), self.fields.take());
        drop(old);
    }

    fn has_current(&self) -> bool {
        self.line.borrow().is_some() || self.fields.borrow().is_some()
    }

    fn at_end(&self, cx: &mut Cx, this: &Object, silent: bool) -> Ret<bool> {
        if !self.stream.at_end() {
            return Ok(false);
        }
        if silent {
            return Ok(true);
        }
        let name = data(this).name.borrow().clone().unwrap_or_default();
        let text = [b"Cannot read from file ", &name[..]].concat();
        Err(cx.throw("RuntimeException", text))
    }

    /// Reads the next line of the stream; false at the end.
    pub fn read(&self, cx: &mut Cx, this: &Object, how: Read) -> Ret<bool> {
        self.forget();
        if self.at_end(cx, this, how.silent)? {
            return Ok(false);
        }
        let limit = data(this).how.max_line.get();
        let limit = (limit > 0).then_some(limit);
        let mut line = self.stream.line(cx, limit)?.unwrap_or_default();
        if !how.csv && has(this, DROP_NEW_LINE) {
            if line.ends_with(b"\n") {
                line.pop();
            }
            if line.ends_with(b"\r") {
                line.pop();
            }
        }
        *self.line.borrow_mut() = Some(PhpString::from(line));
        self.number.set(self.number.get() + how.counts);
        Ok(true)
    }

    /// Reads a record of CSV; `None` at the end.
    pub fn read_csv(&self, cx: &mut Cx, this: &Object, dialect: Dialect) -> Ret<Option<PhpArray>> {
        loop {
            let counts = i64::from(self.line.borrow().is_some());
            if !self.read(cx, this, Read { silent: true, csv: true, counts })? {
                return Ok(None);
            }
            let empty = self.line.borrow().as_ref().is_none_or(|line| line.is_empty());
            if !(empty && has(this, SKIP_EMPTY)) {
                break;
            }
        }
        let line = self.line.borrow().clone().unwrap_or_default();
        let fields = fields_from(cx, &self.stream, line.to_vec(), dialect)?;
        *self.fields.borrow_mut() = Some(Value::Array(fields.clone()));
        Ok(Some(fields))
    }

    /// Reads what a step of the iteration reads; false at the end.
    pub fn step(&self, cx: &mut Cx, this: &Object) -> Ret<bool> {
        let mut found = self.step_once(cx, this)?;
        while found && has(this, SKIP_EMPTY) && self.is_empty(this) {
            self.forget();
            found = self.step_once(cx, this)?;
        }
        Ok(found)
    }

    fn step_once(&self, cx: &mut Cx, this: &Object) -> Ret<bool> {
        if has(this, READ_CSV) {
            return Ok(self.read_csv(cx, this, data(this).how.dialect.get())?.is_some());
        }
        if !overridden(this, b"getcurrentline") {
            let counts = i64::from(self.line.borrow().is_some());
            return self.read(cx, this, Read { silent: true, csv: false, counts });
        }
        self.forget();
        if self.at_end(cx, this, true)? {
            return Ok(false);
        }
        let line = cx.call_method(this, "getCurrentLine", Vec::new())?.into_deref();
        let Value::Str(line) = line else {
            let (class, given) = (this.class().display_name(), cx.value_type_name(&line));
            return Err(cx.throw_type_error(format!(
                "{class}::getCurrentLine(): Return value must be of type string, {given} returned"
            )));
        };
        if self.has_current() {
            self.number.set(self.number.get() + 1);
            self.forget();
        }
        *self.line.borrow_mut() = Some(line);
        Ok(true)
    }

    fn is_empty(&self, this: &Object) -> bool {
        let line = self.line.borrow();
        let Some(line) = &*line else { return true };
        line.is_empty()
            || (has(this, READ_CSV)
                && has(this, DROP_NEW_LINE)
                && matches!(&line[..], b"\n" | b"\r\n"))
    }

    /// The current line or record, read if need be; `false` at the end.
    pub fn current(&self, cx: &mut Cx, this: &Object) -> Ret<Value> {
        if !self.has_current() {
            self.step(cx, this)?;
        }
        if let Some(fields) = &*self.fields.borrow() {
            return Ok(fields.clone());
        }
        Ok(self.line.borrow().clone().map_or(Value::Bool(false), Value::Str))
    }

    pub fn rewind(&self, cx: &mut Cx, this: &Object) -> Ret<()> {
        if !self.stream.seek(cx, 0, 0)? {
            let name = data(this).name.borrow().clone().unwrap_or_default();
            let text = [b"Cannot rewind file ", &name[..]].concat();
            return Err(cx.throw("RuntimeException", text));
        }
        self.forget();
        self.number.set(0);
        if has(this, READ_AHEAD) {
            self.step(cx, this)?;
        }
        Ok(())
    }

    pub fn valid(&self, this: &Object) -> bool {
        if has(this, READ_AHEAD) { self.has_current() } else { !self.stream.at_end() }
    }

    pub fn next(&self, cx: &mut Cx, this: &Object) -> Ret<()> {
        self.forget();
        if has(this, READ_AHEAD) {
            self.step(cx, this)?;
        }
        self.number.set(self.number.get() + 1);
        Ok(())
    }

    /// Goes to a line, or to the end if there are fewer.
    pub fn seek(&self, cx: &mut Cx, this: &Object, line: i64) -> Ret<()> {
        self.rewind(cx, this)?;
        for _ in 0..line {
            if !self.step(cx, this)? {
                return Ok(());
            }
        }
        if line > 0 && !has(this, READ_AHEAD) {
            self.number.set(self.number.get() + 1);
            self.forget();
        }
        Ok(())
    }
}

/// How a line is read.
#[derive(Clone, Copy)]
pub(super) struct Read {
    /// The end is no error.
    pub silent: bool,
    /// The line's end belongs to a record.
    pub csv: bool,
    /// What the line adds to the number.
    pub counts: i64,
}

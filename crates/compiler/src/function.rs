//! Builds one function: registers, labels, constants and the contexts jumps leave.

use std::collections::HashMap;
use std::rc::Rc;

use outlast_bytecode::{
    ClassRef, Function, Handler, HandlerKind, Literal, NO_CACHE, NO_SLOT, Name, Op, Path, PathRoot,
    PathStep, Slot, SwitchTable, TypeDecl,
};

/// Temporaries are numbered from here until the number of locals is known.
pub(crate) const TEMP: Slot = 0x8000;

/// Whether a slot is a temporary.
pub(crate) fn is_temp(slot: Slot) -> bool {
    slot >= TEMP && slot != NO_SLOT
}

/// A place in the code that jumps go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Label(pub u32);

/// Where a jump through a `finally` goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// `return` of the value in the finally's slot.
    Return,
    /// `return` of a value by a function that returns by reference.
    ReturnValue,
    /// Jump to a label; contexts above `depth` are left.
    Jump { label: Label, depth: usize },
}

/// What `break`, `continue`, `return` and `goto` must unwind.
#[derive(Clone, Debug)]
pub(crate) enum CtxKind {
    /// A loop; `iter` must be freed when it is left (foreach).
    Loop { end: Label, next: Label, iter: Option<Slot> },
    /// A `switch`; `subject` must be freed when it is left.
    Switch { end: Label, subject: Option<Slot> },
    /// The body and catches of a `try` with `finally`.
    Try { slot: Slot, body: Label, exits: Vec<(i16, Exit)> },
    /// The body of a `finally`.
    Finally { slot: Slot },
}

/// A context with the statement it belongs to (for `goto`).
#[derive(Clone, Debug)]
pub(crate) struct Ctx {
    pub id: usize,
    pub kind: CtxKind,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum ConstKey {
    Null,
    Bool(bool),
    Int(i64),
    Float(u64),
    Str(Rc<[u8]>),
}

/// What kind of code is being compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CodeKind {
    TopLevel,
    Function,
    Method,
    Closure,
    ConstExpr,
    Hook,
}

/// A function under construction.
pub(crate) struct Func {
    pub out: Function,
    pub kind: CodeKind,
    pub line: u32,
    pub ctx: Vec<Ctx>,
    /// Labels of `goto` with the contexts they stand in: (statement, kind, is a loop or switch).
    pub goto_labels: HashMap<Box<[u8]>, GotoLabel>,
    /// Ends of the nullsafe chains being compiled.
    pub nullsafe: Vec<(Slot, Label)>,
    /// Next completion number of this function.
    pub completion: i16,
    /// Hidden locals in use by reference destructuring.
    pub hidden: usize,
    /// `$this` may not be used (static functions and the like are run-time matters).
    pub is_static: bool,
    /// Values `return` may give, decided by the declared return type.
    pub return_kind: ReturnKind,
    /// Declared names of `static` variables.
    pub static_names: Vec<Box<[u8]>>,
    locals: HashMap<Box<[u8]>, Slot>,
    temps: Vec<bool>,
    floor: usize,
    labels: Vec<u32>,
    /// Where the last label was placed.
    labelled: u32,
    consts: HashMap<ConstKey, u32>,
    pairs: HashMap<(Vec<u8>, Vec<u8>), u32>,
    class_names: HashMap<Vec<u8>, u16>,
    catch_label_targets: Vec<(usize, Label)>,
}

/// A label found before the function is compiled.
#[derive(Clone, Debug)]
pub(crate) struct GotoLabel {
    pub label: Label,
    /// The contexts around it, outermost first.
    pub path: Vec<(usize, Nest)>,
}

/// Kinds of nesting that matter to `goto`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nest {
    Loop,
    Try,
    Finally,
}

/// What `return` must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReturnKind {
    /// No declared type.
    Untyped,
    /// A type that is checked.
    Typed,
    /// `void`
    Void,
    /// `never`
    Never,
}

impl Func {
    pub fn new(kind: CodeKind, line: u32) -> Self {
        Func {
            out: Function { start_line: line, end_line: line, ..Function::default() },
            kind,
            line,
            ctx: Vec::new(),
            goto_labels: HashMap::new(),
            nullsafe: Vec::new(),
            completion: 2,
            hidden: 0,
            is_static: false,
            return_kind: ReturnKind::Untyped,
            static_names: Vec::new(),
            locals: HashMap::new(),
            temps: Vec::new(),
            floor: 0,
            labels: Vec::new(),
            labelled: 0,
            consts: HashMap::new(),
            pairs: HashMap::new(),
            class_names: HashMap::new(),
            catch_label_targets: Vec::new(),
        }
    }

    /// The slot of a local variable.
    pub fn local(&mut self, name: &[u8]) -> Slot {
        if let Some(&slot) = self.locals.get(name) {
            return slot;
        }
        let slot = self.out.locals.len() as Slot;
        self.out.locals.push(name.into());
        self.locals.insert(name.into(), slot);
        slot
    }

    /// A fresh temporary.
    pub fn alloc(&mut self) -> Slot {
        let free = (self.floor..self.temps.len()).find(|&i| !self.temps[i]);
        let i = free.unwrap_or_else(|| {
            let at = self.temps.len().max(self.floor);
            self.temps.resize(at + 1, false);
            at
        });
        self.temps[i] = true;
        TEMP + i as Slot
    }

    /// `count` consecutive temporaries above all that are in use.
    pub fn alloc_range(&mut self, count: usize) -> Slot {
        let at = self.live_end();
        if self.temps.len() < at + count {
            self.temps.resize(at + count, false);
        }
        self.temps[at..at + count].fill(true);
        TEMP + at as Slot
    }

    fn live_end(&self) -> usize {
        self.temps.iter().rposition(|&used| used).map_or(0, |i| i + 1).max(self.floor)
    }

    /// Marks a temporary as consumed; locals are left alone.
    pub fn release(&mut self, slot: Slot) {
        if is_temp(slot) {
            self.temps[(slot - TEMP) as usize] = false;
        }
    }

    /// Marks a temporary as live again (the other branch of a jump).
    pub fn revive(&mut self, slot: Slot) {
        if is_temp(slot) {
            self.temps[(slot - TEMP) as usize] = true;
        }
    }

    /// Releases `count` temporaries from `first`.
    pub fn release_range(&mut self, first: Slot, count: usize) {
        for i in 0..count {
            self.release(first + i as Slot);
        }
    }

    /// Makes the temporaries in use now unavailable below the returned floor; for protected code.
    pub fn raise_floor(&mut self) -> (usize, Slot) {
        let old = self.floor;
        self.floor = self.live_end();
        (old, TEMP + self.floor as Slot)
    }

    /// Undoes `raise_floor`.
    pub fn restore_floor(&mut self, old: usize) {
        self.floor = old;
    }

    pub fn emit(&mut self, op: Op) -> usize {
        self.out.code.push(op);
        self.out.lines.push(self.line);
        self.out.code.len() - 1
    }

    pub fn pc(&self) -> u32 {
        self.out.code.len() as u32
    }

    pub fn label(&mut self) -> Label {
        self.labels.push(u32::MAX);
        Label(self.labels.len() as u32 - 1)
    }

    pub fn place(&mut self, label: Label) {
        self.labelled = self.pc();
        self.labels[label.0 as usize] = self.labelled;
    }

    /// Has the op just emitted write its result to the local variable `var` instead of the
    /// temporary `src`, if it can and no jump leads behind it.
    pub fn retarget(&mut self, src: Slot, var: Slot) -> bool {
        if !is_temp(src) || self.labelled == self.pc() {
            return false;
        }
        match self.out.code.last_mut().and_then(Op::may_write_local) {
            Some(dst) if *dst == src => {
                *dst = var;
                true
            }
            _ => false,
        }
    }

    /// A label at the current place.
    pub fn here(&mut self) -> Label {
        let label = self.label();
        self.place(label);
        label
    }

    pub fn jmp(&mut self, label: Label) {
        self.emit(Op::Jmp { target: label.0 });
    }

    pub fn cache(&mut self) -> u16 {
        if self.out.caches >= NO_CACHE as u32 {
            return NO_CACHE;
        }
        self.out.caches += 1;
        self.out.caches as u16 - 1
    }

    /// A cache for the class of objects that were found to be of a type.
    pub fn type_cache(&mut self, ty: &TypeDecl) -> u16 {
        if ty.names_classes() { self.cache() } else { NO_CACHE }
    }

    /// Index of a constant.
    pub fn constant(&mut self, value: Literal) -> u32 {
        let key = match &value {
            Literal::Null => ConstKey::Null,
            Literal::Bool(b) => ConstKey::Bool(*b),
            Literal::Int(i) => ConstKey::Int(*i),
            Literal::Float(f) => ConstKey::Float(f.to_bits()),
            Literal::Str(s) => ConstKey::Str(s[..].into()),
            Literal::Array(_) => {
                self.out.consts.push(value);
                return self.out.consts.len() as u32 - 1;
            }
        };
        if let Some(&k) = self.consts.get(&key) {
            return k;
        }
        let k = self.out.consts.len() as u32;
        self.out.consts.push(value);
        self.consts.insert(key, k);
        k
    }

    pub fn str(&mut self, text: &[u8]) -> u32 {
        self.constant(Literal::Str(text.into()))
    }

    /// Two strings in consecutive constants: a namespaced name and its fallback.
    pub fn str_pair(&mut self, first: &[u8], second: &[u8]) -> u32 {
        if let Some(&k) = self.pairs.get(&(first.to_vec(), second.to_vec())) {
            return k;
        }
        let k = self.out.consts.len() as u32;
        self.out.consts.push(Literal::Str(first.into()));
        self.out.consts.push(Literal::Str(second.into()));
        self.pairs.insert((first.to_vec(), second.to_vec()), k);
        k
    }

    pub fn class_ref(&mut self, class: ClassRef) -> u16 {
        self.out.class_refs.push(class);
        self.out.class_refs.len() as u16 - 1
    }

    /// The class reference for a resolved name.
    pub fn class_name_ref(&mut self, name: &[u8]) -> u16 {
        if let Some(&i) = self.class_names.get(name) {
            return i;
        }
        let k = self.str(name);
        let cache = self.cache();
        let i = self.class_ref(ClassRef::Name { name: k, cache });
        self.class_names.insert(name.to_vec(), i);
        i
    }

    pub fn path(&mut self, root: PathRoot, steps: Vec<PathStep>) -> u16 {
        self.out.paths.push(Path { root, steps });
        self.out.paths.len() as u16 - 1
    }

    /// A handler for the code since `start`.
    pub fn handler(&mut self, start: u32, clear_from: Slot, kind: HandlerKind) {
        let end = self.pc();
        if start < end {
            self.out.handlers.push(Handler { start, end, clear_from, kind });
        }
    }

    /// A handler whose target is a label.
    pub fn handler_to(&mut self, start: u32, clear_from: Slot, kind: HandlerKind, target: Label) {
        let before = self.out.handlers.len();
        self.handler(start, clear_from, kind);
        if self.out.handlers.len() > before {
            self.catch_label_targets.push((before, target));
        }
    }

    pub fn switch_table(&mut self, table: SwitchTable) -> u16 {
        self.out.switches.push(table);
        self.out.switches.len() as u16 - 1
    }

    /// Resolves labels, numbers the temporaries and hands the function over.
    pub fn finish(mut self, name: Name, index: u32) -> Function {
        let locals = self.out.locals.len() as Slot;
        let slot = |s: Slot| if is_temp(s) { s - TEMP + locals } else { s };
        let labels = &self.labels;
        let target = |t: u32| labels[t as usize];
        let out = &mut self.out;
        for op in &mut out.code {
            op.map_slots(slot);
            op.map_targets(target);
        }
        for class in &mut out.class_refs {
            if let ClassRef::Dynamic(s) = class {
                *s = slot(*s);
            }
        }
        for path in &mut out.paths {
            match &mut path.root {
                PathRoot::Local(s)
                | PathRoot::Temp(s)
                | PathRoot::VarVar(s)
                | PathRoot::StaticPropDyn { name: s, .. } => *s = slot(*s),
                PathRoot::This | PathRoot::Globals | PathRoot::StaticProp { .. } => {}
            }
            for step in &mut path.steps {
                if let PathStep::Dim(s) | PathStep::PropDyn(s) = step {
                    *s = slot(*s);
                }
            }
        }
        for table in &mut out.switches {
            for (_, t) in &mut table.ints {
                *t = target(*t);
            }
            for (_, t) in &mut table.strings {
                *t = target(*t);
            }
            table.default = target(table.default);
        }
        for (i, label) in &self.catch_label_targets {
            match &mut out.handlers[*i].kind {
                HandlerKind::Catch { target: t } | HandlerKind::Finally { target: t, .. } => {
                    *t = target(label.0);
                }
                HandlerKind::FinallyBody { .. } | HandlerKind::Silence { .. } => {}
            }
        }
        for h in &mut out.handlers {
            h.clear_from = slot(h.clear_from);
            match &mut h.kind {
                HandlerKind::Finally { slot: s, .. }
                | HandlerKind::FinallyBody { slot: s }
                | HandlerKind::Silence { slot: s } => *s = slot(*s),
                HandlerKind::Catch { .. } => {}
            }
        }
        for u in &mut out.uses {
            u.0 = slot(u.0);
        }
        out.slots = locals as u32 + self.temps.len() as u32;
        out.name = name;
        out.index = index;
        self.out
    }

    /// Number of temporaries in use; the same before and after each statement.
    pub fn live_temps(&self) -> usize {
        self.temps.iter().filter(|&&used| used).count()
    }
}

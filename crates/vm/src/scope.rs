//! Variables by name: globals, `$$x`, `extract`, `compact`, included files.
//!
//! The variables of top-level code belong to the symbol table of its scope: the global one, or the
//! function that includes the file. In the latter case they are references that table and slot
//! share. A global one is lent to the slot of the frame that runs ([`Global`]), so that its code
//! is as fast as a function's, until somebody else asks the table for it: then it becomes such a
//! reference. Rebinding a variable (by `=&`, `global`, `unset` …) goes through
//! [`Cx::sync_scope`], so that table and slot stay one.

use crate::cx::{AutoGlobals, NO_FRAME};
use crate::frame::frame_flags;
use crate::{Cx, Ret};
use outlast_bytecode::{Slot, auto_globals};
use outlast_value::{Key, PhpArray, PhpString, Reference, Value};

/// A global variable.
pub(crate) struct Global {
    reference: Reference,
    /// Where its value is meanwhile: a slot of a running top-level frame, or null.
    lent: *mut Value,
}

impl Global {
    fn new(reference: Reference) -> Global {
        Global { reference, lent: std::ptr::null_mut() }
    }

    /// The variable as a reference, which the slot it was lent to shares from now on.
    pub(crate) fn reference(&mut self) -> &Reference {
        let lent = std::mem::replace(&mut self.lent, std::ptr::null_mut());
        if !lent.is_null() {
            // SAFETY: the slot's frame takes the variable back before it ends.
            let slot = unsafe { &mut *lent };
            match slot {
                Value::Ref(r) => self.reference = r.clone(),
                slot => {
                    drop(self.reference.replace(slot.take()));
                    *slot = Value::Ref(self.reference.clone());
                }
            }
        }
        &self.reference
    }

    /// Lends the variable to a slot, or shares it where others hold it too.
    fn bind(&mut self, slot: &mut Value, lend: bool) {
        let r = self.reference();
        if lend && r.count() == 1 && !r.has_typed_sources() {
            *slot = r.replace(Value::Undef);
            self.lent = slot;
        } else {
            *slot = Value::Ref(r.clone());
        }
    }

    /// Takes the variable back from a slot, if it was lent to that.
    fn take_back(&mut self, slot: &mut Value) {
        if std::ptr::eq(self.lent, slot) {
            self.lent = std::ptr::null_mut();
            match slot.take() {
                Value::Ref(r) => self.reference = r,
                v => drop(self.reference.replace(v)),
            }
        }
    }

    /// The value as `$GLOBALS` shows it: a reference if it is one in PHP's eyes.
    fn shown(&self) -> Value {
        // SAFETY: as in `reference`.
        let (r, own) = match unsafe { self.lent.as_ref() } {
            Some(Value::Ref(r)) => (r, 1),
            Some(v) => return v.clone(),
            None => (&self.reference, 2),
        };
        if r.count() > own && !r.with(Value::is_undef) { Value::Ref(r.clone()) } else { r.get() }
    }
}

impl Cx {
    /// A global variable that the table has.
    pub fn global(&mut self, name: &[u8]) -> Option<Reference> {
        self.globals.get_mut(name).map(|g| g.reference().clone())
    }

    /// A global variable as a reference, made (as null) if absent.
    pub fn global_ref(&mut self, name: &PhpString) -> Reference {
        let r = self.global_binding(name);
        if r.with(Value::is_undef) {
            r.set(Value::Null);
        }
        r.mark_as_made();
        r
    }

    /// The reference of a global variable, undefined if it is new.
    pub(crate) fn global_binding(&mut self, name: &PhpString) -> Reference {
        if let Some(r) = self.global(name) {
            return r;
        }
        let r = Reference::new(Value::Undef);
        self.globals.insert(name.clone(), Global::new(r.clone()));
        r
    }

    /// Sets a global variable.
    pub fn set_global(&mut self, name: &str, value: Value) {
        let r = self.global_binding(&PhpString::from(name));
        r.set(value);
    }

    /// `$GLOBALS` as an array.
    pub fn globals_array(&self) -> PhpArray {
        let mut a = PhpArray::with_capacity(self.globals.len());
        for (name, global) in &self.globals {
            let v = global.shown();
            if !v.is_undef() {
                a.insert(Key::from_string(name.clone()), v);
            }
        }
        a
    }

    /// Says who makes the variables of `outlast_bytecode::auto_globals`, each when it is first named.
    pub fn set_auto_globals(&mut self, make: AutoGlobals) {
        self.auto_globals = (auto_globals::ALL, Some(make));
    }

    /// Code that names these variables of `outlast_bytecode::auto_globals` is about to run.
    pub fn use_auto_globals(&mut self, named: u8) {
        let due = self.auto_globals.0 & named;
        if due == 0 {
            return;
        }
        self.auto_globals.0 &= !due;
        let left = self.auto_globals.0;
        let make = if left == 0 { self.auto_globals.1.take() } else { self.auto_globals.1.clone() };
        if let Some(make) = make {
            make(self, due);
        }
    }

    /// Binds the locals of a top-level frame to the symbol table of its scope.
    pub(crate) fn bind_top_level(&mut self, index: usize, scope_frame: Option<usize>) {
        let func = self.frames[index].func.clone();
        let decl = func.user().expect("top-level code").decl();
        for (i, name) in decl.locals.iter().enumerate() {
            let name = PhpString::new(name);
            // SAFETY: locals are slots of the frame.
            let slot = unsafe { &mut *self.frames[index].base.add(i) };
            if let Some(f) = scope_frame {
                *slot = Value::Ref(self.frame_binding(f, &name));
                continue;
            }
            // A fiber may rest while others run: it shares.
            let lend = self.fiber.is_none();
            let new = || Global::new(Reference::new(Value::Undef));
            self.globals.entry(name).or_insert_with(new).bind(slot, lend);
        }
    }

    /// Before a frame of global code ends: takes back what was lent to it.
    #[cold]
    pub(crate) fn take_back_globals(&mut self, index: usize) {
        let f = &self.frames[index];
        let Some(u) = f.func.user() else { return };
        for (i, name) in u.decl().locals.iter().enumerate() {
            if let Some(global) = self.globals.get_mut(&name[..]) {
                // SAFETY: locals are slots of the frame.
                global.take_back(unsafe { &mut *f.base.add(i) });
            }
        }
    }

    /// The reference of a variable of a frame, undefined if it is new.
    pub(crate) fn frame_binding(&mut self, index: usize, name: &PhpString) -> Reference {
        let f = &mut self.frames[index];
        if f.has(frame_flags::GLOBAL_SCOPE) {
            return self.global_binding(name);
        }
        if let Some(parent) = f.extra.as_ref().and_then(|e| e.scope_frame) {
            return self.frame_binding(parent as usize, name);
        }
        if let Some(slot) = slot_of(f, name) {
            // SAFETY: locals are slots of the frame.
            let p = unsafe { &mut *f.base.add(slot) };
            if let Value::Ref(r) = p {
                return r.clone();
            }
            let r = Reference::new(p.take());
            *p = Value::Ref(r.clone());
            return r;
        }
        f.extra()
            .symbols
            .entry(name.clone())
            .or_insert_with(|| Reference::new(Value::Undef))
            .clone()
    }

    /// After local `slot` of the running top-level frame was bound anew.
    pub(crate) fn sync_scope(&mut self, slot: Slot, r: Option<Reference>) {
        let func = self.frame().func.clone();
        let name = PhpString::new(&func.user().expect("PHP code").decl().locals[slot as usize]);
        let r = r.unwrap_or_else(|| Reference::new(Value::Undef));
        if self.frame().has(frame_flags::GLOBAL_SCOPE) {
            self.bind_global_everywhere(&name, r, Some(self.current as usize));
        } else {
            let frame = self.frame().extra.as_ref().and_then(|e| e.scope_frame);
            if let Some(f) = frame {
                self.bind_in_frame(f as usize, &name, r);
            }
        }
    }

    /// Binds a global, in the table and in all top-level frames that hold it.
    fn bind_global_everywhere(&mut self, name: &PhpString, r: Reference, except: Option<usize>) {
        if r.with(Value::is_undef) {
            self.globals.shift_remove(name);
        }
        self.globals.insert(name.clone(), Global::new(r.clone()));
        for i in 0..self.frames.len() {
            if Some(i) == except || !self.frames[i].has(frame_flags::GLOBAL_SCOPE) {
                continue;
            }
            if let Some(slot) = slot_of(&self.frames[i], name) {
                // SAFETY: locals are slots of the frame.
                drop(unsafe {
                    std::mem::replace(&mut *self.frames[i].base.add(slot), Value::Ref(r.clone()))
                });
            }
        }
    }

    fn bind_in_frame(&mut self, index: usize, name: &PhpString, r: Reference) {
        let f = &mut self.frames[index];
        if f.has(frame_flags::GLOBAL_SCOPE) {
            self.bind_global_everywhere(name, r, None);
            return;
        }
        let parent = f.extra.as_ref().and_then(|e| e.scope_frame);
        match slot_of(f, name) {
            Some(slot) => {
                let undef = r.with(Value::is_undef);
                let v =
                    if undef && parent.is_none() { Value::Undef } else { Value::Ref(r.clone()) };
                // SAFETY: locals are slots of the frame.
                drop(unsafe { std::mem::replace(&mut *f.base.add(slot), v) });
            }
            None if parent.is_none() => {
                f.extra().symbols.insert(name.clone(), r.clone());
            }
            None => {}
        }
        if let Some(p) = parent {
            self.bind_in_frame(p as usize, name, r);
        }
    }

    /// The frame whose variables PHP code or a native function called by it sees.
    fn scope_index(&self) -> Option<usize> {
        self.user_frame_index()
    }

    /// A variable of the running scope (or a global) that is defined.
    pub(crate) fn find_variable(&mut self, name: &PhpString, global: bool) -> Option<Reference> {
        let r = if global {
            self.global(name)
        } else {
            let i = self.scope_index()?;
            let f = &self.frames[i];
            if let Some(slot) = slot_of(f, name) {
                // SAFETY: locals are slots of the frame.
                if unsafe { (*f.base.add(slot)).is_undef() } {
                    None
                } else {
                    Some(self.frame_binding(i, name))
                }
            } else if f.has(frame_flags::GLOBAL_SCOPE) || is_superglobal(name) {
                self.global(name)
            } else if let Some(p) = f.extra.as_ref().and_then(|e| e.scope_frame) {
                Some(self.frame_binding(p as usize, name))
            } else {
                f.extra.as_ref().and_then(|e| e.symbols.get(name).cloned())
            }
        };
        r.filter(|r| !r.with(Value::is_undef))
    }

    /// Makes a variable (as null) of the running scope or a global one.
    pub(crate) fn make_variable(&mut self, name: &PhpString, global: bool) -> Reference {
        let r = match self.scope_index() {
            Some(i) if !global && !is_superglobal(name) => self.frame_binding(i, name),
            _ => self.global_binding(name),
        };
        if r.with(Value::is_undef) {
            r.set(Value::Null);
        }
        r
    }

    /// The value of a variable of the scope of the running PHP code.
    pub fn variable_value(&mut self, name: &PhpString, global: bool) -> Option<Value> {
        if name.as_bytes() == b"this" && !global {
            let i = self.scope_index()?;
            return self.frames[i].this.clone().map(Value::Object);
        }
        if name.as_bytes() == b"GLOBALS" {
            return Some(Value::Array(self.globals_array()));
        }
        if !global {
            // Reading must not turn plain locals into references.
            let i = self.scope_index()?;
            let f = &self.frames[i];
            if let Some(slot) = slot_of(f, name) {
                // SAFETY: locals are slots of the frame.
                let v = unsafe { (*f.base.add(slot)).deref() };
                return if v.is_undef() { None } else { Some(v) };
            }
        }
        self.find_variable(name, global).map(|r| r.get())
    }

    /// `$$name` for reading: warns if undefined.
    pub(crate) fn read_variable(&mut self, name: &PhpString) -> Ret<Value> {
        match self.variable_value(name, false) {
            Some(v) => Ok(v),
            None => {
                let mut m = b"Undefined variable $".to_vec();
                m.extend_from_slice(name);
                self.raise_warning(m)?;
                Ok(Value::Null)
            }
        }
    }

    /// Sets a variable of the scope of the running PHP code (`extract`, `parse_str` …).
    pub fn set_variable(&mut self, name: &PhpString, value: Value) -> Ret<()> {
        let r = self.make_variable(name, false);
        self.assign_reference(&r, value)
    }

    /// Binds a variable of the running scope to a reference.
    pub fn bind_variable(&mut self, name: &PhpString, r: Reference, global: bool) {
        match self.scope_index() {
            Some(i) if !global && !is_superglobal(name) => self.bind_in_frame(i, name, r),
            _ => self.bind_global_everywhere(name, r, None),
        }
    }

    /// Unsets a variable of the running scope or a global.
    pub fn unset_variable(&mut self, name: &PhpString, global: bool) {
        if self.find_variable(name, global).is_none() {
            return;
        }
        let scope = self.scope_index();
        match scope {
            Some(i)
                if !global
                    && !is_superglobal(name)
                    && !self.frames[i].has(frame_flags::GLOBAL_SCOPE) =>
            {
                if slot_of(&self.frames[i], name).is_none()
                    && let Some(e) = &mut self.frames[i].extra
                {
                    e.symbols.remove(name);
                }
                self.bind_in_frame(i, name, Reference::new(Value::Undef));
            }
            _ => self.bind_global_everywhere(name, Reference::new(Value::Undef), None),
        }
    }

    /// All defined variables of the scope of the running PHP code (`get_defined_vars`).
    pub fn defined_variables(&mut self) -> PhpArray {
        let Some(i) = self.scope_index() else { return PhpArray::new() };
        if self.frames[i].has(frame_flags::GLOBAL_SCOPE) {
            return self.globals_array();
        }
        let mut a = PhpArray::new();
        let mut frame = Some(i);
        while let Some(i) = frame {
            let f = &self.frames[i];
            let u = f.func.user().expect("PHP code");
            for (slot, name) in u.decl().locals.iter().enumerate() {
                if name.first() == Some(&0) {
                    // The compiler's own.
                    continue;
                }
                // SAFETY: locals are slots of the frame.
                let v = unsafe { (*f.base.add(slot)).clone() };
                if !v.with_deref(Value::is_undef) {
                    a.insert(Key::from_bytes(name), unshared(v));
                }
            }
            if let Some(e) = &f.extra {
                for (name, r) in &e.symbols {
                    if !r.with(Value::is_undef) {
                        a.insert(Key::from_string(name.clone()), unshared(Value::Ref(r.clone())));
                    }
                }
            }
            frame = f.extra.as_ref().and_then(|e| e.scope_frame).map(|p| p as usize);
        }
        a
    }

    /// The frame that called the running native function, if it is PHP code.
    pub fn caller_arguments(&mut self) -> Option<Vec<Value>> {
        let i = self.user_frame_index()?;
        if self.frames[i].has(frame_flags::GLOBAL_SCOPE) || self.frames[i].caller == NO_FRAME {
            return None;
        }
        Some(self.frames[i].arguments())
    }
}

fn unshared(v: Value) -> Value {
    match v {
        Value::Ref(r) if r.count() <= 2 => r.get(),
        v => v,
    }
}

/// Slot of a local by name.
fn slot_of(f: &crate::frame::Frame, name: &[u8]) -> Option<usize> {
    f.func.user()?.decl().locals.iter().position(|n| **n == *name)
}

/// Is it one of `$_SERVER`, `$_GET` …?
pub fn is_superglobal(name: &[u8]) -> bool {
    matches!(
        name,
        b"_SERVER"
            | b"_GET"
            | b"_POST"
            | b"_COOKIE"
            | b"_FILES"
            | b"_ENV"
            | b"_REQUEST"
            | b"_SESSION"
            | b"GLOBALS"
    )
}

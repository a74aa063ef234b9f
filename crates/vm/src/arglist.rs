//! Calls with spread and named arguments: the arguments are collected in a list first.

use crate::class::ObjectClass;
use crate::frame::frame_flags;
use crate::function::{ByRef, FuncKind};
use crate::types::value_type_name;
use crate::{Cx, Ret, Unwind};
use outlast_bytecode::Slot;
use outlast_value::{Key, PhpString, Reference, Value};

impl Cx {
    /// Next position of the argument list of the pending call.
    pub(crate) fn list_position(&self) -> usize {
        let f = self.frames.last().expect("a pending call");
        f.extra.as_ref().map_or(0, |e| e.args.len())
    }

    /// `...$variable`: what goes to by-reference parameters becomes a reference in the variable.
    pub(crate) fn list_spread_local(&mut self, base: *mut Value, var: Slot) -> Ret<()> {
        let n = self.list_position();
        // SAFETY: operands lie within the frame; nothing else runs while elements change.
        let place = match unsafe { &mut *base.add(var as usize) } {
            // SAFETY: as above.
            Value::Ref(r) => unsafe { &mut *r.as_ptr() },
            v => v,
        };
        if let Value::Array(a) = place {
            let taken: Vec<bool> =
                (n..n + a.len()).map(|n| self.arg_by_ref(n) == ByRef::Yes).collect();
            if taken.contains(&true) {
                for (v, _) in a.values_mut().zip(&taken).filter(|(_, by_ref)| **by_ref) {
                    v.make_ref();
                }
            }
        }
        let value = self.operand(base, var)?;
        self.list_spread(value)
    }

    /// `...$value`
    pub(crate) fn list_spread(&mut self, value: Value) -> Ret<()> {
        match value {
            Value::Array(a) => {
                for (k, v) in a.iter() {
                    self.spread_one(&k, v)?;
                }
                Ok(())
            }
            Value::Object(o) if o.class().is_traversable() => {
                let mut items = Vec::new();
                self.iterate(&Value::Object(o), &mut |cx, k, v| {
                    let key = match k.into_deref() {
                        Value::Int(i) => Key::Int(i),
                        Value::Str(s) => Key::from_string(s),
                        _ => {
                            return Err(cx.throw_error(
                                "Keys must be of type int|string during argument unpacking",
                            ));
                        }
                    };
                    items.push((key, v));
                    Ok(true)
                })?;
                for (k, v) in items {
                    let n = self.list_position();
                    let v = v.into_deref();
                    if matches!(k, Key::Int(_)) && self.arg_by_ref(n) == ByRef::Yes {
                        let name = self.frames.last().expect("pending").func.display_name();
                        self.raise_warning(format!(
                            "Cannot pass by-reference argument {} of {name}() by unpacking a Traversable, passing by-value instead",
                            n + 1
                        ))?;
                    }
                    self.spread_one(&k, &v)?;
                }
                Ok(())
            }
            other => Err(self.throw_type_error(not_unpacked(&other))),
        }
    }

    fn spread_one(&mut self, key: &Key, value: &Value) -> Ret<()> {
        match key {
            Key::Int(_) => {
                let named = self.frames.last().expect("pending").extra.as_ref();
                if named.is_some_and(|e| !e.named.is_empty()) {
                    return Err(self.throw_error(
                        "Cannot use positional argument after named argument during unpacking",
                    ));
                }
                let n = self.list_position();
                let v = match (self.arg_by_ref(n), value) {
                    (ByRef::No, v) => v.deref(),
                    (_, v @ Value::Ref(_)) => v.clone(),
                    (_, v) => Value::Ref(Reference::new(v.clone())),
                };
                self.frames.last_mut().expect("pending").extra().args.push(v);
                Ok(())
            }
            Key::Str(name) => self.list_named(name.clone(), value.clone()),
        }
    }

    /// `name: value`; a reference stays one only for a by-reference parameter.
    pub(crate) fn list_named(&mut self, name: PhpString, value: Value) -> Ret<()> {
        let f = self.frames.last_mut().expect("a pending call");
        if f.has(frame_flags::NO_CALLEE) {
            return Err(
                self.throw_error(format!("Unknown named parameter ${}", name.to_str_lossy()))
            );
        }
        let magic = f.has(frame_flags::TRAMPOLINE);
        if !magic && f.func.param_index(&name).is_none() && !f.func.is_variadic() {
            return Err(
                self.throw_error(format!("Unknown named parameter ${}", name.to_str_lossy()))
            );
        }
        if f.extra().named.iter().any(|(n, _)| *n == name) {
            return Err(self.overwrites(&name));
        }
        let by_ref = f.func.param_index(&name).is_some_and(|n| f.func.by_ref(n) != ByRef::No);
        let value = match value {
            v if by_ref => match v {
                v @ Value::Ref(_) => v,
                v => Value::Ref(Reference::new(v)),
            },
            v => v.into_deref(),
        };
        f.extra().named.push((name, value));
        Ok(())
    }

    fn overwrites(&mut self, name: &PhpString) -> Unwind {
        self.throw_error(format!(
            "Named parameter ${} overwrites previous argument",
            name.to_str_lossy()
        ))
    }

    /// Named arguments that the variadic parameter of the running native function collects.
    pub fn native_named_arguments(&mut self) -> Vec<(PhpString, Value)> {
        match &mut self.frame_mut().extra {
            Some(e) => std::mem::take(&mut e.extra_named),
            None => Vec::new(),
        }
    }

    /// Is the parameter called `name` by value?
    pub(crate) fn named_by_value(&self, name: &[u8]) -> bool {
        let f = self.frames.last().expect("a pending call");
        match f.func.param_index(name) {
            Some(n) => f.func.by_ref(n) == ByRef::No,
            None => true,
        }
    }

    /// Puts the collected arguments into the slots of the frame at `index`.
    pub(crate) fn spread_arguments(&mut self, index: usize) -> Ret<()> {
        let f = &mut self.frames[index];
        f.flags &= !frame_flags::ARG_LIST;
        clear(f.base, f.slots as usize);
        if f.flags & (frame_flags::TRAMPOLINE | frame_flags::NO_CALLEE) != 0 {
            f.argc = 0;
            return Ok(());
        }
        let extra = f.extra();
        let mut args = std::mem::take(&mut extra.args);
        let named = std::mem::take(&mut extra.named);
        let func = f.func.clone();
        if !named.is_empty() {
            self.place_named(index, &func, &mut args, named)?;
        }
        let f = &mut self.frames[index];
        if args.len() > f.slots as usize {
            // The frame is the topmost allocation: it can be given back and made again.
            debug_assert_eq!(index, self.frames.len() - 1);
            let f = &mut self.frames[index];
            self.stack.release(f.mark);
            let slots = args.len().max(f.slots as usize);
            let (base, mark) = self.stack.alloc(slots);
            clear(base, slots);
            let f = &mut self.frames[index];
            f.base = base;
            f.mark = mark;
            f.slots = slots as u32;
        }
        let f = &mut self.frames[index];
        f.argc = args.len() as u32;
        for (i, v) in args.into_iter().enumerate() {
            // SAFETY: `i < slots`.
            unsafe { *f.base.add(i) = v };
        }
        Ok(())
    }

    fn place_named(
        &mut self,
        index: usize,
        func: &crate::function::FuncRef,
        args: &mut Vec<Value>,
        named: Vec<(PhpString, Value)>,
    ) -> Ret<()> {
        let positional = args.len();
        let variadic = func.is_variadic();
        let fixed = func.param_count() - usize::from(variadic);
        for (name, value) in named {
            match func.param_index(&name) {
                Some(n) if n < fixed => {
                    if n < positional || args.get(n).is_some_and(|v| !v.is_undef()) {
                        return Err(self.overwrites(&name));
                    }
                    while args.len() <= n {
                        args.push(Value::Undef);
                    }
                    args[n] = value;
                }
                _ if variadic && !passes_named_on(func) => {
                    return Err(self.throw(
                        "ArgumentCountError",
                        format!(
                            "{}() does not accept unknown named parameters",
                            func.display_name()
                        ),
                    ));
                }
                _ if variadic => {
                    self.frames[index].extra().extra_named.push((name, value));
                }
                _ => {
                    return Err(self
                        .throw_error(format!("Unknown named parameter ${}", name.to_str_lossy())));
                }
            }
        }
        let required = func.required();
        for n in 0..args.len().max(required) {
            if args.get(n).is_none_or(Value::is_undef) && n < required {
                let name = crate::call::param_name(func, n);
                return Err(self.throw(
                    "ArgumentCountError",
                    format!("{}(): Argument #{}{name} not passed", func.display_name(), n + 1),
                ));
            }
        }
        if let FuncKind::Native(f, _) = &func.kind {
            // Skipped optional parameters of native functions need their defaults.
            for n in positional..args.len() {
                if args[n].is_undef() && f.params[n].default == Some("UNKNOWN") {
                    return Err(self.throw(
                        "ArgumentCountError",
                        format!(
                            "{}(): Argument #{} (${}) must be passed explicitly, because the default value is not known",
                            func.display_name(),
                            n + 1,
                            f.params[n].name
                        ),
                    ));
                }
            }
        }
        Ok(())
    }
}

/// Does the variadic parameter take named arguments, too? Native functions that pass them on to
/// other code call that parameter `args`.
fn passes_named_on(func: &crate::function::FuncRef) -> bool {
    match &func.kind {
        FuncKind::Native(f, _) => f.params.last().is_some_and(|p| p.name == "args"),
        _ => true,
    }
}

/// Empties slots that hold nothing that needs dropping: where an argument is missing, the callee
/// is to see that.
fn clear(base: *mut Value, slots: usize) {
    for i in 0..slots {
        // SAFETY: the slots were allocated for the frame.
        unsafe { std::ptr::write(base.add(i), Value::Undef) };
    }
}

/// The message about `...$value` of a value that has no elements.
pub(crate) fn not_unpacked(value: &Value) -> String {
    format!("Only arrays and Traversables can be unpacked, {} given", value_type_name(value))
}

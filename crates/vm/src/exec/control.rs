//! The rare ops of control: calls, closures, generators, iteration, exceptions, includes.

use super::{Next, peek};
use crate::class::ObjectClass;
use crate::function::{ByRef, CacheEntry};
use crate::{Cx, Ret};
use outlast_bytecode::{NO_CACHE, NO_SLOT, Op, Slot, type_bits};
use outlast_value::{Reference, Value};

impl Cx {
    /// Calls, functions, generators, iteration, exceptions and the rest.
    pub(super) fn rare_call_op(&mut self, base: *mut Value, op: Op) -> Ret<Next> {
        macro_rules! put {
            ($dst:expr, $v:expr) => {{
                let v = $v;
                if $dst != NO_SLOT {
                    // SAFETY: operands lie within the frame; the temporary owns nothing.
                    unsafe { std::ptr::write(base.add($dst as usize), v) }
                }
            }};
        }
        macro_rules! get {
            ($s:expr) => {
                self.operand(base, $s)?
            };
        }
        match op {
            Op::InitFnNs { argc, cache, name } => {
                if let Some(CacheEntry::Func(f, _)) = self.cache_entry(cache) {
                    let f = f.clone();
                    self.push_call(f, u32::from(argc), None, None, 0);
                    return Ok(Next::Go);
                }
                let (full, short) = (self.constant(name).clone(), self.constant(name + 1).clone());
                let f = self.find_function(&full, Some(&short))?;
                if let Some(entry) = self.cache_entry(cache) {
                    *entry = CacheEntry::func(f.clone());
                }
                self.push_call(f, u32::from(argc), None, None, 0);
            }
            Op::InitDyn { callee, argc } => {
                let v = get!(callee);
                self.init_dyn(v, u32::from(argc))?;
            }
            Op::InitMethodDyn { obj, name, argc } => {
                let (o, n) = self.two_operands(base, obj, name)?;
                match (o, n) {
                    (Value::Object(o), Value::Str(n)) => {
                        self.push_method(o, &n, argc, NO_CACHE)?;
                    }
                    (Value::Object(_), _) => {
                        return Err(self.throw_error("Method name must be a string"));
                    }
                    (v, n) => {
                        let n = self.to_str(&n)?;
                        return Err(self.member_of_non_object(&v, &n));
                    }
                }
            }
            Op::InitStaticMethod { class, argc, cache, name } => {
                let name = self.name(name);
                self.init_static(base, class, &name, argc, cache)?;
            }
            Op::InitStaticMethodDyn { class, name, argc } => match get!(name) {
                Value::Str(n) => self.init_static(base, class, &n, argc, NO_CACHE)?,
                _ => return Err(self.throw_error("Method name must be a string")),
            },
            Op::InitParentHook { kind, argc, name } => {
                let name = self.name(name);
                self.init_parent_hook(kind, u32::from(argc), &name)?;
            }
            Op::SendRef { n, src } => {
                let r = self.take_ref(base, src);
                self.set_arg(n, Value::Ref(r));
            }
            Op::BeginArgList {} => {
                let f = self.frames.last_mut().expect("a pending call");
                f.flags |= crate::frame::frame_flags::ARG_LIST;
                f.argc = 0;
            }
            Op::ListVal { src } => self.list_val(base, src)?,
            Op::ListResult { src } => self.list_result(base, src)?,
            Op::ListVar { var } => self.list_var(base, var)?,
            Op::ListRef { src } => {
                let r = self.take_ref(base, src);
                self.push_list(Value::Ref(r));
            }
            Op::JmpListByValue { target } => {
                let n = self.list_position();
                if self.arg_by_ref(n) == ByRef::No {
                    return Ok(Next::Jump(target));
                }
            }
            Op::ListSpread { src } if src < self.locals() => self.list_spread_local(base, src)?,
            Op::ListSpread { src } => {
                let v = get!(src);
                self.list_spread(v)?;
            }
            Op::ListNamed { src, name } => {
                let v = get!(src);
                let name = self.name(name);
                self.list_named(name, v)?;
            }
            Op::ListNamedRef { src, name } => {
                let r = self.take_ref(base, src);
                let name = self.name(name);
                self.list_named(name, Value::Ref(r))?;
            }
            Op::JmpNamedByValue { name, target } => {
                let name = self.name(name);
                if self.named_by_value(&name) {
                    return Ok(Next::Jump(target));
                }
            }
            Op::CallableConvert { dst } => {
                let v = self.callable_convert()?;
                put!(dst, v)
            }
            Op::SetDefault { n, src } => {
                let v = get!(src);
                let func = self.frame().func.clone();
                let by_ref = func.by_ref(n as usize) == ByRef::Yes;
                let v = if by_ref { Value::Ref(Reference::new(v)) } else { v };
                // SAFETY: parameters are locals of the frame.
                drop(unsafe { std::mem::replace(&mut *base.add(n as usize), v) });
            }
            Op::ReturnRefVal { src } => {
                // SAFETY: operands lie within the frame.
                let v = unsafe { (*base.add(src as usize)).take() };
                let v = match v {
                    v @ Value::Ref(_) => v,
                    v => {
                        self.raise_notice(
                            "Only variable references should be returned by reference",
                        )?;
                        Value::Ref(Reference::new(v.or_null()))
                    }
                };
                return Ok(Next::Leave(v));
            }
            Op::MissingReturn {} => return Err(self.missing_return()),
            Op::NeverReturned {} => {
                let func = &self.frame().func;
                let name = func.display_name();
                let kind = if func.scope().is_some() { "method" } else { "function" };
                return Err(self.throw_type_error(format!(
                    "{name}(): never-returning {kind} must not implicitly return"
                )));
            }
            Op::MakeClosure { dst, func } => {
                let o = self.make_closure(func);
                put!(dst, Value::Object(o))
            }
            Op::CaptureValue { closure, index, src } => {
                let v = get!(src);
                self.capture(base, closure, index, v);
            }
            Op::CaptureQuiet { closure, index, src } => {
                // SAFETY: operands lie within the frame.
                let v = unsafe { peek(base, src).clone() };
                self.capture(base, closure, index, v);
            }
            Op::CaptureRef { closure, index, var } => {
                let r = self.local_ref(base, var);
                self.capture(base, closure, index, Value::Ref(r));
            }
            Op::YieldFrom { dst, src } => {
                let v = get!(src);
                return self.yield_from(base, dst, v);
            }
            Op::IterInit { iter, src, target } => {
                let v = get!(src);
                if !self.iter_init(base, iter, v)? {
                    return Ok(Next::Jump(target));
                }
            }
            Op::IterInitRef { iter, src, target } => {
                // SAFETY: operands lie within the frame.
                let v = unsafe { (*base.add(src as usize)).take() };
                if !self.iter_init_ref(base, iter, v)? {
                    return Ok(Next::Jump(target));
                }
            }
            Op::IterNextRef { iter, dst, key, target } => {
                match self.iter_next_ref(base, iter, key)? {
                    Some(r) => put!(dst, Value::Ref(r)),
                    None => return Ok(Next::Jump(target)),
                }
            }
            Op::IterFree { iter } => self.iter_free(base, iter),
            Op::Throw { src } => {
                let v = get!(src);
                return Err(self.throw_value(v));
            }
            Op::Catch { var, list, target } => {
                if !self.catches(base, var, list)? {
                    return Ok(Next::Jump(target));
                }
            }
            Op::Rethrow {} => return Err(crate::Unwind::Throw),
            Op::EndFinally { slot } => {
                // SAFETY: operands lie within the frame.
                let kind = unsafe { (*base.add(slot as usize + 1)).clone() };
                match kind {
                    Value::Int(-1) => {
                        // SAFETY: as above.
                        if let Value::Object(e) = unsafe { (*base.add(slot as usize)).take() } {
                            self.exception = Some(e);
                        }
                        return Err(crate::Unwind::Throw);
                    }
                    Value::Int(-2) => return Err(crate::Unwind::Destroy),
                    _ => {}
                }
            }
            Op::SetCompletion { slot, kind } => {
                // SAFETY: operands lie within the frame.
                unsafe { *base.add(slot as usize + 1) = Value::Int(i64::from(kind)) };
            }
            Op::JmpIfCompletion { slot, kind, target } => {
                // SAFETY: operands lie within the frame.
                let held = unsafe { (*base.add(slot as usize + 1)).as_int() };
                if held == Some(i64::from(kind)) {
                    return Ok(Next::Jump(target));
                }
            }
            Op::DiscardCompletion { slot } => {
                // SAFETY: operands lie within the frame.
                drop(unsafe { (*base.add(slot as usize)).take() });
            }
            Op::Include { dst, src, mode } => {
                let v = get!(src);
                let v = self.include(v, mode)?;
                put!(dst, v)
            }
            Op::Exit { src } => {
                let v = if src == NO_SLOT { Value::Undef } else { get!(src) };
                return Err(self.exit(&v)?);
            }
            Op::BeginSilence { dst } => {
                let v = self.begin_silence();
                put!(dst, v)
            }
            Op::EndSilence { src } => {
                // SAFETY: operands lie within the frame.
                let v = unsafe { (*base.add(src as usize)).take() };
                self.end_silence(&v);
            }
            Op::Tick {} => self.run_ticks()?,
            Op::JmpNoAssert { dst, target } => {
                if self.ini.int("zend.assertions") != 1 {
                    put!(dst, Value::Bool(true));
                    return Ok(Next::Jump(target));
                }
            }
            Op::FuncNumArgs { dst } => {
                let n = i64::from(self.frame().argc);
                put!(dst, Value::Int(n))
            }
            Op::FuncGetArgs { dst } => {
                let list = self.frame().arguments();
                put!(dst, Value::Array(outlast_value::PhpArray::from_list(list)))
            }
            op => unreachable!("{} is handled in the loop", op.name()),
        }
        Ok(Next::Go)
    }

    /// Jump table lookup; `None`: the subject's type is not in the table.
    pub(crate) fn switch_target(
        &self,
        subject: &Value,
        table: u16,
        consts: *const Value,
    ) -> Option<u32> {
        let u = self.frame().func.user().expect("PHP code runs");
        let table = &u.decl().switches[table as usize];
        match subject {
            Value::Int(i) if !table.ints.is_empty() => {
                let found = table.ints.iter().find(|(k, _)| k == i);
                Some(found.map_or(table.default, |(_, t)| *t))
            }
            Value::Str(s) if !table.strings.is_empty() => {
                let found = table.strings.iter().find(|(k, _)| {
                    // SAFETY: constant indexes are checked by the compiler.
                    matches!(unsafe { &*consts.add(*k as usize) }, Value::Str(c) if c == s)
                });
                Some(found.map_or(table.default, |(_, t)| *t))
            }
            _ => None,
        }
    }

    /// Does a `catch` list take the pending exception?
    fn catches(&mut self, base: *mut Value, var: Slot, list: u16) -> Ret<bool> {
        let Some(e) = self.exception.clone() else { return Ok(false) };
        let func = self.frame().func.clone();
        let names = &func.user().expect("PHP code runs").decl().catches[list as usize];
        for &k in names {
            let name = self.name(k);
            let Some(class) = self.class(&name) else { continue };
            if e.class().is_subclass_of_or_same(class) {
                self.exception = None;
                if var != NO_SLOT {
                    self.assign_local(base, var, Value::Object(e))?;
                }
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// `throw $value`
    fn throw_value(&mut self, v: Value) -> crate::Unwind {
        if let Value::Object(o) = v {
            let throwable = self.class(b"Throwable").expect("Throwable is native");
            if o.class().is_subclass_of_or_same(throwable) {
                return self.throw_object(o);
            }
        } else {
            return self.throw_error("Can only throw objects");
        }
        self.throw_error("Cannot throw objects that do not implement Throwable")
    }

    /// Error for a return type that nothing satisfied.
    fn missing_return(&mut self) -> crate::Unwind {
        let func = self.frame().func.clone();
        self.return_type_error(&func, None)
    }

    /// `exit($status)`: prints a string, sets the exit status from an int.
    pub fn exit(&mut self, status: &Value) -> Ret<crate::Unwind> {
        match status {
            Value::Undef => {}
            Value::Str(s) => self.echo(s)?,
            Value::Int(i) => self.exit_status = *i as i32,
            v => match self.exit_argument(v)? {
                Some(v) => return self.exit(&v),
                None => {
                    let given = self.value_type_name(v);
                    return Err(self.throw_type_error(format!(
                        "exit(): Argument #1 ($status) must be of type string|int, {given} given"
                    )));
                }
            },
        }
        Ok(crate::Unwind::Exit)
    }

    /// The status as the function `exit(string|int $status)` would get it.
    #[cold]
    fn exit_argument(&mut self, status: &Value) -> Ret<Option<Value>> {
        if self.is_strict() {
            return Ok(None);
        }
        if status.is_null() {
            self.raise_deprecated(
                "exit(): Passing null to parameter #1 ($status) of type string|int is deprecated",
            )?;
            return Ok(Some(Value::empty_str()));
        }
        match self.weak_scalar(type_bits::INT, status)? {
            Some(v) => Ok(Some(v)),
            None => self.weak_scalar(type_bits::STRING, status),
        }
    }

    /// Runs the tick functions.
    fn run_ticks(&mut self) -> Ret<()> {
        for (f, args) in self.tick_functions.clone() {
            self.call(&f, args)?;
        }
        Ok(())
    }
}

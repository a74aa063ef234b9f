//! The ops that are rare enough to cost a call.

use super::path::Action;
use super::{Next, peek};
use crate::class::ObjectClass;
use crate::function::{ByRef, CacheEntry};
use crate::{Cx, Ret};
use outlast_bytecode::{CastTo, K, NO_CACHE, NO_SLOT, Op, Slot, type_bits};
use outlast_value::{PhpString, Reference, Value};

impl Cx {
    /// Runs one op that is not in the loop itself.
    pub(crate) fn rare_op(&mut self, base: *mut Value, op: Op) -> Ret<Next> {
        /// Writes a free temporary.
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
            Op::LoadThisQuiet { dst } => {
                let v = self.frame().this.clone().map_or(Value::Null, Value::Object);
                put!(dst, v)
            }
            Op::BindRef { dst, var, src } => {
                let r = self.take_ref(base, src);
                put!(dst, r.get());
                self.bind_local(base, var, r);
            }
            Op::MakeRef { dst, var } => {
                let r = self.local_ref(base, var);
                put!(dst, Value::Ref(r))
            }
            Op::UnsetLocal { var } => self.unset_local(base, var),
            Op::IssetLocal { dst, var } => {
                // SAFETY: operands lie within the frame.
                let set = unsafe { !peek(base, var).is_null() };
                put!(dst, Value::Bool(set))
            }
            Op::FetchVarVar { dst, name } => {
                let name = get!(name);
                let name = self.to_str(&name)?;
                let v = self.read_variable(&name)?;
                put!(dst, v)
            }
            Op::FetchVarVarQuiet { dst, name } => {
                let name = get!(name);
                let name = self.to_str(&name)?;
                let v = self.variable_value(&name, false).unwrap_or(Value::Null);
                put!(dst, v)
            }
            Op::FetchGlobals { dst } => {
                let v = Value::Array(self.globals_array());
                put!(dst, v)
            }
            Op::FetchGlobal { dst, name } => {
                let name = get!(name);
                let name = self.to_str(&name)?;
                let v = match self.variable_value(&name, true) {
                    Some(v) => v,
                    None => {
                        let mut m = b"Undefined global variable $".to_vec();
                        m.extend_from_slice(&name);
                        self.raise_warning(m)?;
                        Value::Null
                    }
                };
                put!(dst, v)
            }
            Op::FetchGlobalQuiet { dst, name } => {
                let name = get!(name);
                let name = self.to_str(&name)?;
                let v = self.variable_value(&name, true).unwrap_or(Value::Null);
                put!(dst, v)
            }
            Op::BindGlobal { var, name } => {
                let name = self.name(name);
                let r = self.global_ref(&name);
                self.bind_local(base, var, r);
            }
            Op::BindGlobalDyn { name } => {
                let name = get!(name);
                let name = self.to_str(&name)?;
                let r = self.global_ref(&name);
                self.bind_variable(&name, r, false);
            }
            Op::BindStatic { var, index, target } => {
                let func = self.frame().func.clone();
                let u = func.user().expect("PHP code runs");
                let known = u.statics.borrow().get(index as usize).cloned().flatten();
                if let Some(r) = known {
                    self.bind_local(base, var, r);
                    return Ok(Next::Jump(target));
                }
            }
            Op::InitStatic { var, index, src } => {
                let v = get!(src);
                let func = self.frame().func.clone();
                let u = func.user().expect("PHP code runs");
                let r = Reference::new(v);
                {
                    let mut statics = u.statics.borrow_mut();
                    if statics.len() <= index as usize {
                        statics.resize(u.decl().statics.len().max(index as usize + 1), None);
                    }
                    statics[index as usize] = Some(r.clone());
                }
                self.bind_local(base, var, r);
            }
            Op::Spaceship { dst, a, b } => {
                let (x, y) = self.two_operands(base, a, b)?;
                let c = self.compare(&x, &y)?;
                put!(dst, Value::Int(i64::from(c.signum())))
            }
            Op::LogicalXor { dst, a, b } => {
                let (x, y) = self.two_operands(base, a, b)?;
                let r = self.to_bool(&x)? != self.to_bool(&y)?;
                put!(dst, Value::Bool(r))
            }
            Op::BitNot { dst, src } => {
                let v = get!(src);
                let r = self.bit_not(&v)?;
                put!(dst, r)
            }
            Op::Cast { dst, src, to } => {
                let v = get!(src);
                let r = self.cast(v, to)?;
                put!(dst, r)
            }
            Op::CaseEqual { dst, subject, val } => {
                // SAFETY: operands lie within the frame.
                let x = unsafe { peek(base, subject).clone() };
                let y = get!(val);
                let r = self.loose_equal(&x, &y)?;
                put!(dst, Value::Bool(r))
            }
            Op::CaseIdentical { dst, subject, val } => {
                // SAFETY: as above.
                let x = unsafe { peek(base, subject).clone() };
                let y = get!(val);
                put!(dst, Value::Bool(outlast_value::identical(&x, &y)))
            }
            Op::MatchError { src } => {
                let v = get!(src);
                let shown = self.match_subject(&v);
                return Err(self.throw("UnhandledMatchError", shown));
            }
            Op::InstanceOf { dst, src, class } => {
                let v = get!(src);
                let class = self.class_operand_quiet(base, class)?;
                let r = match (&v, class) {
                    (Value::Object(o), Some(c)) => o.class().is_subclass_of_or_same(c),
                    _ => false,
                };
                put!(dst, Value::Bool(r))
            }
            Op::Clone { dst, src } => match get!(src) {
                Value::Object(o) => {
                    let copy = self.clone_object(&o)?;
                    put!(dst, Value::Object(copy))
                }
                _ => return Err(self.throw_error("__clone method called on non-object")),
            },
            Op::ArraySet { array, key, val } => {
                let (k, v) = self.two_operands(base, key, val)?;
                self.array_set(base, array, k, v)?;
            }
            Op::ArrayPushRef { array, src } => {
                let r = self.take_ref(base, src);
                // SAFETY: operands lie within the frame.
                if let Value::Array(a) = unsafe { &mut *base.add(array as usize) }
                    && a.push(Value::Ref(r)).is_err()
                {
                    self.array_full()?;
                }
            }
            Op::ArraySetRef { array, key, src } => {
                let k = get!(key);
                let r = self.take_ref(base, src);
                self.array_set(base, array, k, Value::Ref(r))?;
            }
            Op::ArraySpread { array, src } => {
                let v = get!(src);
                self.array_spread(base, array, v)?;
            }
            Op::FetchDimQuiet { dst, base: b, key } => {
                let (c, k) = self.quiet_pair(base, b, key)?;
                let v = self.read_dim(&c, &k, true)?;
                put!(dst, v)
            }
            Op::FetchList { dst, src, key } => {
                let k = get!(key);
                // SAFETY: operands lie within the frame.
                let c = unsafe { peek(base, src).clone() };
                let v = self.read_list(&c, &k)?;
                put!(dst, v)
            }
            Op::IssetDim { dst, base: b, key } => {
                let (c, k) = self.quiet_pair(base, b, key)?;
                let r = self.has_dim(&c, &k, false)?;
                put!(dst, Value::Bool(r))
            }
            Op::EmptyDim { dst, base: b, key } => {
                let (c, k) = self.quiet_pair(base, b, key)?;
                let r = !self.has_dim(&c, &k, true)?;
                put!(dst, Value::Bool(r))
            }
            Op::FetchPropDyn { dst, obj, name } => {
                let (o, n) = self.two_operands(base, obj, name)?;
                let v = self.fetch_prop_value(&o, &n)?;
                put!(dst, v)
            }
            Op::FetchPropQuiet { dst, obj, name, .. } => {
                let o = self.quiet_operand(base, obj);
                let name = self.name(name);
                let v = self.fetch_prop_quiet(&o, &name)?;
                put!(dst, v)
            }
            Op::FetchPropDynQuiet { dst, obj, name } => {
                let o = self.quiet_operand(base, obj);
                let n = get!(name);
                let name = self.to_str(&n)?;
                let v = self.fetch_prop_quiet(&o, &name)?;
                put!(dst, v)
            }
            Op::IssetProp { dst, obj, name } => {
                let o = self.quiet_operand(base, obj);
                let n = get!(name);
                let name = self.to_str(&n)?;
                let r = match &o {
                    Value::Object(o) => self.isset_prop(o, &name, false)?,
                    _ => false,
                };
                put!(dst, Value::Bool(r))
            }
            Op::EmptyProp { dst, obj, name } => {
                let o = self.quiet_operand(base, obj);
                let n = get!(name);
                let name = self.to_str(&n)?;
                let r = match &o {
                    Value::Object(o) => !self.isset_prop(o, &name, true)?,
                    _ => true,
                };
                put!(dst, Value::Bool(r))
            }
            Op::FetchStaticProp { dst, class, cache, name } => {
                let name = self.name(name);
                let r = self.static_ref(class, &name, cache)?;
                let v = self.initialized_static(class, &name, &r)?;
                put!(dst, v)
            }
            Op::FetchStaticPropDyn { dst, class, name } => {
                let n = get!(name);
                let name = self.to_str(&n)?;
                let r = self.static_ref(class, &name, NO_CACHE)?;
                let v = self.initialized_static(class, &name, &r)?;
                put!(dst, v)
            }
            Op::FetchStaticPropQuiet { dst, class, name } => {
                let n = get!(name);
                let name = self.to_str(&n)?;
                let v = match self.class_operand_quiet(base, class)? {
                    Some(c) => {
                        let scope = self.scope();
                        self.static_prop_quiet(c, &name, scope)?
                            .map_or(Value::Null, |r| r.get().or_null())
                    }
                    None => Value::Null,
                };
                put!(dst, v)
            }
            Op::PathAssign { dst, path, val } => {
                let v = get!(val);
                let r = self.run_path(base, path, Action::Assign(v), dst != NO_SLOT)?;
                put!(dst, r)
            }
            Op::PathAssignOp { dst, path, val, op } => {
                let v = get!(val);
                let r = self.run_path(base, path, Action::Op(op, v), dst != NO_SLOT)?;
                put!(dst, r)
            }
            Op::PathIncDec { dst, path, kind } => {
                let r = self.run_path(base, path, Action::IncDec(kind), dst != NO_SLOT)?;
                put!(dst, r)
            }
            Op::PathRef { dst, path } => {
                let r = match self.run_path(base, path, Action::Ref, true)? {
                    v @ Value::Ref(_) => v,
                    v => Value::Ref(Reference::new(v)),
                };
                put!(dst, r)
            }
            Op::PathBindRef { dst, path, src } => {
                let r = self.take_ref(base, src);
                let v = self.run_path(base, path, Action::Bind(r), dst != NO_SLOT)?;
                put!(dst, v)
            }
            Op::PathUnset { path } => {
                self.run_path(base, path, Action::Unset, false)?;
            }
            Op::FetchConst { dst, cache, name } => {
                let v = self.fetch_const(cache, name, false)?;
                put!(dst, v)
            }
            Op::FetchConstNs { dst, cache, name } => {
                let v = self.fetch_const(cache, name, true)?;
                put!(dst, v)
            }
            Op::FetchClassConst { dst, class, cache, name } => {
                let class = self.class_operand(base, class)?;
                if let Some(CacheEntry::ClassConst(c, v)) = self.cache_entry(cache)
                    && *c == class
                {
                    let v = v.clone();
                    put!(dst, v);
                    return Ok(Next::Go);
                }
                let name = self.name(name);
                let scope = self.scope();
                let v = self.class_constant(class, &name, scope)?;
                if let Some(entry) = self.cache_entry(cache) {
                    *entry = CacheEntry::ClassConst(class, v.clone());
                }
                put!(dst, v)
            }
            Op::FetchClassConstDyn { dst, class, name } => {
                let class = self.class_operand(base, class)?;
                let n = get!(name);
                let Value::Str(name) = n else {
                    let t = self.value_type_name(&n);
                    return Err(self.throw_type_error(format!(
                        "Cannot use value of type {t} as class constant name"
                    )));
                };
                if name.eq_ignore_ascii_case(b"class") {
                    put!(dst, Value::Str(class.name.clone()));
                    return Ok(Next::Go);
                }
                let scope = self.scope();
                let v = self.class_constant(class, &name, scope)?;
                put!(dst, v)
            }
            Op::FetchClassName { dst, class } => {
                let v = self.class_name_of(base, class)?;
                put!(dst, v)
            }
            Op::DefineConst { name, src } => {
                let v = get!(src);
                let name = self.name(name);
                self.define_constant_statement(&name, v)?;
            }
            Op::DeclareFunction { func } => self.declare_function_op(func)?,
            Op::DeclareClass { class } => self.declare_class_op(class)?,
            Op::DeclareAnonymous { dst, class } => {
                let v = self.declare_anonymous(class)?;
                put!(dst, v)
            }
            _ => return self.rare_call_op(base, op),
        }
        Ok(Next::Go)
    }

    /// Calls, functions, generators, iteration, exceptions and the rest.
    fn rare_call_op(&mut self, base: *mut Value, op: Op) -> Ret<Next> {
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
                if let Some(CacheEntry::Func(f)) = self.cache_entry(cache) {
                    let f = f.clone();
                    self.push_call(f, u32::from(argc), None, None, 0);
                    return Ok(Next::Go);
                }
                let (full, short) = (self.constant(name).clone(), self.constant(name + 1).clone());
                let f = self.find_function(&full, Some(&short))?;
                if let Some(entry) = self.cache_entry(cache) {
                    *entry = CacheEntry::Func(f.clone());
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
                    (_, n @ Value::Object(_)) => self.init_dyn(n, u32::from(argc))?,
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
            Op::InitStaticMethod { class, argc, name, .. } => {
                let name = self.name(name);
                self.init_static(base, class, &name, argc)?;
            }
            Op::InitStaticMethodDyn { class, name, argc } => match get!(name) {
                Value::Str(n) => self.init_static(base, class, &n, argc)?,
                n @ Value::Object(_) => self.init_dyn(n, u32::from(argc))?,
                _ => return Err(self.throw_error("Method name must be a string")),
            },
            Op::InitParentHook { kind, argc, name } => {
                let name = self.name(name);
                self.init_parent_hook(kind, u32::from(argc), &name)?;
            }
            Op::InitNew { dst, class, argc } => {
                let o = self.init_new(base, class, argc)?;
                put!(dst, Value::Object(o))
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
            Op::RecvOpt { n, target } => {
                // SAFETY: parameters are locals of the frame.
                if unsafe { !(*base.add(n as usize)).is_undef() } {
                    return Ok(Next::Jump(target));
                }
            }
            Op::SetDefault { n, src } => {
                let v = get!(src);
                let func = self.frame().func.clone();
                let by_ref = func.by_ref(n as usize) == ByRef::Yes;
                let v = if by_ref { Value::Ref(Reference::new(v)) } else { v };
                // SAFETY: parameters are locals of the frame.
                drop(unsafe { std::mem::replace(&mut *base.add(n as usize), v) });
            }
            Op::CheckParam { n } => self.check_param(base, n)?,
            Op::ReturnRefVal { src } => {
                // SAFETY: operands lie within the frame.
                let v = unsafe { (*base.add(src as usize)).take() };
                let v = match v {
                    v @ Value::Ref(_) => v,
                    v => {
                        self.raise_notice(
                            "Only variable references should be returned by reference",
                        )?;
                        v.or_null()
                    }
                };
                return Ok(Next::Leave(v));
            }
            Op::CheckReturn { src } => self.check_return(base, src)?,
            Op::MissingReturn {} => return Err(self.missing_return()),
            Op::NeverReturned {} => {
                let name = self.frame().func.display_name();
                return Err(self.throw_type_error(format!(
                    "{name}(): never-returning function must not implicitly return"
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
            Op::JmpLocalSet { dst, var, target } => {
                // SAFETY: operands lie within the frame.
                let v = unsafe { peek(base, var).clone() };
                if !v.is_null() {
                    put!(dst, v);
                    return Ok(Next::Jump(target));
                }
            }
            Op::FuncNumArgs { dst } => {
                let n = i64::from(self.frame().argc);
                put!(dst, Value::Int(n))
            }
            Op::FuncGetArgs { dst } => {
                let i = self.current as usize;
                let list = self.frame_arguments(i);
                put!(dst, Value::Array(outlast_value::PhpArray::from_list(list)))
            }
            op => unreachable!("{} is handled in the loop", op.name()),
        }
        Ok(Next::Go)
    }

    /// The reference a temporary holds.
    fn take_ref(&mut self, base: *mut Value, src: Slot) -> Reference {
        // SAFETY: operands lie within the frame.
        match unsafe { (*base.add(src as usize)).take() } {
            Value::Ref(r) => r,
            v => Reference::new(v.or_null()),
        }
    }

    /// An operand whose absence is nothing to warn about.
    fn quiet_operand(&mut self, base: *mut Value, slot: Slot) -> Value {
        // SAFETY: operands lie within the frame.
        let p = unsafe { &mut *base.add(slot as usize) };
        if slot < self.locals() { p.deref().or_null() } else { p.take().into_deref().or_null() }
    }

    fn quiet_pair(&mut self, base: *mut Value, container: Slot, key: Slot) -> Ret<(Value, Value)> {
        let c = self.quiet_operand(base, container);
        let k = self.operand(base, key)?;
        Ok((c, k))
    }

    fn cast(&mut self, v: Value, to: CastTo) -> Ret<Value> {
        Ok(match to {
            CastTo::Int => Value::Int(self.to_int(&v)?),
            CastTo::Float => Value::Float(self.to_float(&v)?),
            CastTo::String => Value::Str(self.to_str(&v)?),
            CastTo::Bool => Value::Bool(self.to_bool(&v)?),
            CastTo::Array => Value::Array(self.to_array(&v)?),
            CastTo::Object => Value::Object(self.to_object(&v)?),
        })
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

    fn match_subject(&mut self, v: &Value) -> String {
        match v {
            Value::Str(s) => {
                format!("Unhandled match case {}", crate::errors::quoted_for_match(s))
            }
            Value::Int(i) => format!("Unhandled match case {i}"),
            Value::Float(f) => format!("Unhandled match case {}", self.repr_float(*f)),
            Value::Bool(b) => format!("Unhandled match case {b}"),
            Value::Null | Value::Undef => "Unhandled match case NULL".into(),
            v => {
                let name = self.value_type_name(v);
                format!("Unhandled match case of type {name}")
            }
        }
    }

    fn class_name_of(&mut self, base: *mut Value, class: u16) -> Ret<Value> {
        let func = self.frame().func.clone();
        let operand = &func.user().expect("PHP code runs").decl().class_refs[class as usize];
        if let outlast_bytecode::ClassRef::Dynamic(slot) = operand {
            return match self.operand(base, *slot)? {
                Value::Object(o) => Ok(Value::Str(o.class().name.clone())),
                v => {
                    let name = self.value_type_name(&v);
                    Err(self.throw_type_error(format!("Cannot use \"::class\" on {name}")))
                }
            };
        }
        let c = self.class_operand(base, class)?;
        Ok(Value::Str(c.name.clone()))
    }

    fn fetch_const(&mut self, cache: u16, name: K, namespaced: bool) -> Ret<Value> {
        if let Some(CacheEntry::Const(v)) = self.cache_entry(cache) {
            return Ok(v.clone());
        }
        let full: PhpString = self.name(name);
        let short = if namespaced { Some(self.name(name + 1)) } else { None };
        let (v, cacheable) = self.read_constant(&full, short.as_ref())?;
        if cacheable && let Some(entry) = self.cache_entry(cache) {
            *entry = CacheEntry::Const(v.clone());
        }
        Ok(v)
    }

    pub(crate) fn initialized_static(
        &mut self,
        class: u16,
        name: &PhpString,
        r: &Reference,
    ) -> Ret<Value> {
        let v = r.get();
        if v.is_undef() {
            let base = self.frame().base;
            let class = self.class_operand(base, class)?;
            let owner = class.static_props.get(name).map_or(class, |p| p.class.get());
            return Err(self.throw_error(format!(
                "Typed static property {}::${} must not be accessed before initialization",
                owner.display_name(),
                name.to_str_lossy()
            )));
        }
        Ok(v)
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

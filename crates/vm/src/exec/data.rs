//! The rare ops on data: variables, operators, arrays, properties, paths, constants, declarations.

use super::path::Action;
use super::{Next, peek};
use crate::class::ObjectClass;
use crate::function::CacheEntry;
use crate::{Cx, Ret};
use outlast_bytecode::{CastTo, K, NO_CACHE, NO_SLOT, Op, Slot};
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
                // SAFETY: operands lie within the frame.
                match unsafe { (*base.add(src as usize)).take() } {
                    Value::Ref(r) => {
                        put!(dst, r.get());
                        self.bind_local(base, var, r);
                    }
                    v => {
                        // A variable of the compiler's own holds what is taken apart.
                        let func = self.frame().func.clone();
                        let locals = &func.user().expect("PHP code runs").decl().locals;
                        self.raise_notice(if locals[var as usize].first() == Some(&0) {
                            "Attempting to set reference to non referenceable value"
                        } else {
                            "Only variables should be assigned by reference"
                        })?;
                        self.assign_local(base, var, v.or_null())?;
                        // SAFETY: as above.
                        put!(dst, unsafe { peek(base, var).clone() });
                    }
                }
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
                if x.is_undef() {
                    self.undefined_local(subject)?;
                }
                let y = get!(val);
                put!(dst, Value::Bool(outlast_value::identical(&x.or_null(), &y)))
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
                let (v, undefined) = self.late_operand(base, val, path)?;
                let r = self.run_path(base, path, Action::Assign(v), undefined)?;
                put!(dst, r)
            }
            Op::PathAssignOp { dst, path, val, op } => {
                let (v, undefined) = self.late_operand(base, val, path)?;
                let r = self.run_path(base, path, Action::Op(op, v), undefined)?;
                put!(dst, r)
            }
            Op::PathIncDec { dst, path, kind } => {
                let r = self.run_path(base, path, Action::IncDec(kind), None)?;
                put!(dst, r)
            }
            Op::PathRef { dst, path } => {
                let r = match self.run_path(base, path, Action::Ref, None)? {
                    v @ Value::Ref(_) => v,
                    v => Value::Ref(Reference::new(v)),
                };
                put!(dst, r)
            }
            Op::PathBindRef { dst, path, src } => {
                // SAFETY: operands lie within the frame.
                let action = match unsafe { (*base.add(src as usize)).take() } {
                    Value::Ref(r) => Action::Bind(r),
                    v => {
                        self.raise_notice("Only variables should be assigned by reference")?;
                        Action::Assign(v.or_null())
                    }
                };
                let v = self.run_path(base, path, action, None)?;
                put!(dst, v)
            }
            Op::PathUnset { path } => {
                self.run_path(base, path, Action::Unset, None)?;
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

    /// The reference a temporary holds.
    pub(super) fn take_ref(&mut self, base: *mut Value, src: Slot) -> Reference {
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

    fn match_subject(&mut self, v: &Value) -> String {
        if self.ini.bool("zend.exception_ignore_args") {
            let name = self.general_type_name(v);
            return format!("Unhandled match case of type {name}");
        }
        match v {
            Value::Object(o) if o.class().is_enum() => {
                let case = o.class().props.get(&b"name"[..]).map(|p| o.slot(p.slot as usize));
                let case = match case {
                    Some(Value::Str(s)) => s,
                    _ => PhpString::empty(),
                };
                format!("Unhandled match case {}::{case}", o.class().display_name())
            }
            Value::Str(s) => {
                format!("Unhandled match case {}", crate::errors::quoted_for_match(s))
            }
            Value::Int(i) => format!("Unhandled match case {i}"),
            Value::Float(f) => {
                let digits = self.float_to_string(*f).to_str_lossy().into_owned();
                let whole = digits.bytes().all(|b| b.is_ascii_digit() || b == b'-');
                format!("Unhandled match case {digits}{}", if whole { ".0" } else { "" })
            }
            Value::Bool(b) => format!("Unhandled match case {b}"),
            Value::Null | Value::Undef => "Unhandled match case NULL".into(),
            Value::Object(o) if o.class().is_enum() => {
                let case = o.class().props.get(&b"name"[..]).map(|p| o.slot(p.slot as usize));
                let case = match case {
                    Some(Value::Str(case)) => case.to_str_lossy().into_owned(),
                    _ => String::new(),
                };
                format!("Unhandled match case {}::{case}", o.class().display_name())
            }
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
        if self.frame().scope().is_none() {
            let word = match operand {
                outlast_bytecode::ClassRef::SelfClass => "self",
                outlast_bytecode::ClassRef::Parent => "parent",
                _ => "static",
            };
            return Err(self.throw_error(format!("Cannot use \"{word}\" in the global scope")));
        }
        if matches!(operand, outlast_bytecode::ClassRef::Parent)
            && self.frame().scope().is_some_and(|c| c.parent.is_none())
        {
            return Err(
                self.throw_error("Cannot use \"parent\" when current class scope has no parent")
            );
        }
        let c = self.class_operand(base, class)?;
        Ok(Value::Str(c.name.clone()))
    }

    pub(super) fn fetch_const(&mut self, cache: u16, name: K, namespaced: bool) -> Ret<Value> {
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
}

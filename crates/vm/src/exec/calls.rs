//! Ops that start calls and pass arguments.

use super::peek;
use crate::callable::stand_in;
use crate::class::{ClassRef, ObjectClass};
use crate::frame::frame_flags;
use crate::function::{ByRef, CacheEntry, Func, FuncKind, FuncRef};
use crate::{Cx, Ret, Unwind};
use outlast_bytecode::{Cache, ClassRef as ClassOperand, K, NO_CACHE, Slot, member_flags};
use outlast_value::{Object, PhpString, Reference, Value};
use std::cell::RefCell;
use std::rc::Rc;

impl Cx {
    /// A function by name; the fallback is its unqualified name.
    #[cold]
    #[inline(never)]
    pub(crate) fn find_function(&mut self, name: &Value, fallback: Option<&Value>) -> Ret<FuncRef> {
        let Value::Str(name) = name else { unreachable!("names are strings") };
        let name = name.clone();
        if let Some(f) = self.function(&name) {
            return Ok(f);
        }
        if let Some(Value::Str(fallback)) = fallback {
            let fallback = fallback.clone();
            if let Some(f) = self.function(&fallback) {
                return Ok(f);
            }
        }
        let mut m = b"Call to undefined function ".to_vec();
        m.extend_from_slice(name.strip_prefix(b"\\").unwrap_or(&name));
        m.extend_from_slice(b"()");
        Err(self.throw_error(m))
    }

    /// A function by name in any case, with or without a leading backslash.
    pub fn function(&mut self, name: &[u8]) -> Option<FuncRef> {
        let name = name.strip_prefix(b"\\").unwrap_or(name);
        let lower = name.to_ascii_lowercase();
        if let Some(f) = self.functions.get(lower.as_slice()) {
            return Some(f.clone());
        }
        let (native, extension) = self.registry.function(&lower)?;
        if self.ini.disables_function(native.name) {
            return None;
        }
        let f = Rc::new(Func {
            name: PhpString::from(native.name),
            modifiers: 0,
            class: None,
            kind: FuncKind::Native(native, extension),
            prototype: RefCell::new(None),
            from_trait: None,
        });
        self.functions.insert(PhpString::new(&lower), f.clone());
        Some(f)
    }

    /// How an op names a class.
    #[inline]
    fn class_ref(&self, index: u16) -> ClassOperand {
        self.frame().func.user().expect("PHP code runs").decl().class_refs[index as usize]
    }

    /// Pending call of a function with one argument.
    #[cold]
    pub(crate) fn push_known(&mut self, base: *mut Value, name: K, src: Slot) -> Ret<()> {
        let name = self.constant(name).clone();
        let f = self.find_function(&name, None)?;
        let v = self.operand(base, src)?;
        self.push_call(f, 1, None, None, 0);
        self.set_arg(0, v);
        Ok(())
    }

    /// The class an op names, where that is known without looking anything up.
    #[inline(always)]
    pub(crate) fn known_class(&self, index: u16) -> Option<ClassRef> {
        let frame = self.frame();
        let code = &frame.func.user()?.code;
        // SAFETY: indexes of class references and caches are the compiler's; one script runs at a
        // time and no borrow survives.
        unsafe {
            match &*code.class_refs.add(index as usize) {
                ClassOperand::Name { cache, .. } if *cache != NO_CACHE => {
                    match &*(*(*frame.code).caches_at.get().add(*cache as usize)).get() {
                        CacheEntry::Class(c) => Some(*c),
                        _ => None,
                    }
                }
                ClassOperand::SelfClass => frame.scope(),
                _ => None,
            }
        }
    }

    /// The class an op names.
    #[inline]
    pub(crate) fn class_operand(&mut self, base: *mut Value, index: u16) -> Ret<ClassRef> {
        let operand = self.class_ref(index);
        if let ClassOperand::Name { cache, .. } = operand
            && let Some(CacheEntry::Class(c)) = self.cache_entry(cache)
        {
            return Ok(*c);
        }
        self.resolve_class(base, operand)
    }

    fn resolve_class(&mut self, base: *mut Value, operand: ClassOperand) -> Ret<ClassRef> {
        match operand {
            ClassOperand::Name { name, cache } => {
                let name = self.name(name);
                let class = self.class_or_throw(&name)?;
                if let Some(entry) = self.cache_entry(cache) {
                    *entry = CacheEntry::Class(class);
                }
                Ok(class)
            }
            ClassOperand::SelfClass => match self.frame().scope() {
                Some(c) => Ok(c),
                None => {
                    Err(self.throw_error("Cannot access \"self\" when no class scope is active"))
                }
            },
            ClassOperand::Parent => match self.frame().scope() {
                Some(c) => match c.parent {
                    Some(p) => Ok(p),
                    None => Err(self.throw_error(
                        "Cannot access \"parent\" when current class scope has no parent",
                    )),
                },
                None => {
                    Err(self.throw_error("Cannot access \"parent\" when no class scope is active"))
                }
            },
            ClassOperand::Static => match self.static_class() {
                Some(c) => Ok(c),
                None => {
                    Err(self.throw_error("Cannot access \"static\" when no class scope is active"))
                }
            },
            ClassOperand::Dynamic(slot) => match self.operand(base, slot)? {
                Value::Object(o) => Ok(o.class()),
                Value::Str(s) => self.class_or_throw(&s),
                _ => Err(self.throw_error("Class name must be a valid object or a string")),
            },
        }
    }

    /// The class an op names, without loading it: for `instanceof`.
    pub(crate) fn class_operand_quiet(
        &mut self,
        base: *mut Value,
        index: u16,
    ) -> Ret<Option<ClassRef>> {
        match self.class_ref(index) {
            ClassOperand::Name { name, cache } => {
                if let Some(CacheEntry::Class(c)) = self.cache_entry(cache) {
                    return Ok(Some(*c));
                }
                let name = self.name(name);
                let class = self.class(&name);
                if let (Some(class), Some(entry)) = (class, self.cache_entry(cache)) {
                    *entry = CacheEntry::Class(class);
                }
                Ok(class)
            }
            ClassOperand::Dynamic(slot) => match self.operand(base, slot)? {
                Value::Object(o) => Ok(Some(o.class())),
                Value::Str(s) => Ok(self.class(&s)),
                _ => Err(self.throw_error("Class name must be a valid object or a string")),
            },
            _ => self.class_operand(base, index).map(Some),
        }
    }

    /// `static::` of the running frame.
    pub(crate) fn static_class(&self) -> Option<ClassRef> {
        let f = self.frame();
        match &f.this {
            Some(o) => Some(o.class()),
            None => f.static_class.or_else(|| f.scope()),
        }
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn init_method(
        &mut self,
        base: *mut Value,
        obj: Slot,
        argc: u16,
        cache: Cache,
        name: K,
    ) -> Ret<()> {
        let name = self.name(name);
        let object = self.operand(base, obj)?;
        match object {
            Value::Object(o) => self.push_method(o, &name, argc, cache),
            v => Err(self.member_of_non_object(&v, &name)),
        }
    }

    pub(crate) fn member_of_non_object(&mut self, v: &Value, name: &[u8]) -> Unwind {
        let type_name = self.value_type_name(v);
        let mut m = b"Call to a member function ".to_vec();
        m.extend_from_slice(name);
        m.extend_from_slice(b"() on ");
        m.extend_from_slice(type_name.as_bytes());
        self.throw_error(m)
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn init_this_method(&mut self, argc: u16, cache: Cache, name: K) -> Ret<()> {
        let Some(this) = self.frame().this.clone() else {
            return self.no_this().map(|_| ());
        };
        let name = self.name(name);
        self.push_method(this, &name, argc, cache)
    }

    /// Pending call of a method of an object, with visibility and `__call`.
    pub(crate) fn push_method(
        &mut self,
        o: Object,
        name: &PhpString,
        argc: u16,
        cache: Cache,
    ) -> Ret<()> {
        let class = o.class();
        if let Some(entry) = self.cache_entry(cache)
            && let Some((class, m)) = entry.method(class.ptr())
        {
            let m = m.clone();
            self.push_call(m, u32::from(argc), Some(o), Some(class), 0);
            return Ok(());
        }
        let lower = name.to_ascii_lowercase();
        if lower == b"__invoke" && self.is_closure_object(&o) {
            return self.push_closure(&o, u32::from(argc));
        }
        let scope = self.frame().scope();
        match self.find_method(class, &lower, scope) {
            Found::Yes(m) => {
                if m.is_static() {
                    self.push_call(m, u32::from(argc), None, Some(class), 0);
                    return Ok(());
                }
                if let Some(entry) = self.cache_entry(cache) {
                    entry.remember_method(class, m.clone());
                }
                if m.is_abstract() {
                    return Err(self.abstract_call(&m));
                }
                self.push_call(m, u32::from(argc), Some(o), Some(class), 0);
                Ok(())
            }
            found => {
                if let Some(magic) = class.magic.call.clone() {
                    self.push_trampoline(
                        magic,
                        name.clone(),
                        u32::from(argc),
                        Some(o),
                        Some(class),
                    );
                    return Ok(());
                }
                if let Some(inner) = stand_in(&o, &lower) {
                    return self.push_method(inner, name, argc, cache);
                }
                Err(self.no_method(class, name, found, scope))
            }
        }
    }

    fn abstract_call(&mut self, m: &Func) -> Unwind {
        let name = m.display_name();
        self.throw_error(format!("Cannot call abstract method {name}()"))
    }

    /// A method by lower case name, as seen from a scope.
    pub(crate) fn find_method(
        &mut self,
        class: ClassRef,
        lower: &[u8],
        scope: Option<ClassRef>,
    ) -> Found {
        let Some(m) = class.method(lower) else {
            // A private method of the scope is seen through objects of its descendants only.
            return Found::No;
        };
        let m = m.clone();
        if m.modifiers & (member_flags::PRIVATE | member_flags::PROTECTED) == 0 {
            // A private method of the calling scope shadows a public one of a descendant.
            if let Some(s) = scope
                && s != class
                && class.is_subclass_of_or_same(s)
                && let Some(own) = s.method(lower)
                && own.is_private()
                && own.scope() == Some(s)
            {
                return Found::Yes(own.clone());
            }
            return Found::Yes(m);
        }
        if let Some(s) = scope {
            if m.scope() == Some(s) {
                return Found::Yes(m);
            }
            if class.is_subclass_of_or_same(s)
                && let Some(own) = s.method(lower)
                && own.is_private()
                && own.scope() == Some(s)
            {
                return Found::Yes(own.clone());
            }
            if m.modifiers & member_flags::PROTECTED != 0 {
                let root = m.prototype.borrow().unwrap_or_else(|| m.scope().expect("a method"));
                if s.is_subclass_of_or_same(root)
                    || root.is_subclass_of_or_same(s)
                    || m.scope().is_some_and(|c| c.is_subclass_of_or_same(s))
                {
                    return Found::Yes(m);
                }
            }
        }
        Found::Hidden(m)
    }

    /// The same for `Class::name`, where a private method of the scope hides no other.
    fn find_static_method(
        &mut self,
        class: ClassRef,
        lower: &[u8],
        scope: Option<ClassRef>,
    ) -> Found {
        match class.method(lower) {
            Some(m) if !m.is_private() && m.scope() != scope => {
                match self.find_method(class, lower, scope) {
                    Found::Yes(found) if found.is_private() => {
                        Found::Yes(class.method(lower).cloned().expect("just seen"))
                    }
                    found => found,
                }
            }
            _ => self.find_method(class, lower, scope),
        }
    }

    /// Error for a method that is absent or not visible.
    pub(crate) fn no_method(
        &mut self,
        class: ClassRef,
        name: &PhpString,
        found: Found,
        scope: Option<ClassRef>,
    ) -> Unwind {
        match found {
            Found::Hidden(m) => {
                let visibility = if m.is_private() { "private" } else { "protected" };
                let from = match scope {
                    Some(s) => format!("scope {}", s.display_name()),
                    None => "global scope".into(),
                };
                let class = m.scope().unwrap_or(class);
                self.throw_error(format!(
                    "Call to {visibility} method {}::{}() from {from}",
                    class.display_name(),
                    name.to_str_lossy(),
                ))
            }
            _ => self.throw_error(format!(
                "Call to undefined method {}::{}()",
                class.display_name(),
                name.to_str_lossy()
            )),
        }
    }

    pub(crate) fn init_static(
        &mut self,
        base: *mut Value,
        class_index: u16,
        name: &PhpString,
        argc: u16,
        cache: Cache,
    ) -> Ret<()> {
        let operand = self.class_ref(class_index);
        let forwards = matches!(
            operand,
            ClassOperand::SelfClass | ClassOperand::Parent | ClassOperand::Static
        );
        let class = self.class_operand(base, class_index)?;
        if let Some(CacheEntry::Method(c, m, _)) = self.cache_entry(cache)
            && *c == class
        {
            let m = m.clone();
            let called = if forwards { self.static_class().or(Some(class)) } else { Some(class) };
            self.push_call(m, u32::from(argc), None, called, 0);
            return Ok(());
        }
        self.push_static(class, name, u32::from(argc), forwards)?;
        // A static method that is found from everywhere, or by `self` (which is the scope).
        let m = &self.pending().func;
        let hidden = member_flags::PRIVATE | member_flags::PROTECTED;
        let seen = m.modifiers & hidden == 0 || matches!(operand, ClassOperand::SelfClass);
        let plain = !self.pending().has(frame_flags::TRAMPOLINE);
        if plain && seen && m.is_static() && !m.scope().is_some_and(|c| c.is_trait()) {
            let m = m.clone();
            if let Some(entry) = self.cache_entry(cache) {
                entry.remember_method(class, m);
            }
        }
        Ok(())
    }

    /// Pending call of `Class::name`.
    pub(crate) fn push_static(
        &mut self,
        class: ClassRef,
        name: &PhpString,
        argc: u32,
        forwards: bool,
    ) -> Ret<()> {
        let lower = name.to_ascii_lowercase();
        let scope = self.frame().scope();
        let this = self.frame().this.clone();
        let found = if lower == b"__construct" {
            match class.magic.construct.clone() {
                Some(c) if c.is_private() && scope != c.scope() => {
                    return Err(self.throw_error(format!(
                        "Cannot call private {}::__construct()",
                        class.display_name()
                    )));
                }
                Some(c) => Found::Yes(c),
                None => {
                    return Err(self.throw_error("Cannot call constructor"));
                }
            }
        } else {
            self.find_static_method(class, &lower, scope)
        };
        let compatible = this.clone().filter(|o| o.class().is_subclass_of_or_same(class));
        match found {
            Found::Yes(m) => {
                if m.is_abstract() {
                    return Err(self.abstract_call(&m));
                }
                if m.is_static() {
                    let called =
                        if forwards { self.static_class().or(Some(class)) } else { Some(class) };
                    if m.scope().is_some_and(|c| c.is_trait()) && !forwards {
                        let shown = m.display_name();
                        self.raise_deprecated(format!(
                            "Calling static trait method {shown} is deprecated, it should only be called on a class using the trait"
                        ))?;
                    }
                    self.push_call(m, argc, None, called, 0);
                    return Ok(());
                }
                match compatible {
                    Some(o) => {
                        let called = o.class();
                        self.push_call(m, argc, Some(o), Some(called), 0);
                        Ok(())
                    }
                    None => Err(self.throw_error(format!(
                        "Non-static method {}() cannot be called statically",
                        m.display_name()
                    ))),
                }
            }
            found => {
                if let (Some(o), Some(_)) = (compatible, &class.magic.call)
                    && let Some(magic) = o.class().magic.call.clone()
                {
                    let called = o.class();
                    self.push_trampoline(magic, name.clone(), argc, Some(o), Some(called));
                    return Ok(());
                }
                if let Some(magic) = class.magic.call_static.clone() {
                    if magic.is_abstract() {
                        return Err(self.throw_error(format!(
                            "Cannot call abstract method {}::{}()",
                            class.display_name(),
                            name.to_str_lossy()
                        )));
                    }
                    let called =
                        if forwards { self.static_class().or(Some(class)) } else { Some(class) };
                    self.push_trampoline(magic, name.clone(), argc, None, called);
                    return Ok(());
                }
                Err(match found {
                    Found::Hidden(_) => self.no_method(class, name, found, scope),
                    _ => self.throw_error(format!(
                        "Call to undefined method {}::{}()",
                        class.display_name(),
                        name.to_str_lossy()
                    )),
                })
            }
        }
    }

    /// `new`: the object, and whether the call of its constructor is pending; without one there is
    /// no call if it is the next op (`called`).
    pub(crate) fn init_new(
        &mut self,
        base: *mut Value,
        class: u16,
        argc: u16,
        called: bool,
    ) -> Ret<(Object, bool)> {
        let class = self.class_operand(base, class)?;
        let object = self.instantiate(class)?;
        let Some(constructor) = class.magic.construct.clone() else {
            if called {
                return Ok((object, false));
            }
            let nothing = self.no_constructor.clone();
            let nothing = match nothing {
                Some(f) => f,
                None => {
                    let f = crate::callable::empty_function();
                    self.no_constructor = Some(f.clone());
                    f
                }
            };
            self.push_call(nothing, u32::from(argc), None, None, frame_flags::NO_CALLEE);
            return Ok((object, true));
        };
        if constructor.modifiers & (member_flags::PRIVATE | member_flags::PROTECTED) != 0 {
            let visible = self.check_constructor(class, &constructor);
            if visible.is_err() {
                object.set_flag(Object::DESTRUCTOR_CALLED);
            }
            visible?;
        }
        self.push_call(
            constructor,
            u32::from(argc),
            Some(object.clone()),
            Some(class),
            frame_flags::CONSTRUCTOR,
        );
        Ok((object, true))
    }

    /// Is the constructor visible from the running code?
    pub(crate) fn check_constructor(&mut self, class: ClassRef, c: &FuncRef) -> Ret<()> {
        let scope = self.scope();
        if matches!(self.find_method(class, b"__construct", scope), Found::Yes(_)) {
            return Ok(());
        }
        let visibility = if c.is_private() { "private" } else { "protected" };
        let from = match scope {
            Some(s) => format!("scope {}", s.display_name()),
            None => "global scope".into(),
        };
        Err(self.throw_error(format!(
            "Call to {visibility} {}::__construct() from {from}",
            class.display_name()
        )))
    }

    // ---- arguments

    /// Error "… could not be passed by reference".
    fn not_a_reference(&mut self, n: u16) -> Unwind {
        let func = self.frames.last().expect("a pending call").func.clone();
        let name = crate::call::param_name(&func, n as usize);
        self.throw_error(format!(
            "{}(): Argument #{}{name} could not be passed by reference",
            func.display_name(),
            n + 1
        ))
    }

    pub(crate) fn send_val(&mut self, base: *mut Value, n: u16, src: Slot) -> Ret<()> {
        if self.arg_by_ref(n as usize) == ByRef::Yes {
            return Err(self.not_a_reference(n));
        }
        let v = self.operand(base, src)?;
        self.set_arg(n, v);
        Ok(())
    }

    pub(crate) fn send_const(&mut self, n: u16, v: Value) -> Ret<()> {
        if self.arg_by_ref(n as usize) == ByRef::Yes {
            return Err(self.not_a_reference(n));
        }
        self.set_arg(n, v);
        Ok(())
    }

    pub(crate) fn send_var(&mut self, base: *mut Value, n: u16, var: Slot) -> Ret<()> {
        let v = if self.arg_by_ref(n as usize) == ByRef::No {
            self.operand_copy(base, var)?
        } else {
            Value::Ref(self.local_ref(base, var))
        };
        self.set_arg(n, v);
        Ok(())
    }

    /// The value of a local without consuming anything.
    fn operand_copy(&mut self, base: *mut Value, var: Slot) -> Ret<Value> {
        // SAFETY: operands lie within the frame.
        let v = unsafe { peek(base, var).clone() };
        if v.is_undef() {
            self.undefined_local(var)?;
            return Ok(Value::Null);
        }
        Ok(v)
    }

    /// The result of a call as an argument.
    pub(crate) fn send_result(&mut self, base: *mut Value, n: u16, src: Slot) -> Ret<()> {
        let v = self.result_argument(base, n as usize, src)?;
        self.set_arg(n, v);
        Ok(())
    }

    fn result_argument(&mut self, base: *mut Value, n: usize, src: Slot) -> Ret<Value> {
        // SAFETY: operands lie within the frame.
        let raw = unsafe { (*base.add(src as usize)).take() };
        match self.arg_by_ref(n) {
            ByRef::No => Ok(raw.into_deref().or_null()),
            ByRef::Prefer => Ok(raw.or_null()),
            ByRef::Yes => match raw {
                v @ Value::Ref(_) => Ok(v),
                v => {
                    self.raise_notice("Only variables should be passed by reference")?;
                    Ok(Value::Ref(Reference::new(v.or_null())))
                }
            },
        }
    }

    /// Adds to the argument list of the pending call.
    pub(crate) fn push_list(&mut self, v: Value) {
        self.frames.last_mut().expect("a pending call").extra().args.push(v);
    }

    pub(crate) fn list_val(&mut self, base: *mut Value, src: Slot) -> Ret<()> {
        let n = self.list_position();
        if self.arg_by_ref(n) == ByRef::Yes {
            return Err(self.not_a_reference(n as u16));
        }
        let v = self.operand(base, src)?;
        self.push_list(v);
        Ok(())
    }

    pub(crate) fn list_result(&mut self, base: *mut Value, src: Slot) -> Ret<()> {
        let n = self.list_position();
        let v = self.result_argument(base, n, src)?;
        self.push_list(v);
        Ok(())
    }

    pub(crate) fn list_var(&mut self, base: *mut Value, var: Slot) -> Ret<()> {
        let n = self.list_position();
        let v = if self.arg_by_ref(n) == ByRef::No {
            self.operand_copy(base, var)?
        } else {
            Value::Ref(self.local_ref(base, var))
        };
        self.push_list(v);
        Ok(())
    }

    /// Reference to `Class::$name`.
    pub(crate) fn static_ref(
        &mut self,
        class: u16,
        name: &PhpString,
        cache: u16,
    ) -> Ret<Reference> {
        let base = self.frame().base;
        let class = self.class_operand(base, class)?;
        if cache != NO_CACHE
            && let Some(CacheEntry::Static(c, r)) = self.cache_entry(cache)
            && *c == class
        {
            return Ok(r.clone());
        }
        let scope = self.scope();
        let r = self.static_prop(class, name, scope)?;
        // Those of a trait are deprecated, which is told each time.
        if !class.is_trait()
            && let Some(entry) = self.cache_entry(cache)
        {
            *entry = CacheEntry::Static(class, r.clone());
        }
        Ok(r)
    }
}

/// A method looked up from a scope.
pub(crate) enum Found {
    Yes(FuncRef),
    /// It exists but may not be called from there.
    Hidden(FuncRef),
    No,
}

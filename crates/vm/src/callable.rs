//! Callable values: names, `[object, 'method']`, closures, invokable objects
//! (manual: language.types.callable).

use crate::class::{ClassRef, ObjectClass};
use crate::exec::Found;
use crate::frame::{CallSite, frame_flags};
use crate::function::{Func, FuncKind, FuncRef};
use crate::native::{NativeFunction, NativeType};
use crate::{Cx, Ret};
use outlast_value::{Object, PhpArray, PhpString, Value};
use std::cell::RefCell;
use std::rc::Rc;

/// A callable that was found.
#[derive(Clone)]
pub struct Callable {
    pub func: FuncRef,
    pub this: Option<Object>,
    pub static_class: Option<ClassRef>,
    /// The closure object, which lives as long as the call.
    pub closure: Option<Object>,
    /// The method name, if `func` is `__call` or `__callStatic`.
    pub magic_name: Option<PhpString>,
}

/// A function that does nothing: stands in for absent constructors.
pub(crate) fn empty_function() -> FuncRef {
    static NOTHING: NativeFunction = NativeFunction {
        name: "",
        modifiers: 0,
        params: &[],
        required: 0,
        ret: NativeType::NONE,
        tentative: false,
        returns_ref: false,
        deprecated: None,
        call: None,
    };
    Rc::new(Func {
        name: PhpString::empty(),
        modifiers: 0,
        class: None,
        kind: FuncKind::Native(&NOTHING, ""),
        prototype: RefCell::new(None),
        from_trait: None,
    })
}

/// The object behind `o` that has a method (its name in lower case) which `o` lacks.
pub(crate) fn stand_in(o: &Object, method: &[u8]) -> Option<Object> {
    let mut o = o.clone();
    loop {
        o = (o.class().handlers().forward?)(&o)?;
        if o.class().method(method).is_some() {
            return Some(o);
        }
    }
}

impl Cx {
    /// Finds what a callable value calls, or says why it is none (as behind
    /// "must be a valid callback, …"). May autoload.
    pub fn resolve_callable(&mut self, value: &Value) -> Ret<Result<Callable, String>> {
        match value {
            Value::Ref(r) => self.resolve_callable(&r.get()),
            Value::Object(o) => {
                if let Some(c) = self.closure_callable(o) {
                    return Ok(Ok(c));
                }
                match o.class().magic.invoke.clone() {
                    Some(m) => Ok(Ok(Callable {
                        func: m,
                        static_class: Some(o.class()),
                        this: Some(o.clone()),
                        closure: None,
                        magic_name: None,
                    })),
                    None => Ok(Err("no array or string given".into())),
                }
            }
            Value::Str(s) => self.resolve_string(s),
            Value::Array(a) => {
                if a.len() != 2 {
                    return Ok(Err("array callback must have exactly two members".into()));
                }
                let (target, method) = match (a.get_int(0), a.get_int(1)) {
                    (Some(t), Some(m)) => (t.deref(), m.deref()),
                    _ => {
                        let reason = "array callback has to contain indices 0 and 1";
                        return Ok(Err(reason.into()));
                    }
                };
                let Value::Str(method) = method else {
                    return Ok(Err(match target {
                        Value::Str(_) | Value::Object(_) => {
                            "second array member is not a valid method".into()
                        }
                        _ => "first array member is not a valid class name or object".into(),
                    }));
                };
                match target {
                    Value::Object(o) => self.resolve_method(o.class(), Some(o), &method),
                    Value::Str(class) => match self.resolve_class_word(&class)? {
                        Ok((class, this)) => self.resolve_method(class, this, &method),
                        Err(e) => Ok(Err(e)),
                    },
                    _ => Ok(Err("first array member is not a valid class name or object".into())),
                }
            }
            _ => Ok(Err("no array or string given".into())),
        }
    }

    fn resolve_string(&mut self, s: &PhpString) -> Ret<Result<Callable, String>> {
        if let Some(at) = s.windows(2).position(|w| w == b"::") {
            let class = PhpString::new(&s[..at]);
            let method = PhpString::new(&s[at + 2..]);
            return match self.resolve_class_word(&class)? {
                Ok((class, this)) => self.resolve_method(class, this, &method),
                Err(e) => Ok(Err(e)),
            };
        }
        match self.function(s) {
            Some(func) => Ok(Ok(Callable {
                func,
                this: None,
                static_class: None,
                closure: None,
                magic_name: None,
            })),
            None => Ok(Err(format!(
                "function \"{}\" not found or invalid function name",
                s.to_str_lossy()
            ))),
        }
    }

    /// A class name in a callable, `self`, `parent` and `static` included.
    fn resolve_class_word(
        &mut self,
        name: &PhpString,
    ) -> Ret<Result<(ClassRef, Option<Object>), String>> {
        let lower = name.to_ascii_lowercase();
        let frame = self.user_frame_index();
        let scope = self.scope();
        let this = frame.and_then(|i| self.frames[i].this.clone());
        match lower.as_slice() {
            b"self" | b"parent" | b"static" => {
                let word = String::from_utf8_lossy(&lower).into_owned();
                let Some(scope) = scope else {
                    return Ok(Err(format!(
                        "cannot access \"{word}\" when no class scope is active"
                    )));
                };
                self.raise_deprecated(format!("Use of \"{word}\" in callables is deprecated"))?;
                let class = match lower.as_slice() {
                    b"self" => scope,
                    b"parent" => {
                        match scope.parent {
                            Some(p) => p,
                            None => {
                                return Ok(Err("cannot access \"parent\" when current class scope has no parent".into()));
                            }
                        }
                    }
                    _ => frame
                        .and_then(|i| {
                            let f = &self.frames[i];
                            f.this.as_ref().map(|o| o.class()).or(f.static_class)
                        })
                        .unwrap_or(scope),
                };
                Ok(Ok((class, this)))
            }
            _ => match self.lookup_class(name, true)? {
                Some(class) => {
                    let this = this.filter(|o| {
                        scope.is_some_and(|s| s.is_subclass_of_or_same(class))
                            && o.class().is_subclass_of_or_same(class)
                    });
                    Ok(Ok((class, this)))
                }
                None => Ok(Err(format!("class \"{}\" not found", name.to_str_lossy()))),
            },
        }
    }

    fn resolve_method(
        &mut self,
        class: ClassRef,
        this: Option<Object>,
        method: &PhpString,
    ) -> Ret<Result<Callable, String>> {
        let mut class = class;
        let mut lower = method.to_ascii_lowercase();
        if let Some(at) = lower.windows(2).position(|w| w == b"::") {
            // `[$o, 'parent::m']`
            let word = PhpString::new(&method[..at]);
            let named = class;
            class = if word.eq_ignore_ascii_case(b"parent") {
                match class.parent {
                    Some(p) => p,
                    None => {
                        return Ok(Err(
                            "cannot access \"parent\" when current class scope has no parent"
                                .into(),
                        ));
                    }
                }
            } else if word.eq_ignore_ascii_case(b"self") {
                class
            } else {
                match self.lookup_class(&word, true)? {
                    Some(c) => c,
                    None => return Ok(Err(format!("class \"{}\" not found", word.to_str_lossy()))),
                }
            };
            if !named.is_subclass_of_or_same(class) {
                return Ok(Err(format!(
                    "class {} is not a subclass of {}",
                    named.display_name(),
                    class.display_name()
                )));
            }
            self.raise_deprecated(format!(
                "Callables of the form [\"{}\", \"{}\"] are deprecated",
                named.display_name(),
                method.to_str_lossy()
            ))?;
            lower = lower[at + 2..].to_vec();
        }
        let method = &PhpString::new(&method[method.len() - lower.len()..]);
        let shown = method.to_str_lossy().into_owned();
        if lower == b"__invoke"
            && let Some(o) = &this
            && let Some(c) = self.closure_callable(o)
        {
            return Ok(Ok(c));
        }
        let scope = self.scope();
        match self.find_method(class, &lower, scope) {
            Found::Yes(func) => {
                if func.is_abstract() {
                    return Ok(Err(format!(
                        "cannot call abstract method {}()",
                        func.display_name()
                    )));
                }
                if func.is_static() {
                    return Ok(Ok(Callable {
                        func,
                        static_class: Some(this.map_or(class, |o| o.class())),
                        this: None,
                        closure: None,
                        magic_name: None,
                    }));
                }
                match this {
                    Some(o) => Ok(Ok(Callable {
                        func,
                        static_class: Some(o.class()),
                        this: Some(o),
                        closure: None,
                        magic_name: None,
                    })),
                    None => Ok(Err(format!(
                        "non-static method {}() cannot be called statically",
                        func.display_name()
                    ))),
                }
            }
            found => {
                if class.magic.call.is_none()
                    && let Some(inner) = this.as_ref().and_then(|o| stand_in(o, &lower))
                {
                    return self.resolve_method(inner.class(), Some(inner), method);
                }
                let magic = match &this {
                    Some(_) => class.magic.call.clone(),
                    None => None,
                };
                let (magic, this) = match magic {
                    Some(m) => (Some(m), this),
                    None => (class.magic.call_static.clone(), None),
                };
                if let Some(func) = magic {
                    return Ok(Ok(Callable {
                        func,
                        static_class: Some(this.as_ref().map_or(class, |o| o.class())),
                        this,
                        closure: None,
                        magic_name: Some(method.clone()),
                    }));
                }
                Ok(Err(match found {
                    Found::Hidden(m) => format!(
                        "cannot access {} method {}::{shown}()",
                        if m.is_private() { "private" } else { "protected" },
                        class.display_name()
                    ),
                    _ => {
                        format!("class {} does not have a method \"{shown}\"", class.display_name())
                    }
                }))
            }
        }
    }

    /// Is the value callable from the running code?
    pub fn is_callable(&mut self, value: &Value) -> Ret<bool> {
        Ok(self.resolve_callable(value)?.is_ok())
    }

    /// The callable, or the Error that calling it with `()` throws.
    pub(crate) fn callable_or_throw(&mut self, value: &Value) -> Ret<Callable> {
        match self.resolve_callable(value)? {
            Ok(c) => Ok(c),
            Err(reason) => Err(match value {
                Value::Str(s) if !s.windows(2).any(|w| w == b"::") => {
                    let mut m = b"Call to undefined function ".to_vec();
                    m.extend_from_slice(s);
                    m.extend_from_slice(b"()");
                    self.throw_error(m)
                }
                Value::Object(_) => self.throw_error("Object of type is not callable"),
                _ => {
                    let _ = &reason;
                    self.throw_error("Array callback must have exactly two elements")
                }
            }),
        }
    }

    /// Calls what `resolve_callable` found.
    pub fn call_resolved(&mut self, c: &Callable, args: Vec<Value>) -> Ret<Value> {
        self.call_named(c, args, Vec::new())
    }

    /// The same with named arguments.
    pub fn call_named(
        &mut self,
        c: &Callable,
        args: Vec<Value>,
        named: Vec<(PhpString, Value)>,
    ) -> Ret<Value> {
        self.call_at(c, args, named, None)
    }

    /// The same as if the call stood at `site`.
    pub(crate) fn call_at(
        &mut self,
        c: &Callable,
        args: Vec<Value>,
        named: Vec<(PhpString, Value)>,
        site: Option<CallSite>,
    ) -> Ret<Value> {
        if let Some(name) = &c.magic_name {
            let mut list = PhpArray::from_list(args);
            for (k, v) in named {
                list.insert(outlast_value::Key::Str(k), v);
            }
            return self.call_full(
                &c.func,
                c.this.clone(),
                c.static_class,
                None,
                vec![Value::Str(name.clone()), Value::Array(list)],
                Vec::new(),
                site,
            );
        }
        self.call_full(
            &c.func,
            c.this.clone(),
            c.static_class,
            c.closure.clone(),
            args,
            named,
            site,
        )
    }

    /// Pending call of a callable value: `$f(…)`.
    pub(crate) fn init_dyn(&mut self, callee: Value, argc: u32) -> Ret<()> {
        if let Value::Object(o) = &callee
            && self.is_closure_object(o)
        {
            return self.push_closure(&o.clone(), argc);
        }
        let c = match &callee {
            Value::Str(s) => match s.windows(2).position(|w| w == b"::") {
                Some(at) => {
                    let class = PhpString::new(&s[..at]);
                    let method = PhpString::new(&s[at + 2..]);
                    let class = self.class_or_throw(&class)?;
                    return self.push_static(class, &method, argc, false);
                }
                None => self.callable_or_throw(&callee)?,
            },
            Value::Array(a) => return self.init_array_callable(a, argc),
            Value::Object(o) => match o.class().magic.invoke.clone() {
                Some(m) => Callable {
                    func: m,
                    static_class: Some(o.class()),
                    this: Some(o.clone()),
                    closure: None,
                    magic_name: None,
                },
                None => {
                    let class = o.class().display_name();
                    return Err(self.throw_error(format!("Object of type {class} is not callable")));
                }
            },
            v => {
                let name = v.debug_type_name();
                return Err(self.throw_error(format!("Value of type {name} is not callable")));
            }
        };
        self.push_callable(&c, argc);
        self.frames.last_mut().expect("just pushed").flags |= frame_flags::DYNAMIC;
        Ok(())
    }

    /// Error for functions that look into their caller, called by anything but their name.
    pub fn forbid_dynamic_call(&mut self) -> Ret<()> {
        let f = self.frame();
        if f.flags & (frame_flags::DYNAMIC | frame_flags::FROM_NATIVE) == 0 {
            return Ok(());
        }
        let name = f.func.display_name();
        Err(self.throw_error(format!("Cannot call {name}() dynamically")))
    }

    fn init_array_callable(&mut self, a: &PhpArray, argc: u32) -> Ret<()> {
        if a.len() != 2 {
            return Err(self.throw_error("Array callback must have exactly two elements"));
        }
        let (Some(target), Some(method)) = (a.get_int(0), a.get_int(1)) else {
            return Err(self.throw_error("Array callback has to contain indices 0 and 1"));
        };
        let (target, method) = (target.deref(), method.deref());
        let Value::Str(method) = method else {
            let which = match target {
                Value::Str(_) | Value::Object(_) => "Second array member is not a valid method",
                _ => "First array member is not a valid class name or object",
            };
            return Err(self.throw_error(which));
        };
        match target {
            Value::Object(o) => {
                self.push_method(o, &method, argc as u16, outlast_bytecode::NO_CACHE)
            }
            Value::Str(class) => {
                let class = self.class_or_throw(&class)?;
                self.push_static(class, &method, argc, false)
            }
            _ => Err(self.throw_error("First array member is not a valid class name or object")),
        }
    }

    /// Pushes a pending call of what was found.
    pub(crate) fn push_callable(&mut self, c: &Callable, argc: u32) {
        if let Some(name) = &c.magic_name {
            self.push_trampoline(
                c.func.clone(),
                name.clone(),
                argc,
                c.this.clone(),
                c.static_class,
            );
            return;
        }
        self.push_call(c.func.clone(), argc, c.this.clone(), c.static_class, 0);
        if let Some(closure) = &c.closure {
            self.frames.last_mut().expect("just pushed").closure = Some(closure.clone());
        }
    }
}

//! `include`, `require`, `eval`, and the declarations a file makes.

use crate::class::ObjectClass;
use crate::frame::frame_flags;
use crate::function::FuncRef;
use crate::sapi::{CodeError, IncludeSource, LoadError};
use crate::unit::LoadedUnit;
use crate::{Cx, Ret, Unwind};
use outlast_bytecode::{Diagnostic, Early, IncludeMode, Unit};
use outlast_value::{PhpString, Value};
use std::rc::Rc;
use std::sync::Arc;

impl Cx {
    /// `include $path` and its kin; `eval($code)`.
    pub fn include(&mut self, source: Value, mode: IncludeMode) -> Ret<Value> {
        let text = self.to_str(&source)?;
        if mode == IncludeMode::Eval {
            return self.eval(&text);
        }
        let once = matches!(mode, IncludeMode::IncludeOnce | IncludeMode::RequireOnce);
        let require = matches!(mode, IncludeMode::Require | IncludeMode::RequireOnce);
        let word = match mode {
            IncludeMode::Include => "include",
            IncludeMode::IncludeOnce => "include_once",
            IncludeMode::Require => "require",
            _ => "require_once",
        };
        if text.contains(&0) {
            return self.include_failed(word, &text, "", require);
        }
        if let Some(source) = self.include_source {
            match source(self, &text)? {
                IncludeSource::File => {}
                IncludeSource::Failed => return self.include_refused(word, &text, require),
                IncludeSource::Text(_) if once && self.included.contains_key(&text) => {
                    return Ok(Value::Bool(true));
                }
                IncludeSource::Text(code) => {
                    let unit = match self.loader.clone().load_text(&code, &text) {
                        Ok(unit) => self.take_unit(unit),
                        Err(e) => return Err(self.load_error(e)),
                    };
                    self.included.insert(text.clone(), ());
                    return self.run_included(unit, frame_flags::INCLUDE, Some(text));
                }
            }
        }
        let Some(path) = self.resolve_include(&text) else {
            return self.include_failed(word, &text, "No such file or directory", require);
        };
        if once && self.included.contains_key(&path) {
            return Ok(Value::Bool(true));
        }
        let unit = match self.loader.clone().load_file(&path) {
            Ok(u) => u,
            Err(LoadError::Io(e)) => return self.include_failed(word, &text, &e, require),
            Err(e) => return Err(self.load_error(e)),
        };
        self.included.insert(path.clone(), ());
        let unit = self.take_unit(unit);
        self.run_included(unit, frame_flags::INCLUDE, Some(path))
    }

    fn include_failed(
        &mut self,
        word: &str,
        path: &[u8],
        reason: &str,
        require: bool,
    ) -> Ret<Value> {
        let shown = String::from_utf8_lossy(path).into_owned();
        if path.is_empty() {
            return Err(self.throw_value_error("Path must not be empty"));
        }
        self.raise_warning(format!("{word}({shown}): Failed to open stream: {reason}"))?;
        self.include_refused(word, path, require)
    }

    /// The second report about what could not be included.
    fn include_refused(&mut self, word: &str, path: &[u8], require: bool) -> Ret<Value> {
        let shown = String::from_utf8_lossy(path).into_owned();
        let include_path = self.ini.get("include_path").map(|s| s.to_str_lossy().into_owned());
        let message = format!(
            "Failed opening {}'{shown}' (include_path='{}')",
            if require { "required " } else { "" },
            include_path.unwrap_or_default()
        );
        if require {
            // A failed require is an Error, not a warning.
            return Err(self.throw_error(message));
        }
        let message = message.replace("' (include_path", "' for inclusion (include_path");
        self.raise_warning(format!("{word}(): {message}"))?;
        Ok(Value::Bool(false))
    }

    /// Where an include finds its file: absolute, relative to the current directory, along
    /// `include_path`, or beside the including file.
    pub fn resolve_include(&self, path: &[u8]) -> Option<PhpString> {
        let try_path = |p: Vec<u8>| {
            let p = self.absolute_path(&p);
            self.loader.resolve(&p).map(PhpString::from)
        };
        if path.starts_with(b"/") || path.starts_with(b"./") || path.starts_with(b"../") {
            return try_path(path.to_vec());
        }
        if let Some(dirs) = self.ini.get("include_path") {
            for dir in dirs.split(|&b| b == b':') {
                let mut p = dir.to_vec();
                p.push(b'/');
                p.extend_from_slice(path);
                if let Some(found) = try_path(p) {
                    return Some(found);
                }
            }
        }
        let (file, _) = self.position();
        let dir = file.iter().rposition(|&b| b == b'/').map(|at| &file[..at])?;
        let mut p = dir.to_vec();
        p.push(b'/');
        p.extend_from_slice(path);
        try_path(p)
    }

    /// A path made absolute against the script's current directory.
    pub fn absolute_path(&self, path: &[u8]) -> Vec<u8> {
        if path.starts_with(b"/") {
            return path.to_vec();
        }
        let mut p = self.cwd.clone();
        p.push(b'/');
        p.extend_from_slice(path);
        p
    }

    /// Throws or reports what went wrong when compiling.
    pub fn load_error(&mut self, e: LoadError) -> Unwind {
        match e {
            LoadError::Io(m) => self.throw_error(m),
            LoadError::Parse(error) => match self.precede(&error) {
                Ok(()) => self.throw_parse_error(&error.message, &error.file, error.line),
                Err(unwind) => unwind,
            },
            LoadError::Compile(error) => match self.precede(&error) {
                Ok(()) => self.compile_error(error.message, &error.file, error.line),
                Err(unwind) => unwind,
            },
        }
    }

    /// What happens before an error is found.
    fn precede(&mut self, error: &CodeError) -> Ret<()> {
        error.before.as_ref().map_or(Ok(()), |unit| self.declare_early(unit.clone()))
    }

    /// Declares and reports what a file does while it is compiled, and runs nothing of it.
    pub fn declare_early(&mut self, unit: Arc<Unit>) -> Ret<()> {
        let unit = self.take_unit(unit);
        self.declare_hoisted(&unit)
    }

    fn eval(&mut self, code: &[u8]) -> Ret<Value> {
        let (file, line) = self.position();
        let name = [&file[..], format!("({line}) : eval()'d code").as_bytes()].concat();
        let unit = match self.loader.clone().load_string(code, &name) {
            Ok(u) => u,
            Err(e) => return Err(self.load_error(e)),
        };
        let unit = self.take_unit(unit);
        self.run_included(unit, frame_flags::EVAL, None)
    }

    /// Takes a unit into use until the end of the script.
    fn take_unit(&mut self, unit: Arc<Unit>) -> Rc<LoadedUnit> {
        let unit = LoadedUnit::new(unit);
        self.units.push(unit.clone());
        unit
    }

    /// Runs the top-level code of a unit in the scope of the running code.
    fn run_included(
        &mut self,
        unit: Rc<LoadedUnit>,
        kind: u16,
        path: Option<PhpString>,
    ) -> Ret<Value> {
        let parent = self.user_frame_index();
        let (global, this, static_class, scope) = match parent {
            Some(i) => {
                let f = &self.frames[i];
                (f.has(frame_flags::GLOBAL_SCOPE), f.this.clone(), f.static_class, f.scope())
            }
            None => (true, None, None, None),
        };
        self.use_auto_globals(unit.unit.auto_globals);
        let func = self.top_level_func(&unit, scope);
        self.check_native_stack()?;
        let flags = kind
            | frame_flags::BOUNDARY
            | if global { frame_flags::GLOBAL_SCOPE } else { frame_flags::INCLUDED };
        self.push_call(func, 0, this, static_class, flags);
        let index = self.frames.len() - 1;
        if !global {
            self.frames[index].extra().scope_frame = parent.map(|p| p as u32);
        }
        self.frames[index].extra().include_path = path;
        self.bind_top_level(index, if global { None } else { parent });
        let before = self.current;
        self.frames[index].caller = before;
        self.current = index as u32;
        if let Err(u) = self.declare_hoisted(&unit) {
            self.discard_to(index, before, u);
            return Err(u);
        }
        self.run_on_big_stack()
    }

    /// The top-level function of a unit, in a class scope if it is included from a method.
    fn top_level_func(&mut self, unit: &Rc<LoadedUnit>, scope: Option<crate::ClassRef>) -> FuncRef {
        let f = unit.func(0);
        match scope {
            None => f,
            Some(c) => Rc::new(crate::function::Func {
                name: f.name.clone(),
                modifiers: 0,
                class: Some(crate::class::ClassPtrCell::of(c)),
                kind: crate::function::FuncKind::User(crate::function::UserFunc::new(
                    unit.clone(),
                    0,
                )),
                prototype: Default::default(),
                from_trait: None,
            }),
        }
    }

    /// Runs the main script's top-level code to its end.
    pub fn run_main(&mut self, unit: Arc<Unit>) -> Ret<Value> {
        let unit = self.take_unit(unit);
        self.included.insert(unit.file.clone(), ());
        self.use_auto_globals(unit.unit.auto_globals);
        let func = unit.func(0);
        self.push_call(func, 0, None, None, frame_flags::BOUNDARY | frame_flags::GLOBAL_SCOPE);
        let index = self.frames.len() - 1;
        self.bind_top_level(index, None);
        let before = self.current;
        self.frames[index].caller = before;
        self.current = index as u32;
        if let Err(u) = self.declare_hoisted(&unit) {
            self.discard_to(index, before, u);
            return Err(u);
        }
        self.run()
    }

    fn run_on_big_stack(&mut self) -> Ret<Value> {
        outlast_fiber::maybe_grow(|| self.run())
    }

    /// Declares what exists before the first statement runs, and reports what the compiler noted.
    fn declare_hoisted(&mut self, unit: &Rc<LoadedUnit>) -> Ret<()> {
        for early in &unit.unit.early {
            match early {
                Early::Function(i) => self.declare_function(unit, *i)?,
                Early::Class(i) => drop(self.declare_class(unit, *i, true)?),
                Early::Diagnostic(Diagnostic { level, message, line }) => {
                    self.raise_at(*level, &message[..], &unit.file, *line)?;
                }
            }
        }
        Ok(())
    }

    fn declare_function(&mut self, unit: &Rc<LoadedUnit>, index: u32) -> Ret<()> {
        let f = unit.func(index);
        let lower = PhpString::from(f.name.to_ascii_lowercase());
        if self.function(&lower).is_some() {
            let before = self
                .function(&lower)
                .and_then(|f| {
                    f.user().map(|u| {
                        format!(
                            " (previously declared in {}:{})",
                            u.unit.file.to_str_lossy(),
                            u.decl().start_line
                        )
                    })
                })
                .unwrap_or_default();
            let line = unit.unit.functions[index as usize].start_line;
            let message = format!("Cannot redeclare function {}(){before}", f.name.to_str_lossy());
            return Err(self.compile_error(message.into_bytes(), &unit.file, line));
        }
        // Where an error stopped the compiler there is no code.
        if !unit.unit.functions[index as usize].code.is_empty() {
            self.user_functions.push(lower.clone());
            self.functions.insert(lower, f);
        }
        Ok(())
    }

    /// Op `DeclareFunction`.
    pub(crate) fn declare_function_op(&mut self, index: u32) -> Ret<()> {
        let unit = self.frame().func.user().expect("PHP code runs").unit.clone();
        self.declare_function(&unit, index)
    }

    /// Op `DeclareClass`.
    pub(crate) fn declare_class_op(&mut self, index: u32) -> Ret<()> {
        let unit = self.frame().func.user().expect("PHP code runs").unit.clone();
        let decl = &unit.unit.classes[index as usize];
        let key = decl.name.to_ascii_lowercase();
        if let Some(before) = self.classes.get(key.as_slice())
            && before.index == index
            && before.unit.as_ref().is_some_and(|u| Rc::ptr_eq(u, &unit))
            && unit.unit.early.contains(&Early::Class(index))
        {
            return Ok(());
        }
        self.declare_class(&unit, index, false).map(|_| ())
    }

    /// Op `DeclareAnonymous`: the name of the class.
    pub(crate) fn declare_anonymous(&mut self, index: u32) -> Ret<Value> {
        let unit = self.frame().func.user().expect("PHP code runs").unit.clone();
        let decl = &unit.unit.classes[index as usize];
        let key = decl.name.to_ascii_lowercase();
        let class = match self.classes.get(key.as_slice()) {
            Some(c) => *c,
            None => match self.declare_class(&unit, index, false)? {
                Some(c) => c,
                None => return Err(self.throw_error("Anonymous class could not be declared")),
            },
        };
        Ok(Value::Str(class.name.clone()))
    }

    /// Name of the class of a value, for messages; empty if it is no object.
    pub fn class_name(&self, v: &Value) -> String {
        match v {
            Value::Object(o) => o.class().display_name(),
            _ => String::new(),
        }
    }
}

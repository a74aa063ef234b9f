//! The state of one compilation: the unit being built, the current function, class and namespace.

use std::collections::{HashMap, HashSet};
use std::mem;
use std::sync::atomic::{AtomicU32, Ordering};

use outlast_bytecode::{
    ClassRef, Diagnostic, Early, Function, Literal, Name as Text, Op, Unit, auto_globals,
    function_flags as ff,
};
use outlast_syntax::ast::{self, ClassKind, Name, NameKind};
use outlast_syntax::{Notice, NoticeLevel};

use crate::CompileOptions;
use crate::error::{CompileError, R, cat, fail};
use crate::function::{CodeKind, Func};
use crate::levels::{E_COMPILE_WARNING, E_DEPRECATED};
use crate::name::is_superglobal;

/// The class whose body is being compiled.
pub(crate) struct ClassCtx {
    pub name: Vec<u8>,
    pub parent: Option<Vec<u8>>,
    pub kind: ClassKind,
}

/// What `use` has imported; keys of classes and functions are in lower case.
#[derive(Default)]
pub(crate) struct Imports {
    pub classes: HashMap<Vec<u8>, Vec<u8>>,
    pub functions: HashMap<Vec<u8>, Vec<u8>>,
    pub consts: HashMap<Vec<u8>, Vec<u8>>,
}

/// How a function or constant name resolves.
pub(crate) enum Resolved {
    /// Exactly this name.
    Known(Vec<u8>),
    /// The namespaced name, or the global one if that does not exist.
    Fallback(Vec<u8>, Vec<u8>),
}

/// One compilation.
pub(crate) struct Compiler<'a> {
    pub options: &'a CompileOptions<'a>,
    pub unit: Unit,
    pub functions: Vec<Option<Function>>,
    pub f: Func,
    /// Name of the current function as `__FUNCTION__` gives it.
    pub function_name: Vec<u8>,
    /// The property whose hook is being compiled.
    pub property: Vec<u8>,
    pub class: Option<ClassCtx>,
    pub namespace: Vec<u8>,
    pub imports: Imports,
    /// Functions declared in this file, in lower case, with their line and index.
    pub declared_functions: HashMap<Vec<u8>, (u32, u32)>,
    pub strict: bool,
    pub ticks: bool,
    pub anonymous: u32,
    /// `Some(true)`: namespaces are bracketed.
    pub bracketed: Option<bool>,
    /// `new` may stand in the constant expression being compiled.
    pub const_new: bool,
    /// Where PHP is in the constant expression being compiled: at the last constant it could not
    /// replace by its value.
    pub const_line: u32,
    /// The default value of a parameter is being compiled into the function.
    pub in_const: bool,
    /// What the parser noticed about expressions that are not compiled yet.
    notices: Vec<Notice>,
    /// Names declared since the current namespace began, as far as imports may clash with them.
    pub seen: Seen,
}

/// Names declared in a namespace block; classes and functions in lower case.
#[derive(Default)]
pub(crate) struct Seen {
    pub classes: HashSet<Vec<u8>>,
    pub functions: HashSet<Vec<u8>>,
    pub consts: HashSet<Vec<u8>>,
}

impl<'a> Compiler<'a> {
    pub fn new(options: &'a CompileOptions<'a>) -> Self {
        Compiler {
            options,
            unit: Unit {
                file: options.file_name.into(),
                functions: Vec::new(),
                classes: Vec::new(),
                early: Vec::new(),
                halt_offset: None,
                auto_globals: 0,
            },
            functions: vec![None],
            f: Func::new(CodeKind::TopLevel, 1),
            function_name: Vec::new(),
            property: Vec::new(),
            notices: Vec::new(),
            class: None,
            namespace: Vec::new(),
            imports: Imports::default(),
            declared_functions: HashMap::new(),
            strict: false,
            ticks: false,
            anonymous: 0,
            bracketed: None,
            const_new: true,
            const_line: 0,
            in_const: false,
            seen: Seen::default(),
        }
    }

    /// Is the variable global everywhere? Notes the ones that the code makes by naming them.
    pub fn names_superglobal(&mut self, name: &[u8]) -> bool {
        self.unit.auto_globals |= match name {
            b"_SERVER" => auto_globals::SERVER,
            b"_ENV" => auto_globals::ENV,
            b"_REQUEST" => auto_globals::REQUEST,
            _ => 0,
        };
        is_superglobal(name)
    }

    /// Compiles the whole file.
    pub fn file(mut self, file: &ast::File) -> R<Unit> {
        match self.main(file) {
            Ok(()) => Ok(self.finish()),
            Err(error) => Err(CompileError { before: Some(self.finish().into()), ..error }),
        }
    }

    /// What the parser noticed in a file that does not parse.
    pub fn noticed(mut self, notices: &[Notice]) -> Unit {
        notices.iter().filter(|notice| notice.at.is_none()).for_each(|notice| self.report(notice));
        self.finish()
    }

    fn finish(mut self) -> Unit {
        self.unit.functions = self.functions.into_iter().map(Option::unwrap_or_default).collect();
        self.unit
    }

    fn main(&mut self, file: &ast::File) -> R<()> {
        self.unit.halt_offset = file.halt_offset;
        for notice in &file.notices {
            match notice.at {
                Some(_) => self.notices.push(notice.clone()),
                None => self.report(notice),
            }
        }
        self.collect_labels(&file.stmts)?;
        self.file_stmts(&file.stmts)?;
        self.f.line = file.lines.max(1);
        let k = self.f.constant(Literal::Int(1));
        self.f.emit(Op::ReturnConst { k });
        let mut main = mem::replace(&mut self.f, Func::new(CodeKind::TopLevel, 0));
        main.out.flags |= ff::TOP_LEVEL | self.strict_flag();
        main.out.end_line = file.lines;
        self.functions[0] = Some(main.finish(Box::default(), 0));
        Ok(())
    }

    /// The flag functions of this file carry for `strict_types`.
    pub fn strict_flag(&self) -> u32 {
        if self.strict { ff::STRICT_TYPES } else { 0 }
    }

    /// Takes the next function index.
    pub fn reserve_function(&mut self) -> u32 {
        self.functions.push(None);
        self.functions.len() as u32 - 1
    }

    /// Starts a function; the result goes to `leave_function`.
    pub fn enter_function(&mut self, kind: CodeKind, line: u32) -> Func {
        mem::replace(&mut self.f, Func::new(kind, line))
    }

    /// Ends the current function, goes back to `outer`.
    pub fn leave_function(&mut self, outer: Func, name: Text, index: u32) {
        let inner = mem::replace(&mut self.f, outer);
        self.functions[index as usize] = Some(inner.finish(name, index));
    }

    /// A compile error for the current line.
    pub fn error(&self, message: Vec<u8>) -> CompileError {
        CompileError { message, line: self.f.line, before: None }
    }

    /// A warning or deprecation for the current line.
    pub fn diagnose(&mut self, level: u32, message: Vec<u8>) {
        self.diagnose_at(level, message, self.f.line);
    }

    fn diagnose_at(&mut self, level: u32, message: Vec<u8>, line: u32) {
        let diagnostic = Diagnostic { level, message: message.into(), line };
        self.unit.early.push(Early::Diagnostic(diagnostic));
    }

    fn report(&mut self, notice: &Notice) {
        let level = match notice.level {
            NoticeLevel::Warning => E_COMPILE_WARNING,
            NoticeLevel::Deprecated => E_DEPRECATED,
        };
        self.diagnose_at(level, notice.message.as_bytes().to_vec(), notice.line);
    }

    /// What the parser noticed about the expression at `offset`, which is compiled now.
    pub fn report_notice(&mut self, offset: u32) {
        if let Some(n) = self.notices.iter().position(|notice| notice.at == Some(offset)) {
            let notice = self.notices.remove(n);
            self.report(&notice);
        }
    }

    /// Prefixes the current namespace.
    pub fn prefix(&self, name: &[u8]) -> Vec<u8> {
        if self.namespace.is_empty() { name.to_vec() } else { cat!(self.namespace, "\\", *name) }
    }

    fn import_first(&self, name: &Name) -> Option<Vec<u8>> {
        let at = name.text.iter().position(|&b| b == b'\\')?;
        let full = self.imports.classes.get(&name.text[..at].to_ascii_lowercase())?;
        Some(cat!(full, name.text[at..]))
    }

    /// The full name of a class; not for `self`, `parent` and `static`.
    pub fn resolve_class(&self, name: &Name) -> R<Vec<u8>> {
        match name.kind {
            NameKind::FullyQualified => {
                if special_class(&name.text).is_some() {
                    fail!(self, "'\\", name.text, "' is an invalid class name");
                }
                Ok(name.text.to_vec())
            }
            NameKind::Relative => {
                if special_class(&name.text).is_some() {
                    fail!(self, "'namespace\\", name.text, "' is an invalid class name");
                }
                Ok(self.prefix(&name.text))
            }
            NameKind::Unqualified => {
                match self.imports.classes.get(&name.text.to_ascii_lowercase()) {
                    Some(full) => Ok(full.clone()),
                    None => Ok(self.prefix(&name.text)),
                }
            }
            NameKind::Qualified => Ok(match self.import_first(name) {
                Some(full) => full,
                None => self.prefix(&name.text),
            }),
        }
    }

    /// The reference ops use for a class name as written.
    pub fn class_ref(&mut self, name: &Name) -> R<u16> {
        if name.kind == NameKind::Unqualified
            && let Some(special) = special_class(&name.text)
        {
            // In constant expressions that is found out when they are evaluated.
            if !self.in_const && self.f.kind != CodeKind::ConstExpr {
                self.check_special_class(special)?;
            }
            let class = match special {
                SpecialClass::SelfClass => ClassRef::SelfClass,
                SpecialClass::Parent => ClassRef::Parent,
                SpecialClass::Static => ClassRef::Static,
            };
            return Ok(self.f.class_ref(class));
        }
        let full = self.resolve_class(name)?;
        Ok(self.f.class_name_ref(&full))
    }

    /// Whether `self` is decided at compile time.
    pub fn scope_known(&self) -> bool {
        if self.f.kind == CodeKind::Closure {
            return false;
        }
        match &self.class {
            None => self.f.kind == CodeKind::Function,
            Some(class) => class.kind != ClassKind::Trait,
        }
    }

    /// `self`, `parent` or `static` must make sense here.
    pub fn check_special_class(&self, special: SpecialClass) -> R<()> {
        if !self.scope_known() {
            return Ok(());
        }
        match &self.class {
            None => {
                fail!(self, "Cannot use \"", special.name(), "\" when no class scope is active")
            }
            Some(class) if special == SpecialClass::Parent && class.parent.is_none() => {
                fail!(self, "Cannot use \"parent\" when current class scope has no parent")
            }
            Some(_) => Ok(()),
        }
    }

    /// What a function name in a call means.
    pub fn resolve_function(&self, name: &Name) -> Resolved {
        match name.kind {
            NameKind::FullyQualified => Resolved::Known(name.text.to_vec()),
            NameKind::Relative => Resolved::Known(self.prefix(&name.text)),
            NameKind::Qualified => Resolved::Known(match self.import_first(name) {
                Some(full) => full,
                None => self.prefix(&name.text),
            }),
            NameKind::Unqualified => {
                match self.imports.functions.get(&name.text.to_ascii_lowercase()) {
                    Some(full) => Resolved::Known(full.clone()),
                    None if self.namespace.is_empty() => Resolved::Known(name.text.to_vec()),
                    None => Resolved::Fallback(self.prefix(&name.text), name.text.to_vec()),
                }
            }
        }
    }

    /// What a constant name means.
    pub fn resolve_const(&self, name: &Name) -> Resolved {
        match name.kind {
            NameKind::FullyQualified => Resolved::Known(name.text.to_vec()),
            NameKind::Relative => Resolved::Known(self.prefix(&name.text)),
            NameKind::Qualified => Resolved::Known(match self.import_first(name) {
                Some(full) => full,
                None => self.prefix(&name.text),
            }),
            NameKind::Unqualified => match self.imports.consts.get(&name.text[..]) {
                Some(full) => Resolved::Known(full.clone()),
                None if self.namespace.is_empty() => Resolved::Known(name.text.to_vec()),
                None => Resolved::Fallback(self.prefix(&name.text), name.text.to_vec()),
            },
        }
    }

    /// `true`, `false` and `null` in whatever case, unless qualified.
    pub fn special_const(&self, name: &Name) -> Option<Literal> {
        if !matches!(name.kind, NameKind::Unqualified | NameKind::FullyQualified) {
            return None;
        }
        let text = &name.text;
        if text.eq_ignore_ascii_case(b"true") {
            Some(Literal::Bool(true))
        } else if text.eq_ignore_ascii_case(b"false") {
            Some(Literal::Bool(false))
        } else if text.eq_ignore_ascii_case(b"null") {
            Some(Literal::Null)
        } else {
            None
        }
    }

    /// Counts the anonymous classes of the file; those of code in `eval`, which share the name of
    /// their file, all together.
    pub fn next_anonymous(&mut self) -> u32 {
        static EVALUATED: AtomicU32 = AtomicU32::new(0);
        if self.options.in_code {
            return EVALUATED.fetch_add(1, Ordering::Relaxed);
        }
        self.anonymous += 1;
        self.anonymous - 1
    }
}

/// The class names with a meaning of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SpecialClass {
    SelfClass,
    Parent,
    Static,
}

impl SpecialClass {
    pub fn name(self) -> &'static str {
        match self {
            SpecialClass::SelfClass => "self",
            SpecialClass::Parent => "parent",
            SpecialClass::Static => "static",
        }
    }
}

/// Recognises `self`, `parent`, `static`.
pub(crate) fn special_class(name: &[u8]) -> Option<SpecialClass> {
    if name.eq_ignore_ascii_case(b"self") {
        Some(SpecialClass::SelfClass)
    } else if name.eq_ignore_ascii_case(b"parent") {
        Some(SpecialClass::Parent)
    } else if name.eq_ignore_ascii_case(b"static") {
        Some(SpecialClass::Static)
    } else {
        None
    }
}

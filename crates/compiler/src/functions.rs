//! Functions, methods and closures: signatures, parameters and bodies.

use outlast_bytecode::{
    Attribute, ConstExpr, Early, Function, Literal, NO_CACHE, NO_SLOT, Op, Param, TypeDecl,
    UnionType, function_flags as ff, type_bits,
};
use outlast_syntax::ast::{self, ClosureDecl, FunctionDecl};

use crate::check::Target;
use crate::error::{R, cat, fail};
use crate::function::{CodeKind, ReturnKind};
use crate::levels::E_DEPRECATED;
use crate::scope::Compiler;
use crate::types::{accepts_null, type_text};

impl Compiler<'_> {
    /// A declared function; at the top level it exists from the start.
    pub fn function_statement(&mut self, decl: &FunctionDecl, top: bool) -> R<()> {
        let name = self.prefix(&decl.name.text);
        let lower = name.to_ascii_lowercase();
        self.check_function_name(&name, &lower, top)?;
        let index = self.reserve_function();
        if top {
            self.unit.early.push(Early::Function(index));
            // Until it is compiled: an error may come first.
            self.functions[index as usize] = Some(Function {
                name: name[..].into(),
                start_line: decl.span.line,
                ..Function::default()
            });
        } else {
            self.f.emit(Op::DeclareFunction { func: index });
        }
        let line = self.f.line;
        let old_name = std::mem::replace(&mut self.function_name, name.clone());
        let old_class = self.class.take();
        let outer = self.enter_function(CodeKind::Function, decl.span.line);
        let result = self.function_body(decl, 0);
        self.leave_function(outer, name.into(), index);
        self.class = old_class;
        self.function_name = old_name;
        self.f.line = line;
        result
    }

    fn check_function_name(&mut self, name: &[u8], lower: &[u8], top: bool) -> R<()> {
        if let Some(import) = self.imports.functions.get(crate::name::last_segment(lower))
            && import.to_ascii_lowercase() != lower
        {
            fail!(
                self,
                "Cannot redeclare function ",
                name,
                "() (previously declared as local import)"
            );
        }
        if matches!(lower, b"__autoload") {
            fail!(self, "__autoload() is no longer supported, use spl_autoload_register() instead");
        }
        if lower == b"assert" {
            fail!(
                self,
                "Defining a custom assert() function is not allowed, as the function has special semantics"
            );
        }
        self.seen.functions.insert(lower.to_vec());
        if top {
            if let Some((line, _)) = self.declared_functions.get(lower) {
                fail!(
                    self,
                    "Cannot redeclare function ",
                    name,
                    "() (previously declared in ",
                    self.unit.file[..],
                    ":",
                    *line,
                    ")"
                );
            }
            let index = self.functions.len() as u32;
            self.declared_functions.insert(lower.to_vec(), (self.f.line, index));
        }
        Ok(())
    }

    /// Compiles the function of a closure.
    pub fn closure_function(&mut self, closure: &ClosureDecl, uses: &[(Vec<u8>, bool)]) -> R<u32> {
        let decl = &closure.decl;
        let index = self.reserve_function();
        let name = self.closure_name(decl.span.line);
        let old_name = std::mem::replace(&mut self.function_name, name.clone());
        let outer = self.enter_function(CodeKind::Closure, decl.span.line);
        let mut flags = ff::CLOSURE;
        if closure.is_static {
            flags |= ff::STATIC;
        }
        if closure.is_arrow {
            flags |= ff::ARROW;
        }
        for param in &decl.params {
            self.f.local(&param.name.text);
        }
        for (name, by_ref) in uses {
            let slot = self.f.local(name);
            self.f.out.uses.push((slot, *by_ref));
        }
        let result = self.function_body(decl, flags);
        self.leave_function(outer, name.into(), index);
        self.function_name = old_name;
        result.map(|()| index)
    }

    fn closure_name(&self, line: u32) -> Vec<u8> {
        let inside = if self.function_name.is_empty() {
            self.unit.file.to_vec()
        } else if self.f.kind == CodeKind::Closure {
            self.function_name.clone()
        } else {
            match &self.class {
                Some(class) => cat!(class.name, "::", self.function_name, "()"),
                None => cat!(self.function_name, "()"),
            }
        };
        cat!("{closure:", inside, ":", line, "}")
    }

    /// Everything of a function but its name: parameters, types, body.
    pub fn function_body(&mut self, decl: &FunctionDecl, flags: u32) -> R<()> {
        let mut flags = flags | self.strict_flag();
        if decl.by_ref {
            flags |= ff::RETURNS_REF;
        }
        if decl.is_generator {
            flags |= ff::GENERATOR;
        }
        if flags & ff::STATIC != 0 {
            self.f.is_static = true;
        }
        self.f.out.flags |= flags;
        self.f.out.end_line = decl.end_line;
        self.f.out.doc = decl.doc.as_ref().map(|d| d.to_box());
        let target =
            if self.f.kind == CodeKind::Method { Target::Method } else { Target::Function };
        self.f.out.attributes = self.attributes(&decl.attributes, target)?;
        self.f.out.flags |= attribute_flags(&self.f.out.attributes);
        if let Some(ty) = &decl.return_type {
            let ty = self.return_type(ty)?;
            if let TypeDecl::Union(u) = &ty {
                self.f.return_kind = match u.bits {
                    type_bits::VOID => ReturnKind::Void,
                    type_bits::NEVER => ReturnKind::Never,
                    _ => ReturnKind::Typed,
                };
                if u.bits == type_bits::VOID && decl.by_ref {
                    let message = cat!(
                        self.function_text(),
                        "(): Returning by reference from a void function is deprecated"
                    );
                    self.diagnose(E_DEPRECATED, message);
                }
            } else {
                self.f.return_kind = ReturnKind::Typed;
            }
            if decl.is_generator {
                self.check_generator_type(&ty)?;
                self.f.return_kind = ReturnKind::Untyped;
            }
            self.f.out.return_type = Some(ty);
        } else if self.f.kind == CodeKind::Method
            && self.function_name.eq_ignore_ascii_case(b"__tostring")
        {
            // What Stringable demands is there without being written.
            let bits = type_bits::STRING;
            self.f.return_kind = ReturnKind::Typed;
            self.f.out.return_type =
                Some(TypeDecl::Union(UnionType { bits, ..UnionType::default() }));
        }
        self.params(&decl.params, decl.body.is_some())?;
        let Some(body) = &decl.body else {
            self.f.out.flags |= ff::ABSTRACT;
            self.f.out.code.clear();
            self.f.out.lines.clear();
            return Ok(());
        };
        self.promoted(&decl.params);
        // `fn(): never => …` ends without returning.
        if flags & ff::ARROW != 0
            && self.f.return_kind == ReturnKind::Never
            && let [ast::Stmt { kind: ast::StmtKind::Return(Some(e)), .. }] = &body[..]
        {
            self.discard(e)?;
            self.implicit_return();
            return Ok(());
        }
        self.collect_labels(body)?;
        self.stmts(body)?;
        self.f.line = decl.end_line;
        self.implicit_return();
        Ok(())
    }

    /// What happens at the end of a function without `return`.
    pub fn implicit_return(&mut self) {
        match self.f.return_kind {
            ReturnKind::Never => {
                self.f.emit(Op::NeverReturned {});
            }
            ReturnKind::Typed => {
                self.f.emit(Op::MissingReturn {});
            }
            ReturnKind::Untyped | ReturnKind::Void => {
                let k = self.f.constant(Literal::Null);
                self.f.emit(Op::ReturnConst { k });
            }
        }
    }

    fn check_generator_type(&self, ty: &TypeDecl) -> R<()> {
        let fits = match ty {
            TypeDecl::Intersection(_) => false,
            TypeDecl::Union(u) => {
                u.bits & (type_bits::ITERABLE | type_bits::OBJECT | type_bits::MIXED) != 0
                    || u.classes.iter().any(|c| match c {
                        outlast_bytecode::ClassTypeName::Named(n) => {
                            [&b"Generator"[..], b"Iterator", b"Traversable"]
                                .iter()
                                .any(|g| n.eq_ignore_ascii_case(g))
                        }
                        _ => false,
                    })
            }
        };
        if !fits {
            fail!(
                self,
                "Generator return type must be a supertype of Generator, ",
                type_text(ty),
                " given"
            );
        }
        Ok(())
    }

    fn params(&mut self, params: &[ast::Param], has_code: bool) -> R<()> {
        for param in params {
            self.f.local(&param.name.text);
        }
        let required =
            params.iter().rposition(|p| p.default.is_none() && !p.variadic).map_or(0, |i| i + 1);
        self.f.out.required = required as u32;
        // What is said about a parameter names the line of its function, or of a constant behind that.
        for i in 0..params.len() {
            self.check_param(params, i)?;
            self.param(params, i, required, has_code)?;
        }
        Ok(())
    }

    fn param(&mut self, params: &[ast::Param], i: usize, required: usize, has_code: bool) -> R<()> {
        let param = &params[i];
        let attributes = self.attributes(&param.attributes, Target::Parameter)?;
        let mut ty = match &param.ty {
            Some(ty) => Some(self.param_type(ty, param)?),
            None => None,
        };
        let nullable = matches!(&ty, Some(TypeDecl::Union(u)) if u.bits & type_bits::NULL != 0);
        let mut default = None;
        if let Some(e) = &param.default {
            let value = self.const_expr(e, true)?;
            if let (Some(declared), ConstExpr::Value(literal)) = (&mut ty, &value) {
                self.check_default(param, declared, literal)?;
            }
            if i < required {
                let implicit_null =
                    param.ty.is_some() && !nullable && value == ConstExpr::Value(Literal::Null);
                if !implicit_null {
                    let message = cat!(
                        self.function_text(),
                        "(): Optional parameter $",
                        param.name.text,
                        " declared before required parameter $",
                        params[required - 1].name.text,
                        " is implicitly treated as a required parameter"
                    );
                    self.diagnose(E_DEPRECATED, message);
                }
            } else {
                default = Some(value);
            }
        }
        if param.variadic {
            self.f.out.flags |= ff::VARIADIC;
        }
        let n = i as u16;
        if has_code {
            if default.is_some()
                && let Some(e) = &param.default
            {
                let passed = self.f.label();
                self.f.emit(Op::RecvOpt { n, target: passed.0 });
                let line = self.f.line;
                self.in_const = true;
                let src = self.expr(e);
                self.in_const = false;
                self.f.line = line;
                let src = src?;
                self.f.emit(Op::SetDefault { n, src });
                self.f.release(src);
                self.f.place(passed);
            }
            if let Some(ty) = &ty {
                let single = !param.variadic;
                let tags = if single { ty.tags() } else { 0 };
                let cache = if single { self.f.type_cache(ty) } else { NO_CACHE };
                self.f.emit(Op::CheckParam { n, tags, cache });
            }
        }
        self.f.out.params.push(Param {
            name: param.name.text.to_box(),
            ty,
            by_ref: param.by_ref,
            variadic: param.variadic,
            default,
            promoted: param.modifiers,
            attributes,
        });
        Ok(())
    }

    /// A literal default must fit the type; `= null` makes the type nullable.
    fn check_default(&mut self, param: &ast::Param, ty: &mut TypeDecl, value: &Literal) -> R<()> {
        if *value == Literal::Null {
            if accepts_null(ty) {
                return Ok(());
            }
            if param.modifiers != 0 {
                fail!(
                    self,
                    "Cannot use null as default value for parameter $",
                    param.name.text,
                    " of type ",
                    type_text(ty)
                );
            }
            if let TypeDecl::Intersection(_) = ty {
                let TypeDecl::Intersection(list) =
                    std::mem::replace(ty, TypeDecl::Union(UnionType::default()))
                else {
                    return Ok(());
                };
                *ty = TypeDecl::Union(UnionType {
                    bits: type_bits::NULL,
                    classes: Vec::new(),
                    intersections: vec![list],
                    intersections_first: true,
                });
            } else if let TypeDecl::Union(u) = ty {
                u.bits |= type_bits::NULL;
            }
            let message = cat!(
                self.function_text(),
                "(): Implicitly marking parameter $",
                param.name.text,
                " as nullable is deprecated, the explicit nullable type must be used instead"
            );
            self.diagnose(E_DEPRECATED, message);
            return Ok(());
        }
        if !crate::types::literal_fits(ty, value) {
            fail!(
                self,
                "Cannot use ",
                crate::types::literal_type(value),
                " as default value for parameter $",
                param.name.text,
                " of type ",
                type_text(ty)
            );
        }
        Ok(())
    }

    /// The current function as messages name it.
    fn function_text(&self) -> Vec<u8> {
        match (&self.class, self.f.kind) {
            (Some(class), CodeKind::Method) => cat!(class.name, "::", self.function_name),
            _ => self.function_name.clone(),
        }
    }

    /// Assigns promoted parameters to their properties.
    fn promoted(&mut self, params: &[ast::Param]) {
        for param in params.iter().filter(|p| p.modifiers != 0 || p.hooks.is_some()) {
            self.f.out.flags |= ff::USES_THIS;
            let var = self.f.local(&param.name.text);
            let name = self.f.str(&param.name.text);
            let cache = self.f.cache();
            if param.by_ref {
                let src = self.nullary(None, |dst| Op::MakeRef { dst, var });
                let path = self.f.path(
                    outlast_bytecode::PathRoot::This,
                    vec![outlast_bytecode::PathStep::Prop { name, cache }],
                );
                self.f.emit(Op::PathBindRef { dst: NO_SLOT, path, src });
                self.f.release(src);
            } else {
                self.f.emit(Op::AssignThisProp { val: var, cache, name });
            }
        }
    }

    /// Resolves attributes.
    pub fn attributes(&mut self, list: &[ast::Attribute], target: Target) -> R<Vec<Attribute>> {
        let mut out: Vec<Attribute> = Vec::with_capacity(list.len());
        for (i, attribute) in list.iter().enumerate() {
            let given: &[ast::Arg] = match &attribute.args {
                None => &[],
                Some(ast::Args::List(args)) => args,
                Some(ast::Args::FirstClass) => {
                    fail!(self, "Cannot create Closure as attribute argument")
                }
            };
            let name = self.resolve_class(&attribute.name)?;
            let repeated = list.iter().enumerate().any(|(j, other)| {
                i != j
                    && self.resolve_class(&other.name).is_ok_and(|n| n.eq_ignore_ascii_case(&name))
            });
            self.check_attribute(&name, target, repeated)?;
            let mut args = Vec::new();
            let mut named: Vec<&[u8]> = Vec::new();
            for arg in given {
                if arg.unpack {
                    fail!(self, "Cannot use unpacking in attribute argument list");
                }
                match &arg.name {
                    Some(name) => {
                        if named.contains(&&name.text[..]) {
                            fail!(self, "Duplicate named parameter $", name.text);
                        }
                        named.push(&name.text);
                    }
                    None if !named.is_empty() => {
                        fail!(self, "Cannot use positional argument after named argument")
                    }
                    None => {}
                }
                let value = self.const_expr(&arg.value, true)?;
                args.push((arg.name.as_ref().map(|n| n.text.to_box()), value));
            }
            out.push(Attribute { name: name.into(), args, line: attribute.name.span.line });
        }
        Ok(out)
    }
}

/// What the engine's own attributes mean for a function.
pub(crate) fn attribute_flags(attributes: &[Attribute]) -> u32 {
    let mut flags = 0;
    for attribute in attributes {
        flags |= match &attribute.name.to_ascii_lowercase()[..] {
            b"deprecated" => ff::DEPRECATED,
            b"override" => ff::OVERRIDE,
            b"returntypewillchange" => ff::RETURN_TYPE_WILL_CHANGE,
            _ => 0,
        };
    }
    flags
}

//! Constant expressions: folded, or a function that computes them.

use outlast_bytecode::{ConstExpr, Literal, Op, function_flags as ff};
use outlast_syntax::ast::{Args, Expr, ExprKind, Selector};

use crate::error::{CompileError, R, fail};
use crate::function::CodeKind;
use crate::place::strip;
use crate::scope::{Compiler, SpecialClass, special_class};

impl Compiler<'_> {
    /// A constant expression; `new` is legal in some places only.
    pub fn const_expr(&mut self, e: &Expr, allow_new: bool) -> R<ConstExpr> {
        if let Some(value) = self.fold(e) {
            return Ok(ConstExpr::Value(value));
        }
        let index = self.reserve_function();
        let outer = self.enter_function(CodeKind::ConstExpr, e.span.line);
        let old_new = std::mem::replace(&mut self.const_new, allow_new);
        let old_line = std::mem::replace(&mut self.const_line, outer.line);
        let result = self.expr(e);
        self.const_new = old_new;
        if let Ok(src) = result {
            self.f.emit(Op::Return { src });
            self.f.release(src);
        }
        self.f.out.flags |= ff::CONST_EXPR | self.strict_flag();
        let name = self.function_name.clone();
        self.leave_function(outer, name.into(), index);
        self.f.line = std::mem::replace(&mut self.const_line, old_line);
        result.map_err(|error| CompileError { line: self.f.line, ..error })?;
        Ok(ConstExpr::Code(index))
    }

    /// Refuses what may not stand in a constant expression.
    pub fn check_const_expr(&mut self, e: &Expr) -> R<()> {
        match &e.kind {
            ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::String(_)
            | ExprKind::Binary { .. }
            | ExprKind::Unary { .. }
            | ExprKind::Logical { .. }
            | ExprKind::Ternary { .. }
            | ExprKind::Coalesce { .. }
            | ExprKind::Magic(_)
            | ExprKind::Property { .. }
            | ExprKind::Paren(_) => Ok(()),
            ExprKind::Name(name) => {
                if self.special_const(name).is_none() {
                    self.const_line = e.span.line;
                }
                Ok(())
            }
            ExprKind::Index { index, .. } => {
                if index.is_none() {
                    fail!(self, "Cannot use [] for reading");
                }
                Ok(())
            }
            ExprKind::Array { items, .. } => {
                if items.iter().flatten().any(|i| i.by_ref) {
                    fail!(self, "Constant expression contains invalid operations");
                }
                Ok(())
            }
            ExprKind::ClassConstant { class, name } => {
                let ExprKind::Name(class_name) = &strip(class).kind else {
                    if matches!(name, Selector::Name(n) if n.text.eq_ignore_ascii_case(b"class")) {
                        fail!(self, "(expression)::class cannot be used in constant expressions");
                    }
                    if self.fold(class).is_some_and(|v| !matches!(v, Literal::Str(_))) {
                        fail!(self, "Class name must be a valid object or a string");
                    }
                    fail!(
                        self,
                        "Dynamic class names are not allowed in compile-time class constant references"
                    );
                };
                if special_class(&class_name.text) == Some(SpecialClass::Static) {
                    if matches!(name, Selector::Name(n) if n.text.eq_ignore_ascii_case(b"class")) {
                        fail!(
                            self,
                            "static::class cannot be used for compile-time class name resolution"
                        );
                    }
                    fail!(self, "\"static::\" is not allowed in compile-time constants");
                }
                Ok(())
            }
            ExprKind::New { class, args } => {
                if !self.const_new {
                    fail!(self, "New expressions are not supported in this context");
                }
                let ExprKind::Name(name) = &strip(class).kind else {
                    fail!(self, "Cannot use dynamic class name in constant expression");
                };
                if special_class(&name.text) == Some(SpecialClass::Static) {
                    fail!(self, "\"static\" is not allowed in compile-time constants");
                }
                match args {
                    Args::List(list) if list.iter().any(|a| a.unpack) => {
                        fail!(self, "Argument unpacking in constant expressions is not supported")
                    }
                    Args::List(_) => Ok(()),
                    Args::FirstClass => {
                        fail!(self, "Cannot create Closure for new expression")
                    }
                }
            }
            ExprKind::NewAnonymous { .. } => {
                if !self.const_new {
                    fail!(self, "New expressions are not supported in this context");
                }
                fail!(self, "Cannot use anonymous class in constant expression")
            }
            _ => fail!(self, "Constant expression contains invalid operations"),
        }
    }
}

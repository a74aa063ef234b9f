//! Statements.

mod file;
mod jump;
mod loops;
mod switch;
mod try_finally;

use outlast_bytecode::{Literal, Op, PathRoot, function_flags as ff};
use outlast_syntax::ast::{Expr, ExprKind, Stmt, StmtKind};

use crate::error::{R, fail};
use crate::name::is_superglobal;
use crate::place::{Access, Place, strip};
use crate::scope::Compiler;

impl Compiler<'_> {
    /// Statements in order.
    pub fn stmts(&mut self, list: &[Stmt]) -> R<()> {
        for stmt in list {
            self.stmt(stmt)?;
        }
        Ok(())
    }

    /// One statement that does not stand at the top level.
    pub fn stmt(&mut self, stmt: &Stmt) -> R<()> {
        self.f.line = stmt.span.line;
        let live = self.f.live_temps();
        self.stmt_kind(stmt)?;
        debug_assert_eq!(live, self.f.live_temps(), "temporaries leak at line {}", stmt.span.line);
        if self.ticks
            && !matches!(stmt.kind, StmtKind::Block(_) | StmtKind::Label(_) | StmtKind::Empty)
        {
            self.f.emit(Op::Tick {});
        }
        Ok(())
    }

    fn stmt_kind(&mut self, stmt: &Stmt) -> R<()> {
        match &stmt.kind {
            StmtKind::Expr(e) => self.discard(e),
            StmtKind::Echo(list) => {
                for e in list {
                    self.echo(e)?;
                }
                Ok(())
            }
            StmtKind::InlineHtml(text) => {
                let k = self.f.str(text);
                self.f.emit(Op::EchoConst { k });
                Ok(())
            }
            StmtKind::Block(body) => self.stmts(body),
            StmtKind::If { branches, otherwise } => self.if_else(branches, otherwise.as_deref()),
            StmtKind::While { cond, body } => self.while_loop(stmt, cond, body),
            StmtKind::DoWhile { body, cond } => self.do_while(stmt, body, cond),
            StmtKind::For { init, cond, step, body } => self.for_loop(stmt, init, cond, step, body),
            StmtKind::Foreach { subject, key, value, by_ref, body } => {
                self.foreach(stmt, subject, key.as_deref(), value, *by_ref, body)
            }
            StmtKind::Switch { subject, cases } => self.switch(stmt, subject, cases),
            StmtKind::Break(level) => self.break_continue(level.as_ref(), true),
            StmtKind::Continue(level) => self.break_continue(level.as_ref(), false),
            StmtKind::Return(value) => self.return_stmt(value.as_ref()),
            StmtKind::Global(list) => {
                for e in list {
                    self.global(e)?;
                }
                Ok(())
            }
            StmtKind::StaticVars(list) => {
                for (name, value) in list {
                    self.f.line = name.span.line;
                    self.static_var(&name.text, value.as_ref())?;
                }
                Ok(())
            }
            StmtKind::Unset(list) => {
                for e in list {
                    self.unset(e)?;
                }
                Ok(())
            }
            StmtKind::Try { body, catches, finally } => {
                self.try_stmt(stmt, body, catches, finally.as_deref())
            }
            StmtKind::Goto(label) => self.goto(label),
            StmtKind::Label(label) => {
                self.place_goto_label(label);
                Ok(())
            }
            StmtKind::Declare { directives, body } => {
                self.declare(directives, body.as_deref(), false)
            }
            StmtKind::Namespace { .. } => {
                fail!(self, "Namespace declarations cannot be nested")
            }
            StmtKind::Use(items) => self.use_items(items),
            StmtKind::Const(items) => self.const_items(items),
            StmtKind::Function(decl) => self.function_statement(decl, false),
            StmtKind::Class(decl) => self.class_statement(decl, false),
            StmtKind::HaltCompiler => {
                fail!(self, "__HALT_COMPILER() can only be used from the outermost scope")
            }
            StmtKind::Empty => Ok(()),
        }
    }

    fn echo(&mut self, e: &Expr) -> R<()> {
        self.f.line = e.span.line;
        if let Some(text) = self.fold(e).and_then(|v| crate::fold::literal_text(&v)) {
            let k = self.f.str(&text);
            self.f.emit(Op::EchoConst { k });
            return Ok(());
        }
        let src = self.expr(e)?;
        self.f.emit(Op::Echo { src });
        self.f.release(src);
        Ok(())
    }

    fn if_else(&mut self, branches: &[(Expr, Vec<Stmt>)], otherwise: Option<&[Stmt]>) -> R<()> {
        let end = self.f.label();
        for (i, (cond, body)) in branches.iter().enumerate() {
            let next = self.f.label();
            self.cond(cond, next, false)?;
            self.stmts(body)?;
            if i + 1 < branches.len() || otherwise.is_some() {
                self.f.jmp(end);
            }
            self.f.place(next);
        }
        if let Some(body) = otherwise {
            self.stmts(body)?;
        }
        self.f.place(end);
        Ok(())
    }

    fn global(&mut self, e: &Expr) -> R<()> {
        self.f.line = e.span.line;
        match &strip(e).kind {
            ExprKind::Variable(name) => {
                if &name[..] == b"this" {
                    fail!(self, "Cannot use $this as global variable");
                }
                if is_superglobal(name) {
                    fail!(self, "Cannot use auto-global as global variable");
                }
                let var = self.f.local(name);
                let name = self.f.str(name);
                self.f.emit(Op::BindGlobal { var, name });
                Ok(())
            }
            ExprKind::VariableVariable(name) => {
                self.f.out.flags |= ff::DYNAMIC_VARS;
                let name = self.expr(name)?;
                self.f.emit(Op::BindGlobalDyn { name });
                self.f.release(name);
                Ok(())
            }
            _ => fail!(self, "Cannot use this expression as a global variable"),
        }
    }

    fn static_var(&mut self, name: &[u8], value: Option<&Expr>) -> R<()> {
        if name == b"this" {
            fail!(self, "Cannot use $this as static variable");
        }
        if self.f.static_names.iter().any(|n| n[..] == *name) {
            fail!(self, "Duplicate declaration of static variable $", *name);
        }
        self.f.static_names.push(name.into());
        let index = self.f.out.statics.len() as u16;
        self.f.out.statics.push(name.into());
        let var = self.f.local(name);
        let done = self.f.label();
        self.f.emit(Op::BindStatic { var, index, target: done.0 });
        let src = match value {
            Some(value) => self.expr(value)?,
            None => self.literal(Literal::Null, None),
        };
        self.f.emit(Op::InitStatic { var, index, src });
        self.f.release(src);
        self.f.place(done);
        Ok(())
    }

    fn unset(&mut self, e: &Expr) -> R<()> {
        self.f.line = e.span.line;
        match self.place_of(e, Access::Unset)? {
            Place::Local(var) => {
                self.f.emit(Op::UnsetLocal { var });
            }
            Place::Path { root, steps } => {
                if matches!(root, PathRoot::Globals) && steps.is_empty() {
                    fail!(
                        self,
                        "$GLOBALS can only be modified using the $GLOBALS[$name] = $value syntax"
                    );
                }
                let path = self.path_index(root, steps);
                self.f.emit(Op::PathUnset { path });
            }
        }
        Ok(())
    }

    fn const_items(&mut self, items: &[outlast_syntax::ast::ConstItem]) -> R<()> {
        for item in items {
            self.f.line = item.name.span.line;
            let text = &item.name.text;
            let special =
                [&b"true"[..], b"false", b"null"].iter().any(|s| text.eq_ignore_ascii_case(s));
            if &text[..] == b"__COMPILER_HALT_OFFSET__" || special {
                fail!(self, "Cannot redeclare constant '", text, "'");
            }
            let full = self.prefix(text);
            if let Some(import) = self.imports.consts.get(&text[..])
                && *import != full
            {
                fail!(self, "Cannot declare const ", full, " because the name is already in use");
            }
            self.seen.consts.insert(full.clone());
            let src = match self.const_expr(&item.value, true)? {
                outlast_bytecode::ConstExpr::Value(value) => self.literal(value, None),
                outlast_bytecode::ConstExpr::Code(_) => self.expr(&item.value)?,
            };
            let name = self.f.str(&full);
            self.f.emit(Op::DefineConst { name, src });
            self.f.release(src);
        }
        Ok(())
    }
}

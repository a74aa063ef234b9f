//! What stands at the top level of a file: namespaces, imports, `declare`, hoisted declarations.

use outlast_bytecode::Literal;
use outlast_syntax::ast::{Expr, Ident, Name, Stmt, StmtKind, UseItem, UseKind};

use crate::error::{R, cat, fail};
use crate::levels::{E_COMPILE_WARNING, E_WARNING};
use crate::name::last_segment;
use crate::scope::{Compiler, Imports, Seen};

impl Compiler<'_> {
    /// The statements of the file.
    pub fn file_stmts(&mut self, list: &[Stmt]) -> R<()> {
        for (i, stmt) in list.iter().enumerate() {
            self.f.line = stmt.span.line;
            match &stmt.kind {
                StmtKind::Namespace { name, body } => {
                    self.namespace(list, i, name.as_ref(), body.as_deref())?;
                }
                StmtKind::Declare { directives, body } => {
                    let first = list[..i].iter().all(|s| match &s.kind {
                        StmtKind::Declare { .. } => true,
                        StmtKind::InlineHtml(text) => text.is_empty(),
                        _ => false,
                    });
                    self.declare(directives, body.as_deref(), first)?;
                }
                _ => {
                    self.check_outside(stmt)?;
                    self.top_stmt(stmt)?;
                }
            }
        }
        Ok(())
    }

    fn check_outside(&self, stmt: &Stmt) -> R<()> {
        let harmless = match &stmt.kind {
            StmtKind::HaltCompiler | StmtKind::Empty => true,
            StmtKind::InlineHtml(text) => text.iter().all(u8::is_ascii_whitespace),
            _ => false,
        };
        if self.bracketed == Some(true) && !harmless {
            fail!(self, "No code may exist outside of namespace {}");
        }
        Ok(())
    }

    fn top_stmts(&mut self, list: &[Stmt]) -> R<()> {
        for stmt in list {
            self.top_stmt(stmt)?;
        }
        Ok(())
    }

    fn top_stmt(&mut self, stmt: &Stmt) -> R<()> {
        self.f.line = stmt.span.line;
        match &stmt.kind {
            StmtKind::Block(body) => self.top_stmts(body),
            StmtKind::Function(decl) => self.function_statement(decl, true),
            StmtKind::Class(decl) => self.class_statement(decl, true),
            StmtKind::HaltCompiler => {
                let k = self.f.constant(Literal::Int(1));
                self.f.emit(outlast_bytecode::Op::ReturnConst { k });
                Ok(())
            }
            _ => self.stmt(stmt),
        }
    }

    fn namespace(
        &mut self,
        list: &[Stmt],
        i: usize,
        name: Option<&Name>,
        body: Option<&[Stmt]>,
    ) -> R<()> {
        let bracketed = body.is_some();
        match self.bracketed {
            Some(before) if before != bracketed => {
                fail!(
                    self,
                    "Cannot mix bracketed namespace declarations with unbracketed namespace declarations"
                );
            }
            Some(_) => {}
            None => {
                let first = list[..i].iter().all(|s| match &s.kind {
                    StmtKind::Declare { body, .. } => body.is_none(),
                    StmtKind::Empty => true,
                    // Only a `#!` line may precede, and that is no statement.
                    StmtKind::InlineHtml(text) => text.is_empty(),
                    _ => false,
                });
                if !first {
                    fail!(
                        self,
                        "Namespace declaration statement has to be the very first statement or after any declare call in the script"
                    );
                }
            }
        }
        self.bracketed = Some(bracketed);
        if let Some(name) = name
            && name.text.eq_ignore_ascii_case(b"namespace")
        {
            fail!(self, "Cannot use '", name.text, "' as namespace name");
        }
        self.namespace = name.map_or_else(Vec::new, |n| n.text.to_vec());
        self.imports = Imports::default();
        self.seen = Seen::default();
        if let Some(body) = body {
            for stmt in body {
                if let StmtKind::Namespace { body, .. } = &stmt.kind {
                    self.f.line = stmt.span.line;
                    if body.is_none() {
                        fail!(
                            self,
                            "Cannot mix bracketed namespace declarations with unbracketed namespace declarations"
                        );
                    }
                    fail!(self, "Namespace declarations cannot be nested");
                }
                self.top_stmt(stmt)?;
            }
            self.namespace.clear();
            self.imports = Imports::default();
        }
        Ok(())
    }

    /// `declare(…)`
    pub(super) fn declare(
        &mut self,
        directives: &[(Ident, Expr)],
        body: Option<&[Stmt]>,
        first: bool,
    ) -> R<()> {
        let old_ticks = self.ticks;
        for (name, value) in directives {
            let folded = match &value.kind {
                outlast_syntax::ast::ExprKind::Int(_)
                | outlast_syntax::ast::ExprKind::Float(_)
                | outlast_syntax::ast::ExprKind::String(_) => self.fold(value),
                _ => None,
            };
            match &name.text.to_ascii_lowercase()[..] {
                b"ticks" => {
                    let Some(value) = folded else {
                        fail!(self, "declare(ticks) value must be a literal");
                    };
                    self.ticks = crate::fold::truthy(&value).unwrap_or(false);
                }
                b"encoding" => {
                    if folded.is_none() {
                        fail!(self, "Encoding must be a literal");
                    }
                    if !first || self.f.kind != crate::function::CodeKind::TopLevel {
                        fail!(
                            self,
                            "Encoding declaration pragma must be the very first statement in the script"
                        );
                    }
                }
                b"strict_types" => {
                    if folded.is_none() {
                        fail!(self, "declare(strict_types) value must be a literal");
                    }
                    if !first {
                        fail!(
                            self,
                            "strict_types declaration must be the very first statement in the script"
                        );
                    }
                    if body.is_some() {
                        fail!(self, "strict_types declaration must not use block mode");
                    }
                    match folded {
                        Some(Literal::Int(n @ (0 | 1))) => self.strict = n == 1,
                        _ => fail!(self, "strict_types declaration must have 0 or 1 as its value"),
                    }
                }
                _ => {
                    let message = cat!("Unsupported declare '", name.text, "'");
                    self.diagnose(E_COMPILE_WARNING, message);
                }
            }
        }
        if let Some(body) = body {
            self.stmts(body)?;
            self.ticks = old_ticks;
        }
        Ok(())
    }

    pub(super) fn use_items(&mut self, items: &[UseItem]) -> R<()> {
        for item in items {
            self.f.line = item.name.span.line;
            self.use_item(item)?;
        }
        Ok(())
    }

    fn use_item(&mut self, item: &UseItem) -> R<()> {
        let full = &item.name.text;
        let alias: &[u8] = match &item.alias {
            Some(alias) => &alias.text,
            None => {
                if !full.contains(&b'\\') && self.namespace.is_empty() {
                    let message =
                        cat!("The use statement with non-compound name '", full, "' has no effect");
                    self.diagnose(E_WARNING, message);
                }
                last_segment(full)
            }
        };
        let (word, key) = match item.kind {
            UseKind::Class => ("", alias.to_ascii_lowercase()),
            UseKind::Function => ("function ", alias.to_ascii_lowercase()),
            UseKind::Const => ("const ", alias.to_vec()),
        };
        if item.kind == UseKind::Class && crate::name::is_reserved_class(alias) {
            fail!(
                self,
                "Cannot use ",
                full,
                " as ",
                *alias,
                " because '",
                *alias,
                "' is a special class name"
            );
        }
        // A name declared in this file under the same alias is in the way.
        let own = self.prefix(&key);
        let taken = match item.kind {
            UseKind::Class => self.seen.classes.contains(&own.to_ascii_lowercase()),
            UseKind::Function => self.seen.functions.contains(&own.to_ascii_lowercase()),
            UseKind::Const => self.seen.consts.contains(&own),
        };
        let same = match item.kind {
            UseKind::Const => own == full.to_vec(),
            _ => own.eq_ignore_ascii_case(full),
        };
        let table = match item.kind {
            UseKind::Class => &mut self.imports.classes,
            UseKind::Function => &mut self.imports.functions,
            UseKind::Const => &mut self.imports.consts,
        };
        if (taken && !same) || table.contains_key(&key) {
            fail!(
                self,
                "Cannot use ",
                word,
                full,
                " as ",
                *alias,
                " because the name is already in use"
            );
        }
        table.insert(key, full.to_vec());
        Ok(())
    }
}

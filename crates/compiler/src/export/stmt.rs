//! Statements.

use outlast_syntax::ast::{Block, Expr, ExprKind, FunctionDecl, Ident, Stmt, StmtKind, UseKind};

use super::Printer;

impl Printer {
    pub(super) fn stmts(&mut self, list: &[Stmt]) {
        for stmt in list {
            self.stmt(stmt);
        }
    }

    fn body(&mut self, list: &[Stmt]) {
        self.block(|p| p.stmts(list));
    }

    /// A line that ends in `;`.
    fn line(&mut self, print: impl FnOnce(&mut Self)) {
        self.start_line();
        print(self);
        self.text(";\n");
    }

    fn keyword_line(&mut self, word: &str, e: Option<&Expr>) {
        self.line(|p| {
            p.text(word);
            if let Some(e) = e {
                p.text(" ");
                p.expr(e, 0);
            }
        });
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Expr(e) => self.line(|p| p.expr(e, 0)),
            StmtKind::Echo(list) => {
                for e in list {
                    self.keyword_line("echo", Some(e));
                }
            }
            StmtKind::InlineHtml(text) => self.line(|p| {
                p.text("echo ");
                p.quoted(text);
            }),
            StmtKind::Block(body) => self.stmts(body),
            StmtKind::If { branches, otherwise } => {
                self.start_line();
                self.if_else(branches, otherwise.as_ref());
                self.text("\n");
            }
            StmtKind::While { cond, body } => {
                self.start_line();
                self.text("while (");
                self.expr(cond, 0);
                self.text(") ");
                self.body(body);
                self.text("\n");
            }
            StmtKind::DoWhile { body, cond } => {
                self.start_line();
                self.text("do ");
                self.body(body);
                self.text(" while (");
                self.expr(cond, 0);
                self.text(");\n");
            }
            StmtKind::For { init, cond, step, body } => {
                self.start_line();
                self.text("for (");
                self.expr_list(init);
                self.text(";");
                for list in [cond, step] {
                    if !list.is_empty() {
                        self.text(" ");
                        self.expr_list(list);
                    }
                    if std::ptr::eq(list, cond) {
                        self.text(";");
                    }
                }
                self.text(") ");
                self.body(body);
                self.text("\n");
            }
            StmtKind::Foreach { subject, key, value, by_ref, body } => {
                self.start_line();
                self.text("foreach (");
                self.expr(subject, 0);
                self.text(" as ");
                if let Some(key) = key {
                    self.expr(key, 0);
                    self.text(" => ");
                }
                if *by_ref {
                    self.text("&");
                }
                self.expr(value, 0);
                self.text(") ");
                self.body(body);
                self.text("\n");
            }
            StmtKind::Switch { subject, cases } => {
                self.start_line();
                self.text("switch (");
                self.expr(subject, 0);
                self.text(") ");
                self.block(|p| {
                    for case in cases {
                        p.start_line();
                        match &case.test {
                            Some(test) => {
                                p.text("case ");
                                p.expr(test, 0);
                                p.text(":\n");
                            }
                            None => p.text("default:\n"),
                        }
                        p.indent += 1;
                        p.stmts(&case.body);
                        p.indent -= 1;
                    }
                });
                self.text("\n");
            }
            StmtKind::Break(level) => self.keyword_line("break", level.as_ref()),
            StmtKind::Continue(level) => self.keyword_line("continue", level.as_ref()),
            StmtKind::Return(value) => self.keyword_line("return", value.as_ref()),
            StmtKind::Global(list) => {
                for e in list {
                    self.keyword_line("global", Some(e));
                }
            }
            StmtKind::StaticVars(list) => {
                for (name, value) in list {
                    self.line(|p| {
                        p.text("static $");
                        p.bytes(&name.text);
                        if let Some(value) = value {
                            p.text(" = ");
                            p.expr(value, 0);
                        }
                    });
                }
            }
            StmtKind::Unset(list) => {
                for e in list {
                    self.line(|p| {
                        p.text("unset(");
                        p.expr(e, 0);
                        p.text(")");
                    });
                }
            }
            StmtKind::Try { body, catches, finally } => {
                self.start_line();
                self.text("try ");
                self.body(body);
                for catch in catches {
                    self.text(" catch (");
                    for (i, name) in catch.types.iter().enumerate() {
                        if i > 0 {
                            self.text(" | ");
                        }
                        self.name(name);
                    }
                    if let Some(var) = &catch.var {
                        self.text(" $");
                        self.bytes(&var.text);
                    }
                    self.text(") ");
                    self.body(&catch.body);
                }
                if let Some(finally) = finally {
                    self.text(" finally ");
                    self.body(&finally.body);
                }
                self.text("\n");
            }
            StmtKind::Goto(label) => self.line(|p| {
                p.text("goto ");
                p.bytes(&label.text);
            }),
            StmtKind::Label(label) => {
                self.start_line();
                self.bytes(&label.text);
                self.text(":\n");
            }
            StmtKind::Declare { directives, body } => self.declare(directives, body.as_ref()),
            StmtKind::Namespace { name, .. } => self.line(|p| {
                p.text("namespace");
                if let Some(name) = name {
                    p.text(" ");
                    p.name(name);
                }
            }),
            StmtKind::Use(items) => {
                for item in items {
                    self.line(|p| {
                        p.text(match item.kind {
                            UseKind::Class => "use ",
                            UseKind::Function => "use function ",
                            UseKind::Const => "use const ",
                        });
                        p.bytes(&item.name.text);
                        if let Some(alias) = &item.alias {
                            p.text(" as ");
                            p.bytes(&alias.text);
                        }
                    });
                }
            }
            StmtKind::Const(items) => self.line(|p| {
                p.text("const ");
                p.const_items(items);
            }),
            StmtKind::Function(decl) => {
                self.start_line();
                self.function(decl);
            }
            StmtKind::Class(decl) => {
                self.start_line();
                self.class(decl);
            }
            StmtKind::HaltCompiler => self.line(|p| p.text("__HALT_COMPILER()")),
            StmtKind::Empty => {}
        }
    }

    fn if_else(&mut self, branches: &[(Expr, Block)], otherwise: Option<&Block>) {
        for (i, (cond, body)) in branches.iter().enumerate() {
            self.text(if i == 0 { "if (" } else { " elseif (" });
            self.expr(cond, 0);
            self.text(") ");
            self.body(body);
        }
        let Some(body) = otherwise else { return };
        self.text(" else ");
        if let [Stmt { kind: StmtKind::If { branches, otherwise }, .. }] = &body[..] {
            self.if_else(branches, otherwise.as_ref());
        } else {
            self.body(body);
        }
    }

    fn declare(&mut self, directives: &[(Ident, Expr)], body: Option<&Block>) {
        self.start_line();
        self.text("declare(");
        for (i, (name, value)) in directives.iter().enumerate() {
            if i > 0 {
                self.text(", ");
            }
            self.bytes(&name.text);
            self.text(" = ");
            self.expr(value, 0);
        }
        self.text(")");
        match body {
            Some(body) => {
                self.text(" ");
                self.body(body);
                self.text("\n");
            }
            None => self.text(";\n"),
        }
    }

    /// A function or method from `function` on, with the empty line PHP puts behind it.
    pub(super) fn function(&mut self, decl: &FunctionDecl) {
        self.text(if decl.by_ref { "function &" } else { "function " });
        self.bytes(&decl.name.text);
        self.signature(decl, &[]);
        match &decl.body {
            Some(body) => {
                self.text(" ");
                self.body(body);
                self.text("\n\n");
            }
            None => self.text(";\n\n"),
        }
    }

    pub(super) fn const_items(&mut self, items: &[outlast_syntax::ast::ConstItem]) {
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.text(", ");
            }
            self.bytes(&item.name.text);
            self.text(" = ");
            self.expr(&item.value, 0);
        }
    }

    /// `$name` or the like of a class member default.
    pub(super) fn default_value(&mut self, value: Option<&Expr>) {
        if let Some(value) = value {
            self.text(" = ");
            if let ExprKind::Paren(inner) = &value.kind {
                self.expr(inner, 0);
            } else {
                self.expr(value, 0);
            }
        }
    }
}

//! Code as text, for the messages of failed assertions: the form PHP gives it, not the one it
//! was written in.

mod class;
mod expr;
mod stmt;

use outlast_syntax::ast::{Bytes, Expr, FunctionDecl, Name, NameKind, Param, Type, TypeKind};

/// The message `assert()` gets when none is written.
pub(crate) fn assertion(e: &Expr) -> Vec<u8> {
    let mut out = Printer { out: b"assert(".to_vec(), indent: 0 };
    out.expr(e, 0);
    out.text(")");
    out.out
}

/// Collects the text.
struct Printer {
    out: Vec<u8>,
    indent: usize,
}

impl Printer {
    fn text(&mut self, s: &str) {
        self.out.extend_from_slice(s.as_bytes());
    }

    fn bytes(&mut self, s: &[u8]) {
        self.out.extend_from_slice(s);
    }

    fn start_line(&mut self) {
        for _ in 0..self.indent {
            self.text("    ");
        }
    }

    /// `{`, what `body` prints, `}`
    fn block(&mut self, body: impl FnOnce(&mut Self)) {
        self.text("{\n");
        self.indent += 1;
        body(self);
        self.indent -= 1;
        self.start_line();
        self.text("}");
    }

    fn name(&mut self, name: &Name) {
        match name.kind {
            NameKind::FullyQualified => self.text("\\"),
            NameKind::Relative => self.text("namespace\\"),
            NameKind::Qualified | NameKind::Unqualified => {}
        }
        self.bytes(&name.text);
    }

    fn names(&mut self, list: &[Name]) {
        for (i, name) in list.iter().enumerate() {
            if i > 0 {
                self.text(", ");
            }
            self.name(name);
        }
    }

    fn ty(&mut self, ty: &Type) {
        match &ty.kind {
            TypeKind::Name(name) => self.name(name),
            TypeKind::Nullable(inner) => {
                self.text("?");
                self.ty(inner);
            }
            TypeKind::Union(list) => {
                for (i, part) in list.iter().enumerate() {
                    if i > 0 {
                        self.text("|");
                    }
                    if matches!(part.kind, TypeKind::Intersection(_)) {
                        self.text("(");
                        self.ty(part);
                        self.text(")");
                    } else {
                        self.ty(part);
                    }
                }
            }
            TypeKind::Intersection(list) => {
                for (i, part) in list.iter().enumerate() {
                    if i > 0 {
                        self.text("&");
                    }
                    self.ty(part);
                }
            }
        }
    }

    fn params(&mut self, params: &[Param]) {
        self.text("(");
        for (i, param) in params.iter().enumerate() {
            if i > 0 {
                self.text(", ");
            }
            self.modifiers(param.modifiers);
            if let Some(ty) = &param.ty {
                self.ty(ty);
                self.text(" ");
            }
            if param.by_ref {
                self.text("&");
            }
            if param.variadic {
                self.text("...");
            }
            self.text("$");
            self.bytes(&param.name.text);
            if let Some(default) = &param.default {
                self.text(" = ");
                self.expr(default, 0);
            }
        }
        self.text(")");
    }

    /// What follows the name of a function, up to its body.
    fn signature(&mut self, decl: &FunctionDecl, uses: &[(outlast_syntax::ast::Ident, bool)]) {
        self.params(&decl.params);
        if !uses.is_empty() {
            self.text(" use(");
            for (i, (name, by_ref)) in uses.iter().enumerate() {
                if i > 0 {
                    self.text(", ");
                }
                self.text(if *by_ref { "&$" } else { "$" });
                self.bytes(&name.text);
            }
            self.text(")");
        }
        if let Some(ty) = &decl.return_type {
            self.text(": ");
            self.ty(ty);
        }
    }

    fn quoted(&mut self, s: &[u8]) {
        if s.iter().any(|&b| b < b' ') {
            self.text("\"");
            self.escaped(s, b'"');
            return self.text("\"");
        }
        self.text("'");
        for &b in s {
            if matches!(b, b'\'' | b'\\') {
                self.out.push(b'\\');
            }
            self.out.push(b);
        }
        self.text("'");
    }

    fn variable(&mut self, name: &Bytes) {
        self.text("$");
        if is_identifier(name) {
            self.bytes(name);
        } else {
            self.text("{");
            self.bytes(name);
            self.text("}");
        }
    }
}

/// Whether a name can stand behind `$` as it is.
fn is_identifier(name: &[u8]) -> bool {
    let letter = |b: u8| b.is_ascii_alphabetic() || b == b'_' || b >= 0x80;
    name.first().is_some_and(|&b| letter(b))
        && name.iter().all(|&b| letter(b) || b.is_ascii_digit())
}

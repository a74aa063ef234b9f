//! Expressions.

use outlast_syntax::ast::{
    Args, ArrayItem, BinaryOp, CastKind, ClosureDecl, Expr, ExprKind, IncludeKind, LogicalOp,
    MagicConst, MatchArm, Selector, StmtKind, StringPart, UnaryOp,
};

use super::{Printer, is_identifier};
use crate::place::strip;

/// Text and the priorities of a binary operator: its own, its left and its right operand's.
fn binary(op: BinaryOp) -> (&'static str, u32, u32, u32) {
    match op {
        BinaryOp::Add => (" + ", 200, 200, 201),
        BinaryOp::Sub => (" - ", 200, 200, 201),
        BinaryOp::Mul => (" * ", 210, 210, 211),
        BinaryOp::Div => (" / ", 210, 210, 211),
        BinaryOp::Mod => (" % ", 210, 210, 211),
        BinaryOp::Pow => (" ** ", 250, 251, 250),
        BinaryOp::Concat => (" . ", 185, 185, 186),
        BinaryOp::BitAnd => (" & ", 160, 160, 161),
        BinaryOp::BitOr => (" | ", 140, 140, 141),
        BinaryOp::BitXor => (" ^ ", 150, 150, 151),
        BinaryOp::ShiftLeft => (" << ", 190, 190, 191),
        BinaryOp::ShiftRight => (" >> ", 190, 190, 191),
        BinaryOp::Equal => (" == ", 170, 171, 171),
        BinaryOp::NotEqual => (" != ", 170, 171, 171),
        BinaryOp::Identical => (" === ", 170, 171, 171),
        BinaryOp::NotIdentical => (" !== ", 170, 171, 171),
        BinaryOp::Less => (" < ", 180, 181, 181),
        BinaryOp::LessEqual => (" <= ", 180, 181, 181),
        BinaryOp::Greater => (" > ", 180, 181, 181),
        BinaryOp::GreaterEqual => (" >= ", 180, 181, 181),
        BinaryOp::Spaceship => (" <=> ", 180, 181, 181),
        BinaryOp::LogicalXor => (" xor ", 40, 40, 41),
    }
}

impl Printer {
    /// Prints an expression in a place that needs parentheses around lower priorities.
    pub(super) fn expr(&mut self, e: &Expr, priority: u32) {
        let e = strip(e);
        match &e.kind {
            ExprKind::Int(i) => self.text(&i.to_string()),
            ExprKind::Float(x) => {
                let text = float_text(*x);
                self.text(&text);
            }
            ExprKind::String(s) => self.quoted(s),
            ExprKind::Interpolated(parts) => self.interpolated(parts, b'"'),
            ExprKind::ShellExec(parts) => self.interpolated(parts, b'`'),
            ExprKind::Array { items, .. } | ExprKind::List(items) => self.items(items),
            ExprKind::Variable(name) => self.variable(name),
            ExprKind::VariableVariable(inner) => {
                self.text("$");
                self.variable_name(inner);
            }
            ExprKind::Index { base, index } => {
                self.expr(base, 260);
                self.text("[");
                if let Some(index) = index {
                    self.expr(index, 0);
                }
                self.text("]");
            }
            ExprKind::Property { object, name, nullsafe } => {
                self.expr(object, 0);
                self.text(if *nullsafe { "?->" } else { "->" });
                self.selector(name);
            }
            ExprKind::StaticProperty { class, name } => {
                self.expr(class, 0);
                self.text("::$");
                match name {
                    Selector::Name(name) => self.bytes(&name.text),
                    Selector::Expr(e) => self.variable_name(e),
                }
            }
            ExprKind::ClassConstant { class, name } => {
                self.expr(class, 0);
                self.text("::");
                self.selector(name);
            }
            ExprKind::Name(name) => self.name(name),
            ExprKind::Call { callee, args, .. } => {
                self.expr(callee, 0);
                self.args(args);
            }
            ExprKind::MethodCall { object, name, args, nullsafe } => {
                self.expr(object, 0);
                self.text(if *nullsafe { "?->" } else { "->" });
                self.selector(name);
                self.args(args);
            }
            ExprKind::StaticCall { class, name, args } => {
                self.expr(class, 0);
                self.text("::");
                self.selector(name);
                self.args(args);
            }
            ExprKind::New { class, args } => {
                self.text("new ");
                self.expr(class, 0);
                self.args(args);
            }
            ExprKind::NewAnonymous { decl, args } => {
                self.text("new class");
                if !matches!(args, Args::List(list) if list.is_empty()) {
                    self.args(args);
                }
                self.text(" ");
                self.class_rest(decl);
            }
            ExprKind::Clone(inner) => self.prefix("clone ", inner, 270, 270, priority),
            ExprKind::Unary { op, expr } => {
                let text = match op {
                    UnaryOp::Plus => "+",
                    UnaryOp::Minus => "-",
                    UnaryOp::Not => "!",
                    UnaryOp::BitNot => "~",
                };
                self.prefix(text, expr, 240, 240, priority);
            }
            ExprKind::IncDec { target, increment, prefix } => {
                let text = if *increment { "++" } else { "--" };
                if *prefix {
                    self.prefix(text, target, 240, 230, priority);
                } else {
                    self.expr(target, 230);
                    self.text(text);
                }
            }
            // The parser joins literal strings.
            ExprKind::Binary { op: BinaryOp::Concat, left, right }
                if joined(left).is_some() && joined(right).is_some() =>
            {
                if let Some(text) = joined(e) {
                    self.quoted(&text);
                }
            }
            ExprKind::Binary { op, left, right } => {
                let (text, own, l, r) = binary(*op);
                self.infix(text, left, right, (own, l, r), priority);
            }
            ExprKind::Logical { op: LogicalOp::And, left, right } => {
                self.infix(" && ", left, right, (130, 130, 131), priority);
            }
            ExprKind::Logical { op: LogicalOp::Or, left, right } => {
                self.infix(" || ", left, right, (120, 120, 121), priority);
            }
            ExprKind::Coalesce { left, right } => {
                self.infix(" ?? ", left, right, (110, 111, 110), priority);
            }
            ExprKind::Assign { target, value } => {
                self.infix(" = ", target, value, (90, 91, 90), priority);
            }
            ExprKind::AssignRef { target, source } => {
                self.infix(" =& ", target, source, (90, 91, 90), priority);
            }
            ExprKind::AssignOp { op, target, value } => {
                let (text, ..) = binary(*op);
                let text = format!(" {}= ", text.trim());
                self.infix(&text, target, value, (90, 91, 90), priority);
            }
            ExprKind::AssignCoalesce { target, value } => {
                self.infix(" ??= ", target, value, (90, 91, 90), priority);
            }
            ExprKind::InstanceOf { expr, class } => {
                self.expr(expr, 0);
                self.text(" instanceof ");
                self.expr(class, 0);
            }
            ExprKind::Ternary { cond, then, otherwise } => {
                self.open(priority > 100);
                self.expr(cond, 100);
                match then {
                    Some(then) => {
                        self.text(" ? ");
                        self.expr(then, 101);
                        self.text(" : ");
                    }
                    None => self.text(" ?: "),
                }
                self.expr(otherwise, 101);
                self.close(priority > 100);
            }
            ExprKind::Cast { kind, expr } => {
                let text = match kind {
                    CastKind::Int => "(int)",
                    CastKind::Float => "(float)",
                    CastKind::String => "(string)",
                    CastKind::Bool => "(bool)",
                    CastKind::Array => "(array)",
                    CastKind::Object => "(object)",
                    CastKind::Unset => "(unset)",
                };
                self.prefix(text, expr, 240, 240, priority);
            }
            ExprKind::Isset(list) => {
                // PHP chains single tests by `&&`.
                self.open(list.len() > 1 && priority > 130);
                for (i, e) in list.iter().enumerate() {
                    if i > 0 {
                        self.text(" && ");
                    }
                    self.function_like("isset", e);
                }
                self.close(list.len() > 1 && priority > 130);
            }
            ExprKind::Empty(inner) => self.function_like("empty", inner),
            ExprKind::Silence(inner) => self.prefix("@", inner, 240, 240, priority),
            ExprKind::Print(inner) => self.prefix("print ", inner, 60, 61, priority),
            ExprKind::Exit(args) => {
                self.text("\\exit");
                match args {
                    Some(args) => self.args(args),
                    None => self.text("()"),
                }
            }
            ExprKind::Include { kind, expr } => {
                let text = match kind {
                    IncludeKind::Include => "include",
                    IncludeKind::IncludeOnce => "include_once",
                    IncludeKind::Require => "require",
                    IncludeKind::RequireOnce => "require_once",
                    IncludeKind::Eval => "eval",
                };
                self.function_like(text, expr);
            }
            ExprKind::Yield { key, value } => {
                self.open(priority > 70);
                self.text("yield ");
                if let Some(value) = value {
                    if let Some(key) = key {
                        self.expr(key, 70);
                        self.text(" => ");
                    }
                    self.expr(value, 70);
                }
                self.close(priority > 70);
            }
            ExprKind::YieldFrom(inner) => self.prefix("yield from ", inner, 85, 86, priority),
            ExprKind::Throw(inner) => {
                self.text("throw ");
                self.expr(inner, 240);
            }
            ExprKind::Match { subject, arms } => self.match_expr(subject, arms),
            ExprKind::Closure(closure) => self.closure(closure, priority),
            ExprKind::Magic(magic) => self.text(match magic {
                MagicConst::Line => "__LINE__",
                MagicConst::File => "__FILE__",
                MagicConst::Dir => "__DIR__",
                MagicConst::Class => "__CLASS__",
                MagicConst::Trait => "__TRAIT__",
                MagicConst::Function => "__FUNCTION__",
                MagicConst::Method => "__METHOD__",
                MagicConst::Namespace => "__NAMESPACE__",
                MagicConst::Property => "__PROPERTY__",
            }),
            ExprKind::Paren(inner) => self.expr(inner, priority),
        }
    }

    fn open(&mut self, needed: bool) {
        if needed {
            self.text("(");
        }
    }

    fn close(&mut self, needed: bool) {
        if needed {
            self.text(")");
        }
    }

    fn prefix(&mut self, text: &str, inner: &Expr, own: u32, operand: u32, priority: u32) {
        self.open(priority > own);
        self.text(text);
        self.expr(inner, operand);
        self.close(priority > own);
    }

    fn infix(
        &mut self,
        text: &str,
        left: &Expr,
        right: &Expr,
        (own, l, r): (u32, u32, u32),
        priority: u32,
    ) {
        self.open(priority > own);
        self.expr(left, l);
        self.text(text);
        self.expr(right, r);
        self.close(priority > own);
    }

    fn function_like(&mut self, name: &str, inner: &Expr) {
        self.text(name);
        self.text("(");
        self.expr(inner, 0);
        self.text(")");
    }

    /// What follows the `$` of `$$name`.
    pub(super) fn variable_name(&mut self, e: &Expr) {
        match &strip(e).kind {
            ExprKind::Variable(_) | ExprKind::VariableVariable(_) => self.expr(e, 0),
            ExprKind::String(s) if is_identifier(s) => self.bytes(s),
            ExprKind::String(s) => {
                self.text("{");
                self.bytes(s);
                self.text("}");
            }
            _ => {
                self.text("{");
                self.expr(e, 0);
                self.text("}");
            }
        }
    }

    fn selector(&mut self, name: &Selector) {
        match name {
            Selector::Name(name) => self.bytes(&name.text),
            Selector::Expr(e)
                if matches!(
                    strip(e).kind,
                    ExprKind::Variable(_) | ExprKind::VariableVariable(_)
                ) =>
            {
                self.expr(e, 0)
            }
            Selector::Expr(e) if matches!(strip(e).kind, ExprKind::String(_)) => {
                if let ExprKind::String(s) = &strip(e).kind {
                    if is_identifier(s) {
                        self.bytes(s);
                    } else {
                        self.text("{");
                        self.bytes(s);
                        self.text("}");
                    }
                }
            }
            Selector::Expr(e) => {
                self.text("{");
                self.expr(e, 0);
                self.text("}");
            }
        }
    }

    pub(super) fn args(&mut self, args: &Args) {
        self.text("(");
        match args {
            Args::FirstClass => self.text("..."),
            Args::List(list) => {
                for (i, arg) in list.iter().enumerate() {
                    if i > 0 {
                        self.text(", ");
                    }
                    if arg.unpack {
                        self.text("...");
                    }
                    if let Some(name) = &arg.name {
                        self.bytes(&name.text);
                        self.text(": ");
                    }
                    self.expr(&arg.value, 0);
                }
            }
        }
        self.text(")");
    }

    pub(super) fn expr_list(&mut self, list: &[Expr]) {
        for (i, e) in list.iter().enumerate() {
            if i > 0 {
                self.text(", ");
            }
            self.expr(e, 0);
        }
    }

    fn items(&mut self, items: &[Option<ArrayItem>]) {
        self.text("[");
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.text(", ");
            }
            let Some(item) = item else { continue };
            if item.unpack {
                self.text("...");
            }
            if let Some(key) = &item.key {
                self.expr(key, 80);
                self.text(" => ");
            }
            if item.by_ref {
                self.text("&");
            }
            self.expr(&item.value, 80);
        }
        self.text("]");
    }

    fn interpolated(&mut self, parts: &[StringPart], quote: u8) {
        self.out.push(quote);
        for (i, part) in parts.iter().enumerate() {
            match part {
                StringPart::Literal(s) => self.escaped(s, quote),
                StringPart::Expr(e) => {
                    let follows_name = match parts.get(i + 1) {
                        Some(StringPart::Literal(next)) => next.first().is_some_and(|&b| {
                            b.is_ascii_alphanumeric()
                                || matches!(b, b'_' | b'[')
                                || b >= 0x80
                                || next.starts_with(b"->")
                        }),
                        _ => false,
                    };
                    let plain = match &strip(e).kind {
                        ExprKind::Variable(name) => is_identifier(name) && !follows_name,
                        ExprKind::VariableVariable(inner) => {
                            matches!(strip(inner).kind, ExprKind::String(_)) && !follows_name
                        }
                        _ => false,
                    };
                    if plain {
                        self.expr(e, 0);
                    } else {
                        self.text("{");
                        self.expr(e, 0);
                        self.text("}");
                    }
                }
            }
        }
        self.out.push(quote);
    }

    pub(super) fn escaped(&mut self, s: &[u8], quote: u8) {
        for &b in s {
            match b {
                b'\n' => self.text("\\n"),
                b'\r' => self.text("\\r"),
                b'\t' => self.text("\\t"),
                0x0c => self.text("\\f"),
                0x0b => self.text("\\v"),
                0x1b => self.text("\\e"),
                b if b < b' ' => {
                    self.text("\\0");
                    self.out.push(b'0' + b / 8);
                    self.out.push(b'0' + b % 8);
                }
                b => {
                    if b == quote || matches!(b, b'$' | b'\\') {
                        self.out.push(b'\\');
                    }
                    self.out.push(b);
                }
            }
        }
    }

    fn match_expr(&mut self, subject: &Expr, arms: &[MatchArm]) {
        self.text("match (");
        self.expr(subject, 0);
        self.text(") ");
        self.block(|p| {
            for arm in arms {
                p.start_line();
                match &arm.conds {
                    None => p.text("default"),
                    Some(conds) => p.expr_list(conds),
                }
                p.text(" => ");
                p.expr(&arm.body, 0);
                p.text(",\n");
            }
        });
    }

    fn closure(&mut self, closure: &ClosureDecl, _priority: u32) {
        if closure.is_static {
            self.text("static ");
        }
        let decl = &closure.decl;
        if closure.is_arrow {
            self.text(if decl.by_ref { "fn&" } else { "fn" });
            self.signature(decl, &[]);
            self.text(" => ");
            if let Some(stmt) = decl.body.iter().flatten().next()
                && let StmtKind::Return(Some(e)) | StmtKind::Expr(e) = &stmt.kind
            {
                self.expr(e, 0);
            }
            return;
        }
        self.text(if decl.by_ref { "function &" } else { "function " });
        self.signature(decl, &closure.uses);
        self.text(" ");
        self.block(|p| p.stmts(decl.body.as_deref().unwrap_or_default()));
    }
}

/// Literal strings joined by `.`.
fn joined(e: &Expr) -> Option<Vec<u8>> {
    match &strip(e).kind {
        ExprKind::String(s) => Some(s.to_vec()),
        ExprKind::Binary { op: BinaryOp::Concat, left, right } => {
            let mut text = joined(left)?;
            text.extend(joined(right)?);
            Some(text)
        }
        _ => None,
    }
}

/// A float with 14 significant digits, as the default of `precision` shows it.
fn float_text(x: f64) -> String {
    const PRECISION: i32 = 14;
    if x.is_nan() {
        return "NAN".into();
    }
    if x.is_infinite() {
        return if x > 0.0 { "INF".into() } else { "-INF".into() };
    }
    let text = format!("{x:.13e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let digits = digits.trim_end_matches('0').trim_end_matches('.');
    if (-4..PRECISION + 1).contains(&exponent) {
        let decimals = usize::try_from(PRECISION - 1 - exponent).unwrap_or(0);
        let plain = format!("{x:.decimals$}");
        let plain = match plain.contains('.') {
            true => plain.trim_end_matches('0').trim_end_matches('.'),
            false => &plain,
        };
        return if plain.contains('.') { plain.into() } else { format!("{plain}.0") };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    let point = if digits.contains('.') { "" } else { ".0" };
    format!("{digits}{point}E{sign}{}", exponent.abs())
}

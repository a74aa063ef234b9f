//! Visits the expressions of a tree without entering functions or classes.

use outlast_syntax::ast::{Args, ArrayItem, Expr, ExprKind, Selector, Stmt, StmtKind, StringPart};

/// Calls `f` with every direct part of an expression.
pub(crate) fn children<'e>(e: &'e Expr, f: &mut dyn FnMut(&'e Expr)) {
    match &e.kind {
        ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::String(_)
        | ExprKind::Name(_)
        | ExprKind::Magic(_)
        | ExprKind::Variable(_)
        | ExprKind::Closure(_) => {}
        ExprKind::Interpolated(parts) | ExprKind::ShellExec(parts) => {
            for part in parts {
                if let StringPart::Expr(e) = part {
                    f(e);
                }
            }
        }
        ExprKind::Array { items, .. } | ExprKind::List(items) => list_items(items, f),
        ExprKind::VariableVariable(e)
        | ExprKind::Clone(e)
        | ExprKind::Unary { expr: e, .. }
        | ExprKind::IncDec { target: e, .. }
        | ExprKind::Cast { expr: e, .. }
        | ExprKind::Empty(e)
        | ExprKind::Silence(e)
        | ExprKind::Print(e)
        | ExprKind::Include { expr: e, .. }
        | ExprKind::YieldFrom(e)
        | ExprKind::Throw(e)
        | ExprKind::Paren(e) => f(e),
        ExprKind::Index { base, index } => {
            f(base);
            if let Some(index) = index {
                f(index);
            }
        }
        ExprKind::Property { object: base, name, .. }
        | ExprKind::StaticProperty { class: base, name }
        | ExprKind::ClassConstant { class: base, name } => {
            f(base);
            selector(name, f);
        }
        ExprKind::Call { callee, args, .. } => {
            f(callee);
            arguments(args, f);
        }
        ExprKind::MethodCall { object: base, name, args, .. }
        | ExprKind::StaticCall { class: base, name, args } => {
            f(base);
            selector(name, f);
            arguments(args, f);
        }
        ExprKind::New { class, args } => {
            f(class);
            arguments(args, f);
        }
        ExprKind::NewAnonymous { args, .. } => arguments(args, f),
        ExprKind::Binary { left, right, .. }
        | ExprKind::Logical { left, right, .. }
        | ExprKind::Coalesce { left, right }
        | ExprKind::Assign { target: left, value: right }
        | ExprKind::AssignRef { target: left, source: right }
        | ExprKind::AssignOp { target: left, value: right, .. }
        | ExprKind::AssignCoalesce { target: left, value: right }
        | ExprKind::InstanceOf { expr: left, class: right } => {
            f(left);
            f(right);
        }
        ExprKind::Ternary { cond, then, otherwise } => {
            f(cond);
            if let Some(then) = then {
                f(then);
            }
            f(otherwise);
        }
        ExprKind::Isset(list) => list.iter().for_each(f),
        ExprKind::Exit(args) => {
            if let Some(args) = args {
                arguments(args, f);
            }
        }
        ExprKind::Yield { key, value } => {
            for e in [key, value].into_iter().flatten() {
                f(e);
            }
        }
        ExprKind::Match { subject, arms } => {
            f(subject);
            for arm in arms {
                arm.conds.iter().flatten().for_each(&mut *f);
                f(&arm.body);
            }
        }
    }
}

fn arguments<'e>(args: &'e Args, f: &mut dyn FnMut(&'e Expr)) {
    if let Args::List(list) = args {
        for arg in list {
            f(&arg.value);
        }
    }
}

fn selector<'e>(name: &'e Selector, f: &mut dyn FnMut(&'e Expr)) {
    if let Selector::Expr(e) = name {
        f(e);
    }
}

fn list_items<'e>(items: &'e [Option<ArrayItem>], f: &mut dyn FnMut(&'e Expr)) {
    for item in items.iter().flatten() {
        if let Some(key) = &item.key {
            f(key);
        }
        f(&item.value);
    }
}

/// Calls `f` with the expressions directly in statements, however deep these are nested.
pub(crate) fn expressions<'e>(list: &'e [Stmt], f: &mut dyn FnMut(&'e Expr)) {
    for stmt in list {
        match &stmt.kind {
            StmtKind::Expr(e) => f(e),
            StmtKind::Echo(list) | StmtKind::Global(list) | StmtKind::Unset(list) => {
                list.iter().for_each(&mut *f);
            }
            StmtKind::Block(body) => expressions(body, f),
            StmtKind::If { branches, otherwise } => {
                for (cond, body) in branches {
                    f(cond);
                    expressions(body, f);
                }
                if let Some(body) = otherwise {
                    expressions(body, f);
                }
            }
            StmtKind::While { cond, body } | StmtKind::DoWhile { body, cond } => {
                f(cond);
                expressions(body, f);
            }
            StmtKind::For { init, cond, step, body } => {
                init.iter().chain(cond).chain(step).for_each(&mut *f);
                expressions(body, f);
            }
            StmtKind::Foreach { subject, key, value, body, .. } => {
                f(subject);
                if let Some(key) = key {
                    f(key);
                }
                f(value);
                expressions(body, f);
            }
            StmtKind::Switch { subject, cases } => {
                f(subject);
                for case in cases {
                    if let Some(test) = &case.test {
                        f(test);
                    }
                    expressions(&case.body, f);
                }
            }
            StmtKind::Break(e) | StmtKind::Continue(e) | StmtKind::Return(e) => {
                if let Some(e) = e {
                    f(e);
                }
            }
            StmtKind::StaticVars(list) => {
                for (_, value) in list {
                    if let Some(value) = value {
                        f(value);
                    }
                }
            }
            StmtKind::Try { body, catches, finally } => {
                expressions(body, f);
                for catch in catches {
                    expressions(&catch.body, f);
                }
                if let Some(finally) = finally {
                    expressions(&finally.body, f);
                }
            }
            StmtKind::Declare { body: Some(body), .. }
            | StmtKind::Namespace { body: Some(body), .. } => expressions(body, f),
            StmtKind::Const(items) => {
                for item in items {
                    f(&item.value);
                }
            }
            StmtKind::InlineHtml(_)
            | StmtKind::Goto(_)
            | StmtKind::Label(_)
            | StmtKind::Declare { .. }
            | StmtKind::Namespace { .. }
            | StmtKind::Use(_)
            | StmtKind::Function(_)
            | StmtKind::Class(_)
            | StmtKind::HaltCompiler
            | StmtKind::Empty => {}
        }
    }
}

/// Whether code mentions `$this->name`; closures count, other functions do not.
pub(crate) fn uses_this_property(e: &Expr, name: &[u8]) -> bool {
    match &e.kind {
        ExprKind::Property { object, name: Selector::Name(prop), .. }
            if crate::place::is_this(object) && &prop.text[..] == name =>
        {
            return true;
        }
        // `parent::$name::get()` reads the storage, too.
        ExprKind::StaticProperty { class, name: Selector::Name(prop) }
            if &prop.text[..] == name
                && matches!(&class.kind, ExprKind::Name(n) if n.text.eq_ignore_ascii_case(b"parent")) =>
        {
            return true;
        }
        _ => {}
    }
    let mut found = false;
    children(e, &mut |e| found = found || uses_this_property(e, name));
    found
}

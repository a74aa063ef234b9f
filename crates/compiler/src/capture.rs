//! Which variables an arrow function takes from its surroundings.

use outlast_syntax::ast::{Expr, ExprKind, FunctionDecl};

use crate::name::is_superglobal;
use crate::walk::{children, expressions};

/// The variables an arrow function uses besides its parameters, in order of first use.
pub(crate) fn free_variables(decl: &FunctionDecl) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    collect_function(decl, &mut found);
    found
}

fn collect_function(decl: &FunctionDecl, found: &mut Vec<Vec<u8>>) {
    let mut inner = Vec::new();
    expressions(decl.body.as_deref().unwrap_or_default(), &mut |e| collect(e, &mut inner));
    for name in inner {
        if !decl.params.iter().any(|p| p.name.text[..] == name[..]) {
            add(&name, found);
        }
    }
}

fn add(name: &[u8], found: &mut Vec<Vec<u8>>) {
    if name != b"this" && !is_superglobal(name) && !found.iter().any(|n| n == name) {
        found.push(name.to_vec());
    }
}

fn collect(e: &Expr, found: &mut Vec<Vec<u8>>) {
    match &e.kind {
        ExprKind::Variable(name) => add(name, found),
        ExprKind::Closure(closure) if closure.is_arrow => collect_function(&closure.decl, found),
        ExprKind::Closure(closure) => {
            for (name, _) in &closure.uses {
                add(&name.text, found);
            }
        }
        _ => children(e, &mut |e| collect(e, found)),
    }
}

//! Parameters of functions, PHP's and native ones alike.

use crate::support::{Place, evaluate, place_of};
use outlast_bytecode::{Attribute, ClassRef as CodeClass, ConstExpr, Function, Op, TypeDecl};
use outlast_value::{PhpArray, PhpString, Value};
use outlast_vm::function::{ByRef, Func, FuncKind};
use outlast_vm::{Cx, Ret};

/// A parameter.
pub struct Parameter {
    pub name: PhpString,
    pub ty: Option<TypeDecl>,
    pub by_ref: ByRef,
    pub variadic: bool,
    pub optional: bool,
    pub promoted: bool,
    pub default: Option<Default>,
    pub attributes: Vec<Attribute>,
}

/// A default value.
pub enum Default {
    /// Of PHP code.
    Code(ConstExpr, Place),
    /// Of a native function, as its stub writes it.
    Native(&'static str, Option<outlast_vm::ClassRef>),
}

/// Parameter `index` of a function.
pub fn parameter(func: &Func, index: usize) -> Option<Parameter> {
    let required = func.required();
    match &func.kind {
        FuncKind::User(u) => {
            let p = u.decl().params.get(index)?;
            let optional = index >= required || p.variadic;
            let default = p.default.clone().filter(|_| optional);
            Some(Parameter {
                name: PhpString::new(&p.name),
                ty: p.ty.clone(),
                by_ref: func.by_ref(index),
                variadic: p.variadic,
                optional,
                promoted: p.promoted != 0,
                default: default.map(|d| Default::Code(d, place_of(func))),
                attributes: p.attributes.clone(),
            })
        }
        FuncKind::Native(n, _) => {
            let p = n.params.get(index)?;
            Some(Parameter {
                name: PhpString::from(p.name),
                ty: p.ty.to_decl(),
                by_ref: func.by_ref(index),
                variadic: p.variadic,
                optional: index >= required || p.variadic,
                promoted: false,
                default: p
                    .default
                    .filter(|d| *d != "UNKNOWN")
                    .map(|d| Default::Native(d, func.scope())),
                attributes: Vec::new(),
            })
        }
    }
}

/// The constant that a constant expression is, as it is written.
pub fn constant_name(decl: &Function) -> Option<String> {
    let text = |k: u32| match decl.consts.get(k as usize) {
        Some(outlast_bytecode::Literal::Str(s)) => Some(String::from_utf8_lossy(s).into_owned()),
        _ => None,
    };
    match decl.code.as_slice() {
        [Op::FetchConst { name, .. } | Op::FetchConstNs { name, .. }, Op::Return { .. }, ..] => {
            text(*name)
        }
        [Op::FetchClassConst { class, name, .. }, Op::Return { .. }, ..] => {
            let class = match decl.class_refs.get(*class as usize)? {
                CodeClass::Name { name, .. } => text(*name)?,
                CodeClass::SelfClass => "self".to_owned(),
                CodeClass::Parent => "parent".to_owned(),
                CodeClass::Static => "static".to_owned(),
                CodeClass::Dynamic(_) => return None,
            };
            Some(format!("{class}::{}", text(*name)?))
        }
        _ => None,
    }
}

impl Default {
    /// The constant it names, if it is one.
    pub fn constant(&self) -> Option<String> {
        match self {
            Default::Code(ConstExpr::Value(_), _) => None,
            Default::Code(ConstExpr::Code(index), place) => {
                constant_name(&place.unit.as_ref()?.unit.functions[*index as usize])
            }
            Default::Native(text, _) => is_constant_text(text).then(|| (*text).to_owned()),
        }
    }

    /// Its value.
    pub fn value(&self, cx: &mut Cx) -> Ret<Value> {
        match self {
            Default::Code(expr, place) => evaluate(cx, place, expr),
            Default::Native(text, scope) => native_default(cx, text, *scope),
        }
    }
}

fn is_constant_text(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '\\')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '\\' | ':'))
        && !["null", "true", "false"].iter().any(|w| text.eq_ignore_ascii_case(w))
}

/// The value of a default as a stub writes it: a literal, constants, or flags joined by `|`.
fn native_default(cx: &mut Cx, text: &str, scope: Option<outlast_vm::ClassRef>) -> Ret<Value> {
    let text = text.trim();
    if let Some(v) = literal(text) {
        return Ok(v);
    }
    if text.contains('|') {
        let mut bits = 0;
        for part in text.split('|') {
            if let Value::Int(n) = native_default(cx, part, scope)? {
                bits |= n;
            }
        }
        return Ok(Value::Int(bits));
    }
    if let Some((class, name)) = text.split_once("::") {
        let class = match (class, scope) {
            ("self" | "static", Some(c)) => c,
            _ => cx.class_or_throw(&PhpString::from(class))?,
        };
        return cx.class_constant(class, &PhpString::from(name), Some(class));
    }
    match cx.global_constant(text.trim_start_matches('\\').as_bytes()) {
        Some(v) => Ok(v),
        None => Err(cx.throw_error(format!("Undefined constant \"{text}\""))),
    }
}

fn literal(text: &str) -> Option<Value> {
    let first = text.chars().next()?;
    if text.len() >= 2 && (first == '"' || first == '\'') && text.ends_with(first) {
        let inner = &text[1..text.len() - 1];
        let inner = match first {
            '"' => inner
                .replace("\\n", "\n")
                .replace("\\r", "\r")
                .replace("\\t", "\t")
                .replace("\\v", "\u{b}")
                .replace("\\0", "\0")
                .replace("\\\"", "\""),
            _ => inner.replace("\\'", "'"),
        };
        return Some(Value::str(inner.replace("\\\\", "\\")));
    }
    match text {
        "[]" => return Some(Value::Array(PhpArray::new())),
        t if t.eq_ignore_ascii_case("null") => return Some(Value::Null),
        t if t.eq_ignore_ascii_case("true") => return Some(Value::Bool(true)),
        t if t.eq_ignore_ascii_case("false") => return Some(Value::Bool(false)),
        _ => {}
    }
    if !first.is_ascii_digit() && first != '-' && first != '.' {
        return None;
    }
    match text.parse::<i64>() {
        Ok(i) => Some(Value::Int(i)),
        Err(_) => text.parse::<f64>().ok().map(Value::Float),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_defaults_of_stubs() {
        assert!(matches!(literal("-1"), Some(Value::Int(-1))));
        assert!(matches!(literal("1.5"), Some(Value::Float(_))));
        assert!(matches!(literal("\" \\n\""), Some(Value::Str(s)) if s.as_bytes() == b" \n"));
        assert!(literal("SORT_REGULAR").is_none());
        assert!(is_constant_text("SORT_REGULAR") && is_constant_text("A::B"));
        assert!(!is_constant_text("null") && !is_constant_text("A|B"));
    }
}

//! Signatures of methods: printing them and telling whether one may override another.

use super::variance::{Scoped, Variance, Verdict, is_mixed};
use crate::class::ClassRef;
use crate::function::{Func, FuncKind};
use crate::types::{Resolve, type_to_string_in};
use outlast_bytecode::{
    ClassRef as ClassOperand, ConstExpr, Function, Literal, Op, TypeDecl, UnionType, Unit,
    function_flags, type_bits,
};
use std::borrow::Cow;

/// A parameter of any method.
struct SigParam<'a> {
    name: Cow<'a, str>,
    ty: Option<Cow<'a, TypeDecl>>,
    by_ref: bool,
    variadic: bool,
    default: Option<DefaultValue<'a>>,
}

enum DefaultValue<'a> {
    Expr(&'a ConstExpr, &'a Unit),
    Text(&'static str),
}

/// A method with what its declaration says, and the class that `self` means in it.
pub(crate) struct Signature<'a> {
    func: &'a Func,
    params: Vec<SigParam<'a>>,
    ret: Option<Cow<'a, TypeDecl>>,
    tentative: bool,
    scope: ClassRef,
    /// The class that messages name.
    shown: ClassRef,
}

impl<'a> Signature<'a> {
    /// A method as declared; `scope` is what `self` means in it, `shown` the class that messages
    /// name.
    pub(crate) fn new(func: &'a Func, scope: ClassRef, shown: ClassRef) -> Signature<'a> {
        match &func.kind {
            FuncKind::User(u) => {
                let decl = u.decl();
                let unit = &*u.unit.unit;
                let params = decl
                    .params
                    .iter()
                    .map(|p| SigParam {
                        name: String::from_utf8_lossy(&p.name),
                        ty: p.ty.as_ref().map(Cow::Borrowed),
                        by_ref: p.by_ref,
                        variadic: p.variadic,
                        default: p.default.as_ref().map(|d| DefaultValue::Expr(d, unit)),
                    })
                    .collect();
                let mut ret = decl.return_type.as_ref().map(Cow::Borrowed);
                if ret.is_none() && func.name.as_bytes().eq_ignore_ascii_case(b"__tostring") {
                    // PHP adds the return type that the method has anyway.
                    ret = Some(Cow::Owned(TypeDecl::Union(UnionType {
                        bits: type_bits::STRING,
                        ..UnionType::default()
                    })));
                }
                Signature { func, params, ret, tentative: false, scope, shown }
            }
            FuncKind::Native(n, _) => {
                let params = n
                    .params
                    .iter()
                    .map(|p| SigParam {
                        name: Cow::Borrowed(p.name),
                        ty: p.ty.to_decl().map(Cow::Owned),
                        by_ref: p.by_ref,
                        variadic: p.variadic,
                        default: p.default.map(DefaultValue::Text),
                    })
                    .collect();
                let ret = n.ret.to_decl().map(Cow::Owned);
                Signature { func, params, ret, tentative: n.tentative, scope, shown }
            }
        }
    }

    fn param(&self, i: usize) -> Option<&SigParam<'a>> {
        self.params.get(i).or_else(|| self.params.last().filter(|p| p.variadic))
    }

    /// Does the child declare `#[\ReturnTypeWillChange]`?
    pub(crate) fn return_type_will_change(&self) -> bool {
        self.func
            .user()
            .is_some_and(|u| u.decl().flags & function_flags::RETURN_TYPE_WILL_CHANGE != 0)
    }

    /// The signature as messages show it: `A::f(int $x = 1): string`.
    pub(crate) fn print(&self) -> String {
        let resolve = Resolve { scope: Some(self.scope), called: None };
        let mut out = String::new();
        if self.func.returns_ref() {
            out.push_str("& ");
        }
        out.push_str(&format!("{}::{}(", self.shown.display_name(), self.func.name));
        let required = self.func.required();
        for (i, p) in self.params.iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            if let Some(ty) = &p.ty {
                out.push_str(&type_to_string_in(ty, resolve));
                out.push(' ');
            }
            if p.by_ref {
                out.push('&');
            }
            if p.variadic {
                out.push_str("...");
            }
            out.push('$');
            out.push_str(&p.name);
            if i >= required && !p.variadic {
                out.push_str(" = ");
                match &p.default {
                    Some(d) => out.push_str(&d.print()),
                    None => out.push_str("<default>"),
                }
            }
        }
        out.push(')');
        if let Some(ret) = &self.ret {
            out.push_str(": ");
            out.push_str(&type_to_string_in(ret, resolve));
        }
        out
    }
}

impl DefaultValue<'_> {
    fn print(&self) -> String {
        match self {
            DefaultValue::Text("UNKNOWN") => "<default>".to_owned(),
            DefaultValue::Text(t) => (*t).to_owned(),
            DefaultValue::Expr(ConstExpr::Value(l), _) => literal(l),
            DefaultValue::Expr(ConstExpr::Code(f), unit) => {
                constant_name(&unit.functions[*f as usize])
                    .unwrap_or_else(|| "<expression>".to_owned())
            }
        }
    }
}

fn literal(l: &Literal) -> String {
    match l {
        Literal::Null => "null".to_owned(),
        Literal::Bool(b) => b.to_string(),
        Literal::Int(i) => i.to_string(),
        Literal::Float(f) => {
            String::from_utf8_lossy(&outlast_number::to_string_precision(*f, 14)).into_owned()
        }
        Literal::Str(s) => {
            let cut = &s[..s.len().min(10)];
            let dots = if s.len() > 10 { "..." } else { "" };
            format!("'{}{dots}'", String::from_utf8_lossy(cut))
        }
        Literal::Array(items) if items.is_empty() => "[]".to_owned(),
        Literal::Array(_) => "[...]".to_owned(),
    }
}

/// The name of the constant that a constant expression is, if it is just one.
fn constant_name(f: &Function) -> Option<String> {
    let string = |k: u32| match f.consts.get(k as usize) {
        Some(Literal::Str(s)) => Some(String::from_utf8_lossy(s).into_owned()),
        _ => None,
    };
    let mut ops = f.code.iter().filter(|op| !matches!(op, Op::Nop {}));
    let first = ops.next()?;
    if !matches!(ops.next(), Some(Op::Return { .. })) {
        return None;
    }
    match *first {
        Op::FetchConst { name, .. } | Op::FetchConstNs { name, .. } => string(name),
        Op::FetchClassConst { class, name, .. } => {
            let class = match f.class_refs.get(class as usize)? {
                ClassOperand::Name { name, .. } => string(*name)?,
                ClassOperand::SelfClass => "self".to_owned(),
                ClassOperand::Parent => "parent".to_owned(),
                ClassOperand::Static => "static".to_owned(),
                ClassOperand::Dynamic(_) => return None,
            };
            Some(format!("{class}::{}", string(name)?))
        }
        _ => None,
    }
}

/// May a method override another?
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Compatibility {
    Yes,
    No,
    /// Only the tentative return type of a native method is not kept.
    Deprecated,
    /// This class is not known yet.
    Unknown(Vec<u8>),
}

/// Checks a child's signature against its prototype's.
pub(crate) fn compatibility(
    child: &Signature<'_>,
    proto: &Signature<'_>,
    variance: &mut Variance<'_>,
) -> Compatibility {
    if proto.func.required() < child.func.required()
        || proto.func.returns_ref() && !child.func.returns_ref()
        || proto.func.is_variadic() && !child.func.is_variadic()
    {
        return Compatibility::No;
    }
    let mut verdict = Verdict::Yes;
    for i in 0..proto.params.len().max(child.params.len()) {
        let Some(p) = proto.param(i) else { continue };
        let Some(c) = child.param(i) else { return Compatibility::No };
        if p.by_ref != c.by_ref {
            return Compatibility::No;
        }
        verdict = verdict.and(|| param_fits(c, child.scope, p, proto.scope, variance));
        if verdict == Verdict::No {
            return Compatibility::No;
        }
    }
    if let Some(wanted) = &proto.ret {
        let Some(ret) = &child.ret else {
            return match (proto.tentative, verdict) {
                (false, _) => Compatibility::No,
                (true, Verdict::Unknown(name)) => Compatibility::Unknown(name),
                (true, _) => Compatibility::Deprecated,
            };
        };
        let kept = variance.is_subtype(
            Scoped { ty: ret, scope: Some(child.scope) },
            Scoped { ty: wanted, scope: Some(proto.scope) },
        );
        match kept {
            Verdict::No if proto.tentative && verdict == Verdict::Yes => {
                return Compatibility::Deprecated;
            }
            Verdict::No if !proto.tentative => return Compatibility::No,
            kept => verdict = verdict.and(|| kept),
        }
    }
    match verdict {
        Verdict::Yes => Compatibility::Yes,
        Verdict::No => Compatibility::No,
        Verdict::Unknown(name) => Compatibility::Unknown(name),
    }
}

/// A child's parameter has to take whatever the prototype's takes.
fn param_fits(
    child: &SigParam<'_>,
    child_scope: ClassRef,
    proto: &SigParam<'_>,
    proto_scope: ClassRef,
    variance: &mut Variance<'_>,
) -> Verdict {
    let Some(c) = &child.ty else { return Verdict::Yes };
    if is_mixed(c) {
        return Verdict::Yes;
    }
    let Some(p) = &proto.ty else { return Verdict::No };
    variance.is_subtype(
        Scoped { ty: p, scope: Some(proto_scope) },
        Scoped { ty: c, scope: Some(child_scope) },
    )
}

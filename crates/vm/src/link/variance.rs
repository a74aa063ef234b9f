//! Subtyping of declared types, with classes that may not be loaded yet.

use crate::Cx;
use crate::class::ClassRef;
use outlast_bytecode::{ClassTypeName, TypeDecl, UnionType, type_bits};

/// Is one type a subtype of another?
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Yes,
    No,
    /// This class has to be known to tell.
    Unknown(Vec<u8>),
}

impl Verdict {
    /// `No` is final, `Unknown` spoils `Yes`.
    pub(crate) fn and(self, other: impl FnOnce() -> Verdict) -> Verdict {
        match self {
            Verdict::No => Verdict::No,
            Verdict::Yes => other(),
            unknown => match other() {
                Verdict::No => Verdict::No,
                _ => unknown,
            },
        }
    }

    /// `Yes` is final, `Unknown` spoils `No`.
    fn or(self, other: impl FnOnce() -> Verdict) -> Verdict {
        match self {
            Verdict::Yes => Verdict::Yes,
            Verdict::No => other(),
            unknown => match other() {
                Verdict::Yes => Verdict::Yes,
                _ => unknown,
            },
        }
    }
}

/// A type as seen from the class that declares it.
#[derive(Clone, Copy)]
pub(crate) struct Scoped<'a> {
    pub(crate) ty: &'a TypeDecl,
    pub(crate) scope: Option<ClassRef>,
}

fn bits(ty: &TypeDecl) -> u32 {
    match ty {
        TypeDecl::Union(u) => u.bits & !type_bits::ITERABLE,
        TypeDecl::Intersection(_) => 0,
    }
}

pub(crate) fn is_mixed(ty: &TypeDecl) -> bool {
    bits(ty) & type_bits::MIXED != 0
}

fn resolve(name: &ClassTypeName, scope: Option<ClassRef>) -> Vec<u8> {
    match name {
        ClassTypeName::Named(n) => n.to_vec(),
        ClassTypeName::SelfClass => scope.map_or_else(Vec::new, |s| s.name.to_vec()),
        ClassTypeName::Parent => {
            scope.and_then(|s| s.parent).map_or_else(Vec::new, |p| p.name.to_vec())
        }
    }
}

/// The alternatives of a type that are classes: each a list of which all have to hold.
fn class_alternatives(t: Scoped<'_>) -> Vec<Vec<Vec<u8>>> {
    match t.ty {
        TypeDecl::Intersection(names) => {
            vec![names.iter().map(|n| resolve(n, t.scope)).collect()]
        }
        TypeDecl::Union(UnionType { classes, intersections, bits, .. }) => {
            let mut out: Vec<Vec<Vec<u8>>> =
                classes.iter().map(|n| vec![resolve(n, t.scope)]).collect();
            for names in intersections {
                out.push(names.iter().map(|n| resolve(n, t.scope)).collect());
            }
            if bits & type_bits::ITERABLE != 0
                && !out.iter().any(|c| c.len() == 1 && c[0].eq_ignore_ascii_case(b"traversable"))
            {
                out.push(vec![b"Traversable".to_vec()]);
            }
            out
        }
    }
}

/// How the check finds classes.
pub(crate) struct Variance<'a> {
    pub(crate) cx: &'a mut Cx,
    /// The class being linked, which is not in the table yet; its parents and interfaces are known.
    pub(crate) me: ClassRef,
}

impl Variance<'_> {
    fn find(&mut self, name: &[u8]) -> Option<ClassRef> {
        if self.me.name.as_bytes().eq_ignore_ascii_case(name) {
            return Some(self.me);
        }
        self.cx.class(name)
    }

    /// Is `sub` a subtype of `sup`?
    pub(crate) fn is_subtype(&mut self, sub: Scoped<'_>, sup: Scoped<'_>) -> Verdict {
        let sub_bits = bits(sub.ty);
        let sup_bits = bits(sup.ty);
        if sup_bits & type_bits::MIXED != 0 {
            return if sub_bits & type_bits::VOID != 0 { Verdict::No } else { Verdict::Yes };
        }
        let mut added = sub_bits & !sup_bits;
        if added & type_bits::STATIC != 0 && self.permits_self(sub.scope, sup) {
            added &= !type_bits::STATIC;
        }
        if added == type_bits::NEVER {
            return Verdict::Yes;
        }
        if added != 0 {
            return Verdict::No;
        }
        let targets = class_alternatives(sup);
        let mut verdict = Verdict::Yes;
        for alternative in class_alternatives(sub) {
            verdict = verdict.and(|| self.alternative_fits(&alternative, sup_bits, &targets));
            if verdict == Verdict::No {
                return verdict;
            }
        }
        verdict
    }

    /// May `static` of the class stand where the type is asked for?
    fn permits_self(&mut self, scope: Option<ClassRef>, sup: Scoped<'_>) -> bool {
        if bits(sup.ty) & type_bits::OBJECT != 0 {
            return true;
        }
        let Some(scope) = scope else { return false };
        class_alternatives(sup).iter().any(|all| {
            all.iter().all(|n| {
                scope.name.as_bytes().eq_ignore_ascii_case(n)
                    || self.find(n).is_some_and(|c| scope.is_subclass_of_or_same(c))
            })
        })
    }

    /// Does a class (or an intersection) fit one of the alternatives?
    fn alternative_fits(
        &mut self,
        names: &[Vec<u8>],
        sup_bits: u32,
        targets: &[Vec<Vec<u8>>],
    ) -> Verdict {
        if sup_bits & type_bits::OBJECT != 0 {
            // Any class will do, but it has to be there.
            let known = names.iter().any(|name| self.find(name).is_some());
            return if known { Verdict::Yes } else { Verdict::Unknown(names[0].clone()) };
        }
        let mut verdict = Verdict::No;
        for target in targets {
            verdict = verdict.or(|| {
                let mut all = Verdict::Yes;
                for wanted in target {
                    all = all.and(|| self.some_is(names, wanted));
                }
                all
            });
        }
        verdict
    }

    /// Is one of the classes of an intersection `wanted` or below it?
    fn some_is(&mut self, names: &[Vec<u8>], wanted: &[u8]) -> Verdict {
        let mut verdict = Verdict::No;
        for n in names {
            verdict = verdict.or(|| self.class_is(n, wanted));
        }
        verdict
    }

    fn class_is(&mut self, name: &[u8], wanted: &[u8]) -> Verdict {
        if name.eq_ignore_ascii_case(wanted) {
            return Verdict::Yes;
        }
        let Some(class) = self.find(name) else { return Verdict::Unknown(name.to_vec()) };
        match self.find(wanted) {
            Some(w) if class.is_subclass_of_or_same(w) => Verdict::Yes,
            Some(_) => Verdict::No,
            // It may be another name of a class.
            None => Verdict::Unknown(wanted.to_vec()),
        }
    }

    /// Are the types the same set of values, each a subtype of the other?
    pub(crate) fn is_same(&mut self, a: Scoped<'_>, b: Scoped<'_>) -> Verdict {
        if a.ty == b.ty && a.scope == b.scope {
            return Verdict::Yes;
        }
        self.is_subtype(a, b).and(|| self.is_subtype(b, a))
    }
}

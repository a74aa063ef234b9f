//! Constants and properties that come from traits.

use super::draft::{Draft, storage};
use super::variance::{Scoped, Variance, Verdict};
use crate::class::{ClassConst, ClassRef, Lazy, PropInfo, StaticProp};
use crate::function::FuncRef;
use crate::props::prop_flags;
use crate::{Cx, Ret, Unwind};
use outlast_bytecode::{class_flags, member_flags as m};
use outlast_value::{PhpString, Value, identical};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

const KIND: u32 = m::PUBLIC | m::PROTECTED | m::PRIVATE | m::STATIC | m::READONLY;

impl Draft {
    /// A default value for a member of the class: code runs in its scope.
    fn adopt_lazy(&self, lazy: &Lazy) -> Lazy {
        match lazy {
            Lazy::Code(f) => Lazy::Code(self.adopt_plain(f)),
            other => other.clone(),
        }
    }

    fn adopt_plain(&self, f: &FuncRef) -> FuncRef {
        self.adopt(f, f.name.clone(), f.modifiers, None)
    }

    /// Who brought a member in that collides with one of trait `t`: an earlier trait, or the class
    /// that declares it.
    fn origin(&self, declaring: ClassRef, t: ClassRef, has: impl Fn(ClassRef) -> bool) -> String {
        if declaring != self.me {
            return declaring.display_name();
        }
        self.class
            .traits
            .iter()
            .take_while(|x| **x != t)
            .find(|x| has(**x))
            .map_or_else(|| self.name(), |x| x.display_name())
    }

    fn composition_error(&self, cx: &mut Cx, first: &str, second: &str, what: &str) -> Unwind {
        self.error(
            cx,
            format!(
                "{first} and {second} define the same {what} in the composition of {}. However, \
                 the definition differs and is considered incompatible. Class was composed",
                self.name()
            ),
        )
    }

    pub(super) fn trait_constants(&mut self, cx: &mut Cx) -> Ret<()> {
        for t in self.class.traits.clone() {
            for (name, c) in &t.constants {
                if let Some(existing) = self.class.constants.get(name).cloned() {
                    let declaring = existing.class.get();
                    if existing.is_case() && declaring == self.me {
                        let message = format!(
                            "Cannot use trait {0}, because {0}::{name} conflicts with enum case \
                             {1}::{name}",
                            t.display_name(),
                            self.name()
                        );
                        return Err(self.error(cx, message));
                    }
                    let same = existing.flags & (KIND | m::FINAL) == c.flags & (KIND | m::FINAL)
                        && existing.ty == c.ty
                        && self.same_default(cx, &existing.value.borrow(), &c.value.borrow())?;
                    if !same {
                        let first = self.origin(declaring, t, |x| x.constants.contains_key(name));
                        return Err(self.composition_error(
                            cx,
                            &first,
                            &t.display_name(),
                            &format!("constant ({name})"),
                        ));
                    }
                    continue;
                }
                let adopted = ClassConst {
                    name: c.name.clone(),
                    flags: c.flags,
                    ty: c.ty.clone(),
                    value: RefCell::new(self.adopt_lazy(&c.value.borrow())),
                    class: self.cell.clone(),
                    doc: c.doc.clone(),
                    attributes: c.attributes.clone(),
                    deprecated: c.deprecated,
                    reporting: Cell::new(false),
                };
                self.class.constants.insert(name.clone(), Rc::new(adopted));
            }
        }
        Ok(())
    }

    pub(super) fn trait_properties(&mut self, cx: &mut Cx) -> Ret<()> {
        for t in self.class.traits.clone() {
            for info in t.props.values() {
                let default = match t.slots.borrow().get(info.slot as usize) {
                    Some(l) => l.clone(),
                    None => Lazy::Value(Value::Undef),
                };
                self.trait_property(cx, t, info, &default)?;
            }
            for p in t.static_props.values() {
                self.trait_static(cx, t, p)?;
            }
        }
        Ok(())
    }

    fn property_conflict(
        &self,
        cx: &mut Cx,
        declaring: ClassRef,
        t: ClassRef,
        name: &PhpString,
    ) -> Unwind {
        let first = self.origin(declaring, t, |x| {
            x.props.contains_key(name) || x.static_props.contains_key(name)
        });
        self.composition_error(cx, &first, &t.display_name(), &format!("property (${name})"))
    }

    fn trait_property(
        &mut self,
        cx: &mut Cx,
        t: ClassRef,
        info: &Rc<PropInfo>,
        default: &Lazy,
    ) -> Ret<()> {
        let name = &info.name;
        let mut changed = 0;
        if let Some(p) = self.class.static_props.get(name) {
            let declaring = p.class.get();
            if p.flags & m::PRIVATE == 0 || declaring == self.me {
                return Err(self.property_conflict(cx, declaring, t, name));
            }
        }
        if let Some(existing) = self.class.props.get(name).cloned() {
            let declaring = existing.class.get();
            if existing.flags & m::PRIVATE != 0 && declaring != self.me {
                changed = prop_flags::CHANGED;
            } else {
                let held = match self.class.slots.borrow().get(existing.slot as usize) {
                    Some(l) => l.clone(),
                    None => Lazy::Value(Value::Undef),
                };
                let same = existing.flags & KIND == info.flags & KIND
                    && !existing.has_hooks()
                    && !info.has_hooks()
                    && self.same_type(cx, existing.ty.as_deref(), info.ty.as_deref(), t)
                    && self.same_default(cx, &held, default)?;
                if !same {
                    return Err(self.property_conflict(cx, declaring, t, name));
                }
                return Ok(());
            }
        }
        if self.class.flags & class_flags::READONLY != 0 && !info.is_readonly() {
            let message = format!(
                "Readonly class {} cannot use trait with a non-readonly property {}::${name}",
                self.name(),
                t.display_name()
            );
            return Err(self.error(cx, message));
        }
        let mut adopted = (**info).clone();
        adopted.flags |= changed;
        adopted.class = self.cell.clone();
        adopted.get = info.get.as_ref().map(|f| self.adopt_plain(f));
        adopted.set = info.set.as_ref().map(|f| self.adopt_plain(f));
        let default = self.adopt_lazy(default);
        self.place_prop(adopted, default, None);
        Ok(())
    }

    fn trait_static(&mut self, cx: &mut Cx, t: ClassRef, p: &StaticProp) -> Ret<()> {
        let name = &p.name;
        if let Some(existing) = self.class.props.get(name) {
            let declaring = existing.class.get();
            if existing.flags & m::PRIVATE == 0 || declaring == self.me {
                return Err(self.property_conflict(cx, declaring, t, name));
            }
        }
        let theirs = declared_default(&t, p);
        if let Some(existing) = self.class.static_props.get(name).cloned() {
            let declaring = existing.class.get();
            if existing.flags & m::PRIVATE == 0 || declaring == self.me {
                let held = match &*existing.initial.borrow() {
                    Some(f) => Lazy::Code(f.clone()),
                    None if declaring == self.me => Lazy::Value(existing.storage.get()),
                    None => declared_default(&declaring, &existing),
                };
                let same = existing.flags & KIND == p.flags & KIND
                    && self.same_type(cx, existing.ty.as_deref(), p.ty.as_deref(), t)
                    && self.same_default(cx, &held, &theirs)?;
                if !same {
                    return Err(self.property_conflict(cx, declaring, t, name));
                }
                if declaring == self.me {
                    return Ok(());
                }
            }
        }
        let (value, initial) = match self.adopt_lazy(&theirs) {
            Lazy::Value(v) => (v, None),
            Lazy::Code(f) => (Value::Null, Some(f)),
            Lazy::Evaluating => (Value::Null, None),
        };
        self.add_static(StaticProp {
            class: self.cell.clone(),
            storage: storage(value),
            initial: Rc::new(RefCell::new(initial)),
            ..p.clone()
        });
        Ok(())
    }

    fn same_type(
        &self,
        cx: &mut Cx,
        a: Option<&outlast_bytecode::TypeDecl>,
        b: Option<&outlast_bytecode::TypeDecl>,
        t: ClassRef,
    ) -> bool {
        match (a, b) {
            (None, None) => true,
            (Some(a), Some(b)) => {
                a == b
                    || Variance { cx, me: self.me }.is_same(
                        Scoped { ty: a, scope: Some(self.me) },
                        Scoped { ty: b, scope: Some(t) },
                    ) == Verdict::Yes
            }
            _ => false,
        }
    }

    /// Do two members have the same default value? Expressions are evaluated to tell.
    fn same_default(&mut self, cx: &mut Cx, a: &Lazy, b: &Lazy) -> Ret<bool> {
        let mut values = [Value::Undef, Value::Undef];
        for (lazy, value) in [a, b].into_iter().zip(&mut values) {
            *value = match lazy {
                Lazy::Value(v) => v.clone(),
                Lazy::Code(f) => cx.call_func(f, None, f.scope(), Vec::new())?.into_deref(),
                Lazy::Evaluating => return Ok(false),
            };
        }
        let [a, b] = values;
        Ok(a.is_undef() == b.is_undef() && identical(&a, &b))
    }
}

/// The default value in the declaration of a static property of a trait: its storage may have
/// changed since.
fn declared_default(t: &ClassRef, p: &StaticProp) -> Lazy {
    if let Some(f) = &*p.initial.borrow() {
        return Lazy::Code(f.clone());
    }
    let declared = t.unit.as_ref().and_then(|unit| {
        let decl = unit
            .unit
            .classes
            .iter()
            .find(|c| c.name[..] == t.name[..] && c.start_line == t.start_line)?;
        let prop = decl.properties.iter().find(|d| d.name[..] == p.name[..])?;
        match prop.default.as_ref()? {
            outlast_bytecode::ConstExpr::Value(l) => {
                Some(Lazy::Value(crate::unit::literal_value(l)))
            }
            outlast_bytecode::ConstExpr::Code(f) => Some(Lazy::Code(unit.func(*f))),
        }
    });
    match declared {
        Some(d) => d,
        None if p.has_default => Lazy::Value(p.storage.get()),
        None if p.ty.is_some() => Lazy::Value(Value::Undef),
        None => Lazy::Value(Value::Null),
    }
}

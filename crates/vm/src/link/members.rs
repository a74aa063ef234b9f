//! What the declaration of a class says itself: constants, properties, methods.

use super::draft::{Draft, storage, visible};
use crate::class::{ClassConst, Lazy, PropInfo, StaticProp, shared_attributes};
use crate::function::FuncRef;
use crate::props::prop_flags;
use crate::types::lower;
use crate::unit::{LoadedUnit, literal_value};
use outlast_bytecode::{
    Attribute, ClassDecl, ConstDecl, ConstExpr, HookDecl, PropertyDecl, TypeDecl, class_flags,
    member_flags, type_bits,
};
use outlast_value::{PhpString, Value};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

pub(super) fn is_deprecated(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|a| a.name.eq_ignore_ascii_case(b"Deprecated"))
}

impl Draft {
    /// Adds all own members.
    pub(super) fn add_members(&mut self, decl: &ClassDecl) {
        let unit = self.class.unit.clone().expect("a class of PHP code");
        self.class.constants.reserve(decl.constants.len());
        self.class.methods.reserve(decl.methods.len());
        for c in &decl.constants {
            let c = self.constant(&unit, c);
            self.class.constants.insert(c.name.clone(), Rc::new(c));
        }
        for p in &decl.properties {
            self.add_property(&unit, p);
        }
        for m in &decl.methods {
            let mut flags = visible(m.flags);
            if self.class.is_interface() {
                flags |= member_flags::ABSTRACT;
            }
            let name = PhpString::new(&m.name);
            let f = self.function(&unit, m.func, name, flags);
            self.class.methods.insert(lower(&m.name), f);
        }
    }

    fn lazy(&self, unit: &Rc<LoadedUnit>, expr: &ConstExpr) -> Lazy {
        match expr {
            ConstExpr::Value(l) => Lazy::Value(literal_value(l)),
            ConstExpr::Code(f) => Lazy::Code(self.function(unit, *f, PhpString::empty(), 0)),
        }
    }

    fn constant(&self, unit: &Rc<LoadedUnit>, c: &ConstDecl) -> ClassConst {
        let value = match &c.value {
            Some(e) => widen(self.lazy(unit, e), c.ty.as_ref()),
            None => Lazy::Value(Value::Null),
        };
        ClassConst {
            name: PhpString::new(&c.name),
            flags: visible(c.flags),
            ty: c.ty.clone().map(Rc::new),
            value: RefCell::new(value),
            class: self.cell.clone(),
            doc: c.doc.as_ref().map(|d| PhpString::new(d)),
            attributes: shared_attributes(&c.attributes),
            deprecated: is_deprecated(&c.attributes),
            reporting: Cell::new(false),
        }
    }

    fn add_property(&mut self, unit: &Rc<LoadedUnit>, p: &PropertyDecl) {
        let default = match &p.default {
            Some(e) => widen(self.lazy(unit, e), p.ty.as_ref()),
            None if p.ty.is_none() => Lazy::Value(Value::Null),
            None => Lazy::Value(Value::Undef),
        };
        let name = PhpString::new(&p.name);
        let ty = p.ty.clone().map(Rc::new);
        let doc = p.doc.as_ref().map(|d| PhpString::new(d));
        let attributes: Rc<[Attribute]> = shared_attributes(&p.attributes);
        let mut flags = visible(p.flags);
        if flags & member_flags::STATIC != 0 {
            let (value, initial) = match default {
                Lazy::Value(v) => (v, None),
                Lazy::Code(f) => (Value::Null, Some(f)),
                Lazy::Evaluating => (Value::Null, None),
            };
            self.add_static(StaticProp {
                name,
                flags,
                ty,
                class: self.cell.clone(),
                storage: storage(value),
                initial: Rc::new(RefCell::new(initial)),
                doc,
                attributes,
                has_default: p.default.is_some(),
            });
            return;
        }
        if self.class.flags & class_flags::READONLY != 0 {
            flags |= member_flags::READONLY;
        }
        flags = implied_flags(flags);
        let (get, abstract_get) = self.hook(unit, p.get.as_ref());
        let (set, abstract_set) = self.hook(unit, p.set.as_ref());
        if abstract_get {
            flags |= prop_flags::ABSTRACT_GET;
            if p.get.as_ref().is_some_and(|h| h.by_ref) {
                flags |= prop_flags::ABSTRACT_GET_REF;
            }
        }
        if abstract_set {
            flags |= prop_flags::ABSTRACT_SET;
        }
        let info = PropInfo {
            name,
            slot: u32::MAX,
            flags,
            ty,
            class: self.cell.clone(),
            get,
            set,
            doc,
            attributes,
            has_default: p.default.is_some(),
        };
        self.own_props.push((info, default));
    }

    /// The function of a hook, and whether it is abstract.
    fn hook(&self, unit: &Rc<LoadedUnit>, hook: Option<&HookDecl>) -> (Option<FuncRef>, bool) {
        match hook {
            None => (None, false),
            Some(h) => match h.func {
                None => (None, true),
                Some(f) => {
                    let name = PhpString::new(&unit.unit.functions[f as usize].name);
                    (Some(self.function(unit, f, name, visible(h.flags))), false)
                }
            },
        }
    }
}

/// An int for a type that takes floats only is stored as a float.
fn widen(value: Lazy, ty: Option<&TypeDecl>) -> Lazy {
    match (&value, ty) {
        (Lazy::Value(Value::Int(i)), Some(TypeDecl::Union(u)))
            if u.bits & type_bits::FLOAT != 0
                && u.bits & (type_bits::INT | type_bits::MIXED) == 0 =>
        {
            Lazy::Value(Value::Float(*i as f64))
        }
        _ => value,
    }
}

/// What PHP adds to the flags of a property: readonly means `protected(set)` for a public one,
/// `private(set)` means final.
pub(super) fn implied_flags(mut flags: u32) -> u32 {
    const SET: u32 =
        member_flags::PUBLIC_SET | member_flags::PROTECTED_SET | member_flags::PRIVATE_SET;
    if flags & member_flags::READONLY != 0 && flags & SET == 0 && flags & member_flags::PUBLIC != 0
    {
        flags |= member_flags::PROTECTED_SET;
    }
    // A set visibility that restricts nothing is none.
    let same = flags & (member_flags::PUBLIC | member_flags::PUBLIC_SET)
        == member_flags::PUBLIC | member_flags::PUBLIC_SET
        && flags & member_flags::READONLY == 0
        || flags & (member_flags::PROTECTED | member_flags::PROTECTED_SET)
            == member_flags::PROTECTED | member_flags::PROTECTED_SET
        || flags & (member_flags::PRIVATE | member_flags::PRIVATE_SET)
            == member_flags::PRIVATE | member_flags::PRIVATE_SET;
    if same {
        flags &= !SET;
    }
    if flags & member_flags::PRIVATE_SET != 0 && flags & member_flags::PRIVATE == 0 {
        flags |= member_flags::FINAL;
    }
    flags
}

#[cfg(test)]
mod tests {
    use super::implied_flags;
    use outlast_bytecode::member_flags as m;

    #[test]
    fn readonly_restricts_writing_to_the_family() {
        assert_eq!(
            implied_flags(m::PUBLIC | m::READONLY),
            m::PUBLIC | m::READONLY | m::PROTECTED_SET
        );
        assert_eq!(implied_flags(m::PRIVATE | m::READONLY), m::PRIVATE | m::READONLY);
        assert_eq!(implied_flags(m::PUBLIC | m::PUBLIC_SET), m::PUBLIC);
        assert_eq!(
            implied_flags(m::PUBLIC | m::PRIVATE_SET),
            m::PUBLIC | m::PRIVATE_SET | m::FINAL
        );
    }
}

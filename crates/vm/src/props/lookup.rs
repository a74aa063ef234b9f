//! Which property a name means, seen from a scope.

use super::prop_flags;
use crate::Cx;
use crate::class::{Class, ClassRef, PropInfo, StaticProp};
use outlast_bytecode::member_flags as m;
use outlast_value::PhpString;

/// What a property name means in a scope.
#[derive(Clone, Copy)]
pub enum PropLookup {
    /// A declared property, accessible.
    Slot(&'static PropInfo),
    /// Not declared (or private to a parent): the dynamic table.
    Dynamic,
    /// Declared but not visible from the scope.
    Denied(&'static PropInfo),
    /// A static property that is not visible from the scope.
    DeniedStatic(&'static StaticProp),
    /// A static property of that name: reported, then treated as dynamic.
    Static(&'static StaticProp),
    /// A name that starts with NUL.
    BadName,
}

impl Cx {
    /// Looks a property up. `scope` is the class whose code asks.
    #[inline]
    pub fn lookup_prop(
        &self,
        class: ClassRef,
        name: &PhpString,
        scope: Option<ClassRef>,
    ) -> PropLookup {
        lookup_prop(class, name, scope)
    }
}

/// The class for as long as its arena lives, that is, for the whole script.
fn of_script(class: ClassRef) -> &'static Class {
    // SAFETY: a linked class stays unchanged in the arena until the context of the script is
    // dropped, after everything that could hold what is handed out here: lookups are used by the
    // running code only, and kept nowhere.
    unsafe { class.ptr().0.cast::<Class>().as_ref() }
}

/// Looks a property up. `scope` is the class whose code asks.
#[inline]
pub fn lookup_prop(class: ClassRef, name: &PhpString, scope: Option<ClassRef>) -> PropLookup {
    let Some(info) = of_script(class).props.get(name) else {
        return undeclared(class, name, scope);
    };
    if info.flags & (prop_flags::CHANGED | m::PRIVATE | m::PROTECTED) == 0
        || scope == Some(info.class.get())
    {
        return PropLookup::Slot(info);
    }
    restricted(class, name, info, scope)
}

#[cold]
fn undeclared(class: ClassRef, name: &PhpString, scope: Option<ClassRef>) -> PropLookup {
    if name.as_bytes().first() == Some(&0) {
        return PropLookup::BadName;
    }
    let Some(p) = of_script(class).static_props.get(name) else {
        return PropLookup::Dynamic;
    };
    if let Some(own) = own_private(class, name, scope) {
        return PropLookup::Slot(own);
    }
    let declaring = p.class.get();
    if p.flags & m::PUBLIC != 0 || scope == Some(declaring) {
        PropLookup::Static(p)
    } else if p.flags & m::PRIVATE != 0 {
        if declaring == class { PropLookup::DeniedStatic(p) } else { PropLookup::Dynamic }
    } else if protected_access(static_root(declaring, name), scope) {
        PropLookup::Static(p)
    } else {
        PropLookup::DeniedStatic(p)
    }
}

/// The private property that a parent's code means by a name, whatever the object's class has.
fn own_private(
    class: ClassRef,
    name: &PhpString,
    scope: Option<ClassRef>,
) -> Option<&'static PropInfo> {
    let s = scope.filter(|s| *s != class && class.is_subclass_of_or_same(*s))?;
    of_script(s)
        .props
        .get(name)
        .map(|p| &**p)
        .filter(|p| p.flags & m::PRIVATE != 0 && p.class.get() == s)
}

fn restricted(
    class: ClassRef,
    name: &PhpString,
    info: &'static PropInfo,
    scope: Option<ClassRef>,
) -> PropLookup {
    if info.flags & prop_flags::CHANGED != 0 {
        if let Some(own) = own_private(class, name, scope) {
            return PropLookup::Slot(own);
        }
        if info.flags & m::PUBLIC != 0 {
            return PropLookup::Slot(info);
        }
    }
    if info.flags & m::PRIVATE != 0 {
        return if info.class.get() == class {
            PropLookup::Denied(info)
        } else {
            PropLookup::Dynamic
        };
    }
    if protected_access(prop_root(info.class.get(), name), scope) {
        PropLookup::Slot(info)
    } else {
        PropLookup::Denied(info)
    }
}

/// The topmost class that declares a non-private property of this name.
pub(crate) fn prop_root(class: ClassRef, name: &PhpString) -> ClassRef {
    let mut root = class;
    while let Some(p) = root.parent.and_then(|p| p.props.get(name).cloned())
        && p.flags & m::PRIVATE == 0
    {
        root = p.class.get();
    }
    root
}

/// The same for a static property.
pub(crate) fn static_root(class: ClassRef, name: &PhpString) -> ClassRef {
    let mut root = class;
    while let Some(p) = root.parent.and_then(|p| p.static_props.get(name).cloned())
        && p.flags & m::PRIVATE == 0
    {
        root = p.class.get();
    }
    root
}

/// May code of `scope` use what is protected in `declaring`?
pub fn protected_access(declaring: ClassRef, scope: Option<ClassRef>) -> bool {
    scope
        .is_some_and(|s| s.is_subclass_of_or_same(declaring) || declaring.is_subclass_of_or_same(s))
}

/// For inline caches: the slot of a declared property that every scope finds in the same place,
/// and whether it may be written without any check. `None` if it has to be looked up each time.
pub fn prop_cacheable(
    class: &Class,
    name: &PhpString,
    scope: Option<ClassRef>,
) -> Option<(u32, bool)> {
    let info = class.props.get(name)?;
    if info.flags & prop_flags::CHANGED != 0 || info.has_hooks() || info.is_virtual() {
        return None;
    }
    let declaring = info.class.get();
    let visible = info.flags & m::PUBLIC != 0
        || scope == Some(declaring)
        || info.flags & m::PROTECTED != 0 && protected_access(prop_root(declaring, name), scope);
    if !visible {
        return None;
    }
    let restricted = m::READONLY | m::PROTECTED_SET | m::PRIVATE_SET;
    Some((info.slot, info.ty.is_none() && info.flags & restricted == 0))
}

impl PropInfo {
    /// May code of `scope` write it, as far as its `set` visibility goes?
    pub fn may_set(&self, scope: Option<ClassRef>) -> bool {
        if self.flags & (m::PROTECTED_SET | m::PRIVATE_SET) == 0 {
            return true;
        }
        let declaring = self.class.get();
        scope == Some(declaring)
            || self.flags & m::PROTECTED_SET != 0
                && protected_access(prop_root(declaring, &self.name), scope)
    }
    /// Is writing restricted beyond visibility: readonly or asymmetric?
    pub fn is_guarded(&self) -> bool {
        self.flags & (m::READONLY | m::PROTECTED_SET | m::PRIVATE_SET) != 0
    }
}

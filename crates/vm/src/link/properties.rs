//! Inheriting properties: visibility, types, readonly, hooks.

use super::draft::Draft;
use super::methods::{OverrideRules, PendingCheck, access_error, load_for};
use super::variance::{Scoped, Variance, Verdict};
use crate::class::{ClassRef, Lazy, PropInfo, StaticProp};
use crate::function::FuncRef;
use crate::props::prop_flags;
use crate::types::type_to_string;
use crate::{Cx, Ret};
use outlast_bytecode::{TypeDecl, member_flags as m};
use outlast_value::PhpString;
use std::rc::Rc;

/// What is common to instance and static properties in the checks.
struct Member<'a> {
    class: ClassRef,
    name: &'a PhpString,
    flags: u32,
    ty: Option<&'a Rc<TypeDecl>>,
    /// There is something to write to: storage or a `set` hook.
    writable: bool,
}

impl<'a> Member<'a> {
    fn of(p: &'a PropInfo) -> Self {
        let writable =
            !p.is_virtual() || p.set.is_some() || p.flags & prop_flags::ABSTRACT_SET != 0;
        Member { class: p.class.get(), name: &p.name, flags: p.flags, ty: p.ty.as_ref(), writable }
    }
    fn of_static(p: &'a StaticProp) -> Self {
        Member {
            class: p.class.get(),
            name: &p.name,
            flags: p.flags,
            ty: p.ty.as_ref(),
            writable: true,
        }
    }
}

const SET: u32 = m::PROTECTED_SET | m::PRIVATE_SET;

/// How restricted writing is: 0 public, 1 protected, 2 private.
fn set_rank(flags: u32) -> u32 {
    if flags & m::PRIVATE_SET != 0 {
        2
    } else if flags & m::PROTECTED_SET != 0 {
        1
    } else if flags & m::PUBLIC_SET != 0 {
        0
    } else if flags & m::PRIVATE != 0 {
        2
    } else {
        u32::from(flags & m::PROTECTED != 0)
    }
}

/// How the type of a property may change in a child.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum TypeRule {
    Same,
    /// Only read through the parent's declaration.
    Subtype,
    /// Only written.
    Supertype,
}

impl TypeRule {
    fn holds(self, own: Scoped<'_>, theirs: Scoped<'_>, variance: &mut Variance<'_>) -> Verdict {
        match self {
            TypeRule::Same => variance.is_same(own, theirs),
            TypeRule::Subtype => variance.is_subtype(own, theirs),
            TypeRule::Supertype => variance.is_subtype(theirs, own),
        }
    }
}

/// A check of a property's type that waits for classes to be loaded.
pub(super) struct PropertyCheck {
    own: (Rc<TypeDecl>, ClassRef),
    wanted: (Rc<TypeDecl>, ClassRef),
    rule: TypeRule,
    message: String,
    file: PhpString,
    line: u32,
}

impl PropertyCheck {
    pub(super) fn run(self, cx: &mut Cx, class: ClassRef) -> Ret<()> {
        let mut tried: Vec<Vec<u8>> = Vec::new();
        loop {
            let own = Scoped { ty: &self.own.0, scope: Some(self.own.1) };
            let wanted = Scoped { ty: &self.wanted.0, scope: Some(self.wanted.1) };
            match self.rule.holds(own, wanted, &mut Variance { cx, me: class }) {
                Verdict::Yes => return Ok(()),
                Verdict::Unknown(name) if !tried.contains(&name) => {
                    load_for(cx, class, &PhpString::new(&name))?;
                    tried.push(name);
                }
                _ => return Err(cx.compile_error(&self.message, self.file.as_bytes(), self.line)),
            }
        }
    }
}

fn type_rule(parent: &PropInfo) -> TypeRule {
    let get = parent.get.is_some() || parent.flags & prop_flags::ABSTRACT_GET != 0;
    let set = parent.set.is_some() || parent.flags & prop_flags::ABSTRACT_SET != 0;
    match (parent.is_virtual(), get, set) {
        (true, true, false) => TypeRule::Subtype,
        (true, false, true) => TypeRule::Supertype,
        _ => TypeRule::Same,
    }
}

impl Draft {
    /// Takes the properties of the parent over and places the own ones.
    pub(super) fn inherit_props(&mut self, cx: &mut Cx, parent: ClassRef) -> Ret<()> {
        *self.class.slots.get_mut() = parent.slots.borrow().clone();
        self.class.slot_props = parent.slot_props.clone();
        for (info, default) in std::mem::take(&mut self.own_props) {
            if let Some(theirs) = parent.static_props.get(&info.name)
                && theirs.flags & m::PRIVATE == 0
            {
                return Err(self.static_conflict(cx, theirs.class.get(), &info.name, true));
            }
            match parent.props.get(&info.name) {
                Some(theirs) => self.override_prop(cx, info, default, theirs)?,
                None => self.place_prop(info, default, None),
            }
        }
        for (name, info) in &parent.props {
            if self.class.static_props.contains_key(name) {
                if info.flags & m::PRIVATE == 0 {
                    return Err(self.static_conflict(cx, info.class.get(), name, false));
                }
                continue;
            }
            if !self.class.props.contains_key(name) {
                self.class.props.insert(name.clone(), info.clone());
            }
        }
        for (name, theirs) in &parent.static_props {
            match self.class.static_props.get(name) {
                None => {
                    if !self.class.props.contains_key(name) {
                        self.class.static_props.insert(name.clone(), theirs.clone());
                    }
                }
                Some(own) if theirs.flags & m::PRIVATE == 0 => {
                    let own = own.clone();
                    self.check_member(cx, &Member::of_static(&own), &Member::of_static(theirs))?;
                    self.check_prop_type(
                        cx,
                        &Member::of_static(&own),
                        &Member::of_static(theirs),
                        TypeRule::Same,
                    )?;
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    fn static_conflict(
        &self,
        cx: &mut Cx,
        above: ClassRef,
        name: &PhpString,
        parent_is_static: bool,
    ) -> crate::Unwind {
        let word = |is: bool| if is { "static" } else { "non static" };
        self.error(
            cx,
            format!(
                "Cannot redeclare {} {}::${name} as {} {}::${name}",
                word(parent_is_static),
                above.display_name(),
                word(!parent_is_static),
                self.name()
            ),
        )
    }

    /// An own property takes the place of the parent's.
    fn override_prop(
        &mut self,
        cx: &mut Cx,
        mut info: PropInfo,
        default: Lazy,
        theirs: &Rc<PropInfo>,
    ) -> Ret<()> {
        if theirs.flags & (m::PRIVATE | prop_flags::CHANGED) != 0 {
            info.flags |= prop_flags::CHANGED;
        }
        if theirs.flags & m::PRIVATE != 0 {
            self.place_prop(info, default, None);
            return Ok(());
        }
        self.check_prop(cx, &mut info, theirs)?;
        if theirs.slot == u32::MAX {
            self.place_prop(info, default, None);
        } else {
            // The parent's storage stays, so the child's property is backed as well.
            info.flags &= !m::VIRTUAL;
            if info.set.is_some() && info.get.as_ref().is_some_and(|g| g.returns_ref()) {
                let message = format!(
                    "Get hook of backed property {}::{} with set hook may not return by reference",
                    self.name(),
                    info.name
                );
                return Err(self.error(cx, message));
            }
            self.place_prop(info, default, Some(theirs.slot));
        }
        Ok(())
    }

    /// Checks an own property against that of a parent or interface and inherits its hooks.
    pub(super) fn check_prop(
        &mut self,
        cx: &mut Cx,
        info: &mut PropInfo,
        theirs: &Rc<PropInfo>,
    ) -> Ret<()> {
        self.check_member(cx, &Member::of(info), &Member::of(theirs))?;
        self.inherit_hooks(cx, info, theirs)?;
        self.check_prop_type(cx, &Member::of(info), &Member::of(theirs), type_rule(theirs))
    }

    /// Final, readonly and visibility.
    fn check_member(&self, cx: &mut Cx, own: &Member<'_>, theirs: &Member<'_>) -> Ret<()> {
        let above = theirs.class.display_name();
        let what = format!("{}::${}", own.class.display_name(), own.name);
        if theirs.flags & m::FINAL != 0 {
            let message = format!("Cannot override final property {above}::${}", own.name);
            return Err(self.error(cx, message));
        }
        let is_abstract = theirs.flags & (prop_flags::ABSTRACT_GET | prop_flags::ABSTRACT_SET) != 0;
        let readonly = |flags: u32| {
            if flags & m::READONLY != 0 { "readonly" } else { "non-readonly" }
        };
        if !is_abstract && (own.flags ^ theirs.flags) & m::READONLY != 0 {
            let message = format!(
                "Cannot redeclare {} property {above}::${} as {} {what}",
                readonly(theirs.flags),
                own.name,
                readonly(own.flags)
            );
            return Err(self.error(cx, message));
        }
        if let Some(message) = access_error(own.flags, theirs.flags, &what, theirs.class) {
            return Err(self.error(cx, message));
        }
        if theirs.writable && set_rank(own.flags) > set_rank(theirs.flags) {
            let (wanted, weaker) = match theirs.flags & SET {
                0 => ("omitted", ""),
                s if s & m::PRIVATE_SET != 0 => ("private(set)", " or weaker"),
                _ => ("protected(set)", " or weaker"),
            };
            let message = format!(
                "Set access level of {what} must be {wanted} (as in class {above}){weaker}"
            );
            return Err(self.error(cx, message));
        }
        Ok(())
    }

    fn check_prop_type(
        &mut self,
        cx: &mut Cx,
        own: &Member<'_>,
        theirs: &Member<'_>,
        rule: TypeRule,
    ) -> Ret<()> {
        let what = format!("{}::${}", own.class.display_name(), own.name);
        let above = theirs.class.display_name();
        let Some(wanted) = theirs.ty else {
            if own.ty.is_some() && rule != TypeRule::Subtype {
                let message = format!("Type of {what} must not be defined (as in class {above})");
                return Err(self.error(cx, message));
            }
            return Ok(());
        };
        let verdict = match own.ty {
            None => Verdict::No,
            Some(ty) => {
                let a = Scoped { ty, scope: Some(own.class) };
                let b = Scoped { ty: wanted, scope: Some(theirs.class) };
                rule.holds(a, b, &mut Variance { cx, me: self.me })
            }
        };
        if verdict == Verdict::Yes {
            return Ok(());
        }
        let how = match rule {
            TypeRule::Same => "",
            TypeRule::Subtype => "subtype of ",
            TypeRule::Supertype => "supertype of ",
        };
        let message =
            format!("Type of {what} must be {how}{} (as in class {above})", type_to_string(wanted));
        if let (Verdict::Unknown(_), Some(ty)) = (verdict, own.ty) {
            let own = (ty.clone(), own.class);
            self.wait_for_types(own, (wanted.clone(), theirs.class), rule, message);
            return Ok(());
        }
        Err(self.error(cx, message))
    }

    /// Puts a check of two types off until their classes can be loaded.
    pub(super) fn wait_for_types(
        &mut self,
        own: (Rc<TypeDecl>, ClassRef),
        wanted: (Rc<TypeDecl>, ClassRef),
        rule: TypeRule,
        message: String,
    ) {
        self.pending.push(PendingCheck::Property(PropertyCheck {
            own,
            wanted,
            rule,
            message,
            file: self.file.clone(),
            line: self.line,
        }));
    }

    /// Hooks that the child does not have come from the parent.
    fn inherit_hooks(&mut self, cx: &mut Cx, own: &mut PropInfo, theirs: &PropInfo) -> Ret<()> {
        let backed = !own.is_virtual();
        own.get = self.inherit_hook(cx, own, own.get.clone(), theirs.get.as_ref())?;
        own.set = self.inherit_hook(cx, own, own.set.clone(), theirs.set.as_ref())?;
        if own.get.is_none() && !backed {
            own.flags |= theirs.flags & (prop_flags::ABSTRACT_GET | prop_flags::ABSTRACT_GET_REF);
        }
        if own.set.is_none() && (!backed || own.is_readonly()) {
            own.flags |= theirs.flags & prop_flags::ABSTRACT_SET;
        }
        if theirs.flags & prop_flags::ABSTRACT_GET_REF != 0
            && let Some(get) = &own.get
            && !get.returns_ref()
        {
            let ty =
                own.ty.as_deref().map_or_else(String::new, |t| format!(": {}", type_to_string(t)));
            let parent_ty = theirs
                .ty
                .as_deref()
                .map_or_else(String::new, |t| format!(": {}", type_to_string(t)));
            let message = format!(
                "Declaration of {}::${}::get(){ty} must be compatible with & {}::${}::get(){parent_ty}",
                self.name(),
                own.name,
                theirs.class.get().display_name(),
                own.name
            );
            return Err(self.error_at(cx, get, message));
        }
        Ok(())
    }

    fn inherit_hook(
        &mut self,
        cx: &mut Cx,
        prop: &PropInfo,
        own: Option<FuncRef>,
        theirs: Option<&FuncRef>,
    ) -> Ret<Option<FuncRef>> {
        let Some(theirs) = theirs else { return Ok(own) };
        let Some(own) = own else { return Ok(Some(theirs.clone())) };
        if theirs.modifiers & m::FINAL != 0 {
            let hook = theirs.name.to_str_lossy();
            let kind = hook.rsplit("::").next().unwrap_or("get").to_owned();
            let message = format!(
                "Cannot override final property hook {}::${}::{kind}()",
                theirs.scope().map_or_else(String::new, |c| c.display_name()),
                prop.name
            );
            return Err(self.error(cx, message));
        }
        let rules = OverrideRules { finality: false, visibility: false };
        let key = theirs.name.clone();
        let theirs = theirs.clone();
        self.check_override(cx, &key, &own, &theirs, rules)?;
        Ok(Some(own))
    }
}

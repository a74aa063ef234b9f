//! Inheriting from a parent class: its kind, constants, methods.

use super::draft::Draft;
use super::methods::access_error;
use super::properties::TypeRule;
use super::variance::{Scoped, Variance, Verdict};
use crate::class::{ClassConst, ClassRef};
use crate::types::type_to_string;
use crate::{Cx, Ret};
use outlast_bytecode::{class_flags, member_flags as m};
use std::rc::Rc;

impl Draft {
    /// May the class extend this one?
    pub(super) fn check_parent(&self, cx: &mut Cx, parent: Option<ClassRef>) -> Ret<()> {
        let Some(p) = parent else { return Ok(()) };
        let (name, above) = (self.name(), p.display_name());
        if p.is_final() || p.is_enum() {
            return Err(self.error(cx, format!("Class {name} cannot extend final class {above}")));
        }
        if p.is_interface() || p.is_trait() {
            let kind = p.kind_name();
            return Err(self.error(cx, format!("Class {name} cannot extend {kind} {above}")));
        }
        let readonly = self.class.flags & class_flags::READONLY;
        if readonly != p.flags & class_flags::READONLY {
            let (own, other) = if readonly != 0 {
                ("Readonly", "non-readonly")
            } else {
                ("Non-readonly", "readonly")
            };
            return Err(
                self.error(cx, format!("{own} class {name} cannot extend {other} class {above}"))
            );
        }
        Ok(())
    }

    /// Takes over what the parent has.
    pub(super) fn inherit_parent(&mut self, cx: &mut Cx, parent: ClassRef) -> Ret<()> {
        self.inherit_props(cx, parent)?;
        for c in parent.constants.values() {
            self.inherit_constant(cx, c)?;
        }
        for (key, f) in &parent.methods {
            self.inherit_method(cx, key, f)?;
        }
        Ok(())
    }

    fn inherit_constant(&mut self, cx: &mut Cx, theirs: &Rc<ClassConst>) -> Ret<()> {
        if theirs.flags & m::PRIVATE != 0 {
            return Ok(());
        }
        let Some(own) = self.class.constants.get(&theirs.name).cloned() else {
            self.class.constants.insert(theirs.name.clone(), theirs.clone());
            return Ok(());
        };
        let what = format!("{}::{}", self.name(), own.name);
        if let Some(message) = access_error(own.flags, theirs.flags, &what, theirs.class.get()) {
            return Err(self.error(cx, message));
        }
        if theirs.flags & m::FINAL != 0 {
            return Err(self.error(
                cx,
                format!(
                    "{what} cannot override final constant {}::{}",
                    theirs.class.get().display_name(),
                    own.name
                ),
            ));
        }
        self.check_constant_type(cx, &own, theirs)
    }

    /// Takes a constant of an interface over.
    pub(super) fn inherit_interface_constant(
        &mut self,
        cx: &mut Cx,
        theirs: &Rc<ClassConst>,
    ) -> Ret<()> {
        let Some(own) = self.class.constants.get(&theirs.name).cloned() else {
            self.class.constants.insert(theirs.name.clone(), theirs.clone());
            return Ok(());
        };
        let (from, other) = (own.class.get(), theirs.class.get());
        if from == other {
            return Ok(());
        }
        if own.flags & m::PUBLIC == 0 && from == self.me {
            return Err(self.error(
                cx,
                format!(
                    "Access level to {}::{} must be public (as in interface {})",
                    self.name(),
                    own.name,
                    other.display_name()
                ),
            ));
        }
        if theirs.flags & m::FINAL != 0 {
            return Err(self.error(
                cx,
                format!(
                    "{}::{} cannot override final constant {}::{}",
                    from.display_name(),
                    own.name,
                    other.display_name(),
                    own.name
                ),
            ));
        }
        if from != self.me {
            return Err(self.error(
                cx,
                format!(
                    "{} {} inherits both {}::{} and {}::{}, which is ambiguous",
                    self.class.kind_title(),
                    self.name(),
                    from.display_name(),
                    own.name,
                    other.display_name(),
                    own.name
                ),
            ));
        }
        self.check_constant_type(cx, &own, theirs)
    }

    fn check_constant_type(
        &mut self,
        cx: &mut Cx,
        own: &Rc<ClassConst>,
        theirs: &Rc<ClassConst>,
    ) -> Ret<()> {
        let Some(wanted) = &theirs.ty else { return Ok(()) };
        let (from, other) = (own.class.get(), theirs.class.get());
        let verdict = match &own.ty {
            None => Verdict::No,
            Some(ty) => Variance { cx, me: self.me }.is_subtype(
                Scoped { ty, scope: Some(from) },
                Scoped { ty: wanted, scope: Some(other) },
            ),
        };
        if verdict == Verdict::Yes {
            return Ok(());
        }
        let message = format!(
            "Type of {}::{} must be compatible with {}::{} of type {}",
            from.display_name(),
            own.name,
            other.display_name(),
            own.name,
            type_to_string(wanted)
        );
        match (&own.ty, verdict) {
            (Some(ty), Verdict::Unknown(_)) => {
                self.wait_for_types(
                    (ty.clone(), from),
                    (wanted.clone(), other),
                    TypeRule::Subtype,
                    message,
                );
                Ok(())
            }
            _ => Err(self.error(cx, message)),
        }
    }
}

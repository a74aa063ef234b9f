//! Overriding methods: what a child's method has to keep of its parent's.

use super::draft::{Draft, Notice};
use super::properties::PropertyCheck;
use super::signature::{Compatibility, Signature, compatibility};
use super::variance::Variance;
use crate::class::ClassRef;
use crate::function::{Func, FuncRef};
use crate::props::visibility_name;
use crate::{Cx, Ret, Unwind, level};
use outlast_bytecode::member_flags as m;
use outlast_value::PhpString;
use std::rc::Rc;

/// A check that waits for classes to be loaded.
pub(super) enum PendingCheck {
    Method(MethodCheck),
    Property(PropertyCheck),
}

impl PendingCheck {
    /// Runs the check once the class itself is declared; loads what it needs.
    pub(super) fn run(self, cx: &mut Cx, class: ClassRef) -> Ret<()> {
        match self {
            PendingCheck::Method(c) => c.run(cx, class),
            PendingCheck::Property(c) => c.run(cx, class),
        }
    }
}

/// A signature check that waits.
pub(super) struct MethodCheck {
    child: FuncRef,
    child_scope: (ClassRef, ClassRef),
    proto: FuncRef,
    proto_scope: (ClassRef, ClassRef),
    file: PhpString,
    line: u32,
}

impl MethodCheck {
    fn run(self, cx: &mut Cx, class: ClassRef) -> Ret<()> {
        loop {
            let child = Signature::new(&self.child, self.child_scope.0, self.child_scope.1);
            let proto = Signature::new(&self.proto, self.proto_scope.0, self.proto_scope.1);
            match compatibility(&child, &proto, &mut Variance { cx, me: class }) {
                Compatibility::Yes => return Ok(()),
                Compatibility::No => {
                    let message = incompatible(&child, &proto);
                    return Err(cx.compile_error(message, &self.file, self.line));
                }
                Compatibility::Deprecated => {
                    if !child.return_type_will_change() {
                        let message = tentative(&child, &proto);
                        cx.raise_at(level::DEPRECATED, message.as_bytes(), &self.file, self.line)?;
                    }
                    return Ok(());
                }
                Compatibility::Unknown(name) => {
                    let wanted = PhpString::new(&name);
                    if load_for(cx, class, &wanted)?.is_none() {
                        let message = format!(
                            "Could not check compatibility between {} and {}, because class {} is \
                             not available",
                            child.print(),
                            proto.print(),
                            wanted
                        );
                        return Err(cx.compile_error(message, &self.file, self.line));
                    }
                }
            }
        }
    }
}

/// Loads a class that a check needs. The class under check cannot be undone any more, so that an
/// exception is fatal.
pub(super) fn load_for(cx: &mut Cx, class: ClassRef, name: &PhpString) -> Ret<Option<ClassRef>> {
    let found = cx.lookup_class(name, true);
    if let Err(Unwind::Throw) = found
        && let Some(exception) = cx.exception.take()
    {
        let text = cx.exception_to_string(&exception)?;
        let message = format!(
            "During inheritance of {}, while autoloading {name}: Uncaught {text}",
            class.display_name()
        );
        return Err(cx.fatal(message));
    }
    found
}

fn incompatible(child: &Signature<'_>, proto: &Signature<'_>) -> String {
    format!("Declaration of {} must be compatible with {}", child.print(), proto.print())
}

fn tentative(child: &Signature<'_>, proto: &Signature<'_>) -> String {
    format!(
        "Return type of {} should either be compatible with {}, or the #[\\ReturnTypeWillChange] \
         attribute should be used to temporarily suppress the notice",
        child.print(),
        proto.print()
    )
}

/// Visibility as a number that grows with restriction.
fn rank(flags: u32) -> u32 {
    if flags & m::PRIVATE != 0 {
        2
    } else if flags & m::PROTECTED != 0 {
        1
    } else {
        0
    }
}

/// "Access level to … must be public (as in class A)", if the child's is more restricted.
pub(super) fn access_error(
    child: u32,
    parent: u32,
    what: &str,
    parent_class: ClassRef,
) -> Option<String> {
    if rank(child) <= rank(parent) {
        return None;
    }
    Some(format!(
        "Access level to {what} must be {} (as in class {}){}",
        visibility_name(parent),
        parent_class.display_name(),
        if rank(parent) == 0 { "" } else { " or weaker" }
    ))
}

/// What of an override is checked.
#[derive(Clone, Copy)]
pub(super) struct OverrideRules {
    /// `final` of the parent's method.
    pub(super) finality: bool,
    pub(super) visibility: bool,
}

impl OverrideRules {
    pub(super) const ALL: OverrideRules = OverrideRules { finality: true, visibility: true };
}

fn is_constructor(f: &Func) -> bool {
    f.name.as_bytes().eq_ignore_ascii_case(b"__construct")
}

impl Draft {
    /// Takes a method of a parent or interface over, or checks the own one against it.
    pub(super) fn inherit_method(
        &mut self,
        cx: &mut Cx,
        key: &PhpString,
        parent: &FuncRef,
    ) -> Ret<()> {
        match self.class.methods.get(key).cloned() {
            None => {
                self.class.methods.insert(key.clone(), parent.clone());
                Ok(())
            }
            // The same method may come by several ways.
            Some(child) if Rc::ptr_eq(&child, parent) => Ok(()),
            Some(child) => self.check_override(cx, key, &child, parent, OverrideRules::ALL),
        }
    }

    /// Checks a method against the one it overrides or implements.
    pub(super) fn check_override(
        &mut self,
        cx: &mut Cx,
        key: &PhpString,
        child: &FuncRef,
        parent: &FuncRef,
        rules: OverrideRules,
    ) -> Ret<()> {
        let constructor = is_constructor(parent);
        if parent.is_private() && !parent.is_abstract() && !constructor {
            return Ok(());
        }
        let parent_class = parent.scope().unwrap_or(self.me);
        let child_class = child.scope().unwrap_or(self.me);
        let shown = self.signature_scope(child, child_class).1;
        if let Some(message) = kind_conflict(child, parent, shown, parent_class, rules) {
            return Err(self.error_at(cx, child, message));
        }
        let mut proto_class = parent.prototype.borrow().unwrap_or(parent_class);
        let mut proto = parent.clone();
        if constructor {
            // Constructors are bound only by abstract ones.
            let original = proto_class.methods.get(key).cloned();
            match original.filter(|p| p.is_abstract()) {
                Some(p) => proto = p,
                None if parent.is_abstract() => proto_class = parent_class,
                None => return Ok(()),
            }
        }
        if child_class == self.me {
            *child.prototype.borrow_mut() = Some(proto_class);
        }
        if rules.visibility {
            let what = format!("{}::{}()", shown.display_name(), child.name);
            let above = proto.scope().unwrap_or(parent_class);
            let above = if constructor { above } else { parent_class };
            let wanted = if constructor { proto.modifiers } else { parent.modifiers };
            if let Some(message) = access_error(child.modifiers, wanted, &what, above) {
                return Err(self.error_at(cx, child, message));
            }
        }
        self.check_signature(cx, child, child_class, &proto)
    }

    /// Checks the signature only.
    pub(super) fn check_signature(
        &mut self,
        cx: &mut Cx,
        child: &FuncRef,
        child_class: ClassRef,
        proto: &FuncRef,
    ) -> Ret<()> {
        let child_scope = self.signature_scope(child, child_class);
        let proto_scope = self.signature_scope(proto, proto.scope().unwrap_or(self.me));
        let c = Signature::new(child, child_scope.0, child_scope.1);
        let p = Signature::new(proto, proto_scope.0, proto_scope.1);
        let verdict = compatibility(&c, &p, &mut Variance { cx, me: self.me });
        match verdict {
            Compatibility::Yes => Ok(()),
            Compatibility::No => Err(self.error_at(cx, child, incompatible(&c, &p))),
            Compatibility::Deprecated => {
                if !c.return_type_will_change() {
                    let (file, line) = self.place_of(child);
                    self.notices.push(Notice {
                        level: level::DEPRECATED,
                        message: tentative(&c, &p),
                        file,
                        line,
                    });
                }
                Ok(())
            }
            Compatibility::Unknown(_) => {
                let (file, line) = self.place_of(child);
                self.pending.push(PendingCheck::Method(MethodCheck {
                    child: child.clone(),
                    child_scope,
                    proto: proto.clone(),
                    proto_scope,
                    file,
                    line,
                }));
                Ok(())
            }
        }
    }

    /// What `self` means in a method, and the class that messages name: methods of traits are
    /// checked as if they stood in the class, under the name of the trait.
    fn signature_scope(&self, func: &Func, class: ClassRef) -> (ClassRef, ClassRef) {
        match func.from_trait {
            Some(t) if class == self.me && self.show_traits => (class, t),
            _ if class.is_trait() && class != self.me => (self.me, class),
            _ => (class, class),
        }
    }

    /// `#[\Override]` on a method that overrides nothing.
    pub(super) fn check_override_attributes(&self, cx: &mut Cx) -> Result<(), Unwind> {
        use outlast_bytecode::function_flags::OVERRIDE;
        if self.class.is_trait() {
            return Ok(());
        }
        for (key, f) in &self.class.methods {
            let marked = f.user().is_some_and(|u| u.decl().flags & OVERRIDE != 0);
            if !marked || f.scope() != Some(self.me) {
                continue;
            }
            let above = self
                .class
                .parent
                .iter()
                .chain(&self.class.interfaces)
                .any(|c| c.methods.get(key).is_some_and(|p| counts_as_overridden(p)))
                || self
                    .class
                    .traits
                    .iter()
                    .any(|t| t.methods.get(key).is_some_and(|p| p.is_abstract()));
            if !above {
                let message = format!(
                    "{}::{}() has #[\\Override] attribute, but no matching parent method exists",
                    self.name(),
                    f.name
                );
                return Err(self.error_at(cx, f, message));
            }
        }
        for (name, info) in self.class.props.iter().filter(|(_, p)| p.has_hooks()) {
            for (kind, hook) in [info.get.as_ref(), info.set.as_ref()].into_iter().enumerate() {
                let Some(f) = hook.filter(|f| f.scope() == Some(self.me)) else { continue };
                let marked = f.user().is_some_and(|u| u.decl().flags & OVERRIDE != 0);
                if marked && !self.has_hook_above(name, kind) {
                    let message = format!(
                        "{}::{}() has #[\\Override] attribute, but no matching parent method \
                         exists",
                        self.name(),
                        f.name
                    );
                    return Err(self.error_at(cx, f, message));
                }
            }
        }
        Ok(())
    }

    /// Has a parent or an interface this hook of the property? A property with storage has both.
    fn has_hook_above(&self, name: &PhpString, kind: usize) -> bool {
        use crate::props::prop_flags;
        self.class.parent.iter().chain(&self.class.interfaces).any(|c| {
            c.props.get(name).filter(|p| !p.is_private()).is_some_and(|p| {
                let (hook, wanted) = match kind {
                    0 => (&p.get, prop_flags::ABSTRACT_GET),
                    _ => (&p.set, prop_flags::ABSTRACT_SET),
                };
                hook.is_some() || p.flags & wanted != 0 || !p.is_virtual()
            })
        })
    }
}

/// May a method say that it overrides this one? Constructors are inherited only if abstract.
fn counts_as_overridden(above: &Func) -> bool {
    if above.name.eq_ignore_ascii_case(b"__construct") && !above.is_abstract() {
        return above.prototype.borrow().is_some_and(|class| {
            class.methods.get(&b"__construct"[..]).is_some_and(|p| p.is_abstract())
        });
    }
    !above.is_private()
}

/// Final, static and abstract have to be kept.
fn kind_conflict(
    child: &Func,
    parent: &Func,
    child_class: ClassRef,
    parent_class: ClassRef,
    rules: OverrideRules,
) -> Option<String> {
    if rules.finality && parent.modifiers & m::FINAL != 0 {
        return Some(format!(
            "Cannot override final method {}::{}()",
            parent_class.display_name(),
            child.name
        ));
    }
    let of = |what: &str| format!("Cannot make {what} in class {}", child_class.display_name());
    let shown = format!("{}::{}()", parent_class.display_name(), child.name);
    match (child.is_static(), parent.is_static()) {
        (true, false) => return Some(of(&format!("non static method {shown} static"))),
        (false, true) => return Some(of(&format!("static method {shown} non static"))),
        _ => {}
    }
    if child.is_abstract() && !parent.is_abstract() {
        return Some(of(&format!("non abstract method {shown} abstract")));
    }
    None
}

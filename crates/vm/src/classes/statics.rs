//! Static properties.

use super::member_access;
use crate::class::{Class, ClassRef, StaticProp};
use crate::props::visibility_name;
use crate::types::reference::static_source;
use crate::{Cx, Ret};
use outlast_bytecode::member_flags;
use outlast_value::{PhpString, Reference, Value};

impl Cx {
    /// Finds a static property as code of `scope` sees it and evaluates its initial value if that
    /// was not done yet. `quiet`: an absent or hidden one is no error.
    pub(crate) fn find_static(
        &mut self,
        class: ClassRef,
        name: &PhpString,
        scope: Option<ClassRef>,
        quiet: bool,
    ) -> Ret<Option<Reference>> {
        let of_class: &Class = &class;
        let mut found = of_class.static_props.get(name);
        let private_scope;
        if let Some(p) = found
            && scope != Some(p.class.get())
            && let Some(s) = scope
            && class.is_subclass_of_or_same(s)
        {
            // Code of a parent means its own private property.
            private_scope = s;
            if let Some(own) = private_scope.static_props.get(name)
                && own.flags & member_flags::PRIVATE != 0
                && own.class.get() == s
            {
                found = Some(own);
            }
        }
        let Some(p) = found else {
            if quiet {
                return Ok(None);
            }
            return Err(self.throw_error(format!(
                "Access to undeclared static property {}::${name}",
                class.display_name()
            )));
        };
        let declaring = if p.flags & member_flags::PROTECTED != 0 {
            crate::props::static_root(p.class.get(), name)
        } else {
            p.class.get()
        };
        if !member_access(p.flags, declaring, scope) {
            if quiet {
                return Ok(None);
            }
            return Err(self.throw_error(format!(
                "Cannot access {} property {}::${name}",
                visibility_name(p.flags),
                class.display_name()
            )));
        }
        let storage = p.storage.clone();
        if p.initial.borrow().is_some() {
            self.init_static_prop(p)?;
        }
        if class.is_trait() {
            self.raise_deprecated(format!(
                "Accessing static trait property {}::${name} is deprecated, it should only be \
                 accessed on a class using the trait",
                class.display_name()
            ))?;
        }
        Ok(Some(storage))
    }

    fn init_static_prop(&mut self, p: &StaticProp) -> Ret<()> {
        let Some(code) = p.initial.borrow_mut().take() else { return Ok(()) };
        let class = p.class.get();
        let result = self.call_func(&code, None, Some(class), Vec::new()).and_then(|v| {
            let mut v = v.into_deref();
            if let Some(ty) = &p.ty {
                let given = v.clone();
                if !self.check_type(ty, &mut v, false, Some(class))? {
                    return Err(self.static_prop_type_error(p, &given));
                }
            }
            Ok(v)
        });
        match result {
            Ok(v) => {
                p.storage.set(v);
                Ok(())
            }
            Err(u) => {
                *p.initial.borrow_mut() = Some(code);
                Err(u)
            }
        }
    }

    /// The storage of `Class::$name` as code of `scope` sees it. What it holds is `Undef` if a
    /// typed property was not initialized; assignments to it are checked against the type like
    /// those to any reference of a typed property.
    pub fn static_prop(
        &mut self,
        class: ClassRef,
        name: &PhpString,
        scope: Option<ClassRef>,
    ) -> Ret<Reference> {
        Ok(self.find_static(class, name, scope, false)?.expect("absence is an error"))
    }

    /// The same without errors: `None` if there is none or it may not be seen.
    pub fn static_prop_quiet(
        &mut self,
        class: ClassRef,
        name: &PhpString,
        scope: Option<ClassRef>,
    ) -> Ret<Option<Reference>> {
        self.find_static(class, name, scope, true)
    }

    /// The value of `Class::$name`.
    pub fn read_static_prop(
        &mut self,
        class: ClassRef,
        name: &PhpString,
        scope: Option<ClassRef>,
    ) -> Ret<Value> {
        let storage = self.static_prop(class, name, scope)?;
        match storage.get() {
            Value::Undef => Err(self.static_uninitialized(class, name)),
            v => Ok(v),
        }
    }

    /// Error "Typed static property A::$x must not be accessed before initialization".
    pub fn static_uninitialized(&mut self, class: ClassRef, name: &PhpString) -> crate::Unwind {
        let declaring = class.static_props.get(name).map_or(class, |p| p.class.get());
        self.throw_error(format!(
            "Typed static property {}::${name} must not be accessed before initialization",
            declaring.display_name()
        ))
    }

    /// `Class::$name = value`
    pub fn write_static_prop(
        &mut self,
        class: ClassRef,
        name: &PhpString,
        scope: Option<ClassRef>,
        value: Value,
    ) -> Ret<()> {
        let storage = self.static_prop(class, name, scope)?;
        self.assign_static(&storage, name, value)
    }

    /// `Class::$name = &$target` in the scope of the running code. All classes that share the
    /// property see the new storage; inline caches of the old one have to be dropped by the caller.
    pub fn bind_static_prop(
        &mut self,
        class: ClassRef,
        name: &PhpString,
        target: &Reference,
    ) -> Ret<()> {
        let scope = self.access_scope();
        let old = self.static_prop(class, name, scope)?;
        if old.ptr_eq(target) {
            return Ok(());
        }
        let typed =
            class.static_props.get(name).and_then(|p| p.ty.clone().map(|ty| (p.class.get(), ty)));
        if let Some((declaring, ty)) = &typed {
            self.check_bind(*declaring, name, ty, target)?;
        }
        let all: Vec<ClassRef> = self.classes.values().copied().collect();
        for c in all {
            rebind(c, name, &old, target);
        }
        if typed.is_some()
            && let Some(p) = class.static_props.get(name)
        {
            old.remove_typed_source(static_source(p));
            target.set_typed_source(static_source(p));
        }
        Ok(())
    }
}

/// Replaces the storage of a static property in one class.
fn rebind(class: ClassRef, name: &PhpString, old: &Reference, new: &Reference) {
    let Some(p) = class.static_props.get(name) else { return };
    if !p.storage.ptr_eq(old) {
        return;
    }
    let storage = std::ptr::from_ref(&p.storage).cast_mut();
    // SAFETY: classes live on the heap of this thread; no borrow of this field is alive here, and
    // everybody else clones it out before running anything. The old handle is dropped by the
    // caller, after the write.
    let old = unsafe { std::ptr::replace(storage, new.clone()) };
    drop(old);
}

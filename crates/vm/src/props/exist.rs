//! `isset`, `empty` and `unset` of properties.

use super::guard::Magic;
use super::{PropLookup, UNSET_PROPS, lookup_prop};
use crate::class::{ClassRef, ObjectClass, PropInfo};
use crate::types::reference::prop_source;
use crate::{Cx, Ret, lazy};
use outlast_value::{Object, PhpString, Value};

/// Is the value set (and, if `check_empty`, not empty)?
fn counts(value: &Value, check_empty: bool) -> bool {
    value.with_deref(|v| if check_empty { v.truthy() } else { !v.is_null() })
}

impl Cx {
    /// `isset($object->name)`; with `check_empty`: `!empty($object->name)`.
    pub fn isset_prop(
        &mut self,
        object: &Object,
        name: &PhpString,
        check_empty: bool,
    ) -> Ret<bool> {
        let scope = self.access_scope();
        let class = object.class();
        match lookup_prop(class, name, scope) {
            PropLookup::Slot(info) => {
                if (info.has_hooks() || info.is_virtual())
                    && let Some(v) = self.read_hooked(object, info)?
                {
                    return Ok(counts(&v, check_empty));
                }
                match object.slot(info.slot as usize) {
                    Value::Undef if lazy::is_lazy_slot(object, info.slot) => {
                        let object = self.realize(object)?;
                        self.isset_prop(&object, name, check_empty)
                    }
                    Value::Undef if info.ty.is_some() && !object.has_flag(UNSET_PROPS) => Ok(false),
                    Value::Undef => self.isset_magic(object, name, check_empty),
                    v => Ok(counts(&v, check_empty)),
                }
            }
            PropLookup::Dynamic | PropLookup::Static(_) => {
                if let Some(has) = class.handlers.has_property
                    && let Some(b) = has(self, object, name, check_empty)?
                {
                    return Ok(b);
                }
                if object.has_dynamic()
                    && let Some(v) =
                        object.with_dynamic(|t| t.and_then(|t| t.get_string(name)).cloned())
                {
                    return Ok(counts(&v, check_empty));
                }
                self.isset_magic(object, name, check_empty)
            }
            PropLookup::Denied(_) | PropLookup::DeniedStatic(_) | PropLookup::BadName => {
                self.isset_magic(object, name, check_empty)
            }
        }
    }

    fn isset_magic(&mut self, object: &Object, name: &PhpString, check_empty: bool) -> Ret<bool> {
        let Some(set) = self.call_magic_isset(object, name)? else {
            if !lazy::is_lazy(object) {
                return Ok(false);
            }
            return self.beyond_lazy(object, name, Magic::Isset, |cx, real| {
                cx.isset_prop(real, name, check_empty)
            });
        };
        if !set || !check_empty {
            return Ok(set);
        }
        match self.call_magic_get(object, name)? {
            Some(v) => Ok(counts(&v, true)),
            None => Ok(false),
        }
    }

    /// `property_exists` on an object: declared (whatever its visibility) or dynamic.
    pub fn has_prop(&mut self, object: &Object, name: &PhpString) -> Ret<bool> {
        let class = object.class();
        let declared = class.props.get(name).is_some_and(|p| {
            p.flags & outlast_bytecode::member_flags::PRIVATE == 0 || p.class.get() == class
        }) || class.static_props.contains_key(name);
        if declared {
            return Ok(true);
        }
        let object = self.realize(object)?;
        Ok(object.with_dynamic(|t| t.is_some_and(|t| t.get_string(name).is_some())))
    }

    /// `unset($object->name)`
    pub fn unset_prop(&mut self, object: &Object, name: &PhpString) -> Ret<()> {
        let scope = self.access_scope();
        let class = object.class();
        match lookup_prop(class, name, scope) {
            PropLookup::Slot(info) => self.unset_slot(object, info, scope),
            PropLookup::Dynamic => self.unset_dynamic(object, name),
            PropLookup::Static(_) => {
                self.static_as_instance(class, name, class.magic.unset.is_some())?;
                self.unset_dynamic(object, name)
            }
            found => {
                if self.unset_magic(object, name)? {
                    return Ok(());
                }
                Err(self.denied_error(class, &found))
            }
        }
    }

    fn unset_slot(&mut self, object: &Object, info: &PropInfo, scope: Option<ClassRef>) -> Ret<()> {
        if info.has_hooks() || info.is_virtual() {
            return Err(self.throw_error(format!(
                "Cannot unset hooked property {}::${}",
                object.class().display_name(),
                info.name
            )));
        }
        let held = object.slot(info.slot as usize);
        if held.is_undef() {
            if lazy::is_lazy_slot(object, info.slot) {
                let object = self.realize(object)?;
                return self.unset_prop(&object, &info.name);
            }
            if object.has_flag(UNSET_PROPS) && self.unset_magic(object, &info.name)? {
                return Ok(());
            }
            if !info.may_set(scope) {
                return Err(self.set_visibility_error(info, "unset", scope));
            }
            object.set_flag(UNSET_PROPS);
            return Ok(());
        }
        if info.is_readonly() && !self.is_reinitable(object, info) {
            return Err(self.readonly_error(info, "unset"));
        }
        if !info.may_set(scope) {
            return Err(self.set_visibility_error(info, "unset", scope));
        }
        if info.is_readonly() {
            self.reinited(object, info);
        }
        if let (Value::Ref(r), true) = (&held, info.ty.is_some()) {
            r.remove_typed_source(prop_source(info));
        }
        object.set_flag(UNSET_PROPS);
        drop(held);
        drop(object.take_slot(info.slot as usize));
        Ok(())
    }

    fn unset_dynamic(&mut self, object: &Object, name: &PhpString) -> Ret<()> {
        if let Some(unset) = object.class().handlers.unset_property
            && unset(self, object, name)?
        {
            return Ok(());
        }
        if object.has_dynamic() {
            let old = object.dynamic_mut(|t| t.as_mut().and_then(|t| t.remove_str(name)));
            if old.is_some() {
                return Ok(());
            }
        }
        if !self.unset_magic(object, name)? && lazy::is_lazy(object) {
            return self
                .beyond_lazy(object, name, Magic::Unset, |cx, real| cx.unset_prop(real, name));
        }
        Ok(())
    }

    /// Calls `__unset` unless there is none or it runs already.
    fn unset_magic(&mut self, object: &Object, name: &PhpString) -> Ret<bool> {
        let class = object.class();
        let Some(unset) = class.magic.unset.clone() else { return Ok(false) };
        if !self.enter_magic(object, name, Magic::Unset) {
            return Ok(false);
        }
        let done = self.call_func(
            &unset,
            Some(object.clone()),
            Some(class),
            vec![Value::Str(name.clone())],
        );
        self.leave_magic(object, name, Magic::Unset);
        done.map(|_| true)
    }
}

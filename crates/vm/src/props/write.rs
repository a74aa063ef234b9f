//! Writing properties.

use super::guard::Magic;
use super::{PropLookup, UNSET_PROPS, lookup_prop};
use crate::class::{ClassRef, ObjectClass, PropInfo};
use crate::{Cx, Ret, lazy};
use outlast_value::{Object, PhpString, Value};

impl Cx {
    /// `$object->name = value` in the scope of the running code.
    #[inline]
    pub fn write_prop(&mut self, object: &Object, name: &PhpString, value: Value) -> Ret<()> {
        let scope = self.access_scope();
        let strict = self.is_strict();
        self.write_prop_scoped(object, name, value, scope, strict).map(drop)
    }

    /// Writes a property from a given scope; the value as stored.
    pub fn write_prop_scoped(
        &mut self,
        object: &Object,
        name: &PhpString,
        value: Value,
        scope: Option<ClassRef>,
        strict: bool,
    ) -> Ret<Value> {
        let value = value.into_deref().or_null();
        let class = object.class();
        match lookup_prop(class, name, scope) {
            PropLookup::Slot(info) => self.write_slot(object, info, value, scope, strict),
            PropLookup::Dynamic => self.write_dynamic(object, name, value, scope, strict),
            PropLookup::Static(_) => {
                self.static_as_instance(class, name, class.magic.set.is_some())?;
                self.write_dynamic(object, name, value, scope, strict)
            }
            found => {
                if self.call_magic_set(object, name, &value)? {
                    return Ok(value);
                }
                Err(self.denied_error(class, &found))
            }
        }
    }

    fn write_slot(
        &mut self,
        object: &Object,
        info: &PropInfo,
        mut value: Value,
        scope: Option<ClassRef>,
        strict: bool,
    ) -> Ret<Value> {
        if (info.has_hooks() || info.is_virtual()) && self.write_hooked(object, info, &value)? {
            return Ok(value);
        }
        let slot = info.slot as usize;
        let held = object.slot(slot);
        if held.is_undef() {
            if lazy::is_lazy_slot(object, info.slot) {
                let object = self.realize(object)?;
                return self.write_prop_scoped(&object, &info.name, value, scope, strict);
            }
            if (info.ty.is_none() || object.has_flag(UNSET_PROPS))
                && self.call_magic_set(object, &info.name, &value)?
            {
                return Ok(value);
            }
            if !info.may_set(scope) {
                return Err(self.set_visibility_error(info, "modify", scope));
            }
        } else if info.is_guarded() {
            self.check_overwrite(object, info, scope)?;
        }
        if let Some(ty) = &info.ty {
            let given = value.clone();
            if !self.check_type(ty, &mut value, strict, Some(info.class.get()))? {
                return Err(self.prop_info_type_error(info, &given));
            }
            // A check may run code: be it `__toString` or an error handler.
            if info.is_readonly() {
                self.reinited(object, info);
            }
        }
        match held {
            Value::Ref(r) => {
                if r.has_typed_sources() {
                    self.check_reference_types(&r, &mut value)?;
                }
                r.set(value.clone());
            }
            _ => object.set_slot(slot, value.clone()),
        }
        Ok(value)
    }

    /// May an initialized readonly or asymmetric property be overwritten?
    fn check_overwrite(
        &mut self,
        object: &Object,
        info: &PropInfo,
        scope: Option<ClassRef>,
    ) -> Ret<()> {
        if info.is_readonly() && !self.is_reinitable(object, info) {
            return Err(self.readonly_error(info, "modify"));
        }
        if !info.may_set(scope) {
            return Err(self.set_visibility_error(info, "modify", scope));
        }
        Ok(())
    }

    fn write_dynamic(
        &mut self,
        object: &Object,
        name: &PhpString,
        value: Value,
        scope: Option<ClassRef>,
        strict: bool,
    ) -> Ret<Value> {
        if let Some(write) = object.class().handlers.write_property
            && write(self, object, name, &value)?
        {
            return Ok(value);
        }
        if object.has_dynamic() {
            let found = object.with_dynamic(|t| t.and_then(|t| t.get_string(name)).cloned());
            match found {
                Some(Value::Ref(r)) => {
                    self.assign_reference(&r, value)?;
                    return Ok(r.get());
                }
                Some(_) => {
                    self.store_dynamic(object, name, value.clone());
                    return Ok(value);
                }
                None => {}
            }
        }
        if self.call_magic_set(object, name, &value)? {
            return Ok(value);
        }
        if lazy::is_lazy(object) {
            return self.beyond_lazy(object, name, Magic::Set, |cx, real| {
                cx.write_prop_scoped(real, name, value, scope, strict)
            });
        }
        self.check_dynamic(object, name)?;
        self.store_dynamic(object, name, value.clone());
        Ok(value)
    }

    /// Puts a value into the dynamic table; what was there dies after the store.
    pub(crate) fn store_dynamic(&mut self, object: &Object, name: &PhpString, value: Value) {
        let old = object.dynamic_mut(|t| {
            t.get_or_insert_with(outlast_value::PhpArray::new).insert_str(name.clone(), value)
        });
        drop(old);
    }

    /// Calls `__set` unless there is none or it runs already.
    fn call_magic_set(&mut self, object: &Object, name: &PhpString, value: &Value) -> Ret<bool> {
        let class = object.class();
        let Some(set) = class.magic.set.clone() else { return Ok(false) };
        if !self.enter_magic(object, name, Magic::Set) {
            return Ok(false);
        }
        let done = self.call_func(
            &set,
            Some(object.clone()),
            Some(class),
            vec![Value::Str(name.clone()), value.clone()],
        );
        self.leave_magic(object, name, Magic::Set);
        done.map(|_| true)
    }
}

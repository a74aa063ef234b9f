//! Reading properties.

use super::guard::Magic;
use super::{PropLookup, UNSET_PROPS, lookup_prop};
use crate::class::{ClassRef, ObjectClass, PropInfo};
use crate::lazy;
use crate::types::{type_to_string, value_type_name};
use crate::{Cx, Ret};
use outlast_value::{Object, PhpString, Value};

/// How a property is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FetchMode {
    /// An undefined property warns.
    Warn,
    /// `??` and isset chains: asks `__isset` first, warns of nothing.
    Quiet,
}

impl Cx {
    /// `$object->name` in the scope of the running code.
    #[inline]
    pub fn read_prop(&mut self, object: &Object, name: &PhpString) -> Ret<Value> {
        let scope = self.access_scope();
        self.read_prop_scoped(object, name, scope, FetchMode::Warn)
    }

    /// Reads a property that is about to be written (`op=`, `++`): an absent one is created first.
    pub fn read_prop_for_update(&mut self, object: &Object, name: &PhpString) -> Ret<Value> {
        let scope = self.access_scope();
        let class = object.class();
        let plain = class.magic.get.is_none()
            && class.handlers.read_property.is_none()
            && class.handlers.write_property.is_none();
        if plain
            && let PropLookup::Dynamic = self.lookup_prop(class, name, scope)
            && object.with_dynamic(|t| t.is_none_or(|t| t.get_string(name).is_none()))
        {
            if lazy::is_lazy(object) {
                let object = self.realize(object)?;
                return self.read_prop_for_update(&object, name);
            }
            self.check_dynamic(object, name)?;
            self.store_dynamic(object, name, Value::Null);
            self.undefined_prop(object, name)?;
            return Ok(Value::Null);
        }
        self.read_prop_scoped(object, name, scope, FetchMode::Warn)
    }

    /// `$object->name` as `??` reads it: null if absent.
    pub fn read_prop_quiet(&mut self, object: &Object, name: &PhpString) -> Ret<Value> {
        let scope = self.access_scope();
        self.read_prop_scoped(object, name, scope, FetchMode::Quiet)
    }

    /// Reads a property from a given scope. The result is no reference.
    pub fn read_prop_scoped(
        &mut self,
        object: &Object,
        name: &PhpString,
        scope: Option<ClassRef>,
        mode: FetchMode,
    ) -> Ret<Value> {
        let class = object.class();
        match lookup_prop(class, name, scope) {
            PropLookup::Slot(info) => {
                if info.has_hooks() || info.is_virtual() {
                    if let Some(v) = self.read_hooked(object, info)? {
                        return Ok(v.into_deref());
                    }
                } else if info.slot == u32::MAX {
                    return Ok(Value::Null);
                }
                match object.slot(info.slot as usize) {
                    Value::Undef => self.read_empty_slot(object, info, scope, mode),
                    v => Ok(v.into_deref()),
                }
            }
            PropLookup::Dynamic => self.read_dynamic(object, name, scope, mode),
            PropLookup::Static(_) => {
                if mode == FetchMode::Warn {
                    self.static_as_instance(class, name, class.magic.get.is_some())?;
                }
                self.read_dynamic(object, name, scope, mode)
            }
            found => match self.read_magic(object, name, mode)? {
                Some(v) => Ok(v),
                None if mode == FetchMode::Quiet => Ok(Value::Null),
                None => Err(self.denied_error(class, &found)),
            },
        }
    }

    /// The slot holds nothing: uninitialized or unset.
    #[cold]
    fn read_empty_slot(
        &mut self,
        object: &Object,
        info: &PropInfo,
        scope: Option<ClassRef>,
        mode: FetchMode,
    ) -> Ret<Value> {
        if lazy::is_lazy_slot(object, info.slot) {
            let object = self.realize(object)?;
            return self.read_prop_scoped(&object, &info.name, scope, mode);
        }
        if (info.ty.is_none() || object.has_flag(UNSET_PROPS))
            && let Some(v) = self.read_magic(object, &info.name, mode)?
        {
            return self.fit_magic_value(object, info, v);
        }
        if mode == FetchMode::Quiet {
            return Ok(Value::Null);
        }
        if info.ty.is_some() {
            return Err(self.uninitialized_error(info));
        }
        self.undefined_prop(object, &info.name)?;
        Ok(Value::Null)
    }

    /// `__get` stands in for an unset typed property: its value has to fit.
    fn fit_magic_value(&mut self, object: &Object, info: &PropInfo, mut v: Value) -> Ret<Value> {
        let Some(ty) = &info.ty else { return Ok(v) };
        let given = value_type_name(&v);
        let strict =
            object.class().magic.get.as_ref().and_then(|g| g.user()).is_some_and(|u| {
                u.decl().flags & outlast_bytecode::function_flags::STRICT_TYPES != 0
            });
        if self.check_type(ty, &mut v, strict, Some(info.class.get()))? {
            return Ok(v);
        }
        Err(self.throw_type_error(format!(
            "Value of type {given} returned from {}::__get() must be compatible with unset \
             property {}::${} of type {}",
            object.class().display_name(),
            info.class.get().display_name(),
            info.name,
            type_to_string(ty)
        )))
    }

    fn read_dynamic(
        &mut self,
        object: &Object,
        name: &PhpString,
        scope: Option<ClassRef>,
        mode: FetchMode,
    ) -> Ret<Value> {
        if let Some(read) = object.class().handlers.read_property
            && let Some(v) = read(self, object, name)?
        {
            return Ok(v.into_deref());
        }
        if object.has_dynamic()
            && let Some(v) = object.with_dynamic(|t| t.and_then(|t| t.get_string(name)).cloned())
        {
            return Ok(v.into_deref());
        }
        if let Some(v) = self.read_magic(object, name, mode)? {
            return Ok(v);
        }
        if lazy::is_lazy(object) {
            let kind = match mode {
                FetchMode::Quiet if object.class().magic.isset.is_some() => Magic::Isset,
                _ => Magic::Get,
            };
            return self.beyond_lazy(object, name, kind, |cx, real| {
                cx.read_prop_scoped(real, name, scope, mode)
            });
        }
        if mode == FetchMode::Warn {
            self.undefined_prop(object, name)?;
        }
        Ok(Value::Null)
    }

    /// `__get`, if there is one and it does not run for this name already. In quiet mode `__isset`
    /// is asked first.
    fn read_magic(
        &mut self,
        object: &Object,
        name: &PhpString,
        mode: FetchMode,
    ) -> Ret<Option<Value>> {
        let class = object.class();
        if mode == FetchMode::Quiet
            && class.magic.isset.is_some()
            && self.call_magic_isset(object, name)? == Some(false)
        {
            return Ok(Some(Value::Null));
        }
        Ok(self.call_magic_get(object, name)?.map(Value::into_deref))
    }

    /// Calls `__get` unless it runs already. A reference it returns is kept.
    pub(crate) fn call_magic_get(
        &mut self,
        object: &Object,
        name: &PhpString,
    ) -> Ret<Option<Value>> {
        let class = object.class();
        let Some(get) = class.magic.get.clone() else { return Ok(None) };
        if !self.enter_magic(object, name, Magic::Get) {
            return Ok(None);
        }
        let v =
            self.call_func(&get, Some(object.clone()), Some(class), vec![Value::Str(name.clone())]);
        self.leave_magic(object, name, Magic::Get);
        v.map(Some)
    }

    /// Calls `__isset` unless it runs already.
    pub(crate) fn call_magic_isset(
        &mut self,
        object: &Object,
        name: &PhpString,
    ) -> Ret<Option<bool>> {
        let class = object.class();
        let Some(isset) = class.magic.isset.clone() else { return Ok(None) };
        if !self.enter_magic(object, name, Magic::Isset) {
            return Ok(None);
        }
        let v = self.call_func(
            &isset,
            Some(object.clone()),
            Some(class),
            vec![Value::Str(name.clone())],
        );
        self.leave_magic(object, name, Magic::Isset);
        v.map(|v| Some(v.truthy()))
    }
}

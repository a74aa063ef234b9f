//! Properties as places: references to them, and changing in place what is inside.

use super::guard::Magic;
use super::{PropLookup, UNSET_PROPS, lookup_prop};
use crate::class::{ClassRef, ObjectClass, PropInfo};
use crate::types::reference::{is_array_seed, prop_source, takes};
use crate::types::{type_bit, type_to_string};
use crate::{Cx, Ret, lazy};
use outlast_bytecode::{TypeDecl, type_bits};
use outlast_value::{Object, PhpArray, PhpString, Reference, Value};

/// The object goes: references of its typed properties that live on are free of their types.
pub(crate) fn release_references(object: &Object) {
    for info in object.class().slot_props.iter().filter(|p| p.ty.is_some()) {
        if let Value::Ref(r) = object.slot(info.slot as usize) {
            r.remove_typed_source(prop_source(info));
        }
    }
}

/// Where a property can be changed.
enum Place {
    Slot(&'static PropInfo),
    /// The dynamic table, where the property exists or may be created.
    Dynamic,
    /// Only a copy can be had; changing it has no effect on the object.
    Copy(Value),
}

impl Cx {
    /// `&$object->name`: the property becomes a reference.
    pub fn prop_ref(&mut self, object: &Object, name: &PhpString) -> Ret<Reference> {
        let scope = self.access_scope();
        let class = object.class();
        let (object, place) = self.find_place(object, class, name, scope, false)?;
        match place {
            Place::Copy(Value::Ref(r)) => Ok(r),
            Place::Copy(v) => Ok(Reference::new(v)),
            Place::Slot(info) => {
                let slot = info.slot as usize;
                let mut held = object.slot(slot);
                if let Value::Ref(r) = held {
                    return Ok(r);
                }
                if held.is_undef() {
                    if let Some(ty) = &info.ty
                        && !takes(ty, type_bits::NULL)
                    {
                        return Err(self.throw_error(format!(
                            "Cannot access uninitialized non-nullable property {}::${} by \
                             reference",
                            info.class.get().display_name(),
                            info.name
                        )));
                    }
                    held = Value::Null;
                }
                let r = Reference::new(held);
                if info.ty.is_some() {
                    r.set_typed_source(prop_source(info));
                    object.clear_flag(Object::SKIP_FREE_HOOK);
                }
                object.set_slot(slot, Value::Ref(r.clone()));
                Ok(r)
            }
            Place::Dynamic => {
                let r = object.dynamic_mut(|t| {
                    t.get_or_insert_with(PhpArray::new).get_or_insert_string(name).0.make_ref()
                });
                Ok(r)
            }
        }
    }

    /// The reference of a property that foreach goes through by reference.
    pub fn foreach_prop_ref(&mut self, object: &Object, name: &PhpString) -> Ret<Reference> {
        let scope = self.access_scope();
        let class = object.class();
        if let PropLookup::Slot(info) = lookup_prop(class, name, scope) {
            if info.get.as_ref().is_some_and(|g| !g.returns_ref()) {
                return Err(self.throw_error(format!(
                    "Cannot create reference to property {}::${name}",
                    class.display_name()
                )));
            }
            if info.is_readonly() && !object.slot(info.slot as usize).is_object() {
                return Err(self.throw_error(format!(
                    "Cannot acquire reference to readonly property {}::${name}",
                    info.class.get().display_name()
                )));
            }
        }
        self.prop_ref(object, name)
    }

    /// `$object->name = &$reference`
    pub fn bind_prop(
        &mut self,
        object: &Object,
        name: &PhpString,
        reference: &Reference,
    ) -> Ret<()> {
        let scope = self.access_scope();
        let class = object.class();
        if let PropLookup::Slot(info) = lookup_prop(class, name, scope)
            && info.has_hooks()
            && !self.in_own_hook(object, info)
        {
            if info.get.as_ref().is_some_and(|get| get.returns_ref()) {
                self.read_hooked(object, info)?;
            }
            return Err(self.throw_error("Cannot assign by reference to overloaded object"));
        }
        let (object, place) = self.find_place(object, class, name, scope, false)?;
        match place {
            Place::Slot(info) => {
                if let Some(ty) = &info.ty {
                    self.check_bind(info.class.get(), &info.name, ty, reference)?;
                    if let Value::Ref(old) = object.slot(info.slot as usize) {
                        old.remove_typed_source(prop_source(info));
                    }
                    reference.set_typed_source(prop_source(info));
                    object.clear_flag(Object::SKIP_FREE_HOOK);
                }
                object.set_slot(info.slot as usize, Value::Ref(reference.clone()));
                Ok(())
            }
            Place::Dynamic => {
                self.store_dynamic(&object, name, Value::Ref(reference.clone()));
                Ok(())
            }
            Place::Copy(_) => {
                Err(self.throw_error("Cannot assign by reference to overloaded object"))
            }
        }
    }

    /// Changes what is inside a property: `f` gets the value itself, taken out of the object, so
    /// that an array is not copied. It goes back (and is checked against the property's type)
    /// whatever `f` returns.
    ///
    /// Where only a copy can be had (`__get`, hooks), PHP's notices tell and the change is lost,
    /// unless the value is an object. `reads`: the old value matters, so that its absence is
    /// reported.
    pub fn with_prop_mut(
        &mut self,
        object: &Object,
        name: &PhpString,
        reads: bool,
        f: &mut dyn FnMut(&mut Cx, &mut Value) -> Ret<()>,
    ) -> Ret<()> {
        let scope = self.access_scope();
        let class = object.class();
        let (object, place) = self.find_place(object, class, name, scope, reads)?;
        let object = &object;
        match place {
            Place::Copy(Value::Ref(r)) => self.with_reference_mut(&r, f),
            Place::Copy(mut v) => f(self, &mut v),
            Place::Slot(info) => {
                let slot = info.slot as usize;
                let held = object.slot(slot);
                if let Value::Ref(r) = held {
                    return self.with_reference_mut(&r, f);
                }
                if held.is_object() {
                    // What is inside may lead back here: the object stays where it is.
                    return f(self, &mut held.clone());
                }
                if held.is_undef() && reads {
                    if info.ty.is_some() {
                        return Err(self.uninitialized_error(info));
                    }
                    self.undefined_prop(object, name)?;
                }
                drop(held);
                let mut v = object.take_slot(slot);
                let before = type_bit(&v);
                let empty = v.is_undef();
                if empty {
                    v = Value::Null;
                }
                let result = f(self, &mut v);
                let v = if empty && v.is_null() && info.ty.is_some() { Value::Undef } else { v };
                let seed = if empty { None } else { Some(before) };
                self.put_back(object, info, v, seed, result.is_err())?;
                result
            }
            Place::Dynamic => {
                if reads && object.with_dynamic(|t| t.is_none_or(|t| t.get_string(name).is_none()))
                {
                    self.undefined_prop(object, name)?;
                }
                let held = object.dynamic_mut(|t| {
                    let v = t.get_or_insert_with(PhpArray::new).get_or_insert_string(name).0;
                    match v {
                        Value::Ref(_) | Value::Object(_) => v.clone(),
                        v => std::mem::replace(v, Value::Null),
                    }
                });
                let mut v = match held {
                    Value::Ref(r) => return self.with_reference_mut(&r, f),
                    Value::Object(_) => return f(self, &mut held.clone()),
                    v => v.or_null(),
                };
                let result = f(self, &mut v);
                self.store_dynamic(object, name, v);
                result
            }
        }
    }

    /// The value goes back into its slot; one of another type is checked first.
    fn put_back(
        &mut self,
        object: &Object,
        info: &PropInfo,
        mut v: Value,
        before: Option<u32>,
        failed: bool,
    ) -> Ret<()> {
        let slot = info.slot as usize;
        if let (Some(ty), false) =
            (&info.ty, v.is_undef() || v.is_ref() || before == Some(type_bit(&v)))
        {
            let given = v.clone();
            let strict = self.is_strict();
            if !self.check_type(ty, &mut v, strict, Some(info.class.get()))? {
                if failed {
                    return Ok(());
                }
                let seed = match before {
                    None => Some(Value::Undef),
                    Some(type_bits::NULL) => Some(Value::Null),
                    Some(type_bits::FALSE) => Some(Value::Bool(false)),
                    Some(_) => None,
                };
                if let (Value::Array(_), Some(seed)) = (&v, seed) {
                    object.set_slot(slot, seed);
                    return Err(self.auto_array_error(info, ty));
                }
                return Err(self.prop_info_type_error(info, &given));
            }
        }
        if let (Value::Ref(r), true) = (&v, info.ty.is_some()) {
            r.set_typed_source(prop_source(info));
        }
        // Code that ran meanwhile may have stored something: the later write wins.
        object.set_slot(slot, v);
        Ok(())
    }

    /// Changes in place what a reference holds; the value is taken out meanwhile.
    pub fn with_reference_mut(
        &mut self,
        reference: &Reference,
        f: &mut dyn FnMut(&mut Cx, &mut Value) -> Ret<()>,
    ) -> Ret<()> {
        let held = reference.get();
        let mut v = match &held {
            // What is inside may lead back here: an object stays where it is.
            Value::Object(_) => held.clone(),
            _ => reference.replace(Value::Null),
        };
        let held = if held.is_object() { held } else { Value::Null };
        let seed = is_array_seed(&v).then(|| v.clone());
        if v.is_undef() {
            v = Value::Null;
        }
        let before = type_bit(&v);
        let result = f(self, &mut v);
        if let (Value::Object(before), Value::Object(now)) = (&held, &v)
            && before.ptr_eq(now)
        {
            return result;
        }
        drop(held);
        let mut v = v.into_deref();
        if reference.has_typed_sources() && type_bit(&v) != before {
            if let (Some(seed), Value::Array(_)) = (seed, &v)
                && let Some(u) = self.reference_array_error(reference)
            {
                reference.set(seed);
                return Err(u);
            }
            self.check_reference_types(reference, &mut v)?;
        }
        reference.set(v);
        result
    }

    fn auto_array_error(&mut self, info: &PropInfo, ty: &TypeDecl) -> crate::Unwind {
        self.throw_type_error(format!(
            "Cannot auto-initialize an array inside property {}::${} of type {}",
            info.class.get().display_name(),
            info.name,
            type_to_string(ty)
        ))
    }

    /// Finds where a property can be changed from the running code, with all errors of trying.
    fn find_place(
        &mut self,
        object: &Object,
        class: ClassRef,
        name: &PhpString,
        scope: Option<ClassRef>,
        reads: bool,
    ) -> Ret<(Object, Place)> {
        let place = match lookup_prop(class, name, scope) {
            PropLookup::Slot(info) => {
                let hooked = info.has_hooks() || info.is_virtual();
                if hooked && let Some(place) = self.hooked_place(object, info)? {
                    return Ok((object.clone(), place));
                }
                if lazy::is_lazy_slot(object, info.slot)
                    && object.with_slot(info.slot as usize, Value::is_undef)
                {
                    let real = self.realize(object)?;
                    return self.find_place(&real, real.class(), name, scope, reads);
                }
                Some(match hooked {
                    true => Place::Slot(info),
                    false => self.slot_place(object, info, scope, reads)?,
                })
            }
            PropLookup::Dynamic => self.dynamic_place(object, name)?,
            PropLookup::Static(_) => {
                self.static_as_instance(class, name, class.magic.get.is_some())?;
                self.dynamic_place(object, name)?
            }
            found => match self.overloaded(object, name)? {
                Some(v) => Some(Place::Copy(v)),
                None => return Err(self.denied_error(class, &found)),
            },
        };
        match place {
            Some(place) => Ok((object.clone(), place)),
            None => self.beyond_lazy(object, name, Magic::Get, |cx, real| {
                cx.find_place(real, real.class(), name, scope, reads)
            }),
        }
    }

    /// `None`: the slot behind the hooks.
    fn hooked_place(&mut self, object: &Object, info: &PropInfo) -> Ret<Option<Place>> {
        match self.read_hooked(object, info)? {
            Some(v @ (Value::Ref(_) | Value::Object(_))) => Ok(Some(Place::Copy(v))),
            // A hook that returns by reference an object or the like.
            Some(v) if info.get.as_ref().is_some_and(|g| g.returns_ref()) => {
                Ok(Some(Place::Copy(v)))
            }
            Some(_) => Err(self.throw_error(format!(
                "Indirect modification of {}::${} is not allowed",
                object.class().display_name(),
                info.name
            ))),
            None => Ok(None),
        }
    }

    fn slot_place(
        &mut self,
        object: &Object,
        info: &'static PropInfo,
        scope: Option<ClassRef>,
        reads: bool,
    ) -> Ret<Place> {
        let held = object.slot(info.slot as usize);
        if held.is_undef()
            && (info.ty.is_none() || object.has_flag(UNSET_PROPS))
            && let Some(v) = self.overloaded(object, &info.name)?
        {
            return Ok(Place::Copy(v));
        }
        if info.is_guarded() {
            if held.with_deref(Value::is_object) {
                // The object may be changed, the property not.
                return Ok(Place::Copy(held.into_deref()));
            }
            if info.is_readonly() {
                if reads && held.is_undef() {
                    return Err(self.uninitialized_error(info));
                }
                return Err(self.readonly_error(info, "indirectly modify"));
            }
            if !info.may_set(scope) {
                return Err(self.set_visibility_error(info, "indirectly modify", scope));
            }
        }
        Ok(Place::Slot(info))
    }

    /// `None`: the object behind this lazy one is to be asked.
    fn dynamic_place(&mut self, object: &Object, name: &PhpString) -> Ret<Option<Place>> {
        if let Some(read) = object.class().handlers.read_property
            && let Some(v) = read(self, object, name)?
        {
            return Ok(Some(Place::Copy(v)));
        }
        let exists = object.has_dynamic()
            && object.with_dynamic(|t| t.is_some_and(|t| t.get_string(name).is_some()));
        if exists {
            return Ok(Some(Place::Dynamic));
        }
        if let Some(v) = self.overloaded(object, name)? {
            return Ok(Some(Place::Copy(v)));
        }
        if lazy::is_lazy(object) {
            return Ok(None);
        }
        self.check_dynamic(object, name)?;
        Ok(Some(Place::Dynamic))
    }

    /// What `__get` gives to code that wants to change it: a notice unless that has an effect.
    fn overloaded(&mut self, object: &Object, name: &PhpString) -> Ret<Option<Value>> {
        let Some(v) = self.call_magic_get(object, name)? else { return Ok(None) };
        match v {
            Value::Ref(r) => Ok(Some(Value::Ref(r))),
            Value::Object(_) => Ok(Some(v)),
            v => {
                let by_ref = object.class().magic.get.as_ref().is_some_and(|g| g.returns_ref());
                if !by_ref {
                    self.raise_notice(format!(
                        "Indirect modification of overloaded property {}::${name} has no effect",
                        object.class().display_name()
                    ))?;
                }
                Ok(Some(v))
            }
        }
    }
}

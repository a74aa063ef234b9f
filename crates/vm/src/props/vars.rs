//! All properties of an object as an array.

use super::{PropLookup, lookup_prop};
use crate::class::{ClassRef, ObjectClass, PropInfo};
use crate::{Cx, PropertiesFor, Ret, lazy};
use outlast_bytecode::member_flags as m;
use outlast_value::{Key, KeyRef, Object, PhpArray, PhpString, Value};

/// The name of a property as `(array)` and `serialize` write it.
pub fn mangled_name(info: &PropInfo) -> PhpString {
    if info.flags & m::PRIVATE != 0 {
        PhpString::concat(&[b"\0", info.class.get().name.as_bytes(), b"\0", info.name.as_bytes()])
    } else if info.flags & m::PROTECTED != 0 {
        PhpString::concat(&[b"\0*\0", info.name.as_bytes()])
    } else {
        info.name.clone()
    }
}

/// A value as an array element: references nobody else holds are dissolved.
fn element(value: Value) -> Value {
    match value {
        // One count is the property's, one ours.
        Value::Ref(r) if r.count() <= 2 => r.get(),
        v => v,
    }
}

impl Cx {
    /// `get_object_vars`: what is visible from `scope`, by plain names; hooks are called.
    pub fn object_vars(&mut self, object: &Object, scope: Option<ClassRef>) -> Ret<PhpArray> {
        let object = &self.realize(object)?;
        let class = object.class();
        let mut out = PhpArray::with_capacity(class.slot_props.len());
        for info in class.slot_props.iter() {
            if !is_visible(class, info, scope) {
                continue;
            }
            self.put_visible(object, info, &mut out)?;
        }
        for info in class.props.values().filter(|p| p.is_virtual()) {
            if info.get.is_some() && is_visible(class, info, scope) {
                self.put_visible(object, info, &mut out)?;
            }
        }
        append_dynamic(object, &mut out);
        Ok(out)
    }

    /// What foreach goes through from `scope`: plain names, in order. Hooks are not called; a
    /// virtual property stands with null.
    pub fn iterable_vars(&mut self, object: &Object, scope: Option<ClassRef>) -> Ret<PhpArray> {
        let object = &self.realize(object)?;
        let class = object.class();
        let mut out = PhpArray::with_capacity(class.slot_props.len());
        for info in class.slot_props.iter().filter(|p| is_visible(class, p, scope)) {
            let value = object.slot(info.slot as usize);
            if !value.is_undef() || info.get.is_some() {
                out.insert(Key::from_string(info.name.clone()), value.or_null());
            }
        }
        for info in class.props.values().filter(|p| p.is_virtual() && p.get.is_some()) {
            if is_visible(class, info, scope) {
                out.insert(Key::from_string(info.name.clone()), Value::Null);
            }
        }
        append_dynamic(object, &mut out);
        Ok(out)
    }

    fn put_visible(&mut self, object: &Object, info: &PropInfo, out: &mut PhpArray) -> Ret<()> {
        let value = match info.has_hooks() {
            true => match self.read_hooked(object, info)? {
                Some(v) => v.into_deref(),
                None => object.slot(info.slot as usize),
            },
            false => object.slot(info.slot as usize),
        };
        if !value.is_undef() {
            out.insert(Key::from_string(info.name.clone()), element(value));
        }
        Ok(())
    }

    /// All properties under their mangled names, without calling hooks or initializing a lazy
    /// object: what `(array)` gives of a plain one.
    pub fn mangled_vars(&mut self, object: &Object) -> PhpArray {
        let class = object.class();
        let mut out = PhpArray::with_capacity(class.slot_props.len());
        for info in class.slot_props.iter() {
            let value = object.slot(info.slot as usize);
            if !value.is_undef() {
                out.insert(Key::from_string(mangled_name(info)), element(value));
            }
        }
        append_dynamic(object, &mut out);
        out
    }

    /// The properties of an object for a purpose, native classes having their say.
    pub fn props_for(&mut self, object: &Object, purpose: PropertiesFor) -> Ret<PhpArray> {
        let class = object.class();
        if purpose == PropertiesFor::Debug
            && let Some(debug_info) = class.magic.debug_info.clone()
        {
            return match self
                .call_func(&debug_info, Some(object.clone()), Some(class), Vec::new())?
                .into_deref()
            {
                Value::Array(a) => Ok(a),
                Value::Null => Ok(PhpArray::new()),
                _ => Err(self.fatal("__debuginfo() must return an array")),
            };
        }
        match class.handlers.properties {
            Some(properties) => properties(self, object, purpose),
            None if purpose == PropertiesFor::Debug
                && let Some(instance) = lazy::instance(object) =>
            {
                let mut out = PhpArray::new();
                out.insert(Key::from("instance"), Value::Object(instance));
                Ok(out)
            }
            None => {
                let object = self.realize_for(object, purpose)?;
                Ok(self.mangled_vars(&object))
            }
        }
    }
}

/// Is this very property (not one of the same name in another class) what `scope` sees?
fn is_visible(class: ClassRef, info: &PropInfo, scope: Option<ClassRef>) -> bool {
    matches!(
        lookup_prop(class, &info.name, scope),
        PropLookup::Slot(found) if found.slot == info.slot && found.name == info.name
            && found.class.get() == info.class.get()
    )
}

fn append_dynamic(object: &Object, out: &mut PhpArray) {
    let Some(table) = object.dynamic() else { return };
    for (k, v) in table.iter_refs() {
        let key = match k {
            KeyRef::Int(i) => Key::Int(i),
            KeyRef::Str(s) => Key::from_string(s.clone()),
        };
        let v = match v {
            Value::Ref(r) if r.count() <= 1 => r.get(),
            v => v.clone(),
        };
        out.insert(key, v);
    }
}

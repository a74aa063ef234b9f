//! `op=`, `++` and `--` on properties: a read and a write.

use super::{FetchMode, PropLookup, lookup_prop};
use crate::class::ObjectClass;
use crate::types::reference::{step_words, takes};
use crate::types::type_to_string;
use crate::{Cx, Ret, Unwind};
use outlast_bytecode::{IncDec, type_bits};
use outlast_value::{Object, PhpString, Reference, Value};

impl Cx {
    /// Reads a property, computes a new value from it and writes that; the value as stored.
    pub fn update_prop(
        &mut self,
        object: &Object,
        name: &PhpString,
        f: &mut dyn FnMut(&mut Cx, &Value) -> Ret<Value>,
    ) -> Ret<Value> {
        let scope = self.access_scope();
        let old = self.read_prop_scoped(object, name, scope, FetchMode::Warn)?;
        let new = f(self, &old)?;
        drop(old);
        let strict = self.is_strict();
        self.write_prop_scoped(object, name, new, scope, strict)
    }

    /// `++` or `--` on a property: old and new value.
    pub fn step_prop(
        &mut self,
        object: &Object,
        name: &PhpString,
        kind: IncDec,
    ) -> Ret<(Value, Value)> {
        let scope = self.access_scope();
        let old = self.read_prop_scoped(object, name, scope, FetchMode::Warn)?;
        let new = self.inc_dec(&old, kind)?;
        if let (Value::Int(_), Value::Float(_)) = (&old, &new)
            && let Some(u) = self.prop_step_error(object, name, kind)
        {
            return Err(u);
        }
        let strict = self.is_strict();
        let stored = self.write_prop_scoped(object, name, new, scope, strict)?;
        Ok((old, stored))
    }

    /// An int at its limit cannot become a float in a property that takes none.
    fn prop_step_error(
        &mut self,
        object: &Object,
        name: &PhpString,
        kind: IncDec,
    ) -> Option<Unwind> {
        let scope = self.access_scope();
        let class = object.class();
        let PropLookup::Slot(info) = lookup_prop(&class, name, &scope) else { return None };
        let increment = is_increment(kind);
        if let Value::Ref(r) = object.slot_if(info.slot)
            && r.has_typed_sources()
        {
            return self.reference_step_error(&r, increment);
        }
        let ty = info.ty.clone().filter(|t| !takes(t, type_bits::FLOAT))?;
        let (word, limit) = step_words(increment);
        Some(self.throw_type_error(format!(
            "Cannot {word} property {}::${} of type {} past its {limit} value",
            info.class.get().display_name(),
            info.name,
            type_to_string(&ty)
        )))
    }

    /// `++` or `--` on a reference, respecting its typed properties: old and new value.
    pub fn step_reference(&mut self, reference: &Reference, kind: IncDec) -> Ret<(Value, Value)> {
        let old = reference.get();
        let new = self.inc_dec(&old, kind)?;
        if let (Value::Int(_), Value::Float(_), true) = (&old, &new, reference.has_typed_sources())
            && let Some(u) = self.reference_step_error(reference, is_increment(kind))
        {
            return Err(u);
        }
        let strict = self.is_strict();
        let stored = self.assign_reference(reference, new, strict)?;
        Ok((old, stored))
    }
}

fn is_increment(kind: IncDec) -> bool {
    matches!(kind, IncDec::PreInc | IncDec::PostInc)
}

/// Slots of virtual properties read as nothing.
trait SlotIf {
    fn slot_if(&self, slot: u32) -> Value;
}

impl SlotIf for Object {
    fn slot_if(&self, slot: u32) -> Value {
        if (slot as usize) < self.slot_count() { self.slot(slot as usize) } else { Value::Undef }
    }
}

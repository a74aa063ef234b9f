//! `++` and `--` on properties and references: typed ones hold ints that cannot overflow.

use super::PropLookup;
use crate::class::ObjectClass;
use crate::types::reference::{step_words, takes};
use crate::types::type_to_string;
use crate::{Cx, Ret, Unwind, lazy};
use outlast_bytecode::{IncDec, type_bits};
use outlast_value::{Object, PhpString, Reference, Value};

impl Cx {
    /// The value that `++` or `--` gives a property that holds `old`.
    pub fn inc_dec_prop(
        &mut self,
        object: &Object,
        name: &PhpString,
        old: &Value,
        kind: IncDec,
    ) -> Ret<Value> {
        let new = self.inc_dec(old, kind)?;
        if let (Value::Int(_), Value::Float(_)) = (old, &new)
            && let Some(u) = self.prop_step_error(object, name, kind)
        {
            return Err(u);
        }
        Ok(new)
    }

    /// The same for what a reference holds.
    pub fn inc_dec_reference(
        &mut self,
        reference: &Reference,
        old: &Value,
        kind: IncDec,
    ) -> Ret<Value> {
        self.step_typed(reference, old, kind, "a reference held by ")
    }

    /// The same for the storage of a static property, written by the property's name.
    pub(crate) fn inc_dec_static(
        &mut self,
        storage: &Reference,
        old: &Value,
        kind: IncDec,
    ) -> Ret<Value> {
        self.step_typed(storage, old, kind, "")
    }

    fn step_typed(
        &mut self,
        reference: &Reference,
        old: &Value,
        kind: IncDec,
        held: &str,
    ) -> Ret<Value> {
        let new = self.inc_dec(old, kind)?;
        if let (Value::Int(_), Value::Float(_), true) = (old, &new, reference.has_typed_sources())
            && let Some(u) = self.reference_step_error(reference, is_increment(kind), held)
        {
            return Err(u);
        }
        Ok(new)
    }

    /// An int at its limit cannot become a float in a property that takes none.
    fn prop_step_error(
        &mut self,
        object: &Object,
        name: &PhpString,
        kind: IncDec,
    ) -> Option<Unwind> {
        let scope = self.access_scope();
        let object = &lazy::backing(object);
        let PropLookup::Slot(info) = self.lookup_prop(object.class(), name, scope) else {
            return None;
        };
        let increment = is_increment(kind);
        if (info.slot as usize) < object.slot_count()
            && let Value::Ref(r) = object.slot(info.slot as usize)
            && r.has_typed_sources()
        {
            return self.reference_step_error(&r, increment, "a reference held by ");
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
}

fn is_increment(kind: IncDec) -> bool {
    matches!(kind, IncDec::PreInc | IncDec::PostInc)
}

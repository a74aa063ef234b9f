//! References held by typed properties: whatever is assigned through them has to fit.
//!
//! A reference carries a word for each typed property it is bound to: the address of the
//! [`PropInfo`], or of the [`StaticProp`] with the lowest bit set. Both live in the class arena,
//! which outlives every value.

use super::{type_bit, type_to_string, value_type_name};
use crate::class::{ClassRef, PropInfo, StaticProp};
use crate::{Cx, Ret, Unwind};
use outlast_bytecode::{TypeDecl, type_bits};
use outlast_value::{PhpString, Reference, Value};
use std::rc::Rc;

/// A typed property that a reference is bound to.
pub(crate) struct TypeSource {
    pub(crate) class: ClassRef,
    pub(crate) name: PhpString,
    pub(crate) ty: Rc<TypeDecl>,
    is_static: bool,
}

/// The word for a declared property.
pub(crate) fn prop_source(info: &PropInfo) -> usize {
    std::ptr::from_ref(info) as usize
}

/// The word for a static property.
pub(crate) fn static_source(prop: &StaticProp) -> usize {
    std::ptr::from_ref(prop) as usize | 1
}

/// What a word stands for.
fn source(word: usize) -> TypeSource {
    // SAFETY: words are made by `prop_source` and `static_source` from parts of linked classes,
    // which the arena frees last; both types are aligned to more than one byte, so the bit is free.
    let is_static = word & 1 != 0;
    unsafe {
        if is_static {
            let p = &*((word & !1) as *const StaticProp);
            let ty = p.ty.clone().expect("only typed properties are sources");
            TypeSource { class: p.class.get(), name: p.name.clone(), ty, is_static }
        } else {
            let p = &*(word as *const PropInfo);
            let ty = p.ty.clone().expect("only typed properties are sources");
            TypeSource { class: p.class.get(), name: p.name.clone(), ty, is_static }
        }
    }
}

/// The typed properties of a reference.
pub(crate) fn sources(reference: &Reference) -> Vec<TypeSource> {
    reference.typed_sources().into_iter().map(source).collect()
}

impl Cx {
    /// Coerces a value to what the typed properties of a reference take.
    pub(crate) fn check_reference_types(
        &mut self,
        reference: &Reference,
        value: &mut Value,
    ) -> Ret<()> {
        self.check_source_types(reference, value, None)
    }

    /// Writes the storage of a static property by the property's name.
    pub(crate) fn assign_static(
        &mut self,
        storage: &Reference,
        name: &PhpString,
        mut value: Value,
    ) -> Ret<()> {
        if storage.has_typed_sources() {
            self.check_source_types(storage, &mut value, Some(name))?;
        }
        storage.set(value);
        Ok(())
    }

    fn check_source_types(
        &mut self,
        reference: &Reference,
        value: &mut Value,
        by_name: Option<&PhpString>,
    ) -> Ret<()> {
        let strict = self.is_strict();
        let mut result: Option<(Value, TypeSource)> = None;
        for s in sources(reference) {
            let mut v = value.clone();
            if !self.check_type(&s.ty, &mut v, strict, Some(s.class))? {
                return Err(self.throw_type_error(format!(
                    "Cannot assign {} to {}property {}::${} of type {}",
                    value_type_name(value),
                    if s.is_static && by_name == Some(&s.name) { "" } else { "reference held by " },
                    s.class.display_name(),
                    s.name,
                    type_to_string(&s.ty)
                )));
            }
            match &result {
                Some((first, _)) if type_bit(first) == type_bit(&v) => {}
                Some((_, other)) => {
                    return Err(self.throw_type_error(format!(
                        "Cannot assign {} to reference held by property {}::${} of type {} and \
                         property {}::${} of type {}, as this would result in an inconsistent \
                         type conversion",
                        value_type_name(value),
                        other.class.display_name(),
                        other.name,
                        type_to_string(&other.ty),
                        s.class.display_name(),
                        s.name,
                        type_to_string(&s.ty)
                    )));
                }
                None => result = Some((v, s)),
            }
        }
        if let Some((v, _)) = result {
            *value = v;
        }
        Ok(())
    }

    /// TypeError: an array was made of null inside what typed properties share.
    pub(crate) fn reference_array_error(&mut self, reference: &Reference) -> Option<Unwind> {
        let s = sources(reference).into_iter().find(|s| !takes_array(&s.ty))?;
        Some(self.throw_type_error(format!(
            "Cannot auto-initialize an array inside {}property {}::${} of type {}",
            if s.is_static { "" } else { "a reference held by " },
            s.class.display_name(),
            s.name,
            type_to_string(&s.ty)
        )))
    }

    /// TypeError of `++`/`--` on an int at its limit that a typed reference holds; `held` says how
    /// the message names it.
    pub fn reference_step_error(
        &mut self,
        reference: &Reference,
        increment: bool,
        held: &str,
    ) -> Option<Unwind> {
        let s = sources(reference).into_iter().find(|s| !takes(&s.ty, type_bits::FLOAT))?;
        let (word, limit) = step_words(increment);
        Some(self.throw_type_error(format!(
            "Cannot {word} {held}property {}::${} of type {} past its {limit} value",
            s.class.display_name(),
            s.name,
            type_to_string(&s.ty)
        )))
    }

    /// A reference is about to be bound to a typed property: its value has to fit as it is.
    pub(crate) fn check_bind(
        &mut self,
        class: ClassRef,
        name: &PhpString,
        ty: &TypeDecl,
        reference: &Reference,
    ) -> Ret<()> {
        let value = reference.get();
        let mut copy = value.clone();
        let strict = self.is_strict();
        let fits = self.check_type(ty, &mut copy, strict, Some(class))?;
        if reference.has_typed_sources() {
            if fits && type_bit(&copy) == type_bit(&value) {
                return Ok(());
            }
            if fits
                && let Some(held) = sources(reference).into_iter().next()
                && *held.ty != *ty
            {
                return Err(self.throw_type_error(format!(
                    "Reference with value of type {} held by property {}::${} of type {} is not \
                     compatible with property {}::${name} of type {}",
                    value_type_name(&value),
                    held.class.display_name(),
                    held.name,
                    type_to_string(&held.ty),
                    class.display_name(),
                    type_to_string(ty)
                )));
            }
        }
        if !fits {
            return Err(self.prop_type_error(class, name, ty, &value));
        }
        if type_bit(&copy) != type_bit(&value) {
            reference.set(copy);
        }
        Ok(())
    }
}

/// Does writing an element turn this value into an array?
pub(crate) fn is_array_seed(value: &Value) -> bool {
    matches!(value, Value::Undef | Value::Null | Value::Bool(false))
}

/// Is one of `bits` among the alternatives of the type?
pub(crate) fn takes(ty: &TypeDecl, bits: u32) -> bool {
    matches!(ty, TypeDecl::Union(u) if u.bits & (bits | type_bits::MIXED) != 0)
}

/// May the type hold an array?
pub(crate) fn takes_array(ty: &TypeDecl) -> bool {
    takes(ty, type_bits::ARRAY | type_bits::ITERABLE)
}

/// The words of the overflow messages.
pub(crate) fn step_words(increment: bool) -> (&'static str, &'static str) {
    if increment { ("increment", "maximal") } else { ("decrement", "minimal") }
}

//! Ops that read and write elements and properties.

use super::peek;
use crate::arglist::not_unpacked;
use crate::class::ObjectClass;
use crate::function::{CacheEntry, CachedProp};
use crate::props::PropLookup;
use crate::{Cx, Ret, Unwind};
use outlast_bytecode::{Cache, K, NO_CACHE, NO_SLOT, Slot, Tags};
use outlast_value::{Object, PhpArray, PhpString, Value};

/// Every variant of a value but "none" and references.
pub(super) const ANY_VALUE: Tags = WRITABLE | 0b10_1111_1110;
/// The bit, of no variant, of properties that may be written from where the cache is.
pub(crate) const WRITABLE: Tags = 1 << 15;
/// Among the tags of a cached property: it may be given its first value as it is, unless the object
/// is unusual.
pub(crate) const INITIABLE: Tags = 1 << 14;
/// Flags of objects whose empty slots are more than that: lazy ones, and those with a property that
/// was unset.
pub(crate) const UNUSUAL: u32 = crate::lazy::LAZY | crate::props::UNSET_PROPS;

impl Cx {
    /// A constant of the running function.
    #[inline]
    pub(crate) fn constant(&self, k: K) -> &Value {
        // SAFETY: constant indexes are checked by the compiler.
        unsafe { &*(*self.frame().code).consts_at.get().add(k as usize) }
    }

    /// A constant that is a name.
    pub(crate) fn name(&self, k: K) -> PhpString {
        match self.constant(k) {
            Value::Str(s) => s.clone(),
            v => unreachable!("a name is a string, not {v:?}"),
        }
    }

    /// An inline cache of the running function.
    pub(crate) fn cache_entry(&mut self, cache: Cache) -> Option<&mut CacheEntry> {
        if cache == NO_CACHE {
            return None;
        }
        // SAFETY: one script runs at a time and no borrow survives the op.
        Some(unsafe { &mut *(*(*self.frame().code).caches_at.get().add(cache as usize)).get() })
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn fetch_dim(&mut self, base: *mut Value, b: Slot, key: Slot) -> Ret<Value> {
        let (container, key) = self.two_operands(base, b, key)?;
        self.read_dim(&container, &key, false)
    }

    /// Reads two operands; PHP looks at the second one's definedness after the first's.
    pub(crate) fn two_operands(
        &mut self,
        base: *mut Value,
        a: Slot,
        b: Slot,
    ) -> Ret<(Value, Value)> {
        let x = self.operand(base, a)?;
        let y = self.operand(base, b)?;
        Ok((x, y))
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn fetch_dim_value(&mut self, base: *mut Value, b: Slot, key: &Value) -> Ret<Value> {
        let container = self.operand(base, b)?;
        self.read_dim(&container, key, false)
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn assign_dim(
        &mut self,
        base: *mut Value,
        dst: Slot,
        b: Slot,
        key: Slot,
        val: Slot,
    ) -> Ret<()> {
        let key = self.operand(base, key)?;
        let value = self.operand(base, val)?;
        let place = base.wrapping_add(b as usize);
        let v = self.write_steps(
            place,
            &[super::path::Step::Dim(key)],
            super::path::Action::Assign(value),
        )?;
        if dst != NO_SLOT {
            // SAFETY: `dst` is a free temporary of the frame.
            unsafe { std::ptr::write(base.add(dst as usize), v) };
        }
        Ok(())
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn append_dim(
        &mut self,
        base: *mut Value,
        dst: Slot,
        b: Slot,
        val: Slot,
    ) -> Ret<()> {
        let value = self.operand(base, val)?;
        // SAFETY: operands lie within the frame; the push runs no other code.
        let place = unsafe { &mut *base.add(b as usize) };
        let array = match place {
            Value::Array(a) => Some(a),
            // SAFETY: as above.
            Value::Ref(r) => match unsafe { &mut *r.as_ptr() } {
                Value::Array(a) => Some(a),
                _ => None,
            },
            _ => None,
        };
        if let (Some(a), true) = (array, dst == NO_SLOT) {
            if a.push(value).is_err() {
                return self.array_full();
            }
            return Ok(());
        }
        let place = base.wrapping_add(b as usize);
        let v = self.write_steps(
            place,
            &[super::path::Step::Append],
            super::path::Action::Assign(value),
        )?;
        if dst != NO_SLOT {
            // SAFETY: `dst` is a free temporary of the frame.
            unsafe { std::ptr::write(base.add(dst as usize), v) };
        }
        Ok(())
    }

    /// Error "… next element is already occupied".
    #[cold]
    #[inline(never)]
    pub(crate) fn array_full(&mut self) -> Ret<()> {
        Err(self
            .throw_error("Cannot add element to the array as the next element is already occupied"))
    }

    /// `array[key] = value` while an array literal is built.
    pub(crate) fn array_set(
        &mut self,
        base: *mut Value,
        array: Slot,
        key: Value,
        value: Value,
    ) -> Ret<()> {
        let Some(k) = self.to_key(&key)? else {
            return Err(self.illegal_offset(&key, "on array"));
        };
        // SAFETY: operands lie within the frame.
        if let Value::Array(a) = unsafe { &mut *base.add(array as usize) } {
            a.insert(k, value);
        }
        Ok(())
    }

    /// `...$source` in an array literal.
    pub(crate) fn array_spread(&mut self, base: *mut Value, array: Slot, source: Value) -> Ret<()> {
        // SAFETY: operands lie within the frame; the temporary is this op's alone.
        let mut target = unsafe { (*base.add(array as usize)).take() };
        let result = (|| {
            let Value::Array(target) = &mut target else { return Ok(()) };
            match &source {
                Value::Array(a) => {
                    for (k, v) in a.iter() {
                        self.spread_into(target, k.to_value(), v.deref())?;
                    }
                    Ok(())
                }
                _ if self.in_constant_expression() => {
                    Err(self.throw_error("Only arrays can be unpacked in constant expression"))
                }
                Value::Object(o) if o.class().is_traversable() => {
                    let mut items = Vec::new();
                    self.iterate(&source, &mut |_, k, v| {
                        items.push((k, v));
                        Ok(true)
                    })?;
                    for (k, v) in items {
                        self.spread_into(target, k, v.into_deref())?;
                    }
                    Ok(())
                }
                other => {
                    let message = not_unpacked(other);
                    Err(self.throw_error(message))
                }
            }
        })();
        // SAFETY: as above.
        unsafe { std::ptr::write(base.add(array as usize), target) };
        result
    }

    fn spread_into(&mut self, target: &mut PhpArray, key: Value, value: Value) -> Ret<()> {
        let key = match key {
            Value::Str(s) => outlast_value::Key::from_string(s).to_value(),
            key => key,
        };
        match key {
            Value::Int(_) => {
                if target.push(value).is_err() {
                    return self.array_full();
                }
                Ok(())
            }
            Value::Str(s) => {
                target.insert(outlast_value::Key::Str(s), value);
                Ok(())
            }
            _ => Err(self.throw_error("Keys must be of type int|string during array unpacking")),
        }
    }

    // ---- properties

    pub(crate) fn no_this(&mut self) -> Ret<Value> {
        Err(self.throw_error("Using $this when not in object context"))
    }

    /// Remembers where a property of this class is, if reading needs no checks.
    pub(super) fn fill_prop_cache(&mut self, cache: Cache, object: &Object, name: &PhpString) {
        if cache == NO_CACHE {
            return;
        }
        let class = object.class();
        let scope = self.frame().scope();
        let (slot, tags) = match self.lookup_prop(class, name, scope) {
            PropLookup::Slot(info) if !info.has_hooks() && !info.is_virtual() => {
                let plain = !info.is_readonly()
                    && info.set_visibility() == info.flags & crate::class::VISIBILITY;
                // Who unset a property may have `__set` called for it, unless it is typed.
                let initiable =
                    if info.ty.is_some() || class.magic.set.is_none() { INITIABLE } else { 0 };
                let tags = match &info.ty {
                    _ if !plain => 0,
                    None => ANY_VALUE | initiable,
                    Some(ty) => WRITABLE | initiable | ty.tags(),
                };
                (info.slot, tags)
            }
            _ => return,
        };
        if let Some(entry) = self.cache_entry(cache) {
            entry.remember_prop(CachedProp { class, slot, tags, fits: None });
        }
    }

    /// After an object was stored in a property: others of its class are of the type too.
    fn remember_fitting(&mut self, cache: Cache, object: &Object, stored: &Object) {
        if let Some(entry) = self.cache_entry(cache)
            && let Some(prop) = entry.prop_mut(object.class_ptr())
            && prop.tags & WRITABLE != 0
            && matches!(object.slot(prop.slot as usize), Value::Object(o) if o.ptr_eq(stored))
        {
            prop.fits = Some(stored.class());
        }
    }

    fn store_prop(
        &mut self,
        cache: Cache,
        object: &Object,
        name: &PhpString,
        value: Value,
    ) -> Ret<()> {
        self.fill_prop_cache(cache, object, name);
        let Value::Object(stored) = &value else {
            return self.write_prop(object, name, value);
        };
        let stored = stored.clone();
        self.write_prop(object, name, value)?;
        self.remember_fitting(cache, object, &stored);
        Ok(())
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn fetch_prop(
        &mut self,
        base: *mut Value,
        obj: Slot,
        cache: Cache,
        name: K,
    ) -> Ret<Value> {
        let value = self.operand(base, obj)?;
        let name = self.name(name);
        match &value {
            Value::Object(o) => {
                if !o.class().is_enum() && self.in_constant_expression() {
                    return Err(self.throw_error(
                        "Fetching properties on non-enums in constant expressions is not allowed",
                    ));
                }
                self.fill_prop_cache(cache, o, &name);
                self.read_prop(o, &name)
            }
            v => self.read_prop_of_non_object(v, &name),
        }
    }

    /// Warning "Attempt to read property "x" on null".
    pub(crate) fn read_prop_of_non_object(&mut self, v: &Value, name: &PhpString) -> Ret<Value> {
        let type_name = self.value_type_name(v);
        let mut m = b"Attempt to read property \"".to_vec();
        m.extend_from_slice(name);
        m.extend_from_slice(b"\" on ");
        m.extend_from_slice(type_name.as_bytes());
        self.raise_warning(m)?;
        Ok(Value::Null)
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn fetch_this_prop(&mut self, cache: Cache, name: K) -> Ret<Value> {
        let Some(this) = self.frame().this.clone() else {
            return self.no_this();
        };
        let name = self.name(name);
        self.fill_prop_cache(cache, &this, &name);
        self.read_prop(&this, &name)
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn assign_prop(
        &mut self,
        base: *mut Value,
        obj: Slot,
        val: Slot,
        cache: Cache,
        name: K,
    ) -> Ret<()> {
        let name = self.name(name);
        // An undefined object variable is not warned about: assigning to it is an Error anyway.
        // SAFETY: operands lie within the frame.
        let object = unsafe { peek(base, obj).clone() };
        let value = self.operand(base, val)?;
        if obj >= self.locals() {
            // SAFETY: as above.
            drop(unsafe { (*base.add(obj as usize)).take() });
        }
        match &object {
            Value::Object(o) => self.store_prop(cache, o, &name, value),
            v => Err(self.prop_of_non_object("assign", v, &name)),
        }
    }

    /// Error "Attempt to assign property "x" on null".
    pub(crate) fn prop_of_non_object(&mut self, what: &str, v: &Value, name: &[u8]) -> Unwind {
        let type_name = self.value_type_name(v);
        let mut m = format!("Attempt to {what} property \"").into_bytes();
        m.extend_from_slice(name);
        m.extend_from_slice(b"\" on ");
        m.extend_from_slice(type_name.as_bytes());
        self.throw_error(m)
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn assign_this_prop(
        &mut self,
        base: *mut Value,
        val: Slot,
        cache: Cache,
        name: K,
    ) -> Ret<()> {
        let value = self.operand(base, val)?;
        let Some(this) = self.frame().this.clone() else {
            return self.no_this().map(|_| ());
        };
        let name = self.name(name);
        self.store_prop(cache, &this, &name, value)
    }

    /// `obj->{name}`
    pub(crate) fn fetch_prop_value(&mut self, object: &Value, name: &Value) -> Ret<Value> {
        let name = self.to_str(name)?;
        match object {
            Value::Object(o) => self.read_prop(o, &name),
            v => self.read_prop_of_non_object(v, &name),
        }
    }

    /// `obj->{name}` quietly.
    pub(crate) fn fetch_prop_quiet(&mut self, object: &Value, name: &PhpString) -> Ret<Value> {
        match object {
            Value::Object(o) => self.read_prop_quiet(o, name),
            _ => Ok(Value::Null),
        }
    }
}

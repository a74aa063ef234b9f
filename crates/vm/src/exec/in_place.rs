//! Write paths that lead through what is there already: `$a[$i][$j] += $x`, `$this->list[] = $x`.
//!
//! The place is found and changed without anything else running: every array on the way exists,
//! every property is in its cache. Whatever is not so plain is left, untouched, to `path`.

use super::access::{ANY_VALUE, WRITABLE};
use super::numbers::numbers;
use super::{fast, peek};
use crate::Cx;
use crate::function::CachedProp;
use outlast_bytecode::{BinOp, IncDec, NO_CACHE, NO_SLOT, Path, PathRoot, PathStep, Slot, Tags};
use outlast_value::{PhpArray, Value};

/// Where a path led.
enum Place {
    /// A value, and the variants it may be given.
    At(*mut Value, Tags),
    /// Behind the last element of an array.
    End(*mut PhpArray),
    /// A key that the array does not have.
    New(*mut PhpArray, *const Value),
}

/// Behind references, unless typed properties share them; those keep their arrays arrays, though.
unsafe fn follow(place: *mut Value) -> Option<*mut Value> {
    // SAFETY: by the caller's promise the place is live; so is the reference it holds.
    unsafe {
        match &*place {
            Value::Ref(r) if !r.has_typed_sources() => Some(r.as_ptr()),
            Value::Ref(_) => None,
            _ => Some(place),
        }
    }
}

impl Cx {
    pub(super) fn path(&self, index: u16) -> &Path {
        let code = &self.frame().func.user().expect("PHP code runs").code;
        // SAFETY: path indexes are the compiler's.
        unsafe { &*code.paths.add(index as usize) }
    }

    /// Finds the place of a path; `None` where anything is not plain.
    ///
    /// # Safety
    /// `base` is the running frame's; the place is to be used before anything else runs.
    unsafe fn place_of_path(&self, base: *mut Value, path: &Path) -> Option<Place> {
        let frame = self.frame();
        let this;
        // SAFETY: operands lie within the frame; arrays are made this path's own on the way, as
        // writing to their elements does.
        unsafe {
            let mut place = match path.root {
                PathRoot::Local(slot) => follow(base.add(slot as usize))?,
                PathRoot::This => {
                    this = std::mem::ManuallyDrop::new(Value::Object(
                        std::ptr::from_ref(frame.this.as_ref()?).read(),
                    ));
                    std::ptr::from_ref(&*this).cast_mut()
                }
                _ => return None,
            };
            let last = path.steps.len() - 1;
            for (at, step) in path.steps.iter().enumerate() {
                let key = match step {
                    PathStep::Dim(slot) => peek(base, *slot),
                    PathStep::DimConst(k) => &*(*frame.code).consts_at.get().add(*k as usize),
                    PathStep::Append if at == last => {
                        let Value::Array(a) = &mut *place else { return None };
                        return Some(Place::End(a));
                    }
                    PathStep::Prop { cache, .. } if *cache != NO_CACHE => {
                        let Value::Object(o) = &*place else { return None };
                        let entry = &*(*(*frame.code).caches_at.get().add(*cache as usize)).get();
                        let CachedProp { slot, tags, .. } = entry.prop(o.class_ptr())?;
                        if *tags & WRITABLE == 0 {
                            return None;
                        }
                        let slot = o.slot_ptr(*slot as usize);
                        if (*slot).is_undef() {
                            return None;
                        }
                        if at == last {
                            return match &*slot {
                                Value::Ref(_) => None,
                                _ => Some(Place::At(slot, *tags)),
                            };
                        }
                        place = follow(slot)?;
                        continue;
                    }
                    _ => return None,
                };
                let Value::Array(a) = &mut *place else { return None };
                let element = match key {
                    Value::Int(i) => a.get_int_mut(*i),
                    Value::Str(s) => a.get_key_str_mut(s),
                    _ => return None,
                };
                place = match element {
                    Some(element) => follow(element)?,
                    None if at == last => {
                        let Value::Array(a) = &mut *place else { return None };
                        return Some(Place::New(a, key));
                    }
                    None => return None,
                };
            }
            Some(Place::At(place, ANY_VALUE))
        }
    }

    /// Drops keys that are temporaries.
    #[inline]
    fn drop_keys(&mut self, base: *mut Value, path: u16) {
        let locals = self.locals();
        for at in 0..self.path(path).steps.len() {
            if let PathStep::Dim(slot) = self.path(path).steps[at]
                && slot >= locals
            {
                // SAFETY: operands lie within the frame.
                let p = unsafe { &mut *base.add(slot as usize) };
                if p.is_counted() {
                    drop(p.take());
                }
            }
        }
    }

    /// Op `PathAssign`; the old value. `None`: nothing was done.
    pub(crate) fn assign_in_place(
        &mut self,
        base: *mut Value,
        path: u16,
        val: Slot,
        dst: Slot,
    ) -> Option<Value> {
        let locals = self.locals();
        // SAFETY: operands lie within the frame; nothing else runs while the place is held.
        unsafe {
            let value = peek(base, val);
            if value.is_undef() {
                return None;
            }
            let tag = value.tag();
            // First the value: it may be an array on the way, which then is not changed but copied.
            let value = fast::get(base, locals, val);
            let place = match self.place_of_path(base, self.path(path)) {
                Some(Place::At(_, tags)) if tags >> tag & 1 == 0 => None,
                Some(Place::End(a)) if (*a).next_free() == i64::MAX => None,
                place => place,
            };
            let Some(place) = place else {
                fast::put_back(base, locals, val, value);
                return None;
            };
            if dst != NO_SLOT {
                std::ptr::write(base.add(dst as usize), value.clone());
            }
            let old = match place {
                Place::At(p, _) => std::mem::replace(&mut *p, value),
                Place::End(a) => {
                    (*a).push(value).expect("there is a next key");
                    Value::Undef
                }
                Place::New(a, key) => {
                    match &*key {
                        Value::Int(i) => drop((*a).insert_int(*i, value)),
                        Value::Str(s) => drop((*a).insert_key_str(s.clone(), value)),
                        _ => unreachable!("a key is an integer or a string"),
                    }
                    Value::Undef
                }
            };
            self.drop_keys(base, path);
            Some(old)
        }
    }

    /// Op `PathAssignOp`: whether it was done.
    pub(crate) fn assign_op_in_place(
        &mut self,
        base: *mut Value,
        path: u16,
        val: Slot,
        op: BinOp,
        dst: Slot,
    ) -> bool {
        // SAFETY: as in `assign_in_place`.
        unsafe {
            let right = peek(base, val);
            let plain = matches!(right, Value::Int(_) | Value::Float(_));
            let text = op == BinOp::Concat && right.is_str();
            if !plain && !text {
                return false;
            }
            let Some(Place::At(place, tags)) = self.place_of_path(base, self.path(path)) else {
                return false;
            };
            match (&mut *place, right) {
                (Value::Str(left), Value::Str(right)) => {
                    if left.try_append(right).is_err() {
                        return false;
                    }
                }
                (left, right) if plain => match numbers(op, left, right) {
                    Some(v) if fast::has_tag(tags, &v) => *left = v,
                    _ => return false,
                },
                _ => return false,
            }
            if dst != NO_SLOT {
                std::ptr::write(base.add(dst as usize), (*place).clone());
            }
            if val >= self.locals() && (*base.add(val as usize)).is_counted() {
                drop((*base.add(val as usize)).take());
            }
        }
        self.drop_keys(base, path);
        true
    }

    /// Op `PathIncDec`: whether it was done.
    pub(crate) fn inc_dec_in_place(
        &mut self,
        base: *mut Value,
        path: u16,
        kind: IncDec,
        dst: Slot,
    ) -> bool {
        // SAFETY: as in `assign_in_place`.
        unsafe {
            let Some(Place::At(place, _)) = self.place_of_path(base, self.path(path)) else {
                return false;
            };
            let Value::Int(old) = *place else { return false };
            let new = match kind {
                IncDec::PreInc | IncDec::PostInc => old.checked_add(1),
                IncDec::PreDec | IncDec::PostDec => old.checked_sub(1),
            };
            let Some(new) = new else { return false };
            *place = Value::Int(new);
            if dst != NO_SLOT {
                let post = matches!(kind, IncDec::PostInc | IncDec::PostDec);
                let result = Value::Int(if post { old } else { new });
                std::ptr::write(base.add(dst as usize), result);
            }
        }
        self.drop_keys(base, path);
        true
    }
}

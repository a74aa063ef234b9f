//! Operands, local variables, and operators whose operands are not plain numbers.

use super::{Next, peek};
use crate::frame::frame_flags;
use crate::{Cx, Ret};
use outlast_bytecode::{BinOp, IncDec, Op, PathStep, Slot};
use outlast_value::{PhpString, Reference, Value};

impl Cx {
    /// Number of locals of the running function.
    #[inline]
    pub(crate) fn locals(&self) -> Slot {
        // SAFETY: PHP code runs, so that the frame has code.
        unsafe { (*self.frame().code).locals }
    }

    /// The value of an operand: a local is copied (undefined: warning and null), a temporary taken.
    pub(crate) fn operand(&mut self, base: *mut Value, slot: Slot) -> Ret<Value> {
        let locals = self.locals();
        // SAFETY: operands lie within the frame.
        let p = unsafe { &mut *base.add(slot as usize) };
        if slot >= locals {
            return Ok(p.take().into_deref().or_null());
        }
        let v = p.deref();
        if v.is_undef() {
            self.undefined_local(slot)?;
            return Ok(Value::Null);
        }
        Ok(v)
    }

    /// An operand whose absence is told of later: null, and the variable.
    pub(crate) fn late_operand(
        &mut self,
        base: *mut Value,
        slot: Slot,
        path: u16,
    ) -> Ret<(Value, Option<Slot>)> {
        // The name of a property is looked at behind the value.
        let named = matches!(self.path(path).steps.last(), Some(PathStep::PropDyn(_)));
        // SAFETY: operands lie within the frame.
        if !named && slot < self.locals() && unsafe { super::peek(base, slot).is_undef() } {
            return Ok((Value::Null, Some(slot)));
        }
        Ok((self.operand(base, slot)?, None))
    }

    /// An operand that is undefined.
    #[cold]
    #[inline(never)]
    pub(super) fn no_operand(&mut self, base: *mut Value, slot: Slot) -> Ret<Value> {
        self.operand(base, slot)
    }

    /// An assignment to a variable that holds something to be dropped, or a reference.
    #[cold]
    #[inline(never)]
    pub(super) fn replace_local(&mut self, base: *mut Value, var: Slot, value: Value) -> Ret<()> {
        self.assign_local(base, var, value)
    }

    /// An op that the loop could not do in place.
    #[cold]
    #[inline(never)]
    pub(super) fn full_op(&mut self, base: *mut Value, op: Op) -> Ret<Next> {
        self.rare_op(base, op)
    }

    /// Warning "Undefined variable $x".
    #[cold]
    pub(crate) fn undefined_local(&mut self, slot: Slot) -> Ret<()> {
        let u = self.frame().func.user().expect("PHP code runs");
        let mut m = b"Undefined variable $".to_vec();
        m.extend_from_slice(&u.decl().locals[slot as usize]);
        self.raise_warning(m)
    }

    /// `$var = value`: references are followed and keep their types.
    pub(crate) fn assign_local(&mut self, base: *mut Value, var: Slot, value: Value) -> Ret<()> {
        // SAFETY: operands lie within the frame.
        let p = unsafe { &mut *base.add(var as usize) };
        match p {
            Value::Ref(r) => {
                let r = r.clone();
                self.assign_reference(&r, value)
            }
            p => {
                let old = std::mem::replace(p, value);
                drop(old);
                Ok(())
            }
        }
    }

    /// `$var = value` where the value of the expression, what the variable then holds, is wanted.
    #[cold]
    #[inline(never)]
    pub(crate) fn assign_for_result(
        &mut self,
        base: *mut Value,
        dst: Slot,
        var: Slot,
        value: Value,
    ) -> Ret<()> {
        self.assign_local(base, var, value.clone())?;
        // SAFETY: operands lie within the frame; `dst` is a free temporary.
        unsafe {
            let held = &*base.add(var as usize);
            let result = if held.is_ref() { held.deref() } else { value };
            std::ptr::write(base.add(dst as usize), result);
        }
        Ok(())
    }

    /// Writes through a reference, coercing to the types of properties that share it.
    pub fn assign_reference(&mut self, r: &Reference, mut value: Value) -> Ret<()> {
        if r.has_typed_sources() {
            self.check_reference_types(r, &mut value)?;
        }
        r.set(value);
        Ok(())
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn slow_truth(&mut self, base: *mut Value, slot: Slot) -> Ret<bool> {
        let v = self.operand(base, slot)?;
        self.to_bool(&v)
    }

    pub(crate) fn concat_operands(&mut self, base: *mut Value, a: Slot, b: Slot) -> Ret<Value> {
        // SAFETY: operands lie within the frame; nothing runs between borrow and use, and a string
        // that grows is no longer looked at through the first borrow.
        if let (Value::Str(x), Value::Str(y)) = unsafe { (peek(base, a), peek(base, b)) } {
            let locals = self.locals();
            let held = base.wrapping_add(a as usize);
            let joined = match unsafe { &mut *held } {
                // A temporary of its own grows.
                Value::Str(own) if a >= locals && own.is_unique() && !own.is_immortal() => {
                    own.append(y);
                    unsafe { (*held).take() }
                }
                _ => Value::Str(PhpString::concat(&[x, y])),
            };
            for slot in [a, b] {
                if slot >= locals {
                    // SAFETY: as above.
                    drop(unsafe { (*base.add(slot as usize)).take() });
                }
            }
            return Ok(joined);
        }
        let x = self.operand(base, a)?;
        let y = self.operand(base, b)?;
        let pair = [x, y];
        match join(&pair) {
            Some(joined) => Ok(Value::Str(joined)),
            None => self.concat(&pair[0], &pair[1]),
        }
    }

    pub(crate) fn concat_n(&mut self, base: *mut Value, first: Slot, count: u16) -> Ret<Value> {
        // SAFETY: the operands are adjacent temporaries of the frame.
        let values =
            unsafe { std::slice::from_raw_parts_mut(base.add(first as usize), count as usize) };
        if let Some(joined) = join(values) {
            values.iter_mut().for_each(|v| drop(v.take()));
            return Ok(Value::Str(joined));
        }
        let mut parts = Vec::with_capacity(count as usize);
        for i in first..first + count {
            let v = self.operand(base, i)?;
            parts.push(self.to_str(&v)?);
        }
        let slices: Vec<&[u8]> = parts.iter().map(|p| p.as_bytes()).collect();
        Ok(Value::Str(PhpString::concat(&slices)))
    }

    /// `$var op= value`.
    #[cold]
    #[inline(never)]
    pub(crate) fn assign_op(
        &mut self,
        base: *mut Value,
        var: Slot,
        val: Slot,
        op: BinOp,
    ) -> Ret<()> {
        let right = self.operand(base, val)?;
        // SAFETY: operands lie within the frame.
        let p = unsafe { &mut *base.add(var as usize) };
        if p.is_undef() || matches!(p, Value::Ref(r) if r.with(Value::is_undef)) {
            self.undefined_local(var)?;
            self.assign_local(base, var, Value::Null)?;
        }
        // SAFETY: as above; conversions may have run code, so the slot is looked at anew.
        let p = unsafe { &mut *base.add(var as usize) };
        if let Value::Ref(r) = p {
            let r = r.clone();
            let typed = r.has_typed_sources();
            if typed {
                let left = r.get();
                let v = self.binary(op, &left, &right)?;
                drop(left);
                return self.assign_reference(&r, v);
            }
            let mut left = r.replace(Value::Null);
            let result = self.binary_in_place(op, &mut left, &right);
            if r.with(Value::is_null) || result.is_ok() {
                r.set(left);
            }
            return result;
        }
        if op == BinOp::Concat && p.is_str() {
            // Appending in place needs the only reference: take the string out meanwhile.
            let text = match right {
                Value::Str(s) => s,
                right => self.to_str(&right)?,
            };
            // SAFETY: as above.
            let p = unsafe { &mut *base.add(var as usize) };
            if let Value::Str(s) = p {
                if s.try_append(&text).is_err() {
                    return Err(self.memory_exhausted(text.len()));
                }
                return Ok(());
            }
            return Ok(());
        }
        if op == BinOp::Add && p.is_array() && right.is_array() {
            let mut left = p.take();
            let result = self.binary_in_place(op, &mut left, &right);
            // SAFETY: as above.
            unsafe { *base.add(var as usize) = left };
            return result;
        }
        let left = p.clone();
        let v = self.binary(op, &left, &right)?;
        drop(left);
        self.assign_local(base, var, v)
    }

    /// `left op= right` on a value that nobody else holds.
    pub(crate) fn binary_in_place(
        &mut self,
        op: BinOp,
        left: &mut Value,
        right: &Value,
    ) -> Ret<()> {
        match (op, &mut *left, right) {
            (BinOp::Concat, Value::Str(s), Value::Str(t)) => {
                if s.try_append(t).is_err() {
                    return Err(self.memory_exhausted(t.len()));
                }
                Ok(())
            }
            (BinOp::Concat, Value::Str(_), right) if !right.is_object() => {
                let text = self.to_str(right)?;
                if let Value::Str(s) = left {
                    s.append(&text);
                }
                Ok(())
            }
            (BinOp::Add, Value::Array(x), Value::Array(y)) => {
                for (k, v) in y.iter() {
                    if x.get(&k).is_none() {
                        x.insert(k, v.clone());
                    }
                }
                Ok(())
            }
            _ => {
                *left = self.binary(op, left, right)?;
                Ok(())
            }
        }
    }

    /// `++`/`--` on a local; returns the value of the expression.
    #[cold]
    #[inline(never)]
    pub(crate) fn inc_dec_local(
        &mut self,
        base: *mut Value,
        var: Slot,
        kind: IncDec,
    ) -> Ret<Value> {
        // SAFETY: operands lie within the frame.
        let old = unsafe { (*base.add(var as usize)).deref() };
        if old.is_undef() {
            self.undefined_local(var)?;
        }
        let old = old.or_null();
        let new = self.inc_dec(&old, kind)?;
        let post = matches!(kind, IncDec::PostInc | IncDec::PostDec);
        let result = if post { old } else { new.clone() };
        self.assign_local(base, var, new)?;
        Ok(result)
    }

    /// Makes a local a reference.
    pub(crate) fn local_ref(&mut self, base: *mut Value, var: Slot) -> Reference {
        // SAFETY: operands lie within the frame.
        let p = unsafe { &mut *base.add(var as usize) };
        let r = p.make_ref();
        if r.with(Value::is_undef) {
            r.set(Value::Null);
        }
        r.mark_as_made();
        r
    }

    /// Replaces the binding of a local, in the symbol table of its scope too.
    pub(crate) fn bind_local(&mut self, base: *mut Value, var: Slot, r: Reference) {
        // SAFETY: operands lie within the frame.
        let old = unsafe { std::mem::replace(&mut *base.add(var as usize), Value::Ref(r.clone())) };
        if self.frame().has(frame_flags::GLOBAL_SCOPE | frame_flags::INCLUDED) {
            self.sync_scope(var, Some(r));
        }
        drop(old);
    }

    /// `unset($var)`
    pub(crate) fn unset_local(&mut self, base: *mut Value, var: Slot) {
        let scoped = self.frame().has(frame_flags::GLOBAL_SCOPE | frame_flags::INCLUDED);
        let fresh = if scoped { Value::Ref(Reference::new(Value::Undef)) } else { Value::Undef };
        if scoped {
            let Value::Ref(r) = &fresh else { unreachable!("made above") };
            self.sync_scope(var, Some(r.clone()));
        }
        // SAFETY: operands lie within the frame.
        let old = unsafe { std::mem::replace(&mut *base.add(var as usize), fresh) };
        drop(old);
    }
}

/// Strings and integers as one string; `None` if anything else is among them.
fn join(values: &[Value]) -> Option<PhpString> {
    let mut len = 0;
    for v in values {
        len += match v {
            Value::Str(s) => s.len(),
            Value::Int(_) => 20,
            _ => return None,
        };
    }
    let mut text = PhpString::with_capacity(len.max(2));
    for v in values {
        match v {
            Value::Str(s) => text.append(s),
            Value::Int(i) => text.append(crate::convert::digits(*i, &mut [0; 20])),
            _ => unreachable!("just seen"),
        }
    }
    Some(if text.len() < 2 { PhpString::new(&text) } else { text })
}

//! Operators on operands that the loop does not take in place: references, mixed numbers,
//! constants, and whatever else there is.

use super::peek;
use crate::{Cx, Ret};
use outlast_bytecode::{BinOp, K, Slot};
use outlast_value::Value;

/// An operator on numbers of different types, or of variables that are references.
#[inline]
pub(super) fn numbers(op: BinOp, x: &Value, y: &Value) -> Option<Value> {
    let (x, y) = match (x, y) {
        (Value::Int(x), Value::Int(y)) => {
            return match op {
                BinOp::Add => x.checked_add(*y).map(Value::Int),
                BinOp::Sub => x.checked_sub(*y).map(Value::Int),
                op => super::fast::integers(op, *x, *y).map(Value::Int),
            };
        }
        (Value::Float(x), Value::Float(y)) => (*x, *y),
        (Value::Int(x), Value::Float(y)) => (*x as f64, *y),
        (Value::Float(x), Value::Int(y)) => (*x, *y as f64),
        _ => return None,
    };
    Some(Value::Float(match op {
        BinOp::Add => x + y,
        BinOp::Sub => x - y,
        BinOp::Mul => x * y,
        BinOp::Div if y != 0.0 => x / y,
        _ => return None,
    }))
}

impl Cx {
    #[cold]
    #[inline(never)]
    pub(crate) fn slow_binary(
        &mut self,
        base: *mut Value,
        a: Slot,
        b: Slot,
        op: BinOp,
    ) -> Ret<Value> {
        // SAFETY: operands lie within the frame; numbers need no dropping, and a temporary that
        // holds a reference is dropped below.
        if let Some(v) = unsafe { numbers(op, peek(base, a), peek(base, b)) } {
            self.drop_references(base, a, b);
            return Ok(v);
        }
        let x = self.operand(base, a)?;
        let y = self.operand(base, b)?;
        self.binary(op, &x, &y)
    }

    /// Drops operands that are temporaries holding references.
    #[inline]
    fn drop_references(&mut self, base: *mut Value, a: Slot, b: Slot) {
        let locals = self.locals();
        for slot in [a, b] {
            // SAFETY: operands lie within the frame.
            let p = unsafe { &mut *base.add(slot as usize) };
            if slot >= locals && p.is_ref() {
                drop(p.take());
            }
        }
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn slow_binary_int(
        &mut self,
        base: *mut Value,
        a: Slot,
        imm: i32,
        op: BinOp,
    ) -> Ret<Value> {
        let x = self.operand(base, a)?;
        let y = Value::Int(i64::from(imm));
        match numbers(op, &x, &y) {
            Some(v) => Ok(v),
            None => self.binary(op, &x, &y),
        }
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn slow_binary_const(
        &mut self,
        base: *mut Value,
        a: Slot,
        k: K,
        op: BinOp,
    ) -> Ret<Value> {
        let x = self.operand(base, a)?;
        let y = self.constant(k).clone();
        match numbers(op, &x, &y) {
            Some(v) => Ok(v),
            None => self.binary(op, &x, &y),
        }
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn slow_const_binary(
        &mut self,
        base: *mut Value,
        k: K,
        b: Slot,
        op: BinOp,
    ) -> Ret<Value> {
        let x = self.constant(k).clone();
        let y = self.operand(base, b)?;
        match numbers(op, &x, &y) {
            Some(v) => Ok(v),
            None => self.binary(op, &x, &y),
        }
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn slow_order(&mut self, base: *mut Value, a: Slot, b: Slot) -> Ret<i32> {
        let x = self.operand(base, a)?;
        let y = self.operand(base, b)?;
        self.compare(&x, &y)
    }

    /// `b <=> a` for `a > b`: evaluated the way round PHP does, operands read in source order.
    #[cold]
    #[inline(never)]
    pub(crate) fn slow_order_swapped(&mut self, base: *mut Value, a: Slot, b: Slot) -> Ret<i32> {
        let x = self.operand(base, a)?;
        let y = self.operand(base, b)?;
        self.compare(&y, &x)
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn slow_order_int(&mut self, base: *mut Value, a: Slot, imm: i16) -> Ret<i32> {
        let x = self.operand(base, a)?;
        self.compare(&x, &Value::Int(i64::from(imm)))
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn slow_int_order(&mut self, base: *mut Value, imm: i16, b: Slot) -> Ret<i32> {
        let y = self.operand(base, b)?;
        self.compare(&Value::Int(i64::from(imm)), &y)
    }

    /// Whether two strings are equal byte by byte; the operands are consumed. `None`: it is not
    /// two strings.
    fn same_text(&mut self, base: *mut Value, a: Slot, b: Slot) -> Option<bool> {
        let locals = self.locals();
        // SAFETY: operands lie within the frame; nothing runs while they are borrowed.
        let (Value::Str(x), Value::Str(y)) = (unsafe { (peek(base, a), peek(base, b)) }) else {
            return None;
        };
        let equal = x == y;
        for slot in [a, b] {
            if slot >= locals {
                // SAFETY: as above.
                drop(unsafe { (*base.add(slot as usize)).take() });
            }
        }
        Some(equal)
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn slow_equal(&mut self, base: *mut Value, a: Slot, b: Slot) -> Ret<bool> {
        let x = self.operand(base, a)?;
        let y = self.operand(base, b)?;
        self.loose_equal(&x, &y)
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn slow_equal_int(&mut self, base: *mut Value, a: Slot, imm: i16) -> Ret<bool> {
        let x = self.operand(base, a)?;
        self.loose_equal(&x, &Value::Int(i64::from(imm)))
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn slow_identical_int(&mut self, base: *mut Value, a: Slot, imm: i16) -> Ret<bool> {
        let x = self.operand(base, a)?;
        Ok(matches!(x, Value::Int(x) if x == i64::from(imm)))
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn slow_identical(&mut self, base: *mut Value, a: Slot, b: Slot) -> Ret<bool> {
        if let Some(equal) = self.same_text(base, a, b) {
            return Ok(equal);
        }
        let x = self.operand(base, a)?;
        let y = self.operand(base, b)?;
        Ok(outlast_value::identical(&x, &y))
    }
}

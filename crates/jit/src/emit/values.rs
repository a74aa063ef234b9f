//! Slots as memory, and ops that move values.

use super::{Emitter, TAG_BOOL, TAG_FLOAT, TAG_INT, TAG_STR};
use crate::types::{FLOAT, INT, Mask, PLAIN, REF, UNDEF};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::immediates::Offset32;
use cranelift_codegen::ir::types::{F64, I8, I32, I64};
use cranelift_codegen::ir::{Block, InstBuilder, MemFlagsData, Type, Value};
use outlast_bytecode::{Cache, Literal, NO_CACHE, NO_SLOT, Op, Slot};
use outlast_value::layout as values;
use outlast_vm::machine::helpers::Helper;
use outlast_vm::machine::{calls, helpers, layout, places};

/// A number at hand.
#[derive(Clone, Copy)]
pub(super) enum Number {
    Int(Value),
    Float(Value),
}

impl Emitter<'_> {
    fn place(slot: Slot, part: i32) -> Offset32 {
        Offset32::new(i32::from(slot) * 16 + part)
    }

    /// The tag in a slot.
    pub(super) fn load_tag(&mut self, slot: Slot) -> Value {
        self.b.ins().load(I8, MemFlagsData::trusted(), self.base, Self::place(slot, 0))
    }

    /// The payload in a slot.
    pub(super) fn load_payload(&mut self, slot: Slot, ty: Type) -> Value {
        self.b.ins().load(ty, MemFlagsData::trusted(), self.base, Self::place(slot, 8))
    }

    pub(super) fn store_tag(&mut self, slot: Slot, tag: i64) {
        let tag = self.b.ins().iconst(I8, tag);
        self.store_tag_value(slot, tag);
    }

    pub(super) fn store_tag_value(&mut self, slot: Slot, tag: Value) {
        self.b.ins().store(MemFlagsData::trusted(), tag, self.base, Self::place(slot, 0));
    }

    pub(super) fn store_payload(&mut self, slot: Slot, v: Value) {
        self.b.ins().store(MemFlagsData::trusted(), v, self.base, Self::place(slot, 8));
    }

    /// Whether a tag is one of a set.
    pub(super) fn tag_in(&mut self, tag: Value, mask: Mask) -> Value {
        if mask.is_power_of_two() {
            return self.b.ins().icmp_imm(IntCC::Equal, tag, i64::from(mask.trailing_zeros()));
        }
        let set = self.b.ins().iconst(I32, i64::from(mask));
        let shifted = self.b.ins().ushr(set, tag);
        self.b.ins().band_imm(shifted, 1)
    }

    /// The number in a slot that is known to hold one of that type.
    pub(super) fn number(&mut self, slot: Slot) -> Option<Number> {
        match self.mask(slot) {
            INT => Some(Number::Int(self.b.use_var(self.ints[usize::from(slot)]))),
            FLOAT => Some(Number::Float(self.b.use_var(self.floats[usize::from(slot)]))),
            _ => None,
        }
    }

    /// Is the slot one that can be given a value without looking at a reference?
    pub(super) fn can_set(&self, dst: Slot) -> bool {
        !self.is_local(dst) || self.mask(dst) & REF == 0
    }

    /// The tag of the value of a slot, behind the reference if a variable holds one.
    pub(super) fn tag_of(&mut self, slot: Slot) -> Value {
        if self.can_set(slot) {
            return self.load_tag(slot);
        }
        let place = self.place_of_slot(slot);
        self.load(I8, place, 0)
    }

    /// The payload of the value of a slot, as `tag_of`.
    pub(super) fn payload_of(&mut self, slot: Slot, ty: Type) -> Value {
        if self.can_set(slot) {
            return self.load_payload(slot, ty);
        }
        let place = self.place_of_slot(slot);
        self.load(ty, place, 8)
    }

    /// Where to put the value of a variable that may hold a reference; elsewhere if typed properties
    /// share that, or if what is there has to be dropped.
    pub(super) fn place_to_set(&mut self, slot: Slot, slow: Block) -> Value {
        let tag = self.load_tag(slot);
        let here = self.b.ins().iadd_imm(self.base, i64::from(slot) * 16);
        let (behind, set) = (self.b.create_block(), self.b.create_block());
        let place = self.b.append_block_param(set, I64);
        let is_ref = self.b.ins().icmp_imm(IntCC::Equal, tag, i64::from(REF.trailing_zeros()));
        self.b.ins().brif(is_ref, behind, &[], set, &[here.into()]);
        self.resume_at(behind);
        let reference = self.load_payload(slot, I64);
        let sources = self.load(I64, reference, values::REFERENCE_SOURCES);
        self.go_on_unless(sources, slow);
        let inner = self.b.ins().iadd_imm(reference, values::REFERENCE_VALUE as i64);
        self.b.ins().jump(set, &[inner.into()]);
        self.resume_at(set);
        let held = self.load(I8, place, 0);
        let counted = self.b.ins().icmp_imm(IntCC::UnsignedGreaterThanOrEqual, held, TAG_STR);
        self.go_on_unless(counted, slow);
        place
    }

    /// Writes a number to a place that holds nothing to be dropped.
    pub(super) fn store_number_at(&mut self, place: Value, number: Number) {
        let (tag, v) = match number {
            Number::Int(v) => (TAG_INT, v),
            Number::Float(v) => (TAG_FLOAT, v),
        };
        let tag = self.b.ins().iconst(I8, tag);
        self.store_value(place, tag, v);
    }

    /// Drops what a variable holds that is to be set.
    pub(super) fn release_old(&mut self, dst: Slot) {
        if !self.is_local(dst) || self.mask(dst) & !PLAIN == 0 {
            return;
        }
        let tag = self.load_tag(dst);
        let counted = self.b.ins().icmp_imm(IntCC::UnsignedGreaterThanOrEqual, tag, TAG_STR);
        let free = self.cold_block();
        let next = self.b.create_block();
        self.b.ins().brif(counted, free, &[], next, &[]);
        self.resume_at(free);
        self.spill();
        let op = self.op_address(self.pc);
        let slot = self.b.ins().iconst(I32, i64::from(dst));
        let args = [self.cx, self.base, op, slot];
        let word = self.call(helpers::free as *const () as usize, self.signatures.free, &args);
        self.go_on(word);
        self.b.ins().jump(next, &[]);
        self.resume_at(next);
    }

    /// Gives a slot an integer or a float; what it held is released already.
    pub(super) fn set_number(&mut self, dst: Slot, number: Number) {
        let (tag, mask, v) = match number {
            Number::Int(v) => {
                self.b.def_var(self.ints[usize::from(dst)], v);
                (TAG_INT, INT, v)
            }
            Number::Float(v) => {
                self.b.def_var(self.floats[usize::from(dst)], v);
                (TAG_FLOAT, FLOAT, v)
            }
        };
        self.defined.insert(dst);
        if !self.is_local(dst) {
            self.unwritten.insert(dst);
            return;
        }
        if self.mask(dst) != mask {
            self.store_tag(dst, tag);
        }
        self.store_payload(dst, v);
    }

    /// The same where the slot's type is not known afterwards: only memory is written.
    pub(super) fn store_number(&mut self, dst: Slot, number: Number) {
        let (tag, v) = match number {
            Number::Int(v) => (TAG_INT, v),
            Number::Float(v) => (TAG_FLOAT, v),
        };
        self.store_tag(dst, tag);
        self.store_payload(dst, v);
    }

    /// Gives a slot a bool.
    pub(super) fn store_bool(&mut self, dst: Slot, v: Value) {
        let wide = self.b.ins().uextend(I64, v);
        self.store_tag(dst, TAG_BOOL);
        self.store_payload(dst, wide);
    }

    /// Emits an op that moves a value; whether it is one.
    pub(super) fn value_op(&mut self, op: Op) -> bool {
        match op {
            Op::Nop {} => true,
            Op::LoadInt { dst, value } => {
                let v = self.b.ins().iconst(I64, i64::from(value));
                self.set_number(dst, Number::Int(v));
                true
            }
            Op::LoadConst { dst, k } => self.load_literal(dst, k),
            Op::AssignConst { var, k } => self.can_set(var) && self.load_literal(var, k),
            Op::Assign { dst: NO_SLOT, var, val } => self.copy(var, val),
            Op::Assign { dst, var, val } => self.assign_with_result(dst, var, val),
            Op::Copy { dst, src } => self.copy(dst, src),
            Op::Free { src } if self.mask(src) & !PLAIN == 0 => true,
            Op::CheckParam { n, tags, cache } => self.check(n, tags, cache),
            Op::CheckReturn { src, tags, cache } => self.check(src, tags, cache),
            _ => false,
        }
    }

    /// A value whose variant is among the tags is right; the VM sees about others.
    fn check(&mut self, slot: Slot, tags: Mask, cache: Cache) -> bool {
        if self.mask(slot) & !tags == 0 {
            self.defined.insert(slot);
            return true;
        }
        let (done, slow) = (self.b.create_block(), self.cold_block());
        let tag = self.load_tag(slot);
        if tags != 0 {
            let other = self.b.create_block();
            let right = self.tag_in(tag, tags);
            self.b.ins().brif(right, done, &[], other, &[]);
            self.resume_at(other);
        }
        if cache == NO_CACHE {
            self.b.ins().jump(slow, &[]);
        } else {
            let object = self.object_in(slot, slow);
            let entry = self.cache(cache, layout::cache::CLASS, slow);
            let class = self.load(I64, object, values::OBJECT_CLASS);
            let wanted = self.load(I64, entry, layout::cache::CLASS_CLASS);
            let right = self.b.ins().icmp(IntCC::Equal, class, wanted);
            self.b.ins().brif(right, done, &[], slow, &[]);
        }
        self.finish_with(calls::check_object, done, slow);
        true
    }

    fn load_literal(&mut self, dst: Slot, k: u32) -> bool {
        match &self.f.consts[k as usize] {
            Literal::Int(i) => {
                self.release_old(dst);
                let v = self.b.ins().iconst(I64, *i);
                self.set_number(dst, Number::Int(v));
            }
            Literal::Float(x) => {
                self.release_old(dst);
                let v = self.b.ins().f64const(*x);
                self.set_number(dst, Number::Float(v));
            }
            Literal::Bool(v) => {
                self.release_old(dst);
                let v = self.b.ins().iconst(I8, i64::from(*v));
                self.store_bool(dst, v);
            }
            Literal::Null => {
                self.release_old(dst);
                self.store_tag(dst, 1);
            }
            _ => self.load_constant(dst, k),
        }
        true
    }

    /// `$var = value` as an operand: only of what needs no counting, and no look at references.
    fn assign_with_result(&mut self, dst: Slot, var: Slot, val: Slot) -> bool {
        if !self.can_set(var) || self.mask(var) & !PLAIN != 0 {
            return false;
        }
        if let Some(number) = self.number(val) {
            self.set_number(var, number);
            self.set_number(dst, number);
            return true;
        }
        if self.mask(val) & (UNDEF | REF) != 0 || self.mask(val) & !PLAIN != 0 {
            return false;
        }
        let (tag, payload) = (self.load_tag(val), self.load_payload(val, I64));
        for slot in [var, dst] {
            self.store_tag_value(slot, tag);
            self.store_payload(slot, payload);
        }
        true
    }

    /// A copy of a variable, or a temporary moved.
    fn copy(&mut self, dst: Slot, src: Slot) -> bool {
        if dst == src {
            return false;
        }
        if !self.can_set(dst) {
            return self.copy_through(dst, src);
        }
        if let Some(number) = self.number(src) {
            self.release_old(dst);
            self.set_number(dst, number);
            return true;
        }
        let mask = self.mask(src);
        if mask & (UNDEF | REF) != 0 {
            return self.copy_checked(dst, src);
        }
        let (tag, payload) = (self.load_tag(src), self.load_payload(src, I64));
        self.move_value(dst, src, tag, payload);
        true
    }

    /// A plain value to a variable that may hold a reference.
    fn copy_through(&mut self, dst: Slot, src: Slot) -> bool {
        if self.mask(src) & PLAIN == 0 {
            return false;
        }
        let (done, slow) = (self.b.create_block(), self.cold_block());
        let (tag, payload) = match self.number(src) {
            Some(Number::Int(v)) => (self.b.ins().iconst(I8, TAG_INT), v),
            Some(Number::Float(v)) => (self.b.ins().iconst(I8, TAG_FLOAT), v),
            None => {
                let tag = self.tag_of(src);
                let plain = self.tag_in(tag, PLAIN & !UNDEF);
                self.go_on_if(plain, slow);
                (tag, self.payload_of(src, I64))
            }
        };
        let place = self.place_to_set(dst, slow);
        self.store_value(place, tag, payload);
        self.b.ins().jump(done, &[]);
        let helper = match self.f.code[self.pc] {
            Op::Assign { .. } => places::assign,
            _ => helpers::step as Helper,
        };
        self.finish_with(helper, done, slow);
        true
    }

    /// The same where the source may be undefined or a reference, which the VM takes care of.
    fn copy_checked(&mut self, dst: Slot, src: Slot) -> bool {
        let tag = self.load_tag(src);
        let odd = self.tag_in(tag, self.mask(src) & (UNDEF | REF));
        let slow = self.cold_block();
        let plain = self.b.create_block();
        let done = self.b.create_block();
        self.b.ins().brif(odd, slow, &[], plain, &[]);
        self.resume_at(slow);
        self.spill();
        let word = self.call_helper(helpers::step, self.pc);
        self.go_on(word);
        self.b.ins().jump(done, &[]);
        self.resume_at(plain);
        let payload = self.load_payload(src, I64);
        self.move_value(dst, src, tag, payload);
        self.b.ins().jump(done, &[]);
        self.resume_at(done);
        true
    }

    fn move_value(&mut self, dst: Slot, src: Slot, tag: Value, payload: Value) {
        let counted = self.mask(src) & !PLAIN != 0;
        if counted && self.is_local(src) {
            self.retain(tag, payload);
        }
        self.release_old(dst);
        if counted && !self.is_local(src) {
            self.store_tag(src, 0);
        }
        self.store_tag_value(dst, tag);
        self.store_payload(dst, payload);
    }

    /// One owner more of a counted payload.
    pub(super) fn retain(&mut self, tag: Value, payload: Value) {
        let flags = MemFlagsData::trusted();
        let counted = self.b.ins().icmp_imm(IntCC::UnsignedGreaterThanOrEqual, tag, TAG_STR);
        let count = self.b.create_block();
        let more = self.b.create_block();
        let next = self.b.create_block();
        self.b.ins().brif(counted, count, &[], next, &[]);
        self.resume_at(count);
        let owners = self.b.ins().load(I32, flags, payload, Offset32::new(0));
        let immortal = self.b.ins().icmp_imm(IntCC::SignedLessThan, owners, 0);
        self.b.ins().brif(immortal, next, &[], more, &[]);
        self.resume_at(more);
        let owners = self.b.ins().iadd_imm(owners, 1);
        self.b.ins().store(flags, owners, payload, Offset32::new(0));
        self.b.ins().jump(next, &[]);
        self.resume_at(next);
    }

    pub(super) fn float_of(&mut self, number: Number) -> Value {
        match number {
            Number::Float(v) => v,
            Number::Int(v) => self.b.ins().fcvt_from_sint(F64, v),
        }
    }
}

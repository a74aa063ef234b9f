//! Elements of lists by integers, without a call.

use super::{Emitter, TAG_INT, TAG_STR};
use crate::types::{ANY, ARRAY, INT, PLAIN};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::immediates::Offset32;
use cranelift_codegen::ir::types::{I8, I32, I64};
use cranelift_codegen::ir::{Block, InstBuilder, MemFlagsData, Value};
use outlast_bytecode::{NO_SLOT, Op, Slot};
use outlast_value::layout;
use outlast_vm::machine::helpers::Helper;
use outlast_vm::machine::places;

const TAG_ARRAY: i64 = 6;
const TAG_REF: i64 = 8;

impl Emitter<'_> {
    /// Emits a read or write of an element; whether the op is one of those.
    pub(super) fn dim_op(&mut self, op: Op) -> bool {
        match op {
            Op::FetchDim { dst, base, key } if self.is_list(base, key) && self.can_set(dst) => {
                self.fetch_element(dst, base, key);
                true
            }
            Op::AssignDim { dst: NO_SLOT, base, key, val }
                if self.is_list(base, key) && (self.mask(val) & !PLAIN == 0 || self.is_local(val)) =>
            {
                self.assign_element(base, key, val);
                true
            }
            _ => false,
        }
    }

    /// May it be a list in a variable, and an integer?
    fn is_list(&self, base: Slot, key: Slot) -> bool {
        self.is_local(base) && self.mask(base) & ARRAY != 0 && self.mask(key) & INT != 0
    }

    pub(super) fn load(&mut self, ty: cranelift_codegen::ir::Type, from: Value, at: usize) -> Value {
        self.b.ins().load(ty, MemFlagsData::trusted(), from, Offset32::new(at as i32))
    }

    pub(super) fn go_on_if(&mut self, right: Value, otherwise: Block) {
        let next = self.b.create_block();
        self.b.ins().brif(right, next, &[], otherwise, &[]);
        self.b.switch_to_block(next);
    }

    /// The array in a variable, and the address of its element; goes to `slow` where it is no packed
    /// array or has no such element.
    fn element(&mut self, base: Slot, key: Slot, slow: Block) -> (Value, Value) {
        if self.mask(base) != ARRAY {
            let tag = self.load_tag(base);
            let right = self.b.ins().icmp_imm(IntCC::Equal, tag, TAG_ARRAY);
            self.go_on_if(right, slow);
        }
        let key = match self.number(key) {
            Some(super::values::Number::Int(v)) => v,
            _ => {
                let tag = self.load_tag(key);
                let right = self.b.ins().icmp_imm(IntCC::Equal, tag, TAG_INT);
                self.go_on_if(right, slow);
                self.load_payload(key, I64)
            }
        };
        let array = self.load_payload(base, I64);
        let mask = self.load(I32, array, layout::ARRAY_MASK);
        let packed = self.b.ins().icmp_imm(IntCC::Equal, mask, 0);
        self.go_on_if(packed, slow);
        let used = self.load(I32, array, layout::ARRAY_USED);
        let used = self.b.ins().uextend(I64, used);
        let within = self.b.ins().icmp(IntCC::UnsignedLessThan, key, used);
        self.go_on_if(within, slow);
        let data = self.load(I64, array, layout::ARRAY_DATA);
        let offset = self.b.ins().ishl_imm(key, 4);
        (array, self.b.ins().iadd(data, offset))
    }

    fn fetch_element(&mut self, dst: Slot, base: Slot, key: Slot) {
        let (done, slow) = (self.b.create_block(), self.cold_block());
        let (_, place) = self.element(base, key, slow);
        let tag = self.load(I8, place, 0);
        let odd = self.tag_in(tag, 1 | 1 << TAG_REF);
        let fine = self.b.create_block();
        self.b.ins().brif(odd, slow, &[], fine, &[]);
        self.b.switch_to_block(fine);
        let payload = self.load(I64, place, 8);
        self.retain(tag, payload);
        self.release_old(dst);
        self.store_tag_value(dst, tag);
        self.store_payload(dst, payload);
        self.b.ins().jump(done, &[]);
        self.finish_with(places::fetch_dim, done, slow);
    }

    fn assign_element(&mut self, base: Slot, key: Slot, val: Slot) {
        let (done, slow) = (self.b.create_block(), self.cold_block());
        let (array, place) = self.element(base, key, slow);
        let owners = self.load(I32, array, 0);
        let alone = self.b.ins().icmp_imm(IntCC::Equal, owners, 1);
        self.go_on_if(alone, slow);
        // What is there needs no dropping, and is neither a reference nor nothing.
        let held = self.load(I8, place, 0);
        let counted = self.b.ins().icmp_imm(IntCC::UnsignedGreaterThanOrEqual, held, TAG_STR);
        let nothing = self.b.ins().icmp_imm(IntCC::Equal, held, 0);
        let odd = self.b.ins().bor(counted, nothing);
        let fine = self.b.create_block();
        self.b.ins().brif(odd, slow, &[], fine, &[]);
        self.b.switch_to_block(fine);
        let flags = MemFlagsData::trusted();
        let (tag, payload) = match self.number(val) {
            Some(super::values::Number::Int(v)) => (self.b.ins().iconst(I8, TAG_INT), v),
            Some(super::values::Number::Float(v)) => (self.b.ins().iconst(I8, super::TAG_FLOAT), v),
            None => {
                let tag = self.load_tag(val);
                let known = ANY & !(1 | 1 << TAG_REF);
                if self.mask(val) & !known != 0 {
                    let right = self.tag_in(tag, known);
                    self.go_on_if(right, slow);
                }
                let payload = self.load_payload(val, I64);
                if self.mask(val) & !PLAIN != 0 {
                    // The array itself is among what may be stored: then it is shared from here on.
                    let itself = self.b.ins().icmp(IntCC::NotEqual, payload, array);
                    self.go_on_if(itself, slow);
                    self.retain(tag, payload);
                }
                (tag, payload)
            }
        };
        self.b.ins().store(flags, tag, place, Offset32::new(0));
        self.b.ins().store(flags, payload, place, Offset32::new(8));
        self.b.ins().jump(done, &[]);
        self.finish_with(places::assign_dim, done, slow);
    }

    /// The slow way by a helper.
    pub(super) fn finish_with(&mut self, helper: Helper, done: Block, slow: Block) {
        self.b.switch_to_block(slow);
        self.spill();
        let word = self.call_helper(helper, self.pc);
        self.go_on(word);
        self.b.ins().jump(done, &[]);
        self.b.switch_to_block(done);
    }
}

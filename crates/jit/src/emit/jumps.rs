//! Jumps.

use super::numbers::{Comparison, Operand};
use super::values::Number;
use super::{Emitter, TAG_BOOL, TAG_INT};
use crate::types::{ANY, BOOL, FLOAT, INT, NULL, PLAIN, REF, STR, UNDEF};
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::types::{I8, I64};
use cranelift_codegen::ir::{Block, InstBuilder, Value};
use outlast_bytecode::{Op, Slot};
use outlast_vm::machine::{TAKEN, helpers, places};

impl Emitter<'_> {
    /// Emits a jump: whether it ended the block, which it does; `None` if the op is none of these.
    pub(super) fn jump_op(&mut self, op: Op) -> Option<bool> {
        use Comparison as C;
        let slots = |a, b| (Operand::Slot(a), Operand::Slot(b));
        let int = |a, imm| (Operand::Slot(a), Operand::Int(i64::from(imm)));
        let (how, (a, b), on, target) = match op {
            Op::Jmp { target } => {
                self.goto(target);
                return Some(true);
            }
            Op::JmpIf { src, target } => return self.jump_if(src, true, target),
            Op::JmpIfNot { src, target } => return self.jump_if(src, false, target),
            Op::Switch { .. } => return Some(self.switch(op)),
            Op::JmpLess { a, b, target } => (C::Less, slots(a, b), true, target),
            Op::JmpNotLess { a, b, target } => (C::Less, slots(a, b), false, target),
            Op::JmpLessEqual { a, b, target } => (C::LessEqual, slots(a, b), true, target),
            Op::JmpNotLessEqual { a, b, target } => (C::LessEqual, slots(a, b), false, target),
            Op::JmpEqual { a, b, target } => (C::Equal, slots(a, b), true, target),
            Op::JmpNotEqual { a, b, target } => (C::Equal, slots(a, b), false, target),
            Op::JmpIdentical { a, b, target } => (C::Identical, slots(a, b), true, target),
            Op::JmpNotIdentical { a, b, target } => (C::Identical, slots(a, b), false, target),
            Op::JmpLessInt { a, imm, target } => (C::Less, int(a, imm), true, target),
            Op::JmpNotLessInt { a, imm, target } => (C::Less, int(a, imm), false, target),
            Op::JmpLessEqualInt { a, imm, target } => (C::LessEqual, int(a, imm), true, target),
            Op::JmpNotLessEqualInt { a, imm, target } => (C::LessEqual, int(a, imm), false, target),
            Op::JmpGreaterInt { a, imm, target } => (C::Greater, int(a, imm), true, target),
            Op::JmpNotGreaterInt { a, imm, target } => (C::Greater, int(a, imm), false, target),
            Op::JmpGreaterEqualInt { a, imm, target } => {
                (C::GreaterEqual, int(a, imm), true, target)
            }
            Op::JmpNotGreaterEqualInt { a, imm, target } => {
                (C::GreaterEqual, int(a, imm), false, target)
            }
            Op::JmpEqualInt { a, imm, target } => (C::Equal, int(a, imm), true, target),
            Op::JmpNotEqualInt { a, imm, target } => (C::Equal, int(a, imm), false, target),
            Op::JmpIdenticalInt { a, imm, target } => (C::Identical, int(a, imm), true, target),
            Op::JmpNotIdenticalInt { a, imm, target } => (C::Identical, int(a, imm), false, target),
            _ => return None,
        };
        self.jump_on_comparison(how, a, b, on, target);
        Some(true)
    }

    fn jump_on_comparison(
        &mut self,
        how: Comparison,
        a: Operand,
        b: Operand,
        on: bool,
        target: u32,
    ) {
        if let Some(v) = self.compare_known(how, a, b) {
            self.use_up(&[a, b]);
            self.branch(v, on, target);
            return;
        }
        let slow = self.cold_block();
        self.flush();
        if let (Comparison::Identical, Operand::Slot(x), Operand::Slot(y)) = (how, a, b) {
            self.differ_by_tags(x, y, slow, |this, v| this.branch(v, on, target));
        }
        self.compare_by_tags(how, a, b, slow, |this, v| this.branch(v, on, target));
        self.resume_at(slow);
        if how != Comparison::Identical || !matches!(b, Operand::Slot(_)) {
            self.jump_slowly(target);
            return;
        }
        let word = self.call_helper(places::identical, self.pc);
        let (odd, fine) = (self.b.create_block(), self.b.create_block());
        let wrong = self.b.ins().icmp_imm(IntCC::UnsignedGreaterThan, word, i64::from(TAKEN));
        self.b.ins().brif(wrong, odd, &[], fine, &[]);
        self.resume_at(odd);
        self.b.ins().return_(&[word]);
        self.resume_at(fine);
        self.branch(word, on, target);
    }

    /// Values of different types are not identical: has `with` emit what happens then, and goes on
    /// elsewhere with the others, and with those that are to be looked at more closely.
    fn differ_by_tags(&mut self, x: Slot, y: Slot, slow: Block, with: impl Fn(&mut Self, Value)) {
        let (first, second) = (self.load_tag(x), self.load_tag(y));
        let mut differ = self.b.ins().icmp(IntCC::NotEqual, first, second);
        for (slot, tag) in [(x, first), (y, second)] {
            if self.mask(slot) & (UNDEF | REF) != 0 {
                let plain = self.tag_in(tag, ANY & !(UNDEF | REF));
                let plain = self.b.ins().icmp_imm(IntCC::NotEqual, plain, 0);
                differ = self.b.ins().band(differ, plain);
            }
        }
        let (other, alike) = (self.b.create_block(), self.b.create_block());
        self.b.ins().brif(differ, other, &[], alike, &[]);
        self.resume_at(other);
        for slot in [x, y] {
            if !self.is_local(slot) && self.mask(slot) & !PLAIN != 0 {
                self.release_slot(slot, slow);
            }
        }
        let no = self.b.ins().iconst(I8, 0);
        with(self, no);
        self.resume_at(alike);
        if self.mask(x) & NULL != 0 && self.mask(y) & NULL != 0 {
            let (null, rest) = (self.b.create_block(), self.b.create_block());
            let is_null = self.b.ins().icmp_imm(IntCC::Equal, first, 1);
            let both = self.b.ins().icmp(IntCC::Equal, first, second);
            let is_null = self.b.ins().band(is_null, both);
            self.b.ins().brif(is_null, null, &[], rest, &[]);
            self.resume_at(null);
            let yes = self.b.ins().iconst(I8, 1);
            with(self, yes);
            self.resume_at(rest);
        }
    }

    /// Operands that are temporaries are done with.
    fn use_up(&mut self, operands: &[Operand]) {
        for operand in operands {
            if let Operand::Slot(slot) = operand {
                self.unwritten.remove(slot);
            }
        }
        self.flush();
    }

    /// Jumps if the condition is `on`; everything is in its slots.
    fn branch(&mut self, v: Value, on: bool, target: u32) {
        let (taken, next) = (self.edge(target), self.edge(self.pc as u32 + 1));
        let (yes, no) = if on { (taken, next) } else { (next, taken) };
        self.b.ins().brif(v, yes, &[], no, &[]);
    }

    /// Has the VM do the op, which jumps or not.
    fn jump_slowly(&mut self, target: u32) {
        let word = self.call_helper(helpers::step, self.pc);
        self.branch_on_word(word, target, self.pc as u32 + 1);
    }

    fn jump_if(&mut self, src: Slot, on: bool, target: u32) -> Option<bool> {
        let known = match self.number(src) {
            Some(Number::Int(v)) => Some(self.b.ins().icmp_imm(IntCC::NotEqual, v, 0)),
            Some(Number::Float(v)) => {
                let zero = self.b.ins().f64const(0.0);
                Some(self.b.ins().fcmp(FloatCC::NotEqual, v, zero))
            }
            None if self.mask(src) == BOOL => Some(self.load_payload(src, I8)),
            None => None,
        };
        if let Some(v) = known {
            self.use_up(&[Operand::Slot(src)]);
            self.branch(v, on, target);
            return Some(true);
        }
        self.flush();
        if self.mask(src) & (BOOL | INT | NULL) == 0 {
            self.jump_slowly(target);
            return Some(true);
        }
        let tag = self.tag_of(src);
        let (bools, other) = (self.b.create_block(), self.b.create_block());
        let is_bool = self.b.ins().icmp_imm(IntCC::Equal, tag, TAG_BOOL);
        self.b.ins().brif(is_bool, bools, &[], other, &[]);
        self.resume_at(bools);
        let v = self.payload_of(src, I8);
        self.branch(v, on, target);
        self.resume_at(other);
        let (ints, slow) = (self.b.create_block(), self.cold_block());
        let is_int = self.b.ins().icmp_imm(IntCC::Equal, tag, TAG_INT);
        self.b.ins().brif(is_int, ints, &[], slow, &[]);
        self.resume_at(ints);
        let v = self.payload_of(src, I64);
        let v = self.b.ins().icmp_imm(IntCC::NotEqual, v, 0);
        self.branch(v, on, target);
        self.resume_at(slow);
        self.jump_slowly(target);
        Some(true)
    }

    /// A jump by a table.
    fn switch(&mut self, op: Op) -> bool {
        let Op::Switch { src, table } = op else { unreachable!("a switch") };
        let table = &self.f.switches[usize::from(table)];
        self.flush();
        let possible = self.mask(src) & !(UNDEF | FLOAT);
        if !table.ints.is_empty() && possible & INT != 0 {
            let other = self.b.create_block();
            if self.mask(src) != INT {
                let tag = self.load_tag(src);
                let ints = self.b.create_block();
                let is_int = self.b.ins().icmp_imm(IntCC::Equal, tag, TAG_INT);
                self.b.ins().brif(is_int, ints, &[], other, &[]);
                self.resume_at(ints);
            }
            let v = match self.number(src) {
                Some(Number::Int(v)) => v,
                _ => self.load_payload(src, I64),
            };
            let mut switch = cranelift_frontend::Switch::new();
            let mut seen = std::collections::BTreeSet::new();
            for (key, target) in table.ints.iter().filter(|(key, _)| seen.insert(*key)) {
                let block = self.edge(*target);
                switch.set_entry(u128::from(*key as u64), block);
            }
            let default = self.edge(table.default);
            switch.emit(&mut self.b, v, default);
            self.resume_at(other);
        }
        if !table.strings.is_empty() && self.mask(src) & STR != 0 {
            let targets = crate::flow::table_targets(table);
            let found = self.call_helper(helpers::switch_on_string, self.pc);
            let mut switch = cranelift_frontend::Switch::new();
            for target in targets {
                let block = self.edge(target);
                switch.set_entry(u128::from(target) + 1, block);
            }
            let next = self.edge(self.pc as u32 + 1);
            switch.emit(&mut self.b, found, next);
            return true;
        }
        let next = self.edge(self.pc as u32 + 1);
        self.b.ins().jump(next, &[]);
        true
    }
}

//! Calculation and comparison.

use super::Emitter;
use super::values::Number;
use crate::types::{FLOAT, INT, Mask, of_literal};
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::types::{F64, I8, I32, I64};
use cranelift_codegen::ir::{Block, InstBuilder, Value};
use outlast_bytecode::{BinOp, IncDec, Literal, NO_SLOT, Op, Slot};
use outlast_vm::machine::helpers;

/// An operand of a calculation.
#[derive(Clone, Copy)]
pub(super) enum Operand {
    Slot(Slot),
    Const(u32),
    Int(i64),
}

/// Where the ways of an op join, and its slow way.
type Joint = (Block, Block);

/// How two values are compared.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
    Identical,
    NotIdentical,
}

impl Comparison {
    fn of_ints(self) -> IntCC {
        match self {
            Comparison::Less => IntCC::SignedLessThan,
            Comparison::LessEqual => IntCC::SignedLessThanOrEqual,
            Comparison::Greater => IntCC::SignedGreaterThan,
            Comparison::GreaterEqual => IntCC::SignedGreaterThanOrEqual,
            Comparison::Equal | Comparison::Identical => IntCC::Equal,
            Comparison::NotEqual | Comparison::NotIdentical => IntCC::NotEqual,
        }
    }
    pub(super) fn of_floats(self) -> FloatCC {
        match self {
            Comparison::Less => FloatCC::LessThan,
            Comparison::LessEqual => FloatCC::LessThanOrEqual,
            Comparison::Greater => FloatCC::GreaterThan,
            Comparison::GreaterEqual => FloatCC::GreaterThanOrEqual,
            Comparison::Equal | Comparison::Identical => FloatCC::Equal,
            Comparison::NotEqual | Comparison::NotIdentical => FloatCC::NotEqual,
        }
    }
    fn strict(self) -> bool {
        matches!(self, Comparison::Identical | Comparison::NotIdentical)
    }
}

impl Emitter<'_> {
    pub(super) fn operand_mask(&self, operand: Operand) -> Mask {
        match operand {
            Operand::Slot(slot) => self.mask(slot),
            Operand::Const(k) => of_literal(&self.f.consts[k as usize]),
            Operand::Int(_) => INT,
        }
    }

    /// The operand as a number, if it is known to be one of one type.
    pub(super) fn operand_number(&mut self, operand: Operand) -> Option<Number> {
        match operand {
            Operand::Slot(slot) => self.number(slot),
            Operand::Const(k) => match &self.f.consts[k as usize] {
                Literal::Int(i) => Some(Number::Int(self.b.ins().iconst(I64, *i))),
                Literal::Float(x) => Some(Number::Float(self.b.ins().f64const(*x))),
                _ => None,
            },
            Operand::Int(i) => Some(Number::Int(self.b.ins().iconst(I64, i))),
        }
    }

    /// The operand read as an integer or a float, which its tag says it is.
    fn operand_as(&mut self, operand: Operand, float: bool) -> Value {
        match (self.operand_number(operand), operand) {
            (Some(n), _) if float => self.float_of(n),
            (Some(Number::Int(v) | Number::Float(v)), _) => v,
            (None, Operand::Slot(slot)) => self.payload_of(slot, if float { F64 } else { I64 }),
            (None, _) => unreachable!("no number is expected of other constants"),
        }
    }

    /// An operand that is a number, as a float.
    fn any_as_float(&mut self, operand: Operand) -> Value {
        match (self.operand_number(operand), operand) {
            (Some(number), _) => self.float_of(number),
            (None, Operand::Slot(slot)) => {
                let tag = self.tag_of(slot);
                let is_int = self.b.ins().icmp_imm(IntCC::Equal, tag, super::TAG_INT);
                let int = self.payload_of(slot, I64);
                let from_int = self.b.ins().fcvt_from_sint(F64, int);
                let float = self.payload_of(slot, F64);
                self.b.ins().select(is_int, from_int, float)
            }
            (None, _) => unreachable!("no number is expected of other constants"),
        }
    }

    /// Whether the operand is of the type, as far as that is to be asked.
    fn ask(&mut self, operand: Operand, mask: Mask, all: &mut Option<Value>) {
        let Operand::Slot(slot) = operand else { return };
        if self.mask(slot) & !mask == 0 {
            return;
        }
        let tag = self.tag_of(slot);
        let is = self.tag_in(tag, mask);
        *all = Some(match *all {
            Some(other) => self.b.ins().band(other, is),
            None => is,
        });
    }

    /// Goes to a new block if both operands are of the type, else on to another, which is the
    /// current one afterwards. `None` if they cannot be.
    fn both(&mut self, a: Operand, b: Operand, mask: Mask, constants: Mask) -> Option<Block> {
        for operand in [a, b] {
            let wanted = if matches!(operand, Operand::Slot(_)) { mask } else { constants };
            if self.operand_mask(operand) & wanted == 0 {
                return None;
            }
        }
        let mut all = None;
        self.ask(a, mask, &mut all);
        self.ask(b, mask, &mut all);
        let yes = self.b.create_block();
        let no = self.b.create_block();
        match all {
            Some(all) => self.b.ins().brif(all, yes, &[], no, &[]),
            None => self.b.ins().jump(yes, &[]),
        };
        self.resume_at(no);
        Some(yes)
    }

    /// Emits a calculation or comparison that gives a value; whether the op is one.
    pub(super) fn number_op(&mut self, op: Op) -> bool {
        use Comparison as C;
        use Operand::{Const, Int, Slot};
        match op {
            Op::Add { dst, a, b } => self.calculate(BinOp::Add, dst, Slot(a), Slot(b)),
            Op::Sub { dst, a, b } => self.calculate(BinOp::Sub, dst, Slot(a), Slot(b)),
            Op::Mul { dst, a, b } => self.calculate(BinOp::Mul, dst, Slot(a), Slot(b)),
            Op::Div { dst, a, b } => self.calculate(BinOp::Div, dst, Slot(a), Slot(b)),
            Op::AddConst { dst, a, k } => self.calculate(BinOp::Add, dst, Slot(a), Const(k)),
            Op::SubConst { dst, a, k } => self.calculate(BinOp::Sub, dst, Slot(a), Const(k)),
            Op::MulConst { dst, a, k } => self.calculate(BinOp::Mul, dst, Slot(a), Const(k)),
            Op::DivConst { dst, a, k } => self.calculate(BinOp::Div, dst, Slot(a), Const(k)),
            Op::ConstAdd { dst, k, b } => self.calculate(BinOp::Add, dst, Const(k), Slot(b)),
            Op::ConstSub { dst, k, b } => self.calculate(BinOp::Sub, dst, Const(k), Slot(b)),
            Op::ConstMul { dst, k, b } => self.calculate(BinOp::Mul, dst, Const(k), Slot(b)),
            Op::ConstDiv { dst, k, b } => self.calculate(BinOp::Div, dst, Const(k), Slot(b)),
            Op::AddInt { dst, a, imm } => {
                self.calculate(BinOp::Add, dst, Slot(a), Int(i64::from(imm)))
            }
            Op::SubInt { dst, a, imm } => {
                self.calculate(BinOp::Sub, dst, Slot(a), Int(i64::from(imm)))
            }
            Op::Binary { dst, a, b, op } => self.calculate(op, dst, Slot(a), Slot(b)),
            Op::BinaryInt { dst, a, imm, op } => {
                self.calculate(op, dst, Slot(a), Int(i64::from(imm)))
            }
            Op::AssignOp { dst: NO_SLOT, var, val, op } => {
                self.calculate(op, var, Slot(var), Slot(val))
            }
            Op::IncDecLocal { dst, var, kind } => self.inc_dec(dst, var, kind),
            Op::BitNot { dst, src } => self.bit_not(dst, src),
            Op::Less { dst, a, b } => self.compare(C::Less, dst, a, b),
            Op::LessEqual { dst, a, b } => self.compare(C::LessEqual, dst, a, b),
            Op::Greater { dst, a, b } => self.compare(C::Greater, dst, a, b),
            Op::GreaterEqual { dst, a, b } => self.compare(C::GreaterEqual, dst, a, b),
            Op::Equal { dst, a, b } => self.compare(C::Equal, dst, a, b),
            Op::NotEqual { dst, a, b } => self.compare(C::NotEqual, dst, a, b),
            Op::Identical { dst, a, b } => self.compare(C::Identical, dst, a, b),
            Op::NotIdentical { dst, a, b } => self.compare(C::NotIdentical, dst, a, b),
            _ => false,
        }
    }

    fn calculate(&mut self, op: BinOp, dst: Slot, a: Operand, b: Operand) -> bool {
        if !self.can_set(dst) {
            return self.calculate_by_tags(op, dst, a, b);
        }
        match (self.operand_number(a), self.operand_number(b)) {
            (Some(Number::Int(x)), Some(Number::Int(y))) => self.of_ints(op, dst, x, y),
            (Some(x), Some(y)) if matches!(op, BinOp::Add | BinOp::Sub | BinOp::Mul) => {
                let (x, y) = (self.float_of(x), self.float_of(y));
                let v = self.of_floats(op, x, y);
                self.release_old(dst);
                self.set_number(dst, Number::Float(v));
                true
            }
            (Some(x), Some(y)) if op == BinOp::Div => {
                let (x, y) = (self.float_of(x), self.float_of(y));
                let (done, slow) = (self.b.create_block(), self.cold_block());
                self.divide(dst, (x, y), (done, slow), true);
                self.finish_slowly(dst, (done, slow), Some(FLOAT));
                true
            }
            _ => self.calculate_by_tags(op, dst, a, b),
        }
    }

    /// A division of floats, which by zero is an error.
    fn divide(&mut self, dst: Slot, of: (Value, Value), (done, slow): Joint, register: bool) {
        let zero = self.b.ins().f64const(0.0);
        let wrong = self.b.ins().fcmp(FloatCC::Equal, of.1, zero);
        self.go_on_unless(wrong, slow);
        let v = self.of_floats(BinOp::Div, of.0, of.1);
        self.settle_number(dst, Number::Float(v), register, (done, slow));
    }

    /// The slow way of a calculation, done by the VM, and where it joins the fast ones. `sure` is the
    /// type of the result, if that is kept in a register.
    fn finish_slowly(&mut self, dst: Slot, (done, slow): Joint, sure: Option<Mask>) {
        self.resume_at(slow);
        self.spill();
        let word = self.call_helper(helpers::step, self.pc);
        self.go_on(word);
        if let Some(mask) = sure {
            self.load_register(dst, mask);
            self.defined.insert(dst);
        }
        self.b.ins().jump(done, &[]);
        self.resume_at(done);
    }

    pub(super) fn of_floats(&mut self, op: BinOp, x: Value, y: Value) -> Value {
        match op {
            BinOp::Add => self.b.ins().fadd(x, y),
            BinOp::Sub => self.b.ins().fsub(x, y),
            BinOp::Mul => self.b.ins().fmul(x, y),
            BinOp::Div => self.b.ins().fdiv(x, y),
            _ => unreachable!("floats are only added, multiplied and divided here"),
        }
    }

    /// Both are integers.
    fn of_ints(&mut self, op: BinOp, dst: Slot, x: Value, y: Value) -> bool {
        if op == BinOp::Div {
            return false;
        }
        let odd = self.cold_block();
        self.leave_from(odd, helpers::mispredicted);
        let Some(v) = self.int_result(op, x, y, odd) else { return false };
        self.release_old(dst);
        self.set_number(dst, Number::Int(v));
        true
    }

    /// The result of an operator on integers; where it is none, goes to `odd`.
    pub(super) fn int_result(
        &mut self,
        op: BinOp,
        x: Value,
        y: Value,
        odd: Block,
    ) -> Option<Value> {
        let (v, wrong) = match op {
            BinOp::Add => self.b.ins().sadd_overflow(x, y),
            BinOp::Sub => self.b.ins().ssub_overflow(x, y),
            BinOp::Mul => self.b.ins().smul_overflow(x, y),
            BinOp::BitAnd => return Some(self.b.ins().band(x, y)),
            BinOp::BitOr => return Some(self.b.ins().bor(x, y)),
            BinOp::BitXor => return Some(self.b.ins().bxor(x, y)),
            BinOp::ShiftLeft | BinOp::ShiftRight => {
                let wrong = self.b.ins().icmp_imm(IntCC::UnsignedGreaterThan, y, 63);
                self.go_on_unless(wrong, odd);
                return Some(match op {
                    BinOp::ShiftLeft => self.b.ins().ishl(x, y),
                    _ => self.b.ins().sshr(x, y),
                });
            }
            BinOp::Mod => {
                let wrong = self.b.ins().icmp_imm(IntCC::SignedLessThanOrEqual, y, 0);
                self.go_on_unless(wrong, odd);
                return Some(self.remainder(x, y));
            }
            _ => return None,
        };
        self.go_on_unless(wrong, odd);
        Some(v)
    }

    pub(super) fn go_on_unless(&mut self, wrong: Value, odd: Block) {
        let next = self.b.create_block();
        self.b.ins().brif(wrong, odd, &[], next, &[]);
        self.resume_at(next);
    }

    /// `x % y` for `y > 0`: a division of half the width takes a fraction of the time.
    fn remainder(&mut self, x: Value, y: Value) -> Value {
        let (narrow, wide, done) =
            (self.b.create_block(), self.b.create_block(), self.b.create_block());
        let result = self.b.append_block_param(done, I64);
        let both = self.b.ins().bor(x, y);
        let high = self.b.ins().ushr_imm(both, 32);
        self.b.ins().brif(high, wide, &[], narrow, &[]);
        self.resume_at(narrow);
        let (p, q) = (self.b.ins().ireduce(I32, x), self.b.ins().ireduce(I32, y));
        let rest = self.b.ins().urem(p, q);
        let rest = self.b.ins().uextend(I64, rest);
        self.b.ins().jump(done, &[rest.into()]);
        self.resume_at(wide);
        let rest = self.b.ins().srem(x, y);
        self.b.ins().jump(done, &[rest.into()]);
        self.resume_at(done);
        result
    }

    /// The types are seen when the code runs; what is no number the VM calculates.
    fn calculate_by_tags(&mut self, op: BinOp, dst: Slot, a: Operand, b: Operand) -> bool {
        let on_floats = matches!(op, BinOp::Add | BinOp::Sub | BinOp::Mul | BinOp::Div);
        let on_ints = !matches!(op, BinOp::Div | BinOp::Pow | BinOp::Concat);
        if !on_ints && !on_floats {
            return false;
        }
        let numbers = INT | FLOAT;
        if self.operand_mask(a) & numbers == 0 || self.operand_mask(b) & numbers == 0 {
            return false;
        }
        // Known operands come here only where the result goes through a reference.
        let sure_of = self.can_set(dst);
        let mut after = self.types.clone();
        self.context.apply(self.f.code[self.pc], &mut after);
        let sure =
            Some(after[usize::from(dst)]).filter(|mask| sure_of && matches!(*mask, INT | FLOAT));
        let done = self.b.create_block();
        let slow = self.cold_block();
        let ints = if on_ints { self.both(a, b, INT, INT) } else { None };
        let floats = if on_floats { self.both(a, b, FLOAT, numbers) } else { None };
        let mixed = if on_floats { self.both(a, b, numbers, numbers) } else { None };
        self.b.ins().jump(slow, &[]);
        if let Some(block) = mixed {
            self.resume_at(block);
            // Two integers come here only to be divided, which gives no float always.
            let (x, y) = (self.any_as_float(a), self.any_as_float(b));
            if op == BinOp::Div {
                let mut ints = None;
                self.ask(a, INT, &mut ints);
                self.ask(b, INT, &mut ints);
                let known = [a, b].map(|operand| self.operand_mask(operand) == INT);
                match ints {
                    _ if known == [true, true] => {
                        self.b.ins().jump(slow, &[]);
                    }
                    Some(both) => {
                        self.go_on_unless(both, slow);
                        self.divide(dst, (x, y), (done, slow), sure == Some(FLOAT));
                    }
                    None => self.divide(dst, (x, y), (done, slow), sure == Some(FLOAT)),
                }
            } else {
                let v = self.of_floats(op, x, y);
                self.settle_number(dst, Number::Float(v), sure == Some(FLOAT), (done, slow));
            }
        }
        if let Some(block) = ints {
            self.resume_at(block);
            let (x, y) = (self.operand_as(a, false), self.operand_as(b, false));
            let v = self.int_result(op, x, y, slow).expect("an operator on integers");
            self.settle_number(dst, Number::Int(v), sure == Some(INT), (done, slow));
        }
        if let Some(block) = floats {
            self.resume_at(block);
            let (x, y) = (self.operand_as(a, true), self.operand_as(b, true));
            let register = sure == Some(FLOAT);
            if op == BinOp::Div {
                self.divide(dst, (x, y), (done, slow), register);
            } else {
                let v = self.of_floats(op, x, y);
                self.settle_number(dst, Number::Float(v), register, (done, slow));
            }
        }
        self.finish_slowly(dst, (done, slow), sure);
        true
    }

    fn settle_number(&mut self, dst: Slot, number: Number, register: bool, (done, slow): Joint) {
        if !self.can_set(dst) {
            let place = self.place_to_set(dst, slow);
            self.store_number_at(place, number);
            self.b.ins().jump(done, &[]);
            return;
        }
        self.release_old(dst);
        if register {
            match number {
                Number::Int(v) => self.b.def_var(self.ints[usize::from(dst)], v),
                Number::Float(v) => self.b.def_var(self.floats[usize::from(dst)], v),
            }
        }
        self.store_number(dst, number);
        self.b.ins().jump(done, &[]);
    }

    fn inc_dec(&mut self, dst: Slot, var: Slot, kind: IncDec) -> bool {
        let by = if matches!(kind, IncDec::PreInc | IncDec::PostInc) { 1 } else { -1 };
        let Some(Number::Int(old)) = self.number(var) else {
            return self.inc_dec_by_tag(dst, var, (kind, by));
        };
        let one = self.b.ins().iconst(I64, by);
        let odd = self.cold_block();
        self.leave_from(odd, helpers::mispredicted);
        let new = self.int_result(BinOp::Add, old, one, odd).expect("an addition");
        self.set_number(var, Number::Int(new));
        if dst != NO_SLOT {
            let post = matches!(kind, IncDec::PostInc | IncDec::PostDec);
            self.set_number(dst, Number::Int(if post { old } else { new }));
        }
        true
    }

    /// `~` of an integer.
    fn bit_not(&mut self, dst: Slot, src: Slot) -> bool {
        let Some(Number::Int(v)) = self.number(src) else { return false };
        let v = self.b.ins().bnot(v);
        self.set_number(dst, Number::Int(v));
        true
    }

    /// The same where only the tag tells whether the variable is an integer.
    fn inc_dec_by_tag(&mut self, dst: Slot, var: Slot, (kind, by): (IncDec, i64)) -> bool {
        if self.mask(var) & INT == 0 {
            return false;
        }
        let (done, slow) = (self.b.create_block(), self.cold_block());
        let place = if self.can_set(var) {
            self.b.ins().iadd_imm(self.base, i64::from(var) * 16)
        } else {
            self.place_to_set(var, slow)
        };
        let tag = self.load(I8, place, 0);
        let other = self.b.ins().icmp_imm(IntCC::NotEqual, tag, super::TAG_INT);
        self.go_on_unless(other, slow);
        let old = self.load(I64, place, 8);
        let one = self.b.ins().iconst(I64, by);
        let new = self.int_result(BinOp::Add, old, one, slow).expect("an addition");
        self.store_number_at(place, Number::Int(new));
        if dst != NO_SLOT {
            let post = matches!(kind, IncDec::PostInc | IncDec::PostDec);
            self.store_number(dst, Number::Int(if post { old } else { new }));
        }
        self.b.ins().jump(done, &[]);
        self.finish_slowly(dst, (done, slow), None);
        true
    }

    fn compare(&mut self, how: Comparison, dst: Slot, a: Slot, b: Slot) -> bool {
        if !self.can_set(dst) {
            return false;
        }
        let (a, b) = (Operand::Slot(a), Operand::Slot(b));
        if let Some(v) = self.compare_known(how, a, b) {
            self.release_old(dst);
            self.store_bool(dst, v);
            return true;
        }
        let done = self.b.create_block();
        let slow = self.cold_block();
        self.compare_by_tags(how, a, b, slow, |this, v| {
            this.release_old(dst);
            this.store_bool(dst, v);
            this.b.ins().jump(done, &[]);
        });
        self.finish_slowly(dst, (done, slow), None);
        true
    }

    /// Compares what is known to be numbers.
    pub(super) fn compare_known(
        &mut self,
        how: Comparison,
        a: Operand,
        b: Operand,
    ) -> Option<Value> {
        Some(match (self.operand_number(a)?, self.operand_number(b)?) {
            (Number::Int(x), Number::Int(y)) => self.b.ins().icmp(how.of_ints(), x, y),
            (Number::Float(x), Number::Float(y)) => self.b.ins().fcmp(how.of_floats(), x, y),
            _ if how.strict() => {
                self.b.ins().iconst(I8, i64::from(how == Comparison::NotIdentical))
            }
            (Number::Int(_), Number::Float(_)) | (Number::Float(_), Number::Int(_)) => return None,
        })
    }

    /// Compares by what the tags say: has `with` emit what happens with the result, and goes to
    /// `slow` with what is no number.
    pub(super) fn compare_by_tags(
        &mut self,
        how: Comparison,
        a: Operand,
        b: Operand,
        slow: Block,
        mut with: impl FnMut(&mut Self, Value),
    ) {
        let ints = self.both(a, b, INT, INT);
        let floats = self.both(a, b, FLOAT, FLOAT);
        self.b.ins().jump(slow, &[]);
        if let Some(block) = ints {
            self.resume_at(block);
            let (x, y) = (self.operand_as(a, false), self.operand_as(b, false));
            let v = self.b.ins().icmp(how.of_ints(), x, y);
            with(self, v);
        }
        if let Some(block) = floats {
            self.resume_at(block);
            let (x, y) = (self.operand_as(a, true), self.operand_as(b, true));
            let v = self.b.ins().fcmp(how.of_floats(), x, y);
            with(self, v);
        }
    }
}

//! Calls, returns, and ops that the VM does in helpers of their own.

use super::values::Number;
use super::{Emitter, TAG_BOOL, TAG_FLOAT, TAG_INT};
use crate::flow;
use crate::types::{FLOAT, INT, PLAIN, REF, UNDEF};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::immediates::Offset32;
use cranelift_codegen::ir::types::{I8, I32, I64};
use cranelift_codegen::ir::{Block, InstBuilder, MemFlagsData, Value};
use cranelift_frontend::Variable;
use outlast_bytecode::{BinOp, Literal, NO_CACHE, Op, Slot};
use outlast_vm::machine::helpers::{self, Helper};
use outlast_vm::machine::{CALLED, MAX_DEPTH, calls, layout, places};

impl Emitter<'_> {
    /// Emits a call, a part of one, or a return; whether it ended the block. `None` if the op is
    /// none of these.
    pub(super) fn call_op(&mut self, op: Op) -> Option<bool> {
        let helper: Helper = match op {
            Op::InitNew { .. } => {
                self.begin_new();
                return Some(true);
            }
            Op::JmpArgByValue { target, .. } => {
                self.flush();
                let slow = self.b.create_block();
                self.arguments(slow);
                let target_block = self.edge(target);
                self.b.ins().jump(target_block, &[]);
                self.resume_at(slow);
                let word = self.call_helper(helpers::step, self.pc);
                self.branch_on_word(word, target, self.pc as u32 + 1);
                return Some(true);
            }
            op if flow::begins_call(op) => {
                self.begin_call(op);
                return Some(false);
            }
            Op::BeginArgList {} => {
                let pending = self.flow.pending[self.pc].saturating_sub(1);
                let register = self.call_register(pending);
                let not_simple = self.b.ins().iconst(I64, 3);
                self.b.def_var(register, not_simple);
                return None;
            }
            Op::SendVal { n, src } | Op::SendResult { n, src } | Op::SendVar { n, var: src } => {
                self.send(op, n, src);
                return Some(false);
            }
            Op::SendConst { n, k } => {
                self.send_const(n, k);
                return Some(false);
            }
            Op::FetchDim { .. } | Op::FetchDimConst { .. } => places::fetch_dim,
            Op::AssignDim { .. } => places::assign_dim,
            Op::AppendDim { .. } => places::append_dim,
            Op::IssetDim { .. } => places::isset_dim,
            Op::FetchDimQuiet { .. } => places::fetch_dim_quiet,
            Op::FetchProp { .. } => places::fetch_prop,
            Op::FetchThisProp { .. } => places::fetch_this_prop,
            Op::AssignProp { .. } | Op::AssignThisProp { .. } => places::assign_prop,
            Op::AssignOp { op: BinOp::Concat, .. } => places::append,
            Op::Concat { .. } | Op::ConcatN { .. } => places::concat,
            Op::PathAssign { .. } | Op::PathAssignOp { .. } | Op::PathIncDec { .. } => places::path,
            Op::CallKnown { .. } => places::call_known,
            Op::LoadConst { .. }
            | Op::AssignConst { .. }
            | Op::FetchConst { .. }
            | Op::FetchConstNs { .. } => places::load_const,
            Op::LoadThis { .. } => places::load_this,
            Op::Assign { .. } => places::assign,
            Op::Free { .. } | Op::IterFree { .. } => places::release,
            Op::Echo { .. } | Op::EchoConst { .. } => places::echo,
            Op::Cast { .. }
            | Op::ArraySet { .. }
            | Op::BitNot { .. }
            | Op::ArraySpread { .. }
            | Op::InstanceOf { .. } => places::rare,
            Op::FetchClassConst { .. } | Op::FetchStaticProp { .. } => places::fetch_of_class,
            Op::NewArray { .. } => places::new_array,
            Op::IterInit { target, .. } => {
                return Some(self.jumping_helper(places::iter_init, target));
            }
            Op::JmpNotNull { target, .. } => {
                return Some(self.jumping_helper(places::jump_not_null, target));
            }
            Op::ArrayPush { .. } => places::array_push,
            Op::IterNext { target, .. } | Op::IterNextKey { target, .. } => {
                return Some(self.jumping_helper(places::iter_next, target));
            }
            Op::DoCall { dst } => {
                self.do_call(dst);
                return Some(true);
            }
            Op::Return { .. } | Op::ReturnConst { .. } => {
                self.flush();
                self.return_inline(op);
                self.call_and_return(calls::leave_frame, self.pc);
                return Some(true);
            }
            Op::ReturnRef { .. }
            | Op::ReturnRefVal { .. }
            | Op::Yield { .. }
            | Op::YieldRef { .. }
            | Op::YieldFrom { .. } => {
                self.flush();
                self.call_and_return(helpers::leave, self.pc);
                return Some(true);
            }
            _ => return None,
        };
        self.flush();
        self.note_rewritten(op);
        let word = self.call_helper(helper, self.pc);
        self.go_on(word);
        Some(false)
    }

    /// Has a helper do a jump; whether that ended the block, which it does.
    fn jumping_helper(&mut self, helper: Helper, target: u32) -> bool {
        self.flush();
        let word = self.call_helper(helper, self.pc);
        self.branch_on_word(word, target, self.pc as u32 + 1);
        true
    }

    /// The register that says how the call was begun that is made next.
    fn call_register(&mut self, pending: u16) -> Variable {
        let at = usize::from(pending);
        while self.calls.len() <= at {
            let register = self.b.declare_var(I64);
            self.calls.push(register);
        }
        self.calls[at]
    }

    /// The register for the code of the function that is called then.
    fn code_register(&mut self, pending: u16) -> Variable {
        let at = usize::from(pending);
        while self.callees.len() <= at {
            let register = self.b.declare_var(I64);
            self.callees.push(register);
        }
        self.callees[at]
    }

    /// Calls begun by the interpreter are no simple ones.
    pub(super) fn calls_are_not_simple(&mut self, pc: usize) {
        for pending in 0..self.flow.pending[pc] {
            let register = self.call_register(pending);
            let no = self.b.ins().iconst(I64, 3);
            self.b.def_var(register, no);
            let code = self.code_register(pending);
            let unknown = self.b.ins().iconst(I64, 0);
            self.b.def_var(code, unknown);
        }
    }

    fn begin_call(&mut self, op: Op) {
        let register = self.call_register(self.flow.pending[self.pc]);
        let code = self.code_register(self.flow.pending[self.pc]);
        self.flush();
        let (done, slow) = (self.b.create_block(), self.cold_block());
        let helper: calls::Begin = match op {
            Op::InitFn { argc, cache, .. } if cache != NO_CACHE => {
                let callee = self.cached_function(cache, slow);
                let slots = self.push_frame(callee, argc, slow);
                self.b.def_var(register, slots);
                self.b.def_var(code, callee.code);
                self.b.ins().jump(done, &[]);
                calls::init_fn
            }
            Op::InitMethod { obj, argc, cache, .. } if cache != NO_CACHE && self.is_local(obj) => {
                let this = self.object_in(obj, slow);
                let callee = self.cached_method(cache, this, slow);
                let slots = self.push_frame(callee, argc, slow);
                self.b.def_var(register, slots);
                self.b.def_var(code, callee.code);
                self.b.ins().jump(done, &[]);
                calls::init_method
            }
            Op::InitThisMethod { argc, cache, .. } if cache != NO_CACHE => {
                let this = self.this(slow);
                let callee = self.cached_method(cache, this, slow);
                let slots = self.push_frame(callee, argc, slow);
                self.b.def_var(register, slots);
                self.b.def_var(code, callee.code);
                self.b.ins().jump(done, &[]);
                calls::init_this_method
            }
            Op::InitMethod { .. } => {
                self.b.ins().jump(slow, &[]);
                calls::init_method
            }
            _ => {
                self.b.ins().jump(slow, &[]);
                calls::init
            }
        };
        self.resume_at(slow);
        let op = self.op_address(self.pc);
        let args = [self.cx, self.base, op];
        let begun = self.call(helper as usize, self.signatures.do_call, &args);
        let small = self.b.ins().icmp_imm(IntCC::UnsignedLessThan, begun, 16);
        let (pass_on, next) = (self.pass_on(), self.b.create_block());
        let word = self.b.ins().ireduce(I32, begun);
        self.b.ins().brif(small, pass_on, &[word.into()], next, &[]);
        self.resume_at(next);
        self.b.def_var(register, begun);
        let unknown = self.b.ins().iconst(I64, 0);
        self.b.def_var(code, unknown);
        self.b.ins().jump(done, &[]);
        self.resume_at(done);
    }

    /// The slots of the call that is made next; elsewhere if it is not a simple one.
    fn arguments(&mut self, otherwise: Block) -> Value {
        let register = self.call_register(self.flow.pending[self.pc].saturating_sub(1));
        let begun = self.b.use_var(register);
        self.arguments_unless(begun, calls::ARGUMENTS_NOT_PLAIN, otherwise)
    }

    /// The slots of a call that was begun; elsewhere if the bit is set.
    fn arguments_unless(&mut self, begun: Value, bit: usize, otherwise: Block) -> Value {
        let odd = self.b.ins().band_imm(begun, bit as i64);
        let simple = self.b.create_block();
        self.b.ins().brif(odd, otherwise, &[], simple, &[]);
        self.resume_at(simple);
        self.b.ins().band_imm(begun, -8)
    }

    fn begin_new(&mut self) {
        self.flush();
        let op = self.op_address(self.pc);
        let args = [self.cx, self.base, op];
        let address = calls::init_new as *const () as usize;
        let begun = self.call(address, self.signatures.do_call, &args);
        let word = self.b.ins().ireduce(I32, begun);
        let small = self.b.ins().icmp_imm(IntCC::UnsignedLessThan, begun, 16);
        let (odd, next) = (self.b.create_block(), self.b.create_block());
        self.b.ins().brif(small, odd, &[], next, &[]);
        self.resume_at(odd);
        let past = self.edge(self.pc as u32 + 2);
        let pass_on = self.pass_on();
        let none = self.b.ins().icmp_imm(IntCC::Equal, begun, calls::NOT_BEGUN as i64);
        self.b.ins().brif(none, past, &[], pass_on, &[word.into()]);
        self.resume_at(next);
        let register = self.call_register(self.flow.pending[self.pc]);
        self.b.def_var(register, begun);
        let code = self.code_register(self.flow.pending[self.pc]);
        let unknown = self.b.ins().iconst(I64, 0);
        self.b.def_var(code, unknown);
        let next = self.edge(self.pc as u32 + 1);
        self.b.ins().jump(next, &[]);
    }

    fn store_argument(&mut self, slots: Value, n: u16, tag: Value, payload: Value) {
        let flags = MemFlagsData::trusted();
        let at = i32::from(n) * 16;
        self.b.ins().store(flags, tag, slots, Offset32::new(at));
        self.b.ins().store(flags, payload, slots, Offset32::new(at + 8));
    }

    fn send(&mut self, op: Op, n: u16, src: Slot) {
        let (done, slow) = (self.b.create_block(), self.b.create_block());
        let slots = self.arguments(slow);
        match self.number(src) {
            Some(number) => {
                let (tag, v) = match number {
                    Number::Int(v) => (TAG_INT, v),
                    Number::Float(v) => (TAG_FLOAT, v),
                };
                let tag = self.b.ins().iconst(I8, tag);
                self.store_argument(slots, n, tag, v);
            }
            None => {
                let tag = self.load_tag(src);
                if self.mask(src) & (UNDEF | REF) != 0 {
                    let odd = self.tag_in(tag, UNDEF | REF);
                    let fine = self.b.create_block();
                    self.b.ins().brif(odd, slow, &[], fine, &[]);
                    self.resume_at(fine);
                }
                let payload = self.load_payload(src, I64);
                if self.mask(src) & !PLAIN != 0 {
                    if self.is_local(src) {
                        self.retain(tag, payload);
                    } else {
                        self.store_tag(src, 0);
                    }
                }
                self.store_argument(slots, n, tag, payload);
            }
        }
        self.b.ins().jump(done, &[]);
        let helper: Helper = match op {
            Op::SendVar { .. } if self.mask(src) & !(INT | FLOAT) == 0 => calls::send_number,
            _ => calls::send,
        };
        self.finish_with(helper, done, slow);
    }

    fn send_const(&mut self, n: u16, k: u32) {
        let (tag, payload) = match &self.f.consts[k as usize] {
            Literal::Null => (1, Some(0)),
            Literal::Bool(v) => (TAG_BOOL, Some(i64::from(*v))),
            Literal::Int(v) => (TAG_INT, Some(*v)),
            Literal::Float(v) => (TAG_FLOAT, Some(v.to_bits() as i64)),
            _ => (0, None),
        };
        let Some(payload) = payload else {
            self.flush();
            let word = self.call_helper(calls::send_const, self.pc);
            self.go_on(word);
            return;
        };
        let (done, slow) = (self.b.create_block(), self.b.create_block());
        let slots = self.arguments(slow);
        let tag = self.b.ins().iconst(I8, tag);
        let payload = self.b.ins().iconst(I64, payload);
        self.store_argument(slots, n, tag, payload);
        self.b.ins().jump(done, &[]);
        self.finish_with(calls::send_const, done, slow);
    }

    fn do_call(&mut self, dst: Slot) {
        self.flush();
        let next = self.pc as u32 + 1;
        let (slow, uncompiled) = (self.b.create_block(), self.cold_block());
        let register = self.call_register(self.flow.pending[self.pc].saturating_sub(1));
        let begun = self.b.use_var(register);
        let slots = self.arguments_unless(begun, calls::CALL_NOT_PLAIN, slow);
        // Of a call begun by a helper, the code stands in the frame.
        let code = self.code_register(self.flow.pending[self.pc].saturating_sub(1));
        let callee = self.b.use_var(code);
        self.go_on_if(callee, uncompiled);
        let code = self.enter_frame(dst, callee, uncompiled);
        self.enter(code, slots, callee, next);
        self.resume_at(uncompiled);
        let op = self.op_address(self.pc);
        let args = [self.cx, self.base, op];
        let signature = self.signatures.do_call;
        let code = self.call(calls::do_plain_call as *const () as usize, signature, &args);
        self.enter_if_code(code, slots, next);
        self.resume_at(slow);
        let op = self.op_address(self.pc);
        let args = [self.cx, self.base, op];
        let code = self.call(calls::do_call as *const () as usize, signature, &args);
        let entered = self.b.create_block();
        let done = self.edge(next);
        self.b.ins().brif(code, entered, &[], done, &[]);
        self.resume_at(entered);
        let address = calls::base as *const () as usize;
        let base = self.call(address, self.signatures.base, &[self.cx]);
        self.enter_if_code(code, base, next);
    }

    /// Goes into the code of a function that was called, if it is code and not a word.
    fn enter_if_code(&mut self, code: Value, base: Value, next: u32) {
        let nested = self.b.create_block();
        let pass_on = self.pass_on();
        let word = self.b.ins().ireduce(I32, code);
        let small = self.b.ins().icmp_imm(IntCC::UnsignedLessThan, code, 16);
        self.b.ins().brif(small, pass_on, &[word.into()], nested, &[]);
        self.resume_at(nested);
        let frame = self.running_frame();
        let callee = self.load(I64, frame, layout::frame::CODE);
        self.enter(code, base, callee, next);
    }

    /// Goes into machine code of a function whose frame is the running one.
    fn enter(&mut self, code: Value, base: Value, callee: Value, next: u32) {
        let pass_on = self.pass_on();
        let most = i64::from(MAX_DEPTH);
        let deep = self.b.ins().icmp_imm(IntCC::UnsignedGreaterThanOrEqual, self.depth, most);
        let called = self.b.ins().iconst(I32, i64::from(CALLED));
        let shallow = self.b.create_block();
        self.b.ins().brif(deep, pass_on, &[called.into()], shallow, &[]);
        self.resume_at(shallow);
        let start = self.b.ins().iconst(I32, 0);
        let depth = self.b.ins().iadd_imm(self.depth, 1);
        let args = [self.cx, base, start, depth, callee];
        let call = self.b.ins().call_indirect(self.signatures.entry, code, &args);
        let word = self.b.inst_results(call)[0];
        let next = self.edge(next);
        self.b.ins().brif(word, pass_on, &[word.into()], next, &[]);
    }
}

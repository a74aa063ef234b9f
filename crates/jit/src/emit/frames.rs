//! Frames pushed and popped without a call.

use super::values::Number;
use super::{Emitter, TAG_BOOL, TAG_FLOAT, TAG_INT, TAG_STR};
use crate::types::{PLAIN, REF, UNDEF};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::immediates::Offset32;
use cranelift_codegen::ir::types::{I8, I16, I32, I64};
use cranelift_codegen::ir::{Block, InstBuilder, MemFlagsData, Type, Value};
use outlast_bytecode::{Literal, NO_SLOT, Op, Slot};
use outlast_value::layout as values;
use outlast_vm::machine::layout::{self, cache, code, frame};

const TAG_OBJECT: i64 = 7;
/// Frames of more slots are popped by a call.
const MOST_SLOTS: u32 = 40;

/// A function that is to be called.
#[derive(Clone, Copy)]
pub(super) struct Callee {
    /// Its handle and its code.
    func: Value,
    pub(super) code: Value,
    /// The object and its class, of a method.
    object: Option<(Value, Value)>,
}

impl Emitter<'_> {
    fn store(&mut self, v: Value, to: Value, at: usize) {
        self.b.ins().store(MemFlagsData::trusted(), v, to, Offset32::new(at as i32));
    }

    fn store_constant(&mut self, ty: Type, v: i64, to: Value, at: usize) {
        let v = self.b.ins().iconst(ty, v);
        self.store(v, to, at);
    }

    /// The running frame.
    pub(super) fn running_frame(&mut self) -> Value {
        let current = self.load(I32, self.cx, layout::CURRENT);
        self.frame_at(current)
    }

    fn frame_at(&mut self, index: Value) -> Value {
        let index = self.b.ins().uextend(I64, index);
        let frames = self.load(I64, self.cx, layout::FRAMES);
        let offset = self.b.ins().imul_imm(index, layout::FRAME_SIZE as i64);
        self.b.ins().iadd(frames, offset)
    }

    /// An inline cache; elsewhere if it does not hold what is wanted.
    pub(super) fn cache(&mut self, number: u16, tag: i64, slow: Block) -> Value {
        let caches = self.load(I64, self.code, code::CACHES);
        let entry = self.b.ins().iadd_imm(caches, i64::from(number) * cache::SIZE as i64);
        let held = self.load(I8, entry, 0);
        let right = self.b.ins().icmp_imm(IntCC::Equal, held, tag);
        self.go_on_if(right, slow);
        entry
    }

    pub(super) fn cached_function(&mut self, number: u16, slow: Block) -> Callee {
        let entry = self.cache(number, cache::FUNC, slow);
        let func = self.load(I64, entry, cache::FUNC_HANDLE);
        let code = self.load(I64, entry, cache::FUNC_CODE);
        Callee { func, code, object: None }
    }

    /// The object in a variable.
    pub(super) fn object_in(&mut self, slot: Slot, slow: Block) -> Value {
        let tag = self.load_tag(slot);
        let right = self.b.ins().icmp_imm(IntCC::Equal, tag, TAG_OBJECT);
        self.go_on_if(right, slow);
        self.load_payload(slot, I64)
    }

    /// `$this`
    pub(super) fn this(&mut self, slow: Block) -> Value {
        let frame = self.running_frame();
        let this = self.load(I64, frame, frame::THIS);
        self.go_on_if(this, slow);
        this
    }

    pub(super) fn cached_method(&mut self, number: u16, object: Value, slow: Block) -> Callee {
        let entry = self.cache(number, cache::METHOD, slow);
        let class = self.load(I64, object, values::OBJECT_CLASS);
        let wanted = self.load(I64, entry, cache::METHOD_CLASS);
        let right = self.b.ins().icmp(IntCC::Equal, class, wanted);
        self.go_on_if(right, slow);
        let func = self.load(I64, entry, cache::METHOD_HANDLE);
        let code = self.load(I64, entry, cache::METHOD_CODE);
        Callee { func, code, object: Some((object, class)) }
    }

    /// Pushes the frame of a call that takes nothing more; its slots.
    pub(super) fn push_frame(&mut self, callee: Callee, argc: u16, slow: Block) -> Value {
        self.go_on_if(callee.code, slow);
        let wanted = i64::from(argc);
        let from = self.load(I16, callee.code, code::SIMPLE_FROM);
        let to = self.load(I16, callee.code, code::SIMPLE_TO);
        let few = self.b.ins().icmp_imm(IntCC::UnsignedGreaterThan, from, wanted);
        let many = self.b.ins().icmp_imm(IntCC::UnsignedLessThan, to, wanted);
        let wrong = self.b.ins().bor(few, many);
        self.go_on_unless(wrong, slow);
        // Room for the slots and for the frame.
        let slots = self.load(I32, callee.code, code::SLOTS);
        let wide = self.b.ins().uextend(I64, slots);
        let bytes = self.b.ins().ishl_imm(wide, 4);
        let base = self.load(I64, self.cx, layout::STACK_NEXT);
        let end = self.load(I64, self.cx, layout::STACK_END);
        let top = self.b.ins().iadd(base, bytes);
        let len = self.load(I64, self.cx, layout::FRAMES_LEN);
        let room = self.load(I64, self.cx, layout::FRAMES_CAPACITY);
        let full = self.b.ins().icmp(IntCC::Equal, len, room);
        let over = self.b.ins().icmp(IntCC::UnsignedGreaterThan, top, end);
        let none = self.b.ins().bor(full, over);
        self.go_on_unless(none, slow);
        self.store(top, self.cx, layout::STACK_NEXT);
        let frames = self.load(I64, self.cx, layout::FRAMES);
        let offset = self.b.ins().imul_imm(len, layout::FRAME_SIZE as i64);
        let new = self.b.ins().iadd(frames, offset);
        let more = self.b.ins().iadd_imm(len, 1);
        self.store(more, self.cx, layout::FRAMES_LEN);
        // The frame holds its function, and a method its object.
        let owners = self.load(I64, callee.func, 0);
        let owners = self.b.ins().iadd_imm(owners, 1);
        self.store(owners, callee.func, 0);
        let nothing = self.b.ins().iconst(I64, 0);
        let (object, class) = callee.object.unwrap_or((nothing, nothing));
        if callee.object.is_some() {
            let owners = self.load(I32, object, 0);
            let owners = self.b.ins().iadd_imm(owners, 1);
            self.store(owners, object, 0);
        }
        let ops = self.load(I64, callee.code, code::OPS);
        let segments = self.load(I64, self.cx, layout::STACK_COUNT);
        self.store(callee.func, new, frame::FUNC);
        self.store(base, new, frame::BASE);
        self.store(slots, new, frame::SLOTS);
        self.store(ops, new, frame::IP);
        self.store(callee.code, new, frame::CODE);
        self.store(object, new, frame::THIS);
        self.store(class, new, frame::STATIC_CLASS);
        self.store_constant(I32, i64::from(argc), new, frame::ARGC);
        self.store_constant(I16, i64::from(NO_SLOT), new, frame::RET);
        self.store_constant(I16, i64::from(frame::SIMPLE_FLAGS), new, frame::FLAGS);
        self.store_constant(I32, i64::from(frame::NO_CALLER), new, frame::CALLER);
        self.store(base, new, frame::MARK_NEXT);
        self.store(segments, new, frame::MARK_SEGMENTS);
        self.store(nothing, new, frame::CLOSURE);
        self.store(nothing, new, frame::EXTRA);
        self.clear_variables(base, callee.code, argc);
        base
    }

    /// Variables behind the arguments begin empty.
    fn clear_variables(&mut self, base: Value, callee: Value, argc: u16) {
        let locals = self.load(I16, callee, code::LOCALS);
        let locals = self.b.ins().uextend(I64, locals);
        let bytes = self.b.ins().ishl_imm(locals, 4);
        let end = self.b.ins().iadd(base, bytes);
        let first = self.b.ins().iadd_imm(base, i64::from(argc) * 16);
        let (head, body, done) =
            (self.b.create_block(), self.b.create_block(), self.b.create_block());
        let at = self.b.append_block_param(head, I64);
        self.b.ins().jump(head, &[first.into()]);
        self.b.switch_to_block(head);
        let more = self.b.ins().icmp(IntCC::UnsignedLessThan, at, end);
        self.b.ins().brif(more, body, &[], done, &[]);
        self.resume_at(body);
        self.store_constant(I8, 0, at, 0);
        let next = self.b.ins().iadd_imm(at, 16);
        self.b.ins().jump(head, &[next.into()]);
        self.b.seal_block(head);
        self.resume_at(done);
    }

    /// Makes the pending frame, whose call takes no more, the running one: the address of its
    /// machine code; elsewhere if there is none, or if the script is interrupted.
    pub(super) fn enter_frame(&mut self, dst: Slot, callee: Value, slow: Block) -> Value {
        let address = self.load(I64, callee, code::ADDRESS);
        self.go_on_if(address, slow);
        let len = self.load(I64, self.cx, layout::FRAMES_LEN);
        let index = self.b.ins().iadd_imm(len, -1);
        let frames = self.load(I64, self.cx, layout::FRAMES);
        let offset = self.b.ins().imul_imm(index, layout::FRAME_SIZE as i64);
        let new = self.b.ins().iadd(frames, offset);
        let word = self.load(I64, self.cx, layout::INTERRUPT);
        let word = self.load(I32, word, 0);
        self.go_on_unless(word, slow);
        let current = self.load(I32, self.cx, layout::CURRENT);
        let here = self.frame_at(current);
        let next_op = self.op_address(self.pc + 1);
        self.store(next_op, here, frame::IP);
        self.store_constant(I16, i64::from(dst), new, frame::RET);
        self.store(current, new, frame::CALLER);
        let index = self.b.ins().ireduce(I32, index);
        self.store(index, self.cx, layout::CURRENT);
        address
    }

    /// Returns if nothing has to be dropped; else goes on behind.
    pub(super) fn return_inline(&mut self, op: Op) {
        if self.f.slots > MOST_SLOTS {
            return;
        }
        let slow = self.b.create_block();
        self.try_return(op, slow);
        self.resume_at(slow);
    }

    fn try_return(&mut self, op: Op, slow: Block) {
        let Some((tag, payload)) = self.returned(op, slow) else {
            self.b.ins().jump(slow, &[]);
            return;
        };
        let current = self.load(I32, self.cx, layout::CURRENT);
        let here = self.frame_at(current);
        let flags = self.load(I16, here, frame::FLAGS);
        let rare = frame::LEAVING_FLAGS & !frame::CONSTRUCTOR;
        let leaving = self.b.ins().band_imm(flags, i64::from(rare));
        let closure = self.load(I64, here, frame::CLOSURE);
        let extra = self.load(I64, here, frame::EXTRA);
        let owned = self.b.ins().bor(closure, extra);
        let leaving = self.b.ins().uextend(I64, leaving);
        let more = self.b.ins().bor(owned, leaving);
        self.go_on_unless(more, slow);
        let marked = self.load(I64, here, frame::MARK_SEGMENTS);
        let segments = self.load(I64, self.cx, layout::STACK_COUNT);
        let same = self.b.ins().icmp(IntCC::Equal, marked, segments);
        self.go_on_if(same, slow);
        let func = self.load(I64, here, frame::FUNC);
        let owners = self.load(I64, func, 0);
        let shared = self.b.ins().icmp_imm(IntCC::UnsignedGreaterThan, owners, 1);
        self.go_on_if(shared, slow);
        self.drop_slots(op, slow);
        let ret = self.load(I16, here, frame::RET);
        let constructor = self.b.ins().band_imm(flags, i64::from(frame::CONSTRUCTOR));
        let constructor = self.b.ins().icmp_imm(IntCC::NotEqual, constructor, 0);
        let unwanted = self.b.ins().icmp_imm(IntCC::Equal, ret, i64::from(NO_SLOT));
        let unwanted = self.b.ins().bor(constructor, unwanted);
        let counted = self.b.ins().icmp_imm(IntCC::UnsignedGreaterThanOrEqual, tag, TAG_STR);
        let dropped = self.b.ins().band(unwanted, counted);
        self.go_on_unless(dropped, slow);
        self.release_this(here, slow);
        // From here on nothing goes back.
        let caller = self.load(I32, here, frame::CALLER);
        let (wanted, popped) = (self.b.create_block(), self.b.create_block());
        self.b.ins().brif(unwanted, popped, &[], wanted, &[]);
        self.resume_at(wanted);
        let outer = self.frame_at(caller);
        let slots = self.load(I64, outer, frame::BASE);
        let ret = self.b.ins().uextend(I64, ret);
        let offset = self.b.ins().ishl_imm(ret, 4);
        let place = self.b.ins().iadd(slots, offset);
        self.store(tag, place, 0);
        self.store(payload, place, 8);
        self.b.ins().jump(popped, &[]);
        self.resume_at(popped);
        if let Op::Return { src } = op
            && self.mask(src) & !PLAIN != 0
        {
            self.store_tag(src, 0);
        }
        let owners = self.b.ins().iadd_imm(owners, -1);
        self.store(owners, func, 0);
        let next = self.load(I64, here, frame::MARK_NEXT);
        self.store(next, self.cx, layout::STACK_NEXT);
        let len = self.b.ins().uextend(I64, current);
        self.store(len, self.cx, layout::FRAMES_LEN);
        self.store(caller, self.cx, layout::CURRENT);
        let returned = self.b.ins().iconst(I32, i64::from(outlast_vm::machine::RETURNED));
        self.b.ins().return_(&[returned]);
    }

    /// One owner less of what a slot holds, if that is counted, and the slot is left empty; elsewhere
    /// if that takes more than counting.
    pub(super) fn release_slot(&mut self, slot: Slot, slow: Block) {
        let (counted, done) = (self.b.create_block(), self.b.create_block());
        let tag = self.load_tag(slot);
        let is = self.b.ins().icmp_imm(IntCC::UnsignedGreaterThanOrEqual, tag, TAG_STR);
        self.b.ins().brif(is, counted, &[], done, &[]);
        self.resume_at(counted);
        let held = self.load_payload(slot, I64);
        let owners = self.load(I32, held, 0);
        let others = self.b.ins().icmp_imm(IntCC::SignedGreaterThan, owners, 1);
        self.go_on_if(others, slow);
        // What may be part of a cycle has to be known to the collector; strings are not.
        let info = self.load(I32, held, values::HEAD_INFO);
        let known = self.b.ins().ushr_imm(info, 8);
        let known = self.b.ins().icmp_imm(IntCC::NotEqual, known, 0);
        let string = self.b.ins().icmp_imm(IntCC::Equal, tag, TAG_STR);
        let fine = self.b.ins().bor(known, string);
        self.go_on_if(fine, slow);
        let owners = self.b.ins().iadd_imm(owners, -1);
        self.store(owners, held, 0);
        self.store_tag(slot, 0);
        self.b.ins().jump(done, &[]);
        self.resume_at(done);
    }

    /// One owner of `$this` less; elsewhere if that takes more than counting.
    fn release_this(&mut self, here: Value, slow: Block) {
        let (object, done) = (self.b.create_block(), self.b.create_block());
        let this = self.load(I64, here, frame::THIS);
        self.b.ins().brif(this, object, &[], done, &[]);
        self.resume_at(object);
        let owners = self.load(I32, this, 0);
        let others = self.b.ins().icmp_imm(IntCC::SignedGreaterThan, owners, 1);
        self.go_on_if(others, slow);
        let info = self.load(I32, this, values::HEAD_INFO);
        let known = self.b.ins().ushr_imm(info, 8);
        self.go_on_if(known, slow);
        let owners = self.b.ins().iadd_imm(owners, -1);
        self.store(owners, this, 0);
        self.b.ins().jump(done, &[]);
        self.resume_at(done);
    }

    /// A constant that is counted, or not known here to be none.
    pub(super) fn load_constant(&mut self, dst: Slot, k: u32) {
        let consts = self.load(I64, self.code, code::CONSTS);
        let at = k as usize * 16;
        let (tag, payload) = (self.load(I8, consts, at), self.load(I64, consts, at + 8));
        self.retain(tag, payload);
        self.release_old(dst);
        self.store_tag_value(dst, tag);
        self.store_payload(dst, payload);
    }

    /// The two parts of what is returned; `None` if it is a constant that is counted.
    fn returned(&mut self, op: Op, slow: Block) -> Option<(Value, Value)> {
        let constant = |tag, bits| Some((tag, bits));
        let (tag, bits) = match op {
            Op::Return { src } => {
                return Some(match self.number(src) {
                    Some(Number::Int(v)) => (self.b.ins().iconst(I8, TAG_INT), v),
                    Some(Number::Float(v)) => (self.b.ins().iconst(I8, TAG_FLOAT), v),
                    None => {
                        let tag = self.load_tag(src);
                        if self.mask(src) & (UNDEF | REF) != 0 {
                            let odd = self.tag_in(tag, UNDEF | REF);
                            self.go_on_unless(odd, slow);
                        }
                        (tag, self.load_payload(src, I64))
                    }
                });
            }
            Op::ReturnConst { k } => match &self.f.consts[k as usize] {
                Literal::Null => constant(1, 0),
                Literal::Bool(v) => constant(TAG_BOOL, i64::from(*v)),
                Literal::Int(v) => constant(TAG_INT, *v),
                Literal::Float(v) => constant(TAG_FLOAT, v.to_bits() as i64),
                _ => None,
            }?,
            _ => unreachable!("a return"),
        };
        Some((self.b.ins().iconst(I8, tag), self.b.ins().iconst(I64, bits)))
    }

    /// Drops what slots other than the one returned hold; elsewhere if that takes more than counting,
    /// with those that are left.
    fn drop_slots(&mut self, op: Op, slow: Block) {
        let returned = if let Op::Return { src } = op { Some(src) } else { None };
        let mut any = None;
        for slot in 0..self.f.slots as Slot {
            if self.mask(slot) & !PLAIN == 0 || returned == Some(slot) {
                continue;
            }
            if self.is_local(slot) {
                self.release_slot(slot, slow);
                continue;
            }
            let tag = self.load_tag(slot);
            let counted = self.b.ins().icmp_imm(IntCC::UnsignedGreaterThanOrEqual, tag, TAG_STR);
            any = Some(match any {
                Some(other) => self.b.ins().bor(other, counted),
                None => counted,
            });
        }
        if let Some(any) = any {
            self.go_on_unless(any, slow);
        }
    }
}

//! From ops to machine code.
//!
//! All values stand in their slots whenever anything else may look at them. Beside that, a number
//! whose type is known is kept in a register; a temporary that is one reaches its slot only where
//! machine code is left or something is called before it is used up.

mod calls;
mod frames;
mod jumps;
pub mod known;
mod numbers;
mod places;
mod values;

use crate::code::Emitted;
use crate::flow::{self, Flow};
use crate::types::{self, ANY, Context, FLOAT, INT, Mask, Types};
use cranelift_codegen::Context as Compilation;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{F64, I32, I64};
use cranelift_codegen::ir::{
    AbiParam, Block, BlockArg, InstBuilder, SigRef, Signature, UserFuncName, Value,
};
use cranelift_codegen::isa::{CallConv, OwnedTargetIsa};
use cranelift_codegen::settings::{self, Configurable};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext, Variable};
use outlast_bytecode::{Function, NO_ENTRY, Op, Slot};
use outlast_vm::machine::helpers::{self, Helper};
use outlast_vm::machine::{RETURNED, TAKEN};
use std::collections::BTreeSet;
use std::sync::OnceLock;

const TAG_BOOL: i64 = 2;
const TAG_INT: i64 = 3;
const TAG_FLOAT: i64 = 4;
/// From this tag on a payload is a counted pointer.
const TAG_STR: i64 = 5;

/// Functions for which ops times slots come to more stay with the interpreter: what is known of the
/// slots is kept for every place.
const MOST_FACTS: usize = 400_000;

fn isa() -> Option<&'static OwnedTargetIsa> {
    static ISA: OnceLock<Option<OwnedTargetIsa>> = OnceLock::new();
    ISA.get_or_init(|| {
        let mut flags = settings::builder();
        flags.set("opt_level", "speed").ok()?;
        flags.set("enable_verifier", if cfg!(debug_assertions) { "true" } else { "false" }).ok()?;
        cranelift_native::builder().ok()?.finish(settings::Flags::new(flags)).ok()
    })
    .as_ref()
}

/// Machine code of a function; `None` where it is too long, or the machine is unknown.
pub fn function(f: &Function) -> Option<Emitted> {
    if f.code.len().saturating_mul(f.slots as usize) > MOST_FACTS {
        return None;
    }
    let isa = isa()?;
    let mut compilation = Compilation::new();
    let call = isa.default_call_conv();
    compilation.func.signature = signature(call, &[I64, I64, I32, I32, I64], I32);
    compilation.func.name = UserFuncName::default();
    let mut context = FunctionBuilderContext::new();
    let builder = FunctionBuilder::new(&mut compilation.func, &mut context);
    let entries = Emitter::new(f, builder, call).run();
    let code = match compilation.compile(&**isa, &mut ControlPlane::default()) {
        Ok(code) => code,
        // In a build for tests a fault of what was emitted is not passed over.
        Err(fault) if cfg!(debug_assertions) => panic!("{:?}", fault.inner),
        Err(_) => return None,
    };
    if !code.buffer.relocs().is_empty() {
        return None;
    }
    Some(Emitted { bytes: code.code_buffer().to_vec(), entries })
}

fn signature(
    call: CallConv,
    params: &[cranelift_codegen::ir::Type],
    result: cranelift_codegen::ir::Type,
) -> Signature {
    let mut signature = Signature::new(call);
    signature.params.extend(params.iter().map(|t| AbiParam::new(*t)));
    signature.returns.push(AbiParam::new(result));
    signature
}

/// Signatures of what is called.
struct Signatures {
    /// `helpers::Helper`
    helper: SigRef,
    /// `helpers::free`
    free: SigRef,
    /// `calls::do_call`
    do_call: SigRef,
    /// `calls::base`
    base: SigRef,
    /// `machine::Entry`
    entry: SigRef,
}

/// A way out of the code: a block, what says what to leave with, and temporaries to be written first.
struct WayOut {
    block: Block,
    helper: Helper,
    pc: usize,
    unwritten: Vec<(Slot, Mask)>,
}

struct Emitter<'a> {
    f: &'a Function,
    flow: Flow,
    context: Context<'a>,
    /// What is known at the start of each block.
    at: Vec<Option<Types>>,
    b: FunctionBuilder<'a>,
    blocks: Vec<Option<Block>>,
    signatures: Signatures,
    /// The context, the frame's slots, the depth, the function's code in the script.
    cx: Value,
    base: Value,
    depth: Value,
    code: Value,
    /// Registers of slots that hold integers, and of those that hold floats.
    ints: Vec<Variable>,
    floats: Vec<Variable>,
    /// How calls were begun that are pending, outermost first (`calls::init_fn`).
    calls: Vec<Variable>,
    /// The code of the functions called then, zero if that is not at hand.
    callees: Vec<Variable>,
    /// What is known here.
    types: Types,
    /// Temporaries whose slots are not written yet.
    unwritten: BTreeSet<Slot>,
    /// Slots whose registers this op set, and slots it wrote in memory alone.
    defined: BTreeSet<Slot>,
    rewritten: BTreeSet<Slot>,
    /// Ways backwards: the block of each, where it leads, the op that jumps.
    polls: Vec<(Block, Block, usize)>,
    ways_out: Vec<WayOut>,
    /// Where a call's word is returned that is not `RETURNED`.
    pass_on: Option<Block>,
    pc: usize,
}

impl<'a> Emitter<'a> {
    fn new(f: &'a Function, mut b: FunctionBuilder<'a>, call: CallConv) -> Self {
        let flow = Flow::of(f);
        let context = Context::new(f);
        let at = types::infer(f, &flow, &context);
        let mut import = |params: &[_], result| b.import_signature(signature(call, params, result));
        let signatures = Signatures {
            helper: import(&[I64, I64, I64], I32),
            free: import(&[I64, I64, I64, I32], I32),
            do_call: import(&[I64, I64, I64], I64),
            base: import(&[I64], I64),
            entry: import(&[I64, I64, I32, I32, I64], I32),
        };
        let start = b.create_block();
        b.append_block_params_for_function_params(start);
        b.switch_to_block(start);
        b.seal_block(start);
        let params = b.block_params(start).to_vec();
        let blocks = flow.leader.iter().zip(&at);
        let blocks = blocks.map(|(l, at)| (*l && at.is_some()).then(|| b.create_block())).collect();
        let slots = f.slots as usize + 3;
        let ints = (0..slots).map(|_| b.declare_var(I64)).collect();
        let floats = (0..slots).map(|_| b.declare_var(F64)).collect();
        Emitter {
            f,
            flow,
            context,
            at,
            b,
            blocks,
            signatures,
            cx: params[0],
            base: params[1],
            depth: params[3],
            code: params[4],
            ints,
            floats,
            calls: Vec::new(),
            callees: Vec::new(),
            types: Vec::new(),
            unwritten: BTreeSet::new(),
            defined: BTreeSet::new(),
            rewritten: BTreeSet::new(),
            polls: Vec::new(),
            ways_out: Vec::new(),
            pass_on: None,
            pc: 0,
        }
    }

    /// Emits everything; where to enter, by op.
    fn run(mut self) -> Vec<u16> {
        let entries = self.dispatch();
        for pc in 0..self.f.code.len() {
            if let (Some(block), Some(types)) = (self.blocks[pc], self.at[pc].clone()) {
                self.types = types;
                self.unwritten.clear();
                self.b.switch_to_block(block);
                self.block_from(pc);
            }
        }
        self.emit_polls();
        self.emit_ways_out();
        if let Some(block) = self.pass_on {
            self.resume_at(block);
            self.b.set_cold_block(block);
            let word = self.b.block_params(block)[0];
            self.b.ins().return_(&[word]);
        }
        self.b.seal_all_blocks();
        self.b.finalize();
        entries
    }

    /// The jump to where one wants to enter.
    fn dispatch(&mut self) -> Vec<u16> {
        let mut entries = vec![NO_ENTRY; self.f.code.len()];
        let mut heads = Vec::new();
        for (pc, entry) in entries.iter_mut().enumerate() {
            if !self.flow.entry[pc] || self.blocks[pc].is_none() || heads.len() >= 60_000 {
                continue;
            }
            *entry = heads.len() as u16;
            heads.push((pc, self.b.create_block()));
        }
        let start = self.b.current_block().expect("the first block");
        let wanted = self.b.block_params(start)[2];
        let mut switch = cranelift_frontend::Switch::new();
        for (at, (_, block)) in heads.iter().enumerate().skip(1) {
            switch.set_entry(at as u128, *block);
        }
        switch.emit(&mut self.b, wanted, heads[0].1);
        for (pc, block) in heads {
            self.resume_at(block);
            self.enter_at(pc);
        }
        entries
    }

    /// Checks that the slots hold what is known there, loads registers, and goes there.
    fn enter_at(&mut self, pc: usize) {
        let Some(types) = self.at[pc].clone() else { return };
        let mut fits = None;
        for (slot, mask) in types.iter().enumerate().take(self.f.slots as usize) {
            // Whoever calls a function leaves its variables in order.
            if *mask == ANY || pc == 0 {
                continue;
            }
            let tag = self.load_tag(slot as Slot);
            let one = self.tag_in(tag, *mask);
            let one = self.b.ins().icmp_imm(IntCC::NotEqual, one, 0);
            fits = Some(match fits {
                Some(others) => self.b.ins().band(others, one),
                None => one,
            });
        }
        if let Some(fits) = fits {
            let next = self.b.create_block();
            let refused = self.cold_block();
            self.b.ins().brif(fits, next, &[], refused, &[]);
            self.resume_at(refused);
            self.pc = pc;
            self.call_and_return(helpers::mispredicted, pc);
            self.resume_at(next);
        }
        for (slot, mask) in types.iter().enumerate().take(self.f.slots as usize) {
            self.load_register(slot as Slot, *mask);
        }
        self.calls_are_not_simple(pc);
        let block = self.blocks[pc].expect("a block is there");
        self.b.ins().jump(block, &[]);
    }

    fn load_register(&mut self, slot: Slot, mask: Mask) {
        match mask {
            INT => {
                let v = self.load_payload(slot, I64);
                self.b.def_var(self.ints[slot as usize], v);
            }
            FLOAT => {
                let v = self.load_payload(slot, F64);
                self.b.def_var(self.floats[slot as usize], v);
            }
            _ => {}
        }
    }

    /// Ops up to the end of the block.
    fn block_from(&mut self, start: usize) {
        let mut pc = start;
        loop {
            self.pc = pc;
            let op = self.f.code[pc];
            let place_ops = self.place_op(op);
            let ended = place_ops.is_none() && self.op(op);
            let before = std::mem::take(&mut self.types);
            let mut after = before.clone();
            let ops = place_ops.unwrap_or(1);
            for done in &self.f.code[pc..pc + ops] {
                self.context.apply(*done, &mut after);
            }
            self.types = after;
            self.load_new_registers(&before);
            self.drop_used();
            pc += ops;
            if ended || !flow::exits(self.f, pc - 1).falls || pc >= self.f.code.len() {
                return;
            }
            if self.flow.leader[pc] {
                self.pc = pc - 1;
                self.goto(pc as u32);
                return;
            }
        }
    }

    /// Slots that were written in memory and are known to be numbers now get their registers.
    fn load_new_registers(&mut self, before: &Types) {
        for slot in 0..self.f.slots {
            let (old, new) = (before[slot as usize], self.types[slot as usize]);
            let slot = slot as Slot;
            if matches!(new, INT | FLOAT)
                && (old != new || self.rewritten.contains(&slot))
                && !self.defined.contains(&slot)
            {
                self.load_register(slot, new);
            }
        }
        self.defined.clear();
        self.rewritten.clear();
    }

    /// Temporaries that were used up need not be written.
    fn drop_used(&mut self) {
        let types = &self.types;
        self.unwritten.retain(|slot| matches!(types[usize::from(*slot)], INT | FLOAT));
    }

    /// Writes what is not written yet.
    fn flush(&mut self) {
        self.spill();
        self.unwritten.clear();
    }

    /// The same on a way out, beside which the main way goes on without.
    fn spill(&mut self) {
        for slot in self.unwritten.clone() {
            self.write_register(slot);
        }
    }

    /// Writes a number from its register to its slot.
    fn write_register(&mut self, slot: Slot) {
        self.write_register_of(slot, self.mask(slot));
    }

    fn write_register_of(&mut self, slot: Slot, mask: Mask) {
        let (tag, v) = match mask {
            INT => (TAG_INT, self.b.use_var(self.ints[usize::from(slot)])),
            FLOAT => (TAG_FLOAT, self.b.use_var(self.floats[usize::from(slot)])),
            _ => unreachable!("only numbers have registers"),
        };
        self.store_tag(slot, tag);
        self.store_payload(slot, v);
    }

    /// Emits an op; whether that ended the block.
    fn op(&mut self, op: Op) -> bool {
        if self.number_op(op) || self.value_op(op) || self.known_op(op) {
            return false;
        }
        match self.jump_op(op).or_else(|| self.call_op(op)) {
            Some(ended) => ended,
            None => self.step(op),
        }
    }

    /// Has the VM do the op; whether that ended the block.
    fn step(&mut self, op: Op) -> bool {
        self.flush();
        self.note_rewritten(op);
        let word = self.call_helper(helpers::step, self.pc);
        let next = self.pc as u32 + 1;
        match flow::exits(self.f, self.pc) {
            flow::Exits { falls: true, targets } if targets.is_empty() => {
                self.go_on(word);
                false
            }
            flow::Exits { falls: true, targets } if targets.len() == 1 => {
                self.branch_on_word(word, targets[0], next);
                true
            }
            _ => {
                self.b.ins().return_(&[word]);
                true
            }
        }
    }

    /// What the op writes, it writes to memory.
    fn note_rewritten(&mut self, op: Op) {
        let mut copy = op;
        copy.map_slots(|slot| {
            self.rewritten.insert(slot);
            slot
        });
    }

    /// Goes where a word of `step` says: `RETURNED` to the next op, `TAKEN` to the target.
    fn branch_on_word(&mut self, word: Value, target: u32, next: u32) {
        let jumped = self.b.create_block();
        let next = self.edge(next);
        let target = self.edge(target);
        let pass_on = self.pass_on();
        self.b.ins().brif(word, jumped, &[], next, &[]);
        self.resume_at(jumped);
        let taken = self.b.ins().icmp_imm(IntCC::Equal, word, i64::from(TAKEN));
        self.b.ins().brif(taken, target, &[], pass_on, &[BlockArg::Value(word)]);
    }

    /// Goes on if the word is `RETURNED`, else returns it.
    fn go_on(&mut self, word: Value) {
        const _: () = assert!(RETURNED == 0);
        let next = self.b.create_block();
        let pass_on = self.pass_on();
        self.b.ins().brif(word, pass_on, &[BlockArg::Value(word)], next, &[]);
        self.resume_at(next);
    }

    fn pass_on(&mut self) -> Block {
        if let Some(block) = self.pass_on {
            return block;
        }
        let block = self.b.create_block();
        self.b.append_block_param(block, I32);
        self.pass_on = Some(block);
        block
    }

    /// Goes on in a block all of whose ways in are emitted.
    fn resume_at(&mut self, block: Block) {
        self.b.switch_to_block(block);
        self.b.seal_block(block);
    }

    fn cold_block(&mut self) -> Block {
        let block = self.b.create_block();
        self.b.set_cold_block(block);
        block
    }

    /// Leaves the block for another.
    fn goto(&mut self, target: u32) {
        self.flush();
        let block = self.edge(target);
        self.b.ins().jump(block, &[]);
    }

    /// Where to jump to come to an op: backwards, the interrupt word is looked at on the way.
    fn edge(&mut self, target: u32) -> Block {
        let block = self.blocks[target as usize].expect("targets are blocks");
        if target as usize > self.pc {
            return block;
        }
        let poll = self.b.create_block();
        self.polls.push((poll, block, self.pc));
        poll
    }

    /// Emits the looks at the interrupt word.
    fn emit_polls(&mut self) {
        for (poll, block, pc) in std::mem::take(&mut self.polls) {
            self.resume_at(poll);
            let interrupted = self.cold_block();
            let word = self.load(I64, self.cx, outlast_vm::machine::layout::INTERRUPT);
            let word = self.load(I32, word, 0);
            self.b.ins().brif(word, interrupted, &[], block, &[]);
            self.resume_at(interrupted);
            let word = self.call_helper(helpers::interrupted, pc);
            let pass_on = self.pass_on();
            self.b.ins().brif(word, pass_on, &[BlockArg::Value(word)], block, &[]);
        }
    }

    /// Has a helper say at the end of the code what to leave with from this block.
    fn leave_from(&mut self, block: Block, helper: Helper) {
        let unwritten = self.unwritten.iter().map(|slot| (*slot, self.mask(*slot))).collect();
        self.ways_out.push(WayOut { block, helper, pc: self.pc, unwritten });
    }

    fn emit_ways_out(&mut self) {
        for way in std::mem::take(&mut self.ways_out) {
            self.resume_at(way.block);
            for (slot, mask) in way.unwritten {
                self.write_register_of(slot, mask);
            }
            let word = self.call_helper(way.helper, way.pc);
            self.b.ins().return_(&[word]);
        }
    }

    fn op_address(&mut self, pc: usize) -> Value {
        let address = std::ptr::from_ref(&self.f.code[pc]) as i64;
        self.b.ins().iconst(I64, address)
    }

    /// Calls a helper for the op at `pc`; its word.
    fn call_helper(&mut self, helper: Helper, pc: usize) -> Value {
        let op = self.op_address(pc);
        let args = [self.cx, self.base, op];
        self.call(helper as usize, self.signatures.helper, &args)
    }

    fn call(&mut self, address: usize, signature: SigRef, args: &[Value]) -> Value {
        let address = self.b.ins().iconst(I64, address as i64);
        let call = self.b.ins().call_indirect(signature, address, args);
        self.b.inst_results(call)[0]
    }

    /// Has a helper say what to leave with, and leaves.
    fn call_and_return(&mut self, helper: Helper, pc: usize) {
        self.spill();
        let word = self.call_helper(helper, pc);
        self.b.ins().return_(&[word]);
    }

    fn is_local(&self, slot: Slot) -> bool {
        usize::from(slot) < self.f.locals.len()
    }

    fn mask(&self, slot: Slot) -> Mask {
        self.types[usize::from(slot)]
    }
}

//! What is known of the types of slots at each block: sets of tags, by data flow.

use crate::flow::{self, Flow};
use outlast_bytecode::{
    BinOp, CastTo, Function, IncDec, Literal, NO_SLOT, Op, PathRoot, PathStep, Slot, TypeDecl,
    function_flags, type_bits,
};

/// A set of tags: bit n for the variant of `Value` numbered n.
pub type Mask = u16;

pub const UNDEF: Mask = 1;
pub const NULL: Mask = 1 << 1;
pub const BOOL: Mask = 1 << 2;
pub const INT: Mask = 1 << 3;
pub const FLOAT: Mask = 1 << 4;
pub const STR: Mask = 1 << 5;
pub const ARRAY: Mask = 1 << 6;
pub const REF: Mask = 1 << 8;
pub const ANY: Mask = 0x3ff;
/// What needs no counting.
pub const PLAIN: Mask = UNDEF | NULL | BOOL | INT | FLOAT;
/// What a read of anything gives.
const VALUE: Mask = ANY & !(UNDEF | REF);
const NUMBER: Mask = INT | FLOAT;

/// The types of all slots at some place.
pub type Types = Vec<Mask>;

/// The variant of a constant.
pub fn of_literal(literal: &Literal) -> Mask {
    match literal {
        Literal::Null => NULL,
        Literal::Bool(_) => BOOL,
        Literal::Int(_) => INT,
        Literal::Float(_) => FLOAT,
        Literal::Str(_) => STR,
        Literal::Array(_) => ARRAY,
    }
}

/// Of a function, what the transfer of types needs.
pub struct Context<'a> {
    f: &'a Function,
    locals: usize,
    /// Variables are reached by other ways than their slots.
    shared: bool,
}

impl<'a> Context<'a> {
    pub fn new(f: &'a Function) -> Self {
        let shared = f.flags & (function_flags::DYNAMIC_VARS | function_flags::TOP_LEVEL) != 0;
        Context { f, locals: f.locals.len(), shared }
    }

    /// The types when the function is called.
    pub fn at_start(&self) -> Types {
        let mut types = vec![ANY; self.f.slots as usize + 3];
        if self.shared {
            return types;
        }
        for (slot, mask) in types.iter_mut().enumerate().take(self.locals) {
            *mask = match self.f.params.get(slot) {
                Some(p) if p.by_ref || p.variadic => ANY,
                Some(_) => ANY & !REF,
                None => UNDEF,
            };
        }
        for (slot, _) in &self.f.uses {
            types[*slot as usize] = ANY;
        }
        types
    }

    fn is_local(&self, slot: Slot) -> bool {
        usize::from(slot) < self.locals
    }

    /// The slot was written by a value of one of these types.
    fn write(&self, types: &mut Types, slot: Slot, mask: Mask) {
        if slot == NO_SLOT {
            return;
        }
        let held = &mut types[usize::from(slot)];
        if self.shared && self.is_local(slot) {
            return;
        }
        // A reference stays one.
        *held = if self.is_local(slot) && *held & REF != 0 { ANY } else { mask };
    }

    /// The operand was read: a temporary is used up.
    fn consume(&self, types: &mut Types, slot: Slot) {
        if slot != NO_SLOT && !self.is_local(slot) {
            types[usize::from(slot)] = ANY;
        }
    }

    /// Nothing is known of the slot any more.
    fn forget(&self, types: &mut Types, slot: Slot) {
        if slot == NO_SLOT {
            return;
        }
        let at = usize::from(slot);
        types[at] = ANY;
        if !self.is_local(slot) {
            let end = (at + 3).min(types.len());
            types[at + 1..end].fill(ANY);
        }
    }

    /// What adding and the like makes of two types.
    fn sum(&self, a: Mask, b: Mask) -> Mask {
        match (a, b) {
            // Where an integer does not suffice, machine code is left.
            (INT, INT) => INT,
            // Whatever else there is becomes a float too, or is an error.
            (FLOAT, _) | (_, FLOAT) => FLOAT,
            _ if a & ARRAY != 0 && b & ARRAY != 0 => NUMBER | ARRAY,
            _ => NUMBER,
        }
    }

    fn quotient(&self, a: Mask, b: Mask) -> Mask {
        match (a, b) {
            (FLOAT, _) | (_, FLOAT) => FLOAT,
            _ => NUMBER,
        }
    }

    fn binary(&self, op: BinOp, a: Mask, b: Mask) -> Mask {
        match op {
            BinOp::Add => self.sum(a, b),
            BinOp::Sub | BinOp::Mul => self.sum(a & !ARRAY, b & !ARRAY),
            BinOp::Div => self.quotient(a, b),
            BinOp::Mod | BinOp::ShiftLeft | BinOp::ShiftRight => INT,
            BinOp::BitAnd | BinOp::BitOr | BinOp::BitXor if a & b & STR != 0 => INT | STR,
            BinOp::BitAnd | BinOp::BitOr | BinOp::BitXor => INT,
            BinOp::Pow => NUMBER,
            BinOp::Concat => STR,
        }
    }

    /// What the op does to the types, where it is passed without leaving machine code.
    pub fn apply(&self, op: Op, types: &mut Types) {
        let at = |types: &Types, slot: Slot| types[usize::from(slot)];
        let constant = |k: u32| of_literal(&self.f.consts[k as usize]);
        match op {
            Op::Nop {} | Op::Jmp { .. } | Op::EchoConst { .. } | Op::Tick {} => {}
            Op::LoadConst { dst, k } => self.write(types, dst, constant(k)),
            Op::LoadInt { dst, .. } => self.write(types, dst, INT),
            Op::Copy { dst, src } => {
                let mask = self.read(at(types, src));
                self.consume(types, src);
                self.write(types, dst, mask);
            }
            Op::Assign { dst, var, val } => {
                let mask = self.read(at(types, val));
                self.consume(types, val);
                let through = at(types, var) & REF != 0;
                self.write(types, var, mask);
                self.write(types, dst, if through { VALUE } else { mask });
            }
            Op::AssignConst { var, k } => self.write(types, var, constant(k)),
            Op::Free { src } => types[usize::from(src)] = ANY,
            Op::Add { dst, a, b } => self.of_two(types, BinOp::Add, dst, a, b),
            Op::Sub { dst, a, b } => self.of_two(types, BinOp::Sub, dst, a, b),
            Op::Mul { dst, a, b } => self.of_two(types, BinOp::Mul, dst, a, b),
            Op::Div { dst, a, b } => self.of_two(types, BinOp::Div, dst, a, b),
            Op::Binary { dst, a, b, op } => self.of_two(types, op, dst, a, b),
            Op::AddConst { dst, a, k } => self.of_one(types, BinOp::Add, dst, a, constant(k)),
            Op::SubConst { dst, a, k } => self.of_one(types, BinOp::Sub, dst, a, constant(k)),
            Op::MulConst { dst, a, k } => self.of_one(types, BinOp::Mul, dst, a, constant(k)),
            Op::DivConst { dst, a, k } => self.of_one(types, BinOp::Div, dst, a, constant(k)),
            Op::ConstAdd { dst, k, b } => self.of_one(types, BinOp::Add, dst, b, constant(k)),
            Op::ConstSub { dst, k, b } => self.of_one(types, BinOp::Sub, dst, b, constant(k)),
            Op::ConstMul { dst, k, b } => self.of_one(types, BinOp::Mul, dst, b, constant(k)),
            Op::ConstDiv { dst, k, b } => self.of_one(types, BinOp::Div, dst, b, constant(k)),
            Op::BinaryInt { dst, a, op, .. } => self.of_one(types, op, dst, a, INT),
            Op::AddInt { dst, a, .. } => self.of_one(types, BinOp::Add, dst, a, INT),
            Op::SubInt { dst, a, .. } => self.of_one(types, BinOp::Sub, dst, a, INT),
            Op::Concat { dst, a, b } => {
                self.consume(types, a);
                self.consume(types, b);
                self.write(types, dst, STR);
            }
            Op::AssignOp { dst, var, val, op } => {
                let mask = self.binary(op, at(types, var), at(types, val));
                self.consume(types, val);
                self.write(types, var, mask);
                self.write(types, dst, VALUE);
            }
            Op::IncDecLocal { dst, var, kind } => {
                let held = at(types, var);
                let new = match held {
                    INT => INT,
                    FLOAT => FLOAT,
                    _ => VALUE,
                };
                self.write(types, var, new);
                let post = matches!(kind, IncDec::PostInc | IncDec::PostDec);
                self.write(types, dst, if post && new == VALUE { VALUE } else { new });
            }
            Op::Equal { dst, a, b }
            | Op::NotEqual { dst, a, b }
            | Op::Identical { dst, a, b }
            | Op::NotIdentical { dst, a, b }
            | Op::Less { dst, a, b }
            | Op::LessEqual { dst, a, b }
            | Op::Greater { dst, a, b }
            | Op::GreaterEqual { dst, a, b } => {
                self.consume(types, a);
                self.consume(types, b);
                self.write(types, dst, BOOL);
            }
            Op::Not { dst, src } | Op::ToBool { dst, src } => {
                self.consume(types, src);
                self.write(types, dst, BOOL);
            }
            Op::JmpIf { src, .. } | Op::JmpIfNot { src, .. } => self.consume(types, src),
            Op::JmpIfBool { dst, src, .. } | Op::JmpIfNotBool { dst, src, .. } => {
                self.consume(types, src);
                self.write(types, dst, BOOL);
            }
            Op::JmpLess { a, b, .. }
            | Op::JmpNotLess { a, b, .. }
            | Op::JmpLessEqual { a, b, .. }
            | Op::JmpNotLessEqual { a, b, .. }
            | Op::JmpEqual { a, b, .. }
            | Op::JmpNotEqual { a, b, .. }
            | Op::JmpIdentical { a, b, .. }
            | Op::JmpNotIdentical { a, b, .. } => {
                self.consume(types, a);
                self.consume(types, b);
            }
            Op::JmpLessInt { a, .. }
            | Op::JmpNotLessInt { a, .. }
            | Op::JmpLessEqualInt { a, .. }
            | Op::JmpNotLessEqualInt { a, .. }
            | Op::JmpGreaterInt { a, .. }
            | Op::JmpNotGreaterInt { a, .. }
            | Op::JmpGreaterEqualInt { a, .. }
            | Op::JmpNotGreaterEqualInt { a, .. }
            | Op::JmpEqualInt { a, .. }
            | Op::JmpNotEqualInt { a, .. }
            | Op::JmpIdenticalInt { a, .. }
            | Op::JmpNotIdenticalInt { a, .. } => self.consume(types, a),
            Op::Cast { dst, src, to } => {
                self.consume(types, src);
                let mask = match to {
                    CastTo::Int => INT,
                    CastTo::Float => FLOAT,
                    CastTo::String => STR,
                    CastTo::Bool => BOOL,
                    _ => VALUE,
                };
                self.write(types, dst, mask);
            }
            Op::Switch { .. } => {}
            Op::BitNot { dst, src } => {
                let mask = if at(types, src) == INT { INT } else { VALUE };
                self.consume(types, src);
                self.write(types, dst, mask);
            }
            Op::FetchDim { dst, base, key } => {
                self.consume(types, base);
                self.consume(types, key);
                self.write(types, dst, VALUE);
            }
            Op::FetchDimConst { dst, base, .. } => {
                self.consume(types, base);
                self.write(types, dst, VALUE);
            }
            Op::FetchDimQuiet { dst, base, key } => {
                self.consume(types, base);
                self.consume(types, key);
                self.write(types, dst, VALUE);
            }
            Op::IssetDim { dst, base, key } => {
                self.consume(types, base);
                self.consume(types, key);
                self.write(types, dst, BOOL);
            }
            Op::AssignDim { dst, base, key, val } => {
                self.consume(types, key);
                self.consume(types, val);
                self.forget(types, base);
                self.write(types, dst, VALUE);
            }
            Op::AppendDim { dst, base, val } => {
                self.consume(types, val);
                self.forget(types, base);
                self.write(types, dst, VALUE);
            }
            Op::FetchProp { dst, obj, .. } => {
                self.consume(types, obj);
                self.write(types, dst, VALUE);
            }
            Op::FetchThisProp { dst, .. } => self.write(types, dst, VALUE),
            Op::AssignProp { obj, val, .. } => {
                self.consume(types, obj);
                self.consume(types, val);
            }
            Op::AssignThisProp { val, .. } => self.consume(types, val),
            Op::LoadThis { dst } | Op::FetchConst { dst, .. } | Op::FetchConstNs { dst, .. } => {
                self.write(types, dst, VALUE);
            }
            Op::InitFn { .. }
            | Op::InitFnNs { .. }
            | Op::InitThisMethod { .. }
            | Op::SendConst { .. } => {}
            Op::InitMethod { obj, .. } => self.consume(types, obj),
            Op::SendVal { src, .. } | Op::SendResult { src, .. } => self.consume(types, src),
            Op::SendVar { var, .. } => {
                // Where a number is passed by reference, machine code is left.
                let held = &mut types[usize::from(var)];
                if *held & !NUMBER != 0 {
                    *held = ANY;
                }
            }
            Op::CallKnown { dst, src, known, .. } => {
                self.consume(types, src);
                let mask = crate::emit::known::result(known).unwrap_or(VALUE);
                self.write(types, dst, mask);
            }
            Op::DoCall { dst } => {
                if dst != NO_SLOT {
                    types[usize::from(dst)] = ANY;
                }
            }
            Op::CheckParam { n, .. } => {
                let param = &self.f.params[usize::from(n)];
                if let (Some(ty), false) = (&param.ty, param.variadic || param.by_ref)
                    && let Some(mask) = whole(ty)
                    && types[usize::from(n)] & REF == 0
                {
                    types[usize::from(n)] = mask;
                }
            }
            Op::CheckReturn { src, tags, .. } => {
                let held = at(types, src);
                if held & !tags != 0 {
                    let declared = self.f.return_type.as_ref().and_then(whole);
                    types[usize::from(src)] = match declared {
                        Some(mask) if held & REF == 0 => mask,
                        _ => ANY,
                    };
                }
            }
            // At the end nothing is written.
            Op::IterNext { iter, val, .. } => {
                self.forget_iterator(types, iter);
                self.write(types, val, VALUE | at(types, val));
            }
            Op::IterNextKey { iter, val, key, .. } => {
                self.forget_iterator(types, iter);
                self.forget(types, key);
                self.write(types, val, VALUE | at(types, val));
            }
            Op::PathAssign { dst, path, val } | Op::PathBindRef { dst, path, src: val } => {
                self.consume(types, val);
                self.forget_path(types, path);
                self.forget(types, dst);
            }
            Op::PathAssignOp { dst, path, val, .. } => {
                self.consume(types, val);
                self.forget_path(types, path);
                self.forget(types, dst);
            }
            Op::PathIncDec { dst, path, .. } | Op::PathRef { dst, path } => {
                self.forget_path(types, path);
                self.forget(types, dst);
            }
            Op::PathUnset { path } => self.forget_path(types, path),
            Op::ConcatN { dst, first, count } => {
                let first = usize::from(first);
                types[first..first + usize::from(count)].fill(ANY);
                self.write(types, dst, STR);
            }
            op => {
                let mut copy = op;
                copy.map_slots(|slot| {
                    self.forget(types, slot);
                    slot
                });
                for class in &self.f.class_refs {
                    if let outlast_bytecode::ClassRef::Dynamic(slot) = class {
                        self.forget(types, *slot);
                    }
                }
            }
        }
    }

    /// What an operand of these types gives: undefined variables read as null.
    fn read(&self, mask: Mask) -> Mask {
        if mask & REF != 0 {
            return VALUE;
        }
        if mask & UNDEF != 0 { mask & !UNDEF | NULL } else { mask }
    }

    fn of_two(&self, types: &mut Types, op: BinOp, dst: Slot, a: Slot, b: Slot) {
        let mask = self.binary(op, types[usize::from(a)], types[usize::from(b)]);
        self.consume(types, a);
        self.consume(types, b);
        self.write(types, dst, mask);
    }

    fn of_one(&self, types: &mut Types, op: BinOp, dst: Slot, a: Slot, other: Mask) {
        let mask = self.binary(op, types[usize::from(a)], other);
        self.consume(types, a);
        self.write(types, dst, mask);
    }

    fn forget_iterator(&self, types: &mut Types, iter: Slot) {
        let at = usize::from(iter);
        types[at..(at + 3).min(self.f.slots as usize + 3)].fill(ANY);
    }

    fn forget_path(&self, types: &mut Types, path: u16) {
        let path = &self.f.paths[usize::from(path)];
        match path.root {
            PathRoot::Local(slot)
            | PathRoot::Temp(slot)
            | PathRoot::VarVar(slot)
            | PathRoot::StaticPropDyn { name: slot, .. } => self.forget(types, slot),
            PathRoot::This | PathRoot::Globals | PathRoot::StaticProp { .. } => {}
        }
        for step in &path.steps {
            if let PathStep::Dim(slot) | PathStep::PropDyn(slot) = step {
                self.consume(types, *slot);
            }
        }
    }
}

/// The types of values, where a declared type is of those alone that need no look at the value.
fn whole(ty: &TypeDecl) -> Option<Mask> {
    let TypeDecl::Union(union) = ty else { return None };
    let simple = type_bits::NULL
        | type_bits::BOOL
        | type_bits::INT
        | type_bits::FLOAT
        | type_bits::STRING
        | type_bits::ARRAY;
    if union.bits & !simple != 0 || !union.classes.is_empty() || !union.intersections.is_empty() {
        return None;
    }
    let half = union.bits & type_bits::BOOL;
    Some(ty.tags() | if half != 0 { BOOL } else { 0 })
}

/// The types at the start of each block, by its first op.
pub fn infer(f: &Function, flow: &Flow, context: &Context<'_>) -> Vec<Option<Types>> {
    let mut at: Vec<Option<Types>> = vec![None; f.code.len() + 1];
    at[0] = Some(context.at_start());
    let mut open = vec![0usize];
    while let Some(start) = open.pop() {
        let Some(mut types) = at[start].clone() else { continue };
        let mut pc = start;
        loop {
            let exits = flow::exits(f, pc);
            context.apply(f.code[pc], &mut types);
            let next = exits.falls.then_some(pc as u32 + 1);
            for t in exits.targets.iter().copied().chain(next) {
                let t = t as usize;
                if t < f.code.len() && flow.leader[t] && join(&mut at[t], &types) {
                    open.push(t);
                }
            }
            pc += 1;
            if !exits.falls || pc >= f.code.len() || flow.leader[pc] {
                break;
            }
        }
    }
    at
}

/// Adds what else may be there; whether that is new.
fn join(at: &mut Option<Types>, types: &Types) -> bool {
    let Some(held) = at else {
        *at = Some(types.clone());
        return true;
    };
    let mut changed = false;
    for (held, new) in held.iter_mut().zip(types) {
        changed |= *held | new != *held;
        *held |= new;
    }
    changed
}

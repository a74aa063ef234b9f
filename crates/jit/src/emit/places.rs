//! Elements of lists and properties of objects, without a call.
//!
//! Each of these walks from a variable, `$this` or a temporary to a place in memory, and leaves for a
//! helper wherever anything is not plain: a shared array that is to be written, a hashed one, a hole,
//! a property that is not in its cache.

use super::values::Number;
use super::{Emitter, TAG_FLOAT, TAG_INT, TAG_STR};
use crate::types::{ARRAY, FLOAT, INT, PLAIN, REF, UNDEF};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::immediates::Offset32;
use cranelift_codegen::ir::types::{F64, I8, I16, I32, I64};
use cranelift_codegen::ir::{Block, InstBuilder, MemFlagsData, Type, Value};
use outlast_bytecode::{BinOp, IncDec, Literal, NO_CACHE, NO_SLOT, Op, PathRoot, PathStep, Slot};
use outlast_value::layout;
use outlast_vm::machine::helpers::Helper;
use outlast_vm::machine::layout::{INITIABLE, UNUSUAL, cache};
use outlast_vm::machine::places;

const TAG_ARRAY: i64 = 6;
const TAG_OBJECT: i64 = 7;
const TAG_REF: i64 = 8;

/// The key of an element.
#[derive(Clone, Copy)]
enum Key {
    Slot(Slot),
    Int(i64),
}

/// Where a walk begins.
#[derive(Clone, Copy)]
enum Root {
    Slot(Slot),
    This,
}

/// One step of a walk.
#[derive(Clone, Copy)]
enum Step {
    Element(Key),
    /// The property in this cache.
    Property(u16),
}

/// What is known of a property walked to: its object, the variants it may be given, its cache.
#[derive(Clone, Copy)]
struct Property {
    object: Value,
    tags: Value,
    entry: Value,
}

/// `$this` has properties; it is no list.
fn leads_somewhere(root: Root, steps: &[Step]) -> bool {
    matches!(
        (root, steps.first()),
        (Root::Slot(_), Some(_)) | (Root::This, Some(Step::Property(_)))
    )
}

impl Emitter<'_> {
    /// Emits a read or write of a place; how many ops that did, if any.
    pub(super) fn place_op(&mut self, op: Op) -> Option<usize> {
        if let Some(done) = self.fetch(op) {
            return Some(done);
        }
        let emitted = match op {
            Op::AssignDim { dst: NO_SLOT, base, key, val } => {
                self.is_int_key(key)
                    && self.may_be_list(base)
                    && self.assign(
                        Root::Slot(base),
                        &[Step::Element(Key::Slot(key))],
                        val,
                        places::assign_dim,
                    )
            }
            Op::AssignProp { obj, val, cache, .. } if self.is_local(obj) => {
                self.assign(Root::Slot(obj), &[Step::Property(cache)], val, places::assign_prop)
            }
            Op::AssignThisProp { val, cache, .. } => {
                self.assign(Root::This, &[Step::Property(cache)], val, places::assign_prop)
            }
            Op::PathAssign { dst: NO_SLOT, path, val } => match self.walk_of(path) {
                Some((root, steps)) => self.assign(root, &steps, val, places::path),
                None => false,
            },
            Op::PathIncDec { dst: NO_SLOT, path, kind } => match self.walk_of(path) {
                Some((root, steps)) => self.inc_dec_place(root, &steps, kind),
                None => false,
            },
            Op::PathAssignOp { dst: NO_SLOT, path, val, op } => match self.walk_of(path) {
                Some((root, steps)) => self.assign_op(root, &steps, val, op),
                None => false,
            },
            _ => false,
        };
        emitted.then_some(1)
    }

    fn is_int_key(&self, key: Slot) -> bool {
        self.mask(key) & INT != 0
    }

    fn may_be_list(&self, base: Slot) -> bool {
        self.mask(base) & (ARRAY | REF) != 0
    }

    /// A write path as a walk, if all its steps are.
    fn walk_of(&self, path: u16) -> Option<(Root, Vec<Step>)> {
        let path = &self.f.paths[usize::from(path)];
        let root = match path.root {
            PathRoot::Local(slot) => Root::Slot(slot),
            PathRoot::This => Root::This,
            _ => return None,
        };
        let step = |step: &PathStep| match *step {
            PathStep::Dim(slot) if self.is_int_key(slot) => Some(Step::Element(Key::Slot(slot))),
            PathStep::DimConst(k) => match self.f.consts[k as usize] {
                Literal::Int(i) => Some(Step::Element(Key::Int(i))),
                _ => None,
            },
            PathStep::Prop { cache, .. } if cache != NO_CACHE => Some(Step::Property(cache)),
            _ => None,
        };
        let steps: Option<Vec<Step>> = path.steps.iter().map(step).collect();
        Some((root, steps?)).filter(|(_, steps)| steps.len() <= 4)
    }

    pub(super) fn load(&mut self, ty: Type, from: Value, at: usize) -> Value {
        self.b.ins().load(ty, MemFlagsData::trusted(), from, Offset32::new(at as i32))
    }

    pub(super) fn go_on_if(&mut self, right: Value, otherwise: Block) {
        let next = self.b.create_block();
        self.b.ins().brif(right, next, &[], otherwise, &[]);
        self.resume_at(next);
    }

    fn go_on_if_tag(&mut self, tag: Value, wanted: i64, otherwise: Block) {
        let right = self.b.ins().icmp_imm(IntCC::Equal, tag, wanted);
        self.go_on_if(right, otherwise);
    }

    /// Where the value of a slot is: behind the reference, if it holds one.
    pub(super) fn place_of_slot(&mut self, slot: Slot) -> Value {
        let here = self.b.ins().iadd_imm(self.base, i64::from(slot) * 16);
        if self.mask(slot) & REF == 0 {
            return here;
        }
        let tag = self.load_tag(slot);
        let payload = self.load_payload(slot, I64);
        let behind = self.b.ins().iadd_imm(payload, layout::REFERENCE_VALUE as i64);
        let is_ref = self.b.ins().icmp_imm(IntCC::Equal, tag, TAG_REF);
        self.b.ins().select(is_ref, behind, here)
    }

    fn key_value(&mut self, key: Key, slow: Block) -> Value {
        match key {
            Key::Int(i) => self.b.ins().iconst(I64, i),
            Key::Slot(slot) => match self.number(slot) {
                Some(Number::Int(v)) => v,
                _ => {
                    let tag = self.load_tag(slot);
                    self.go_on_if_tag(tag, TAG_INT, slow);
                    self.load_payload(slot, I64)
                }
            },
        }
    }

    /// The place of an element of the list at a place. One that is to be written must have no other
    /// owner.
    fn element(&mut self, place: Value, key: Key, written: bool, slow: Block) -> Value {
        let tag = self.load(I8, place, 0);
        self.go_on_if_tag(tag, TAG_ARRAY, slow);
        let key = self.key_value(key, slow);
        let array = self.load(I64, place, 8);
        if written {
            let owners = self.load(I32, array, 0);
            self.go_on_if_tag(owners, 1, slow);
        }
        let mask = self.load(I32, array, layout::ARRAY_MASK);
        self.go_on_if_tag(mask, 0, slow);
        let used = self.load(I32, array, layout::ARRAY_USED);
        let used = self.b.ins().uextend(I64, used);
        let within = self.b.ins().icmp(IntCC::UnsignedLessThan, key, used);
        self.go_on_if(within, slow);
        let data = self.load(I64, array, layout::ARRAY_DATA);
        let offset = self.b.ins().ishl_imm(key, 4);
        self.b.ins().iadd(data, offset)
    }

    /// Walks to a place, which may be a property.
    fn walk(
        &mut self,
        root: Root,
        steps: &[Step],
        written: bool,
        slow: Block,
    ) -> (Value, Option<Property>) {
        let mut property: Option<Property> = None;
        let mut place = None;
        let mut object = None;
        match root {
            Root::This => object = Some(self.this(slow)),
            Root::Slot(slot) => place = Some(self.place_of_slot(slot)),
        }
        for (at, step) in steps.iter().enumerate() {
            property = None;
            place = Some(match (*step, place) {
                (Step::Element(key), Some(place)) => self.element(place, key, written, slow),
                (Step::Element(_), None) => unreachable!("an object is no list"),
                (Step::Property(number), _) => {
                    let object = match (object.take(), place) {
                        (Some(object), _) => object,
                        (None, Some(place)) => {
                            let tag = self.load(I8, place, 0);
                            self.go_on_if_tag(tag, TAG_OBJECT, slow);
                            self.load(I64, place, 8)
                        }
                        (None, None) => unreachable!("a walk begins somewhere"),
                    };
                    let (place, tags, entry) = self.cached_property(number, object, slow);
                    property = Some(Property { object, tags, entry });
                    place
                }
            });
            if at + 1 < steps.len()
                && written
                && let Some(Property { tags: allowed, .. }) = property
            {
                // To be written below, the property itself has to be writable.
                let writable = self.b.ins().band_imm(allowed, i64::from(places::WRITABLE));
                self.go_on_if(writable, slow);
            }
        }
        (place.expect("a walk has a step"), property)
    }

    /// Reads `$a[1]`, `$this->a[$i]`, `$a[$i][$j]` and the like: as many ops as read into a temporary
    /// that the next one reads from.
    fn fetch(&mut self, op: Op) -> Option<usize> {
        let (root, mut steps, mut dst) = self.fetched(op)?;
        let mut ops = 1;
        while !self.is_local(dst)
            && self.pc + ops < self.f.code.len()
            && !self.flow.leader[self.pc + ops]
            && steps.len() < 4
        {
            match self.fetched(self.f.code[self.pc + ops]) {
                Some((Root::Slot(from), more, to)) if from == dst => {
                    steps.extend(more);
                    dst = to;
                    ops += 1;
                }
                _ => break,
            }
        }
        let begins_in_temporary = matches!(root, Root::Slot(slot) if !self.is_local(slot));
        if begins_in_temporary || !self.can_set(dst) {
            return None;
        }
        if steps.iter().any(|s| matches!(s, Step::Element(Key::Slot(k)) if !self.is_int_key(*k))) {
            return None;
        }
        let (done, slow) = (self.b.create_block(), self.cold_block());
        let (place, ..) = self.walk(root, &steps, false, slow);
        let tag = self.load(I8, place, 0);
        let odd = self.tag_in(tag, UNDEF | REF);
        self.go_on_unless(odd, slow);
        let payload = self.load(I64, place, 8);
        self.retain(tag, payload);
        self.release_old(dst);
        self.store_tag_value(dst, tag);
        self.store_payload(dst, payload);
        self.b.ins().jump(done, &[]);
        self.resume_at(slow);
        self.spill();
        for pc in self.pc..self.pc + ops {
            let helper = match self.f.code[pc] {
                Op::FetchProp { .. } => places::fetch_prop,
                Op::FetchThisProp { .. } => places::fetch_this_prop,
                _ => places::fetch_dim as Helper,
            };
            let word = self.call_helper(helper, pc);
            self.go_on(word);
        }
        self.b.ins().jump(done, &[]);
        self.resume_at(done);
        Some(ops)
    }

    /// An op that reads a place, as a walk.
    fn fetched(&self, op: Op) -> Option<(Root, Vec<Step>, Slot)> {
        match op {
            Op::FetchDim { dst, base, key } => {
                Some((Root::Slot(base), vec![Step::Element(Key::Slot(key))], dst))
            }
            Op::FetchDimConst { dst, base, key } => match self.f.consts[key as usize] {
                Literal::Int(i) => Some((Root::Slot(base), vec![Step::Element(Key::Int(i))], dst)),
                _ => None,
            },
            Op::FetchProp { dst, obj, cache, .. } if cache != NO_CACHE => {
                Some((Root::Slot(obj), vec![Step::Property(cache)], dst))
            }
            Op::FetchThisProp { dst, cache, .. } if cache != NO_CACHE => {
                Some((Root::This, vec![Step::Property(cache)], dst))
            }
            _ => None,
        }
    }

    /// Writes a value to a place whose old value needs no dropping.
    fn assign(&mut self, root: Root, steps: &[Step], val: Slot, helper: Helper) -> bool {
        let counted = self.mask(val) & !PLAIN != 0;
        if !leads_somewhere(root, steps) {
            return false;
        }
        if steps.iter().any(|s| matches!(s, Step::Property(NO_CACHE))) {
            return false;
        }
        let (done, slow) = (self.b.create_block(), self.cold_block());
        let (place, property) = self.walk(root, steps, true, slow);
        let held = self.load(I8, place, 0);
        let old = self.b.ins().icmp_imm(IntCC::UnsignedGreaterThanOrEqual, held, TAG_STR);
        self.go_on_unless(old, slow);
        let nothing = self.b.ins().icmp_imm(IntCC::Equal, held, 0);
        match property {
            Some(property) => self.go_on_if_initiable(nothing, property, slow),
            None => self.go_on_unless(nothing, slow),
        }
        let (tag, payload) = match self.number(val) {
            Some(Number::Int(v)) => (self.b.ins().iconst(I8, TAG_INT), v),
            Some(Number::Float(v)) => (self.b.ins().iconst(I8, TAG_FLOAT), v),
            None => {
                let tag = self.load_tag(val);
                // An array may be the one that is written to.
                let odd = UNDEF | REF | if counted { ARRAY } else { 0 };
                if self.mask(val) & odd != 0 {
                    let odd = self.tag_in(tag, odd);
                    self.go_on_unless(odd, slow);
                }
                (tag, self.load_payload(val, I64))
            }
        };
        match property {
            Some(property) if counted => self.go_on_if_right(property, tag, payload, slow),
            Some(Property { tags, .. }) => self.go_on_if_allowed(tags, tag, slow),
            None => {}
        }
        if counted {
            if self.is_local(val) {
                self.retain(tag, payload);
            } else {
                self.store_tag(val, 0);
            }
        }
        self.store_value(place, tag, payload);
        self.b.ins().jump(done, &[]);
        self.finish_with(helper, done, slow);
        true
    }

    /// A property that holds nothing may be given a value if its cache says so, and the object is not
    /// unusual.
    fn go_on_if_initiable(&mut self, nothing: Value, property: Property, slow: Block) {
        let Property { tags, object, .. } = property;
        let (empty, fine) = (self.b.create_block(), self.b.create_block());
        self.b.ins().brif(nothing, empty, &[], fine, &[]);
        self.resume_at(empty);
        let initiable = self.b.ins().band_imm(tags, i64::from(INITIABLE));
        self.go_on_if(initiable, slow);
        let flags = self.load(I32, object, layout::OBJECT_FLAGS);
        let unusual = self.b.ins().band_imm(flags, i64::from(UNUSUAL));
        self.b.ins().brif(unusual, slow, &[], fine, &[]);
        self.resume_at(fine);
    }

    /// The value is of a variant that the property may be given, or an object of the class that was
    /// seen to be of its type.
    fn go_on_if_right(&mut self, property: Property, tag: Value, payload: Value, slow: Block) {
        let tags = self.b.ins().uextend(I32, property.tags);
        let bit = self.b.ins().ushr(tags, tag);
        let allowed = self.b.ins().band_imm(bit, 1);
        let (object, fine) = (self.b.create_block(), self.b.create_block());
        self.b.ins().brif(allowed, fine, &[], object, &[]);
        self.resume_at(object);
        self.go_on_if_tag(tag, TAG_OBJECT, slow);
        let class = self.load(I64, payload, layout::OBJECT_CLASS);
        let fits = self.load(I64, property.entry, cache::PROP_FITS);
        let right = self.b.ins().icmp(IntCC::Equal, class, fits);
        self.b.ins().brif(right, fine, &[], slow, &[]);
        self.resume_at(fine);
    }

    fn go_on_if_allowed(&mut self, tags: Value, tag: Value, slow: Block) {
        let tags = self.b.ins().uextend(I32, tags);
        let bit = self.b.ins().ushr(tags, tag);
        let allowed = self.b.ins().band_imm(bit, 1);
        self.go_on_if(allowed, slow);
    }

    pub(super) fn store_value(&mut self, place: Value, tag: Value, payload: Value) {
        let flags = MemFlagsData::trusted();
        self.b.ins().store(flags, tag, place, Offset32::new(0));
        self.b.ins().store(flags, payload, place, Offset32::new(8));
    }

    /// Adds to a number at a place, and the like.
    fn assign_op(&mut self, root: Root, steps: &[Step], val: Slot, op: BinOp) -> bool {
        if !matches!(op, BinOp::Add | BinOp::Sub | BinOp::Mul)
            || self.mask(val) & (INT | FLOAT) == 0
            || !leads_somewhere(root, steps)
        {
            return false;
        }
        let (done, slow) = (self.b.create_block(), self.cold_block());
        let (place, property) = self.walk(root, steps, true, slow);
        let held = self.load(I8, place, 0);
        if let Some(Property { tags, .. }) = property {
            // The result is of the type that is there.
            self.go_on_if_allowed(tags, held, slow);
        }
        let (floats, ints) = (self.b.create_block(), self.b.create_block());
        let is_float = self.b.ins().icmp_imm(IntCC::Equal, held, TAG_FLOAT);
        self.b.ins().brif(is_float, floats, &[], ints, &[]);
        self.resume_at(ints);
        if self.mask(val) & INT != 0 {
            self.go_on_if_tag(held, TAG_INT, slow);
            let y = self.key_value(Key::Slot(val), slow);
            let x = self.load(I64, place, 8);
            let v = self.int_result(op, x, y, slow).expect("an operator on integers");
            self.b.ins().store(MemFlagsData::trusted(), v, place, Offset32::new(8));
            self.b.ins().jump(done, &[]);
        } else {
            self.b.ins().jump(slow, &[]);
        }
        self.resume_at(floats);
        let y = match self.number(val) {
            Some(number) => self.float_of(number),
            None => {
                let tag = self.load_tag(val);
                self.go_on_if_tag(tag, TAG_FLOAT, slow);
                self.load_payload(val, F64)
            }
        };
        let x = self.load(F64, place, 8);
        let v = self.of_floats(op, x, y);
        self.b.ins().store(MemFlagsData::trusted(), v, place, Offset32::new(8));
        self.b.ins().jump(done, &[]);
        self.finish_with(places::path, done, slow);
        true
    }

    /// `++` and `--` of an integer at a place.
    fn inc_dec_place(&mut self, root: Root, steps: &[Step], kind: IncDec) -> bool {
        if !leads_somewhere(root, steps) {
            return false;
        }
        let by = if matches!(kind, IncDec::PreInc | IncDec::PostInc) { 1 } else { -1 };
        let (done, slow) = (self.b.create_block(), self.cold_block());
        let (place, property) = self.walk(root, steps, true, slow);
        let held = self.load(I8, place, 0);
        self.go_on_if_tag(held, TAG_INT, slow);
        if let Some(Property { tags, .. }) = property {
            self.go_on_if_allowed(tags, held, slow);
        }
        let old = self.load(I64, place, 8);
        let by = self.b.ins().iconst(I64, by);
        let new = self.int_result(BinOp::Add, old, by, slow).expect("an addition");
        self.b.ins().store(MemFlagsData::trusted(), new, place, Offset32::new(8));
        self.b.ins().jump(done, &[]);
        self.finish_with(places::path, done, slow);
        true
    }

    /// The slow way by a helper.
    pub(super) fn finish_with(&mut self, helper: Helper, done: Block, slow: Block) {
        self.resume_at(slow);
        self.spill();
        let word = self.call_helper(helper, self.pc);
        self.go_on(word);
        self.b.ins().jump(done, &[]);
        self.resume_at(done);
    }

    /// The slot of a property of an object, by its cache; the variants it may be given; the cache.
    fn cached_property(
        &mut self,
        number: u16,
        object: Value,
        slow: Block,
    ) -> (Value, Value, Value) {
        let entry = self.cache(number, cache::PROP, slow);
        let class = self.load(I64, object, layout::OBJECT_CLASS);
        let wanted = self.load(I64, entry, cache::PROP_CLASS);
        let right = self.b.ins().icmp(IntCC::Equal, class, wanted);
        self.go_on_if(right, slow);
        let slot = self.load(I32, entry, cache::PROP_SLOT);
        let tags = self.load(I16, entry, cache::PROP_TAGS);
        let slot = self.b.ins().uextend(I64, slot);
        let offset = self.b.ins().ishl_imm(slot, 4);
        let slots = self.b.ins().iadd_imm(object, layout::OBJECT_SLOTS as i64);
        (self.b.ins().iadd(slots, offset), tags, entry)
    }
}

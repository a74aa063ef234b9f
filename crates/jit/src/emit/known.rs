//! Calls of functions that the VM knows, of what is usual for them.

use super::values::Number;
use super::{Emitter, TAG_STR};
use crate::types::{ARRAY, BOOL, FLOAT, INT, Mask, NULL, REF, STR, UNDEF};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I8, I32, I64};
use cranelift_codegen::ir::{Block, InstBuilder, Value};
use outlast_bytecode::{Known, Op, Slot};
use outlast_value::layout as values;
use outlast_vm::machine::{layout, places};

/// What a known function gives, whatever it is called with.
pub fn result(known: Known) -> Option<Mask> {
    match known {
        Known::IsArray
        | Known::IsBool
        | Known::IsFloat
        | Known::IsInt
        | Known::IsNull
        | Known::IsObject
        | Known::IsString => Some(BOOL),
        Known::Count | Known::Intval | Known::Ord | Known::Strlen => Some(INT),
        Known::Sqrt => Some(FLOAT),
        Known::Chr => Some(STR),
        Known::Abs => None,
    }
}

impl Emitter<'_> {
    /// Emits a call of a known function with a variable or a number; whether the op is one.
    pub(super) fn known_op(&mut self, op: Op) -> bool {
        let Op::CallKnown { dst, src, known, .. } = op else { return false };
        let number = self.number(src);
        if number.is_none() && !self.is_local(src) {
            return false;
        }
        let (done, slow) = (self.b.create_block(), self.cold_block());
        let result = match (known, number) {
            (Known::Sqrt, Some(number)) => {
                let x = self.float_of(number);
                Some(Number::Float(self.b.ins().sqrt(x)))
            }
            (Known::Strlen | Known::Count | Known::Ord, None) => {
                let Some(v) = self.length(known, src, slow) else { return false };
                Some(Number::Int(v))
            }
            (known, None) => {
                let Some(mask) = asked(known) else { return false };
                let tag = self.tag_of(src);
                if self.mask(src) & UNDEF != 0 {
                    self.go_on_if(tag, slow);
                }
                let is = self.tag_in(tag, mask);
                let is = self.b.ins().icmp_imm(IntCC::NotEqual, is, 0);
                self.store_bool(dst, is);
                None
            }
            _ => return false,
        };
        // A function that is disabled may be the script's own.
        let usual = self.load(I8, self.cx, layout::ALL_FUNCTIONS);
        self.go_on_if(usual, slow);
        let register = result.map(|number| match number {
            Number::Int(v) => {
                self.b.def_var(self.ints[usize::from(dst)], v);
                INT
            }
            Number::Float(v) => {
                self.b.def_var(self.floats[usize::from(dst)], v);
                FLOAT
            }
        });
        if let Some(number) = result {
            self.store_number(dst, number);
        }
        self.b.ins().jump(done, &[]);
        self.finish_known(dst, register, (done, slow));
        true
    }

    fn finish_known(&mut self, dst: Slot, register: Option<Mask>, (done, slow): (Block, Block)) {
        self.resume_at(slow);
        self.spill();
        let word = self.call_helper(places::call_known, self.pc);
        self.go_on(word);
        if let Some(mask) = register {
            self.load_register(dst, mask);
            self.defined.insert(dst);
        }
        self.b.ins().jump(done, &[]);
        self.resume_at(done);
    }

    /// The length of a string or array in a variable, or a string's first byte.
    fn length(&mut self, known: Known, src: Slot, slow: Block) -> Option<Value> {
        let (wanted, at) = match known {
            Known::Count => (ARRAY, values::ARRAY_LEN),
            _ => (STR, values::STRING_LEN),
        };
        if self.mask(src) & (wanted | REF) == 0 {
            return None;
        }
        let tag = self.tag_of(src);
        let right = self.tag_in(tag, wanted);
        self.go_on_if(right, slow);
        let held = self.payload_of(src, I64);
        let len = match known {
            Known::Count => {
                let len = self.load(I32, held, at);
                self.b.ins().uextend(I64, len)
            }
            _ => self.load(I64, held, at),
        };
        if known != Known::Ord {
            return Some(len);
        }
        self.go_on_if(len, slow);
        let byte = self.load(I8, held, values::STRING_BYTES);
        Some(self.b.ins().uextend(I64, byte))
    }
}

/// The variants that a function asks for.
fn asked(known: Known) -> Option<Mask> {
    const OBJECT: Mask = 1 << 7;
    const _: () = assert!(TAG_STR == 5);
    Some(match known {
        Known::IsArray => ARRAY,
        Known::IsBool => BOOL,
        Known::IsFloat => FLOAT,
        Known::IsInt => INT,
        Known::IsNull => NULL,
        Known::IsObject => OBJECT,
        Known::IsString => STR,
        _ => return None,
    })
}

//! Frames: one call each.

use crate::class::ClassRef;
use crate::function::{Code, FuncRef};
use crate::stack::Mark;
use outlast_bytecode::{Op, Slot};
use outlast_value::{Key, Object, PhpString, Reference, Value};
use rustc_hash::FxHashMap;

/// Flags of a frame.
pub mod frame_flags {
    /// The interpreter loop returns to native code when this frame ends.
    pub const BOUNDARY: u16 = 1;
    /// A constructor call from `new`: the return value is dropped.
    pub const CONSTRUCTOR: u16 = 2;
    /// Takes its arguments from a list.
    pub const ARG_LIST: u16 = 4;
    /// Runs a generator: its slots live in the generator.
    pub const GENERATOR: u16 = 8;
    /// Top-level code in the global scope.
    pub const GLOBAL_SCOPE: u16 = 16;
    /// Top-level code of a file included from a function: variables are those of that frame.
    pub const INCLUDED: u16 = 32;
    /// Arguments go nowhere: `new` of a class without a constructor.
    pub const NO_CALLEE: u16 = 64;
    /// Call of `__call`/`__callStatic`: arguments are packed into an array.
    pub const TRAMPOLINE: u16 = 128;
    /// A frame of native code.
    pub const NATIVE: u16 = 256;
    /// Called by native code (no line of its own in a backtrace).
    pub const FROM_NATIVE: u16 = 512;
    /// `eval`
    pub const EVAL: u16 = 1024;
    /// include/require: which word backtraces show.
    pub const INCLUDE: u16 = 2048;
    /// PHP code, called with as many arguments as it takes and nothing else to prepare.
    pub const PLAIN: u16 = 4096;
    /// A constant of a class, computed for something else than code that fetches it: PHP shows
    /// such a call in backtraces.
    pub const CONSTANT: u16 = 8192;
    /// Called through a callable value by PHP code.
    pub const DYNAMIC: u16 = 16384;
    /// Takes all its arguments by value.
    pub const BY_VALUE: u16 = 32768;
}

/// A call that is pending or running.
pub struct Frame {
    pub func: FuncRef,
    /// First slot.
    pub base: *mut Value,
    /// Slots from `base`.
    pub slots: u32,
    /// Next op to run (while a call is made: the op behind the call); null in native code.
    pub ip: *const Op,
    /// The function's code, constants and caches; null in native code.
    pub code: *const Code,
    pub this: Option<Object>,
    /// `static::`
    pub static_class: Option<ClassRef>,
    /// Arguments passed.
    pub argc: u32,
    /// Where the caller wants the result.
    pub ret: Slot,
    pub flags: u16,
    /// Index of the frame that runs when this one ends.
    pub caller: u32,
    pub mark: Mark,
    /// Keeps the closure alive while it runs.
    pub closure: Option<Object>,
    /// What few calls need.
    pub extra: Option<Box<FrameExtra>>,
}

/// Where a call stands that native code makes in the name of some PHP code.
#[derive(Clone)]
pub struct CallSite {
    pub file: PhpString,
    pub line: u32,
    /// Arguments are not converted there.
    pub strict: bool,
}

/// The parts of a frame that few calls have.
#[derive(Default)]
pub struct FrameExtra {
    /// Arguments beyond the parameters, or all of them while they are collected in a list.
    pub args: Vec<Value>,
    /// Named arguments of a call with an argument list.
    pub named: Vec<(PhpString, Value)>,
    /// Extra named arguments collected by a variadic parameter.
    pub extra_named: Vec<(PhpString, Value)>,
    /// Variables that have no slot.
    pub symbols: FxHashMap<PhpString, Reference>,
    /// The generator this frame belongs to.
    pub generator: Option<Object>,
    /// Name called through `__call`.
    pub trampoline: Option<PhpString>,
    /// Frame whose variables included code shares.
    pub scope_frame: Option<u32>,
    /// Where the call stands, if not in the code of the caller.
    pub site: Option<CallSite>,
    /// error_reporting levels saved by `@`.
    pub include_path: Option<PhpString>,
}

impl Frame {
    #[inline]
    pub fn has(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }
    /// Visits what the frame holds besides its slots, for the cycle collector.
    pub(crate) fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        let mut object = |o: &Option<Object>| {
            if let Some(o) = o {
                visit(&Value::Object(o.clone()));
            }
        };
        object(&self.this);
        object(&self.closure);
        let Some(extra) = &self.extra else { return };
        object(&extra.generator);
        extra.args.iter().for_each(&mut *visit);
        for (_, v) in extra.named.iter().chain(&extra.extra_named) {
            visit(v);
        }
        for r in extra.symbols.values() {
            visit(&Value::Ref(r.clone()));
        }
    }
    /// What few calls need, made on demand.
    pub fn extra(&mut self) -> &mut FrameExtra {
        self.extra.get_or_insert_with(Default::default)
    }
    /// Index of the next op.
    #[inline]
    pub fn pc(&self) -> u32 {
        if self.code.is_null() {
            return 0;
        }
        // SAFETY: both point into the code of the function.
        unsafe { self.ip.offset_from((*self.code).ops) as u32 }
    }
    /// Makes the op at that index the next.
    #[inline]
    pub fn set_pc(&mut self, pc: u32) {
        // SAFETY: jump targets lie within the code.
        self.ip = unsafe { (*self.code).ops.add(pc as usize) };
    }
    /// The arguments a frame was called with, as its parameters are now.
    pub(crate) fn arguments(&self) -> Vec<Value> {
        let params = self.func.user().map_or(usize::MAX, |u| u.decl().params.len());
        let mut list = Vec::new();
        let variadic = self.func.user().is_some() && self.func.is_variadic();
        for i in 0..(self.argc as usize).min(params) {
            // SAFETY: arguments are slots of the frame.
            let v = unsafe { (*self.base.add(i)).deref() };
            if variadic && i == params - 1 {
                if let Value::Array(rest) = v {
                    let positional = rest.iter().filter(|(k, _)| matches!(k, Key::Int(_)));
                    list.extend(positional.map(|(_, v)| v.deref()));
                }
                continue;
            }
            list.push(if v.is_undef() { Value::Null } else { v });
        }
        if let Some(e) = &self.extra {
            list.extend(e.args.iter().map(Value::deref));
        }
        list
    }

    /// The class scope of the running code.
    #[inline]
    pub fn scope(&self) -> Option<ClassRef> {
        self.func.scope()
    }
    /// The line being executed.
    pub fn line(&self) -> u32 {
        match self.func.user() {
            Some(u) => {
                let lines = &u.decl().lines;
                let pc = (self.pc() as usize).saturating_sub(1);
                lines.get(pc).or(lines.last()).copied().unwrap_or(0)
            }
            None => 0,
        }
    }
}

//! The table of opcodes: one line of semantics each, from which the type and the disassembler come.
//!
//! Operands. A [`Slot`] names a place of the frame: locals first, then temporaries.
//! - `Src`: read. A local is borrowed (references are followed; an undefined one warns
//!   "Undefined variable $x" and reads as null); a temporary is *consumed*: the op drops or moves it.
//! - `Keep`: read without consuming, no undefined warning for temporaries.
//! - `Dst`: a temporary that is written; it holds nothing before. `NO_SLOT` where an op says the
//!   result is optional.
//! - `Var`: a local variable that is written (references are followed unless the op says otherwise).
//! - `K`: index into the constant pool. `Target`: index of an op. `Cache`: inline cache.
//!
//! Where an op calculates or reads into `dst`, that may be a local variable too if
//! `Op::may_write_local` says so: it is assigned.
//!
//! Jumps backwards poll the interrupt flag.

/// A place in the frame.
pub type Slot = u16;
/// "No result wanted", "no operand".
pub const NO_SLOT: Slot = u16::MAX;
/// "No inline cache left".
pub const NO_CACHE: u16 = u16::MAX;

/// Operand kinds (see the module text).
pub type Src = Slot;
pub type Keep = Slot;
pub type Dst = Slot;
pub type Var = Slot;
pub type K = u32;
pub type Target = u32;
pub type Cache = u16;
/// Bit n: values of the variant numbered n (see `TypeDecl::tags`).
pub type Tags = u16;

/// Binary operators of `Binary`, `AssignOp` and the like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum BinOp {
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    Pow,
    Concat,
    BitAnd,
    BitOr,
    BitXor,
    ShiftLeft,
    ShiftRight,
}

/// Targets of `Cast`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum CastTo {
    Int,
    Float,
    String,
    Bool,
    Array,
    Object,
}

/// Kinds of `Include`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum IncludeMode {
    Include,
    IncludeOnce,
    Require,
    RequireOnce,
    Eval,
}

/// Functions of which the VM knows what they do with the usual arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Known {
    Abs,
    Chr,
    Count,
    Intval,
    IsArray,
    IsBool,
    IsFloat,
    IsInt,
    IsNull,
    IsObject,
    IsString,
    Ord,
    Sqrt,
    Strlen,
}

impl Known {
    /// The function of that (lower case) name, if it is known and takes one argument.
    pub fn by_name(name: &[u8]) -> Option<Known> {
        Some(match name {
            b"abs" => Known::Abs,
            b"chr" => Known::Chr,
            b"count" | b"sizeof" => Known::Count,
            b"intval" => Known::Intval,
            b"is_array" => Known::IsArray,
            b"is_bool" => Known::IsBool,
            b"is_float" | b"is_double" => Known::IsFloat,
            b"is_int" | b"is_integer" | b"is_long" => Known::IsInt,
            b"is_null" => Known::IsNull,
            b"is_object" => Known::IsObject,
            b"is_string" => Known::IsString,
            b"ord" => Known::Ord,
            b"sqrt" => Known::Sqrt,
            b"strlen" => Known::Strlen,
            _ => return None,
        })
    }
}

/// `++`/`--` and whether the result is the old or the new value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum IncDec {
    PreInc,
    PreDec,
    PostInc,
    PostDec,
}

/// Applies `$f` to the operand if its kind is the wanted one.
macro_rules! map_slot {
    (Src, $f:ident, $v:ident) => {
        *$v = $f(*$v)
    };
    (Keep, $f:ident, $v:ident) => {
        *$v = $f(*$v)
    };
    (Dst, $f:ident, $v:ident) => {
        *$v = $f(*$v)
    };
    (Var, $f:ident, $v:ident) => {
        *$v = $f(*$v)
    };
    ($other:ident, $f:ident, $v:ident) => {
        let _ = $v;
    };
}
macro_rules! map_target {
    (Target, $f:ident, $v:ident) => {
        *$v = $f(*$v)
    };
    ($other:ident, $f:ident, $v:ident) => {
        let _ = $v;
    };
}

macro_rules! ops {
    ($($(#[doc = $doc:literal])+ $name:ident { $($field:ident : $ty:ident),* })*) => {
        /// An instruction: 12 bytes, the tag in the first.
        #[derive(Clone, Copy, Debug, PartialEq)]
        #[repr(u8)]
        pub enum Op {
            $($(#[doc = $doc])+ $name { $(#[allow(missing_docs)] $field: $ty),* },)*
        }

        impl Op {
            /// The opcode's name.
            pub fn name(&self) -> &'static str {
                match self { $(Op::$name { .. } => stringify!($name),)* }
            }

            /// Calls `f` with the name, kind and printed value of each operand.
            pub fn operands(&self, mut f: impl FnMut(&'static str, &'static str, String)) {
                match *self {
                    $(Op::$name { $($field),* } => {
                        $(f(stringify!($field), stringify!($ty), format!("{:?}", $field));)*
                        let _ = &mut f;
                    })*
                }
            }

            /// Replaces every slot operand by what `f` makes of it (`NO_SLOT` too).
            pub fn map_slots(&mut self, mut f: impl FnMut(Slot) -> Slot) {
                match self {
                    $(Op::$name { $($field),* } => {
                        $(map_slot!($ty, f, $field);)*
                        let _ = &mut f;
                    })*
                }
            }

            /// Replaces every jump target by what `f` makes of it.
            pub fn map_targets(&mut self, mut f: impl FnMut(Target) -> Target) {
                match self {
                    $(Op::$name { $($field),* } => {
                        $(map_target!($ty, f, $field);)*
                        let _ = &mut f;
                    })*
                }
            }
        }
    };
}

ops! {
    // ---- moving values
    /// Nothing.
    Nop {}
    /// dst = constant.
    LoadConst { dst: Dst, k: K }
    /// dst = small integer.
    LoadInt { dst: Dst, value: i32 }
    /// dst = src, references followed.
    Copy { dst: Dst, src: Src }
    /// dst = src without consuming; an undefined local reads as null silently.
    CopyKeep { dst: Dst, src: Keep }
    /// dst (a temporary) takes the temporary src as it is, reference wrapper and all.
    Move { dst: Dst, src: Src }
    /// Drops a temporary.
    Free { src: Src }
    /// dst = $this; Error "Using $this when not in object context" if there is none.
    LoadThis { dst: Dst }
    /// dst = $this or null (isset($this)).
    LoadThisQuiet { dst: Dst }

    // ---- variables
    /// var = val (copied from a local); dst, if wanted, gets the assigned value.
    Assign { dst: Dst, var: Var, val: Src }
    /// var = constant, no result.
    AssignConst { var: Var, k: K }
    /// var = &ref: src is a temporary that holds a reference; replaces var's own binding.
    BindRef { dst: Dst, var: Var, src: Src }
    /// dst = reference to var, which becomes one (undefined becomes null).
    MakeRef { dst: Dst, var: Var }
    /// Unsets the variable.
    UnsetLocal { var: Var }
    /// dst = isset(var).
    IssetLocal { dst: Dst, var: Keep }
    /// `++`/`--` on a local; dst optional.
    IncDecLocal { dst: Dst, var: Var, kind: IncDec }
    /// var op= val; dst optional.
    AssignOp { dst: Dst, var: Var, val: Src, op: BinOp }
    /// dst = value of the variable named src (warns if undefined).
    FetchVarVar { dst: Dst, name: Src }
    /// The same, quietly: null if undefined.
    FetchVarVarQuiet { dst: Dst, name: Src }
    /// dst = $GLOBALS as an array copy.
    FetchGlobals { dst: Dst }
    /// dst = the global variable of that name (superglobals, `$GLOBALS['x']`); Warning
    /// "Undefined global variable $x" if there is none.
    FetchGlobal { dst: Dst, name: Src }
    /// The same, quietly: null if undefined.
    FetchGlobalQuiet { dst: Dst, name: Src }
    /// `global $name`: binds var to the global of that name.
    BindGlobal { var: Var, name: K }
    /// `global $$name`.
    BindGlobalDyn { name: Src }
    /// Binds var to static variable `index` and goes to target if it has been initialised, else goes on.
    BindStatic { var: Var, index: u16, target: Target }
    /// Initialises static variable `index` with src and binds var to it.
    InitStatic { var: Var, index: u16, src: Src }

    // ---- operators
    /// dst = a op b.
    Binary { dst: Dst, a: Src, b: Src, op: BinOp }
    /// dst = a + b.
    Add { dst: Dst, a: Src, b: Src }
    /// dst = a - b.
    Sub { dst: Dst, a: Src, b: Src }
    /// dst = a * b.
    Mul { dst: Dst, a: Src, b: Src }
    /// dst = a / b.
    Div { dst: Dst, a: Src, b: Src }
    /// dst = a + constant.
    AddConst { dst: Dst, a: Src, k: K }
    /// dst = a - constant.
    SubConst { dst: Dst, a: Src, k: K }
    /// dst = a * constant.
    MulConst { dst: Dst, a: Src, k: K }
    /// dst = a / constant.
    DivConst { dst: Dst, a: Src, k: K }
    /// dst = constant + b.
    ConstAdd { dst: Dst, k: K, b: Src }
    /// dst = constant - b.
    ConstSub { dst: Dst, k: K, b: Src }
    /// dst = constant * b.
    ConstMul { dst: Dst, k: K, b: Src }
    /// dst = constant / b.
    ConstDiv { dst: Dst, k: K, b: Src }
    /// dst = a op imm.
    BinaryInt { dst: Dst, imm: i32, a: Src, op: BinOp }
    /// dst = a + imm.
    AddInt { dst: Dst, a: Src, imm: i32 }
    /// dst = a - imm.
    SubInt { dst: Dst, a: Src, imm: i32 }
    /// dst = a . b.
    Concat { dst: Dst, a: Src, b: Src }
    /// dst = the `count` temporaries from `first`, consumed, as strings joined.
    ConcatN { dst: Dst, first: Src, count: u16 }
    /// dst = a == b.
    Equal { dst: Dst, a: Src, b: Src }
    /// dst = a != b.
    NotEqual { dst: Dst, a: Src, b: Src }
    /// dst = a === b.
    Identical { dst: Dst, a: Src, b: Src }
    /// dst = a !== b.
    NotIdentical { dst: Dst, a: Src, b: Src }
    /// dst = a < b.
    Less { dst: Dst, a: Src, b: Src }
    /// dst = a <= b.
    LessEqual { dst: Dst, a: Src, b: Src }
    /// dst = a > b, evaluated as b < a.
    Greater { dst: Dst, a: Src, b: Src }
    /// dst = a >= b, evaluated as b <= a.
    GreaterEqual { dst: Dst, a: Src, b: Src }
    /// dst = a <=> b.
    Spaceship { dst: Dst, a: Src, b: Src }
    /// dst = a xor b.
    LogicalXor { dst: Dst, a: Src, b: Src }
    /// dst = !src.
    Not { dst: Dst, src: Src }
    /// dst = ~src.
    BitNot { dst: Dst, src: Src }
    /// dst = (bool) src.
    ToBool { dst: Dst, src: Src }
    /// dst = (type) src.
    Cast { dst: Dst, src: Src, to: CastTo }
    /// dst = subject == val; subject is kept (switch).
    CaseEqual { dst: Dst, subject: Keep, val: Src }
    /// dst = subject === val; subject is kept (match).
    CaseIdentical { dst: Dst, subject: Keep, val: Src }
    /// UnhandledMatchError for src.
    MatchError { src: Src }
    /// dst = src instanceof class.
    InstanceOf { dst: Dst, src: Src, class: u16 }
    /// dst = clone src.
    Clone { dst: Dst, src: Src }

    // ---- jumps
    /// Goes to target.
    Jmp { target: Target }
    /// Goes to target if src is true.
    JmpIf { src: Src, target: Target }
    /// Goes to target if src is false.
    JmpIfNot { src: Src, target: Target }
    /// dst = (bool) src; goes to target if true (`||`).
    JmpIfBool { dst: Dst, src: Src, target: Target }
    /// dst = (bool) src; goes to target if false (`&&`).
    JmpIfNotBool { dst: Dst, src: Src, target: Target }
    /// If src is null, drops it and goes on, else moves it to dst and goes to target (`??`).
    JmpNotNull { dst: Dst, src: Src, target: Target }
    /// If src is true, moves it to dst and goes to target, else drops it and goes on (`?:`).
    JmpTrueKeep { dst: Dst, src: Src, target: Target }
    /// If src (kept) is null, dst = null and goes to target (`?->`).
    JmpNullsafe { dst: Dst, src: Keep, target: Target }
    /// Goes to target if a < b.
    JmpLess { a: Src, b: Src, target: Target }
    /// Goes to target unless a < b.
    JmpNotLess { a: Src, b: Src, target: Target }
    /// Goes to target if a <= b.
    JmpLessEqual { a: Src, b: Src, target: Target }
    /// Goes to target unless a <= b.
    JmpNotLessEqual { a: Src, b: Src, target: Target }
    /// Goes to target if a == b.
    JmpEqual { a: Src, b: Src, target: Target }
    /// Goes to target if a != b.
    JmpNotEqual { a: Src, b: Src, target: Target }
    /// Goes to target if a === b.
    JmpIdentical { a: Src, b: Src, target: Target }
    /// Goes to target if a !== b.
    JmpNotIdentical { a: Src, b: Src, target: Target }
    /// Goes to target if a < imm.
    JmpLessInt { a: Src, imm: i16, target: Target }
    /// Goes to target unless a < imm.
    JmpNotLessInt { a: Src, imm: i16, target: Target }
    /// Goes to target if a <= imm.
    JmpLessEqualInt { a: Src, imm: i16, target: Target }
    /// Goes to target unless a <= imm.
    JmpNotLessEqualInt { a: Src, imm: i16, target: Target }
    /// Goes to target if a > imm, evaluated as imm < a.
    JmpGreaterInt { a: Src, imm: i16, target: Target }
    /// Goes to target unless a > imm.
    JmpNotGreaterInt { a: Src, imm: i16, target: Target }
    /// Goes to target if a >= imm, evaluated as imm <= a.
    JmpGreaterEqualInt { a: Src, imm: i16, target: Target }
    /// Goes to target unless a >= imm.
    JmpNotGreaterEqualInt { a: Src, imm: i16, target: Target }
    /// Goes to target if a == imm.
    JmpEqualInt { a: Src, imm: i16, target: Target }
    /// Goes to target if a != imm.
    JmpNotEqualInt { a: Src, imm: i16, target: Target }
    /// Goes to target if a === imm.
    JmpIdenticalInt { a: Src, imm: i16, target: Target }
    /// Goes to target if a !== imm.
    JmpNotIdenticalInt { a: Src, imm: i16, target: Target }
    /// Jump table `table` on src, which is kept; goes on if src's type is not in the table.
    Switch { src: Keep, table: u16 }

    // ---- arrays
    /// dst = new array with room for `capacity`.
    NewArray { dst: Dst, capacity: u16 }
    /// array[] = val (array is a temporary being built).
    ArrayPush { array: Keep, val: Src }
    /// array[key] = val.
    ArraySet { array: Keep, key: Src, val: Src }
    /// array[] = reference held by src.
    ArrayPushRef { array: Keep, src: Src }
    /// array[key] = reference held by src.
    ArraySetRef { array: Keep, key: Src, src: Src }
    /// ...src into the array.
    ArraySpread { array: Keep, src: Src }
    /// dst = base[key] (arrays, strings, ArrayAccess; warnings as PHP).
    FetchDim { dst: Dst, base: Src, key: Src }
    /// dst = base[constant].
    FetchDimConst { dst: Dst, base: Src, key: K }
    /// dst = base[key] quietly, null if absent (`??`, isset chains; calls offsetExists first).
    FetchDimQuiet { dst: Dst, base: Src, key: Src }
    /// dst = src[key] for list(): src kept; null quietly from null and scalars, warns for undefined keys.
    FetchList { dst: Dst, src: Keep, key: Src }
    /// dst = isset(base[key]).
    IssetDim { dst: Dst, base: Src, key: Src }
    /// dst = empty(base[key]).
    EmptyDim { dst: Dst, base: Src, key: Src }
    /// base[key] = val on a local; dst optional.
    AssignDim { dst: Dst, base: Var, key: Src, val: Src }
    /// base[] = val on a local; dst optional.
    AppendDim { dst: Dst, base: Var, val: Src }

    // ---- properties
    /// dst = obj->name.
    FetchProp { dst: Dst, obj: Src, cache: Cache, name: K }
    /// dst = $this->name.
    FetchThisProp { dst: Dst, cache: Cache, name: K }
    /// dst = obj->{name}.
    FetchPropDyn { dst: Dst, obj: Src, name: Src }
    /// dst = obj->name quietly, null if absent or obj is no object.
    FetchPropQuiet { dst: Dst, obj: Src, cache: Cache, name: K }
    /// dst = obj->{name} quietly.
    FetchPropDynQuiet { dst: Dst, obj: Src, name: Src }
    /// dst = isset(obj->{name}).
    IssetProp { dst: Dst, obj: Src, name: Src }
    /// dst = empty(obj->{name}).
    EmptyProp { dst: Dst, obj: Src, name: Src }
    /// obj->name = val, no result. obj is a local or a temporary holding an object.
    AssignProp { obj: Src, val: Src, cache: Cache, name: K }
    /// $this->name = val, no result.
    AssignThisProp { val: Src, cache: Cache, name: K }
    /// dst = Class::$name.
    FetchStaticProp { dst: Dst, class: u16, cache: Cache, name: K }
    /// dst = Class::$$name.
    FetchStaticPropDyn { dst: Dst, class: u16, name: Src }
    /// dst = Class::${name} quietly: null if class or property is absent.
    FetchStaticPropQuiet { dst: Dst, class: u16, name: Src }

    // ---- write paths (`Function::paths`); keys are consumed in order
    /// place = val; dst optional.
    PathAssign { dst: Dst, path: u16, val: Src }
    /// place op= val; dst optional.
    PathAssignOp { dst: Dst, path: u16, val: Src, op: BinOp }
    /// `++`/`--` on a place; dst optional.
    PathIncDec { dst: Dst, path: u16, kind: IncDec }
    /// dst = reference to the place, which is made one (created as null if absent).
    PathRef { dst: Dst, path: u16 }
    /// place = &ref held by src; dst optional.
    PathBindRef { dst: Dst, path: u16, src: Src }
    /// unset(place).
    PathUnset { path: u16 }

    // ---- constants and classes
    /// dst = constant `name`.
    FetchConst { dst: Dst, cache: Cache, name: K }
    /// dst = constant `name` (namespaced) or, if undefined, the one named by `name + 1`.
    FetchConstNs { dst: Dst, cache: Cache, name: K }
    /// dst = Class::NAME.
    FetchClassConst { dst: Dst, class: u16, cache: Cache, name: K }
    /// dst = Class::{name}.
    FetchClassConstDyn { dst: Dst, class: u16, name: Src }
    /// dst = Class::class (for an object: its class).
    FetchClassName { dst: Dst, class: u16 }
    /// const name = src.
    DefineConst { name: K, src: Src }
    /// Declares function `func` of the unit.
    DeclareFunction { func: u32 }
    /// Declares class `class` of the unit unless it was hoisted.
    DeclareClass { class: u32 }
    /// Declares anonymous class `class` if needed and puts its name into dst.
    DeclareAnonymous { dst: Dst, class: u32 }

    // ---- calls: Init* pushes a pending call, Send* fill its arguments, DoCall runs it
    /// Pending call of function `name`.
    InitFn { argc: u16, cache: Cache, name: K }
    /// Pending call of `name` (namespaced) or, if undefined, the function named by `name + 1`.
    InitFnNs { argc: u16, cache: Cache, name: K }
    /// Pending call of a callable value.
    InitDyn { callee: Src, argc: u16 }
    /// Pending call of obj->name.
    InitMethod { obj: Src, argc: u16, cache: Cache, name: K }
    /// Pending call of $this->name.
    InitThisMethod { argc: u16, cache: Cache, name: K }
    /// Pending call of obj->{name} (name may be a closure).
    InitMethodDyn { obj: Src, name: Src, argc: u16 }
    /// Pending call of Class::name (`parent::f()` and the like pass $this on).
    InitStaticMethod { class: u16, argc: u16, cache: Cache, name: K }
    /// Pending call of Class::{name}.
    InitStaticMethodDyn { class: u16, name: Src, argc: u16 }
    /// Pending call of the parent class's get (`kind` 0) or set (1) hook of property `name` on
    /// $this; without such a hook the call reads or writes the property itself.
    InitParentHook { kind: u16, argc: u16, name: K }
    /// dst = new object of class, pending call of its constructor (or of nothing, which still takes arguments).
    InitNew { dst: Dst, class: u16, argc: u16 }
    /// Argument n = src, a value that is not a variable; Error if the parameter is by reference.
    SendVal { n: u16, src: Src }
    /// Argument n = constant.
    SendConst { n: u16, k: K }
    /// Argument n = src, the result of a call; Notice "Only variables should be passed by reference".
    SendResult { n: u16, src: Src }
    /// Argument n = the local variable: by value or by reference as the parameter asks.
    SendVar { n: u16, var: Var }
    /// Argument n = reference held by the temporary src.
    SendRef { n: u16, src: Src }
    /// Goes to target if parameter n of the pending call is by value.
    JmpArgByValue { n: u16, target: Target }
    /// Makes the pending call take its arguments from a list (spread or named arguments follow);
    /// arguments sent so far (none) stay. Always follows Init* directly.
    BeginArgList {}
    /// Like SendVal/SendResult/SendVar/SendRef, to the end of the list.
    ListVal { src: Src }
    /// Like SendResult.
    ListResult { src: Src }
    /// Like SendVar.
    ListVar { var: Var }
    /// Like SendRef.
    ListRef { src: Src }
    /// Like JmpArgByValue for the next position of the list.
    JmpListByValue { target: Target }
    /// ...src
    ListSpread { src: Src }
    /// name: src (by value).
    ListNamed { src: Src, name: K }
    /// name: reference held by src.
    ListNamedRef { src: Src, name: K }
    /// Goes to target if the parameter called `name` of the pending call is by value.
    JmpNamedByValue { name: K, target: Target }
    /// dst = name(src), a function known to the VM; else as a call of it.
    CallKnown { dst: Dst, name: K, src: Src, known: Known }
    /// Runs the pending call; dst optional.
    DoCall { dst: Dst }
    /// Turns the pending call into a Closure (first-class callable syntax).
    CallableConvert { dst: Dst }

    // ---- functions
    /// Parameter n was passed: goes to target. Else goes on to the code of its default, which ends in `SetDefault`.
    RecvOpt { n: u16, target: Target }
    /// Parameter n = src (its default).
    SetDefault { n: u16, src: Src }
    /// Checks and coerces parameter n against its type; values of `tags` are right as they are,
    /// and so are objects of the class in the cache.
    CheckParam { n: u16, tags: Tags, cache: Cache }
    /// Returns src.
    Return { src: Src }
    /// Returns a constant.
    ReturnConst { k: K }
    /// Returns the reference held by the temporary src (function returns by reference).
    ReturnRef { src: Src }
    /// In a function that returns by reference: returns a value that is no variable, with a Notice.
    ReturnRefVal { src: Src }
    /// Checks and coerces src (a temporary, kept) against the return type; as `CheckParam`.
    CheckReturn { src: Keep, tags: Tags, cache: Cache }
    /// A function of return type `never` reached its end.
    NeverReturned {}
    /// A function with a return type reached its end: TypeError "… none returned".
    MissingReturn {}
    /// dst = closure over function `func`.
    MakeClosure { dst: Dst, func: u32 }
    /// Captured variable `index` of the closure = src by value.
    CaptureValue { closure: Keep, index: u16, src: Src }
    /// The same for arrow functions: an undefined local is left out silently.
    CaptureQuiet { closure: Keep, index: u16, src: Keep }
    /// Captured variable `index` of the closure = reference to var.
    CaptureRef { closure: Keep, index: u16, var: Var }

    // ---- generators
    /// Yields val (NO_SLOT: null) with key (NO_SLOT: next integer); dst = what is sent.
    Yield { dst: Dst, key: Src, val: Src }
    /// Yields the reference held by val.
    YieldRef { dst: Dst, key: Src, val: Src }
    /// dst = result of delegating to src.
    YieldFrom { dst: Dst, src: Src }

    // ---- foreach: `iter` is the first of three temporaries
    /// Starts iterating src by value; goes to target if there is nothing.
    IterInit { iter: Dst, src: Src, target: Target }
    /// Starts iterating by reference: src is a temporary that holds a reference (or an object).
    IterInitRef { iter: Dst, src: Src, target: Target }
    /// val (a local or temporary) = next value; goes to target at the end.
    IterNext { iter: Keep, val: Var, target: Target }
    /// The same with key, which is a temporary.
    IterNextKey { iter: Keep, val: Var, key: Dst, target: Target }
    /// dst = reference to the next value, key optional; goes to target at the end.
    IterNextRef { iter: Keep, dst: Dst, key: Dst, target: Target }
    /// Ends the iteration.
    IterFree { iter: Src }

    // ---- exceptions
    /// Throws src.
    Throw { src: Src }
    /// If the pending exception is of one of `catches[list]`, var (NO_SLOT: none) = it and goes on, else goes to target.
    Catch { var: Var, list: u16, target: Target }
    /// Throws the pending exception again.
    Rethrow {}
    /// End of a finally block: slot + 1 holds -1: rethrow the exception in slot; 0: go on; other numbers: go on, with the number kept for `JmpIfCompletion`.
    EndFinally { slot: Keep }
    /// Sets slot + 1 (the completion of a finally block) to `kind`.
    SetCompletion { slot: Dst, kind: i16 }
    /// Goes to target if slot + 1 holds `kind`.
    JmpIfCompletion { slot: Keep, kind: i16, target: Target }
    /// Drops what a finally block held back (return or jump out of it).
    DiscardCompletion { slot: Keep }

    // ---- the rest
    /// Prints src.
    Echo { src: Src }
    /// Prints a constant string.
    EchoConst { k: K }
    /// dst = include/eval of src.
    Include { dst: Dst, src: Src, mode: IncludeMode }
    /// exit(src); NO_SLOT: without a value.
    Exit { src: Src }
    /// dst = old error_reporting; errors are silenced.
    BeginSilence { dst: Dst }
    /// Restores error_reporting from src.
    EndSilence { src: Src }
    /// declare(ticks): runs tick functions.
    Tick {}
    /// Goes to target unless `zend.assertions` is 1.
    JmpNoAssert { dst: Dst, target: Target }
    /// Goes to target if var is defined and not null (`$x ?? …` on a plain local), else goes on.
    JmpLocalSet { dst: Dst, var: Keep, target: Target }
    /// dst = number of arguments passed (func_num_args()).
    FuncNumArgs { dst: Dst }
    /// dst = array of the arguments passed (func_get_args()).
    FuncGetArgs { dst: Dst }
}

impl Op {
    /// Where the op puts its result, if that may as well be a local variable.
    pub fn may_write_local(&mut self) -> Option<&mut Slot> {
        match self {
            Op::Add { dst, .. }
            | Op::Sub { dst, .. }
            | Op::Mul { dst, .. }
            | Op::Div { dst, .. }
            | Op::AddConst { dst, .. }
            | Op::SubConst { dst, .. }
            | Op::MulConst { dst, .. }
            | Op::DivConst { dst, .. }
            | Op::ConstAdd { dst, .. }
            | Op::ConstSub { dst, .. }
            | Op::ConstMul { dst, .. }
            | Op::ConstDiv { dst, .. }
            | Op::AddInt { dst, .. }
            | Op::SubInt { dst, .. }
            | Op::Binary { dst, .. }
            | Op::BinaryInt { dst, .. }
            | Op::Concat { dst, .. }
            | Op::Less { dst, .. }
            | Op::LessEqual { dst, .. }
            | Op::Greater { dst, .. }
            | Op::GreaterEqual { dst, .. }
            | Op::Equal { dst, .. }
            | Op::NotEqual { dst, .. }
            | Op::Identical { dst, .. }
            | Op::NotIdentical { dst, .. }
            | Op::Not { dst, .. }
            | Op::ToBool { dst, .. }
            | Op::FetchDim { dst, .. }
            | Op::FetchDimConst { dst, .. }
            | Op::FetchProp { dst, .. }
            | Op::FetchThisProp { dst, .. } => Some(dst),
            _ => None,
        }
    }
}

const _: () = assert!(std::mem::size_of::<Op>() == 12);

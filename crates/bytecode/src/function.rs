//! Compiled functions and files.

use crate::{ClassDecl, Literal, Op, Slot, Tier, TypeDecl};

/// Bytes of a name or string.
pub type Name = Box<[u8]>;

/// A compiled file or piece of `eval`ed code.
#[derive(Debug)]
pub struct Unit {
    /// Path as it is shown in messages; `… : eval()'d code` for eval.
    /// Counted, so that what shows where a script is need not copy it.
    pub file: std::sync::Arc<[u8]>,
    /// All functions; 0 is the top-level code.
    pub functions: Vec<Function>,
    /// All class declarations, referred to by `DeclareClass`.
    pub classes: Vec<ClassDecl>,
    /// What happens before the first statement runs, in the order of the file.
    pub early: Vec<Early>,
    /// Offset of the data behind `__halt_compiler();`.
    pub halt_offset: Option<u32>,
    /// The variables of [`auto_globals`] that the code names.
    pub auto_globals: u8,
}

/// What happens while a file is compiled, beside the making of code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Early {
    /// The function of this index is declared.
    Function(u32),
    /// The class of this index is declared, unless its parent is unknown yet: then that is done when its
    /// `DeclareClass` is reached.
    Class(u32),
    /// `E_DEPRECATED`, `E_WARNING` and the like are raised.
    Diagnostic(Diagnostic),
}

/// A report of the compiler that does not stop it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// `E_…`
    pub level: u32,
    /// The text.
    pub message: Name,
    /// The line it is reported for.
    pub line: u32,
}

/// Global variables that are made when code that names them is loaded, not with every request.
pub mod auto_globals {
    /// `$_SERVER`
    pub const SERVER: u8 = 1;
    /// `$_ENV`
    pub const ENV: u8 = 2;
    /// `$_REQUEST`
    pub const REQUEST: u8 = 4;
    /// All of them.
    pub const ALL: u8 = 7;
}

/// Flags of a function.
pub mod function_flags {
    /// Contains `yield`.
    pub const GENERATOR: u32 = 1;
    /// Returns by reference.
    pub const RETURNS_REF: u32 = 2;
    /// Declared in a file with `strict_types=1`.
    pub const STRICT_TYPES: u32 = 4;
    /// Closure or arrow function.
    pub const CLOSURE: u32 = 8;
    /// `static` method or closure.
    pub const STATIC: u32 = 16;
    /// Last parameter is variadic.
    pub const VARIADIC: u32 = 32;
    /// Top-level code of a file: its variables live in the includer's scope.
    pub const TOP_LEVEL: u32 = 64;
    /// Uses `$$x`, `extract`, `compact`, `include`, `eval`, `get_defined_vars` or the like.
    pub const DYNAMIC_VARS: u32 = 128;
    pub const ABSTRACT: u32 = 256;
    pub const FINAL: u32 = 512;
    /// Uses `$this`.
    pub const USES_THIS: u32 = 1024;
    /// Marked `#[\Deprecated]`.
    pub const DEPRECATED: u32 = 2048;
    /// The body of a constant expression (default values, constants, attributes, static initialisers).
    pub const CONST_EXPR: u32 = 4096;
    /// Arrow function.
    pub const ARROW: u32 = 8192;
    /// Marked `#[\NoDiscard]`-like checks are not in 8.4; reserved for `#[\ReturnTypeWillChange]`.
    pub const RETURN_TYPE_WILL_CHANGE: u32 = 16384;
    /// Marked `#[\Override]`.
    pub const OVERRIDE: u32 = 32768;
    /// A property hook.
    pub const HOOK: u32 = 65536;
}

/// A compiled function, method, closure, property hook, constant expression or file body.
#[derive(Debug, Default)]
pub struct Function {
    /// Name as declared, with its namespace; `{closure:F:N}` for closures, empty for a file body,
    /// `$prop::get` for hooks.
    pub name: Name,
    /// See [`function_flags`].
    pub flags: u32,
    /// Visibility modifiers for methods (bits of `class::member_flags`).
    pub modifiers: u32,
    /// Parameters, in order: parameter `i` is local slot `i`.
    pub params: Vec<Param>,
    /// Parameters without which the call is an error.
    pub required: u32,
    /// Declared return type.
    pub return_type: Option<TypeDecl>,
    /// The code.
    pub code: Vec<Op>,
    /// Line of each op.
    pub lines: Vec<u32>,
    /// Constant pool.
    pub consts: Vec<Literal>,
    /// Names of the local variables, without `$`; slot = index. `$this` never stands here.
    pub locals: Vec<Name>,
    /// Slots of a frame: locals, then temporaries.
    pub slots: u32,
    /// Number of inline caches.
    pub caches: u32,
    /// Exception handlers, innermost first.
    pub handlers: Vec<Handler>,
    /// Write paths.
    pub paths: Vec<Path>,
    /// Classes named by ops.
    pub class_refs: Vec<ClassRef>,
    /// Jump tables.
    pub switches: Vec<SwitchTable>,
    /// Class lists of `Catch`: resolved names (constant indexes).
    pub catches: Vec<Vec<u32>>,
    /// Names of the `static` variables.
    pub statics: Vec<Name>,
    /// Captured variables of a closure: local slot, and whether by reference.
    pub uses: Vec<(Slot, bool)>,
    /// Attributes.
    pub attributes: Vec<Attribute>,
    /// Doc comment.
    pub doc: Option<Name>,
    /// First line.
    pub start_line: u32,
    /// Last line.
    pub end_line: u32,
    /// Index within the unit of nested functions is global to the unit; this is its own index.
    pub index: u32,
    /// Its machine code.
    pub tier: Tier,
}

/// A parameter.
#[derive(Debug, Clone)]
pub struct Param {
    /// Name without `$`.
    pub name: Name,
    /// Declared type, with null added where a `= null` default implies it.
    pub ty: Option<TypeDecl>,
    pub by_ref: bool,
    pub variadic: bool,
    /// The default as a constant expression, for reflection and inheritance checks; running code
    /// evaluates it inline behind `RecvOpt`.
    pub default: Option<ConstExpr>,
    /// Modifiers of a promoted constructor parameter, else 0.
    pub promoted: u32,
    pub attributes: Vec<Attribute>,
}

/// A constant expression.
#[derive(Debug, Clone, PartialEq)]
pub enum ConstExpr {
    /// Folded at compile time.
    Value(Literal),
    /// A function of the unit (flag `CONST_EXPR`, no parameters) whose return value it is.
    Code(u32),
}

/// An attribute.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// Resolved class name.
    pub name: Name,
    /// Arguments: name (for named ones) and value.
    pub args: Vec<(Option<Name>, ConstExpr)>,
    /// Line.
    pub line: u32,
}

/// What happens to an exception thrown in a range of ops.
#[derive(Debug, Clone)]
pub struct Handler {
    /// First op covered.
    pub start: u32,
    /// Behind the last op covered.
    pub end: u32,
    /// Temporaries from this slot on are dropped before the handler runs.
    pub clear_from: Slot,
    /// What to do.
    pub kind: HandlerKind,
}

/// Kinds of handlers.
#[derive(Debug, Clone)]
pub enum HandlerKind {
    /// Go to `target`, where a chain of `Catch` ops tests the pending exception.
    Catch { target: u32 },
    /// Put the exception into `slot`, int -1 into `slot + 1`, and go to `target`: the `finally` block.
    Finally { target: u32, slot: Slot },
    /// The body of a `finally`: an exception from here gets the one pending in `slot` (if
    /// `slot + 1` holds -1) as the end of its chain of previous ones; then unwinding goes on.
    FinallyBody { slot: Slot },
    /// `@expr`: restore error_reporting from `slot`; then unwinding goes on.
    Silence { slot: Slot },
}

/// A class named by an op.
#[derive(Debug, Clone, Copy)]
pub enum ClassRef {
    /// A resolved name (constant index) and its inline cache.
    Name {
        name: u32,
        cache: u16,
    },
    SelfClass,
    Parent,
    Static,
    /// A value: an object or a class name (consumed if a temporary).
    Dynamic(Slot),
}

/// A place to write to: where it starts and how it goes on.
#[derive(Debug, Clone)]
pub struct Path {
    pub root: PathRoot,
    pub steps: Vec<PathStep>,
}

/// Where a write path starts.
#[derive(Debug, Clone)]
pub enum PathRoot {
    /// A local variable.
    Local(Slot),
    /// A temporary that holds an object (or a reference, from a by-reference call); consumed.
    Temp(Slot),
    /// `$this`
    This,
    /// `$$name`; the name is consumed if a temporary.
    VarVar(Slot),
    /// `$GLOBALS`
    Globals,
    /// `Class::$name`: index into `class_refs`, constant index of the name, cache.
    StaticProp { class: u16, name: u32, cache: u16 },
    /// `Class::$$name`
    StaticPropDyn { class: u16, name: Slot },
}

/// One step of a write path. Slots are consumed if temporaries.
#[derive(Debug, Clone)]
pub enum PathStep {
    /// `[key]`
    Dim(Slot),
    /// `[const]`
    DimConst(u32),
    /// `[]`
    Append,
    /// `->name`
    Prop { name: u32, cache: u16 },
    /// `->{expr}`
    PropDyn(Slot),
}

/// Jump table of a `switch` or `match` over literals.
#[derive(Debug, Clone, Default)]
pub struct SwitchTable {
    pub ints: Vec<(i64, u32)>,
    /// Strings as constant indexes.
    pub strings: Vec<(u32, u32)>,
    /// Where to go if the subject is of a type in the table and matches nothing.
    pub default: u32,
}

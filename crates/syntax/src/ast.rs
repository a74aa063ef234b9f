//! The syntax tree: what the parser makes of one file and the compiler reads.
//!
//! Names and strings are bytes, because PHP source need not be UTF-8. Every node carries a
//! [`Span`]; its `line` is the line PHP reports for the construct.

pub use crate::bytes::Bytes;

/// A range of source bytes with the line (from 1) on which it starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
    /// Line of `start`, from 1.
    pub line: u32,
}

/// How a name was written; resolution against `namespace` and `use` is the compiler's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameKind {
    /// `foo`
    Unqualified,
    /// `foo\bar`
    Qualified,
    /// `\foo`; the text has no leading backslash.
    FullyQualified,
    /// `namespace\foo`; the text has no `namespace\`.
    Relative,
}

/// A possibly qualified name.
#[derive(Clone, Debug)]
pub struct Name {
    /// Where it stands.
    pub span: Span,
    /// How it was written.
    pub kind: NameKind,
    /// The text, without a leading backslash.
    pub text: Bytes,
}

/// A plain identifier with its place.
#[derive(Clone, Debug)]
pub struct Ident {
    /// Where it stands.
    pub span: Span,
    /// The text as written.
    pub text: Bytes,
}

/// A whole file.
#[derive(Clone, Debug, Default)]
pub struct File {
    /// The statements in order.
    pub stmts: Vec<Stmt>,
    /// Offset of the bytes behind `__halt_compiler();`, if it stands in the file.
    pub halt_offset: Option<u32>,
    /// Number of lines.
    pub lines: u32,
    /// How deep the tree nests; see [`crate::with_big_stack`].
    pub depth: u32,
    /// What PHP reports while it parses without stopping.
    pub notices: Vec<crate::Notice>,
}

/// Depth up to which a tree is dropped on the stack of the thread at hand.
const SHALLOW: u32 = 1_000;

impl Drop for File {
    fn drop(&mut self) {
        if self.depth > SHALLOW {
            let stmts = std::mem::take(&mut self.stmts);
            crate::with_big_stack(move || drop(stmts));
        }
    }
}

/// A statement.
#[derive(Clone, Debug)]
pub struct Stmt {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: StmtKind,
}

/// A list of statements.
pub type Block = Vec<Stmt>;

/// The kinds of statements.
#[derive(Clone, Debug)]
pub enum StmtKind {
    /// `expr;`
    Expr(Expr),
    /// `echo a, b;` and `<?= … ?>`
    Echo(Vec<Expr>),
    /// Text outside of `<?php … ?>`.
    InlineHtml(Bytes),
    /// `{ … }`
    Block(Block),
    /// `if`/`elseif`/`else`, also in the alternative syntax.
    If { branches: Vec<(Expr, Block)>, otherwise: Option<Block> },
    /// `while`
    While { cond: Box<Expr>, body: Block },
    /// `do … while`
    DoWhile { body: Block, cond: Box<Expr> },
    /// `for`
    For { init: Box<[Expr]>, cond: Box<[Expr]>, step: Box<[Expr]>, body: Block },
    /// `foreach`; `value` may be an array pattern (`ExprKind::Array`/`List`).
    Foreach {
        subject: Box<Expr>,
        key: Option<Box<Expr>>,
        value: Box<Expr>,
        by_ref: bool,
        body: Block,
    },
    /// `switch`
    Switch { subject: Box<Expr>, cases: Vec<Case> },
    /// `break n;` (`None` = 1). The level is an expression: only an integer literal is legal.
    Break(Option<Expr>),
    /// `continue n;`
    Continue(Option<Expr>),
    /// `return`
    Return(Option<Expr>),
    /// `global $a, $$b;`
    Global(Vec<Expr>),
    /// `static $a = 1, $b;`
    StaticVars(Vec<(Ident, Option<Expr>)>),
    /// `unset($a, $b[0]);`
    Unset(Vec<Expr>),
    /// `try`
    Try { body: Block, catches: Vec<Catch>, finally: Option<Box<Finally>> },
    /// `goto label;`
    Goto(Ident),
    /// `label:`
    Label(Ident),
    /// `declare(ticks=1)`; `body` is `None` for the form that ends in `;`.
    Declare { directives: Vec<(Ident, Expr)>, body: Option<Block> },
    /// `namespace A;` (`body` is `None`) or `namespace A { … }`; `name` is `None` for the global one.
    Namespace { name: Option<Name>, body: Option<Block> },
    /// `use A\B as C, function f;` and group uses, flattened.
    Use(Vec<UseItem>),
    /// `const A = 1;` at the top level.
    Const(Vec<ConstItem>),
    /// A function declaration.
    Function(Box<FunctionDecl>),
    /// A class, interface, trait or enum declaration.
    Class(Box<ClassDecl>),
    /// `__halt_compiler();`
    HaltCompiler,
    /// `;`
    Empty,
}

/// One `case` (or `default`, `test` = `None`) of a `switch`.
#[derive(Clone, Debug)]
pub struct Case {
    /// Where it stands.
    pub span: Span,
    /// The tested expression.
    pub test: Option<Expr>,
    /// The statements up to the next case.
    pub body: Block,
}

/// One `catch`.
#[derive(Clone, Debug)]
pub struct Catch {
    /// Where it stands.
    pub span: Span,
    /// The classes.
    pub types: Vec<Name>,
    /// The variable, if any.
    pub var: Option<Ident>,
    /// The statements.
    pub body: Block,
}

/// A `finally` block.
#[derive(Clone, Debug)]
pub struct Finally {
    /// Where it stands.
    pub span: Span,
    /// The statements.
    pub body: Block,
}

/// What a `use` imports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UseKind {
    /// A class, interface, trait, enum or namespace.
    Class,
    /// A function.
    Function,
    /// A constant.
    Const,
}

/// One import.
#[derive(Clone, Debug)]
pub struct UseItem {
    /// What is imported.
    pub kind: UseKind,
    /// The full name (always meant from the root).
    pub name: Name,
    /// `as` alias.
    pub alias: Option<Ident>,
}

/// `NAME = expr` of a constant declaration.
#[derive(Clone, Debug)]
pub struct ConstItem {
    /// The name.
    pub name: Ident,
    /// The value.
    pub value: Expr,
    /// The doc comment, if any.
    pub doc: Option<Bytes>,
}

/// `#[A(1), B]`: one attribute.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// The class.
    pub name: Name,
    /// The arguments, `None` without parentheses.
    pub args: Option<Args>,
    /// Which `#[…]` group it stands in, from 0 within its declaration.
    pub group: u32,
}

/// A type as written.
#[derive(Clone, Debug)]
pub struct Type {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: TypeKind,
}

/// The kinds of types.
#[derive(Clone, Debug)]
pub enum TypeKind {
    /// A class or builtin type name (`int`, `self`, `static`, `array`, `callable`, …), unresolved.
    Name(Name),
    /// `?T`
    Nullable(Box<Type>),
    /// `A|B`
    Union(Vec<Type>),
    /// `A&B`
    Intersection(Vec<Type>),
}

/// Modifier bits of members, classes and promoted parameters.
pub mod modifiers {
    /// `public`
    pub const PUBLIC: u32 = 1;
    /// `protected`
    pub const PROTECTED: u32 = 2;
    /// `private`
    pub const PRIVATE: u32 = 4;
    /// `static`
    pub const STATIC: u32 = 8;
    /// `abstract`
    pub const ABSTRACT: u32 = 16;
    /// `final`
    pub const FINAL: u32 = 32;
    /// `readonly`
    pub const READONLY: u32 = 64;
    /// `var` (public, but not written so)
    pub const VAR: u32 = 128;
    /// `public(set)`
    pub const PUBLIC_SET: u32 = 256;
    /// `protected(set)`
    pub const PROTECTED_SET: u32 = 512;
    /// `private(set)`
    pub const PRIVATE_SET: u32 = 1024;
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Param {
    /// Where it stands.
    pub span: Span,
    /// Attributes.
    pub attributes: Vec<Attribute>,
    /// Modifiers, non-zero for constructor promotion.
    pub modifiers: u32,
    /// The type.
    pub ty: Option<Type>,
    /// `&$x`
    pub by_ref: bool,
    /// `...$x`
    pub variadic: bool,
    /// The name without `$`.
    pub name: Ident,
    /// The default value.
    pub default: Option<Expr>,
    /// Hooks of a promoted property.
    pub hooks: Option<Vec<PropertyHook>>,
    /// The doc comment of a promoted property.
    pub doc: Option<Bytes>,
}

/// A function, method or the body of a closure.
#[derive(Clone, Debug)]
pub struct FunctionDecl {
    /// From the first token (without attributes) to the closing brace.
    pub span: Span,
    /// Line of the closing brace.
    pub end_line: u32,
    /// The name; empty for closures.
    pub name: Ident,
    /// Attributes.
    pub attributes: Vec<Attribute>,
    /// `function &f()`
    pub by_ref: bool,
    /// Parameters.
    pub params: Vec<Param>,
    /// Return type.
    pub return_type: Option<Type>,
    /// Body; `None` for abstract methods.
    pub body: Option<Block>,
    /// The body (or default value) contains `yield`: it is a generator.
    pub is_generator: bool,
    /// The doc comment.
    pub doc: Option<Bytes>,
}

/// Kinds of class-like declarations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClassKind {
    /// `class`
    Class,
    /// `interface`
    Interface,
    /// `trait`
    Trait,
    /// `enum`
    Enum,
}

/// A class, interface, trait or enum.
#[derive(Clone, Debug)]
pub struct ClassDecl {
    /// Where it stands.
    pub span: Span,
    /// Line of the closing brace.
    pub end_line: u32,
    /// What it is.
    pub kind: ClassKind,
    /// The name; `None` for an anonymous class.
    pub name: Option<Ident>,
    /// `abstract`, `final`, `readonly`.
    pub modifiers: u32,
    /// Attributes.
    pub attributes: Vec<Attribute>,
    /// `extends` of a class.
    pub parent: Option<Name>,
    /// `implements`, or `extends` of an interface.
    pub interfaces: Vec<Name>,
    /// Backing type of an enum.
    pub backing: Option<Type>,
    /// The members in order.
    pub members: Vec<Member>,
    /// The doc comment.
    pub doc: Option<Bytes>,
}

/// A member of a class.
#[derive(Clone, Debug)]
pub enum Member {
    /// `const A = 1, B = 2;`
    Const {
        span: Span,
        attributes: Vec<Attribute>,
        modifiers: u32,
        ty: Option<Type>,
        items: Vec<ConstItem>,
    },
    /// `public int $a = 1, $b;`
    Property {
        span: Span,
        attributes: Vec<Attribute>,
        modifiers: u32,
        ty: Option<Type>,
        items: Vec<PropertyItem>,
    },
    /// A method.
    Method { modifiers: u32, decl: Box<FunctionDecl> },
    /// `use T { … }`
    TraitUse { span: Span, names: Vec<Name>, adaptations: Vec<TraitAdaptation> },
    /// `case A = 1;`
    EnumCase {
        span: Span,
        attributes: Vec<Attribute>,
        name: Ident,
        value: Option<Expr>,
        doc: Option<Bytes>,
    },
}

/// One property of a property declaration.
#[derive(Clone, Debug)]
pub struct PropertyItem {
    /// The name without `$`.
    pub name: Ident,
    /// The default value.
    pub default: Option<Expr>,
    /// Property hooks (`{ get; set; }`).
    pub hooks: Option<Vec<PropertyHook>>,
    /// The doc comment.
    pub doc: Option<Bytes>,
}

/// A `get` or `set` hook.
#[derive(Clone, Debug)]
pub struct PropertyHook {
    /// Where it stands.
    pub span: Span,
    /// Line of its end.
    pub end_line: u32,
    /// Attributes.
    pub attributes: Vec<Attribute>,
    /// Only `final` is legal.
    pub modifiers: u32,
    /// `&get`
    pub by_ref: bool,
    /// `get` or `set` (as written).
    pub name: Ident,
    /// Parameters of `set`, if written.
    pub params: Option<Vec<Param>>,
    /// What it does.
    pub body: HookBody,
    /// The body contains `yield`.
    pub is_generator: bool,
    /// The doc comment.
    pub doc: Option<Bytes>,
}

/// The body of a property hook.
#[derive(Clone, Debug)]
pub enum HookBody {
    /// `get;`
    Abstract,
    /// `get => expr;`
    Expr(Box<Expr>),
    /// `get { … }`
    Block(Block),
}

/// One rule of `use T { … }`.
#[derive(Clone, Debug)]
pub enum TraitAdaptation {
    /// `T::m insteadof U, V;`
    Precedence { span: Span, trait_name: Name, method: Ident, insteadof: Vec<Name> },
    /// `T::m as protected n;`
    Alias {
        span: Span,
        trait_name: Option<Name>,
        method: Ident,
        modifiers: u32,
        alias: Option<Ident>,
    },
}

/// An expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: ExprKind,
}

/// A name that is known, or an expression that gives it at run time.
#[derive(Clone, Debug)]
pub enum Selector {
    /// Written as an identifier.
    Name(Box<Ident>),
    /// `{expr}` or `$name`.
    Expr(Box<Expr>),
}

/// Arguments of a call.
#[derive(Clone, Debug)]
pub enum Args {
    /// `f(a, b)`
    List(Box<[Arg]>),
    /// `f(...)`: first-class callable syntax.
    FirstClass,
}

/// One argument.
#[derive(Clone, Debug)]
pub struct Arg {
    /// `name: value`
    pub name: Option<Box<Ident>>,
    /// `...value`
    pub unpack: bool,
    /// The value.
    pub value: Expr,
}

/// One element of an array literal or pattern.
#[derive(Clone, Debug)]
pub struct ArrayItem {
    /// `key => …`
    pub key: Option<Expr>,
    /// The value.
    pub value: Expr,
    /// `&$value`
    pub by_ref: bool,
    /// `...$value`
    pub unpack: bool,
}

/// One part of an interpolated string.
#[derive(Clone, Debug)]
pub enum StringPart {
    /// Literal bytes.
    Literal(Bytes),
    /// An expression.
    Expr(Expr),
}

/// Kinds of `include`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IncludeKind {
    /// `include`
    Include,
    /// `include_once`
    IncludeOnce,
    /// `require`
    Require,
    /// `require_once`
    RequireOnce,
    /// `eval`
    Eval,
}

/// Casts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CastKind {
    /// `(int)`
    Int,
    /// `(float)`
    Float,
    /// `(string)`
    String,
    /// `(bool)`
    Bool,
    /// `(array)`
    Array,
    /// `(object)`
    Object,
    /// `(unset)`: always a compile-time error.
    Unset,
}

/// Unary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `!`
    Not,
    /// `~`
    BitNot,
}

/// Binary operators that evaluate both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
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
    Equal,
    NotEqual,
    Identical,
    NotIdentical,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Spaceship,
    /// `xor`
    LogicalXor,
}

/// Operators that may leave the right side unevaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogicalOp {
    /// `&&`, `and`
    And,
    /// `||`, `or`
    Or,
}

/// Magic constants that the compiler replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MagicConst {
    /// `__LINE__`
    Line,
    /// `__FILE__`
    File,
    /// `__DIR__`
    Dir,
    /// `__CLASS__`
    Class,
    /// `__TRAIT__`
    Trait,
    /// `__FUNCTION__`
    Function,
    /// `__METHOD__`
    Method,
    /// `__NAMESPACE__`
    Namespace,
    /// `__PROPERTY__`
    Property,
}

/// A closure or arrow function.
#[derive(Clone, Debug)]
pub struct ClosureDecl {
    /// `static function`
    pub is_static: bool,
    /// `use (&$a, $b)`: name and by-reference; empty for arrow functions.
    pub uses: Vec<(Ident, bool)>,
    /// `fn`: captures by value whatever it uses; its body is one `return`.
    pub is_arrow: bool,
    /// Parameters, types and body.
    pub decl: Box<FunctionDecl>,
}

/// One arm of a `match`; `conds` is `None` for `default`.
#[derive(Clone, Debug)]
pub struct MatchArm {
    /// Where it stands.
    pub span: Span,
    /// The conditions.
    pub conds: Option<Vec<Expr>>,
    /// The value.
    pub body: Expr,
}

/// The kinds of expressions.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// An integer literal.
    Int(i64),
    /// A float literal (also an integer literal that overflows).
    Float(f64),
    /// A string without interpolation.
    String(Bytes),
    /// A string with interpolation, or a heredoc.
    Interpolated(Vec<StringPart>),
    /// `` `command` ``
    ShellExec(Vec<StringPart>),
    /// `[…]` or `array(…)`. As an assignment target it is a pattern.
    Array { items: Vec<Option<ArrayItem>>, short: bool },
    /// `list(…)`, always a pattern.
    List(Vec<Option<ArrayItem>>),
    /// `$name`
    Variable(Bytes),
    /// `$$name`, `${expr}`
    VariableVariable(Box<Expr>),
    /// `base[index]`; `index` is `None` for `base[]`.
    Index { base: Box<Expr>, index: Option<Box<Expr>> },
    /// `object->name`
    Property { object: Box<Expr>, name: Selector, nullsafe: bool },
    /// `Class::$name`
    StaticProperty { class: Box<Expr>, name: Selector },
    /// `Class::NAME`, `Class::class`, `Class::{expr}`
    ClassConstant { class: Box<Expr>, name: Selector },
    /// A name in expression position: a constant, or the callee or class of the parent node.
    Name(Name),
    /// `f(args)`; `line` is the one of its parenthesis.
    Call { callee: Box<Expr>, args: Args, line: u32 },
    /// `object->method(args)`
    MethodCall { object: Box<Expr>, name: Selector, args: Args, nullsafe: bool },
    /// `Class::method(args)`
    StaticCall { class: Box<Expr>, name: Selector, args: Args },
    /// `new Class(args)`
    New { class: Box<Expr>, args: Args },
    /// `new class(args) { … }`
    NewAnonymous { decl: Box<ClassDecl>, args: Args },
    /// `clone expr`
    Clone(Box<Expr>),
    /// Unary operators.
    Unary { op: UnaryOp, expr: Box<Expr> },
    /// `++$a` and the like.
    IncDec { target: Box<Expr>, increment: bool, prefix: bool },
    /// Binary operators.
    Binary { op: BinaryOp, left: Box<Expr>, right: Box<Expr> },
    /// `&&`, `||`, `and`, `or`
    Logical { op: LogicalOp, left: Box<Expr>, right: Box<Expr> },
    /// `??`
    Coalesce { left: Box<Expr>, right: Box<Expr> },
    /// `a ? b : c`, `a ?: c`
    Ternary { cond: Box<Expr>, then: Option<Box<Expr>>, otherwise: Box<Expr> },
    /// `target = value`
    Assign { target: Box<Expr>, value: Box<Expr> },
    /// `target = &source`
    AssignRef { target: Box<Expr>, source: Box<Expr> },
    /// `target op= value`
    AssignOp { op: BinaryOp, target: Box<Expr>, value: Box<Expr> },
    /// `target ??= value`
    AssignCoalesce { target: Box<Expr>, value: Box<Expr> },
    /// Casts.
    Cast { kind: CastKind, expr: Box<Expr> },
    /// `isset(a, b)`
    Isset(Vec<Expr>),
    /// `empty(a)`
    Empty(Box<Expr>),
    /// `@expr`
    Silence(Box<Expr>),
    /// `print expr`
    Print(Box<Expr>),
    /// `exit`, `die`, `exit(args)`; `None` without parentheses.
    Exit(Option<Args>),
    /// `include …`, `eval(…)`
    Include { kind: IncludeKind, expr: Box<Expr> },
    /// `expr instanceof class`
    InstanceOf { expr: Box<Expr>, class: Box<Expr> },
    /// `yield`, `yield v`, `yield k => v`
    Yield { key: Option<Box<Expr>>, value: Option<Box<Expr>> },
    /// `yield from expr`
    YieldFrom(Box<Expr>),
    /// `throw expr`
    Throw(Box<Expr>),
    /// `match`
    Match { subject: Box<Expr>, arms: Vec<MatchArm> },
    /// Closures and arrow functions.
    Closure(Box<ClosureDecl>),
    /// `__LINE__` and its like.
    Magic(MagicConst),
    /// `(expr)`: kept because PHP treats `(f())` as a by-reference argument, `isset((…))` and
    /// nested ternaries differently with parentheses.
    Paren(Box<Expr>),
}

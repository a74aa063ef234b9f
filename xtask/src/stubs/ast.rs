//! What a stub declares.

/// One stub file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stub {
    /// The first comment, if it names the extension: `@extension NAME`, `@ini STATIC`.
    pub doc: Doc,
    /// Declarations in the order of the file.
    pub items: Vec<Item>,
}

/// A declaration at the top of a stub.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// `const NAME = value;`
    Const(Const),
    /// `function name(...): type {}`
    Function(Function),
    /// A class, interface, trait or enum.
    Class(Class),
}

/// A doc comment: free text and `@tag value` lines.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Doc {
    /// Lines without a tag.
    pub text: String,
    /// Tags in order, without their `@`.
    pub tags: Vec<(String, String)>,
}

impl Doc {
    /// The value of the first tag of that name.
    pub fn tag(&self, name: &str) -> Option<&str> {
        self.tags.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Whether the tag is there.
    pub fn has(&self, name: &str) -> bool {
        self.tag(name).is_some()
    }

    /// The parameter names that a tag such as `@prefer-ref $a $b` lists.
    pub fn lists_param(&self, name: &str, param: &str) -> bool {
        self.tags
            .iter()
            .filter(|(n, _)| n == name)
            .flat_map(|(_, v)| v.split([' ', ',']))
            .any(|word| word.trim_start_matches('$') == param)
    }
}

/// `#[Name(arguments)]`
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// The attribute's class.
    pub name: String,
    /// Arguments, each with its name where one is given.
    pub args: Vec<(Option<String>, Expr)>,
}

/// A constant of the file, a class constant, or a case of an enum.
#[derive(Clone, Debug, PartialEq)]
pub struct Const {
    /// The name, with its namespace where it is a constant of the file.
    pub name: String,
    /// Declared type of a class constant.
    pub ty: Option<Type>,
    /// The value; a case of a plain enum has none.
    pub value: Option<Expr>,
    /// Visibility and `final`.
    pub modifiers: Modifiers,
    /// The comment above it.
    pub doc: Doc,
    /// Attributes above it.
    pub attributes: Vec<Attribute>,
}

/// A function or method.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// The name, with its namespace where it is no method.
    pub name: String,
    /// `function &name()`
    pub by_ref: bool,
    /// Parameters in order.
    pub params: Vec<Param>,
    /// The return type, written or from `@return`.
    pub ret: Option<Type>,
    /// What a method's declaration says before `function`.
    pub modifiers: Modifiers,
    /// The comment above it.
    pub doc: Doc,
    /// Attributes above it.
    pub attributes: Vec<Attribute>,
}

impl Function {
    /// Whether a call is reported as deprecated.
    pub fn is_deprecated(&self) -> bool {
        self.doc.has("deprecated") || self.attributes.iter().any(|a| a.name == "Deprecated")
    }

    /// How many arguments a call needs at least.
    pub fn required(&self) -> usize {
        self.params.iter().rposition(|p| !p.is_optional()).map_or(0, |last| last + 1)
    }
}

/// A parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    /// The name without its dollar.
    pub name: String,
    /// The declared type.
    pub ty: Option<Type>,
    /// How the argument is passed.
    pub by_ref: ByRef,
    /// `...$name`
    pub variadic: bool,
    /// The default.
    pub default: Option<DefaultValue>,
    /// Attributes before it.
    pub attributes: Vec<Attribute>,
}

impl Param {
    /// Whether a call may leave it out.
    pub fn is_optional(&self) -> bool {
        self.variadic || self.default.is_some()
    }
}

/// The default of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct DefaultValue {
    /// What it means.
    pub value: Expr,
    /// As written.
    pub text: String,
}

/// Passing by reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByRef {
    /// By value.
    No,
    /// `&$x`: only variables are accepted.
    Yes,
    /// `@prefer-ref $x`: a reference where the argument allows one.
    Prefer,
}

/// A type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// A builtin type in lower case, or the name of a class.
    Name(String),
    /// `?T`
    Nullable(Box<Type>),
    /// `A|B`
    Union(Vec<Type>),
    /// `A&B`
    Intersection(Vec<Type>),
}

/// What stands before a declaration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Modifiers {
    /// Who may use the member.
    pub visibility: Visibility,
    /// `static`
    pub is_static: bool,
    /// `abstract`
    pub is_abstract: bool,
    /// `final`
    pub is_final: bool,
    /// `readonly`
    pub is_readonly: bool,
}

/// Who may use a member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Visibility {
    /// Everybody.
    #[default]
    Public,
    /// The class and its heirs.
    Protected,
    /// The class alone.
    Private,
}

/// What kind of class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClassKind {
    /// `class`
    Class,
    /// `interface`
    Interface,
    /// `trait`
    Trait,
    /// `enum`, with its backing type
    Enum(Option<Type>),
}

/// A class, interface, trait or enum.
#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    /// Which of them.
    pub kind: ClassKind,
    /// The name with its namespace.
    pub name: String,
    /// `abstract`, `final`, `readonly`.
    pub modifiers: Modifiers,
    /// The parent; interfaces list theirs in `interfaces`.
    pub extends: Option<String>,
    /// Implemented, or extended by an interface.
    pub interfaces: Vec<String>,
    /// Used traits.
    pub traits: Vec<String>,
    /// Constants in order.
    pub constants: Vec<Const>,
    /// Cases of an enum.
    pub cases: Vec<Const>,
    /// Properties in order.
    pub properties: Vec<Property>,
    /// Methods in order.
    pub methods: Vec<Function>,
    /// The comment above it: `@strict-properties`, `@not-serializable` and the like.
    pub doc: Doc,
    /// Attributes above it.
    pub attributes: Vec<Attribute>,
}

/// A property.
#[derive(Clone, Debug, PartialEq)]
pub struct Property {
    /// The name without its dollar.
    pub name: String,
    /// The declared type.
    pub ty: Option<Type>,
    /// The default; a typed property without one starts uninitialised.
    pub default: Option<Expr>,
    /// Visibility, `static`, `readonly`.
    pub modifiers: Modifiers,
    /// Visibility for writing, where it differs.
    pub write: Option<Visibility>,
    /// The comment above it.
    pub doc: Doc,
    /// Attributes above it.
    pub attributes: Vec<Attribute>,
}

/// A constant expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A float.
    Float(f64),
    /// A string.
    Str(Vec<u8>),
    /// `[a, k => b]`
    Array(Vec<(Option<Expr>, Expr)>),
    /// A constant; `UNKNOWN` as a default means that leaving the argument out is its own case.
    Const(String),
    /// `Class::NAME`
    ClassConst(String, String),
    /// `-x`, `~x`, `!x`, `+x`
    Unary(String, Box<Expr>),
    /// `a | b` and so on
    Binary(String, Box<Expr>, Box<Expr>),
    /// `new Name(arguments)`
    New(String, Vec<Expr>),
}

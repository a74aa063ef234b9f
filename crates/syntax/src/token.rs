//! Tokens: their kinds, PHP's numbers and names for them, and how messages call them.

/// How a parse error names a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// Always the same text: `token ";"`.
    Fixed(&'static str),
    /// A class of texts: `identifier "foo"`.
    Valued(&'static str),
}

macro_rules! tokens {
    ($($kind:ident = $id:literal, $name:literal, $style:ident($label:literal);)*) => {
        /// The kinds of tokens.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u16)]
        pub enum TokenKind {
            /// End of the source.
            End = 0,
            /// The lexer has found an error and keeps it.
            Error = 1,
            $(#[doc = concat!("`", $label, "`")] $kind = $id,)*
        }

        impl TokenKind {
            /// PHP's name (`T_STRING`), empty for single characters.
            pub fn name(self) -> &'static str {
                match self {
                    TokenKind::End | TokenKind::Error => "",
                    $(TokenKind::$kind => $name,)*
                }
            }

            /// How messages call it.
            pub fn label(self) -> Label {
                match self {
                    TokenKind::End | TokenKind::Error => Label::Valued("end of file"),
                    $(TokenKind::$kind => Label::$style($label),)*
                }
            }

            /// The kind with PHP's number `id`.
            pub fn from_id(id: u16) -> Option<TokenKind> {
                match id {
                    $($id => Some(TokenKind::$kind),)*
                    _ => None,
                }
            }
        }
    };
}

impl TokenKind {
    /// PHP's number: the `T_*` constant or the byte of a single character.
    pub fn id(self) -> u16 {
        self as u16
    }
}

/// One token: its kind and place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
    /// Line of the first byte, from 1.
    pub line: u32,
    /// The line PHP's lexer stands on behind the token.
    pub end_line: u32,
}

tokens! {
    LNumber = 260, "T_LNUMBER", Valued("integer");
    DNumber = 261, "T_DNUMBER", Valued("floating-point number");
    String = 262, "T_STRING", Valued("identifier");
    NameFullyQualified = 263, "T_NAME_FULLY_QUALIFIED", Valued("fully qualified name");
    NameRelative = 264, "T_NAME_RELATIVE", Valued("namespace-relative name");
    NameQualified = 265, "T_NAME_QUALIFIED", Valued("namespaced name");
    Variable = 266, "T_VARIABLE", Valued("variable");
    InlineHtml = 267, "T_INLINE_HTML", Valued("T_INLINE_HTML");
    EncapsedAndWhitespace = 268, "T_ENCAPSED_AND_WHITESPACE", Valued("string content");
    ConstantEncapsedString = 269, "T_CONSTANT_ENCAPSED_STRING", Valued("quoted string");
    StringVarname = 270, "T_STRING_VARNAME", Valued("variable name");
    NumString = 271, "T_NUM_STRING", Valued("number");
    Include = 272, "T_INCLUDE", Fixed("include");
    IncludeOnce = 273, "T_INCLUDE_ONCE", Fixed("include_once");
    Eval = 274, "T_EVAL", Fixed("eval");
    Require = 275, "T_REQUIRE", Fixed("require");
    RequireOnce = 276, "T_REQUIRE_ONCE", Fixed("require_once");
    LogicalOr = 277, "T_LOGICAL_OR", Fixed("or");
    LogicalXor = 278, "T_LOGICAL_XOR", Fixed("xor");
    LogicalAnd = 279, "T_LOGICAL_AND", Fixed("and");
    Print = 280, "T_PRINT", Fixed("print");
    Yield = 281, "T_YIELD", Fixed("yield");
    YieldFrom = 282, "T_YIELD_FROM", Fixed("yield from");
    Instanceof = 283, "T_INSTANCEOF", Fixed("instanceof");
    New = 284, "T_NEW", Fixed("new");
    Clone = 285, "T_CLONE", Fixed("clone");
    Exit = 286, "T_EXIT", Fixed("exit");
    If = 287, "T_IF", Fixed("if");
    Elseif = 288, "T_ELSEIF", Fixed("elseif");
    Else = 289, "T_ELSE", Fixed("else");
    Endif = 290, "T_ENDIF", Fixed("endif");
    Echo = 291, "T_ECHO", Fixed("echo");
    Do = 292, "T_DO", Fixed("do");
    While = 293, "T_WHILE", Fixed("while");
    Endwhile = 294, "T_ENDWHILE", Fixed("endwhile");
    For = 295, "T_FOR", Fixed("for");
    Endfor = 296, "T_ENDFOR", Fixed("endfor");
    Foreach = 297, "T_FOREACH", Fixed("foreach");
    Endforeach = 298, "T_ENDFOREACH", Fixed("endforeach");
    Declare = 299, "T_DECLARE", Fixed("declare");
    Enddeclare = 300, "T_ENDDECLARE", Fixed("enddeclare");
    As = 301, "T_AS", Fixed("as");
    Switch = 302, "T_SWITCH", Fixed("switch");
    Endswitch = 303, "T_ENDSWITCH", Fixed("endswitch");
    Case = 304, "T_CASE", Fixed("case");
    Default = 305, "T_DEFAULT", Fixed("default");
    Match = 306, "T_MATCH", Fixed("match");
    Break = 307, "T_BREAK", Fixed("break");
    Continue = 308, "T_CONTINUE", Fixed("continue");
    Goto = 309, "T_GOTO", Fixed("goto");
    Function = 310, "T_FUNCTION", Fixed("function");
    Fn = 311, "T_FN", Fixed("fn");
    Const = 312, "T_CONST", Fixed("const");
    Return = 313, "T_RETURN", Fixed("return");
    Try = 314, "T_TRY", Fixed("try");
    Catch = 315, "T_CATCH", Fixed("catch");
    Finally = 316, "T_FINALLY", Fixed("finally");
    Throw = 317, "T_THROW", Fixed("throw");
    Use = 318, "T_USE", Fixed("use");
    Insteadof = 319, "T_INSTEADOF", Fixed("insteadof");
    Global = 320, "T_GLOBAL", Fixed("global");
    Static = 321, "T_STATIC", Fixed("static");
    Abstract = 322, "T_ABSTRACT", Fixed("abstract");
    Final = 323, "T_FINAL", Fixed("final");
    Private = 324, "T_PRIVATE", Fixed("private");
    Protected = 325, "T_PROTECTED", Fixed("protected");
    Public = 326, "T_PUBLIC", Fixed("public");
    PrivateSet = 327, "T_PRIVATE_SET", Fixed("private(set)");
    ProtectedSet = 328, "T_PROTECTED_SET", Fixed("protected(set)");
    PublicSet = 329, "T_PUBLIC_SET", Fixed("public(set)");
    Readonly = 330, "T_READONLY", Fixed("readonly");
    Var = 331, "T_VAR", Fixed("var");
    Unset = 332, "T_UNSET", Fixed("unset");
    Isset = 333, "T_ISSET", Fixed("isset");
    Empty = 334, "T_EMPTY", Fixed("empty");
    HaltCompiler = 335, "T_HALT_COMPILER", Fixed("__halt_compiler");
    Class = 336, "T_CLASS", Fixed("class");
    Trait = 337, "T_TRAIT", Fixed("trait");
    Interface = 338, "T_INTERFACE", Fixed("interface");
    Enum = 339, "T_ENUM", Fixed("enum");
    Extends = 340, "T_EXTENDS", Fixed("extends");
    Implements = 341, "T_IMPLEMENTS", Fixed("implements");
    Namespace = 342, "T_NAMESPACE", Fixed("namespace");
    List = 343, "T_LIST", Fixed("list");
    Array = 344, "T_ARRAY", Fixed("array");
    Callable = 345, "T_CALLABLE", Fixed("callable");
    Line = 346, "T_LINE", Fixed("__LINE__");
    File = 347, "T_FILE", Fixed("__FILE__");
    Dir = 348, "T_DIR", Fixed("__DIR__");
    ClassC = 349, "T_CLASS_C", Fixed("__CLASS__");
    TraitC = 350, "T_TRAIT_C", Fixed("__TRAIT__");
    MethodC = 351, "T_METHOD_C", Fixed("__METHOD__");
    FuncC = 352, "T_FUNC_C", Fixed("__FUNCTION__");
    PropertyC = 353, "T_PROPERTY_C", Fixed("__PROPERTY__");
    NsC = 354, "T_NS_C", Fixed("__NAMESPACE__");
    Attribute = 355, "T_ATTRIBUTE", Fixed("#[");
    PlusEqual = 356, "T_PLUS_EQUAL", Fixed("+=");
    MinusEqual = 357, "T_MINUS_EQUAL", Fixed("-=");
    MulEqual = 358, "T_MUL_EQUAL", Fixed("*=");
    DivEqual = 359, "T_DIV_EQUAL", Fixed("/=");
    ConcatEqual = 360, "T_CONCAT_EQUAL", Fixed(".=");
    ModEqual = 361, "T_MOD_EQUAL", Fixed("%=");
    AndEqual = 362, "T_AND_EQUAL", Fixed("&=");
    OrEqual = 363, "T_OR_EQUAL", Fixed("|=");
    XorEqual = 364, "T_XOR_EQUAL", Fixed("^=");
    SlEqual = 365, "T_SL_EQUAL", Fixed("<<=");
    SrEqual = 366, "T_SR_EQUAL", Fixed(">>=");
    CoalesceEqual = 367, "T_COALESCE_EQUAL", Fixed("??=");
    BooleanOr = 368, "T_BOOLEAN_OR", Fixed("||");
    BooleanAnd = 369, "T_BOOLEAN_AND", Fixed("&&");
    IsEqual = 370, "T_IS_EQUAL", Fixed("==");
    IsNotEqual = 371, "T_IS_NOT_EQUAL", Fixed("!=");
    IsIdentical = 372, "T_IS_IDENTICAL", Fixed("===");
    IsNotIdentical = 373, "T_IS_NOT_IDENTICAL", Fixed("!==");
    IsSmallerOrEqual = 374, "T_IS_SMALLER_OR_EQUAL", Fixed("<=");
    IsGreaterOrEqual = 375, "T_IS_GREATER_OR_EQUAL", Fixed(">=");
    Spaceship = 376, "T_SPACESHIP", Fixed("<=>");
    Sl = 377, "T_SL", Fixed("<<");
    Sr = 378, "T_SR", Fixed(">>");
    Inc = 379, "T_INC", Fixed("++");
    Dec = 380, "T_DEC", Fixed("--");
    IntCast = 381, "T_INT_CAST", Fixed("(int)");
    DoubleCast = 382, "T_DOUBLE_CAST", Fixed("(double)");
    StringCast = 383, "T_STRING_CAST", Fixed("(string)");
    ArrayCast = 384, "T_ARRAY_CAST", Fixed("(array)");
    ObjectCast = 385, "T_OBJECT_CAST", Fixed("(object)");
    BoolCast = 386, "T_BOOL_CAST", Fixed("(bool)");
    UnsetCast = 387, "T_UNSET_CAST", Fixed("(unset)");
    ObjectOperator = 388, "T_OBJECT_OPERATOR", Fixed("->");
    NullsafeObjectOperator = 389, "T_NULLSAFE_OBJECT_OPERATOR", Fixed("?->");
    DoubleArrow = 390, "T_DOUBLE_ARROW", Fixed("=>");
    Comment = 391, "T_COMMENT", Valued("comment");
    DocComment = 392, "T_DOC_COMMENT", Valued("doc comment");
    OpenTag = 393, "T_OPEN_TAG", Valued("open tag");
    OpenTagWithEcho = 394, "T_OPEN_TAG_WITH_ECHO", Fixed("<?=");
    CloseTag = 395, "T_CLOSE_TAG", Fixed("?>");
    Whitespace = 396, "T_WHITESPACE", Valued("whitespace");
    StartHeredoc = 397, "T_START_HEREDOC", Valued("heredoc start");
    EndHeredoc = 398, "T_END_HEREDOC", Valued("heredoc end");
    DollarOpenCurlyBraces = 399, "T_DOLLAR_OPEN_CURLY_BRACES", Fixed("${");
    CurlyOpen = 400, "T_CURLY_OPEN", Fixed("{$");
    PaamayimNekudotayim = 401, "T_PAAMAYIM_NEKUDOTAYIM", Fixed("::");
    NsSeparator = 402, "T_NS_SEPARATOR", Fixed("\\");
    Ellipsis = 403, "T_ELLIPSIS", Fixed("...");
    Coalesce = 404, "T_COALESCE", Fixed("??");
    Pow = 405, "T_POW", Fixed("**");
    PowEqual = 406, "T_POW_EQUAL", Fixed("**=");
    AmpersandFollowedByVarOrVararg = 407, "T_AMPERSAND_FOLLOWED_BY_VAR_OR_VARARG", Fixed("&");
    AmpersandNotFollowedByVarOrVararg = 408, "T_AMPERSAND_NOT_FOLLOWED_BY_VAR_OR_VARARG", Fixed("&");
    BadCharacter = 409, "T_BAD_CHARACTER", Valued("invalid character");
    Semicolon = 59, "", Fixed(";");
    Comma = 44, "", Fixed(",");
    Dot = 46, "", Fixed(".");
    LeftBracket = 91, "", Fixed("[");
    RightBracket = 93, "", Fixed("]");
    LeftParen = 40, "", Fixed("(");
    RightParen = 41, "", Fixed(")");
    Bar = 124, "", Fixed("|");
    Caret = 94, "", Fixed("^");
    Plus = 43, "", Fixed("+");
    Minus = 45, "", Fixed("-");
    Star = 42, "", Fixed("*");
    Slash = 47, "", Fixed("/");
    Equal = 61, "", Fixed("=");
    Percent = 37, "", Fixed("%");
    Exclamation = 33, "", Fixed("!");
    Tilde = 126, "", Fixed("~");
    Dollar = 36, "", Fixed("$");
    Less = 60, "", Fixed("<");
    Greater = 62, "", Fixed(">");
    Question = 63, "", Fixed("?");
    At = 64, "", Fixed("@");
    Colon = 58, "", Fixed(":");
    LeftBrace = 123, "", Fixed("{");
    RightBrace = 125, "", Fixed("}");
    Backtick = 96, "", Fixed("`");
    DoubleQuote = 34, "", Fixed("\"");
}

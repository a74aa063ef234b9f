//! Reserved words.

use crate::token::TokenKind::{self, *};

/// Longest reserved word: `__halt_compiler`.
const LONGEST: usize = 15;

/// The kind of a reserved word in any case; `None` for every other identifier.
pub fn keyword(text: &[u8]) -> Option<TokenKind> {
    if text.len() < 2 || text.len() > LONGEST {
        return None;
    }
    let mut lower = [0u8; LONGEST];
    for (to, from) in lower.iter_mut().zip(text) {
        *to = from.to_ascii_lowercase();
    }
    Some(match &lower[..text.len()] {
        b"as" => As,
        b"do" => Do,
        b"fn" => Fn,
        b"if" => If,
        b"or" => LogicalOr,
        b"and" => LogicalAnd,
        b"die" => Exit,
        b"for" => For,
        b"new" => New,
        b"try" => Try,
        b"use" => Use,
        b"var" => Var,
        b"xor" => LogicalXor,
        b"case" => Case,
        b"echo" => Echo,
        b"else" => Else,
        b"enum" => Enum,
        b"eval" => Eval,
        b"exit" => Exit,
        b"goto" => Goto,
        b"list" => List,
        b"array" => Array,
        b"break" => Break,
        b"catch" => Catch,
        b"class" => Class,
        b"clone" => Clone,
        b"const" => Const,
        b"empty" => Empty,
        b"endif" => Endif,
        b"final" => Final,
        b"isset" => Isset,
        b"match" => Match,
        b"print" => Print,
        b"throw" => Throw,
        b"trait" => Trait,
        b"unset" => Unset,
        b"while" => While,
        b"yield" => Yield,
        b"elseif" => Elseif,
        b"endfor" => Endfor,
        b"global" => Global,
        b"public" => Public,
        b"return" => Return,
        b"static" => Static,
        b"switch" => Switch,
        b"declare" => Declare,
        b"default" => Default,
        b"extends" => Extends,
        b"finally" => Finally,
        b"foreach" => Foreach,
        b"include" => Include,
        b"private" => Private,
        b"require" => Require,
        b"__dir__" => Dir,
        b"abstract" => Abstract,
        b"callable" => Callable,
        b"continue" => Continue,
        b"endwhile" => Endwhile,
        b"function" => Function,
        b"readonly" => Readonly,
        b"__file__" => File,
        b"__line__" => Line,
        b"endswitch" => Endswitch,
        b"insteadof" => Insteadof,
        b"interface" => Interface,
        b"namespace" => Namespace,
        b"protected" => Protected,
        b"__class__" => ClassC,
        b"__trait__" => TraitC,
        b"enddeclare" => Enddeclare,
        b"endforeach" => Endforeach,
        b"implements" => Implements,
        b"instanceof" => Instanceof,
        b"__method__" => MethodC,
        b"include_once" => IncludeOnce,
        b"require_once" => RequireOnce,
        b"__function__" => FuncC,
        b"__property__" => PropertyC,
        b"__namespace__" => NsC,
        b"__halt_compiler" => HaltCompiler,
        _ => return None,
    })
}

/// Whether the word may name a member, constant of a class or argument (`semi_reserved`).
pub fn is_semi_reserved(kind: TokenKind) -> bool {
    let id = kind.id();
    let word = (Include.id()..=Callable.id()).contains(&id)
        && !matches!(
            kind,
            HaltCompiler | PublicSet | ProtectedSet | PrivateSet | YieldFrom | Attribute
        );
    word || matches!(kind, Line | File | Dir | ClassC | TraitC | MethodC | FuncC | PropertyC | NsC)
}

//! Tokens of an expression.

use super::XPathError;
use crate::chars;

/// A token.
#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    Literal(Vec<u8>),
    Number(f64),
    /// A name, maybe with a prefix; `p:*` has the name `*`.
    Name(Option<Vec<u8>>, Vec<u8>),
    Variable(Vec<u8>),
    Symbol(&'static str),
    /// `and`, `or`, `mod`, `div`, `*` where an operator is expected.
    Operator(&'static str),
}

const SYMBOLS: &[&str] = &[
    "::", "//", "..", "!=", "<=", ">=", "(", ")", "[", "]", ".", "@", ",", "/", "|", "+", "-", "=",
    "<", ">", "*",
];
const WORDS: &[&str] = &["and", "or", "mod", "div"];

/// Is an operator expected behind this token?
fn ends_operand(token: Option<&Token>) -> bool {
    match token {
        None | Some(Token::Operator(_)) => false,
        Some(Token::Symbol(s)) => matches!(*s, ")" | "]" | "." | ".." | "*"),
        Some(_) => true,
    }
}

fn ncname_len(text: &[u8]) -> usize {
    let len = chars::name_len(text);
    text[..len].iter().position(|b| *b == b':').unwrap_or(len)
}

/// Splits an expression.
pub fn tokens(text: &[u8]) -> Result<Vec<Token>, XPathError> {
    let mut out: Vec<Token> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let first = rest[0];
        if chars::is_space(first) {
            at += 1;
            continue;
        }
        if first == b'"' || first == b'\'' {
            let len = rest[1..].iter().position(|b| *b == first).ok_or(XPathError::Invalid)?;
            out.push(Token::Literal(rest[1..=len].to_vec()));
            at += len + 2;
            continue;
        }
        if first.is_ascii_digit() || first == b'.' && rest.get(1).is_some_and(u8::is_ascii_digit) {
            let len = rest.iter().take_while(|b| b.is_ascii_digit() || **b == b'.').count();
            let number = std::str::from_utf8(&rest[..len]).ok().and_then(|t| t.parse().ok());
            out.push(Token::Number(number.ok_or(XPathError::Invalid)?));
            at += len;
            continue;
        }
        if first == b'$' {
            let len = chars::name_len(&rest[1..]);
            if len == 0 {
                return Err(XPathError::Invalid);
            }
            out.push(Token::Variable(rest[1..=len].to_vec()));
            at += len + 1;
            continue;
        }
        let operator = ends_operand(out.last());
        let len = ncname_len(rest);
        if len > 0 {
            if operator && let Some(word) = WORDS.iter().find(|w| w.as_bytes() == &rest[..len]) {
                out.push(Token::Operator(word));
                at += len;
                continue;
            }
            let name = rest[..len].to_vec();
            at += len;
            let behind = &text[at..];
            if behind.starts_with(b":") && !behind.starts_with(b"::") {
                let local = ncname_len(&behind[1..]);
                if local > 0 {
                    out.push(Token::Name(Some(name), behind[1..=local].to_vec()));
                    at += local + 1;
                } else if behind.get(1) == Some(&b'*') {
                    out.push(Token::Name(Some(name), b"*".to_vec()));
                    at += 2;
                } else {
                    return Err(XPathError::Invalid);
                }
            } else {
                out.push(Token::Name(None, name));
            }
            continue;
        }
        let symbol = SYMBOLS.iter().find(|s| rest.starts_with(s.as_bytes()));
        let symbol = symbol.ok_or(XPathError::Invalid)?;
        at += symbol.len();
        out.push(match *symbol {
            "*" if operator => Token::Operator("*"),
            s @ ("|" | "+" | "-" | "=" | "!=" | "<" | "<=" | ">" | ">=") => Token::Operator(s),
            s => Token::Symbol(s),
        });
    }
    Ok(out)
}

//! Names of tokens, and keywords that are names where they stand.

use outlast_syntax::{Token, TokenKind};

/// PHP's name for a number of a token that is no single character.
pub fn name_of(id: i64) -> Option<&'static str> {
    let kind = u16::try_from(id).ok().and_then(TokenKind::from_id)?;
    match kind {
        TokenKind::PaamayimNekudotayim => Some("T_DOUBLE_COLON"),
        _ => Some(kind.name()).filter(|name| !name.is_empty()),
    }
}

/// Is it a word that has a meaning of its own?
fn is_keyword(kind: TokenKind) -> bool {
    let id = kind.id();
    (TokenKind::Include.id()..=TokenKind::NsC.id()).contains(&id)
        && !matches!(
            kind,
            TokenKind::PrivateSet
                | TokenKind::ProtectedSet
                | TokenKind::PublicSet
                | TokenKind::YieldFrom
        )
}

/// Keywords become names where the grammar wants a name: what `TOKEN_PARSE` asks for.
pub fn names_from_context(tokens: &mut [Token]) {
    let trivia = |kind: TokenKind| {
        matches!(kind, TokenKind::Whitespace | TokenKind::Comment | TokenKind::DocComment)
    };
    let places: Vec<usize> = (0..tokens.len()).filter(|i| !trivia(tokens[*i].kind)).collect();
    let kind = |tokens: &[Token], place: Option<usize>| {
        place.and_then(|p| places.get(p)).map_or(TokenKind::End, |i| tokens[*i].kind)
    };
    let mut in_const = false;
    for place in 0..places.len() {
        let this = kind(tokens, Some(place));
        let before = kind(tokens, place.checked_sub(1));
        let before_that = kind(tokens, place.checked_sub(2));
        let next = kind(tokens, Some(place + 1));
        match this {
            TokenKind::Const => in_const = true,
            TokenKind::Semicolon => in_const = false,
            _ => {}
        }
        if !is_keyword(this) {
            continue;
        }
        let ampersand = matches!(
            before,
            TokenKind::AmpersandNotFollowedByVarOrVararg
                | TokenKind::AmpersandFollowedByVarOrVararg
        );
        let is_name = match before {
            TokenKind::PaamayimNekudotayim
            | TokenKind::ObjectOperator
            | TokenKind::NullsafeObjectOperator
            | TokenKind::Function => true,
            _ if ampersand => before_that == TokenKind::Function,
            TokenKind::Case => matches!(next, TokenKind::Semicolon | TokenKind::Equal),
            TokenKind::As => next == TokenKind::Semicolon,
            TokenKind::Private | TokenKind::Protected | TokenKind::Public => {
                before_that == TokenKind::As && next == TokenKind::Semicolon
            }
            TokenKind::LeftParen | TokenKind::Comma if next == TokenKind::Colon => true,
            TokenKind::LeftBrace | TokenKind::Semicolon => {
                matches!(next, TokenKind::As | TokenKind::Insteadof)
            }
            _ => false,
        } || in_const && next == TokenKind::Equal;
        if is_name {
            tokens[places[place]].kind = TokenKind::String;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_names_in_their_places() {
        let code = b"<?php class A { const for = 1; function &list() { A::new(); } }";
        let mut tokens = outlast_syntax::tokenize(code, false);
        names_from_context(&mut tokens);
        let names: Vec<&[u8]> = tokens
            .iter()
            .filter(|t| t.kind == TokenKind::String)
            .map(|t| &code[t.start as usize..t.end as usize])
            .collect();
        assert_eq!(names, [&b"A"[..], b"for", b"list", b"A", b"new"]);
    }
}

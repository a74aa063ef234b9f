//! PHP's extension `tokenizer` (manual: book.tokenizer.php), over the compiler's own lexer.
#![forbid(unsafe_code)]

mod highlight;
mod highlight_stub;
mod names;
mod php_token;
mod tokenizer_stub;

use highlight::{highlight_file, highlight_string, php_strip_whitespace};
use names::name_of;
use outlast_syntax::{ErrorKind, ParseOptions, Token, TokenKind};
use outlast_value::{PhpArray, PhpString, Value};
use outlast_vm::{Cx, NativeModule, Ret};
use php_token::{
    php_token_construct, php_token_get_token_name, php_token_is, php_token_is_ignorable,
    php_token_magic_to_string, php_token_tokenize,
};

/// What this crate defines.
pub static MODULES: &[&NativeModule] = &[&tokenizer_stub::MODULE, &highlight_stub::MODULE];

/// `TOKEN_PARSE`
const PARSE: i64 = 1;

/// The tokens of some code.
fn tokens(cx: &mut Cx, code: &PhpString, flags: i64) -> Ret<Vec<Token>> {
    let short_open_tag = cx.ini.bool("short_open_tag");
    let parse = flags & PARSE != 0;
    if parse {
        let options = ParseOptions { short_open_tag, ..ParseOptions::default() };
        if let Err(error) = outlast_syntax::parse(code, &options)
            && error.kind == ErrorKind::Parse
        {
            let (file, _) = cx.position();
            return Err(cx.throw_parse_error(&error.message, &file, error.line));
        }
    }
    let mut tokens = outlast_syntax::tokenize(code, short_open_tag);
    if parse {
        names::names_from_context(&mut tokens);
    } else {
        warn_unterminated(cx, code, &tokens)?;
    }
    Ok(tokens)
}

/// A comment that the file ends in is a warning.
fn warn_unterminated(cx: &mut Cx, code: &[u8], tokens: &[Token]) -> Ret<()> {
    let Some(last) = tokens.last() else { return Ok(()) };
    let text = text_of(code, last);
    let comment = matches!(last.kind, TokenKind::Comment | TokenKind::DocComment);
    if comment && text.starts_with(b"/*") && (text.len() < 4 || !text.ends_with(b"*/")) {
        cx.raise(
            outlast_vm::level::COMPILE_WARNING,
            format!("Unterminated comment starting line {}", last.line),
        )?;
    }
    Ok(())
}

fn text_of<'a>(code: &'a [u8], token: &Token) -> &'a [u8] {
    &code[token.start as usize..token.end as usize]
}

/// The number that scripts see: for what the lexer cannot read, that of its first byte's kind.
fn id_of(token: &Token) -> i64 {
    i64::from(match token.kind {
        TokenKind::Error | TokenKind::End => TokenKind::BadCharacter.id(),
        kind => kind.id(),
    })
}

fn token_get_all(cx: &mut Cx, code: &PhpString, flags: i64) -> Ret<PhpArray> {
    let tokens = tokens(cx, code, flags)?;
    let mut out = PhpArray::with_capacity(tokens.len());
    for token in &tokens {
        let text = Value::str(text_of(code, token));
        let id = id_of(token);
        let shown = if id < 256 {
            text
        } else {
            Value::Array(PhpArray::from_list(vec![
                Value::Int(id),
                text,
                Value::Int(i64::from(token.line)),
            ]))
        };
        out.push(shown).ok();
    }
    Ok(out)
}

fn token_name(_: &mut Cx, id: i64) -> Ret<&'static str> {
    Ok(name_of(id).unwrap_or("UNKNOWN"))
}

//! Source code as HTML in colours, and without what only people read.

use super::text_of;
use outlast_ext_standard::file::whole::contents_of;
use outlast_ext_standard::stream::Opened;
use outlast_syntax::{Token, TokenKind, tokenize};
use outlast_value::{PhpString, Value};
use outlast_vm::{Cx, Ret};

/// The colours of the settings `highlight.*`.
struct Colours {
    comment: PhpString,
    default: PhpString,
    html: PhpString,
    keyword: PhpString,
    string: PhpString,
}

impl Colours {
    fn of(cx: &Cx) -> Colours {
        let colour = |name: &str| cx.ini.get(name).unwrap_or_default();
        Colours {
            comment: colour("highlight.comment"),
            default: colour("highlight.default"),
            html: colour("highlight.html"),
            keyword: colour("highlight.keyword"),
            string: colour("highlight.string"),
        }
    }

    fn of_kind(&self, kind: TokenKind) -> &PhpString {
        use TokenKind as T;
        match kind {
            T::InlineHtml => &self.html,
            T::Comment | T::DocComment => &self.comment,
            T::OpenTag
            | T::OpenTagWithEcho
            | T::CloseTag
            | T::LNumber
            | T::DNumber
            | T::String
            | T::NameFullyQualified
            | T::NameRelative
            | T::NameQualified
            | T::Variable
            | T::StringVarname
            | T::NumString => &self.default,
            T::DoubleQuote | T::EncapsedAndWhitespace | T::ConstantEncapsedString => &self.string,
            // `__LINE__` to `__NAMESPACE__`
            kind if (T::Line.id()..=T::NsC.id()).contains(&kind.id()) => &self.default,
            _ => &self.keyword,
        }
    }
}

fn escape(out: &mut Vec<u8>, text: &[u8]) {
    for &byte in text {
        match byte {
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            b'&' => out.extend_from_slice(b"&amp;"),
            b'\t' => out.extend_from_slice(b"    "),
            byte => out.push(byte),
        }
    }
}

fn lex(cx: &Cx, code: &[u8]) -> Vec<Token> {
    let mut tokens = tokenize(code, cx.ini.bool("short_open_tag"));
    tokens.retain(|t| t.kind != TokenKind::End);
    tokens
}

/// Code as HTML in colours.
fn highlighted(cx: &Cx, code: &[u8]) -> Vec<u8> {
    let colours = Colours::of(cx);
    let mut out = b"<pre><code style=\"color: ".to_vec();
    out.extend_from_slice(&colours.html);
    out.extend_from_slice(b"\">");
    let mut last = &colours.html;
    for token in lex(cx, code) {
        if token.kind != TokenKind::Whitespace {
            let next = colours.of_kind(token.kind);
            if next != last {
                if *last != colours.html {
                    out.extend_from_slice(b"</span>");
                }
                if *next != colours.html {
                    out.extend_from_slice(b"<span style=\"color: ");
                    out.extend_from_slice(next);
                    out.extend_from_slice(b"\">");
                }
                last = next;
            }
        }
        escape(&mut out, text_of(code, &token));
    }
    if *last != colours.html {
        out.extend_from_slice(b"</span>");
    }
    out.extend_from_slice(b"</code></pre>");
    out
}

/// Code without comments, and with one space for each run of whitespace.
fn stripped(cx: &Cx, code: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(code.len());
    let mut after_space = false;
    let mut tokens = lex(cx, code).into_iter();
    while let Some(token) = tokens.next() {
        match token.kind {
            TokenKind::Whitespace | TokenKind::Comment | TokenKind::DocComment => {
                if token.kind == TokenKind::Whitespace && !after_space {
                    out.push(b' ');
                }
                after_space = true;
            }
            TokenKind::EndHeredoc => {
                out.extend_from_slice(text_of(code, &token));
                if let Some(next) = tokens.next()
                    && next.kind != TokenKind::Whitespace
                {
                    out.extend_from_slice(text_of(code, &next));
                }
                out.push(b'\n');
                after_space = true;
            }
            _ => {
                out.extend_from_slice(text_of(code, &token));
                after_space = false;
            }
        }
    }
    out
}

fn give(cx: &mut Cx, html: Vec<u8>, wanted: bool) -> Ret<Value> {
    if wanted {
        return Ok(Value::Str(PhpString::from(html)));
    }
    cx.echo(&html)?;
    Ok(Value::Bool(true))
}

/// `highlight_string()`
pub fn highlight_string(cx: &mut Cx, string: &PhpString, wanted: bool) -> Ret<Value> {
    let html = highlighted(cx, string);
    give(cx, html, wanted)
}

/// `highlight_file()`
pub fn highlight_file(cx: &mut Cx, filename: &PhpString, wanted: bool) -> Ret<Value> {
    let Some(code) = contents_of(cx, filename, Opened::default())? else {
        let shown = filename.to_str_lossy().into_owned();
        cx.warning(format!("Failed opening '{shown}' for highlighting"))?;
        return Ok(Value::Bool(false));
    };
    let html = highlighted(cx, &code);
    give(cx, html, wanted)
}

/// `php_strip_whitespace()`
pub fn php_strip_whitespace(cx: &mut Cx, filename: &PhpString) -> Ret<Vec<u8>> {
    let code = contents_of(cx, filename, Opened::default())?;
    Ok(code.map_or_else(Vec::new, |code| stripped(cx, &code)))
}

//! Reads tokens as sections and directives.

use crate::Mode;
use crate::scanner::{Scanner, Token};

/// A value of a directive. Only [`Mode::Typed`] gives other than text.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// `on`, `off` and their likes.
    Bool(bool),
    /// An unquoted int.
    Int(i64),
    /// An unquoted float.
    Float(f64),
    /// Anything else.
    Text(Vec<u8>),
}

/// What a statement of an ini file says.
#[derive(Clone, Debug, PartialEq)]
pub enum Directive {
    /// `[name]`
    Section(Vec<u8>),
    /// `name = value`; no value where the line is just a name.
    Entry(Vec<u8>, Option<Value>),
    /// `name[offset] = value`; an empty offset appends.
    ArrayEntry(Vec<u8>, Vec<u8>, Value),
}

/// Where names in values are looked up.
pub trait Lookup {
    /// The text of a constant.
    fn constant(&self, name: &[u8]) -> Option<Vec<u8>>;
    /// The text of a configuration or environment variable.
    fn variable(&self, name: &[u8]) -> Option<Vec<u8>>;
}

/// A syntax error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// `syntax error, unexpected …`
    pub message: String,
    /// The line it is on.
    pub line: usize,
}

impl SyntaxError {
    /// The text PHP warns with; strings are in `Unknown`.
    pub fn warning(&self, file: &str) -> String {
        format!("{} in {file} on line {}\n", self.message, self.line)
    }
}

/// The directives of a text, up to the error if there is one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parsed {
    /// In order.
    pub directives: Vec<Directive>,
    /// What stopped the parser.
    pub error: Option<SyntaxError>,
}

/// Parses ini text.
pub fn parse(text: &[u8], mode: Mode, lookup: &impl Lookup) -> Parsed {
    let mut scanner = Scanner::new(text, mode);
    let token = scanner.next();
    let mut parser = Parser { scanner, token, mode, lookup, directives: Vec::new() };
    let error = parser.statements().err();
    Parsed { directives: parser.directives, error }
}

struct Parser<'a, L> {
    scanner: Scanner<'a>,
    token: Token,
    mode: Mode,
    lookup: &'a L,
    directives: Vec<Directive>,
}

/// Text being put together, and whether it may be a number.
struct Piece {
    text: Vec<u8>,
    numeric: bool,
}

type Parse<T> = Result<T, SyntaxError>;

impl<L: Lookup> Parser<'_, L> {
    fn advance(&mut self) -> Token {
        let next = self.scanner.next();
        std::mem::replace(&mut self.token, next)
    }

    fn unexpected(&self, expecting: &str) -> SyntaxError {
        let name = self.token.name();
        let expecting =
            if expecting.is_empty() { String::new() } else { format!(", expecting {expecting}") };
        SyntaxError {
            message: format!("syntax error, unexpected {name}{expecting}"),
            line: self.scanner.line,
        }
    }

    fn expect(&mut self, byte: u8) -> Parse<()> {
        if self.token != Token::Byte(byte) {
            return Err(self.unexpected(&format!("'{}'", char::from(byte))));
        }
        self.advance();
        Ok(())
    }

    fn statements(&mut self) -> Parse<()> {
        loop {
            match &self.token {
                Token::End => return Ok(()),
                Token::EndOfLine => {
                    self.advance();
                }
                Token::Section => {
                    self.advance();
                    let name = self.section_name()?;
                    self.expect(b']')?;
                    self.directives.push(Directive::Section(name));
                }
                Token::Label(_) => {
                    let Token::Label(name) = self.advance() else {
                        continue;
                    };
                    let value = if self.token == Token::Byte(b'=') {
                        self.advance();
                        Some(self.value()?)
                    } else {
                        None
                    };
                    self.directives.push(Directive::Entry(name, value));
                }
                Token::Offset(_) => {
                    let Token::Offset(name) = self.advance() else {
                        continue;
                    };
                    let offset = self.pieces()?.map_or_else(Vec::new, |piece| piece.text);
                    self.expect(b']')?;
                    self.expect(b'=')?;
                    let value = self.value()?;
                    self.directives.push(Directive::ArrayEntry(name, offset, value));
                }
                _ => return Err(self.unexpected("")),
            }
        }
    }

    fn section_name(&mut self) -> Parse<Vec<u8>> {
        Ok(self.pieces()?.map_or_else(Vec::new, |piece| piece.text))
    }

    fn value(&mut self) -> Parse<Value> {
        let typed = self.mode == Mode::Typed;
        let keyword = match self.token {
            Token::True if typed => Value::Bool(true),
            Token::True => Value::Text(b"1".to_vec()),
            Token::False if typed => Value::Bool(false),
            Token::Null if typed => Value::Null,
            Token::False | Token::Null | Token::EndOfLine => Value::Text(Vec::new()),
            _ => {
                let piece = self.expression()?;
                return Ok(self.finish(piece));
            }
        };
        self.advance();
        Ok(keyword)
    }

    fn finish(&self, piece: Piece) -> Value {
        let number =
            (self.mode == Mode::Typed && piece.numeric).then(|| number(&piece.text)).flatten();
        number.unwrap_or(Value::Text(piece.text))
    }

    /// The operators bind alike, from the left.
    fn expression(&mut self) -> Parse<Piece> {
        let mut left = self.operand()?;
        while let Token::Byte(operator @ (b'^' | b'|' | b'&')) = self.token {
            self.advance();
            let right = self.operand()?;
            let (a, b) = (to_int(&left.text), to_int(&right.text));
            left = computed(match operator {
                b'^' => a ^ b,
                b'|' => a | b,
                _ => a & b,
            });
        }
        Ok(left)
    }

    fn operand(&mut self) -> Parse<Piece> {
        match self.token {
            Token::Byte(b'~') => {
                self.advance();
                let operand = self.operand()?;
                Ok(computed(!to_int(&operand.text)))
            }
            Token::Byte(b'!') => {
                self.advance();
                let operand = self.operand()?;
                Ok(computed(i32::from(to_int(&operand.text) == 0)))
            }
            Token::Byte(b'(') => {
                self.advance();
                let inner = self.expression()?;
                if self.token != Token::Byte(b')') {
                    return Err(self.unexpected("'^' or '|' or '&' or ')'"));
                }
                self.advance();
                Ok(inner)
            }
            _ => match self.pieces()? {
                Some(piece) => Ok(piece),
                None => Err(self.unexpected("")),
            },
        }
    }

    /// Strings, constants and variables in a row; `None` when there are none.
    fn pieces(&mut self) -> Parse<Option<Piece>> {
        let mut whole: Option<Piece> = None;
        loop {
            let text = match &self.token {
                Token::DollarCurly => self.variable()?,
                Token::Byte(b'"') => self.quoted()?,
                Token::Constant(name) => {
                    let value = self.lookup.constant(name);
                    let text = value.unwrap_or_else(|| name.clone());
                    self.advance();
                    text
                }
                Token::Number(text) => {
                    let text = text.clone();
                    self.advance();
                    if whole.is_none() {
                        whole = Some(Piece { text, numeric: true });
                        continue;
                    }
                    text
                }
                Token::Raw(text) | Token::Text(text) | Token::Whitespace(text) => {
                    let text = text.clone();
                    self.advance();
                    text
                }
                _ => return Ok(whole),
            };
            whole
                .get_or_insert(Piece { text: Vec::new(), numeric: false })
                .text
                .extend_from_slice(&text);
        }
    }

    fn quoted(&mut self) -> Parse<Vec<u8>> {
        let mut out = Vec::new();
        self.advance();
        loop {
            match &self.token {
                Token::Quoted(text) => {
                    out.extend_from_slice(text);
                    self.advance();
                }
                Token::DollarCurly => out.extend(self.variable()?),
                Token::Byte(b'"') => {
                    self.advance();
                    return Ok(out);
                }
                _ => {
                    return Err(self.unexpected("TC_DOLLAR_CURLY or TC_QUOTED_STRING or '\"'"));
                }
            }
        }
    }

    fn variable(&mut self) -> Parse<Vec<u8>> {
        self.advance();
        let name = match &self.token {
            Token::VarName(name) => name.clone(),
            _ => return Err(self.unexpected("TC_VARNAME")),
        };
        self.advance();
        let fallback = match self.token {
            Token::Fallback => {
                self.advance();
                let fallback = self.pieces()?;
                if self.token != Token::Byte(b'}') {
                    return Err(self.unexpected("'}'"));
                }
                fallback.map_or_else(Vec::new, |piece| piece.text)
            }
            Token::Byte(b'}') => Vec::new(),
            _ => return Err(self.unexpected("TC_FALLBACK or '}'")),
        };
        self.advance();
        Ok(self.lookup.variable(&name).unwrap_or(fallback))
    }
}

fn computed(value: i32) -> Piece {
    Piece { text: value.to_string().into_bytes(), numeric: true }
}

/// `atoi` of C: the operators work on its ints.
fn to_int(text: &[u8]) -> i32 {
    let body = text.trim_ascii_start();
    let (negative, digits) = match body {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let magnitude = digits.iter().take_while(|b| b.is_ascii_digit()).fold(0i64, |value, digit| {
        value.saturating_mul(10).saturating_add(i64::from(digit - b'0'))
    });
    (if negative { -magnitude } else { magnitude }) as i32
}

/// The int or float a text is in whole, blanks at its end aside.
fn number(text: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(text.trim_ascii_end()).ok()?;
    if text.contains(['.', 'e', 'E']) {
        return text.parse().ok().map(Value::Float);
    }
    text.parse().ok().map(Value::Int)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Names;

    impl Lookup for Names {
        fn constant(&self, name: &[u8]) -> Option<Vec<u8>> {
            match name {
                b"E_ALL" => Some(b"30719".to_vec()),
                b"E_NOTICE" => Some(b"8".to_vec()),
                _ => None,
            }
        }

        fn variable(&self, name: &[u8]) -> Option<Vec<u8>> {
            (name == b"HOME").then(|| b"/home".to_vec())
        }
    }

    fn first(text: &str, mode: Mode) -> Value {
        match parse(text.as_bytes(), mode, &Names).directives.remove(0) {
            Directive::Entry(_, Some(value)) | Directive::ArrayEntry(_, _, value) => value,
            other => panic!("no entry: {other:?}"),
        }
    }

    fn text(text: &str) -> Value {
        Value::Text(text.as_bytes().to_vec())
    }

    #[test]
    fn values() {
        assert_eq!(first("a = b c ; d\n", Mode::Normal), text("b c"));
        assert_eq!(first("a=\"${HOME}/x\"", Mode::Normal), text("/home/x"));
        assert_eq!(first("a=${NOPE:-d}", Mode::Normal), text("d"));
        assert_eq!(first("a=E_ALL & ~E_NOTICE", Mode::Normal), text("30711"));
        assert_eq!(first("a=on", Mode::Normal), text("1"));
        assert_eq!(first("a=on", Mode::Raw), text("on"));
        assert_eq!(first("a=\"b;c\" ; d\n", Mode::Raw), text("b;c"));
        assert_eq!(first("a=off", Mode::Typed), Value::Bool(false));
        assert_eq!(first("a=null", Mode::Typed), Value::Null);
        assert_eq!(first("a=012", Mode::Typed), Value::Int(12));
        assert_eq!(first("a=1.5", Mode::Typed), Value::Float(1.5));
        assert_eq!(first("a=\"1\"", Mode::Typed), text("1"));
    }

    #[test]
    fn statements() {
        let parsed = parse(b"[s]\na[x]=1\nb\n", Mode::Normal, &Names);
        assert_eq!(
            parsed.directives,
            [
                Directive::Section(b"s".to_vec()),
                Directive::ArrayEntry(b"a".to_vec(), b"x".to_vec(), text("1")),
                Directive::Entry(b"b".to_vec(), None),
            ]
        );
        assert_eq!(parsed.error, None);
    }

    #[test]
    fn errors() {
        let warning = |text: &str| {
            let error = parse(text.as_bytes(), Mode::Normal, &Names).error;
            error.map(|e| e.warning("Unknown")).unwrap_or_default()
        };
        assert_eq!(warning("a=b\nc(=d"), "syntax error, unexpected '(' in Unknown on line 2\n");
        assert_eq!(
            warning("[s"),
            "syntax error, unexpected end of file, expecting ']' in Unknown on line 1\n"
        );
        assert_eq!(warning("yes=1"), "syntax error, unexpected BOOL_TRUE in Unknown on line 1\n");
    }
}

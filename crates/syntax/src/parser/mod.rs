//! The parser: recursive descent for statements, precedence climbing for expressions.

mod class;
mod expr;
mod function;
mod lists;
mod message;
mod modifiers;
mod names;
mod postfix;
mod stmt;
mod strings;
#[cfg(test)]
mod tests;
mod top;
mod types;

use std::collections::VecDeque;

use crate::ast::{Bytes, Expr, File, Ident, Span};
use crate::error::{Notice, ParseError};
use crate::lexer::{Lexer, LexerOptions};
use crate::token::{Token, TokenKind};

/// A failure is rare and big, hence the box.
type Result<T> = std::result::Result<T, Box<ParseError>>;

/// What the caller decides.
#[derive(Clone, Copy, Debug, Default)]
pub struct ParseOptions {
    /// `<?` opens code (`short_open_tag`).
    pub short_open_tag: bool,
    /// Ignore a first line that starts with `#!`.
    pub skip_shebang: bool,
    /// The source starts inside code (`eval`).
    pub in_code: bool,
    /// `zend.multibyte`: `declare(encoding=…)` is no cause for a warning.
    pub multibyte: bool,
}

/// How deep one pass may nest.
#[derive(Clone, Copy)]
struct Limits {
    /// Nested constructs.
    nesting: u32,
    /// Operators in one chain that associates to the left.
    chain: u32,
}

/// What fits the stack of any thread.
const SHALLOW: Limits = Limits { nesting: 150, chain: 1_000 };
/// Where PHP's parser stack ends, too.
const DEEP: Limits = Limits { nesting: 9_990, chain: 500_000 };
/// Stack of the thread that parses what is deeper; only touched pages cost.
const DEEP_STACK: usize = 1 << 30;

/// Parses a file.
pub fn parse(source: &[u8], options: &ParseOptions) -> std::result::Result<File, ParseError> {
    match Parser::new(source, options, SHALLOW).run() {
        Outcome::Done(result) => result,
        Outcome::TooDeep => with_big_stack(|| match Parser::new(source, options, DEEP).run() {
            Outcome::Done(result) => result,
            Outcome::TooDeep => Err(ParseError::parse("memory exhausted", 1)),
        })
        .unwrap_or_else(|| Err(ParseError::parse("memory exhausted", 1))),
    }
}

/// Runs `work` on a thread whose stack holds the deepest tree the parser makes.
/// `None` if there is no such thread to be had.
pub fn with_big_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let thread =
            std::thread::Builder::new().stack_size(DEEP_STACK).spawn_scoped(scope, work).ok()?;
        match thread.join() {
            Ok(value) => Some(value),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

enum Outcome {
    Done(std::result::Result<File, ParseError>),
    TooDeep,
}

/// A token and the doc comment in front of it.
#[derive(Clone, Copy)]
struct Lexed {
    token: Token,
    doc: Option<(u32, u32)>,
}

struct Parser<'a> {
    src: &'a [u8],
    lexer: Lexer<'a>,
    /// The current token.
    token: Token,
    /// Tokens behind the current one that were looked at already.
    ahead: VecDeque<Lexed>,
    /// End of the last token that was consumed.
    last_end: u32,
    /// The last doc comment that no declaration has taken.
    doc: Option<(u32, u32)>,
    depth: u32,
    max_depth: u32,
    limits: Limits,
    too_deep: bool,
    /// For each open function: whether it contains `yield`.
    generators: Vec<bool>,
    notices: Vec<Notice>,
    multibyte: bool,
    /// An error of PHP's compiler, which shows only if the rest of the file parses.
    deferred: Option<ParseError>,
}

impl<'a> Parser<'a> {
    fn new(src: &'a [u8], options: &ParseOptions, limits: Limits) -> Self {
        let lexer = Lexer::new(
            src,
            LexerOptions {
                short_open_tag: options.short_open_tag,
                skip_shebang: options.skip_shebang,
                in_code: options.in_code,
                strict: true,
            },
        );
        Parser {
            src,
            lexer,
            token: Token { kind: TokenKind::End, start: 0, end: 0, line: 1, end_line: 1 },
            ahead: VecDeque::new(),
            last_end: 0,
            doc: None,
            depth: 0,
            max_depth: 0,
            limits,
            too_deep: false,
            generators: vec![false],
            notices: Vec::new(),
            multibyte: options.multibyte,
            deferred: None,
        }
    }

    fn run(mut self) -> Outcome {
        self.advance();
        let result = self.file();
        if self.too_deep {
            return Outcome::TooDeep;
        }
        let error = match (result, self.deferred) {
            (Ok(file), None) => return Outcome::Done(Ok(file)),
            (Ok(mut file), Some(error)) => {
                ParseError { notices: std::mem::take(&mut file.notices), ..error }
            }
            (Err(error), _) => ParseError { notices: self.notices, ..*error },
        };
        Outcome::Done(Err(error))
    }

    /// The next token the grammar knows: no trivia, tags mapped as PHP maps them.
    // In place, as the lexer's part: a token that goes through memory in pieces stalls whoever reads it whole.
    #[inline(always)]
    fn lex(&mut self) -> Lexed {
        let mut doc = None;
        loop {
            self.lexer.skip_blanks();
            let mut token = self.lexer.next_token();
            match token.kind {
                TokenKind::Whitespace | TokenKind::Comment | TokenKind::OpenTag => continue,
                TokenKind::DocComment => {
                    doc = Some((token.start, token.end));
                    continue;
                }
                TokenKind::CloseTag => token.kind = TokenKind::Semicolon,
                TokenKind::OpenTagWithEcho => token.kind = TokenKind::Echo,
                _ => {}
            }
            return Lexed { token, doc };
        }
    }

    /// Moves to the next token; returns the one left behind.
    #[inline(never)]
    fn advance(&mut self) -> Token {
        let next = match self.ahead.pop_front() {
            Some(lexed) => lexed,
            None => self.lex(),
        };
        if next.doc.is_some() {
            self.doc = next.doc;
        }
        if next.token.kind == TokenKind::RightBrace {
            self.doc = None;
        }
        self.last_end = self.token.end;
        std::mem::replace(&mut self.token, next.token)
    }

    /// The kind of the `n`th token behind the current one.
    fn peek(&mut self, n: usize) -> TokenKind {
        while self.ahead.len() < n {
            let lexed = self.lex();
            self.ahead.push_back(lexed);
        }
        self.ahead[n - 1].token.kind
    }

    fn at(&self, kind: TokenKind) -> bool {
        self.token.kind == kind
    }

    fn at_any(&self, kinds: &[TokenKind]) -> bool {
        kinds.contains(&self.token.kind)
    }

    fn eat(&mut self, kind: TokenKind) -> bool {
        let found = self.at(kind);
        if found {
            self.advance();
        }
        found
    }

    /// Consumes `kind`, the only token that may stand here.
    fn expect(&mut self, kind: TokenKind) -> Result<Token> {
        self.expect_among(kind, &[kind])
    }

    /// Consumes `kind`; an error names `expected`.
    fn expect_among(&mut self, kind: TokenKind, expected: &[TokenKind]) -> Result<Token> {
        if self.at(kind) { Ok(self.advance()) } else { Err(self.unexpected(expected)) }
    }

    fn text(&self, token: Token) -> &'a [u8] {
        &self.src[token.start as usize..token.end as usize]
    }

    fn ident(&self, token: Token) -> Ident {
        Ident { span: span_of(token), text: Bytes::new(self.text(token)) }
    }

    /// The name of a variable token.
    fn variable_ident(&self, token: Token) -> Ident {
        Ident { span: span_of(token), text: Bytes::new(&self.text(token)[1..]) }
    }

    /// The doc comment for the declaration at hand.
    fn take_doc(&mut self) -> Option<Bytes> {
        let (start, end) = self.doc.take()?;
        Some(Bytes::new(&self.src[start as usize..end as usize]))
    }

    fn span_from(&self, start: Span) -> Span {
        Span { end: self.last_end.max(start.start), ..start }
    }

    fn here(&self) -> Span {
        span_of(self.token)
    }

    fn enter(&mut self) -> Result<()> {
        self.depth += 1;
        self.max_depth = self.max_depth.max(self.depth);
        if self.depth > self.limits.nesting { Err(self.exhausted()) } else { Ok(()) }
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Accounts for a chain of `length` operators, each holding the former as its left side.
    fn chain(&mut self, length: u32) -> Result<()> {
        self.max_depth = self.max_depth.max(self.depth + length);
        if length > self.limits.chain { Err(self.exhausted()) } else { Ok(()) }
    }

    fn exhausted(&mut self) -> Box<ParseError> {
        self.too_deep = self.limits.nesting != DEEP.nesting;
        Box::new(ParseError::parse("memory exhausted", self.token.end_line))
    }

    /// Keeps the first error of PHP's compiler.
    fn defer(&mut self, message: &str, line: u32) {
        if self.deferred.is_none() {
            self.deferred = Some(ParseError::compile(message, line));
        }
    }
}

fn span_of(token: Token) -> Span {
    Span { start: token.start, end: token.end, line: token.line }
}

/// A node that begins with a keyword or sign: PHP gives it the line of its operand.
fn prefixed(start: Span, operand: &Expr) -> Span {
    Span { start: start.start, end: operand.span.end, line: operand.span.line }
}

/// A span from the start of one node to the end of another.
fn joined(first: Span, last: Span) -> Span {
    Span { end: last.end, ..first }
}

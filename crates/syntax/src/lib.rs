//! PHP's syntax: lexer, parser and the tree they build. Knows nothing of the engine.

#![forbid(unsafe_code)]

pub mod ast;
mod bytes;
mod error;
mod lexer;
mod parser;
mod token;

pub use error::{ErrorKind, Notice, NoticeLevel, ParseError};
pub use lexer::tokenize;
pub use parser::{ParseOptions, parse, with_big_stack};
pub use token::{Label, Token, TokenKind};

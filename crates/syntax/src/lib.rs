//! PHP's syntax: lexer, parser and the tree they build. Knows nothing of the engine.

pub mod ast;

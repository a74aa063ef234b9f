//! The file and what stands only at its top level: namespaces, imports, constants.

use super::{Parser, Result, span_of};
use crate::ast::{Bytes, ConstItem, File, Name, NameKind, Stmt, StmtKind, UseItem, UseKind};
use crate::lexer::count_newlines;
use crate::token::{Token, TokenKind as T};

const IMPORTED: [T; 3] = [T::String, T::NameFullyQualified, T::NameQualified];
const GROUPED: [T; 4] = [T::String, T::NameQualified, T::Function, T::Const];

impl Parser<'_> {
    pub(super) fn file(&mut self) -> Result<File> {
        let mut stmts = Vec::new();
        let mut halt_offset = None;
        while !self.at(T::End) {
            if self.at(T::HaltCompiler) {
                let start = span_of(self.advance());
                self.expect(T::LeftParen)?;
                self.expect(T::RightParen)?;
                if !self.at(T::Semicolon) {
                    return Err(self.unexpected(&[T::Semicolon]));
                }
                halt_offset = Some(self.token.end);
                let span = super::Span { end: self.token.end, ..start };
                stmts.push(Stmt { span, kind: StmtKind::HaltCompiler });
                break;
            }
            let stmt = self.top_statement(&[T::End])?;
            stmts.push(stmt);
        }
        Ok(File {
            stmts,
            halt_offset,
            lines: count_newlines(self.src) + 1,
            depth: self.max_depth,
            notices: std::mem::take(&mut self.notices),
        })
    }

    /// A statement of a file or namespace; `expected` if none can start here.
    fn top_statement(&mut self, expected: &[T]) -> Result<Stmt> {
        match self.token.kind {
            T::Namespace => self.namespace(),
            T::Use => self.use_statement(),
            T::Const => {
                let start = span_of(self.advance());
                let mut items = Vec::new();
                loop {
                    let token = self.expect(T::String)?;
                    let name = self.ident(token);
                    self.expect(T::Equal)?;
                    let value = self.expr()?;
                    let doc = self.take_doc();
                    items.push(ConstItem { name, value, doc });
                    if !self.eat(T::Comma) {
                        break;
                    }
                }
                self.expect_among(T::Semicolon, &[T::Comma, T::Semicolon])?;
                Ok(Stmt { span: self.span_from(start), kind: StmtKind::Const(items) })
            }
            _ => self.declaration_or_statement(expected),
        }
    }

    fn namespace(&mut self) -> Result<Stmt> {
        let start = span_of(self.advance());
        let name = if self.at_identifier() || self.at(T::NameQualified) {
            Some(self.name_token())
        } else {
            None
        };
        if name.is_some() && self.eat(T::Semicolon) {
            let span = self.span_from(start);
            return Ok(Stmt { span, kind: StmtKind::Namespace { name, body: None } });
        }
        self.expect(T::LeftBrace)?;
        self.enter()?;
        let mut body = Vec::new();
        while !self.at(T::RightBrace) {
            if self.at(T::HaltCompiler) {
                return Err(self.misplaced_halt()?);
            }
            body.push(self.top_statement(&[])?);
        }
        self.leave();
        self.advance();
        let span = self.span_from(start);
        Ok(Stmt { span, kind: StmtKind::Namespace { name, body: Some(body) } })
    }

    fn eat_use_kind(&mut self) -> Option<UseKind> {
        let kind = match self.token.kind {
            T::Function => UseKind::Function,
            T::Const => UseKind::Const,
            _ => return None,
        };
        self.advance();
        Some(kind)
    }

    fn use_statement(&mut self) -> Result<Stmt> {
        let start = span_of(self.advance());
        let kind = self.eat_use_kind();
        let mut items = Vec::new();
        loop {
            if !self.at_any(&IMPORTED) {
                let first = items.is_empty() && kind.is_none();
                return Err(self.unexpected(if first { &[] } else { &IMPORTED }));
            }
            let token = self.advance();
            if items.is_empty() && self.at(T::NsSeparator) {
                self.use_group(token, kind, &mut items)?;
                self.expect(T::Semicolon)?;
                break;
            }
            let text = Bytes::new(self.text(token).strip_prefix(b"\\").unwrap_or(self.text(token)));
            let name = Name { span: span_of(token), kind: NameKind::FullyQualified, text };
            let alias = self.use_alias()?;
            items.push(UseItem { kind: kind.unwrap_or(UseKind::Class), name, alias });
            if !self.eat(T::Comma) {
                self.expect_among(T::Semicolon, &[T::Comma, T::Semicolon])?;
                break;
            }
        }
        Ok(Stmt { span: self.span_from(start), kind: StmtKind::Use(items) })
    }

    fn use_alias(&mut self) -> Result<Option<crate::ast::Ident>> {
        if !self.eat(T::As) {
            return Ok(None);
        }
        let token = self.expect(T::String)?;
        Ok(Some(self.ident(token)))
    }

    /// `\{B, C as D}` behind the prefix.
    fn use_group(
        &mut self,
        prefix: Token,
        kind: Option<UseKind>,
        items: &mut Vec<UseItem>,
    ) -> Result<()> {
        let prefix = self.text(prefix);
        let prefix = prefix.strip_prefix(b"\\").unwrap_or(prefix);
        self.advance();
        self.expect(T::LeftBrace)?;
        let mut more = false;
        loop {
            let own = if kind.is_none() { self.eat_use_kind() } else { None };
            if !self.at_any(&[T::String, T::NameQualified]) {
                if own.is_none() && more {
                    return Err(self.unexpected(&[T::RightBrace]));
                }
                let expected =
                    if kind.is_none() && own.is_none() { &GROUPED[..] } else { &GROUPED[..2] };
                return Err(self.unexpected(expected));
            }
            let token = self.advance();
            let text = Bytes::from([prefix, b"\\", self.text(token)].concat());
            let name = Name { span: span_of(token), kind: NameKind::FullyQualified, text };
            let alias = self.use_alias()?;
            let kind = own.or(kind).unwrap_or(UseKind::Class);
            items.push(UseItem { kind, name, alias });
            more = self.eat(T::Comma);
            if !more || self.at(T::RightBrace) {
                break;
            }
        }
        self.expect(T::RightBrace)?;
        Ok(())
    }
}

//! Classes, interfaces, traits, enums and their members.

use super::modifiers::Target;
use super::{Parser, Result, span_of};
use crate::ast::{
    Args, Attribute, ClassDecl, ClassKind, ConstItem, FunctionDecl, HookBody, Member, PropertyHook,
    PropertyItem, Span, Stmt, StmtKind, TraitAdaptation, Type, modifiers as m,
};
use crate::token::TokenKind as T;

const CLASS_WORDS: [T; 4] = [T::Abstract, T::Final, T::Readonly, T::Class];

impl Parser<'_> {
    /// A class-like declaration as a statement.
    pub(super) fn class_declaration(&mut self, attributes: Vec<Attribute>) -> Result<Stmt> {
        let first = self.here();
        let modifiers = self.class_modifiers(false)?;
        if modifiers != 0 && !self.at(T::Class) {
            return Err(self.unexpected(&CLASS_WORDS));
        }
        let keyword = self.advance();
        let kind = match keyword.kind {
            T::Interface => ClassKind::Interface,
            T::Trait => ClassKind::Trait,
            T::Enum => ClassKind::Enum,
            _ => ClassKind::Class,
        };
        let name = self.expect(T::String)?;
        let name = Some(self.ident(name));
        let backing = if kind == ClassKind::Enum && self.eat(T::Colon) {
            Some(self.type_expr(true)?)
        } else {
            None
        };
        let start = Span { line: keyword.line, ..first };
        let decl = self.class_rest(ClassDecl {
            span: start,
            end_line: 0,
            kind,
            name,
            modifiers,
            attributes,
            parent: None,
            interfaces: Vec::new(),
            backing,
            members: Vec::new(),
            doc: None,
        })?;
        Ok(Stmt { span: decl.span, kind: StmtKind::Class(Box::new(decl)) })
    }

    /// What stands behind `new` for an anonymous class.
    pub(super) fn anonymous_class(&mut self) -> Result<(ClassDecl, Args)> {
        let attributes = self.attributes()?;
        let modifiers = self.class_modifiers(true)?;
        let keyword = self.expect(T::Class)?;
        let args =
            if self.at(T::LeftParen) { self.argument_list()? } else { Args::List(Box::default()) };
        let decl = self.class_rest(ClassDecl {
            span: span_of(keyword),
            end_line: 0,
            kind: ClassKind::Class,
            name: None,
            modifiers,
            attributes,
            parent: None,
            interfaces: Vec::new(),
            backing: None,
            members: Vec::new(),
            doc: None,
        })?;
        Ok((decl, args))
    }

    /// `extends`, `implements` and the body.
    fn class_rest(&mut self, mut decl: ClassDecl) -> Result<ClassDecl> {
        if decl.kind == ClassKind::Class && self.eat(T::Extends) {
            decl.parent = Some(self.class_name()?);
        }
        let list = match decl.kind {
            ClassKind::Interface => self.eat(T::Extends),
            ClassKind::Trait => false,
            ClassKind::Class | ClassKind::Enum => self.eat(T::Implements),
        };
        if list {
            decl.interfaces = self.class_names()?;
        }
        decl.doc = self.take_doc();
        self.expect(T::LeftBrace)?;
        self.enter()?;
        while !self.at(T::RightBrace) {
            let member = self.member()?;
            decl.members.push(member);
        }
        self.leave();
        let brace = self.advance();
        decl.end_line = brace.line;
        decl.span = self.span_from(decl.span);
        Ok(decl)
    }

    fn member(&mut self) -> Result<Member> {
        if self.at(T::Use) {
            return self.trait_use();
        }
        let attributes = self.attributes()?;
        let start = self.here();
        if self.at(T::Case) {
            return self.enum_case(attributes, start);
        }
        if self.eat(T::Var) {
            return self.property(attributes, m::VAR, start);
        }
        let modifiers = self.modifier_list();
        match self.token.kind {
            T::Const => {
                let modifiers = self.check_modifiers(&modifiers, Target::Constant)?;
                self.class_constant(attributes, modifiers, start)
            }
            T::Function => {
                let modifiers = self.check_modifiers(&modifiers, Target::Method)?;
                self.method(attributes, modifiers)
            }
            _ if modifiers.is_empty() => Err(self.unexpected(&[T::Function])),
            _ => {
                let modifiers = self.check_modifiers(&modifiers, Target::Property)?;
                self.property(attributes, modifiers, start)
            }
        }
    }

    fn enum_case(&mut self, attributes: Vec<Attribute>, start: Span) -> Result<Member> {
        self.advance();
        let doc = self.take_doc();
        let name = self.identifier(&[])?;
        let value = if self.eat(T::Equal) { Some(self.expr()?) } else { None };
        self.expect(T::Semicolon)?;
        Ok(Member::EnumCase { span: self.span_from(start), attributes, name, value, doc })
    }

    fn class_constant(
        &mut self,
        attributes: Vec<Attribute>,
        modifiers: u32,
        start: Span,
    ) -> Result<Member> {
        self.advance();
        let untyped = self.at_identifier() && self.peek(1) == T::Equal;
        let ty = if untyped || !(self.at_type() || self.at(T::Static)) {
            None
        } else {
            self.constant_type()?
        };
        let mut items = Vec::new();
        loop {
            let type_like =
                matches!(self.token.kind, T::String | T::Array | T::Callable | T::Static);
            let name = self.identifier(&[])?;
            let named = ty.is_some() || !items.is_empty() || !type_like;
            let expected: &[T] = if named { &[T::Equal] } else { &[] };
            self.expect_among(T::Equal, expected)?;
            let value = self.expr()?;
            let doc = self.take_doc();
            items.push(ConstItem { name, value, doc });
            if !self.eat(T::Comma) {
                break;
            }
        }
        self.expect_among(T::Semicolon, &[T::Comma, T::Semicolon])?;
        Ok(Member::Const { span: self.span_from(start), attributes, modifiers, ty, items })
    }

    /// The type of a constant, unless the word turns out to be the constant's name.
    fn constant_type(&mut self) -> Result<Option<Type>> {
        let word = self.at_identifier();
        let ty = self.type_expr(true)?;
        if word && !self.at_identifier() {
            // `const X }`: nothing tells a type from a name yet.
            return Err(self.unexpected(&[]));
        }
        Ok(Some(ty))
    }

    fn method(&mut self, attributes: Vec<Attribute>, modifiers: u32) -> Result<Member> {
        let keyword = self.advance();
        let by_ref = self.eat_ampersand();
        let name = self.identifier(&[])?;
        let doc = self.take_doc();
        let start = span_of(keyword);
        let params = self.parameters()?;
        let return_type = self.return_type()?;
        let (body, is_generator, end_line) = if self.at(T::Semicolon) {
            let line = self.token.line;
            self.advance();
            (None, false, line)
        } else {
            let (body, is_generator, line) = self.function_body(&[T::Semicolon, T::LeftBrace])?;
            (Some(body), is_generator, line)
        };
        let decl = Box::new(FunctionDecl {
            span: self.span_from(start),
            end_line,
            name,
            attributes,
            by_ref,
            params,
            return_type,
            body,
            is_generator,
            doc,
        });
        Ok(Member::Method { modifiers, decl })
    }

    fn property(
        &mut self,
        attributes: Vec<Attribute>,
        modifiers: u32,
        start: Span,
    ) -> Result<Member> {
        let ty = if self.at_type() { Some(self.type_expr(false)?) } else { None };
        let mut items = Vec::new();
        loop {
            let token = self.expect(T::Variable)?;
            let name = self.variable_ident(token);
            let default = if self.eat(T::Equal) { Some(self.expr()?) } else { None };
            let doc = self.take_doc();
            if items.is_empty() && self.at(T::LeftBrace) {
                let hooks = Some(self.property_hooks()?);
                items.push(PropertyItem { name, default, hooks, doc });
                break;
            }
            items.push(PropertyItem { name, default, hooks: None, doc });
            if !self.eat(T::Comma) {
                self.expect_among(T::Semicolon, &[T::Comma, T::Semicolon])?;
                break;
            }
        }
        Ok(Member::Property { span: self.span_from(start), attributes, modifiers, ty, items })
    }

    /// `{ get; set; }`
    pub(super) fn property_hooks(&mut self) -> Result<Vec<PropertyHook>> {
        self.expect(T::LeftBrace)?;
        let mut hooks = Vec::new();
        while !self.at(T::RightBrace) {
            hooks.push(self.property_hook()?);
        }
        self.advance();
        Ok(hooks)
    }

    fn property_hook(&mut self) -> Result<PropertyHook> {
        let attributes = self.attributes()?;
        let modifiers = self.modifier_list();
        let modifiers = self.check_modifiers(&modifiers, Target::Hook)?;
        let by_ref = self.eat_ampersand();
        let token = self.expect(T::String)?;
        let name = self.ident(token);
        let doc = self.take_doc();
        let params = if self.at(T::LeftParen) { Some(self.parameters()?) } else { None };
        let start = span_of(token);
        let (body, is_generator, end_line) = match self.token.kind {
            T::Semicolon => {
                let line = self.token.line;
                self.advance();
                (HookBody::Abstract, false, line)
            }
            T::DoubleArrow => {
                self.advance();
                self.generators.push(false);
                let value = self.expr()?;
                let is_generator = self.generators.pop().unwrap_or_default();
                let line = self.token.end_line;
                self.expect_among(T::Semicolon, &[])?;
                (HookBody::Expr(Box::new(value)), is_generator, line)
            }
            _ => {
                let expected = [T::DoubleArrow, T::Semicolon, T::LeftBrace];
                let (body, is_generator, line) = self.function_body(&expected)?;
                (HookBody::Block(body), is_generator, line)
            }
        };
        let span = self.span_from(start);
        Ok(PropertyHook {
            span,
            end_line,
            attributes,
            modifiers,
            by_ref,
            name,
            params,
            body,
            is_generator,
            doc,
        })
    }

    fn trait_use(&mut self) -> Result<Member> {
        let start = span_of(self.advance());
        let names = self.class_names()?;
        let mut adaptations = Vec::new();
        if self.eat(T::LeftBrace) {
            while !self.at(T::RightBrace) {
                let rule = self.trait_adaptation()?;
                adaptations.push(rule);
                self.expect(T::Semicolon)?;
            }
            self.advance();
        } else {
            self.expect_among(T::Semicolon, &[T::Comma, T::Semicolon, T::LeftBrace])?;
        }
        Ok(Member::TraitUse { span: self.span_from(start), names, adaptations })
    }

    fn trait_adaptation(&mut self) -> Result<TraitAdaptation> {
        let start = self.here();
        let qualified = match self.token.kind {
            T::String | T::Static => self.peek(1) == T::PaamayimNekudotayim,
            _ => self.at_name(),
        };
        let (trait_name, method) = if qualified {
            let name = self.class_name()?;
            self.expect(T::PaamayimNekudotayim)?;
            (Some(name), self.identifier(&[])?)
        } else {
            let plain = self.at(T::String);
            let method = self.identifier(&[])?;
            if !self.at(T::As) {
                // In front of a colon PHP takes the word for an identifier, which may name an argument elsewhere.
                let class = plain && !self.at(T::Colon);
                let expected = if class { T::PaamayimNekudotayim } else { T::As };
                return Err(self.unexpected(&[expected]));
            }
            (None, method)
        };
        if self.at(T::Insteadof)
            && let Some(trait_name) = trait_name
        {
            self.advance();
            let insteadof = self.class_names()?;
            let span = self.span_from(start);
            return Ok(TraitAdaptation::Precedence { span, trait_name, method, insteadof });
        }
        self.expect(T::As)?;
        let mut modifiers = 0;
        if self.at_modifier() {
            let named = matches!(self.peek(1), T::Semicolon | T::Error | T::End);
            let flags = self.one_modifier();
            modifiers = self.check_modifiers(&[flags], Target::Method)?;
            if !named && !self.at_identifier() {
                return Err(self.unexpected(&[T::Semicolon]));
            }
        } else if !self.at_identifier() {
            return Err(self.unexpected(&[]));
        }
        let alias = if self.at(T::String) || (self.at_identifier() && !self.at_modifier()) {
            let token = self.advance();
            Some(self.ident(token))
        } else {
            None
        };
        let span = self.span_from(start);
        Ok(TraitAdaptation::Alias { span, trait_name, method, modifiers, alias })
    }
}

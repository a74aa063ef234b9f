//! Parser of the stub notation: declarations.

use super::StubError;
use super::ast::*;
use super::lexer::{Kind, Token, tokens};

/// Parses one stub.
pub fn parse(source: &str) -> Result<Stub, StubError> {
    let namespace = String::new();
    let mut parser = Parser { source, tokens: tokens(source)?, at: 0, namespace };
    parser.stub()
}

pub(super) struct Parser<'a> {
    source: &'a str,
    tokens: Vec<Token>,
    at: usize,
    namespace: String,
}

/// What may stand above any declaration.
#[derive(Default)]
struct Head {
    doc: Doc,
    attributes: Vec<Attribute>,
}

pub(super) type Res<T> = Result<T, StubError>;

impl Parser<'_> {
    pub(super) fn kind(&self) -> &Kind {
        &self.tokens[self.at].kind
    }

    pub(super) fn kind_after(&self) -> &Kind {
        let next = (self.at + 1).min(self.tokens.len() - 1);
        &self.tokens[next].kind
    }

    pub(super) fn next(&mut self) -> Kind {
        let kind = self.kind().clone();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        kind
    }

    pub(super) fn fail<T>(&self, message: impl Into<String>) -> Res<T> {
        Err(StubError { line: self.tokens[self.at].line, message: message.into() })
    }

    pub(super) fn is(&self, sign: &str) -> bool {
        matches!(self.kind(), Kind::Sign(s) if *s == sign)
    }

    pub(super) fn eat(&mut self, sign: &str) -> bool {
        let found = self.is(sign);
        if found {
            self.next();
        }
        found
    }

    pub(super) fn expect(&mut self, sign: &str) -> Res<()> {
        if self.eat(sign) {
            return Ok(());
        }
        self.fail(format!("expected \"{sign}\", found {:?}", self.kind()))
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.kind(), Kind::Word(w) if w.eq_ignore_ascii_case(word))
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.next();
        }
        found
    }

    pub(super) fn word(&mut self) -> Res<String> {
        match self.kind().clone() {
            Kind::Word(word) => {
                self.next();
                Ok(word)
            }
            other => self.fail(format!("expected a name, found {other:?}")),
        }
    }

    fn variable(&mut self) -> Res<String> {
        match self.kind().clone() {
            Kind::Variable(name) => {
                self.next();
                Ok(name)
            }
            other => self.fail(format!("expected a variable, found {other:?}")),
        }
    }

    fn declared(&self, name: String) -> String {
        if self.namespace.is_empty() { name } else { format!("{}\\{name}", self.namespace) }
    }

    /// The full name of a class that the stub speaks of.
    pub(super) fn class_name(&self, name: &str) -> String {
        if let Some(full) = name.strip_prefix('\\') {
            return full.to_owned();
        }
        let lower = name.to_ascii_lowercase();
        if matches!(lower.as_str(), "self" | "static" | "parent") {
            return lower;
        }
        self.declared(name.to_owned())
    }

    fn stub(&mut self) -> Res<Stub> {
        let mut stub = Stub::default();
        if let Kind::Doc(text) = self.kind() {
            let doc = parse_doc(text);
            if doc.has("extension") {
                stub.doc = doc;
                self.next();
            }
        }
        while *self.kind() != Kind::End {
            // The end of a block that a namespace opened.
            if self.eat("}") || self.eat(";") {
                continue;
            }
            let head = self.head()?;
            if *self.kind() == Kind::End {
                break;
            }
            if self.eat_word("namespace") {
                self.namespace = if self.is("{") { String::new() } else { self.word()? };
                if !self.eat("{") {
                    self.expect(";")?;
                }
            } else if self.eat_word("use") {
                return self.fail("name classes in full instead of importing them");
            } else if self.eat_word("const") {
                let mut constants = self.constants(head, Modifiers::default(), false)?;
                for constant in &mut constants {
                    constant.name = self.declared(std::mem::take(&mut constant.name));
                }
                stub.items.extend(constants.into_iter().map(Item::Const));
            } else if self.eat_word("function") {
                let mut function = self.function(head, Modifiers::default())?;
                function.name = self.declared(function.name);
                stub.items.push(Item::Function(function));
            } else {
                let class = self.class(head)?;
                stub.items.push(Item::Class(class));
            }
        }
        Ok(stub)
    }

    /// Doc comments and attributes; of several comments the last belongs to the declaration.
    fn head(&mut self) -> Res<Head> {
        let mut head = Head::default();
        loop {
            match self.kind() {
                Kind::Doc(text) => {
                    head.doc = parse_doc(text);
                    self.next();
                }
                Kind::Sign("#[") => {
                    let attributes = self.attributes()?;
                    head.attributes.extend(attributes);
                }
                _ => return Ok(head),
            }
        }
    }

    fn attributes(&mut self) -> Res<Vec<Attribute>> {
        let mut list = Vec::new();
        while self.eat("#[") {
            while !self.eat("]") {
                let name = self.word()?.trim_start_matches('\\').to_owned();
                let mut args = Vec::new();
                if self.eat("(") {
                    while !self.eat(")") {
                        let named = matches!(self.kind(), Kind::Word(_))
                            && matches!(self.kind_after(), Kind::Sign(":"));
                        let name = if named { Some(self.word()?) } else { None };
                        if named {
                            self.expect(":")?;
                        }
                        args.push((name, self.expr()?));
                        self.comma_before(")")?;
                    }
                }
                list.push(Attribute { name, args });
                self.comma_before("]")?;
            }
        }
        Ok(list)
    }

    /// A comma, unless the list ends here.
    pub(super) fn comma_before(&mut self, end: &str) -> Res<()> {
        if self.eat(",") || self.is(end) {
            return Ok(());
        }
        self.fail(format!("expected \",\" or \"{end}\", found {:?}", self.kind()))
    }

    fn modifiers(&mut self) -> Res<(Modifiers, Option<Visibility>)> {
        let mut modifiers = Modifiers::default();
        let mut write = None;
        loop {
            let Kind::Word(word) = self.kind() else { return Ok((modifiers, write)) };
            let visibility = match word.to_ascii_lowercase().as_str() {
                "public" | "var" => Some(Visibility::Public),
                "protected" => Some(Visibility::Protected),
                "private" => Some(Visibility::Private),
                "static" => {
                    modifiers.is_static = true;
                    None
                }
                "abstract" => {
                    modifiers.is_abstract = true;
                    None
                }
                "final" => {
                    modifiers.is_final = true;
                    None
                }
                "readonly" => {
                    modifiers.is_readonly = true;
                    None
                }
                _ => return Ok((modifiers, write)),
            };
            self.next();
            let Some(visibility) = visibility else { continue };
            if self.eat("(") {
                if !self.eat_word("set") {
                    return self.fail("expected \"set\"");
                }
                self.expect(")")?;
                write = Some(visibility);
            } else {
                modifiers.visibility = visibility;
            }
        }
    }

    fn constants(&mut self, head: Head, modifiers: Modifiers, in_class: bool) -> Res<Vec<Const>> {
        let typed = in_class && !matches!(self.kind_after(), Kind::Sign("="));
        let ty = if typed { Some(self.ty()?) } else { None };
        let mut list = Vec::new();
        loop {
            let name = self.word()?;
            self.expect("=")?;
            let value = Some(self.expr()?);
            let (doc, attributes) = (head.doc.clone(), head.attributes.clone());
            list.push(Const { name, ty: ty.clone(), value, modifiers, doc, attributes });
            if !self.eat(",") {
                self.expect(";")?;
                return Ok(list);
            }
        }
    }

    fn function(&mut self, head: Head, modifiers: Modifiers) -> Res<Function> {
        let by_ref = self.eat("&");
        let name = self.word()?;
        self.expect("(")?;
        let mut params = Vec::new();
        while !self.eat(")") {
            params.push(self.param(&head.doc)?);
            self.comma_before(")")?;
        }
        let mut ret = if self.eat(":") { Some(self.ty()?) } else { None };
        if ret.is_none()
            && let Some(text) = head.doc.tag("return")
        {
            ret = self.ty_from_doc(text);
        }
        if self.eat("{") {
            self.expect("}")?;
        } else {
            self.expect(";")?;
        }
        let Head { doc, attributes } = head;
        Ok(Function { name, by_ref, params, ret, modifiers, doc, attributes })
    }

    /// `@return string|false what it means`: the type, if it is one.
    fn ty_from_doc(&self, text: &str) -> Option<Type> {
        let written = text.split_whitespace().next()?;
        let source = format!("<?php {written}");
        let tokens = tokens(&source).ok()?;
        let namespace = self.namespace.clone();
        let mut parser = Parser { source: &source, tokens, at: 0, namespace };
        let ty = parser.ty().ok()?;
        // Array shapes and the like are for people.
        (*parser.kind() == Kind::End).then_some(ty)
    }

    fn param(&mut self, doc: &Doc) -> Res<Param> {
        let head = self.head()?;
        self.modifiers()?;
        let untyped = matches!(self.kind(), Kind::Variable(_) | Kind::Sign("&" | "..."));
        let ty = if untyped { None } else { Some(self.ty()?) };
        let by_ref = self.eat("&");
        let variadic = self.eat("...");
        let name = self.variable()?;
        let default = if self.eat("=") { Some(self.default()?) } else { None };
        let by_ref = if doc.lists_param("prefer-ref", &name) {
            ByRef::Prefer
        } else if by_ref {
            ByRef::Yes
        } else {
            ByRef::No
        };
        Ok(Param { name, ty, by_ref, variadic, default, attributes: head.attributes })
    }

    /// A default, with the text that reflection shows.
    fn default(&mut self) -> Res<DefaultValue> {
        let start = self.tokens[self.at - 1].end;
        let value = self.expr()?;
        let text = self.source[start..self.tokens[self.at - 1].end].trim().to_owned();
        Ok(DefaultValue { value, text })
    }

    fn ty(&mut self) -> Res<Type> {
        if self.eat("?") {
            return Ok(Type::Nullable(Box::new(self.single_ty()?)));
        }
        let mut union = vec![self.intersection_ty()?];
        while self.eat("|") {
            union.push(self.intersection_ty()?);
        }
        Ok(if union.len() == 1 { union.remove(0) } else { Type::Union(union) })
    }

    fn intersection_ty(&mut self) -> Res<Type> {
        let grouped = self.eat("(");
        let mut all = vec![self.single_ty()?];
        // In a parameter list, `&` before a variable belongs to the parameter.
        while self.is("&") && matches!(self.kind_after(), Kind::Word(_)) {
            self.next();
            all.push(self.single_ty()?);
        }
        if grouped {
            self.expect(")")?;
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Type::Intersection(all) })
    }

    fn single_ty(&mut self) -> Res<Type> {
        const BUILTIN: &[&str] = &[
            "int", "float", "string", "bool", "array", "object", "mixed", "null", "void", "never",
            "callable", "iterable", "false", "true", "resource",
        ];
        let name = self.word()?;
        let lower = name.to_ascii_lowercase();
        if BUILTIN.contains(&lower.as_str()) {
            return Ok(Type::Name(lower));
        }
        Ok(Type::Name(self.class_name(&name)))
    }

    fn names(&mut self) -> Res<Vec<String>> {
        let mut list = Vec::new();
        loop {
            let name = self.word()?;
            list.push(self.class_name(&name));
            if !self.eat(",") {
                return Ok(list);
            }
        }
    }

    fn class(&mut self, head: Head) -> Res<Class> {
        let (modifiers, _) = self.modifiers()?;
        let keyword = self.word()?.to_ascii_lowercase();
        let name = self.word()?;
        let kind = match keyword.as_str() {
            "class" => ClassKind::Class,
            "interface" => ClassKind::Interface,
            "trait" => ClassKind::Trait,
            "enum" => {
                let backing = if self.eat(":") { Some(self.ty()?) } else { None };
                ClassKind::Enum(backing)
            }
            other => return self.fail(format!("expected a declaration, found \"{other}\"")),
        };
        let mut class = Class {
            name: self.declared(name),
            modifiers,
            extends: None,
            interfaces: Vec::new(),
            traits: Vec::new(),
            constants: Vec::new(),
            cases: Vec::new(),
            properties: Vec::new(),
            methods: Vec::new(),
            doc: head.doc,
            attributes: head.attributes,
            kind,
        };
        if self.eat_word("extends") {
            let names = self.names()?;
            if class.kind == ClassKind::Interface {
                class.interfaces = names;
            } else {
                class.extends = names.into_iter().next();
            }
        }
        if self.eat_word("implements") {
            class.interfaces.extend(self.names()?);
        }
        self.expect("{")?;
        while !self.eat("}") {
            self.member(&mut class)?;
        }
        Ok(class)
    }

    fn member(&mut self, class: &mut Class) -> Res<()> {
        let head = self.head()?;
        if self.eat("}") {
            // A comment at the end of the class: step back so that the class sees its end.
            self.at -= 1;
            return Ok(());
        }
        if self.eat_word("use") {
            class.traits.extend(self.names()?);
            return self.expect(";");
        }
        if self.is_word("case") {
            self.next();
            let name = self.word()?;
            let value = if self.eat("=") { Some(self.expr()?) } else { None };
            let Head { doc, attributes } = head;
            let modifiers = Modifiers::default();
            class.cases.push(Const { name, ty: None, value, modifiers, doc, attributes });
            return self.expect(";");
        }
        let (mut modifiers, write) = self.modifiers()?;
        if self.eat_word("const") {
            class.constants.extend(self.constants(head, modifiers, true)?);
            return Ok(());
        }
        if self.eat_word("function") {
            modifiers.is_abstract |= class.kind == ClassKind::Interface;
            class.methods.push(self.function(head, modifiers)?);
            return Ok(());
        }
        self.properties(class, head, modifiers, write)
    }

    fn properties(
        &mut self,
        class: &mut Class,
        head: Head,
        modifiers: Modifiers,
        write: Option<Visibility>,
    ) -> Res<()> {
        let untyped = matches!(self.kind(), Kind::Variable(_));
        let ty = if untyped { None } else { Some(self.ty()?) };
        loop {
            let name = self.variable()?;
            let default = if self.eat("=") { Some(self.expr()?) } else { None };
            let (doc, attributes) = (head.doc.clone(), head.attributes.clone());
            let ty = ty.clone();
            class.properties.push(Property {
                name,
                ty,
                default,
                modifiers,
                write,
                doc,
                attributes,
            });
            if !self.eat(",") {
                return self.expect(";");
            }
        }
    }
}

fn parse_doc(text: &str) -> Doc {
    let mut doc = Doc::default();
    for line in text.lines() {
        let line = line.trim().trim_start_matches('*').trim();
        if let Some(tag) = line.strip_prefix('@') {
            let (name, value) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
            doc.tags.push((name.to_owned(), value.trim().to_owned()));
        } else if !line.is_empty() {
            if !doc.text.is_empty() {
                doc.text.push('\n');
            }
            doc.text.push_str(line);
        }
    }
    doc
}

#[cfg(test)]
#[path = "parser_tests.rs"]
mod tests;

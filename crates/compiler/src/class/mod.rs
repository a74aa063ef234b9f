//! Classes, interfaces, traits and enums.

mod hook;
mod magic;
mod member;
mod method;
mod traits;

use outlast_bytecode::{ClassDecl, Early, Op, TypeDecl, class_flags as cf, type_bits};
use outlast_syntax::ast::{self, ClassKind, Member, Name, NameKind, modifiers as m};

use crate::check::Target;
use crate::error::{R, cat, fail};
use crate::levels::E_DEPRECATED;
use crate::scope::{ClassCtx, Compiler, special_class};

impl Compiler<'_> {
    /// A named declaration; at the top level it may exist before the first statement runs.
    pub fn class_statement(&mut self, decl: &ast::ClassDecl, top: bool) -> R<()> {
        let Some(name) = &decl.name else { return Ok(()) };
        self.f.line = decl.span.line;
        if self.class.is_some() {
            fail!(self, "Class declarations may not be nested");
        }
        let article = match decl.kind {
            ClassKind::Class => "a class name",
            ClassKind::Interface => "an interface name",
            ClassKind::Trait => "a trait name",
            ClassKind::Enum => "an enum name",
        };
        if crate::name::is_reserved_class(&name.text) {
            fail!(self, "Cannot use \"", name.text, "\" as ", article, " as it is reserved");
        }
        if &name.text[..] == b"_" {
            let message = cat!("Using \"_\" as ", article, " is deprecated since 8.4");
            self.diagnose(E_DEPRECATED, message);
        }
        let full = self.prefix(&name.text);
        let lower = full.to_ascii_lowercase();
        let word = kind_word(decl.kind);
        if let Some(import) = self.imports.classes.get(&name.text.to_ascii_lowercase())
            && import.to_ascii_lowercase() != lower
        {
            fail!(
                self,
                "Cannot redeclare ",
                word,
                " ",
                full,
                " (previously declared as local import)"
            );
        }
        self.seen.classes.insert(lower);
        let class = self.class_body(decl, full)?;
        self.f.line = decl.span.line;
        self.f.emit(Op::DeclareClass { class });
        let plain = {
            let decl = &self.unit.classes[class as usize];
            decl.interfaces.is_empty() && decl.traits.is_empty()
        };
        if top && plain {
            self.unit.early.push(Early::Class(class));
        }
        Ok(())
    }

    /// An anonymous class; gives its index.
    pub fn anonymous_class(&mut self, decl: &ast::ClassDecl) -> R<u32> {
        self.f.line = decl.span.line;
        let parent = match (&decl.parent, decl.interfaces.first()) {
            (Some(parent), _) => self.resolve_parent(parent)?,
            (None, Some(first)) => self.resolve_class(first)?,
            (None, None) => b"class".to_vec(),
        };
        let count = format!("{:x}", self.next_anonymous());
        let name =
            cat!(parent, "@anonymous\0", self.unit.file[..], ":", decl.span.line, "$", *count);
        self.class_body(decl, name)
    }

    fn resolve_parent(&self, name: &Name) -> R<Vec<u8>> {
        if name.kind == NameKind::Unqualified && special_class(&name.text).is_some() {
            fail!(self, "Cannot use \"", name.text, "\" as class name, as it is reserved");
        }
        self.resolve_class(name)
    }

    fn class_body(&mut self, decl: &ast::ClassDecl, name: Vec<u8>) -> R<u32> {
        self.f.line = decl.span.line;
        let mut flags = match decl.kind {
            ClassKind::Class => 0,
            ClassKind::Interface => cf::INTERFACE,
            ClassKind::Trait => cf::TRAIT,
            ClassKind::Enum => cf::ENUM | cf::FINAL,
        };
        for (bit, flag) in
            [(m::ABSTRACT, cf::ABSTRACT), (m::FINAL, cf::FINAL), (m::READONLY, cf::READONLY)]
        {
            if decl.modifiers & bit != 0 {
                flags |= flag;
            }
        }
        if decl.modifiers & m::ABSTRACT != 0 && decl.modifiers & m::FINAL != 0 {
            fail!(self, "Cannot use the final modifier on an abstract class");
        }
        if decl.name.is_none() {
            flags |= cf::ANONYMOUS;
        }
        let attributes = self.attributes(&decl.attributes, Target::Class)?;
        if attributes.iter().any(|a| a.name.eq_ignore_ascii_case(b"AllowDynamicProperties")) {
            let kind = match decl.kind {
                ClassKind::Class if decl.modifiers & m::READONLY == 0 => None,
                ClassKind::Class => Some("readonly class"),
                other => Some(kind_word(other)),
            };
            if let Some(kind) = kind {
                let shown = if decl.name.is_some() { &name[..] } else { b"class@anonymous" };
                fail!(self, "Cannot apply #[AllowDynamicProperties] to ", kind, " ", *shown);
            }
        }
        let parent = match &decl.parent {
            Some(parent) => Some(self.resolve_parent(parent)?),
            None => None,
        };
        let mut interfaces = Vec::with_capacity(decl.interfaces.len());
        for interface in &decl.interfaces {
            if interface.kind == NameKind::Unqualified && special_class(&interface.text).is_some() {
                fail!(
                    self,
                    "Cannot use \"",
                    interface.text,
                    "\" as interface name, as it is reserved"
                );
            }
            interfaces.push(self.resolve_class(interface)?.into());
        }
        let class = ClassDecl {
            name: name[..].into(),
            flags,
            parent: parent.as_ref().map(|p| p[..].into()),
            interfaces,
            constants: Vec::new(),
            properties: Vec::new(),
            methods: Vec::new(),
            traits: Vec::new(),
            trait_rules: Vec::new(),
            backing: None,
            attributes,
            doc: decl.doc.as_ref().map(|d| d.to_box()),
            start_line: decl.span.line,
            end_line: decl.end_line,
        };
        let ctx = ClassCtx { name, parent, kind: decl.kind };
        let old_class = self.class.replace(ctx);
        let old_name = std::mem::take(&mut self.function_name);
        let result = self.members(decl, class);
        self.class = old_class;
        self.function_name = old_name;
        self.unit.classes.push(result?);
        Ok(self.unit.classes.len() as u32 - 1)
    }

    fn members(&mut self, decl: &ast::ClassDecl, mut class: ClassDecl) -> R<ClassDecl> {
        if let Some(backing) = &decl.backing {
            let ty = self.type_decl(backing)?;
            let legal = matches!(
                &ty,
                TypeDecl::Union(u) if u.classes.is_empty()
                    && u.intersections.is_empty()
                    && matches!(u.bits, type_bits::INT | type_bits::STRING)
            );
            if !legal {
                fail!(
                    self,
                    "Enum backing type must be int or string, ",
                    crate::types::type_text(&ty),
                    " given"
                );
            }
            class.backing = Some(ty);
        }
        for member in &decl.members {
            match member {
                Member::Const { attributes, modifiers, ty, items, .. } => {
                    self.f.line = items[0].name.span.line;
                    self.class_consts(&mut class, attributes, *modifiers, ty.as_ref(), items)?;
                }
                Member::Property { attributes, modifiers, ty, items, .. } => {
                    self.f.line = ty.as_ref().map_or(items[0].name.span, |ty| ty.span).line;
                    self.properties(&mut class, attributes, *modifiers, ty.as_ref(), items)?;
                }
                Member::Method { modifiers, decl } => self.method(&mut class, *modifiers, decl)?,
                Member::TraitUse { names, adaptations, .. } => {
                    self.f.line = names[0].span.line;
                    self.trait_use(&mut class, names, adaptations)?;
                }
                Member::EnumCase { attributes, name, value, doc, .. } => {
                    self.f.line = name.span.line;
                    self.enum_case(&mut class, attributes, name, value.as_ref(), doc.as_ref())?;
                }
            }
        }
        self.f.line = decl.span.line;
        self.finish_class(&mut class)?;
        Ok(class)
    }

    fn finish_class(&mut self, class: &mut ClassDecl) -> R<()> {
        let has = |name: &[u8]| class.methods.iter().any(|m| m.name.eq_ignore_ascii_case(name));
        let stringable = has(b"__tostring")
            && class.flags & cf::TRAIT == 0
            && !class.interfaces.iter().any(|i| i.eq_ignore_ascii_case(b"stringable"))
            && !class.name.eq_ignore_ascii_case(b"stringable");
        if stringable {
            class.interfaces.push((*b"Stringable").into());
        }
        if class.flags & cf::ENUM != 0 {
            class.interfaces.push((*b"UnitEnum").into());
            if class.backing.is_some() {
                class.interfaces.push((*b"BackedEnum").into());
            }
        }
        let may_be_abstract = cf::ABSTRACT | cf::INTERFACE | cf::TRAIT;
        if class.flags & may_be_abstract == 0 {
            self.check_no_abstract(class)?;
        }
        Ok(())
    }

    /// A class with abstract methods of its own must be declared abstract.
    fn check_no_abstract(&self, class: &ClassDecl) -> R<()> {
        use outlast_bytecode::member_flags as mf;
        let mut names: Vec<Vec<u8>> = Vec::new();
        let mut private = false;
        for property in &class.properties {
            for (hook, word) in [(&property.get, "get"), (&property.set, "set")] {
                if hook.as_ref().is_some_and(|h| h.func.is_none()) {
                    names.push(cat!(class.name, "::$", property.name, "::", word));
                }
            }
        }
        for method in class.methods.iter().filter(|m| m.flags & mf::ABSTRACT != 0) {
            private |= method.flags & mf::PRIVATE != 0;
            names.push(cat!(class.name, "::", method.name));
        }
        if names.is_empty() {
            return Ok(());
        }
        let count = names.len() as u32;
        let plural = if count == 1 { "" } else { "s" };
        let mut list = names[..names.len().min(3)].join(&b", "[..]);
        if names.len() > 3 {
            list.extend_from_slice(b", ...");
        }
        let is_enum = class.flags & cf::ENUM != 0;
        if is_enum || class.flags & cf::ANONYMOUS != 0 {
            let word = if is_enum { "Enum " } else { "Class " };
            // PHP says "private" for enums whatever the method's visibility.
            let private = if is_enum || private { "private " } else { "" };
            fail!(
                self,
                word,
                class.name,
                " must implement ",
                count,
                " abstract ",
                private,
                "method",
                plural,
                " (",
                list,
                ")"
            );
        }
        fail!(
            self,
            "Class ",
            class.name,
            " contains ",
            count,
            " abstract method",
            plural,
            " and must therefore be declared abstract or implement the remaining methods (",
            list,
            ")"
        );
    }
}

/// The word for a kind of class in messages.
pub(crate) fn kind_word(kind: ClassKind) -> &'static str {
    match kind {
        ClassKind::Class => "class",
        ClassKind::Interface => "interface",
        ClassKind::Trait => "trait",
        ClassKind::Enum => "enum",
    }
}

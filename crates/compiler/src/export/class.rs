//! Classes.

use outlast_syntax::ast::{
    ClassDecl, ClassKind, HookBody, Member, PropertyHook, TraitAdaptation, modifiers as m,
};

use super::Printer;

impl Printer {
    /// Modifiers in the order PHP prints them.
    pub(super) fn modifiers(&mut self, bits: u32) {
        for (bit, word) in [
            (m::PUBLIC, "public "),
            (m::PROTECTED, "protected "),
            (m::PRIVATE, "private "),
            (m::PUBLIC_SET, "public(set) "),
            (m::PROTECTED_SET, "protected(set) "),
            (m::PRIVATE_SET, "private(set) "),
            (m::STATIC, "static "),
            (m::ABSTRACT, "abstract "),
            (m::FINAL, "final "),
            (m::READONLY, "readonly "),
        ] {
            if bits & bit != 0 {
                self.text(word);
            }
        }
    }

    fn member_modifiers(&mut self, bits: u32) {
        let visible = bits & (m::PUBLIC | m::PROTECTED | m::PRIVATE) != 0;
        self.modifiers(if visible { bits } else { bits | m::PUBLIC });
    }

    /// A declaration at the start of a line.
    pub(super) fn class(&mut self, decl: &ClassDecl) {
        if decl.modifiers & m::ABSTRACT != 0 {
            self.text("abstract ");
        }
        if decl.modifiers & m::FINAL != 0 {
            self.text("final ");
        }
        if decl.modifiers & m::READONLY != 0 {
            self.text("readonly ");
        }
        self.text(match decl.kind {
            ClassKind::Class => "class ",
            ClassKind::Interface => "interface ",
            ClassKind::Trait => "trait ",
            ClassKind::Enum => "enum ",
        });
        if let Some(name) = &decl.name {
            self.bytes(&name.text);
        }
        if let Some(ty) = &decl.backing {
            self.text(": ");
            self.ty(ty);
        }
        self.text(" ");
        self.class_rest(decl);
        self.text("\n\n");
    }

    /// What follows the name of a class.
    pub(super) fn class_rest(&mut self, decl: &ClassDecl) {
        if let Some(parent) = &decl.parent {
            self.text("extends ");
            self.name(parent);
            self.text(" ");
        }
        if !decl.interfaces.is_empty() {
            let word = if decl.kind == ClassKind::Interface { "extends " } else { "implements " };
            self.text(word);
            self.names(&decl.interfaces);
            self.text(" ");
        }
        self.block(|p| {
            for member in &decl.members {
                p.member(member);
            }
        });
    }

    fn member(&mut self, member: &Member) {
        self.start_line();
        match member {
            Member::Const { modifiers, ty, items, .. } => {
                self.member_modifiers(*modifiers);
                self.text("const ");
                if let Some(ty) = ty {
                    self.ty(ty);
                    self.text(" ");
                }
                self.const_items(items);
                self.text(";\n");
            }
            Member::Property { modifiers, ty, items, .. } => {
                self.member_modifiers(*modifiers);
                if let Some(ty) = ty {
                    self.ty(ty);
                    self.text(" ");
                }
                let mut hooked = false;
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        self.text(", ");
                    }
                    self.text("$");
                    self.bytes(&item.name.text);
                    self.default_value(item.default.as_ref());
                    if let Some(hooks) = &item.hooks {
                        hooked = true;
                        self.hooks(hooks);
                    }
                }
                self.text(if hooked { "\n" } else { ";\n" });
            }
            Member::Method { modifiers, decl } => {
                self.member_modifiers(*modifiers);
                self.function(decl);
            }
            Member::TraitUse { names, adaptations, .. } => {
                self.text("use ");
                self.names(names);
                if adaptations.is_empty() {
                    self.text(";\n");
                } else {
                    self.text(" ");
                    self.block(|p| {
                        for adaptation in adaptations {
                            p.adaptation(adaptation);
                        }
                    });
                    self.text("\n");
                }
            }
            Member::EnumCase { name, value, .. } => {
                self.text("case ");
                self.bytes(&name.text);
                self.default_value(value.as_ref());
                self.text(";\n");
            }
        }
    }

    fn hooks(&mut self, hooks: &[PropertyHook]) {
        self.text(" ");
        self.block(|p| {
            for hook in hooks {
                p.start_line();
                p.modifiers(hook.modifiers);
                if hook.by_ref {
                    p.text("&");
                }
                p.bytes(&hook.name.text);
                if let Some(params) = &hook.params {
                    p.params(params);
                }
                match &hook.body {
                    HookBody::Abstract => p.text(";\n"),
                    HookBody::Expr(e) => {
                        p.text(" => ");
                        p.expr(e, 0);
                        p.text(";\n");
                    }
                    HookBody::Block(body) => {
                        p.text(" ");
                        p.block(|p| p.stmts(body));
                        p.text("\n");
                    }
                }
            }
        });
    }

    fn adaptation(&mut self, adaptation: &TraitAdaptation) {
        self.start_line();
        match adaptation {
            TraitAdaptation::Precedence { trait_name, method, insteadof, .. } => {
                self.name(trait_name);
                self.text("::");
                self.bytes(&method.text);
                self.text(" insteadof ");
                self.names(insteadof);
            }
            TraitAdaptation::Alias { trait_name, method, modifiers, alias, .. } => {
                if let Some(name) = trait_name {
                    self.name(name);
                    self.text("::");
                }
                self.bytes(&method.text);
                self.text(" as");
                for (bit, word) in
                    [(m::PUBLIC, " public"), (m::PROTECTED, " protected"), (m::PRIVATE, " private")]
                {
                    if modifiers & bit != 0 {
                        self.text(word);
                    }
                }
                if let Some(alias) = alias {
                    self.text(" ");
                    self.bytes(&alias.text);
                }
            }
        }
        self.text(";\n");
    }
}

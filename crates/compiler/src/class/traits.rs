//! `use T { … }`

use outlast_bytecode::{ClassDecl, TraitRule, class_flags as cf};
use outlast_syntax::ast::{Name, NameKind, TraitAdaptation, modifiers as m};

use crate::error::{R, fail};
use crate::scope::{Compiler, special_class};

impl Compiler<'_> {
    pub(super) fn trait_use(
        &mut self,
        class: &mut ClassDecl,
        names: &[Name],
        adaptations: &[TraitAdaptation],
    ) -> R<()> {
        for name in names {
            if class.flags & cf::INTERFACE != 0 {
                fail!(
                    self,
                    "Cannot use traits inside of interfaces. ",
                    name.text,
                    " is used in ",
                    class.name
                );
            }
            let full = self.resolve_trait(name)?;
            class.traits.push(full);
        }
        for adaptation in adaptations {
            let rule = match adaptation {
                TraitAdaptation::Precedence { trait_name, method, insteadof, .. } => {
                    let trait_name = self.resolve_trait(trait_name)?;
                    let insteadof =
                        insteadof.iter().map(|n| self.resolve_trait(n)).collect::<R<Vec<_>>>()?;
                    TraitRule::Precedence { trait_name, method: method.text.to_box(), insteadof }
                }
                TraitAdaptation::Alias { trait_name, method, modifiers, alias, .. } => {
                    for (bit, word) in [
                        (m::STATIC, "static"),
                        (m::ABSTRACT, "abstract"),
                        (m::READONLY, "readonly"),
                    ] {
                        if modifiers & bit != 0 {
                            fail!(
                                self,
                                "Cannot use \"",
                                word,
                                "\" as method modifier in trait alias"
                            );
                        }
                    }
                    let trait_name = match trait_name {
                        Some(name) => Some(self.resolve_trait(name)?),
                        None => None,
                    };
                    TraitRule::Alias {
                        trait_name,
                        method: method.text.to_box(),
                        modifiers: *modifiers,
                        alias: alias.as_ref().map(|a| a.text.to_box()),
                    }
                }
            };
            class.trait_rules.push(rule);
        }
        Ok(())
    }

    fn resolve_trait(&self, name: &Name) -> R<Box<[u8]>> {
        if name.kind == NameKind::Unqualified && special_class(&name.text).is_some() {
            fail!(self, "Cannot use \"", name.text, "\" as trait name, as it is reserved");
        }
        Ok(self.resolve_class(name)?.into())
    }
}

//! Checks of parameters and attributes.

use outlast_syntax::ast::{self, modifiers as m};

use crate::error::{R, fail};
use crate::function::CodeKind;
use crate::name::is_superglobal;
use crate::scope::Compiler;

/// What an attribute stands at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Class,
    Function,
    Method,
    Property,
    ClassConstant,
    Parameter,
}

impl Target {
    fn word(self) -> &'static str {
        match self {
            Target::Class => "class",
            Target::Function => "function",
            Target::Method => "method",
            Target::Property => "property",
            Target::ClassConstant => "class constant",
            Target::Parameter => "parameter",
        }
    }
}

/// Where the engine's own attributes may stand.
fn allowed_targets(name: &[u8]) -> Option<&'static [Target]> {
    Some(match &name.to_ascii_lowercase()[..] {
        b"attribute" | b"allowdynamicproperties" => &[Target::Class],
        b"returntypewillchange" | b"override" => &[Target::Method],
        b"sensitiveparameter" => &[Target::Parameter],
        b"deprecated" => &[Target::Function, Target::Method, Target::ClassConstant],
        _ => return None,
    })
}

impl Compiler<'_> {
    /// The engine's own attributes are checked where they stand.
    pub fn check_attribute(&self, name: &[u8], target: Target, repeated: bool) -> R<()> {
        let Some(allowed) = allowed_targets(name) else { return Ok(()) };
        if !allowed.contains(&target) {
            let list: Vec<&str> = allowed.iter().map(|t| t.word()).collect();
            fail!(
                self,
                "Attribute \"",
                *name,
                "\" cannot target ",
                target.word(),
                " (allowed targets: ",
                *list.join(", "),
                ")"
            );
        }
        if repeated {
            fail!(self, "Attribute \"", *name, "\" must not be repeated");
        }
        Ok(())
    }

    /// Checks parameter `i` of a list by itself and against those before it.
    pub fn check_param(&self, params: &[ast::Param], i: usize) -> R<()> {
        let param = &params[i];
        let name = &param.name.text;
        if is_superglobal(name) {
            fail!(self, "Cannot re-assign auto-global variable ", name);
        }
        if params[..i].iter().any(|p| p.name.text == *name) {
            fail!(self, "Redefinition of parameter $", name);
        }
        if &name[..] == b"this" {
            fail!(self, "Cannot use $this as parameter");
        }
        if params[..i].iter().any(|p| p.variadic) {
            fail!(self, "Only the last parameter can be variadic");
        }
        if param.variadic && param.default.is_some() {
            fail!(self, "Variadic parameter cannot have a default value");
        }
        self.check_param_modifiers(param)
    }

    fn check_param_modifiers(&self, param: &ast::Param) -> R<()> {
        for (bit, word) in [(m::STATIC, "static"), (m::ABSTRACT, "abstract"), (m::FINAL, "final")] {
            if param.modifiers & bit != 0 {
                fail!(self, "Cannot use the ", word, " modifier on a parameter");
            }
        }
        if param.modifiers == 0 && param.hooks.is_none() {
            return Ok(());
        }
        let constructor = self.f.kind == CodeKind::Method
            && self.function_name.eq_ignore_ascii_case(b"__construct");
        if !constructor {
            fail!(self, "Cannot declare promoted property outside a constructor");
        }
        if param.variadic {
            fail!(self, "Cannot declare variadic promoted property");
        }
        Ok(())
    }
}

//! Checks of parameters.

use outlast_syntax::ast::{self, modifiers as m};

use crate::error::{R, fail};
use crate::function::CodeKind;
use crate::name::is_superglobal;
use crate::scope::Compiler;

impl Compiler<'_> {
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

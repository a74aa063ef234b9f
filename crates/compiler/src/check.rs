//! Checks of parameters and attributes.

use outlast_syntax::ast::{self, Arg, Args, Expr, ExprKind, modifiers as m};

use crate::error::{R, fail};
use crate::function::CodeKind;
use crate::name::is_superglobal;
use crate::place::strip;
use crate::scope::{Compiler, Resolved};

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

/// Does PHP compile a call of this function to an op that is no call?
fn has_own_op(name: &[u8], args: &[Arg]) -> bool {
    match name {
        b"get_called_class" | b"func_num_args" | b"func_get_args" => args.is_empty(),
        b"strlen" | b"is_null" | b"is_bool" | b"is_int" | b"is_long" | b"is_integer"
        | b"is_float" | b"is_double" | b"is_string" | b"is_array" | b"is_object"
        | b"is_resource" | b"is_scalar" | b"boolval" | b"intval" | b"floatval" | b"doubleval"
        | b"strval" | b"count" | b"sizeof" | b"gettype" => args.len() == 1,
        b"get_class" => args.len() <= 1,
        b"array_key_exists" => args.len() == 2,
        b"defined" => matches!(args, [Arg { value: Expr { kind: ExprKind::String(_), .. }, .. }]),
        _ => false,
    }
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

    /// What PHP computes by an op of its own is no function's result, which could be written to.
    pub fn check_write_context(&self, e: &Expr) -> R<()> {
        let ExprKind::Call { callee, args: Args::List(args), .. } = &strip(e).kind else {
            return Ok(());
        };
        let ExprKind::Name(name) = &strip(callee).kind else { return Ok(()) };
        let Resolved::Known(name) = self.resolve_function(name) else { return Ok(()) };
        if args.iter().all(|a| a.name.is_none() && !a.unpack)
            && has_own_op(&name.to_ascii_lowercase(), args)
        {
            fail!(self, "Cannot use result of built-in function in write context");
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

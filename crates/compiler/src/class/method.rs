//! Methods.

use outlast_bytecode::{
    ClassDecl, MethodDecl, class_flags as cf, function_flags as ff, member_flags as mf,
};
use outlast_syntax::ast::{FunctionDecl, modifiers as m};

use super::member::member_flags;
use crate::error::{R, cat, fail};
use crate::function::CodeKind;
use crate::levels::E_COMPILE_WARNING;
use crate::scope::Compiler;

impl Compiler<'_> {
    pub(super) fn method(
        &mut self,
        class: &mut ClassDecl,
        modifiers: u32,
        decl: &FunctionDecl,
    ) -> R<()> {
        self.f.line = decl.span.line;
        let mut flags = member_flags(modifiers);
        self.check_method(class, modifiers, &mut flags, decl)?;
        let name = decl.name.text.to_vec();
        let index = self.reserve_function();
        self.function_name = name.clone();
        let mut code_flags = 0;
        for (bit, flag) in
            [(mf::STATIC, ff::STATIC), (mf::ABSTRACT, ff::ABSTRACT), (mf::FINAL, ff::FINAL)]
        {
            if flags & bit != 0 {
                code_flags |= flag;
            }
        }
        let outer = self.enter_function(CodeKind::Method, decl.span.line);
        self.f.out.modifiers = flags;
        let result = self.function_body(decl, code_flags);
        let promoted: Vec<_> = decl
            .params
            .iter()
            .zip(&self.f.out.params)
            .filter(|(p, _)| p.modifiers != 0 || p.hooks.is_some())
            .map(|(p, compiled)| (p, compiled.attributes.clone()))
            .collect();
        let checked = match &result {
            Ok(()) => self.check_magic(class, flags),
            Err(_) => Ok(()),
        };
        self.leave_function(outer, name.into(), index);
        self.function_name.clear();
        result?;
        checked?;
        for (param, attributes) in promoted {
            self.promoted_property(class, param, attributes)?;
        }
        self.f.line = decl.span.line;
        class.methods.push(MethodDecl { name: decl.name.text.to_box(), flags, func: index });
        Ok(())
    }

    fn check_method(
        &mut self,
        class: &ClassDecl,
        modifiers: u32,
        flags: &mut u32,
        decl: &FunctionDecl,
    ) -> R<()> {
        let name = &decl.name.text;
        let constructor = name.eq_ignore_ascii_case(b"__construct");
        if modifiers & m::READONLY != 0 {
            fail!(self, "Cannot use the readonly modifier on a method");
        }
        if modifiers & m::ABSTRACT != 0 && modifiers & m::FINAL != 0 {
            fail!(self, "Cannot use the final modifier on an abstract method");
        }
        if *flags & mf::PRIVATE != 0 && *flags & mf::FINAL != 0 && !constructor {
            self.diagnose(
                E_COMPILE_WARNING,
                cat!(
                    "Private methods cannot be final as they are never overridden by other classes"
                ),
            );
        }
        if class.flags & cf::INTERFACE != 0 {
            if *flags & mf::PUBLIC == 0 {
                fail!(
                    self,
                    "Access type for interface method ",
                    class.name,
                    "::",
                    name,
                    "() must be public"
                );
            }
            if *flags & mf::FINAL != 0 {
                fail!(self, "Interface method ", class.name, "::", name, "() must not be final");
            }
            if *flags & mf::ABSTRACT != 0 {
                fail!(self, "Interface method ", class.name, "::", name, "() must not be abstract");
            }
            *flags |= mf::ABSTRACT;
        }
        if *flags & mf::ABSTRACT != 0 {
            let word = if class.flags & cf::INTERFACE != 0 { "Interface" } else { "Abstract" };
            if *flags & mf::PRIVATE != 0 && class.flags & cf::TRAIT == 0 {
                fail!(
                    self,
                    word,
                    " function ",
                    class.name,
                    "::",
                    name,
                    "() cannot be declared private"
                );
            }
            if decl.body.is_some() {
                fail!(self, word, " function ", class.name, "::", name, "() cannot contain body");
            }
            if constructor && decl.params.iter().any(|p| p.modifiers != 0) {
                fail!(self, "Cannot declare promoted property in an abstract constructor");
            }
        } else if decl.body.is_none() {
            fail!(self, "Non-abstract method ", class.name, "::", name, "() must contain body");
        }
        let lower = name.to_ascii_lowercase();
        let taken = class.methods.iter().any(|m| m.name.eq_ignore_ascii_case(&lower));
        if taken {
            fail!(self, "Cannot redeclare ", class.name, "::", name, "()");
        }
        Ok(())
    }
}

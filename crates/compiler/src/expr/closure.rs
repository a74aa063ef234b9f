//! Closures and arrow functions.

use outlast_bytecode::{Op, Slot, function_flags as ff};
use outlast_syntax::ast::ClosureDecl;

use super::Want;
use crate::capture::free_variables;
use crate::error::{R, fail};
use crate::name::is_superglobal;
use crate::scope::Compiler;

impl Compiler<'_> {
    pub(super) fn closure(&mut self, closure: &ClosureDecl, want: Want) -> R<Slot> {
        let uses: Vec<(Vec<u8>, bool)> = if closure.is_arrow {
            free_variables(&closure.decl).into_iter().map(|name| (name, false)).collect()
        } else {
            self.check_uses(closure)?;
            closure.uses.iter().map(|(name, by_ref)| (name.text.to_vec(), *by_ref)).collect()
        };
        let line = self.f.line;
        let func = self.closure_function(closure, &uses)?;
        self.f.line = line;
        let dst = self.nullary(want, |dst| Op::MakeClosure { dst, func });
        for (index, (name, by_ref)) in uses.iter().enumerate() {
            let var = self.f.local(name);
            let index = index as u16;
            self.f.emit(if closure.is_arrow {
                Op::CaptureQuiet { closure: dst, index, src: var }
            } else if *by_ref {
                Op::CaptureRef { closure: dst, index, var }
            } else {
                Op::CaptureValue { closure: dst, index, src: var }
            });
        }
        if let Some(inner) = &self.functions[func as usize]
            && inner.flags & ff::USES_THIS != 0
            && !closure.is_static
        {
            self.f.out.flags |= ff::USES_THIS;
        }
        Ok(dst)
    }

    fn check_uses(&mut self, closure: &ClosureDecl) -> R<()> {
        for (i, (name, _)) in closure.uses.iter().enumerate() {
            self.f.line = name.span.line;
            if &name.text[..] == b"this" {
                fail!(self, "Cannot use $this as lexical variable");
            }
            if is_superglobal(&name.text) {
                fail!(self, "Cannot use auto-global as lexical variable");
            }
            if closure.uses[..i].iter().any(|(n, _)| n.text == name.text) {
                fail!(self, "Cannot use variable $", name.text, " twice");
            }
            if closure.decl.params.iter().any(|p| p.name.text == name.text) {
                fail!(self, "Cannot use lexical variable $", name.text, " as a parameter name");
            }
        }
        Ok(())
    }
}

//! `try`, `catch`, `finally`.
//!
//! A `finally` block owns two temporaries: what is held back while it runs (an exception or a
//! return value) and the completion number that says how to go on: 0 onwards, -1 rethrow,
//! 1 return, from 2 the other ways out of the `try`, each with a stub behind the block.

use outlast_bytecode::{HandlerKind, NO_SLOT, Op};
use outlast_syntax::ast::{Catch, Finally, Stmt};

use crate::error::{R, fail};
use crate::function::{Ctx, CtxKind, Exit, Label};
use crate::scope::{Compiler, special_class};

impl Compiler<'_> {
    pub(super) fn try_stmt(
        &mut self,
        stmt: &Stmt,
        body: &[Stmt],
        catches: &[Catch],
        finally: Option<&Finally>,
    ) -> R<()> {
        let Some(finally) = finally else {
            if catches.is_empty() {
                fail!(self, "Cannot use try without catch or finally");
            }
            return self.try_catch(body, catches);
        };
        let id = std::ptr::from_ref(stmt) as usize;
        let slot = self.f.alloc_range(2);
        let (old_floor, clear_from) = self.f.raise_floor();
        let start = self.f.pc();
        let block = self.f.label();
        self.f.ctx.push(Ctx { id, kind: CtxKind::Try { slot, body: block, exits: Vec::new() } });
        let result =
            if catches.is_empty() { self.stmts(body) } else { self.try_catch(body, catches) };
        let ctx = self.f.ctx.pop();
        result?;
        self.f.handler_to(start, clear_from, HandlerKind::Finally { target: 0, slot }, block);
        self.f.emit(Op::SetCompletion { slot, kind: 0 });
        self.f.place(block);
        let body_start = self.f.pc();
        // An odd number tells the context of the block from that of the `try`.
        self.f.ctx.push(Ctx { id: id + 1, kind: CtxKind::Finally { slot } });
        let result = self.stmts(&finally.body);
        self.f.ctx.pop();
        result?;
        self.f.handler(body_start, clear_from, HandlerKind::FinallyBody { slot });
        self.f.restore_floor(old_floor);
        self.f.emit(Op::EndFinally { slot });
        let Some(Ctx { kind: CtxKind::Try { exits, .. }, .. }) = ctx else { return Ok(()) };
        let end = self.f.label();
        if !exits.is_empty() {
            let stubs: Vec<Label> = exits.iter().map(|_| self.f.label()).collect();
            for ((kind, _), stub) in exits.iter().zip(&stubs) {
                self.f.emit(Op::JmpIfCompletion { slot, kind: *kind, target: stub.0 });
            }
            self.f.jmp(end);
            for ((_, exit), stub) in exits.iter().zip(&stubs) {
                self.f.place(*stub);
                let value = if matches!(exit, Exit::Jump { .. }) { NO_SLOT } else { slot };
                self.leave_by(*exit, value);
            }
        }
        self.f.release_range(slot, 2);
        self.f.place(end);
        Ok(())
    }

    fn try_catch(&mut self, body: &[Stmt], catches: &[Catch]) -> R<()> {
        let (old_floor, clear_from) = self.f.raise_floor();
        let start = self.f.pc();
        let chain = self.f.label();
        let end = self.f.label();
        self.stmts(body)?;
        self.f.handler_to(start, clear_from, HandlerKind::Catch { target: 0 }, chain);
        self.f.restore_floor(old_floor);
        self.f.jmp(end);
        self.f.place(chain);
        for catch in catches {
            self.f.line = catch.span.line;
            let next = self.f.label();
            let mut names = Vec::with_capacity(catch.types.len());
            for name in &catch.types {
                self.f.line = name.span.line;
                if special_class(&name.text).is_some() {
                    fail!(self, "Bad class name in the catch statement");
                }
                let full = self.resolve_class(name)?;
                names.push(self.f.str(&full));
            }
            let list = self.f.out.catches.len() as u16;
            self.f.out.catches.push(names);
            let var = match &catch.var {
                Some(name) if &name.text[..] == b"this" => {
                    fail!(self, "Cannot re-assign $this")
                }
                Some(name) => self.f.local(&name.text),
                None => NO_SLOT,
            };
            self.f.emit(Op::Catch { var, list, target: next.0 });
            self.stmts(&catch.body)?;
            self.f.jmp(end);
            self.f.place(next);
        }
        self.f.emit(Op::Rethrow {});
        self.f.place(end);
        Ok(())
    }
}

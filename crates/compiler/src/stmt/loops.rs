//! Loops.

use outlast_bytecode::{NO_SLOT, Op, Slot};
use outlast_syntax::ast::{Expr, ExprKind, Stmt};

use crate::error::{R, fail};
use crate::expr::pattern;
use crate::function::{Ctx, CtxKind, Label};
use crate::place::{Access, can_write, is_this, is_variable, strip};
use crate::scope::Compiler;

impl Compiler<'_> {
    /// Compiles a loop body in its own context.
    fn loop_body(
        &mut self,
        stmt: &Stmt,
        end: Label,
        next: Label,
        iter: Option<Slot>,
        body: &[Stmt],
    ) -> R<()> {
        let id = std::ptr::from_ref(stmt) as usize;
        self.f.ctx.push(Ctx { id, kind: CtxKind::Loop { end, next, iter } });
        let result = self.stmts(body);
        self.f.ctx.pop();
        result
    }

    pub(super) fn while_loop(&mut self, stmt: &Stmt, cond: &Expr, body: &[Stmt]) -> R<()> {
        let top = self.f.label();
        let next = self.f.label();
        let end = self.f.label();
        self.f.jmp(next);
        self.f.place(top);
        self.loop_body(stmt, end, next, None, body)?;
        self.f.place(next);
        self.cond(cond, top, true)?;
        self.f.place(end);
        Ok(())
    }

    pub(super) fn do_while(&mut self, stmt: &Stmt, body: &[Stmt], cond: &Expr) -> R<()> {
        let top = self.f.here();
        let next = self.f.label();
        let end = self.f.label();
        self.loop_body(stmt, end, next, None, body)?;
        self.f.place(next);
        self.cond(cond, top, true)?;
        self.f.place(end);
        Ok(())
    }

    pub(super) fn for_loop(
        &mut self,
        stmt: &Stmt,
        init: &[Expr],
        cond: &[Expr],
        step: &[Expr],
        body: &[Stmt],
    ) -> R<()> {
        for e in init {
            self.discard(e)?;
        }
        let top = self.f.label();
        let test = self.f.label();
        let next = self.f.label();
        let end = self.f.label();
        if !cond.is_empty() {
            self.f.jmp(test);
        }
        self.f.place(top);
        self.loop_body(stmt, end, next, None, body)?;
        self.f.place(next);
        for e in step {
            self.discard(e)?;
        }
        self.f.place(test);
        match cond.split_last() {
            None => self.f.jmp(top),
            Some((last, before)) => {
                for e in before {
                    self.discard(e)?;
                }
                self.cond(last, top, true)?;
            }
        }
        self.f.place(end);
        Ok(())
    }

    pub(super) fn foreach(
        &mut self,
        stmt: &Stmt,
        subject: &Expr,
        key: Option<&Expr>,
        value: &Expr,
        by_ref: bool,
        body: &[Stmt],
    ) -> R<()> {
        let line = self.f.line;
        let items = pattern(value);
        self.check_pattern_target(value)?;
        let list_refs = items.is_some_and(Self::pattern_has_refs);
        if by_ref && items.is_some() {
            fail!(self, "Cannot assign reference to non referenceable value");
        }
        if is_this(value) {
            fail!(self, "Cannot re-assign $this");
        }
        if let Some(key) = key {
            if is_this(key) {
                fail!(self, "Cannot re-assign $this");
            }
            if pattern(key).is_some() {
                fail!(self, "Cannot use list as key element");
            }
        }
        let by_ref = by_ref || list_refs;
        let src = if by_ref && is_variable(subject) && can_write(subject) && !is_this(subject) {
            if matches!(subject.kind, ExprKind::Variable(_)) {
                // An undefined variable is told of.
                let read = self.expr(subject)?;
                self.drop_value(read);
            }
            self.reference(subject)?
        } else {
            if by_ref {
                self.check_write_context(subject)?;
            }
            self.expr(subject)?
        };
        let free = self.f.label();
        let next = self.f.label();
        let end = self.f.label();
        let src = if by_ref { self.as_temp(src) } else { src };
        let iter = self.f.alloc_range(3);
        self.f.emit(if by_ref {
            Op::IterInitRef { iter, src, target: free.0 }
        } else {
            Op::IterInit { iter, src, target: free.0 }
        });
        self.f.release(src);
        self.f.place(next);
        self.f.line = line;
        let key_slot = match key {
            Some(_) => self.f.alloc(),
            None => NO_SLOT,
        };
        if by_ref {
            let dst = self.f.alloc();
            self.f.emit(Op::IterNextRef { iter, dst, key: key_slot, target: free.0 });
            match items {
                Some(items) => self.destructure_refs(items, dst)?,
                None => {
                    let place = self.place_of(value, Access::Write)?;
                    self.bind(place, dst, NO_SLOT);
                }
            }
        } else {
            let local = match &strip(value).kind {
                ExprKind::Variable(_) => self.plain_local(value),
                _ => None,
            };
            let val = match local {
                Some(var) => var,
                None => self.f.alloc(),
            };
            self.f.emit(if key.is_some() {
                Op::IterNextKey { iter, val, key: key_slot, target: free.0 }
            } else {
                Op::IterNext { iter, val, target: free.0 }
            });
            if local.is_none() {
                self.assign_slot(value, val)?;
            }
        }
        if let Some(key) = key {
            let place = self.place_of(key, Access::Write)?;
            self.store(place, key_slot, NO_SLOT);
        }
        self.loop_body(stmt, end, next, Some(iter), body)?;
        self.f.line = line;
        self.f.jmp(next);
        self.f.place(free);
        self.f.emit(Op::IterFree { iter });
        self.f.release_range(iter, 3);
        self.f.place(end);
        Ok(())
    }
}

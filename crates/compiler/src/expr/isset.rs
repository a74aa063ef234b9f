//! `isset` and `empty`.

use outlast_bytecode::{Literal, Op, Slot};
use outlast_syntax::ast::{Expr, ExprKind};

use super::Want;
use super::fetch::is_globals;
use crate::error::{R, fail};
use crate::place::{has_nullsafe, is_variable, strip};
use crate::scope::Compiler;

impl Compiler<'_> {
    pub(super) fn isset_all(&mut self, list: &[Expr], want: Want) -> R<Slot> {
        let dst = self.dst(want);
        let end = self.f.label();
        for (i, e) in list.iter().enumerate() {
            if i + 1 == list.len() {
                self.isset(e, dst)?;
            } else {
                let test = self.f.alloc();
                self.isset(e, test)?;
                self.f.emit(Op::JmpIfNotBool { dst, src: test, target: end.0 });
                self.f.release(test);
            }
        }
        self.f.place(end);
        Ok(dst)
    }

    /// The value that `isset` and `empty` give when `?->` ends the chain early.
    fn tested_chain(
        &mut self,
        e: &Expr,
        dst: Slot,
        short: bool,
        test: impl FnOnce(&mut Self) -> R<()>,
    ) -> R<()> {
        if !has_nullsafe(e) {
            return test(self);
        }
        let null = self.f.label();
        let end = self.f.label();
        self.f.nullsafe.push((dst, null));
        test(self)?;
        self.f.nullsafe.pop();
        self.f.jmp(end);
        self.f.place(null);
        self.f.emit(Op::Free { src: dst });
        self.literal(Literal::Bool(short), Some(dst));
        self.f.place(end);
        Ok(())
    }

    fn isset(&mut self, e: &Expr, dst: Slot) -> R<()> {
        let e = strip(e);
        self.f.line = e.span.line;
        if !is_variable(e) {
            fail!(
                self,
                "Cannot use isset() on the result of an expression (you can use \"null !== expression\" instead)"
            );
        }
        if let Some(var) = self.plain_local(e) {
            self.f.emit(Op::IssetLocal { dst, var });
            return Ok(());
        }
        self.tested_chain(e, dst, false, |c| {
            match &e.kind {
                ExprKind::Index { base, index: Some(index) } if !is_globals(base) => {
                    let base = c.quiet_base(base)?;
                    let key = c.outside_chain(|c| c.expr(index))?;
                    c.binary(Some(dst), base, key, |dst, base, key| Op::IssetDim {
                        dst,
                        base,
                        key,
                    });
                }
                ExprKind::Property { object, name, nullsafe } => {
                    let obj = c.quiet_object(object, *nullsafe)?;
                    let name = c.outside_chain(|c| c.selector_value(name))?;
                    c.binary(Some(dst), obj, name, |dst, obj, name| Op::IssetProp {
                        dst,
                        obj,
                        name,
                    });
                }
                _ => {
                    let value = c.quiet_link(e, None)?;
                    let null = c.literal(Literal::Null, None);
                    c.binary(Some(dst), value, null, |dst, a, b| Op::NotIdentical { dst, a, b });
                }
            }
            Ok(())
        })
    }

    pub(super) fn empty(&mut self, e: &Expr, want: Want) -> R<Slot> {
        let e = strip(e);
        self.f.line = e.span.line;
        let dst = self.dst(want);
        if !is_variable(e) {
            let src = self.expr(e)?;
            return Ok(self.unary(Some(dst), src, |dst, src| Op::Not { dst, src }));
        }
        self.tested_chain(e, dst, true, |c| {
            match &e.kind {
                ExprKind::Index { base, index: Some(index) } if !is_globals(base) => {
                    let base = c.quiet_base(base)?;
                    let key = c.outside_chain(|c| c.expr(index))?;
                    c.binary(Some(dst), base, key, |dst, base, key| Op::EmptyDim {
                        dst,
                        base,
                        key,
                    });
                }
                ExprKind::Property { object, name, nullsafe } => {
                    let obj = c.quiet_object(object, *nullsafe)?;
                    let name = c.outside_chain(|c| c.selector_value(name))?;
                    c.binary(Some(dst), obj, name, |dst, obj, name| Op::EmptyProp {
                        dst,
                        obj,
                        name,
                    });
                }
                _ => {
                    let value = c.quiet_link(e, None)?;
                    c.unary(Some(dst), value, |dst, src| Op::Not { dst, src });
                }
            }
            Ok(())
        })?;
        Ok(dst)
    }
}

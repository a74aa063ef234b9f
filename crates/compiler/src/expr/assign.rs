//! Assignments.

use outlast_bytecode::{Literal, NO_SLOT, Op, Slot};
use outlast_syntax::ast::{BinaryOp, Expr, ExprKind};

use super::array::pattern;
use super::{Want, arithmetic};
use crate::error::{R, fail};
use crate::place::{Access, Place, has_nullsafe, is_call, is_this, is_variable, strip};
use crate::scope::Compiler;

impl Compiler<'_> {
    pub(super) fn assign(
        &mut self,
        target: &Expr,
        value: &Expr,
        want: Want,
        used: bool,
    ) -> R<Slot> {
        if let Some(items) = pattern(target) {
            self.check_pattern_target(target)?;
            return self.assign_pattern(items, value, want, used);
        }
        let place = self.place_of(target, Access::Write)?;
        if let Place::Local(var) = place
            && !used
            && let Some(value) = self.fold(value)
        {
            let k = self.f.constant(value);
            self.f.emit(Op::AssignConst { var, k });
            return Ok(NO_SLOT);
        }
        let val = self.expr(value)?;
        let dst = if used { self.dst(want) } else { NO_SLOT };
        self.store(place, val, dst);
        Ok(dst)
    }

    pub(super) fn assign_ref(
        &mut self,
        target: &Expr,
        source: &Expr,
        want: Want,
        used: bool,
    ) -> R<Slot> {
        if is_this(target) {
            fail!(self, "Cannot re-assign $this");
        }
        if pattern(target).is_some() {
            fail!(self, "Cannot assign reference to non referenceable value");
        }
        let place = self.place_of(target, Access::Write)?;
        let source = strip(source);
        if has_nullsafe(source) {
            fail!(self, "Cannot take reference of a nullsafe chain");
        }
        if is_this(source) {
            let val = self.expr(source)?;
            let dst = if used { self.dst(want) } else { NO_SLOT };
            self.store(place, val, dst);
            return Ok(dst);
        }
        let src = if is_variable(source) {
            self.reference(source)?
        } else if is_call(source) {
            self.check_write_context(source)?;
            self.temp_expr(source)?
        } else if let ExprKind::New { .. } | ExprKind::NewAnonymous { .. } = &source.kind {
            fail!(self, "Cannot assign reference to non referenceable value");
        } else {
            fail!(self, "Cannot assign reference to non referenceable value");
        };
        let dst = if used { self.dst(want) } else { NO_SLOT };
        self.bind(place, src, dst);
        Ok(dst)
    }

    pub(super) fn assign_op(
        &mut self,
        op: BinaryOp,
        target: &Expr,
        value: &Expr,
        want: Want,
        used: bool,
    ) -> R<Slot> {
        let Some(op) = arithmetic(op) else {
            fail!(self, "Assignments can only happen to writable values");
        };
        let place = self.place_of(target, Access::ReadWrite)?;
        let val = self.expr(value)?;
        let dst = if used { self.dst(want) } else { NO_SLOT };
        match place {
            Place::Local(var) => {
                self.f.emit(Op::AssignOp { dst, var, val, op });
            }
            Place::Path { root, steps } => {
                let path = self.path_index(root, steps);
                self.f.emit(Op::PathAssignOp { dst, path, val, op });
            }
        }
        self.f.release(val);
        Ok(dst)
    }

    pub(super) fn assign_coalesce(
        &mut self,
        target: &Expr,
        value: &Expr,
        want: Want,
        used: bool,
    ) -> R<Slot> {
        let place = self.place_of(target, Access::ReadWrite)?;
        let result = self.dst(want);
        let end = self.f.label();
        if let Place::Local(var) = place {
            self.f.emit(Op::JmpLocalSet { dst: result, var, target: end.0 });
            let val = self.expr(value)?;
            self.store(place, val, result);
            self.f.place(end);
        } else {
            let set = self.f.label();
            let old = self.read_kept(&place)?;
            self.f.emit(Op::JmpNotNull { dst: result, src: old, target: set.0 });
            self.f.release(old);
            let val = self.expr(value)?;
            let Place::Path { root, steps } = &place else {
                self.store(place, val, result);
                return Ok(result);
            };
            self.store(Place::Path { root: root.clone(), steps: steps.clone() }, val, result);
            self.f.jmp(end);
            self.f.place(set);
            self.free_place(&place);
            self.f.place(end);
        }
        if used {
            return Ok(result);
        }
        self.f.emit(Op::Free { src: result });
        self.f.release(result);
        Ok(NO_SLOT)
    }

    /// Assigns a value that is in a slot to a target, which may be a pattern.
    pub(crate) fn assign_slot(&mut self, target: &Expr, val: Slot) -> R<()> {
        if let Some(items) = pattern(target) {
            self.destructure(items, val)?;
            self.drop_value(val);
            return Ok(());
        }
        let place = self.place_of(target, Access::Write)?;
        self.store(place, val, NO_SLOT);
        Ok(())
    }

    /// The literal behind an expression that must be an integer, for `break` levels and the like.
    pub(crate) fn literal_int(&self, e: &Expr) -> Option<i64> {
        match self.fold(e) {
            Some(Literal::Int(i)) => Some(i),
            _ => None,
        }
    }
}

//! Conditions, logical operators, `?:`, `??` and `match`.

use outlast_bytecode::{Literal, Op, Slot, SwitchTable};
use outlast_syntax::ast::{BinaryOp, Expr, ExprKind, LogicalOp, MatchArm, UnaryOp};

use super::Want;
use crate::error::{R, fail};
use crate::fold::truthy;
use crate::function::{Label, is_temp};
use crate::place::{Place, is_variable, strip};
use crate::scope::Compiler;

impl Compiler<'_> {
    /// Jumps to `target` if `e` is (not) true, else goes on.
    pub fn cond(&mut self, e: &Expr, target: Label, jump_if: bool) -> R<()> {
        let e = strip(e);
        self.f.line = e.span.line;
        if let Some(value) = self.fold(e)
            && let Some(truth) = truthy(&value)
        {
            if truth == jump_if {
                self.f.jmp(target);
            }
            return Ok(());
        }
        match &e.kind {
            ExprKind::Unary { op: UnaryOp::Not, expr } => self.cond(expr, target, !jump_if),
            ExprKind::Logical { op, left, right } => {
                // The left side alone decides for `target` if it has the deciding value.
                let decides = *op == LogicalOp::Or;
                if decides == jump_if {
                    self.cond(left, target, jump_if)?;
                    self.cond(right, target, jump_if)
                } else {
                    let skip = self.f.label();
                    self.cond(left, skip, decides)?;
                    self.cond(right, target, jump_if)?;
                    self.f.place(skip);
                    Ok(())
                }
            }
            ExprKind::Binary { op, left, right } if is_comparison(*op) => {
                self.compare(*op, left, right, target, jump_if)
            }
            _ => {
                let src = self.expr(e)?;
                self.f.emit(if jump_if {
                    Op::JmpIf { src, target: target.0 }
                } else {
                    Op::JmpIfNot { src, target: target.0 }
                });
                self.f.release(src);
                Ok(())
            }
        }
    }

    fn small_int(&mut self, e: &Expr) -> Option<i16> {
        match self.fold(e) {
            Some(Literal::Int(i)) => i16::try_from(i).ok(),
            _ => None,
        }
    }

    fn compare(
        &mut self,
        op: BinaryOp,
        left: &Expr,
        right: &Expr,
        target: Label,
        jump_if: bool,
    ) -> R<()> {
        let target = target.0;
        let small = match self.small_int(right) {
            Some(imm) => Some((left, imm, op)),
            None => self.small_int(left).map(|imm| (right, imm, turned(op))),
        };
        if let Some((value, imm, op)) = small {
            let a = self.expr(value)?;
            self.f.emit(match (op, jump_if) {
                (BinaryOp::Less, true) => Op::JmpLessInt { a, imm, target },
                (BinaryOp::Less, false) => Op::JmpNotLessInt { a, imm, target },
                (BinaryOp::LessEqual, true) => Op::JmpLessEqualInt { a, imm, target },
                (BinaryOp::LessEqual, false) => Op::JmpNotLessEqualInt { a, imm, target },
                (BinaryOp::Greater, true) => Op::JmpGreaterInt { a, imm, target },
                (BinaryOp::Greater, false) => Op::JmpNotGreaterInt { a, imm, target },
                (BinaryOp::GreaterEqual, true) => Op::JmpGreaterEqualInt { a, imm, target },
                (BinaryOp::GreaterEqual, false) => Op::JmpNotGreaterEqualInt { a, imm, target },
                (BinaryOp::Equal, true) | (BinaryOp::NotEqual, false) => {
                    Op::JmpEqualInt { a, imm, target }
                }
                (BinaryOp::Identical, true) | (BinaryOp::NotIdentical, false) => {
                    Op::JmpIdenticalInt { a, imm, target }
                }
                (BinaryOp::Identical, false) | (BinaryOp::NotIdentical, true) => {
                    Op::JmpNotIdenticalInt { a, imm, target }
                }
                _ => Op::JmpNotEqualInt { a, imm, target },
            });
            self.f.release(a);
            return Ok(());
        }
        let a = self.expr(left)?;
        let b = self.expr(right)?;
        self.f.emit(match (op, jump_if) {
            (BinaryOp::Less, true) => Op::JmpLess { a, b, target },
            (BinaryOp::Less, false) => Op::JmpNotLess { a, b, target },
            (BinaryOp::LessEqual, true) => Op::JmpLessEqual { a, b, target },
            (BinaryOp::LessEqual, false) => Op::JmpNotLessEqual { a, b, target },
            (BinaryOp::Greater, true) => Op::JmpLess { a: b, b: a, target },
            (BinaryOp::Greater, false) => Op::JmpNotLess { a: b, b: a, target },
            (BinaryOp::GreaterEqual, true) => Op::JmpLessEqual { a: b, b: a, target },
            (BinaryOp::GreaterEqual, false) => Op::JmpNotLessEqual { a: b, b: a, target },
            (BinaryOp::Equal, true) | (BinaryOp::NotEqual, false) => Op::JmpEqual { a, b, target },
            (BinaryOp::Identical, true) | (BinaryOp::NotIdentical, false) => {
                Op::JmpIdentical { a, b, target }
            }
            (BinaryOp::Identical, false) | (BinaryOp::NotIdentical, true) => {
                Op::JmpNotIdentical { a, b, target }
            }
            _ => Op::JmpNotEqual { a, b, target },
        });
        self.f.release(a);
        self.f.release(b);
        Ok(())
    }

    /// `&&` and `||` as a value.
    pub(super) fn logical(&mut self, e: &Expr, want: Want) -> R<Slot> {
        let ExprKind::Logical { op, left, right } = &e.kind else { return self.expr_w(e, want) };
        let dst = self.dst(want);
        let end = self.f.label();
        let src = self.expr(left)?;
        self.f.emit(match op {
            LogicalOp::And => Op::JmpIfNotBool { dst, src, target: end.0 },
            LogicalOp::Or => Op::JmpIfBool { dst, src, target: end.0 },
        });
        self.f.release(src);
        let src = self.expr(right)?;
        self.unary(Some(dst), src, |dst, src| Op::ToBool { dst, src });
        self.f.place(end);
        Ok(dst)
    }

    pub(super) fn ternary(
        &mut self,
        cond: &Expr,
        then: Option<&Expr>,
        otherwise: &Expr,
        want: Want,
    ) -> R<Slot> {
        let dst = self.dst(want);
        let end = self.f.label();
        match then {
            Some(then) => {
                let other = self.f.label();
                self.cond(cond, other, false)?;
                self.expr_to(then, dst)?;
                self.f.jmp(end);
                self.f.place(other);
            }
            None => {
                let src = self.expr(cond)?;
                self.f.emit(Op::JmpTrueKeep { dst, src, target: end.0 });
                self.f.release(src);
            }
        }
        self.expr_to(otherwise, dst)?;
        self.f.place(end);
        Ok(dst)
    }

    pub(super) fn coalesce(&mut self, left: &Expr, right: &Expr, want: Want) -> R<Slot> {
        let dst = self.dst(want);
        let end = self.f.label();
        let left = strip(left);
        match self.plain_local(left) {
            Some(var) => {
                self.f.emit(Op::JmpLocalSet { dst, var, target: end.0 });
            }
            None => {
                let src =
                    if is_variable(left) { self.quiet(left, None)? } else { self.expr(left)? };
                self.f.emit(Op::JmpNotNull { dst, src, target: end.0 });
                self.f.release(src);
            }
        }
        self.expr_to(right, dst)?;
        self.f.place(end);
        Ok(dst)
    }

    /// The slot of a variable that is an ordinary local.
    pub(crate) fn plain_local(&mut self, e: &Expr) -> Option<Slot> {
        match &strip(e).kind {
            ExprKind::Variable(name)
                if &name[..] != b"this" && !crate::name::is_superglobal(name) =>
            {
                match self.named_place(name) {
                    Ok(Place::Local(slot)) => Some(slot),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    pub(super) fn match_expr(&mut self, subject: &Expr, arms: &[MatchArm], want: Want) -> R<Slot> {
        let line = self.f.line;
        let mut default = None;
        for (i, arm) in arms.iter().enumerate() {
            if arm.conds.is_none() {
                if default.is_some() {
                    self.f.line = arm.span.line;
                    fail!(self, "Match expressions may only contain one default arm");
                }
                default = Some(i);
            }
        }
        let dst = self.dst(want);
        // An undefined variable is reported once, not by each comparison.
        let value = self.temp_expr(subject)?;
        let labels: Vec<Label> = arms.iter().map(|_| self.f.label()).collect();
        let no_match = match default {
            Some(i) => labels[i],
            None => self.f.label(),
        };
        let conds = arms
            .iter()
            .zip(&labels)
            .flat_map(|(arm, label)| arm.conds.iter().flatten().map(move |c| (c, *label)));
        let conds: Vec<(&Expr, Label)> = conds.collect();
        self.match_table(value, &conds, no_match);
        for &(cond, label) in &conds {
            self.f.line = cond.span.line;
            let val = self.expr(cond)?;
            let test =
                self.unary(None, val, |dst, val| Op::CaseIdentical { dst, subject: value, val });
            self.f.emit(Op::JmpIf { src: test, target: label.0 });
            self.f.release(test);
        }
        self.f.jmp(no_match);
        let end = self.f.label();
        if default.is_none() {
            self.f.place(no_match);
            self.f.line = line;
            self.f.emit(Op::MatchError { src: value });
        }
        for (arm, label) in arms.iter().zip(&labels) {
            self.f.place(*label);
            if is_temp(value) {
                self.f.revive(value);
                self.f.emit(Op::Free { src: value });
                self.f.release(value);
            }
            self.expr_to(&arm.body, dst)?;
            self.f.jmp(end);
        }
        self.f.release(value);
        self.f.place(end);
        Ok(dst)
    }

    /// A jump table if all conditions are ints or all are strings.
    fn match_table(&mut self, subject: Slot, conds: &[(&Expr, Label)], default: Label) {
        let mut table = SwitchTable { default: default.0, ..SwitchTable::default() };
        for (cond, label) in conds {
            match self.fold(cond) {
                Some(Literal::Int(i)) => {
                    if !table.ints.iter().any(|&(k, _)| k == i) {
                        table.ints.push((i, label.0));
                    }
                }
                Some(Literal::Str(s)) => {
                    let k = self.f.str(&s);
                    if !table.strings.iter().any(|&(old, _)| old == k) {
                        table.strings.push((k, label.0));
                    }
                }
                _ => return,
            }
        }
        if table.ints.len() + table.strings.len() >= 4 {
            let table = self.f.switch_table(table);
            self.f.emit(Op::Switch { src: subject, table });
        }
    }
}

fn is_comparison(op: BinaryOp) -> bool {
    matches!(
        op,
        BinaryOp::Equal
            | BinaryOp::NotEqual
            | BinaryOp::Identical
            | BinaryOp::NotIdentical
            | BinaryOp::Less
            | BinaryOp::LessEqual
            | BinaryOp::Greater
            | BinaryOp::GreaterEqual
    )
}

/// The comparison with its sides exchanged.
fn turned(op: BinaryOp) -> BinaryOp {
    match op {
        BinaryOp::Less => BinaryOp::Greater,
        BinaryOp::LessEqual => BinaryOp::GreaterEqual,
        BinaryOp::Greater => BinaryOp::Less,
        BinaryOp::GreaterEqual => BinaryOp::LessEqual,
        op => op,
    }
}

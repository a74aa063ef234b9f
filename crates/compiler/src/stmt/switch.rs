//! `switch`

use outlast_bytecode::{Literal, Op, SwitchTable};
use outlast_syntax::ast::{Case, Expr, Stmt};

use crate::error::{R, fail};
use crate::function::{Ctx, CtxKind, Label, is_temp};
use crate::scope::Compiler;

impl Compiler<'_> {
    pub(super) fn switch(&mut self, stmt: &Stmt, subject: &Expr, cases: &[Case]) -> R<()> {
        let mut default = None;
        for (i, case) in cases.iter().enumerate() {
            if case.test.is_none() {
                if default.is_some() {
                    self.f.line = case.span.line;
                    fail!(self, "Switch statements may only contain one default clause");
                }
                default = Some(i);
            }
        }
        let value = self.expr(subject)?;
        let labels: Vec<Label> = cases.iter().map(|_| self.f.label()).collect();
        // `free` is where the subject is dropped; jumps out of the switch drop it themselves.
        let free = self.f.label();
        let end = self.f.label();
        let otherwise = default.map_or(free, |i| labels[i]);
        self.switch_table(value, cases, &labels, otherwise);
        for (case, label) in cases.iter().zip(&labels) {
            if let Some(test) = &case.test {
                self.f.line = test.span.line;
                let val = self.expr(test)?;
                let hit =
                    self.unary(None, val, |dst, val| Op::CaseEqual { dst, subject: value, val });
                self.f.emit(Op::JmpIf { src: hit, target: label.0 });
                self.f.release(hit);
            }
        }
        self.f.jmp(otherwise);
        let id = std::ptr::from_ref(stmt) as usize;
        let subject = is_temp(value).then_some(value);
        self.f.ctx.push(Ctx { id, kind: CtxKind::Switch { end, subject } });
        for (case, label) in cases.iter().zip(&labels) {
            self.f.place(*label);
            self.stmts(&case.body)?;
        }
        self.f.ctx.pop();
        self.f.place(free);
        if is_temp(value) {
            self.f.emit(Op::Free { src: value });
        }
        self.f.release(value);
        self.f.place(end);
        Ok(())
    }

    /// A jump table if all tests are ints, or all are strings that are not numeric.
    fn switch_table(
        &mut self,
        subject: outlast_bytecode::Slot,
        cases: &[Case],
        labels: &[Label],
        default: Label,
    ) {
        let mut table = SwitchTable { default: default.0, ..SwitchTable::default() };
        for (case, label) in cases.iter().zip(labels) {
            let Some(test) = &case.test else { continue };
            match self.fold(test) {
                Some(Literal::Int(i)) => {
                    if !table.ints.iter().any(|&(k, _)| k == i) {
                        table.ints.push((i, label.0));
                    }
                }
                // A numeric string equals other spellings of its number.
                Some(Literal::Str(s)) if !may_be_numeric(&s) => {
                    let k = self.f.str(&s);
                    if !table.strings.iter().any(|&(old, _)| old == k) {
                        table.strings.push((k, label.0));
                    }
                }
                _ => return,
            }
        }
        let (ints, strings) = (table.ints.len(), table.strings.len());
        if ints > 0 && strings > 0 {
            return;
        }
        if ints >= 5 || strings >= 2 {
            let table = self.f.switch_table(table);
            self.f.emit(Op::Switch { src: subject, table });
        }
    }
}

fn may_be_numeric(s: &[u8]) -> bool {
    let rest = s.trim_ascii_start();
    rest.first().is_some_and(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.'))
        || s.first() == Some(&0x0b)
}

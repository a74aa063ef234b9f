//! Leaving blocks: `break`, `continue`, `return`, `goto`.

use std::collections::HashMap;

use outlast_bytecode::{NO_CACHE, NO_SLOT, Op, Slot, TypeDecl, function_flags as ff};
use outlast_syntax::ast::{Expr, ExprKind, Ident, Stmt, StmtKind};

use crate::error::{R, cat, fail};
use crate::function::{CtxKind, Exit, GotoLabel, Label, Nest, ReturnKind, is_temp};
use crate::levels::E_WARNING;
use crate::place::{can_write, has_nullsafe, is_this, is_variable, strip};
use crate::scope::Compiler;

/// The completion number of `return` through a `finally`.
const RETURN_COMPLETION: i16 = 1;

impl Compiler<'_> {
    pub(super) fn break_continue(&mut self, level: Option<&Expr>, is_break: bool) -> R<()> {
        let word = if is_break { "break" } else { "continue" };
        let mut depth = 1;
        if let Some(e) = level {
            match self.literal_int(e) {
                Some(n) if matches!(strip(e).kind, ExprKind::Int(_)) => {
                    if n < 1 {
                        fail!(self, "'", word, "' operator accepts only positive integers");
                    }
                    depth = n as usize;
                }
                _ if matches!(
                    strip(e).kind,
                    ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::String(_)
                ) =>
                {
                    fail!(self, "'", word, "' operator accepts only positive integers")
                }
                _ => {
                    fail!(
                        self,
                        "'",
                        word,
                        "' operator with non-integer operand is no longer supported"
                    )
                }
            }
        }
        let targets: Vec<usize> = (0..self.f.ctx.len())
            .rev()
            .filter(|&i| {
                matches!(self.f.ctx[i].kind, CtxKind::Loop { .. } | CtxKind::Switch { .. })
            })
            .collect();
        if targets.is_empty() {
            fail!(self, "'", word, "' not in the 'loop' or 'switch' context");
        }
        let Some(&at) = targets.get(depth - 1) else {
            let plural = if depth == 1 { "" } else { "s" };
            fail!(self, "Cannot '", word, "' ", depth as i64, " level", plural);
        };
        let is_switch = matches!(self.f.ctx[at].kind, CtxKind::Switch { .. });
        if !is_break && is_switch {
            self.warn_continue(depth, targets.len());
        }
        let exit = match self.f.ctx[at].kind {
            CtxKind::Loop { next, .. } if !is_break => Exit::Jump { label: next, depth: at + 1 },
            CtxKind::Loop { end, .. } | CtxKind::Switch { end, .. } => {
                Exit::Jump { label: end, depth: at }
            }
            CtxKind::Try { .. } | CtxKind::Finally { .. } => return Ok(()),
        };
        if let Exit::Jump { depth, .. } = exit {
            self.check_leaves_no_finally(depth)?;
        }
        self.leave_by(exit, NO_SLOT);
        Ok(())
    }

    fn warn_continue(&mut self, depth: usize, levels: usize) {
        let message = match (depth, levels > depth) {
            (1, false) => cat!("\"continue\" targeting switch is equivalent to \"break\""),
            (1, true) => cat!(
                "\"continue\" targeting switch is equivalent to \"break\". Did you mean to use \"continue ",
                depth as i64 + 1,
                "\"?"
            ),
            (_, false) => cat!(
                "\"continue ",
                depth as i64,
                "\" targeting switch is equivalent to \"break ",
                depth as i64,
                "\""
            ),
            (_, true) => cat!(
                "\"continue ",
                depth as i64,
                "\" targeting switch is equivalent to \"break ",
                depth as i64,
                "\". Did you mean to use \"continue ",
                depth as i64 + 1,
                "\"?"
            ),
        };
        self.diagnose(E_WARNING, message);
    }

    fn check_leaves_no_finally(&self, depth: usize) -> R<()> {
        if self.f.ctx[depth..].iter().any(|c| matches!(c.kind, CtxKind::Finally { .. })) {
            fail!(self, "jump out of a finally block is disallowed");
        }
        Ok(())
    }

    /// Leaves contexts until `exit` is reached; a `finally` in between runs first. The value of a
    /// return is in `value`.
    pub(super) fn leave_by(&mut self, exit: Exit, value: Slot) {
        let stop = match exit {
            Exit::Jump { depth, .. } => depth,
            Exit::Return | Exit::ReturnValue => 0,
        };
        for i in (stop..self.f.ctx.len()).rev() {
            match &self.f.ctx[i].kind {
                CtxKind::Loop { iter: Some(iter), .. } => {
                    let iter = *iter;
                    self.f.emit(Op::IterFree { iter });
                }
                CtxKind::Switch { subject: Some(subject), .. } => {
                    let src = *subject;
                    self.f.emit(Op::Free { src });
                }
                CtxKind::Loop { .. } | CtxKind::Switch { .. } => {}
                CtxKind::Finally { slot } => {
                    let slot = *slot;
                    self.f.emit(Op::DiscardCompletion { slot });
                }
                CtxKind::Try { slot, body, .. } => {
                    let (slot, body) = (*slot, *body);
                    if value != NO_SLOT {
                        self.f.emit(Op::Move { dst: slot, src: value });
                    }
                    let kind = self.completion_of(i, exit);
                    self.f.emit(Op::SetCompletion { slot, kind });
                    self.f.jmp(body);
                    return;
                }
            }
        }
        match exit {
            Exit::Jump { label, .. } => self.f.jmp(label),
            Exit::Return => {
                let by_ref =
                    self.f.out.flags & (ff::RETURNS_REF | ff::GENERATOR) == ff::RETURNS_REF;
                self.f.emit(if by_ref {
                    Op::ReturnRef { src: value }
                } else {
                    Op::Return { src: value }
                });
            }
            Exit::ReturnValue => {
                self.f.emit(Op::ReturnRefVal { src: value });
            }
        }
    }

    /// The completion number for an exit through the `finally` of context `i`.
    fn completion_of(&mut self, i: usize, exit: Exit) -> i16 {
        let fresh = self.f.completion;
        let CtxKind::Try { exits, .. } = &mut self.f.ctx[i].kind else { return 0 };
        if let Some((kind, _)) = exits.iter().find(|(_, e)| *e == exit) {
            return *kind;
        }
        let kind = if exit == Exit::Return { RETURN_COMPLETION } else { fresh };
        exits.push((kind, exit));
        if kind == fresh {
            self.f.completion += 1;
        }
        kind
    }

    /// `return e;`
    pub fn return_value(&mut self, e: &Expr) -> R<()> {
        self.return_stmt(Some(e))
    }

    pub(super) fn return_stmt(&mut self, value: Option<&Expr>) -> R<()> {
        self.check_return(value)?;
        let generator = self.f.out.flags & ff::GENERATOR != 0;
        let by_ref = self.f.out.flags & ff::RETURNS_REF != 0 && !generator;
        let typed = self.f.return_kind == ReturnKind::Typed;
        let plain = self.f.ctx.iter().all(|c| match &c.kind {
            CtxKind::Loop { iter, .. } => iter.is_none(),
            CtxKind::Switch { subject, .. } => subject.is_none(),
            CtxKind::Try { .. } | CtxKind::Finally { .. } => false,
        });
        let mut exit = Exit::Return;
        let src = match value {
            None => {
                if plain && !by_ref {
                    let k = self.f.constant(outlast_bytecode::Literal::Null);
                    self.f.emit(Op::ReturnConst { k });
                    return Ok(());
                }
                if by_ref {
                    exit = Exit::ReturnValue;
                }
                self.literal(outlast_bytecode::Literal::Null, None)
            }
            Some(e) if by_ref => {
                if is_variable(e) && has_nullsafe(e) {
                    fail!(self, "Cannot take reference of a nullsafe chain");
                }
                if is_variable(e) && can_write(e) && !is_this(e) {
                    self.reference(e)?
                } else {
                    exit = Exit::ReturnValue;
                    self.temp_expr(e)?
                }
            }
            Some(e) => {
                if plain
                    && !typed
                    && let Some(value) = self.fold(e)
                {
                    let k = self.f.constant(value);
                    self.f.emit(Op::ReturnConst { k });
                    return Ok(());
                }
                let src = self.expr(e)?;
                // A finally block must not change what is returned; the check works in place.
                if typed || !plain { self.as_temp(src) } else { src }
            }
        };
        if typed && is_temp(src) {
            let ty = self.f.out.return_type.clone();
            let tags = ty.as_ref().map_or(0, TypeDecl::tags);
            let cache = ty.map_or(NO_CACHE, |ty| self.f.type_cache(&ty));
            self.f.emit(Op::CheckReturn { src, tags, cache });
        }
        self.leave_by(exit, src);
        self.f.release(src);
        Ok(())
    }

    fn check_return(&mut self, value: Option<&Expr>) -> R<()> {
        let function = match self.f.kind {
            crate::function::CodeKind::Method => "method",
            _ => "function",
        };
        match (self.f.return_kind, value) {
            (ReturnKind::Never, _) => {
                fail!(self, "A never-returning ", function, " must not return")
            }
            (ReturnKind::Void, Some(e)) => {
                let null = self.fold(e) == Some(outlast_bytecode::Literal::Null);
                let hint = if null {
                    " (did you mean \"return;\" instead of \"return null;\"?)"
                } else {
                    ""
                };
                fail!(self, "A void ", function, " must not return a value", hint)
            }
            (ReturnKind::Typed, None) => {
                let nullable =
                    self.f.out.return_type.as_ref().is_some_and(crate::types::accepts_null);
                let hint = if nullable {
                    " (did you mean \"return null;\" instead of \"return;\"?)"
                } else {
                    ""
                };
                fail!(self, "A ", function, " with return type must return a value", hint)
            }
            _ => Ok(()),
        }
    }

    /// Finds the labels of a function before it is compiled.
    pub fn collect_labels(&mut self, body: &[Stmt]) -> R<()> {
        let mut found = Vec::new();
        find_labels(body, &mut Vec::new(), &mut found);
        let mut labels: HashMap<Box<[u8]>, GotoLabel> = HashMap::new();
        for (name, path) in found {
            if labels.contains_key(&name.text[..]) {
                self.f.line = name.span.line;
                fail!(self, "Label '", name.text, "' already defined");
            }
            let label = self.f.label();
            labels.insert(name.text.to_box(), GotoLabel { label, path });
        }
        self.f.goto_labels = labels;
        Ok(())
    }

    pub(super) fn place_goto_label(&mut self, name: &Ident) {
        if let Some(found) = self.f.goto_labels.get(&name.text[..]) {
            let label = found.label;
            self.f.place(label);
        }
    }

    pub(super) fn goto(&mut self, name: &Ident) -> R<()> {
        let Some(target) = self.f.goto_labels.get(&name.text[..]).cloned() else {
            fail!(self, "'goto' to undefined label '", name.text, "'");
        };
        let common =
            target.path.iter().zip(&self.f.ctx).take_while(|((id, _), ctx)| *id == ctx.id).count();
        for (_, nest) in &target.path[common..] {
            match nest {
                Nest::Loop => fail!(self, "'goto' into loop or switch statement is disallowed"),
                Nest::Finally => fail!(self, "jump into a finally block is disallowed"),
                Nest::Try => {}
            }
        }
        self.check_leaves_no_finally(common)?;
        self.leave_by(Exit::Jump { label: Label(target.label.0), depth: common }, NO_SLOT);
        Ok(())
    }
}

type Found<'s> = Vec<(&'s Ident, Vec<(usize, Nest)>)>;

fn find_labels<'s>(body: &'s [Stmt], path: &mut Vec<(usize, Nest)>, found: &mut Found<'s>) {
    for stmt in body {
        let id = std::ptr::from_ref(stmt) as usize;
        let mut nested =
            |bodies: &[&'s [Stmt]], found: &mut Found<'s>, nest: Option<(usize, Nest)>| {
                if let Some(nest) = nest {
                    path.push(nest);
                }
                for body in bodies {
                    find_labels(body, path, found);
                }
                if nest.is_some() {
                    path.pop();
                }
            };
        match &stmt.kind {
            StmtKind::Label(name) => found.push((name, path.clone())),
            StmtKind::Block(body) => nested(&[body], found, None),
            StmtKind::Namespace { body: Some(body), .. }
            | StmtKind::Declare { body: Some(body), .. } => {
                nested(&[body], found, None);
            }
            StmtKind::If { branches, otherwise } => {
                for (_, body) in branches {
                    nested(&[body], found, None);
                }
                if let Some(body) = otherwise {
                    nested(&[body], found, None);
                }
            }
            StmtKind::While { body, .. }
            | StmtKind::DoWhile { body, .. }
            | StmtKind::For { body, .. }
            | StmtKind::Foreach { body, .. } => nested(&[body], found, Some((id, Nest::Loop))),
            StmtKind::Switch { cases, .. } => {
                let bodies: Vec<&[Stmt]> = cases.iter().map(|c| &c.body[..]).collect();
                nested(&bodies, found, Some((id, Nest::Loop)));
            }
            StmtKind::Try { body, catches, finally } => {
                let mut bodies: Vec<&[Stmt]> = vec![body];
                bodies.extend(catches.iter().map(|c| &c.body[..]));
                nested(&bodies, found, finally.as_ref().map(|_| (id, Nest::Try)));
                if let Some(finally) = finally {
                    nested(&[&finally.body], found, Some((id + 1, Nest::Finally)));
                }
            }
            _ => {}
        }
    }
}

//! Array literals and destructuring.

use outlast_bytecode::{Literal, NO_SLOT, Op, PathRoot, PathStep, Slot};
use outlast_syntax::ast::{ArrayItem, Expr, ExprKind};

use super::Want;
use crate::error::{R, fail};
use crate::place::{Access, Place, has_nullsafe, is_call, is_variable, strip};
use crate::scope::Compiler;

impl Compiler<'_> {
    /// An array literal that could not be folded.
    pub(super) fn array_literal(&mut self, items: &[Option<ArrayItem>], want: Want) -> R<Slot> {
        let array = self.dst(want);
        let capacity = items.len().min(u16::MAX as usize) as u16;
        self.f.emit(Op::NewArray { dst: array, capacity });
        for item in items {
            let Some(item) = item else {
                fail!(self, "Cannot use empty array elements in arrays");
            };
            if item.unpack {
                let src = self.expr(&item.value)?;
                self.f.emit(Op::ArraySpread { array, src });
                self.f.release(src);
                continue;
            }
            let key = match &item.key {
                Some(key) => Some(self.expr(key)?),
                None => None,
            };
            if item.by_ref {
                if !is_variable(&item.value) {
                    fail!(self, "Cannot assign reference to non referenceable value");
                }
                let src = self.reference(&item.value)?;
                self.f.emit(match key {
                    Some(key) => Op::ArraySetRef { array, key, src },
                    None => Op::ArrayPushRef { array, src },
                });
                self.f.release(src);
            } else {
                let val = self.expr(&item.value)?;
                self.f.emit(match key {
                    Some(key) => Op::ArraySet { array, key, val },
                    None => Op::ArrayPush { array, val },
                });
                self.f.release(val);
            }
            if let Some(key) = key {
                self.f.release(key);
            }
        }
        Ok(array)
    }

    /// Checks an array pattern and tells whether references occur in it.
    pub(crate) fn pattern_has_refs(items: &[Option<ArrayItem>]) -> bool {
        items
            .iter()
            .flatten()
            .any(|item| item.by_ref || pattern(&item.value).is_some_and(Self::pattern_has_refs))
    }

    /// Whether a pattern assigns to the variable `name`.
    pub(super) fn pattern_assigns(items: &[Option<ArrayItem>], name: &[u8]) -> bool {
        items.iter().flatten().any(|item| match pattern(&item.value) {
            Some(inner) => Self::pattern_assigns(inner, name),
            None => starts_at(&item.value, name),
        })
    }

    /// `array(…)` is no pattern, and a pattern uses either `[…]` or `list(…)` throughout.
    fn check_pattern_style(&self, outer_is_list: bool, items: &[Option<ArrayItem>]) -> R<()> {
        for item in items.iter().flatten() {
            match &strip(&item.value).kind {
                ExprKind::Array { short: false, .. } => {
                    fail!(self, "Cannot assign to array(), use [] instead")
                }
                ExprKind::Array { .. } if outer_is_list => fail!(self, "Cannot mix [] and list()"),
                ExprKind::List(_) if !outer_is_list => fail!(self, "Cannot mix [] and list()"),
                ExprKind::Array { items, .. } | ExprKind::List(items) => {
                    self.check_pattern_style(outer_is_list, items)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Checks the outermost expression of a pattern.
    pub(crate) fn check_pattern_target(&self, target: &Expr) -> R<()> {
        match &strip(target).kind {
            ExprKind::Array { short: false, .. } => {
                fail!(self, "Cannot assign to array(), use [] instead")
            }
            ExprKind::Array { items, .. } => self.check_pattern_style(false, items),
            ExprKind::List(items) => self.check_pattern_style(true, items),
            _ => Ok(()),
        }
    }

    fn check_pattern(&mut self, items: &[Option<ArrayItem>]) -> R<()> {
        if items.iter().all(Option::is_none) {
            fail!(self, "Cannot use empty list");
        }
        let keyed = items.iter().flatten().next().is_some_and(|i| i.key.is_some());
        for (i, item) in items.iter().enumerate() {
            match item {
                None if keyed => {
                    fail!(self, "Cannot use empty array entries in keyed array assignment")
                }
                None => {}
                Some(item) => {
                    if item.unpack {
                        fail!(self, "Spread operator is not supported in assignments");
                    }
                    if item.key.is_some() != keyed {
                        // PHP has compiled what stands before it.
                        if let Some(before) = items[..i].iter().flatten().next_back() {
                            self.f.line = before.value.span.line;
                        }
                        fail!(self, "Cannot mix keyed and unkeyed array entries in assignments");
                    }
                }
            }
        }
        Ok(())
    }

    /// Assigns the elements of `src` (kept) to the places of a pattern.
    pub(crate) fn destructure(&mut self, items: &[Option<ArrayItem>], src: Slot) -> R<()> {
        self.check_pattern(items)?;
        for (i, item) in items.iter().enumerate() {
            let Some(item) = item else { continue };
            let key = match &item.key {
                Some(key) => self.expr(key)?,
                None => self.literal(Literal::Int(i as i64), None),
            };
            if item.by_ref {
                fail!(self, "Cannot assign reference to non referenceable value");
            }
            let value = self.unary(None, key, |dst, key| Op::FetchList { dst, src, key });
            self.assign_item(&item.value, value)?;
        }
        Ok(())
    }

    fn assign_item(&mut self, target: &Expr, value: Slot) -> R<()> {
        if let Some(inner) = pattern(target) {
            self.destructure(inner, value)?;
            self.drop_value(value);
            return Ok(());
        }
        if has_nullsafe(target) {
            fail!(self, "Assignments can only happen to writable values");
        }
        let place = self.place_of(target, Access::Write)?;
        self.store(place, value, NO_SLOT);
        Ok(())
    }

    /// Destructuring with references: `src` is a temporary with a reference to the array.
    pub(crate) fn destructure_refs(&mut self, items: &[Option<ArrayItem>], src: Slot) -> R<()> {
        self.check_pattern(items)?;
        // The reference is needed once per element: it lives in a variable no program can name.
        let hidden = format!("\0ref{}", self.f.hidden);
        self.f.hidden += 1;
        let var = self.f.local(hidden.as_bytes());
        self.f.emit(Op::BindRef { dst: NO_SLOT, var, src });
        self.f.release(src);
        for (i, item) in items.iter().enumerate() {
            let Some(item) = item else { continue };
            let inner = pattern(&item.value);
            let by_ref = item.by_ref || inner.is_some_and(Self::pattern_has_refs);
            if by_ref {
                let step = match &item.key {
                    Some(key) => match self.fold(key) {
                        Some(value) => PathStep::DimConst(self.f.constant(value)),
                        None => PathStep::Dim(self.expr(key)?),
                    },
                    None => PathStep::DimConst(self.f.constant(Literal::Int(i as i64))),
                };
                let element = Place::Path { root: PathRoot::Local(var), steps: vec![step] };
                let reference = self.reference_to(element);
                match inner {
                    Some(inner) => self.destructure_refs(inner, reference)?,
                    None => {
                        let place = self.place_of(&item.value, Access::Reference)?;
                        self.bind(place, reference, NO_SLOT);
                    }
                }
            } else {
                let key = match &item.key {
                    Some(key) => self.expr(key)?,
                    None => self.literal(Literal::Int(i as i64), None),
                };
                let value = self.unary(None, key, |dst, key| Op::FetchList { dst, src: var, key });
                self.assign_item(&item.value, value)?;
            }
        }
        self.f.emit(Op::UnsetLocal { var });
        self.f.hidden -= 1;
        Ok(())
    }

    /// `[…] = value`
    pub(super) fn assign_pattern(
        &mut self,
        items: &[Option<ArrayItem>],
        value: &Expr,
        want: Want,
        used: bool,
    ) -> R<Slot> {
        if Self::pattern_has_refs(items) {
            let reference = if is_variable(value) {
                self.reference(value)?
            } else if is_call(value) {
                self.temp_expr(value)?
            } else {
                fail!(self, "Cannot assign reference to non referenceable value");
            };
            let dst = if used {
                self.nullary(want, |dst| Op::CopyKeep { dst, src: reference })
            } else {
                NO_SLOT
            };
            self.destructure_refs(items, reference)?;
            return Ok(dst);
        }
        let mut src = self.expr(value)?;
        if let ExprKind::Variable(name) = &strip(value).kind
            && Self::pattern_assigns(items, name)
        {
            src = self.as_temp(src);
        }
        self.destructure(items, src)?;
        if used {
            return Ok(match want {
                Some(_) => self.unary(want, src, |dst, src| Op::Copy { dst, src }),
                None => src,
            });
        }
        if crate::function::is_temp(src) {
            self.drop_value(src);
        }
        Ok(NO_SLOT)
    }
}

/// The items of an array pattern.
pub(crate) fn pattern(e: &Expr) -> Option<&[Option<ArrayItem>]> {
    match &strip(e).kind {
        ExprKind::Array { items, .. } | ExprKind::List(items) => Some(items),
        _ => None,
    }
}

fn starts_at(e: &Expr, name: &[u8]) -> bool {
    let mut e = strip(e);
    loop {
        e = match &e.kind {
            ExprKind::Variable(n) => return &n[..] == name,
            ExprKind::Index { base, .. } => strip(base),
            ExprKind::Property { object, .. } => strip(object),
            _ => return false,
        };
    }
}

//! Concatenation and interpolation.

use outlast_bytecode::{CastTo, Literal, Op, Slot};
use outlast_syntax::ast::{BinaryOp, Expr, ExprKind, StringPart};

use super::Want;
use crate::error::R;
use crate::place::strip;
use crate::scope::Compiler;

/// Whether reading an expression cannot run code or change variables.
fn is_simple(e: &Expr) -> bool {
    match &strip(e).kind {
        ExprKind::Variable(_)
        | ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::String(_)
        | ExprKind::Magic(_) => true,
        ExprKind::Interpolated(parts) => parts.iter().all(|p| match p {
            StringPart::Literal(_) => true,
            StringPart::Expr(e) => is_simple(e),
        }),
        _ => false,
    }
}

fn flatten<'e>(e: &'e Expr, out: &mut Vec<&'e Expr>) {
    match &e.kind {
        ExprKind::Binary { op: BinaryOp::Concat, left, right } => {
            flatten(left, out);
            out.push(right);
        }
        _ => out.push(e),
    }
}

impl Compiler<'_> {
    /// `a . b . c`: operands that cannot run code in between are joined at once.
    pub(super) fn concat(&mut self, e: &Expr, want: Want) -> R<Slot> {
        let mut parts = Vec::new();
        flatten(e, &mut parts);
        let mut parts = self.merge_literals(parts);
        if let [part] = &parts[..] {
            let src = self.part(part)?;
            return Ok(self.unary(want, src, |dst, src| Op::Cast { dst, src, to: CastTo::String }));
        }
        // The first two are evaluated before either is converted, like each pair in PHP.
        let mut acc: Option<Slot> = None;
        while !parts.is_empty() {
            let minimum = if acc.is_some() { 1 } else { 2 };
            let more =
                parts[minimum.min(parts.len())..].iter().take_while(|p| p.is_simple()).count();
            let late = acc.is_none() && parts.len() > 1 && !parts[1].is_simple();
            let count = if late { 2 } else { minimum + more };
            let rest = parts.split_off(count.min(parts.len()));
            let last = rest.is_empty();
            let group_want = if last { want } else { None };
            acc = Some(self.concat_group(acc, &parts, group_want)?);
            parts = rest;
        }
        Ok(match acc {
            Some(slot) => slot,
            None => self.literal(Literal::Str(Box::default()), want),
        })
    }

    fn concat_group(&mut self, acc: Option<Slot>, parts: &[Part<'_>], want: Want) -> R<Slot> {
        let total = parts.len() + usize::from(acc.is_some());
        if total == 2 {
            let (a, b) = match acc {
                Some(a) => (a, self.part(&parts[0])?),
                None => (self.part(&parts[0])?, self.part(&parts[1])?),
            };
            return Ok(self.binary(want, a, b, |dst, a, b| Op::Concat { dst, a, b }));
        }
        let dst = self.dst(want);
        let first = self.f.alloc_range(total);
        let mut at = first;
        if let Some(src) = acc {
            self.unary(Some(at), src, |dst, src| Op::Move { dst, src });
            at += 1;
        }
        for part in parts {
            match part {
                Part::Literal(text) => {
                    self.literal(Literal::Str(text[..].into()), Some(at));
                }
                Part::Expr(e) => self.expr_to(e, at)?,
            }
            at += 1;
        }
        self.f.emit(Op::ConcatN { dst, first, count: total as u16 });
        self.f.release_range(first, total);
        Ok(dst)
    }

    fn part(&mut self, part: &Part<'_>) -> R<Slot> {
        match part {
            Part::Literal(text) => Ok(self.literal(Literal::Str(text[..].into()), None)),
            Part::Expr(e) => self.expr(e),
        }
    }

    fn merge_literals<'e>(&self, parts: Vec<&'e Expr>) -> Vec<Part<'e>> {
        let mut out: Vec<Part<'e>> = Vec::new();
        for (i, e) in parts.into_iter().enumerate() {
            let text = self.fold(e).and_then(|v| crate::fold::literal_text(&v));
            match (text, out.last_mut()) {
                // `a . "x" . "y"`: joining the literals is unobservable.
                (Some(text), Some(Part::Literal(before))) if i > 0 => {
                    before.extend_from_slice(&text)
                }
                (Some(text), _) => out.push(Part::Literal(text)),
                (None, _) => out.push(Part::Expr(e)),
            }
        }
        out
    }

    /// `"a $b c"`
    pub(super) fn interpolated(&mut self, parts: &[StringPart], want: Want) -> R<Slot> {
        let parts: Vec<&StringPart> = parts
            .iter()
            .filter(|p| !matches!(p, StringPart::Literal(text) if text.is_empty()))
            .collect();
        match parts[..] {
            [] => return Ok(self.literal(Literal::Str(Box::default()), want)),
            [StringPart::Literal(text)] => {
                return Ok(self.literal(Literal::Str(text.to_box()), want));
            }
            [StringPart::Expr(e)] => {
                self.report_notice(e.span.start);
                let src = self.expr(e)?;
                return Ok(self.unary(want, src, |dst, src| Op::Cast {
                    dst,
                    src,
                    to: CastTo::String,
                }));
            }
            _ => {}
        }
        let dst = self.dst(want);
        let first = self.f.alloc_range(parts.len());
        for (i, part) in parts.iter().enumerate() {
            let at = first + i as Slot;
            match part {
                StringPart::Literal(text) => {
                    self.literal(Literal::Str(text.to_box()), Some(at));
                }
                StringPart::Expr(e) => {
                    self.report_notice(e.span.start);
                    let code_follows = parts[i + 1..]
                        .iter()
                        .any(|p| matches!(p, StringPart::Expr(e) if !is_simple(e)));
                    if code_follows {
                        let src = self.expr(e)?;
                        self.unary(Some(at), src, |dst, src| Op::Cast {
                            dst,
                            src,
                            to: CastTo::String,
                        });
                    } else {
                        self.expr_to(e, at)?;
                    }
                }
            }
        }
        self.f.emit(Op::ConcatN { dst, first, count: parts.len() as u16 });
        self.f.release_range(first, parts.len());
        Ok(dst)
    }

    /// `` `command` ``
    pub(super) fn shell_exec(&mut self, parts: &[StringPart], want: Want) -> R<Slot> {
        let name = self.f.str(b"shell_exec");
        let cache = self.f.cache();
        self.f.emit(Op::InitFn { argc: 1, cache, name });
        let src = self.interpolated(parts, None)?;
        self.f.emit(Op::SendVal { n: 0, src });
        self.f.release(src);
        let dst = self.dst(want);
        self.f.emit(Op::DoCall { dst });
        Ok(dst)
    }
}

/// An operand of a concatenation.
enum Part<'e> {
    Literal(Vec<u8>),
    Expr(&'e Expr),
}

impl Part<'_> {
    fn is_simple(&self) -> bool {
        match self {
            Part::Literal(_) => true,
            Part::Expr(e) => is_simple(e),
        }
    }
}

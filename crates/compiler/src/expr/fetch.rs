//! Reading: variables, elements, properties, class constants, and chains of these.

use outlast_bytecode::{Literal, Op, Slot, function_flags as ff};
use outlast_syntax::ast::{ClassKind, Expr, ExprKind, Name, NameKind, Selector};

use super::Want;
use crate::error::{R, fail};
use crate::function::{CodeKind, is_temp};
use crate::name::is_superglobal;
use crate::place::{has_nullsafe, is_this, strip};
use crate::scope::{Compiler, Resolved, SpecialClass, special_class};

impl Compiler<'_> {
    /// Reads a chain of elements, properties and calls; `?->` ends all of it at once.
    pub(super) fn chain(&mut self, e: &Expr, want: Want) -> R<Slot> {
        if !has_nullsafe(e) {
            return self.link(e, want);
        }
        self.nullsafe_chain(want, |c, dst| c.link(e, Some(dst)))
    }

    /// Runs `body` as one nullsafe chain whose result is in the slot it gets.
    pub(super) fn nullsafe_chain(
        &mut self,
        want: Want,
        body: impl FnOnce(&mut Self, Slot) -> R<Slot>,
    ) -> R<Slot> {
        let dst = self.dst(want);
        let end = self.f.label();
        self.f.nullsafe.push((dst, end));
        body(self, dst)?;
        self.f.nullsafe.pop();
        self.f.place(end);
        Ok(dst)
    }

    /// A part of a chain: like `expr`, but the enclosing chain's end serves its `?->`.
    pub(super) fn expr_inner(&mut self, e: &Expr, want: Want) -> R<Slot> {
        let e = strip(e);
        match &e.kind {
            ExprKind::Index { .. }
            | ExprKind::Property { .. }
            | ExprKind::StaticProperty { .. }
            | ExprKind::ClassConstant { .. }
            | ExprKind::MethodCall { .. }
            | ExprKind::StaticCall { .. }
                if !self.f.nullsafe.is_empty() && has_nullsafe(e) =>
            {
                self.f.line = e.span.line;
                self.link(e, want)
            }
            _ => self.outside_chain(|c| c.expr_w(e, want)),
        }
    }

    /// Compiles something that is not part of the current nullsafe chain.
    pub(super) fn outside_chain<T>(&mut self, body: impl FnOnce(&mut Self) -> R<T>) -> R<T> {
        let chain = std::mem::take(&mut self.f.nullsafe);
        let result = body(self);
        self.f.nullsafe = chain;
        result
    }

    /// The jump of `?->` on an object in a slot.
    pub(super) fn nullsafe_jump(&mut self, object: Slot) {
        if let Some(&(dst, end)) = self.f.nullsafe.last() {
            self.f.emit(Op::JmpNullsafe { dst, src: object, target: end.0 });
        }
    }

    fn link(&mut self, e: &Expr, want: Want) -> R<Slot> {
        match &e.kind {
            ExprKind::Index { base, index } => {
                let Some(index) = index else { fail!(self, "Cannot use [] for reading") };
                if is_globals(base) {
                    let name = self.outside_chain(|c| c.expr(index))?;
                    return Ok(self.unary(want, name, |dst, name| Op::FetchGlobal { dst, name }));
                }
                let base = self.expr_inner(base, None)?;
                if let Some(value) = self.fold(index) {
                    let key = self.f.constant(value);
                    return Ok(self.unary(want, base, |dst, base| Op::FetchDimConst {
                        dst,
                        base,
                        key,
                    }));
                }
                let key = self.outside_chain(|c| c.expr(index))?;
                Ok(self.binary(want, base, key, |dst, base, key| Op::FetchDim { dst, base, key }))
            }
            ExprKind::Property { object, name, nullsafe } => {
                if is_this(object)
                    && let Selector::Name(name) = name
                {
                    self.f.out.flags |= ff::USES_THIS;
                    let name = self.f.str(&name.text);
                    let cache = self.f.cache();
                    return Ok(self.nullary(want, |dst| Op::FetchThisProp { dst, cache, name }));
                }
                let obj = self.expr_inner(object, None)?;
                if *nullsafe {
                    self.nullsafe_jump(obj);
                }
                match name {
                    Selector::Name(name) => {
                        let name = self.f.str(&name.text);
                        let cache = self.f.cache();
                        Ok(self.unary(want, obj, |dst, obj| Op::FetchProp {
                            dst,
                            obj,
                            cache,
                            name,
                        }))
                    }
                    Selector::Expr(name) => {
                        let name = self.outside_chain(|c| c.property_name(name))?;
                        Ok(self.binary(want, obj, name, |dst, obj, name| Op::FetchPropDyn {
                            dst,
                            obj,
                            name,
                        }))
                    }
                }
            }
            ExprKind::StaticProperty { class, name } => {
                let class = self.class_operand(class)?;
                let dst = match name {
                    Selector::Name(name) => {
                        let name = self.f.str(&name.text);
                        let cache = self.f.cache();
                        self.nullary(want, |dst| Op::FetchStaticProp { dst, class, cache, name })
                    }
                    Selector::Expr(name) => {
                        let name = self.outside_chain(|c| c.expr(name))?;
                        self.unary(want, name, |dst, name| Op::FetchStaticPropDyn {
                            dst,
                            class,
                            name,
                        })
                    }
                };
                self.release_class(class);
                Ok(dst)
            }
            ExprKind::ClassConstant { class, name } => self.class_constant(class, name, want),
            ExprKind::MethodCall { .. } | ExprKind::StaticCall { .. } => self.call(e, want, true),
            _ => self.expr_w(e, want),
        }
    }

    /// Reads quietly, as `??` and `isset` do: null for whatever is absent.
    pub(super) fn quiet(&mut self, e: &Expr, want: Want) -> R<Slot> {
        if !has_nullsafe(e) {
            return self.quiet_link(e, want);
        }
        self.nullsafe_chain(want, |c, dst| c.quiet_link(e, Some(dst)))
    }

    /// One link of a quiet chain.
    pub(super) fn quiet_link(&mut self, e: &Expr, want: Want) -> R<Slot> {
        let e = strip(e);
        self.f.line = e.span.line;
        Ok(match &e.kind {
            ExprKind::Variable(name) if &name[..] == b"this" => {
                self.f.out.flags |= ff::USES_THIS;
                self.nullary(want, |dst| Op::LoadThisQuiet { dst })
            }
            ExprKind::Variable(name) if &name[..] != b"GLOBALS" && self.names_superglobal(name) => {
                let name = self.literal(Literal::Str(name.to_box()), None);
                self.unary(want, name, |dst, name| Op::FetchGlobalQuiet { dst, name })
            }
            ExprKind::Variable(name) if !is_superglobal(name) => {
                let src = self.f.local(name);
                self.nullary(want, |dst| Op::CopyKeep { dst, src })
            }
            ExprKind::VariableVariable(name) => {
                self.f.out.flags |= ff::DYNAMIC_VARS;
                let name = self.outside_chain(|c| c.expr(name))?;
                self.unary(want, name, |dst, name| Op::FetchVarVarQuiet { dst, name })
            }
            ExprKind::Index { base, index } => {
                let Some(index) = index else { fail!(self, "Cannot use [] for reading") };
                if is_globals(base) {
                    let name = self.outside_chain(|c| c.expr(index))?;
                    return Ok(
                        self.unary(want, name, |dst, name| Op::FetchGlobalQuiet { dst, name })
                    );
                }
                let base = self.quiet_base(base)?;
                let key = self.outside_chain(|c| c.expr(index))?;
                self.binary(want, base, key, |dst, base, key| Op::FetchDimQuiet { dst, base, key })
            }
            ExprKind::Property { object, name, nullsafe } => {
                let obj = self.quiet_object(object, *nullsafe)?;
                match name {
                    Selector::Name(name) => {
                        let name = self.f.str(&name.text);
                        let cache = self.f.cache();
                        self.unary(want, obj, |dst, obj| Op::FetchPropQuiet {
                            dst,
                            obj,
                            cache,
                            name,
                        })
                    }
                    Selector::Expr(name) => {
                        let name = self.outside_chain(|c| c.expr(name))?;
                        self.binary(want, obj, name, |dst, obj, name| Op::FetchPropDynQuiet {
                            dst,
                            obj,
                            name,
                        })
                    }
                }
            }
            ExprKind::StaticProperty { class, name } => {
                let class = self.class_operand(class)?;
                let name = self.outside_chain(|c| c.selector_value(name))?;
                let dst = self.unary(want, name, |dst, name| Op::FetchStaticPropQuiet {
                    dst,
                    class,
                    name,
                });
                self.release_class(class);
                dst
            }
            ExprKind::ClassConstant { .. }
            | ExprKind::MethodCall { .. }
            | ExprKind::StaticCall { .. } => return self.expr_inner(e, want),
            _ => return self.outside_chain(|c| c.expr_w(e, want)),
        })
    }

    /// The base of a quiet link: a local is used in place.
    pub(super) fn quiet_base(&mut self, e: &Expr) -> R<Slot> {
        let e = strip(e);
        if let Some(slot) = self.plain_local(e) {
            return Ok(slot);
        }
        self.quiet_link(e, None)
    }

    /// The object of a quiet `->` or `?->`.
    pub(super) fn quiet_object(&mut self, e: &Expr, nullsafe: bool) -> R<Slot> {
        let obj = self.quiet_base(e)?;
        if !nullsafe {
            return Ok(obj);
        }
        // `?->` itself would warn about an undefined variable.
        let obj = if is_temp(obj) {
            obj
        } else {
            self.nullary(None, |dst| Op::CopyKeep { dst, src: obj })
        };
        self.nullsafe_jump(obj);
        Ok(obj)
    }

    fn class_constant(&mut self, class: &Expr, name: &Selector, want: Want) -> R<Slot> {
        if let Selector::Name(name) = name
            && name.text.eq_ignore_ascii_case(b"class")
        {
            if let Some(value) = self.fold(class)
                && !matches!(strip(class).kind, ExprKind::Name(_))
            {
                match value {
                    outlast_bytecode::Literal::Str(_) => return Ok(self.literal(value, want)),
                    value => fail!(
                        self,
                        "Cannot use \"::class\" on ",
                        crate::types::literal_type(&value)
                    ),
                }
            }
            if let Some(value) = self.class_name_literal(class)? {
                return Ok(self.literal(value, want));
            }
            let class = self.class_operand(class)?;
            let dst = self.nullary(want, |dst| Op::FetchClassName { dst, class });
            self.release_class(class);
            return Ok(dst);
        }
        let class = self.class_operand(class)?;
        let dst = match name {
            Selector::Name(name) => {
                let name = self.f.str(&name.text);
                let cache = self.f.cache();
                self.nullary(want, |dst| Op::FetchClassConst { dst, class, cache, name })
            }
            Selector::Expr(name) => {
                let name = self.outside_chain(|c| c.expr(name))?;
                self.unary(want, name, |dst, name| Op::FetchClassConstDyn { dst, class, name })
            }
        };
        self.release_class(class);
        Ok(dst)
    }

    /// `X::class` where that is known while compiling.
    pub(crate) fn class_name_literal(&self, class: &Expr) -> R<Option<Literal>> {
        let ExprKind::Name(name) = &strip(class).kind else { return Ok(None) };
        if name.kind == NameKind::Unqualified
            && let Some(special) = special_class(&name.text)
        {
            self.check_special_class(special)?;
            if special == SpecialClass::Static {
                if self.f.kind == CodeKind::ConstExpr {
                    fail!(
                        self,
                        "static::class cannot be used for compile-time class name resolution"
                    );
                }
                return Ok(None);
            }
            if !self.scope_known() {
                return Ok(None);
            }
            return Ok(self.class.as_ref().and_then(|c| match special {
                SpecialClass::SelfClass if c.kind != ClassKind::Trait => {
                    Some(Literal::Str(c.name[..].into()))
                }
                SpecialClass::Parent => c.parent.as_ref().map(|p| Literal::Str(p[..].into())),
                _ => None,
            }));
        }
        Ok(Some(Literal::Str(self.resolve_class(name)?.into())))
    }

    /// A constant by name.
    pub(super) fn constant_name(&mut self, name: &Name, want: Want) -> R<Slot> {
        if let Some(value) = self.special_const(name) {
            return Ok(self.literal(value, want));
        }
        let last = crate::name::last_segment(&name.text);
        if last == b"__COMPILER_HALT_OFFSET__"
            && let Some(offset) = self.unit.halt_offset
        {
            return Ok(self.literal(Literal::Int(offset as i64), want));
        }
        let cache = self.f.cache();
        Ok(match self.resolve_const(name) {
            Resolved::Known(full) => {
                let name = self.f.str(&full);
                self.nullary(want, |dst| Op::FetchConst { dst, cache, name })
            }
            Resolved::Fallback(full, short) => {
                let name = self.f.str_pair(&full, &short);
                self.nullary(want, |dst| Op::FetchConstNs { dst, cache, name })
            }
        })
    }
}

/// `$GLOBALS`
pub(crate) fn is_globals(e: &Expr) -> bool {
    matches!(&strip(e).kind, ExprKind::Variable(name) if &name[..] == b"GLOBALS")
}

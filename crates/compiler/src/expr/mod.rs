//! Expressions.

mod array;
mod assign;
mod call;
mod closure;
mod cond;
mod fetch;
mod isset;
mod special;
mod string;

use outlast_bytecode::{
    BinOp, CastTo, ClassRef, Handler, HandlerKind, IncDec, IncludeMode, Literal, NO_SLOT, Op, Slot,
    function_flags as ff,
};
use outlast_syntax::ast::{BinaryOp, CastKind, Expr, ExprKind, IncludeKind, Selector, UnaryOp};

use crate::error::{R, fail};
use crate::function::{CodeKind, is_temp};
use crate::place::{Access, Place, has_nullsafe, is_call, is_this, strip};
use crate::scope::Compiler;

pub(crate) use array::pattern;
pub(crate) use fetch::is_globals;

/// The slot a result must go to, if the caller has one.
pub(crate) type Want = Option<Slot>;

/// The arithmetic operator behind a binary or compound assignment operator.
pub(crate) fn arithmetic(op: BinaryOp) -> Option<BinOp> {
    Some(match op {
        BinaryOp::Add => BinOp::Add,
        BinaryOp::Sub => BinOp::Sub,
        BinaryOp::Mul => BinOp::Mul,
        BinaryOp::Div => BinOp::Div,
        BinaryOp::Mod => BinOp::Mod,
        BinaryOp::Pow => BinOp::Pow,
        BinaryOp::Concat => BinOp::Concat,
        BinaryOp::BitAnd => BinOp::BitAnd,
        BinaryOp::BitOr => BinOp::BitOr,
        BinaryOp::BitXor => BinOp::BitXor,
        BinaryOp::ShiftLeft => BinOp::ShiftLeft,
        BinaryOp::ShiftRight => BinOp::ShiftRight,
        _ => return None,
    })
}

impl Compiler<'_> {
    /// The slot for a result.
    pub fn dst(&mut self, want: Want) -> Slot {
        want.unwrap_or_else(|| self.f.alloc())
    }

    /// Emits an op with one operand that is consumed.
    pub fn unary(&mut self, want: Want, src: Slot, op: impl FnOnce(Slot, Slot) -> Op) -> Slot {
        let dst = self.dst(want);
        self.f.emit(op(dst, src));
        self.f.release(src);
        dst
    }

    /// Emits an op with two operands that are consumed.
    pub fn binary(
        &mut self,
        want: Want,
        a: Slot,
        b: Slot,
        op: impl FnOnce(Slot, Slot, Slot) -> Op,
    ) -> Slot {
        let dst = self.dst(want);
        self.f.emit(op(dst, a, b));
        self.f.release(a);
        self.f.release(b);
        dst
    }

    /// Emits an op without operands.
    pub fn nullary(&mut self, want: Want, op: impl FnOnce(Slot) -> Op) -> Slot {
        let dst = self.dst(want);
        self.f.emit(op(dst));
        dst
    }

    /// Loads a literal.
    pub fn literal(&mut self, value: Literal, want: Want) -> Slot {
        let dst = self.dst(want);
        match value {
            Literal::Int(i) if i32::try_from(i).is_ok() => {
                self.f.emit(Op::LoadInt { dst, value: i as i32 });
            }
            value => {
                let k = self.f.constant(value);
                self.f.emit(Op::LoadConst { dst, k });
            }
        }
        dst
    }

    /// Compiles an expression; the result may be a local variable itself.
    pub fn expr(&mut self, e: &Expr) -> R<Slot> {
        self.expr_w(e, None)
    }

    /// Compiles an expression into `dst`.
    pub fn expr_to(&mut self, e: &Expr, dst: Slot) -> R<()> {
        self.expr_w(e, Some(dst)).map(|_| ())
    }

    /// Compiles an expression into a temporary.
    pub fn temp_expr(&mut self, e: &Expr) -> R<Slot> {
        let slot = self.expr(e)?;
        Ok(self.as_temp(slot))
    }

    /// Copies a local into a temporary.
    pub fn as_temp(&mut self, src: Slot) -> Slot {
        if is_temp(src) { src } else { self.nullary(None, |dst| Op::Copy { dst, src }) }
    }

    /// Drops a value nobody wants.
    pub fn drop_value(&mut self, src: Slot) {
        let src = self.as_temp(src);
        self.f.emit(Op::Free { src });
        self.f.release(src);
    }

    /// Compiles an expression for its effects.
    pub fn discard(&mut self, e: &Expr) -> R<()> {
        let e = strip(e);
        self.f.line = e.span.line;
        match &e.kind {
            ExprKind::Variable(name) if &name[..] != b"this" && self.plain_local(e).is_some() => {
                Ok(())
            }
            ExprKind::Assign { target, value } => {
                self.assign(target, value, None, false).map(|_| ())
            }
            ExprKind::AssignRef { target, source } => {
                self.assign_ref(target, source, None, false).map(|_| ())
            }
            ExprKind::AssignOp { op, target, value } => {
                self.assign_op(*op, target, value, None, false).map(|_| ())
            }
            ExprKind::AssignCoalesce { target, value } => {
                self.assign_coalesce(target, value, None, false).map(|_| ())
            }
            ExprKind::IncDec { target, increment, .. } => {
                self.inc_dec(target, *increment, true, None, false).map(|_| ())
            }
            ExprKind::Call { .. } | ExprKind::MethodCall { .. } | ExprKind::StaticCall { .. }
                if !has_nullsafe(e) =>
            {
                let slot = self.call(e, None, false)?;
                if slot != NO_SLOT {
                    self.drop_value(slot);
                }
                Ok(())
            }
            ExprKind::Logical { .. } => {
                let end = self.f.label();
                self.cond(e, end, true)?;
                self.f.place(end);
                Ok(())
            }
            ExprKind::Ternary { cond, then: Some(then), otherwise } => {
                let other = self.f.label();
                let end = self.f.label();
                self.cond(cond, other, false)?;
                self.discard(then)?;
                self.f.jmp(end);
                self.f.place(other);
                self.discard(otherwise)?;
                self.f.place(end);
                Ok(())
            }
            ExprKind::Throw(inner) => {
                let src = self.expr(inner)?;
                self.f.emit(Op::Throw { src });
                self.f.release(src);
                Ok(())
            }
            ExprKind::Exit(None) => {
                self.f.emit(Op::Exit { src: NO_SLOT });
                Ok(())
            }
            ExprKind::Print(inner) => {
                let src = self.expr(inner)?;
                self.f.emit(Op::Echo { src });
                self.f.release(src);
                Ok(())
            }
            _ => {
                let slot = self.expr(e)?;
                self.drop_value(slot);
                Ok(())
            }
        }
    }

    /// Compiles an expression into `want` if given, else wherever it is cheap.
    pub fn expr_w(&mut self, e: &Expr, want: Want) -> R<Slot> {
        let e = strip(e);
        self.f.line = e.span.line;
        if self.f.kind == CodeKind::ConstExpr {
            self.check_const_expr(e)?;
        }
        if foldable(e)
            && let Some(value) = self.fold(e)
        {
            return Ok(self.literal(value, want));
        }
        Ok(match &e.kind {
            ExprKind::Int(i) => self.literal(Literal::Int(*i), want),
            ExprKind::Float(x) => self.literal(Literal::Float(*x), want),
            ExprKind::String(s) => self.literal(Literal::Str(s.to_box()), want),
            ExprKind::Interpolated(parts) => self.interpolated(parts, want)?,
            ExprKind::ShellExec(parts) => self.shell_exec(parts, want)?,
            ExprKind::Array { items, .. } => self.array_literal(items, want)?,
            ExprKind::List(_) => fail!(self, "Cannot use list() as standalone expression"),
            ExprKind::Variable(name) => return self.variable(name, want),
            ExprKind::VariableVariable(name) => {
                self.f.out.flags |= ff::DYNAMIC_VARS;
                let name = self.expr(name)?;
                self.unary(want, name, |dst, name| Op::FetchVarVar { dst, name })
            }
            ExprKind::Index { .. }
            | ExprKind::Property { .. }
            | ExprKind::StaticProperty { .. }
            | ExprKind::ClassConstant { .. } => return self.chain(e, want),
            ExprKind::MethodCall { .. } | ExprKind::StaticCall { .. } => {
                return self.chain(e, want);
            }
            ExprKind::Call { .. } => self.call(e, want, true)?,
            ExprKind::Name(name) => self.constant_name(name, want)?,
            ExprKind::New { class, args } => self.new_object(class, args, want)?,
            ExprKind::NewAnonymous { decl, args } => self.new_anonymous(decl, args, want)?,
            ExprKind::Clone(inner) => {
                let src = self.expr(inner)?;
                self.unary(want, src, |dst, src| Op::Clone { dst, src })
            }
            ExprKind::Unary { op, expr } => self.unary_expr(*op, expr, want)?,
            ExprKind::IncDec { target, increment, prefix } => {
                self.inc_dec(target, *increment, *prefix, want, true)?
            }
            ExprKind::Binary { op, left, right } => self.binary_expr(e, *op, left, right, want)?,
            ExprKind::Logical { .. } => self.logical(e, want)?,
            ExprKind::Coalesce { left, right } => self.coalesce(left, right, want)?,
            ExprKind::Ternary { cond, then, otherwise } => {
                self.ternary(cond, then.as_deref(), otherwise, want)?
            }
            ExprKind::Assign { target, value } => self.assign(target, value, want, true)?,
            ExprKind::AssignRef { target, source } => {
                self.assign_ref(target, source, want, true)?
            }
            ExprKind::AssignOp { op, target, value } => {
                self.assign_op(*op, target, value, want, true)?
            }
            ExprKind::AssignCoalesce { target, value } => {
                self.assign_coalesce(target, value, want, true)?
            }
            ExprKind::Cast { kind, expr } => self.cast(*kind, expr, want)?,
            ExprKind::Isset(list) => self.isset_all(list, want)?,
            ExprKind::Empty(inner) => self.empty(inner, want)?,
            ExprKind::Silence(inner) => self.silence(inner, want)?,
            ExprKind::Print(inner) => {
                let src = self.expr(inner)?;
                self.f.emit(Op::Echo { src });
                self.f.release(src);
                self.literal(Literal::Int(1), want)
            }
            ExprKind::Exit(args) => self.exit(args.as_ref(), want)?,
            ExprKind::Include { kind, expr } => {
                let src = self.expr(expr)?;
                self.f.out.flags |= ff::DYNAMIC_VARS;
                let mode = match kind {
                    IncludeKind::Include => IncludeMode::Include,
                    IncludeKind::IncludeOnce => IncludeMode::IncludeOnce,
                    IncludeKind::Require => IncludeMode::Require,
                    IncludeKind::RequireOnce => IncludeMode::RequireOnce,
                    IncludeKind::Eval => IncludeMode::Eval,
                };
                self.f.line = e.span.line;
                self.unary(want, src, |dst, src| Op::Include { dst, src, mode })
            }
            ExprKind::InstanceOf { expr, class } => self.instance_of(expr, class, want)?,
            ExprKind::Yield { key, value } => {
                self.yield_value(key.as_deref(), value.as_deref(), want)?
            }
            ExprKind::YieldFrom(inner) => {
                self.check_yield()?;
                if self.f.out.flags & ff::RETURNS_REF != 0 {
                    fail!(self, "Cannot use \"yield from\" inside a by-reference generator");
                }
                let src = self.expr(inner)?;
                self.unary(want, src, |dst, src| Op::YieldFrom { dst, src })
            }
            ExprKind::Throw(inner) => {
                let src = self.expr(inner)?;
                self.f.emit(Op::Throw { src });
                self.f.release(src);
                // Unreachable, but the users of the result want a temporary.
                self.dst(want)
            }
            ExprKind::Match { subject, arms } => self.match_expr(subject, arms, want)?,
            ExprKind::Closure(closure) => self.closure(closure, want)?,
            ExprKind::Magic(magic) => self.magic(*magic, want)?,
            ExprKind::Paren(inner) => return self.expr_w(inner, want),
        })
    }

    /// A plain variable as a value.
    fn variable(&mut self, name: &[u8], want: Want) -> R<Slot> {
        if name == b"this" {
            self.f.out.flags |= ff::USES_THIS;
            return Ok(self.nullary(want, |dst| Op::LoadThis { dst }));
        }
        if name == b"GLOBALS" {
            return Ok(self.nullary(want, |dst| Op::FetchGlobals { dst }));
        }
        if self.names_superglobal(name) {
            let key = self.literal(Literal::Str(name.into()), None);
            return Ok(self.unary(want, key, |dst, name| Op::FetchGlobal { dst, name }));
        }
        let src = self.f.local(name);
        Ok(match want {
            Some(dst) => self.nullary(Some(dst), |dst| Op::Copy { dst, src }),
            None => src,
        })
    }

    fn unary_expr(&mut self, op: UnaryOp, inner: &Expr, want: Want) -> R<Slot> {
        let src = self.expr(inner)?;
        Ok(match op {
            UnaryOp::Not => self.unary(want, src, |dst, src| Op::Not { dst, src }),
            UnaryOp::BitNot => self.unary(want, src, |dst, src| Op::BitNot { dst, src }),
            UnaryOp::Plus | UnaryOp::Minus => {
                let factor = if op == UnaryOp::Plus { 1 } else { -1 };
                let k = self.f.constant(Literal::Int(factor));
                self.unary(want, src, |dst, a| Op::MulConst { dst, a, k })
            }
        })
    }

    fn binary_expr(
        &mut self,
        whole: &Expr,
        op: BinaryOp,
        left: &Expr,
        right: &Expr,
        want: Want,
    ) -> R<Slot> {
        if op == BinaryOp::Concat {
            return self.concat(whole, want);
        }
        if matches!(op, BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div)
            && let Some(value @ (Literal::Int(_) | Literal::Float(_))) = self.fold(left)
        {
            let b = self.expr(right)?;
            let k = self.f.constant(value);
            return Ok(self.unary(want, b, |dst, b| match op {
                BinaryOp::Add => Op::ConstAdd { dst, k, b },
                BinaryOp::Sub => Op::ConstSub { dst, k, b },
                BinaryOp::Mul => Op::ConstMul { dst, k, b },
                _ => Op::ConstDiv { dst, k, b },
            }));
        }
        let a = self.expr(left)?;
        if let Some(value @ (Literal::Int(_) | Literal::Float(_))) = self.fold(right)
            && let Some(make) = self.constant_operand(op, value)
        {
            return Ok(self.unary(want, a, make));
        }
        let b = self.expr(right)?;
        let (a, b) = if self.swaps(op, left, right) { (b, a) } else { (a, b) };
        Ok(self.binary(want, a, b, |dst, a, b| match op {
            BinaryOp::Add => Op::Add { dst, a, b },
            BinaryOp::Sub => Op::Sub { dst, a, b },
            BinaryOp::Mul => Op::Mul { dst, a, b },
            BinaryOp::Concat => Op::Concat { dst, a, b },
            BinaryOp::Div => Op::Div { dst, a, b },
            BinaryOp::Mod => Op::Binary { dst, a, b, op: BinOp::Mod },
            BinaryOp::Pow => Op::Binary { dst, a, b, op: BinOp::Pow },
            BinaryOp::BitAnd => Op::Binary { dst, a, b, op: BinOp::BitAnd },
            BinaryOp::BitOr => Op::Binary { dst, a, b, op: BinOp::BitOr },
            BinaryOp::BitXor => Op::Binary { dst, a, b, op: BinOp::BitXor },
            BinaryOp::ShiftLeft => Op::Binary { dst, a, b, op: BinOp::ShiftLeft },
            BinaryOp::ShiftRight => Op::Binary { dst, a, b, op: BinOp::ShiftRight },
            BinaryOp::Equal => Op::Equal { dst, a, b },
            BinaryOp::NotEqual => Op::NotEqual { dst, a, b },
            BinaryOp::Identical => Op::Identical { dst, a, b },
            BinaryOp::NotIdentical => Op::NotIdentical { dst, a, b },
            BinaryOp::Less => Op::Less { dst, a, b },
            BinaryOp::LessEqual => Op::LessEqual { dst, a, b },
            BinaryOp::Greater => Op::Greater { dst, a, b },
            BinaryOp::GreaterEqual => Op::GreaterEqual { dst, a, b },
            BinaryOp::Spaceship => Op::Spaceship { dst, a, b },
            BinaryOp::LogicalXor => Op::LogicalXor { dst, a, b },
        }))
    }

    /// PHP keeps the operands of these operators in the order constant, value, result of a call,
    /// variable: it looks at (and complains of) the last of them first.
    fn swaps(&self, op: BinaryOp, left: &Expr, right: &Expr) -> bool {
        let rank = |e: &Expr| match &strip(e).kind {
            ExprKind::Variable(_) => 3,
            _ if is_call(e) => 2,
            // A constant of PHP's is a literal by now.
            ExprKind::Name(_) => 0,
            _ if self.fold(e).is_some() => 0,
            _ => 1,
        };
        matches!(op, BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor)
            && rank(left) < rank(right)
    }

    /// The op with a number as its right operand, if there is one.
    fn constant_operand(
        &mut self,
        op: BinaryOp,
        value: Literal,
    ) -> Option<impl FnOnce(Slot, Slot) -> Op + use<>> {
        let small = match value {
            Literal::Int(i) => i32::try_from(i).ok(),
            _ => None,
        };
        let with_constant =
            matches!(op, BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div);
        let integer = match op {
            BinaryOp::Mod => Some(BinOp::Mod),
            BinaryOp::BitAnd => Some(BinOp::BitAnd),
            BinaryOp::BitOr => Some(BinOp::BitOr),
            BinaryOp::BitXor => Some(BinOp::BitXor),
            BinaryOp::ShiftLeft => Some(BinOp::ShiftLeft),
            BinaryOp::ShiftRight => Some(BinOp::ShiftRight),
            _ => None,
        };
        if !with_constant && (integer.is_none() || small.is_none()) {
            return None;
        }
        let k = if with_constant { self.f.constant(value) } else { 0 };
        Some(move |dst, a| match (op, small, integer) {
            (_, Some(imm), Some(op)) => Op::BinaryInt { dst, a, imm, op },
            (BinaryOp::Add, Some(imm), _) => Op::AddInt { dst, a, imm },
            (BinaryOp::Sub, Some(imm), _) => Op::SubInt { dst, a, imm },
            (BinaryOp::Add, ..) => Op::AddConst { dst, a, k },
            (BinaryOp::Sub, ..) => Op::SubConst { dst, a, k },
            (BinaryOp::Mul, ..) => Op::MulConst { dst, a, k },
            _ => Op::DivConst { dst, a, k },
        })
    }

    fn cast(&mut self, kind: CastKind, inner: &Expr, want: Want) -> R<Slot> {
        let to = match kind {
            CastKind::Int => CastTo::Int,
            CastKind::Float => CastTo::Float,
            CastKind::String => CastTo::String,
            CastKind::Bool => CastTo::Bool,
            CastKind::Array => CastTo::Array,
            CastKind::Object => CastTo::Object,
            CastKind::Unset => fail!(self, "The (unset) cast is no longer supported"),
        };
        let src = self.expr(inner)?;
        Ok(self.unary(want, src, |dst, src| match to {
            CastTo::Bool => Op::ToBool { dst, src },
            to => Op::Cast { dst, src, to },
        }))
    }

    /// `++` and `--`.
    fn inc_dec(
        &mut self,
        target: &Expr,
        increment: bool,
        prefix: bool,
        want: Want,
        used: bool,
    ) -> R<Slot> {
        let kind = match (increment, prefix) {
            (true, true) => IncDec::PreInc,
            (true, false) => IncDec::PostInc,
            (false, true) => IncDec::PreDec,
            (false, false) => IncDec::PostDec,
        };
        let place = if is_this(target) {
            // Always an error, but one of run time.
            let src = self.expr(target)?;
            let var = self.f.local(b"\0this");
            self.f.emit(Op::Assign { dst: NO_SLOT, var, val: src });
            self.f.release(src);
            Place::Local(var)
        } else {
            self.place_of(target, Access::ReadWrite)?
        };
        let dst = if used { self.dst(want) } else { NO_SLOT };
        match place {
            Place::Local(var) => self.f.emit(Op::IncDecLocal { dst, var, kind }),
            Place::Path { root, steps } => {
                let path = self.path_index(root, steps);
                self.f.emit(Op::PathIncDec { dst, path, kind })
            }
        };
        Ok(dst)
    }

    fn silence(&mut self, inner: &Expr, want: Want) -> R<Slot> {
        let dst = self.dst(want);
        let slot = self.nullary(None, |dst| Op::BeginSilence { dst });
        let start = self.f.pc();
        self.expr_to(inner, dst)?;
        let end = self.f.pc();
        if start < end {
            self.f.out.handlers.push(Handler {
                start,
                end,
                clear_from: slot + 1,
                kind: HandlerKind::Silence { slot },
            });
        }
        self.f.emit(Op::EndSilence { src: slot });
        self.f.release(slot);
        Ok(dst)
    }

    fn instance_of(&mut self, inner: &Expr, class: &Expr, want: Want) -> R<Slot> {
        if self.fold(inner).is_some() {
            return Ok(self.literal(Literal::Bool(false), want));
        }
        let src = self.expr(inner)?;
        let class = self.class_operand(class)?;
        let dst = self.unary(want, src, |dst, src| Op::InstanceOf { dst, src, class });
        self.release_class(class);
        Ok(dst)
    }

    /// The class reference for a class position: a name or an expression.
    pub fn class_operand(&mut self, class: &Expr) -> R<u16> {
        let class = strip(class);
        if let ExprKind::Name(name) = &class.kind {
            return self.class_ref(name);
        }
        if let ExprKind::String(name) = &class.kind {
            let name = name.strip_prefix(b"\\").unwrap_or(name);
            return Ok(self.f.class_name_ref(name));
        }
        if let Some(value) = self.fold(class)
            && !matches!(value, Literal::Str(_))
        {
            fail!(self, "Illegal class name");
        }
        let slot = self.expr_inner(class, None)?;
        Ok(self.f.class_ref(ClassRef::Dynamic(slot)))
    }

    /// The slot a class reference reads, if any.
    pub fn class_slot(&self, class: u16) -> Option<Slot> {
        match self.f.out.class_refs[class as usize] {
            ClassRef::Dynamic(slot) => Some(slot),
            _ => None,
        }
    }

    /// Marks the temporary of a class reference as consumed.
    pub fn release_class(&mut self, class: u16) {
        if let Some(slot) = self.class_slot(class) {
            self.f.release(slot);
        }
    }

    fn check_yield(&self) -> R<()> {
        if matches!(self.f.kind, CodeKind::TopLevel | CodeKind::ConstExpr) {
            fail!(self, "The \"yield\" expression can only be used inside a function");
        }
        Ok(())
    }

    fn yield_value(&mut self, key: Option<&Expr>, value: Option<&Expr>, want: Want) -> R<Slot> {
        self.check_yield()?;
        let key = match key {
            Some(key) => self.expr(key)?,
            None => NO_SLOT,
        };
        let by_ref = self.f.out.flags & ff::RETURNS_REF != 0;
        if let Some(v) = value
            && by_ref
            && crate::place::is_variable(v)
            && has_nullsafe(v)
        {
            fail!(self, "Cannot take reference of a nullsafe chain");
        }
        let (val, reference) = match value {
            None => (NO_SLOT, false),
            Some(v)
                if by_ref
                    && crate::place::is_variable(v)
                    && crate::place::can_write(v)
                    && !is_this(v) =>
            {
                (self.reference(v)?, true)
            }
            Some(v) if by_ref => (self.temp_expr(v)?, true),
            Some(v) => (self.expr(v)?, false),
        };
        let dst = self.dst(want);
        self.f.emit(if reference {
            Op::YieldRef { dst, key, val }
        } else {
            Op::Yield { dst, key, val }
        });
        self.f.release(key);
        self.f.release(val);
        Ok(dst)
    }

    /// The key of a selector as a value.
    pub fn selector_value(&mut self, name: &Selector) -> R<Slot> {
        match name {
            Selector::Name(name) => Ok(self.literal(Literal::Str(name.text.to_box()), None)),
            Selector::Expr(e) => self.expr(e),
        }
    }
}

/// Whether folding is worth a try (plain literals are handled directly).
fn foldable(e: &Expr) -> bool {
    matches!(
        e.kind,
        ExprKind::Unary { .. }
            | ExprKind::Binary { .. }
            | ExprKind::Logical { .. }
            | ExprKind::Array { .. }
            | ExprKind::Ternary { .. }
            | ExprKind::Interpolated(_)
            | ExprKind::Index { .. }
    )
}

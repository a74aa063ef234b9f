//! Places that can be written to: variables, elements, properties, and paths of these.

use outlast_bytecode::{
    Diagnostic, Early, Literal, NO_SLOT, Op, PathRoot, PathStep, Slot, function_flags as ff,
};
use outlast_syntax::ast::{Expr, ExprKind, Selector};

use crate::error::{R, fail};
use crate::function::is_temp;
use crate::levels::E_WARNING;
use crate::scope::Compiler;

/// A place whose keys have been evaluated.
#[derive(Debug)]
pub(crate) enum Place {
    /// A local variable.
    Local(Slot),
    /// Anything deeper.
    Path { root: PathRoot, steps: Vec<PathStep> },
}

/// What is done to a place, for the wording of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Write,
    ReadWrite,
    Reference,
    Unset,
}

/// Removes parentheses.
pub(crate) fn strip(e: &Expr) -> &Expr {
    let mut e = e;
    while let ExprKind::Paren(inner) = &e.kind {
        e = inner;
    }
    e
}

/// Whether an expression is a variable, an element or a property.
pub(crate) fn is_variable(e: &Expr) -> bool {
    matches!(
        strip(e).kind,
        ExprKind::Variable(_)
            | ExprKind::VariableVariable(_)
            | ExprKind::Index { .. }
            | ExprKind::Property { .. }
            | ExprKind::StaticProperty { .. }
    )
}

/// Whether an expression is a call.
pub(crate) fn is_call(e: &Expr) -> bool {
    matches!(
        strip(e).kind,
        ExprKind::Call { .. } | ExprKind::MethodCall { .. } | ExprKind::StaticCall { .. }
    )
}

/// Whether a variable starts at a variable, so that references to it make sense.
pub(crate) fn can_write(e: &Expr) -> bool {
    let mut e = strip(e);
    loop {
        e = match &e.kind {
            ExprKind::Index { base, .. } => strip(base),
            ExprKind::Property { object, nullsafe: false, .. } => strip(object),
            ExprKind::Variable(_)
            | ExprKind::VariableVariable(_)
            | ExprKind::StaticProperty { .. } => return true,
            _ => return false,
        };
    }
}

/// Whether `?->` stands in the chain of an expression.
pub(crate) fn has_nullsafe(e: &Expr) -> bool {
    let mut e = strip(e);
    loop {
        e = match &e.kind {
            ExprKind::Property { nullsafe: true, .. }
            | ExprKind::MethodCall { nullsafe: true, .. } => return true,
            ExprKind::Index { base, .. } => strip(base),
            ExprKind::Property { object, .. } | ExprKind::MethodCall { object, .. } => {
                strip(object)
            }
            ExprKind::StaticProperty { class, .. }
            | ExprKind::StaticCall { class, .. }
            | ExprKind::ClassConstant { class, .. } => strip(class),
            _ => return false,
        };
    }
}

/// `$this`
pub(crate) fn is_this(e: &Expr) -> bool {
    matches!(&strip(e).kind, ExprKind::Variable(name) if &name[..] == b"this")
}

impl Compiler<'_> {
    /// The place an expression names; keys and the like are evaluated now.
    pub fn place_of(&mut self, e: &Expr, access: Access) -> R<Place> {
        let e = strip(e);
        if has_nullsafe(e) {
            if access == Access::Reference {
                fail!(self, "Cannot take reference of a nullsafe chain");
            }
            fail!(self, "Can't use nullsafe operator in write context");
        }
        match &e.kind {
            ExprKind::Call { .. } => {
                fail!(self, "Can't use function return value in write context")
            }
            ExprKind::MethodCall { .. } | ExprKind::StaticCall { .. } => {
                fail!(self, "Can't use method return value in write context")
            }
            _ => {}
        }
        self.subplace(e, access, true)
    }

    fn subplace(&mut self, e: &Expr, access: Access, outermost: bool) -> R<Place> {
        let e = strip(e);
        self.f.line = e.span.line;
        match &e.kind {
            ExprKind::Variable(name) if &name[..] == b"this" => {
                if outermost {
                    if access == Access::Unset {
                        fail!(self, "Cannot unset $this");
                    }
                    fail!(self, "Cannot re-assign $this");
                }
                self.f.out.flags |= ff::USES_THIS;
                Ok(Place::Path { root: PathRoot::This, steps: Vec::new() })
            }
            ExprKind::Variable(name) if self.names_superglobal(name) => {
                if &name[..] == b"GLOBALS" {
                    if outermost {
                        fail!(
                            self,
                            "$GLOBALS can only be modified using the $GLOBALS[$name] = $value syntax"
                        );
                    }
                    return Ok(Place::Path { root: PathRoot::Globals, steps: Vec::new() });
                }
                let k = self.f.str(name);
                Ok(Place::Path { root: PathRoot::Globals, steps: vec![PathStep::DimConst(k)] })
            }
            ExprKind::Variable(name) => Ok(Place::Local(self.f.local(name))),
            ExprKind::VariableVariable(name) => {
                self.f.out.flags |= ff::DYNAMIC_VARS;
                let name = self.expr(name)?;
                Ok(Place::Path { root: PathRoot::VarVar(name), steps: Vec::new() })
            }
            ExprKind::Index { base, index } => {
                let (root, mut steps) = self.path_base(base, access)?;
                match index {
                    None => {
                        if access == Access::Unset {
                            fail!(self, "Cannot use [] for unsetting");
                        }
                        if matches!(root, PathRoot::Globals) && steps.is_empty() {
                            fail!(self, "Cannot append to $GLOBALS");
                        }
                        steps.push(PathStep::Append);
                    }
                    Some(index) => steps.push(self.dim_step(index)?),
                }
                Ok(Place::Path { root, steps })
            }
            ExprKind::Property { object, name, .. } => {
                let (root, mut steps) = self.path_base(object, access)?;
                steps.push(self.prop_step(name)?);
                Ok(Place::Path { root, steps })
            }
            ExprKind::StaticProperty { class, name } => {
                let class = self.class_operand(class)?;
                let root = match name {
                    Selector::Name(name) => {
                        let name = self.f.str(&name.text);
                        let cache = self.f.cache();
                        PathRoot::StaticProp { class, name, cache }
                    }
                    Selector::Expr(name) => {
                        let name = self.expr(name)?;
                        PathRoot::StaticPropDyn { class, name }
                    }
                };
                Ok(Place::Path { root, steps: Vec::new() })
            }
            ExprKind::Call { .. } | ExprKind::MethodCall { .. } | ExprKind::StaticCall { .. }
                if !outermost =>
            {
                if access != Access::Reference {
                    self.check_write_context(e)?;
                }
                let value = self.temp_expr(e)?;
                Ok(Place::Path { root: PathRoot::Temp(value), steps: Vec::new() })
            }
            _ if outermost && access == Access::Reference => {
                fail!(self, "Cannot assign reference to non referenceable value")
            }
            _ if outermost => fail!(self, "Assignments can only happen to writable values"),
            _ => fail!(self, "Cannot use temporary expression in write context"),
        }
    }

    fn path_base(&mut self, base: &Expr, access: Access) -> R<(PathRoot, Vec<PathStep>)> {
        let base = strip(base);
        if let ExprKind::Variable(name) = &base.kind
            && &name[..] == b"GLOBALS"
        {
            return Ok((PathRoot::Globals, Vec::new()));
        }
        match self.subplace(base, access, false)? {
            Place::Local(slot) => Ok((PathRoot::Local(slot), Vec::new())),
            Place::Path { root, steps } => Ok((root, steps)),
        }
    }

    fn dim_step(&mut self, index: &Expr) -> R<PathStep> {
        if let Some(value) = self.fold(index) {
            let k = self.f.constant(value);
            return Ok(PathStep::DimConst(k));
        }
        Ok(PathStep::Dim(self.expr(index)?))
    }

    fn prop_step(&mut self, name: &Selector) -> R<PathStep> {
        Ok(match name {
            Selector::Name(name) => {
                let name = self.f.str(&name.text);
                let cache = self.f.cache();
                PathStep::Prop { name, cache }
            }
            Selector::Expr(name) => PathStep::PropDyn(self.property_name(name)?),
        })
    }

    /// A computed name; PHP makes text of what it knows while compiling.
    pub fn property_name(&mut self, name: &Expr) -> R<Slot> {
        if let Some(Literal::Array(_)) = self.fold(name) {
            self.f.line = name.span.line;
            let message = Box::from(&b"Array to string conversion"[..]);
            let warning =
                Early::Diagnostic(Diagnostic { level: E_WARNING, message, line: self.f.line });
            // An argument is compiled twice: to be read, and to be referred to.
            if self.unit.early.last() != Some(&warning) {
                self.unit.early.push(warning);
            }
            return Ok(self.literal(Literal::Str((*b"Array").into()), None));
        }
        self.expr(name)
    }

    /// Registers the path of a place and marks its temporaries as consumed (by the op that follows).
    pub fn path_index(&mut self, root: PathRoot, steps: Vec<PathStep>) -> u16 {
        self.release_path(&root, &steps);
        self.f.path(root, steps)
    }

    fn release_path(&mut self, root: &PathRoot, steps: &[PathStep]) {
        for slot in path_slots(root, steps) {
            self.f.release(slot);
        }
        if let PathRoot::StaticProp { class, .. } | PathRoot::StaticPropDyn { class, .. } = root {
            self.release_class(*class);
        }
    }

    /// A temporary with a reference to the place.
    pub fn reference_to(&mut self, place: Place) -> Slot {
        match place {
            Place::Local(var) => {
                let dst = self.f.alloc();
                self.f.emit(Op::MakeRef { dst, var });
                dst
            }
            Place::Path { root, steps } => {
                let dst = self.f.alloc();
                let path = self.path_index(root, steps);
                self.f.emit(Op::PathRef { dst, path });
                dst
            }
        }
    }

    /// A temporary with a reference to the variable `e`; `$this` comes as a plain value.
    pub fn reference(&mut self, e: &Expr) -> R<Slot> {
        if is_this(e) {
            return self.temp_expr(e);
        }
        if crate::expr::is_globals(e) {
            fail!(self, "Cannot acquire reference to $GLOBALS");
        }
        let place = self.place_of(e, Access::Reference)?;
        Ok(self.reference_to(place))
    }

    /// `place = value`, the result in `dst` unless that is `NO_SLOT`.
    pub fn store(&mut self, place: Place, val: Slot, dst: Slot) {
        match place {
            Place::Local(var) => {
                if dst != NO_SLOT || !self.f.retarget(val, var) {
                    self.f.emit(Op::Assign { dst, var, val });
                }
            }
            Place::Path { root: PathRoot::Local(base), mut steps }
                if steps.len() == 1
                    && !matches!(steps[0], PathStep::Prop { .. } | PathStep::PropDyn(_)) =>
            {
                match steps.remove(0) {
                    PathStep::Append => {
                        self.f.emit(Op::AppendDim { dst, base, val });
                    }
                    PathStep::Dim(key) => {
                        self.f.release(key);
                        self.f.emit(Op::AssignDim { dst, base, key, val });
                    }
                    PathStep::DimConst(k) => {
                        let key = self.f.alloc();
                        self.f.emit(Op::LoadConst { dst: key, k });
                        self.f.release(key);
                        self.f.emit(Op::AssignDim { dst, base, key, val });
                    }
                    PathStep::Prop { .. } | PathStep::PropDyn(_) => {}
                }
            }
            Place::Path { root: PathRoot::This, steps }
                if dst == NO_SLOT && matches!(steps[..], [PathStep::Prop { .. }]) =>
            {
                if let PathStep::Prop { name, cache } = steps[0] {
                    self.f.emit(Op::AssignThisProp { val, cache, name });
                }
            }
            Place::Path { root: PathRoot::Local(obj), steps }
                if dst == NO_SLOT && matches!(steps[..], [PathStep::Prop { .. }]) =>
            {
                if let PathStep::Prop { name, cache } = steps[0] {
                    self.f.emit(Op::AssignProp { obj, val, cache, name });
                }
            }
            Place::Path { root, steps } => {
                let path = self.path_index(root, steps);
                self.f.emit(Op::PathAssign { dst, path, val });
            }
        }
        self.f.release(val);
    }

    /// `place = &reference held by src`.
    pub fn bind(&mut self, place: Place, src: Slot, dst: Slot) {
        match place {
            Place::Local(var) => {
                self.f.emit(Op::BindRef { dst, var, src });
            }
            Place::Path { root, steps } => {
                let path = self.path_index(root, steps);
                self.f.emit(Op::PathBindRef { dst, path, src });
            }
        }
        self.f.release(src);
    }

    /// The value at a place, quietly, without consuming its keys (for `??=`).
    pub fn read_kept(&mut self, place: &Place) -> R<Slot> {
        let (root, steps) = match place {
            Place::Local(slot) => return Ok(*slot),
            Place::Path { root, steps } => (root, steps),
        };
        let mut steps = &steps[..];
        let mut value = match root {
            PathRoot::Local(slot) => *slot,
            PathRoot::Temp(slot) => self.keep(*slot),
            PathRoot::This => {
                let dst = self.f.alloc();
                self.f.emit(Op::LoadThis { dst });
                dst
            }
            PathRoot::VarVar(name) => {
                let name = self.keep(*name);
                self.unary(None, name, |dst, name| Op::FetchVarVarQuiet { dst, name })
            }
            PathRoot::Globals => {
                let Some((first, rest)) = steps.split_first() else {
                    fail!(
                        self,
                        "$GLOBALS can only be modified using the $GLOBALS[$name] = $value syntax"
                    );
                };
                steps = rest;
                let name = match first {
                    PathStep::DimConst(k) => self.load_const(*k),
                    PathStep::Dim(slot) => self.keep(*slot),
                    _ => fail!(self, "Cannot append to $GLOBALS"),
                };
                self.unary(None, name, |dst, name| Op::FetchGlobalQuiet { dst, name })
            }
            PathRoot::StaticProp { class, name, .. } => {
                let class = self.keep_class(*class);
                let name = self.load_const(*name);
                let value = self.unary(None, name, |dst, name| Op::FetchStaticPropQuiet {
                    dst,
                    class,
                    name,
                });
                self.release_class(class);
                value
            }
            PathRoot::StaticPropDyn { class, name } => {
                let class = self.keep_class(*class);
                let name = self.keep(*name);
                let value = self.unary(None, name, |dst, name| Op::FetchStaticPropQuiet {
                    dst,
                    class,
                    name,
                });
                self.release_class(class);
                value
            }
        };
        for step in steps {
            value = match *step {
                PathStep::Append => fail!(self, "Cannot use [] for reading"),
                PathStep::Dim(key) => {
                    let key = self.keep(key);
                    self.binary(None, value, key, |dst, base, key| Op::FetchDimQuiet {
                        dst,
                        base,
                        key,
                    })
                }
                PathStep::DimConst(k) => {
                    let key = self.load_const(k);
                    self.binary(None, value, key, |dst, base, key| Op::FetchDimQuiet {
                        dst,
                        base,
                        key,
                    })
                }
                PathStep::Prop { name, .. } => {
                    let cache = self.f.cache();
                    self.unary(None, value, |dst, obj| Op::FetchPropQuiet { dst, obj, cache, name })
                }
                PathStep::PropDyn(name) => {
                    let name = self.keep(name);
                    self.binary(None, value, name, |dst, obj, name| Op::FetchPropDynQuiet {
                        dst,
                        obj,
                        name,
                    })
                }
            };
        }
        Ok(value)
    }

    /// Frees the temporaries of a place that is not used after all.
    pub fn free_place(&mut self, place: &Place) {
        if let Place::Path { root, steps } = place {
            for src in path_slots(root, steps) {
                if is_temp(src) {
                    self.f.emit(Op::Free { src });
                }
            }
            if let PathRoot::StaticProp { class, .. } | PathRoot::StaticPropDyn { class, .. } = root
                && let Some(src) = self.class_slot(*class)
                && is_temp(src)
            {
                self.f.emit(Op::Free { src });
            }
        }
    }

    /// A copy of a temporary that stays; locals as they are.
    fn keep(&mut self, src: Slot) -> Slot {
        if !is_temp(src) {
            return src;
        }
        let dst = self.f.alloc();
        self.f.emit(Op::CopyKeep { dst, src });
        dst
    }

    fn keep_class(&mut self, class: u16) -> u16 {
        match self.class_slot(class) {
            Some(slot) => {
                let slot = self.keep(slot);
                self.f.class_ref(outlast_bytecode::ClassRef::Dynamic(slot))
            }
            None => class,
        }
    }

    fn load_const(&mut self, k: u32) -> Slot {
        let dst = self.f.alloc();
        self.f.emit(Op::LoadConst { dst, k });
        dst
    }

    /// The place of a local or superglobal variable by name.
    pub fn named_place(&mut self, name: &[u8]) -> R<Place> {
        if name == b"this" {
            fail!(self, "Cannot re-assign $this");
        }
        if self.names_superglobal(name) {
            let k = self.f.constant(Literal::Str(name.into()));
            return Ok(Place::Path { root: PathRoot::Globals, steps: vec![PathStep::DimConst(k)] });
        }
        Ok(Place::Local(self.f.local(name)))
    }
}

fn path_slots(root: &PathRoot, steps: &[PathStep]) -> Vec<Slot> {
    let mut slots = Vec::new();
    match root {
        PathRoot::Temp(s) | PathRoot::VarVar(s) | PathRoot::StaticPropDyn { name: s, .. } => {
            slots.push(*s);
        }
        PathRoot::Local(_) | PathRoot::This | PathRoot::Globals | PathRoot::StaticProp { .. } => {}
    }
    for step in steps {
        if let PathStep::Dim(s) | PathStep::PropDyn(s) = step {
            slots.push(*s);
        }
    }
    slots
}

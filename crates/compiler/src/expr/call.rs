//! Calls and their arguments.

use outlast_bytecode::{ClassRef, Known, Literal, NO_SLOT, Op, Slot, function_flags as ff};
use outlast_syntax::ast::{Arg, Args, ClassDecl, Expr, ExprKind, Name, Selector};

use super::Want;
use crate::error::{CompileError, R, cat, fail};
use crate::function::CodeKind;
use crate::name::{last_segment, touches_variables};
use crate::place::{Access, has_nullsafe, is_call, is_this, is_variable, strip};
use crate::scope::{Compiler, Resolved, SpecialClass, special_class};

impl Compiler<'_> {
    /// A call of any kind except `new`.
    pub(super) fn call(&mut self, e: &Expr, want: Want, used: bool) -> R<Slot> {
        match &e.kind {
            ExprKind::Call { callee, args, line } => {
                self.function_call(e, callee, args, *line, want, used)
            }
            ExprKind::MethodCall { object, name, args, nullsafe } => {
                self.method_call(object, name, args, *nullsafe, want, used)
            }
            ExprKind::StaticCall { class, name, args } => {
                self.static_call(class, name, args, want, used)
            }
            _ => self.expr_w(e, want),
        }
    }

    fn function_call(
        &mut self,
        e: &Expr,
        callee: &Expr,
        args: &Args,
        paren: u32,
        want: Want,
        used: bool,
    ) -> R<Slot> {
        // A call of a name stands where the name does, of anything else where its arguments begin.
        let named = matches!(strip(callee).kind, ExprKind::Name(_));
        let line = if named { e.span.line } else { paren };
        let argc = arg_count(args);
        match &strip(callee).kind {
            ExprKind::Name(name) => {
                if let Args::List(list) = args
                    && let Some(slot) = self.special_call(name, list, want)?
                {
                    return Ok(slot);
                }
                self.check_appends(name, args)?;
                if touches_variables(last_segment(&name.text)) {
                    self.f.out.flags |= ff::DYNAMIC_VARS;
                }
                self.init_function(name, argc);
            }
            _ => {
                let callee = self.outside_chain(|c| c.expr(callee))?;
                self.f.emit(Op::InitDyn { callee, argc });
                self.f.release(callee);
            }
        }
        self.finish_call(args, line, want, used)
    }

    /// Emits the pending call of a function by name.
    pub(super) fn init_function(&mut self, name: &Name, argc: u16) {
        let cache = self.f.cache();
        match self.resolve_function(name) {
            Resolved::Known(full) => {
                let name = self.f.str(&full);
                self.f.emit(Op::InitFn { argc, cache, name });
            }
            Resolved::Fallback(full, short) => {
                let name = self.f.str_pair(&full, &short);
                self.f.emit(Op::InitFnNs { argc, cache, name });
            }
        }
    }

    /// A function that stands further up takes `$a[]` by reference, or not at all.
    fn check_appends(&mut self, name: &Name, args: &Args) -> R<()> {
        let (Args::List(args), Resolved::Known(full)) = (args, self.resolve_function(name)) else {
            return Ok(());
        };
        let Some(&(_, index)) = self.declared_functions.get(&full.to_ascii_lowercase()) else {
            return Ok(());
        };
        let Some(function) = &self.functions[index as usize] else { return Ok(()) };
        if function.code.is_empty() {
            return Ok(());
        }
        for (i, arg) in args.iter().take_while(|a| a.name.is_none() && !a.unpack).enumerate() {
            let last = function.params.last().filter(|p| p.variadic);
            let by_ref = function.params.get(i).or(last).is_some_and(|p| p.by_ref);
            if !by_ref && has_append(&arg.value) {
                let line = arg.value.span.line;
                let error = self.error(b"Cannot use [] for reading".to_vec());
                return Err(CompileError { line, ..error });
            }
        }
        Ok(())
    }

    /// Functions the compiler knows itself.
    fn special_call(&mut self, name: &Name, args: &[Arg], want: Want) -> R<Option<Slot>> {
        let short = match self.resolve_function(name) {
            Resolved::Known(full) => full,
            Resolved::Fallback(full, short) => {
                if self.declared_functions.contains_key(&full.to_ascii_lowercase()) {
                    return Ok(None);
                }
                short
            }
        };
        if let [Arg { name: None, unpack: false, value }] = args
            && let Some(known) = Known::by_name(&short.to_ascii_lowercase())
            && matches!(self.resolve_function(name), Resolved::Known(_))
        {
            let line = self.f.line;
            let src = self.expr(value)?;
            self.f.line = line;
            let name = self.f.str(&short);
            return Ok(Some(self.unary(want, src, |dst, src| Op::CallKnown {
                dst,
                name,
                src,
                known,
            })));
        }
        let in_function = !matches!(self.f.kind, CodeKind::TopLevel | CodeKind::ConstExpr);
        match &short.to_ascii_lowercase()[..] {
            b"func_num_args" if args.is_empty() && in_function => {
                Ok(Some(self.nullary(want, |dst| Op::FuncNumArgs { dst })))
            }
            b"func_get_args" if args.is_empty() && in_function => {
                Ok(Some(self.nullary(want, |dst| Op::FuncGetArgs { dst })))
            }
            b"assert" => self.assertion(args, want).map(Some),
            _ => Ok(None),
        }
    }

    fn assertion(&mut self, args: &[Arg], want: Want) -> R<Slot> {
        if !self.options.assertions {
            return Ok(self.literal(Literal::Bool(true), want));
        }
        let line = self.f.line;
        let dst = self.dst(want);
        let end = self.f.label();
        self.f.emit(Op::JmpNoAssert { dst, target: end.0 });
        let message = match args {
            [Arg { name: None, unpack: false, value }] => Some(crate::export::assertion(value)),
            _ => None,
        };
        let argc = args.len() + usize::from(message.is_some());
        let name = self.f.str(b"assert");
        let cache = self.f.cache();
        self.f.emit(Op::InitFn { argc: argc as u16, cache, name });
        self.send_args(args)?;
        if let Some(message) = message {
            let k = self.f.str(&message);
            self.f.emit(Op::SendConst { n: 1, k });
        }
        self.f.line = line;
        self.f.emit(Op::DoCall { dst });
        self.f.place(end);
        Ok(dst)
    }

    fn method_call(
        &mut self,
        object: &Expr,
        name: &Selector,
        args: &Args,
        nullsafe: bool,
        want: Want,
        used: bool,
    ) -> R<Slot> {
        if matches!(args, Args::FirstClass) && (nullsafe || has_nullsafe(object)) {
            fail!(self, "Cannot combine nullsafe operator with Closure creation");
        }
        let argc = arg_count(args);
        let line;
        if is_this(object)
            && let Selector::Name(name) = name
        {
            self.f.out.flags |= ff::USES_THIS;
            line = name.span.line;
            let name = self.f.str(&name.text);
            let cache = self.f.cache();
            self.f.emit(Op::InitThisMethod { argc, cache, name });
        } else {
            let obj = self.expr_inner(object, None)?;
            if nullsafe {
                self.nullsafe_jump(obj);
            }
            match name {
                Selector::Name(name) => {
                    line = name.span.line;
                    let name = self.f.str(&name.text);
                    let cache = self.f.cache();
                    self.f.emit(Op::InitMethod { obj, argc, cache, name });
                }
                Selector::Expr(e) => {
                    line = e.span.line;
                    self.check_method_name(e)?;
                    let name = self.outside_chain(|c| c.expr(e))?;
                    self.f.emit(Op::InitMethodDyn { obj, name, argc });
                    self.f.release(name);
                }
            }
            self.f.release(obj);
        }
        self.finish_call(args, line, want, used)
    }

    fn static_call(
        &mut self,
        class: &Expr,
        name: &Selector,
        args: &Args,
        want: Want,
        used: bool,
    ) -> R<Slot> {
        let argc = arg_count(args);
        if let Some(slot) = self.parent_hook_call(class, name, args, want, used)? {
            return Ok(slot);
        }
        let class = self.class_operand(class)?;
        if matches!(
            self.f.out.class_refs[class as usize],
            ClassRef::SelfClass | ClassRef::Parent | ClassRef::Static
        ) {
            self.f.out.flags |= ff::USES_THIS;
        }
        let line;
        match name {
            Selector::Name(name) => {
                line = name.span.line;
                let name = self.f.str(&name.text);
                let cache = self.f.cache();
                self.f.emit(Op::InitStaticMethod { class, argc, cache, name });
            }
            Selector::Expr(e) => {
                line = e.span.line;
                self.check_method_name(e)?;
                let name = self.outside_chain(|c| c.expr(e))?;
                self.f.emit(Op::InitStaticMethodDyn { class, name, argc });
                self.f.release(name);
            }
        }
        self.release_class(class);
        self.finish_call(args, line, want, used)
    }

    /// `parent::$property::get()` and `…::set($value)` in a hook of that property.
    fn parent_hook_call(
        &mut self,
        class: &Expr,
        name: &Selector,
        args: &Args,
        want: Want,
        used: bool,
    ) -> R<Option<Slot>> {
        let ExprKind::StaticProperty { class: parent, name: property } = &class.kind else {
            return Ok(None);
        };
        let (ExprKind::Name(parent), Selector::Name(hook)) = (&strip(parent).kind, name) else {
            return Ok(None);
        };
        let kind = match &hook.text.to_ascii_lowercase()[..] {
            b"get" => 0,
            b"set" => 1,
            _ => return Ok(None),
        };
        let property = match property {
            Selector::Name(name) => Some(name.text.to_vec()),
            Selector::Expr(e) => self.fold(e).and_then(|v| crate::fold::literal_text(&v)),
        };
        let Some(property) = property else { return Ok(None) };
        if special_class(&parent.text) != Some(SpecialClass::Parent) {
            return Ok(None);
        }
        if self.class.is_none() {
            fail!(self, "Cannot use \"parent\" when no class scope is active");
        }
        if matches!(args, Args::FirstClass) {
            fail!(self, "Cannot create Closure for parent property hook call");
        }
        let call = cat!("parent::$", property, "::", hook.text, "()");
        if self.f.kind != CodeKind::Hook {
            fail!(self, "Must not use ", call, " outside a property hook");
        }
        if self.property != property {
            fail!(self, "Must not use ", call, " in a different property ($", self.property, ")");
        }
        let own: &[u8] = if self.function_name.ends_with(b"::get") { b"get" } else { b"set" };
        if !hook.text.eq_ignore_ascii_case(own) {
            fail!(self, "Must not use ", call, " in a different property hook (", *own, ")");
        }
        self.f.out.flags |= ff::USES_THIS;
        let name = self.f.str(&property);
        self.f.emit(Op::InitParentHook { kind, argc: arg_count(args), name });
        self.finish_call(args, hook.span.line, want, used).map(Some)
    }

    fn check_method_name(&self, name: &Expr) -> R<()> {
        if self.fold(name).is_some_and(|v| !matches!(v, Literal::Str(_))) {
            fail!(self, "Method name must be a string");
        }
        Ok(())
    }

    fn finish_call(&mut self, args: &Args, line: u32, want: Want, used: bool) -> R<Slot> {
        match args {
            Args::FirstClass => {
                if self.f.kind == CodeKind::ConstExpr {
                    fail!(self, "Constant expression contains invalid operations");
                }
                Ok(self.nullary(want, |dst| Op::CallableConvert { dst }))
            }
            Args::List(list) => {
                self.outside_chain(|c| c.send_args(list))?;
                self.f.line = line;
                let dst = if used { self.dst(want) } else { NO_SLOT };
                self.f.emit(Op::DoCall { dst });
                Ok(dst)
            }
        }
    }

    /// Arguments of the pending call.
    pub(super) fn send_args(&mut self, args: &[Arg]) -> R<()> {
        let list = args.iter().any(|a| a.unpack || a.name.is_some());
        if list {
            self.f.emit(Op::BeginArgList {});
        }
        let mut unpacked = false;
        let mut named = false;
        for (n, arg) in args.iter().enumerate() {
            self.f.line = arg.value.span.line;
            if arg.unpack {
                if named {
                    fail!(self, "Cannot use argument unpacking after named arguments");
                }
                unpacked = true;
                let src = self.expr(&arg.value)?;
                self.f.emit(Op::ListSpread { src });
                self.f.release(src);
            } else if let Some(name) = &arg.name {
                named = true;
                self.named_arg(&name.text, &arg.value)?;
            } else {
                if named {
                    fail!(self, "Cannot use positional argument after named argument");
                }
                if unpacked {
                    fail!(self, "Cannot use positional argument after argument unpacking");
                }
                self.positional_arg(n as u16, list, &arg.value)?;
            }
        }
        Ok(())
    }

    fn positional_arg(&mut self, n: u16, list: bool, value: &Expr) -> R<()> {
        let value = strip(value);
        if let Some(var) = self.plain_local(value) {
            self.f.emit(if list { Op::ListVar { var } } else { Op::SendVar { n, var } });
            return Ok(());
        }
        if can_be_reference(value) {
            let by_value = self.f.label();
            let end = self.f.label();
            self.f.emit(if list {
                Op::JmpListByValue { target: by_value.0 }
            } else {
                Op::JmpArgByValue { n, target: by_value.0 }
            });
            let src = self.reference_arg(value)?;
            self.f.emit(if list { Op::ListRef { src } } else { Op::SendRef { n, src } });
            self.f.release(src);
            self.f.jmp(end);
            self.f.place(by_value);
            if has_append(value) {
                self.throw_error(b"Cannot use [] for reading");
            } else {
                let src = self.expr(value)?;
                self.f.emit(if list { Op::ListVal { src } } else { Op::SendVal { n, src } });
                self.f.release(src);
            }
            self.f.place(end);
            return Ok(());
        }
        if !list && let Some(value) = self.fold(value) {
            let k = self.f.constant(value);
            self.f.emit(Op::SendConst { n, k });
            return Ok(());
        }
        let call = is_call(value) && !is_convert(value);
        let src = self.expr(value)?;
        self.f.emit(match (list, call) {
            (true, true) => Op::ListResult { src },
            (true, false) => Op::ListVal { src },
            (false, true) => Op::SendResult { n, src },
            (false, false) => Op::SendVal { n, src },
        });
        self.f.release(src);
        Ok(())
    }

    /// A reference to an argument that is a variable of any kind.
    fn reference_arg(&mut self, value: &Expr) -> R<Slot> {
        let place = self.place_of(value, Access::Reference)?;
        Ok(self.reference_to(place))
    }

    /// Throws an `Error`.
    fn throw_error(&mut self, message: &[u8]) {
        let class = self.f.class_name_ref(b"Error");
        let src = self.nullary(None, |dst| Op::InitNew { dst, class, argc: 1 });
        let k = self.f.str(message);
        self.f.emit(Op::SendConst { n: 0, k });
        self.f.emit(Op::DoCall { dst: NO_SLOT });
        self.f.emit(Op::Throw { src });
        self.f.release(src);
    }

    fn named_arg(&mut self, name: &[u8], value: &Expr) -> R<()> {
        let value = strip(value);
        let name = self.f.str(name);
        if can_be_reference(value) {
            let by_value = self.f.label();
            let end = self.f.label();
            self.f.emit(Op::JmpNamedByValue { name, target: by_value.0 });
            let src = self.reference_arg(value)?;
            self.f.emit(Op::ListNamedRef { src, name });
            self.f.release(src);
            self.f.jmp(end);
            self.f.place(by_value);
            if has_append(value) {
                self.throw_error(b"Cannot use [] for reading");
            } else {
                let src = self.expr(value)?;
                self.f.emit(Op::ListNamed { src, name });
                self.f.release(src);
            }
            self.f.place(end);
            return Ok(());
        }
        let src = self.expr(value)?;
        self.f.emit(Op::ListNamed { src, name });
        self.f.release(src);
        Ok(())
    }

    /// `new Class(args)`
    pub(super) fn new_object(&mut self, class: &Expr, args: &Args, want: Want) -> R<Slot> {
        let line = self.f.line;
        let class = self.class_operand(class)?;
        self.construct(class, args, line, want)
    }

    /// `new class(args) { … }`
    pub(super) fn new_anonymous(&mut self, decl: &ClassDecl, args: &Args, want: Want) -> R<Slot> {
        let line = self.f.line;
        let class = self.anonymous_class(decl)?;
        self.f.line = line;
        let name = self.nullary(None, |dst| Op::DeclareAnonymous { dst, class });
        let class = self.f.class_ref(ClassRef::Dynamic(name));
        self.construct(class, args, line, want)
    }

    fn construct(&mut self, class: u16, args: &Args, line: u32, want: Want) -> R<Slot> {
        let Args::List(list) = args else {
            fail!(self, "Cannot create Closure for new expression");
        };
        let dst = self.dst(want);
        self.f.emit(Op::InitNew { dst, class, argc: list.len() as u16 });
        self.release_class(class);
        self.outside_chain(|c| c.send_args(list))?;
        self.f.line = line;
        self.f.emit(Op::DoCall { dst: NO_SLOT });
        Ok(dst)
    }
}

fn arg_count(args: &Args) -> u16 {
    match args {
        Args::List(list) => list.len() as u16,
        Args::FirstClass => 0,
    }
}

/// `f(...)`
fn is_convert(e: &Expr) -> bool {
    matches!(
        &e.kind,
        ExprKind::Call { args: Args::FirstClass, .. }
            | ExprKind::MethodCall { args: Args::FirstClass, .. }
            | ExprKind::StaticCall { args: Args::FirstClass, .. }
    )
}

/// Whether an argument is passed by reference if the parameter asks for it.
fn can_be_reference(e: &Expr) -> bool {
    if !is_variable(e) || has_nullsafe(e) || is_this(e) || super::fetch::is_globals(e) {
        return false;
    }
    let mut e = strip(e);
    loop {
        e = match &e.kind {
            ExprKind::Index { base, .. } => strip(base),
            ExprKind::Property { object, .. } => strip(object),
            ExprKind::Variable(_)
            | ExprKind::VariableVariable(_)
            | ExprKind::StaticProperty { .. } => return true,
            _ => return is_call(e),
        };
    }
}

/// Whether `[]` stands somewhere in a variable.
fn has_append(e: &Expr) -> bool {
    let mut e = strip(e);
    loop {
        e = match &e.kind {
            ExprKind::Index { index: None, .. } => return true,
            ExprKind::Index { base, .. } => strip(base),
            ExprKind::Property { object, .. } => strip(object),
            _ => return false,
        };
    }
}

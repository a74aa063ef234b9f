//! Property hooks.

use outlast_bytecode::{
    ClassDecl, HookDecl, Literal, Op, Param, PropertyDecl, TypeDecl, UnionType, class_flags as cf,
    function_flags as ff, member_flags as mf, type_bits,
};
use outlast_syntax::ast::{HookBody, PropertyHook, modifiers as m};

use crate::check::Target;
use crate::error::{R, cat, fail};
use crate::function::{CodeKind, ReturnKind};
use crate::functions::attribute_flags;
use crate::levels::E_DEPRECATED;
use crate::scope::Compiler;
use crate::walk::{expressions, uses_this_property};

/// Which hook it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    Get,
    Set,
}

impl Which {
    fn word(self) -> &'static str {
        match self {
            Which::Get => "get",
            Which::Set => "set",
        }
    }
}

impl Compiler<'_> {
    pub(super) fn hooks(
        &mut self,
        class: &ClassDecl,
        property: &mut PropertyDecl,
        hooks: &[PropertyHook],
    ) -> R<()> {
        if property.flags & mf::STATIC != 0 {
            fail!(self, "Cannot declare hooks for static property");
        }
        if hooks.is_empty() {
            fail!(self, "Property hook list must not be empty");
        }
        let in_interface = class.flags & cf::INTERFACE != 0;
        if in_interface {
            property.flags |= mf::ABSTRACT;
        }
        let mut backed = false;
        let mut any_abstract = false;
        for hook in hooks {
            self.f.line = hook.span.line;
            self.check_hook(class, property, hook)?;
            let which = match &hook.name.text.to_ascii_lowercase()[..] {
                b"get" => Which::Get,
                b"set" => Which::Set,
                _ => fail!(
                    self,
                    "Unknown hook \"",
                    hook.name.text,
                    "\" for property ",
                    class.name,
                    "::$",
                    property.name,
                    ", expected \"get\" or \"set\""
                ),
            };
            let taken = match which {
                Which::Get => property.get.is_some(),
                Which::Set => property.set.is_some(),
            };
            if taken {
                fail!(self, "Cannot redeclare property hook \"", which.word(), "\"");
            }
            self.check_hook_params(class, property, hook, which)?;
            let is_abstract = matches!(hook.body, HookBody::Abstract);
            any_abstract |= is_abstract;
            backed |= hook_uses_property(hook, which, &property.name);
            self.check_set_type(class, property, hook)?;
            let decl = self.hook(property, hook, which)?;
            match which {
                Which::Get => property.get = Some(decl),
                Which::Set => property.set = Some(decl),
            }
        }
        let get_by_ref = hooks.iter().any(|h| h.by_ref && h.name.text.eq_ignore_ascii_case(b"get"));
        if backed && get_by_ref && property.set.is_some() {
            fail!(
                self,
                "Get hook of backed property ",
                class.name,
                "::",
                property.name,
                " with set hook may not return by reference"
            );
        }
        if property.flags & mf::ABSTRACT != 0 && !any_abstract {
            fail!(
                self,
                "Abstract property ",
                class.name,
                "::$",
                property.name,
                " must specify at least one abstract hook"
            );
        }
        if !backed && (property.flags & mf::ABSTRACT != 0 || property.flags & mf::PROMOTED == 0) {
            self.virtual_property(class, property)?;
        }
        Ok(())
    }

    /// The parameter of `set` must take at least what the property's type allows.
    fn check_set_type(
        &mut self,
        class: &ClassDecl,
        property: &PropertyDecl,
        hook: &PropertyHook,
    ) -> R<()> {
        let Some([param]) = hook.params.as_deref() else { return Ok(()) };
        let wrong = match (&property.ty, &param.ty) {
            (Some(_), None) => true,
            (None, None) => false,
            (None, Some(ty)) => {
                !matches!(self.type_decl(ty)?, TypeDecl::Union(u) if u.bits & type_bits::MIXED != 0)
            }
            (Some(TypeDecl::Union(own)), Some(ty)) => match self.type_decl(ty)? {
                TypeDecl::Union(wide)
                    if wide.classes.is_empty()
                        && wide.intersections.is_empty()
                        && wide.bits & (type_bits::MIXED | type_bits::OBJECT) == 0 =>
                {
                    own.bits & !wide.bits != 0 || !own.classes.is_empty()
                }
                _ => false,
            },
            (Some(TypeDecl::Intersection(_)), Some(_)) => false,
        };
        if wrong {
            fail!(
                self,
                "Type of parameter $",
                param.name.text,
                " of hook ",
                class.name,
                "::$",
                property.name,
                "::set must be compatible with property type"
            );
        }
        Ok(())
    }

    fn virtual_property(&self, class: &ClassDecl, property: &mut PropertyDecl) -> R<()> {
        property.flags |= mf::VIRTUAL;
        // With a parent the storage may be inherited: decided when the class is linked.
        let concrete = property.flags & mf::ABSTRACT == 0;
        if concrete && property.default.is_some() && class.parent.is_none() {
            fail!(
                self,
                "Cannot specify default value for virtual hooked property ",
                class.name,
                "::$",
                property.name
            );
        }
        if property.flags & (mf::PUBLIC_SET | mf::PROTECTED_SET | mf::PRIVATE_SET) != 0 {
            if property.set.is_none() {
                fail!(
                    self,
                    "Read-only virtual property ",
                    class.name,
                    "::$",
                    property.name,
                    " must not specify asymmetric visibility"
                );
            }
            if property.get.is_none() {
                fail!(
                    self,
                    "Write-only virtual property ",
                    class.name,
                    "::$",
                    property.name,
                    " must not specify asymmetric visibility"
                );
            }
        }
        Ok(())
    }

    fn check_hook(&self, class: &ClassDecl, property: &PropertyDecl, hook: &PropertyHook) -> R<()> {
        for (bit, word) in [
            (m::PUBLIC, "public"),
            (m::PROTECTED, "protected"),
            (m::PRIVATE, "private"),
            (m::STATIC, "static"),
            (m::ABSTRACT, "abstract"),
            (m::READONLY, "readonly"),
        ] {
            if hook.modifiers & bit != 0 {
                fail!(self, "Cannot use the ", word, " modifier on a property hook");
            }
        }
        let has_body = !matches!(hook.body, HookBody::Abstract);
        let in_interface = class.flags & cf::INTERFACE != 0;
        if hook.modifiers & m::FINAL != 0 {
            if property.flags & mf::PRIVATE != 0 {
                fail!(self, "Property hook cannot be both final and private");
            }
            if !has_body {
                fail!(self, "Property hook cannot be both abstract and final");
            }
        }
        if has_body && in_interface {
            fail!(self, "Abstract property hook cannot have body");
        }
        if !has_body && property.flags & mf::ABSTRACT == 0 {
            fail!(self, "Non-abstract property hook must have a body");
        }
        if !has_body && property.flags & mf::PRIVATE != 0 {
            fail!(self, "Property hook cannot be both abstract and private");
        }
        Ok(())
    }

    fn check_hook_params(
        &self,
        class: &ClassDecl,
        property: &PropertyDecl,
        hook: &PropertyHook,
        which: Which,
    ) -> R<()> {
        let Some(params) = &hook.params else { return Ok(()) };
        if which == Which::Get {
            fail!(
                self,
                "get hook of property ",
                class.name,
                "::$",
                property.name,
                " must not have a parameter list"
            );
        }
        let [param] = &params[..] else {
            fail!(
                self,
                "set hook of property ",
                class.name,
                "::$",
                property.name,
                " must accept exactly one parameters"
            );
        };
        let wrong = if param.by_ref {
            "must not be pass-by-reference"
        } else if param.variadic {
            "must not be variadic"
        } else if param.default.is_some() {
            "must not have a default value"
        } else {
            return Ok(());
        };
        fail!(
            self,
            "Parameter $",
            param.name.text,
            " of set hook ",
            class.name,
            "::$",
            property.name,
            " ",
            wrong
        )
    }

    fn hook(&mut self, property: &PropertyDecl, hook: &PropertyHook, which: Which) -> R<HookDecl> {
        let attributes = self.attributes(&hook.attributes, Target::Method)?;
        let param_type = match hook.params.as_deref() {
            Some([param]) => match &param.ty {
                Some(ty) => Some(self.param_type(ty, param)?),
                None => None,
            },
            _ => None,
        };
        let func = if matches!(hook.body, HookBody::Abstract) {
            None
        } else {
            Some(self.hook_function(property, hook, which, param_type.clone())?)
        };
        if let Some(function) = func.and_then(|func| self.functions[func as usize].as_mut()) {
            function.flags |= attribute_flags(&attributes);
            function.attributes.clone_from(&attributes);
        }
        let mut flags = property.flags & (mf::PUBLIC | mf::PROTECTED | mf::PRIVATE);
        if hook.modifiers & m::FINAL != 0 {
            flags |= mf::FINAL;
        }
        if func.is_none() {
            flags |= mf::ABSTRACT;
        }
        Ok(HookDecl {
            func,
            flags,
            by_ref: hook.by_ref,
            param_type,
            attributes,
            doc: hook.doc.as_ref().map(|d| d.to_box()),
        })
    }

    fn hook_function(
        &mut self,
        property: &PropertyDecl,
        hook: &PropertyHook,
        which: Which,
        param_type: Option<TypeDecl>,
    ) -> R<u32> {
        let index = self.reserve_function();
        let name = cat!("$", property.name, "::", which.word());
        let old_name = std::mem::replace(&mut self.function_name, name.clone());
        let old_property = std::mem::replace(&mut self.property, property.name.to_vec());
        let outer = self.enter_function(CodeKind::Hook, hook.span.line);
        let result = self.hook_body(property, hook, which, param_type);
        self.leave_function(outer, name.into(), index);
        self.function_name = old_name;
        self.property = old_property;
        result.map(|()| index)
    }

    fn hook_body(
        &mut self,
        property: &PropertyDecl,
        hook: &PropertyHook,
        which: Which,
        param_type: Option<TypeDecl>,
    ) -> R<()> {
        self.f.out.flags |= ff::HOOK | ff::USES_THIS | self.strict_flag();
        self.f.out.modifiers = property.flags & (mf::PUBLIC | mf::PROTECTED | mf::PRIVATE);
        self.f.out.end_line = hook.end_line;
        if hook.by_ref {
            self.f.out.flags |= ff::RETURNS_REF;
        }
        match which {
            Which::Get => {
                self.f.out.return_type = property.ty.clone();
                if hook.is_generator {
                    self.f.out.flags |= ff::GENERATOR;
                } else if property.ty.is_some() {
                    self.f.return_kind = ReturnKind::Typed;
                }
            }
            Which::Set => {
                if hook.by_ref {
                    let message = cat!(
                        self.class.as_ref().map_or(&b""[..], |c| &c.name),
                        "::",
                        self.function_name,
                        "(): Returning by reference from a void function is deprecated"
                    );
                    self.diagnose(E_DEPRECATED, message);
                }
                let (name, attributes) = match hook.params.as_deref() {
                    Some([param]) => (
                        param.name.text.to_box(),
                        self.attributes(&param.attributes, Target::Parameter)?,
                    ),
                    _ => ((*b"value").into(), Vec::new()),
                };
                self.f.local(&name);
                let ty = match &hook.params {
                    Some(_) => param_type,
                    None => property.ty.clone(),
                };
                if let Some(ty) = &ty {
                    let cache = self.f.type_cache(ty);
                    self.f.emit(Op::CheckParam { n: 0, tags: ty.tags(), cache });
                }
                self.f.out.params.push(Param {
                    name,
                    ty,
                    by_ref: false,
                    variadic: false,
                    default: None,
                    promoted: 0,
                    attributes,
                });
                self.f.out.required = 1;
                self.f.out.return_type = Some(TypeDecl::Union(UnionType {
                    bits: type_bits::VOID,
                    ..UnionType::default()
                }));
                self.f.return_kind = ReturnKind::Void;
            }
        }
        match &hook.body {
            HookBody::Abstract => {}
            HookBody::Block(body) => {
                self.collect_labels(body)?;
                self.stmts(body)?;
                self.f.line = hook.end_line;
                self.implicit_return();
            }
            HookBody::Expr(e) if which == Which::Get => self.return_value(e)?,
            HookBody::Expr(e) => {
                let val = self.expr(e)?;
                let name = self.f.str(&property.name);
                let cache = self.f.cache();
                self.f.emit(Op::AssignThisProp { val, cache, name });
                self.f.release(val);
                let k = self.f.constant(Literal::Null);
                self.f.emit(Op::ReturnConst { k });
            }
        }
        Ok(())
    }
}

/// Whether a hook needs the property's own storage.
fn hook_uses_property(hook: &PropertyHook, which: Which, name: &[u8]) -> bool {
    match &hook.body {
        HookBody::Abstract => false,
        // `set => expr` assigns.
        HookBody::Expr(e) => which == Which::Set || uses_this_property(e, name),
        HookBody::Block(body) => {
            let mut found = false;
            expressions(body, &mut |e| found = found || uses_this_property(e, name));
            found
        }
    }
}

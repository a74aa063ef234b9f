//! The TypeErrors of declared types.

use super::{Resolve, type_to_string, type_to_string_in, value_type_name};
use crate::class::{ClassRef, PropInfo, StaticProp};
use crate::cx::NO_FRAME;
use crate::function::{Func, FuncKind, FuncRef};
use crate::{Cx, Unwind};
use outlast_bytecode::TypeDecl;
use outlast_value::{PhpString, Value};

/// The declared type of parameter `n` (from 0) of any function.
pub(crate) fn param_type(func: &Func, n: usize) -> Option<TypeDecl> {
    match &func.kind {
        FuncKind::User(u) => {
            let params = &u.decl().params;
            params.get(n).or(params.last().filter(|p| p.variadic))?.ty.clone()
        }
        FuncKind::Native(f, _) => {
            f.params.get(n).or(f.params.last().filter(|p| p.variadic))?.ty.to_decl()
        }
    }
}

impl Cx {
    /// TypeError: argument `n` (from 0) of the running user function is of a wrong type. Names the
    /// place of the call if PHP code made it.
    pub fn param_type_error(&mut self, func: &FuncRef, n: usize, value: &Value) -> Unwind {
        let ty = param_type(func, n).map_or_else(
            || "mixed".to_owned(),
            |t| type_to_string_in(&t, Resolve { scope: func.scope(), called: None }),
        );
        let mut message = format!("{}(): Argument #{}", func.display_name(), n + 1);
        if let Some(u) = func.user()
            && let Some(p) = u.decl().params.get(n)
            && !p.variadic
        {
            message.push_str(&format!(" (${})", String::from_utf8_lossy(&p.name)));
        }
        message.push_str(&format!(" must be of type {ty}, {} given", value_type_name(value)));
        if let Some((file, line)) = self.call_site() {
            message.push_str(&format!(", called in {file} on line {line}"));
        }
        self.throw_type_error(message)
    }

    /// Where the running frame was called, if from PHP code.
    fn call_site(&self) -> Option<(PhpString, u32)> {
        if self.current == NO_FRAME {
            return None;
        }
        if let Some(site) = self.frame().extra.as_ref().and_then(|e| e.site.as_ref()) {
            return Some((site.file.clone(), site.line));
        }
        let c = self.calling_frame(self.current as usize)?;
        c.func.user().map(|u| (u.unit.file.clone(), c.line()))
    }

    /// TypeError: the running function returns a wrong type; `None`: nothing was returned.
    pub fn return_type_error(&mut self, func: &FuncRef, value: Option<&Value>) -> Unwind {
        let ty = match &func.kind {
            FuncKind::User(u) => u.decl().return_type.clone(),
            FuncKind::Native(n, _) => n.ret.to_decl(),
        };
        let resolve = Resolve { scope: func.scope(), called: self.static_scope() };
        let ty = ty.map_or_else(|| "mixed".to_owned(), |t| type_to_string_in(&t, resolve));
        let given = value.map_or_else(|| "none".to_owned(), value_type_name);
        self.throw_type_error(format!(
            "{}(): Return value must be of type {ty}, {given} returned",
            func.display_name()
        ))
    }

    /// TypeError: a value does not fit a typed property.
    pub fn prop_type_error(
        &mut self,
        class: ClassRef,
        name: &PhpString,
        ty: &TypeDecl,
        value: &Value,
    ) -> Unwind {
        self.throw_type_error(format!(
            "Cannot assign {} to property {}::${name} of type {}",
            value_type_name(value),
            class.display_name(),
            type_to_string(ty)
        ))
    }

    /// The same, for a declared property.
    pub(crate) fn prop_info_type_error(&mut self, info: &PropInfo, value: &Value) -> Unwind {
        let ty = info.ty.clone().expect("a typed property");
        self.prop_type_error(info.class.get(), &info.name, &ty, value)
    }

    /// The same, for a static property.
    pub(crate) fn static_prop_type_error(&mut self, prop: &StaticProp, value: &Value) -> Unwind {
        let ty = prop.ty.clone().expect("a typed property");
        self.prop_type_error(prop.class.get(), &prop.name, &ty, value)
    }
}

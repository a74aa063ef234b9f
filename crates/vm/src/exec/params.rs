//! Type checks of parameters and return values.

use crate::class::ObjectClass;
use crate::function::CacheEntry;
use crate::{Cx, Ret};
use outlast_bytecode::{Cache, Slot, function_flags};
use outlast_value::Value;

impl Cx {
    /// Op `CheckParam`: coerces parameter `n` to its type.
    #[cold]
    #[inline(never)]
    pub(crate) fn check_param(&mut self, base: *mut Value, n: u16, cache: Cache) -> Ret<()> {
        let func = self.frame().func.clone();
        let decl = func.user().expect("PHP code runs").decl();
        let param = &decl.params[n as usize];
        let Some(ty) = &param.ty else { return Ok(()) };
        let strict = self.caller_strict();
        if param.variadic {
            return self.check_variadic(base, n, ty, strict);
        }
        // SAFETY: parameters are locals of the frame.
        let p = unsafe { &mut *base.add(n as usize) };
        let mut v = p.deref();
        if self.value_fits(ty, &v) {
            return Ok(());
        }
        let scope = func.scope();
        if !self.check_type(ty, &mut v, strict, scope)? {
            return Err(self.param_type_error(&func, n as usize, &v));
        }
        self.remember_class(cache, &v);
        // SAFETY: as above.
        let p = unsafe { &mut *base.add(n as usize) };
        match p {
            Value::Ref(r) => r.set(v),
            p => *p = v,
        }
        Ok(())
    }

    /// Objects of this class are of the type that the cache belongs to.
    fn remember_class(&mut self, cache: Cache, v: &Value) {
        if let (Value::Object(o), Some(entry)) = (v, self.cache_entry(cache)) {
            *entry = CacheEntry::Class(o.class());
        }
    }

    fn check_variadic(
        &mut self,
        base: *mut Value,
        n: u16,
        ty: &outlast_bytecode::TypeDecl,
        strict: bool,
    ) -> Ret<()> {
        let func = self.frame().func.clone();
        // SAFETY: parameters are locals of the frame.
        let Value::Array(list) = (unsafe { (*base.add(n as usize)).clone() }) else {
            return Ok(());
        };
        let mut checked = list.clone();
        for (i, (k, v)) in list.iter().enumerate() {
            let mut v = v.deref();
            if self.value_fits(ty, &v) {
                continue;
            }
            if !self.check_type(ty, &mut v, strict, func.scope())? {
                return Err(self.param_type_error(&func, n as usize + i, &v));
            }
            checked.insert(k, v);
        }
        // SAFETY: as above.
        unsafe { *base.add(n as usize) = Value::Array(checked) };
        Ok(())
    }

    /// Is the caller of the running frame in strict mode? Native callers are not.
    fn caller_strict(&self) -> bool {
        if let Some(site) = self.frame().extra.as_ref().and_then(|e| e.site.as_ref()) {
            return site.strict;
        }
        self.calling_frame(self.current as usize)
            .and_then(|c| c.func.user())
            .is_some_and(|u| u.code.flags & function_flags::STRICT_TYPES != 0)
    }

    /// The common case at a glance: a plain builtin type that the value has.
    #[inline]
    fn value_fits(&self, ty: &outlast_bytecode::TypeDecl, v: &Value) -> bool {
        use outlast_bytecode::type_bits as t;
        let outlast_bytecode::TypeDecl::Union(u) = ty else { return false };
        let bit = match v {
            Value::Null | Value::Undef => t::NULL,
            Value::Bool(false) => t::FALSE,
            Value::Bool(true) => t::TRUE,
            Value::Int(_) => t::INT,
            Value::Float(_) => t::FLOAT,
            Value::Str(_) => t::STRING,
            Value::Array(_) => t::ARRAY,
            Value::Object(_) => t::OBJECT,
            _ => 0,
        };
        u.bits & (bit | t::MIXED) != 0
    }

    /// Op `CheckReturn`.
    #[cold]
    #[inline(never)]
    pub(crate) fn check_return(&mut self, base: *mut Value, src: Slot, cache: Cache) -> Ret<()> {
        let func = self.frame().func.clone();
        let u = func.user().expect("PHP code runs");
        let decl = u.decl();
        let Some(ty) = &decl.return_type else { return Ok(()) };
        // SAFETY: operands lie within the frame.
        let p = unsafe { &mut *base.add(src as usize) };
        let mut v = p.deref().or_null();
        if self.value_fits(ty, &v) {
            return Ok(());
        }
        let strict = u.code.flags & function_flags::STRICT_TYPES != 0;
        if !self.check_type(ty, &mut v, strict, func.scope())? {
            return Err(self.return_type_error(&func, Some(&v)));
        }
        self.remember_class(cache, &v);
        // SAFETY: as above.
        let p = unsafe { &mut *base.add(src as usize) };
        match p {
            Value::Ref(r) => r.set(v),
            p => *p = v,
        }
        Ok(())
    }
}

//! Property hooks.

use crate::class::{ObjectClass, PropInfo};
use crate::cx::NO_FRAME;
use crate::function::FuncRef;
use crate::{Cx, Ret, lazy};
use outlast_bytecode::function_flags;
use outlast_value::{Object, Value};

impl Cx {
    /// Is the running code a hook of this very property of this object? Then it means the backing
    /// value.
    pub(crate) fn in_own_hook(&self, object: &Object, info: &PropInfo) -> bool {
        if self.current == NO_FRAME {
            return false;
        }
        let f = self.frame();
        f.func.user().is_some_and(|u| u.decl().flags & function_flags::HOOK != 0)
            && f.this.as_ref().is_some_and(|t| {
                t.ptr_eq(object) || lazy::is_proxy(t) && lazy::backing(t).ptr_eq(object)
            })
            && hooked_name(f.func.name.as_bytes()) == Some(info.name.as_bytes())
    }

    fn call_hook(&mut self, hook: &FuncRef, object: &Object, args: Vec<Value>) -> Ret<Value> {
        self.call_func(hook, Some(object.clone()), Some(object.class()), args)
    }

    /// Reads a hooked property; `None`: read the slot. A hook that returns by reference gives the
    /// reference.
    pub(crate) fn read_hooked(&mut self, object: &Object, info: &PropInfo) -> Ret<Option<Value>> {
        let own = self.in_own_hook(object, info);
        match &info.get {
            Some(hook) if !own => self.call_hook(hook, object, Vec::new()).map(Some),
            None if info.is_virtual()
                && let Some(read) = object.class().handlers.read_property =>
            {
                Ok(Some(read(self, object, &info.name)?.unwrap_or(Value::Null)))
            }
            None if info.is_virtual() => Err(self.throw_error(format!(
                "Property {}::${} is write-only",
                object.class().display_name(),
                info.name
            ))),
            Some(_) if info.is_virtual() => Err(self.throw_error(format!(
                "Must not read from virtual property {}::${}",
                object.class().display_name(),
                info.name
            ))),
            _ => Ok(None),
        }
    }

    /// Writes a hooked property; false: write the slot.
    pub(crate) fn write_hooked(
        &mut self,
        object: &Object,
        info: &PropInfo,
        value: &Value,
    ) -> Ret<bool> {
        let own = self.in_own_hook(object, info);
        match &info.set {
            Some(hook) if !own => {
                let scope = self.access_scope();
                if !info.may_set(scope) {
                    return Err(self.set_visibility_error(info, "modify", scope));
                }
                self.call_hook(hook, object, vec![value.clone()])?;
                Ok(true)
            }
            None if info.is_virtual()
                && let Some(write) = object.class().handlers.write_property
                && write(self, object, &info.name, value)? =>
            {
                Ok(true)
            }
            None if info.is_virtual() => Err(self.throw_error(format!(
                "Property {}::${} is read-only",
                object.class().display_name(),
                info.name
            ))),
            Some(_) if info.is_virtual() => Err(self.throw_error(format!(
                "Must not write to virtual property {}::${}",
                object.class().display_name(),
                info.name
            ))),
            _ => Ok(false),
        }
    }
}

/// The property a hook called `$x::get` belongs to.
fn hooked_name(name: &[u8]) -> Option<&[u8]> {
    let name = name.strip_prefix(b"$")?;
    name.strip_suffix(b"::get").or_else(|| name.strip_suffix(b"::set"))
}

#[cfg(test)]
mod tests {
    use super::hooked_name;

    #[test]
    fn finds_the_property_of_a_hook() {
        assert_eq!(hooked_name(b"$x::get"), Some(b"x".as_slice()));
        assert_eq!(hooked_name(b"$long::set"), Some(b"long".as_slice()));
        assert_eq!(hooked_name(b"f"), None);
    }
}

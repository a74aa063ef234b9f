//! Making and copying objects.

use crate::class::{ClassRef, Lazy, ObjectClass};
use crate::function::FuncRef;
use crate::props::{UNSET_PROPS, protected_access, scope_name, visibility_name};
use crate::types::reference::prop_source;
use crate::{Cx, Ret, lazy};
use outlast_bytecode::{class_flags, member_flags};
use outlast_value::{KeyRef, Object, PhpArray, Value};

impl Cx {
    /// A new object with its default values; no constructor runs.
    pub fn instantiate(&mut self, class: ClassRef) -> Ret<Object> {
        const NOT_A_CLASS: u32 = class_flags::ABSTRACT
            | class_flags::IMPLICIT_ABSTRACT
            | class_flags::INTERFACE
            | class_flags::TRAIT
            | class_flags::ENUM;
        if class.flags & NOT_A_CLASS != 0 {
            let kind = match class.kind_name() {
                "class" => "abstract class",
                kind => kind,
            };
            return Err(
                self.throw_error(format!("Cannot instantiate {kind} {}", class.display_name()))
            );
        }
        if !class.slots_ready.get() {
            self.prepare_class(class)?;
        }
        let object = Object::with_flags(class.ptr(), class.slot_props.len(), object_flags(class));
        for (i, lazy) in class.slots.borrow().iter().enumerate() {
            if let Lazy::Value(v) = lazy
                && !v.is_undef()
            {
                object.set_slot(i, v.clone());
            }
        }
        if let Some(create) = class.handlers.create {
            create(self, &object)?;
        }
        Ok(object)
    }

    /// Evaluates constants and the default values of instance properties, once.
    pub fn prepare_class(&mut self, class: ClassRef) -> Ret<()> {
        let constants: Vec<_> = class
            .constants
            .values()
            .filter(|c| matches!(&*c.value.borrow(), Lazy::Code(_)) && !c.is_case())
            .cloned()
            .collect();
        for c in constants {
            self.constant_value(&c)?;
        }
        let count = class.slots.borrow().len();
        for i in 0..count {
            let code = match &class.slots.borrow()[i] {
                Lazy::Code(f) => f.clone(),
                _ => continue,
            };
            let info = class.slot_props[i].clone();
            let declaring = info.class.get();
            let mut v = self.call_func(&code, None, Some(declaring), Vec::new())?.into_deref();
            if let Some(ty) = &info.ty {
                let given = v.clone();
                if !self.check_type(ty, &mut v, true, Some(declaring))? {
                    return Err(self.prop_info_type_error(&info, &given));
                }
            }
            class.slots.borrow_mut()[i] = Lazy::Value(v);
        }
        class.slots_ready.set(true);
        Ok(())
    }

    /// `new Class(...args)` from the running code.
    pub fn new_object(&mut self, class: ClassRef, args: Vec<Value>) -> Ret<Object> {
        let object = self.instantiate(class)?;
        let Some(constructor) = class.magic.construct.clone() else { return Ok(object) };
        if constructor.modifiers & (member_flags::PRIVATE | member_flags::PROTECTED) != 0 {
            let scope = self.access_scope();
            self.check_magic_access(class, &constructor, scope)?;
        }
        if let Err(u) = self.call_func(&constructor, Some(object.clone()), Some(class), args) {
            // What was not constructed is not destructed.
            object.set_flag(Object::DESTRUCTOR_CALLED);
            return Err(u);
        }
        Ok(object)
    }

    /// Error "Call to private A::__construct() from global scope" unless `scope` may call it.
    pub(crate) fn check_magic_access(
        &mut self,
        class: ClassRef,
        method: &FuncRef,
        scope: Option<ClassRef>,
    ) -> Ret<()> {
        let declaring = method.scope().unwrap_or(class);
        let allowed = if method.is_private() {
            scope == Some(declaring)
        } else if method.modifiers & member_flags::PROTECTED != 0 {
            protected_access(method.prototype.borrow().unwrap_or(declaring), scope)
        } else {
            true
        };
        if allowed {
            return Ok(());
        }
        Err(self.throw_error(format!(
            "Call to {} {}::{}() from {}",
            visibility_name(method.modifiers),
            class.display_name(),
            method.name,
            scope_name(scope)
        )))
    }

    /// `clone $object`
    pub fn clone_object(&mut self, object: &Object) -> Ret<Object> {
        let class = object.class();
        if class.is_enum() || class.handlers.uncloneable {
            return Err(self.throw_error(format!(
                "Trying to clone an uncloneable object of class {}",
                class.display_name()
            )));
        }
        if let Some(m) = &class.magic.clone
            && m.modifiers & (member_flags::PRIVATE | member_flags::PROTECTED) != 0
        {
            let scope = self.access_scope();
            self.check_magic_access(class, m, scope)?;
        }
        if lazy::is_lazy(object) {
            return self.clone_lazy(object, Cx::copy_object);
        }
        self.copy_object(object)
    }

    /// A copy, after `__clone`.
    fn copy_object(&mut self, object: &Object) -> Ret<Object> {
        let class = object.class();
        let method = class.magic.clone.clone();
        let copy = Object::with_flags(
            class.ptr(),
            object.slot_count(),
            object_flags(class) | object.flags() & UNSET_PROPS,
        );
        for i in 0..object.slot_count() {
            let v = match object.slot(i) {
                // One handle is the object's, one is ours: nobody else shares the reference.
                Value::Ref(r) if r.count() <= 2 => r.get(),
                Value::Ref(r) => {
                    if let Some(info) = class.slot_props.get(i)
                        && info.ty.is_some()
                    {
                        r.set_typed_source(prop_source(info));
                        copy.clear_flag(Object::SKIP_FREE_HOOK);
                    }
                    Value::Ref(r)
                }
                v => v,
            };
            copy.set_slot(i, v);
        }
        if let Some(table) = object.dynamic() {
            copy.set_dynamic(Some(copy_table(&table)));
        }
        if let Some(clone) = class.handlers.clone {
            clone(self, &copy, object)?;
        }
        if let Some(m) = method {
            let readonly: Vec<u32> = class
                .slot_props
                .iter()
                .filter(|p| p.is_readonly())
                .map(|p| p.slot)
                .filter(|s| !copy.slot(*s as usize).is_undef())
                .collect();
            let guarded = !readonly.is_empty();
            if guarded {
                self.begin_clone(&copy, readonly);
            }
            let result = self.call_func(&m, Some(copy.clone()), Some(class), Vec::new());
            if guarded {
                self.end_clone(&copy);
            }
            result?;
        }
        Ok(copy)
    }
}

/// Objects without destructor or native end skip those hooks.
fn object_flags(class: ClassRef) -> u32 {
    let mut flags = 0;
    if class.magic.destruct.is_none() {
        flags |= Object::DESTRUCTOR_CALLED;
    }
    if class.handlers.free.is_none() {
        flags |= Object::SKIP_FREE_HOOK;
    }
    flags
}

/// A copy of a dynamic table in which references nobody else holds are dissolved.
fn copy_table(table: &PhpArray) -> PhpArray {
    let lonely = table.iter_refs().any(|(_, v)| matches!(v, Value::Ref(r) if r.count() == 1));
    if !lonely {
        return table.clone();
    }
    let mut out = PhpArray::with_capacity(table.len());
    for (k, v) in table.iter_refs() {
        let v = match v {
            Value::Ref(r) if r.count() == 1 => r.get(),
            v => v.clone(),
        };
        match k {
            KeyRef::Int(i) => drop(out.insert_int(i, v)),
            KeyRef::Str(s) => drop(out.insert_str(s.clone(), v)),
        }
    }
    out
}

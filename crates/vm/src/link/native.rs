//! Native classes: built from their tables when first used.

use super::draft::{Draft, storage, visible};
use super::members::implied_flags;
use crate::Cx;
use crate::class::{ClassConst, ClassRef, Lazy, PropInfo, StaticProp, shared_attributes};
use crate::function::{Func, FuncKind};
use crate::native::{NativeClass, NativeValue};
use crate::types::lower;
use outlast_bytecode::{Attribute, class_flags, member_flags};
use outlast_value::{PhpString, Value};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Does nothing of a class belong to one script? Cases of enums are objects, static properties are written to.
fn is_the_same_for_all(native: &NativeClass) -> bool {
    let made = |value: &NativeValue| matches!(value, NativeValue::Make(_));
    native.flags & class_flags::ENUM == 0
        && !native.constants.iter().any(|c| made(&c.value))
        && !native.properties.iter().any(|p| {
            p.modifiers & member_flags::STATIC != 0 || p.default.as_ref().is_some_and(made)
        })
}

impl Cx {
    /// Builds a native class, or takes the one of an earlier script, and enters it into the class table, its
    /// parents first.
    pub fn build_native_class(
        &mut self,
        native: &'static NativeClass,
        extension: &'static str,
    ) -> ClassRef {
        let parent = native.parent.and_then(|p| self.class(p.as_bytes()));
        let interfaces: Vec<ClassRef> =
            native.interfaces.iter().filter_map(|i| self.class(i.as_bytes())).collect();
        // Building those may have needed this one.
        let key = lower(native.name.as_bytes());
        if let Some(c) = self.classes.get(&key) {
            return *c;
        }
        let registry = self.registry.clone();
        if let Some(class) = registry.shared.get(&key) {
            self.classes.insert(key, class);
            return class;
        }
        let shared = is_the_same_for_all(native)
            && parent.iter().chain(&interfaces).all(|class| registry.shared.has(*class));
        let mut flags = native.flags;
        if flags & class_flags::ENUM != 0 {
            flags |= class_flags::FINAL;
        }
        let arena = if shared { &registry.shared.arena } else { &self.arena };
        let mut draft = Draft::new(arena, PhpString::from(native.name), flags);
        draft.file = PhpString::from("Unknown");
        draft.class.native = Some(native);
        draft.class.extension = Some(extension);
        draft.class.backing = native.backing;
        draft.class.own_interfaces =
            native.interfaces.iter().map(|i| PhpString::from(*i)).collect();
        draft.class.attributes = native
            .attributes
            .iter()
            .map(|a| Attribute { name: a.as_bytes().into(), args: Vec::new(), line: 0 })
            .collect();
        draft.class.allows_dynamic =
            native.attributes.iter().any(|a| a.eq_ignore_ascii_case("AllowDynamicProperties"));
        draft.class.forbids_dynamic = native.no_dynamic_properties
            || flags & (class_flags::ENUM | class_flags::READONLY) != 0;
        draft.class.not_serializable = native.not_serializable;
        self.add_native_members(&mut draft, native, extension);
        // The tables are consistent: the checks of inheritance find nothing to complain about.
        let linked = draft
            .set_parents(self, parent, &interfaces)
            .and_then(|()| {
                if let Some(h) = native.handlers {
                    draft.class.handlers = h;
                }
                match parent {
                    Some(p) => draft.inherit_parent(self, p),
                    None => {
                        draft.place_own_props();
                        Ok(())
                    }
                }
            })
            .and_then(|()| draft.implement_interfaces(self));
        debug_assert!(linked.is_ok(), "the native class {} does not link", native.name);
        let (class, ..) = draft.finish();
        if shared {
            registry.shared.insert(key.clone(), class);
        }
        self.classes.insert(key, class);
        class
    }

    fn add_native_members(
        &mut self,
        draft: &mut Draft,
        native: &'static NativeClass,
        extension: &'static str,
    ) {
        if native.flags & class_flags::ENUM != 0 {
            draft.add_enum_members();
            draft.add_enum_methods();
        }
        draft.class.constants.reserve(native.constants.len());
        draft.class.methods.reserve(native.methods.len());
        for c in native.constants {
            let mut flags = visible(c.modifiers);
            if c.is_case {
                flags |= member_flags::ENUM_CASE;
            }
            let value = self.native_value(&c.value);
            let name = PhpString::from(c.name);
            draft.class.constants.insert(
                name.clone(),
                Rc::new(ClassConst {
                    name,
                    flags,
                    ty: c.ty.to_decl().map(Rc::new),
                    value: RefCell::new(Lazy::Value(value)),
                    class: draft.cell.clone(),
                    doc: None,
                    attributes: shared_attributes(&[]),
                    deprecated: false,
                    reporting: Cell::new(false),
                }),
            );
        }
        for p in native.properties {
            let ty = p.ty.to_decl().map(Rc::new);
            let value = match &p.default {
                Some(v) => self.native_value(v),
                None if ty.is_some() => Value::Undef,
                None => Value::Null,
            };
            let flags = implied_flags(visible(p.modifiers));
            let name = PhpString::from(p.name);
            if flags & member_flags::STATIC != 0 {
                draft.add_static(StaticProp {
                    name,
                    flags,
                    ty,
                    class: draft.cell.clone(),
                    storage: storage(value),
                    initial: Rc::new(RefCell::new(None)),
                    doc: None,
                    attributes: shared_attributes(&[]),
                    has_default: p.default.is_some(),
                });
                continue;
            }
            let info = PropInfo {
                name,
                slot: u32::MAX,
                flags,
                ty,
                class: draft.cell.clone(),
                get: None,
                set: None,
                doc: None,
                attributes: shared_attributes(&[]),
                has_default: p.default.is_some(),
            };
            draft.own_props.push((info, Lazy::Value(value)));
        }
        for f in native.methods {
            let mut modifiers = visible(f.modifiers);
            if native.flags & class_flags::INTERFACE != 0 {
                modifiers |= member_flags::ABSTRACT;
            }
            draft.class.methods.insert(
                lower(f.name.as_bytes()),
                Rc::new(Func {
                    name: PhpString::from(f.name),
                    modifiers,
                    class: Some(draft.cell.clone()),
                    kind: FuncKind::Native(f, extension),
                    prototype: RefCell::new(None),
                    from_trait: None,
                }),
            );
        }
    }
}

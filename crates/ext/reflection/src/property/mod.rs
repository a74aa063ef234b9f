//! `ReflectionProperty` and `PropertyHookType`.

mod facts;
mod hooks;
mod lazy;
mod property_stub;
mod values;

pub(crate) use property_stub::MODULE;

use crate::support::{
    HANDLERS, Place, PropertyKind, PropertyOf, class_argument, evaluate, fail, fill, make, of,
};
use facts::*;
use hooks::*;
use lazy::*;
use outlast_bytecode::{Attribute, TypeDecl, member_flags as m};
use outlast_value::{Object, PhpString, Value};
use outlast_vm::{ClassRef, Cx, Ret};
use std::rc::Rc;
use values::*;

impl PropertyOf {
    /// Its flags; those of a dynamic one are public.
    pub fn flags(&self) -> u32 {
        match &self.kind {
            PropertyKind::Instance(p) => p.flags,
            PropertyKind::Static(p) => p.flags,
            PropertyKind::Dynamic => m::PUBLIC,
        }
    }
    /// The class that declares it.
    pub fn declaring(&self) -> ClassRef {
        match &self.kind {
            PropertyKind::Instance(p) => p.class.get(),
            PropertyKind::Static(p) => p.class.get(),
            PropertyKind::Dynamic => self.class,
        }
    }
    /// Its declared type.
    pub fn ty(&self) -> Option<Rc<TypeDecl>> {
        match &self.kind {
            PropertyKind::Instance(p) => p.ty.clone(),
            PropertyKind::Static(p) => p.ty.clone(),
            PropertyKind::Dynamic => None,
        }
    }
    /// Its doc comment.
    pub fn doc(&self) -> Option<PhpString> {
        match &self.kind {
            PropertyKind::Instance(p) => p.doc.clone(),
            PropertyKind::Static(p) => p.doc.clone(),
            PropertyKind::Dynamic => None,
        }
    }
    fn attributes(&self) -> Rc<[Attribute]> {
        match &self.kind {
            PropertyKind::Instance(p) => p.attributes.clone(),
            PropertyKind::Static(p) => p.attributes.clone(),
            PropertyKind::Dynamic => Rc::new([]),
        }
    }
    /// Its default value; `None` if it is uninitialized or has none.
    pub fn default(&self, cx: &mut Cx) -> Ret<Option<Value>> {
        match &self.kind {
            PropertyKind::Instance(p) if p.is_virtual() || p.flags & m::PROMOTED != 0 => Ok(None),
            PropertyKind::Instance(p) => crate::class::slot_default(cx, self.class, p.slot),
            PropertyKind::Static(p) => {
                let owner = p.class.get();
                if let Some(found) = declared_default(cx, owner, &p.name)? {
                    return Ok(found);
                }
                let value = cx.static_prop(owner, &p.name, Some(owner))?.get();
                Ok(Some(value).filter(|v| !v.is_undef()))
            }
            PropertyKind::Dynamic => Ok(None),
        }
    }
}

/// The default that a class of PHP code declares for a static property; the outer `None`: the
/// declaration is elsewhere (a trait), the inner: it has no default.
fn declared_default(cx: &mut Cx, class: ClassRef, name: &PhpString) -> Ret<Option<Option<Value>>> {
    let Some(unit) = class.unit.clone() else { return Ok(None) };
    let code = unit.unit.clone();
    let decl = code.classes.iter().find(|d| *d.name == *class.name.as_bytes());
    let property = decl.and_then(|d| d.properties.iter().find(|p| *p.name == *name.as_bytes()));
    let Some(property) = property else { return Ok(None) };
    match &property.default {
        Some(expr) => {
            let place = Place { unit: Some(unit), scope: Some(class) };
            evaluate(cx, &place, expr).map(|v| Some(Some(v)))
        }
        None => Ok(Some(property.ty.is_none().then_some(Value::Null))),
    }
}

/// A declared property that a class shows.
pub fn find_property(class: ClassRef, name: &PhpString) -> Option<PropertyOf> {
    if let Some(p) = class.props.get(name)
        && (p.flags & m::PRIVATE == 0 || p.class.get() == class)
    {
        let kind = PropertyKind::Instance(p.clone());
        return Some(PropertyOf { class, name: name.clone(), kind });
    }
    let p = class.static_props.get(name)?;
    if p.flags & m::PRIVATE != 0 && p.class.get() != class {
        return None;
    }
    let kind = PropertyKind::Static(Rc::new(p.clone()));
    Some(PropertyOf { class, name: name.clone(), kind })
}

fn public_properties(p: &PropertyOf) -> [(&'static str, Value); 2] {
    [("name", Value::Str(p.name.clone())), ("class", Value::Str(p.declaring().name.clone()))]
}

/// A `ReflectionProperty`.
pub fn make_property(cx: &mut Cx, p: PropertyOf) -> Ret<Object> {
    make(cx, "ReflectionProperty", &public_properties(&p), Box::new(p))
}

fn reflection_property_construct(
    cx: &mut Cx,
    this: &Object,
    class: &Value,
    property: &PhpString,
) -> Ret<()> {
    let owner = class_argument(cx, class)?;
    let found = match find_property(owner, property) {
        Some(p) => p,
        None => {
            let dynamic = matches!(class, Value::Object(o)
                if o.with_dynamic(|t| t.is_some_and(|t| t.get_string(property).is_some())));
            if !dynamic {
                return Err(fail(
                    cx,
                    format!("Property {}::${property} does not exist", owner.display_name()),
                ));
            }
            PropertyOf { class: owner, name: property.clone(), kind: PropertyKind::Dynamic }
        }
    };
    fill(this, &public_properties(&found), Box::new(found));
    Ok(())
}

fn get(cx: &mut Cx, this: &Object) -> Ret<PropertyOf> {
    of(cx, this)
}

//! What a class says about itself.

use crate::attribute::{attributes, target};
use crate::support::{
    ClassOf, Place, class_named, class_or_reflection, fail, fill, make_class, of, split_name,
    string_list,
};
use crate::text::class_text;
use outlast_bytecode::{class_flags as c, member_flags as m};
use outlast_value::{Key, Object, PhpArray, PhpString, Value};
use outlast_vm::{ClassRef, Cx, ObjectClass, OrFalse, Ret};

pub(super) fn class(cx: &mut Cx, this: &Object) -> Ret<ClassRef> {
    Ok(of::<ClassOf>(cx, this)?.class)
}

pub(super) fn reflection_class_construct(
    cx: &mut Cx,
    this: &Object,
    object_or_class: &Value,
) -> Ret<()> {
    let (class, object) = match object_or_class {
        Value::Object(o) => (o.class(), Some(o.clone())),
        v => {
            let name = cx.to_str(v)?;
            (class_named(cx, &name)?, None)
        }
    };
    fill(this, &[("name", Value::Str(class.name.clone()))], Box::new(ClassOf { class, object }));
    Ok(())
}

pub(super) fn reflection_object_construct(cx: &mut Cx, this: &Object, object: &Object) -> Ret<()> {
    reflection_class_construct(cx, this, &Value::Object(object.clone()))
}

pub(super) fn reflection_class_magic_to_string(cx: &mut Cx, this: &Object) -> Ret<Vec<u8>> {
    let of = of::<ClassOf>(cx, this)?;
    let is_object =
        cx.class(b"ReflectionObject").is_some_and(|c| this.class().is_subclass_of_or_same(c));
    class_text(cx, of.class, of.object.as_ref().filter(|_| is_object))
}

pub(super) fn reflection_class_get_name(cx: &mut Cx, this: &Object) -> Ret<PhpString> {
    Ok(class(cx, this)?.name.clone())
}

pub(super) fn reflection_class_is_internal(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(class(cx, this)?.native.is_some())
}

pub(super) fn reflection_class_is_user_defined(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(class(cx, this)?.native.is_none())
}

fn has(cx: &mut Cx, this: &Object, flags: u32) -> Ret<bool> {
    Ok(class(cx, this)?.flags & flags != 0)
}

pub(super) fn reflection_class_is_anonymous(cx: &mut Cx, this: &Object) -> Ret<bool> {
    has(cx, this, c::ANONYMOUS)
}

const NOT_A_CLASS: u32 = c::ABSTRACT | c::IMPLICIT_ABSTRACT | c::INTERFACE | c::TRAIT | c::ENUM;

pub(super) fn reflection_class_is_instantiable(cx: &mut Cx, this: &Object) -> Ret<bool> {
    let class = class(cx, this)?;
    Ok(class.flags & NOT_A_CLASS == 0
        && class
            .magic
            .construct
            .as_ref()
            .is_none_or(|f| f.modifiers & (m::PRIVATE | m::PROTECTED) == 0))
}

pub(super) fn reflection_class_is_cloneable(cx: &mut Cx, this: &Object) -> Ret<bool> {
    let class = class(cx, this)?;
    Ok(class.flags & NOT_A_CLASS == 0
        && !class.handlers.uncloneable
        && class
            .magic
            .clone
            .as_ref()
            .is_none_or(|f| f.modifiers & (m::PRIVATE | m::PROTECTED) == 0))
}

pub(super) fn reflection_class_get_file_name(
    cx: &mut Cx,
    this: &Object,
) -> Ret<OrFalse<PhpString>> {
    Ok(OrFalse(class(cx, this)?.unit.as_ref().map(|u| u.file.clone())))
}

pub(super) fn reflection_class_get_start_line(cx: &mut Cx, this: &Object) -> Ret<OrFalse<usize>> {
    let class = class(cx, this)?;
    Ok(OrFalse(class.unit.as_ref().map(|_| class.start_line as usize)))
}

pub(super) fn reflection_class_get_end_line(cx: &mut Cx, this: &Object) -> Ret<OrFalse<usize>> {
    let class = class(cx, this)?;
    Ok(OrFalse(class.unit.as_ref().map(|_| class.end_line as usize)))
}

pub(super) fn reflection_class_get_doc_comment(
    cx: &mut Cx,
    this: &Object,
) -> Ret<OrFalse<PhpString>> {
    Ok(OrFalse(class(cx, this)?.doc.clone()))
}

pub(super) fn reflection_class_is_interface(cx: &mut Cx, this: &Object) -> Ret<bool> {
    has(cx, this, c::INTERFACE)
}

pub(super) fn reflection_class_is_trait(cx: &mut Cx, this: &Object) -> Ret<bool> {
    has(cx, this, c::TRAIT)
}

pub(super) fn reflection_class_is_enum(cx: &mut Cx, this: &Object) -> Ret<bool> {
    has(cx, this, c::ENUM)
}

pub(super) fn reflection_class_is_abstract(cx: &mut Cx, this: &Object) -> Ret<bool> {
    let class = class(cx, this)?;
    Ok(class.is_abstract() || class.methods.values().any(|f| f.is_abstract()))
}

pub(super) fn reflection_class_is_final(cx: &mut Cx, this: &Object) -> Ret<bool> {
    has(cx, this, c::FINAL)
}

pub(super) fn reflection_class_is_read_only(cx: &mut Cx, this: &Object) -> Ret<bool> {
    has(cx, this, c::READONLY)
}

pub(super) fn reflection_class_get_modifiers(cx: &mut Cx, this: &Object) -> Ret<i64> {
    let class = class(cx, this)?;
    let mut bits = 0;
    for (flag, bit) in [(c::ABSTRACT, 64), (c::FINAL, 32), (c::READONLY, 65536)] {
        if class.flags & flag != 0 {
            bits |= bit;
        }
    }
    Ok(bits)
}

pub(super) fn reflection_class_is_instance(
    cx: &mut Cx,
    this: &Object,
    object: &Object,
) -> Ret<bool> {
    Ok(object.class().is_subclass_of_or_same(class(cx, this)?))
}

fn by_name(cx: &mut Cx, classes: &[ClassRef]) -> Ret<PhpArray> {
    let mut out = PhpArray::new();
    for c in classes {
        let object = make_class(cx, *c)?;
        out.insert(Key::Str(c.name.clone()), Value::Object(object));
    }
    Ok(out)
}

pub(super) fn reflection_class_get_interfaces(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    let class = class(cx, this)?;
    by_name(cx, &class.interfaces)
}

pub(super) fn reflection_class_get_interface_names(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    Ok(string_list(class(cx, this)?.interfaces.iter().map(|i| &i.name)))
}

pub(super) fn reflection_class_get_traits(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    let class = class(cx, this)?;
    by_name(cx, &class.traits)
}

pub(super) fn reflection_class_get_trait_names(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    Ok(string_list(class(cx, this)?.traits.iter().map(|t| &t.name)))
}

pub(super) fn reflection_class_get_trait_aliases(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    let mut out = PhpArray::new();
    for (alias, method) in &class(cx, this)?.trait_aliases {
        out.insert(Key::from_string(alias.clone()), Value::Str(method.clone()));
    }
    Ok(out)
}

pub(super) fn reflection_class_get_parent_class(
    cx: &mut Cx,
    this: &Object,
) -> Ret<OrFalse<Object>> {
    let parent = class(cx, this)?.parent;
    Ok(OrFalse(parent.map(|p| make_class(cx, p)).transpose()?))
}

pub(super) fn reflection_class_is_subclass_of(
    cx: &mut Cx,
    this: &Object,
    class_: &Value,
) -> Ret<bool> {
    let own = class(cx, this)?;
    let other = class_or_reflection(cx, class_, "Class")?;
    Ok(own != other && own.is_subclass_of_or_same(other))
}

pub(super) fn reflection_class_implements_interface(
    cx: &mut Cx,
    this: &Object,
    interface: &Value,
) -> Ret<bool> {
    let own = class(cx, this)?;
    let other = class_or_reflection(cx, interface, "Interface")?;
    if !other.is_interface() {
        return Err(fail(cx, format!("{} is not an interface", other.display_name())));
    }
    Ok(own.is_subclass_of_or_same(other))
}

pub(super) fn reflection_class_is_iterable(cx: &mut Cx, this: &Object) -> Ret<bool> {
    let class = class(cx, this)?;
    if class.flags & NOT_A_CLASS != 0 {
        return Ok(false);
    }
    Ok(cx.class(b"Traversable").is_some_and(|t| class.is_subclass_of_or_same(t)))
}

pub(super) fn reflection_class_is_iterateable(cx: &mut Cx, this: &Object) -> Ret<bool> {
    reflection_class_is_iterable(cx, this)
}

pub(super) fn reflection_class_get_extension(cx: &mut Cx, this: &Object) -> Ret<Option<Object>> {
    let class = class(cx, this)?;
    class.extension.map(|e| crate::misc::make_extension(cx, e)).transpose()
}

pub(super) fn reflection_class_get_extension_name(
    cx: &mut Cx,
    this: &Object,
) -> Ret<OrFalse<&'static str>> {
    Ok(OrFalse(class(cx, this)?.extension))
}

pub(super) fn reflection_class_in_namespace(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(!split_name(&class(cx, this)?.name).0.is_empty())
}

pub(super) fn reflection_class_get_namespace_name(cx: &mut Cx, this: &Object) -> Ret<Vec<u8>> {
    Ok(split_name(&class(cx, this)?.name).0.to_vec())
}

pub(super) fn reflection_class_get_short_name(cx: &mut Cx, this: &Object) -> Ret<Vec<u8>> {
    Ok(split_name(&class(cx, this)?.name).1.to_vec())
}

pub(super) fn reflection_class_get_attributes(
    cx: &mut Cx,
    this: &Object,
    name: Option<&PhpString>,
    flags: i64,
) -> Ret<PhpArray> {
    let class = class(cx, this)?;
    let place = Place { unit: class.unit.clone(), scope: Some(class) };
    attributes(cx, class.attributes.clone(), &place, target::CLASS, name, flags)
}

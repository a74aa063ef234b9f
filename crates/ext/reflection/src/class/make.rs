//! Making objects of a reflected class.

use super::facts::class;
use crate::attribute::construct;
use crate::support::{fail, spread};
use outlast_bytecode::member_flags as m;
use outlast_value::{Object, PhpArray, PhpString, Value};
use outlast_vm::{ClassRef, Cx, Ret};

fn new_object(
    cx: &mut Cx,
    class: ClassRef,
    args: Vec<Value>,
    named: Vec<(PhpString, Value)>,
) -> Ret<Object> {
    let object = cx.instantiate(class)?;
    let Some(constructor) = class.magic.construct.clone() else {
        if args.is_empty() && named.is_empty() {
            return Ok(object);
        }
        return Err(fail(
            cx,
            format!(
                "Class {} does not have a constructor, so you cannot pass any constructor \
                 arguments",
                class.display_name()
            ),
        ));
    };
    if constructor.modifiers & (m::PRIVATE | m::PROTECTED) != 0 {
        object.set_flag(Object::DESTRUCTOR_CALLED);
        return Err(fail(
            cx,
            format!("Access to non-public constructor of class {}", class.display_name()),
        ));
    }
    construct(cx, &object, constructor, args, named)?;
    Ok(object)
}

pub(super) fn reflection_class_new_instance(
    cx: &mut Cx,
    this: &Object,
    args: &[Value],
) -> Ret<Object> {
    let named = cx.native_named_arguments();
    let class = class(cx, this)?;
    new_object(cx, class, args.to_vec(), named)
}

pub(super) fn reflection_class_new_instance_args(
    cx: &mut Cx,
    this: &Object,
    args: PhpArray,
) -> Ret<Object> {
    let class = class(cx, this)?;
    let (args, named) = spread(&args);
    new_object(cx, class, args, named)
}

pub(super) fn reflection_class_new_instance_without_constructor(
    cx: &mut Cx,
    this: &Object,
) -> Ret<Object> {
    let class = class(cx, this)?;
    if class.native.is_some() && class.handlers.create.is_some() && class.is_final() {
        return Err(fail(
            cx,
            format!(
                "Class {} is an internal class marked as final that cannot be instantiated \
                 without invoking its constructor",
                class.display_name()
            ),
        ));
    }
    cx.instantiate(class)
}

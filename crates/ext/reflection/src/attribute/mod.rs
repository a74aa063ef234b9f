//! `ReflectionAttribute`, and `getAttributes` of everything that has them.

mod attribute_stub;

pub(crate) use attribute_stub::MODULE;

use crate::support::{AttributeOf, HANDLERS, Place, evaluate, make, object_list, of};
use crate::text::value_text;
use outlast_bytecode::{Attribute, function_flags, member_flags};
use outlast_value::{Key, Object, PhpArray, PhpString, Value};
use outlast_vm::frame::CallSite;
use outlast_vm::{Callable, ClassRef, Cx, Ret};
use std::rc::Rc;

/// What an attribute stands on (`Attribute::TARGET_…`).
pub mod target {
    pub const CLASS: i64 = 1;
    pub const FUNCTION: i64 = 2;
    pub const METHOD: i64 = 4;
    pub const PROPERTY: i64 = 8;
    pub const CLASS_CONSTANT: i64 = 16;
    pub const PARAMETER: i64 = 32;
    pub const ALL: i64 = 63;
    pub const REPEATABLE: i64 = 64;
}

const TARGETS: [&str; 6] =
    ["class", "function", "method", "property", "class constant", "parameter"];

fn target_names(bits: i64) -> String {
    let names: Vec<_> =
        TARGETS.iter().enumerate().filter(|(i, _)| bits >> i & 1 != 0).map(|(_, n)| *n).collect();
    names.join(", ")
}

const IS_INSTANCEOF: i64 = 2;

/// `getAttributes($name, $flags)`
pub fn attributes(
    cx: &mut Cx,
    all: Rc<[Attribute]>,
    place: &Place,
    target: i64,
    name: Option<&PhpString>,
    flags: i64,
) -> Ret<PhpArray> {
    if flags & !IS_INSTANCEOF != 0 {
        return Err(cx.arg_value_error(2, "must be a valid attribute filter flag"));
    }
    let mut base = None;
    if let Some(n) = name
        && flags & IS_INSTANCEOF != 0
    {
        base = Some(cx.class_or_throw(n)?);
    }
    let mut out = Vec::new();
    for (index, a) in all.iter().enumerate() {
        let wanted = match (name, base) {
            (None, _) => true,
            (Some(n), None) => {
                let n = n.strip_prefix(b"\\").unwrap_or(n);
                a.name.eq_ignore_ascii_case(n)
            }
            (Some(_), Some(base)) => cx
                .lookup_class(&PhpString::new(&a.name), true)?
                .is_some_and(|c| c.is_subclass_of_or_same(base)),
        };
        if wanted {
            let data = AttributeOf { all: all.clone(), index, target, place: place.clone() };
            let name = Value::Str(PhpString::new(&a.name));
            out.push(make(cx, "ReflectionAttribute", &[("name", name)], Box::new(data))?);
        }
    }
    Ok(object_list(out))
}

impl AttributeOf {
    fn attribute(&self) -> &Attribute {
        &self.all[self.index]
    }
    fn is_repeated(&self) -> bool {
        let name = &self.attribute().name;
        self.all.iter().filter(|a| a.name.eq_ignore_ascii_case(name)).count() > 1
    }
}

fn reflection_attribute_get_name(cx: &mut Cx, this: &Object) -> Ret<PhpString> {
    let a = of::<AttributeOf>(cx, this)?;
    Ok(PhpString::new(&a.attribute().name))
}

fn reflection_attribute_get_target(cx: &mut Cx, this: &Object) -> Ret<i64> {
    Ok(of::<AttributeOf>(cx, this)?.target)
}

fn reflection_attribute_is_repeated(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(of::<AttributeOf>(cx, this)?.is_repeated())
}

fn reflection_attribute_get_arguments(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    let a = of::<AttributeOf>(cx, this)?;
    let mut out = PhpArray::new();
    for (name, expr) in &a.attribute().args {
        let value = evaluate(cx, &a.place, expr)?;
        match name {
            Some(n) => out.insert(Key::Str(PhpString::new(n)), value),
            None => out.insert(Key::Int(out.next_free().max(0)), value),
        };
    }
    Ok(out)
}

/// What the attribute `Attribute` of an attribute class allows.
fn allowed(cx: &mut Cx, class: ClassRef, marker: &Attribute) -> Ret<i64> {
    let Some((_, expr)) = marker.args.first() else { return Ok(target::ALL) };
    let place = Place { unit: class.unit.clone(), scope: Some(class) };
    match evaluate(cx, &place, expr)? {
        Value::Int(flags) if flags & !(target::ALL | target::REPEATABLE) == 0 => Ok(flags),
        Value::Int(_) => Err(cx.throw_error("Invalid attribute flags specified")),
        v => {
            let given = cx.value_type_name(&v);
            Err(cx.throw_error(format!(
                "Attribute::__construct(): Argument #1 ($flags) must be of type int, {given} given"
            )))
        }
    }
}

fn reflection_attribute_new_instance(cx: &mut Cx, this: &Object) -> Ret<Object> {
    let a = of::<AttributeOf>(cx, this)?;
    let name = PhpString::new(&a.attribute().name);
    let shown = name.to_str_lossy().into_owned();
    let Some(class) = cx.lookup_class(&name, true)? else {
        return Err(cx.throw_error(format!("Attribute class \"{shown}\" not found")));
    };
    let marker = class.attributes.iter().find(|m| m.name.eq_ignore_ascii_case(b"Attribute"));
    let Some(marker) = marker.cloned() else {
        return Err(cx.throw_error(format!(
            "Attempting to use non-attribute class \"{shown}\" as attribute"
        )));
    };
    if class.native.is_none() {
        let flags = allowed(cx, class, &marker)?;
        if flags & a.target == 0 {
            return Err(cx.throw_error(format!(
                "Attribute \"{shown}\" cannot target {} (allowed targets: {})",
                target_names(a.target),
                target_names(flags)
            )));
        }
        if a.is_repeated() && flags & target::REPEATABLE == 0 {
            return Err(cx.throw_error(format!("Attribute \"{shown}\" must not be repeated")));
        }
    }
    let object = cx.instantiate(class)?;
    if let Some(constructor) = &class.magic.construct
        && constructor.modifiers & (member_flags::PRIVATE | member_flags::PROTECTED) != 0
    {
        object.set_flag(Object::DESTRUCTOR_CALLED);
        return Err(cx.throw_error(format!(
            "Attribute constructor of class {} must be public",
            class.display_name()
        )));
    }
    let site = a.place.unit.as_ref().map(|unit| CallSite {
        file: unit.file.clone(),
        line: a.attribute().line,
        strict: unit.unit.functions[0].flags & function_flags::STRICT_TYPES != 0,
    });
    cx.construct_attribute(&object, a.attribute(), &a.place, site)?;
    Ok(object)
}

/// Calls the constructor of a new object.
pub fn construct(
    cx: &mut Cx,
    object: &Object,
    constructor: outlast_vm::function::FuncRef,
    args: Vec<Value>,
    named: Vec<(PhpString, Value)>,
) -> Ret<()> {
    use outlast_vm::ObjectClass;
    let callable = Callable {
        func: constructor,
        this: Some(object.clone()),
        static_class: Some(object.class()),
        closure: None,
        magic_name: None,
    };
    match cx.call_named(&callable, args, named) {
        Ok(_) => Ok(()),
        Err(u) => {
            // What was not constructed is not destructed.
            object.set_flag(Object::DESTRUCTOR_CALLED);
            Err(u)
        }
    }
}

fn reflection_attribute_construct(_cx: &mut Cx, _this: &Object) -> Ret<()> {
    Ok(())
}

fn reflection_attribute_magic_to_string(cx: &mut Cx, this: &Object) -> Ret<Vec<u8>> {
    let a = of::<AttributeOf>(cx, this)?;
    let mut out = b"Attribute [ ".to_vec();
    out.extend_from_slice(&a.attribute().name);
    out.extend_from_slice(b" ]");
    let args = &a.attribute().args;
    if args.is_empty() {
        out.push(b'\n');
        return Ok(out);
    }
    out.extend_from_slice(format!(" {{\n  - Arguments [{}] {{\n", args.len()).as_bytes());
    for (i, (name, expr)) in args.iter().enumerate() {
        out.extend_from_slice(format!("    Argument #{i} [ ").as_bytes());
        if let Some(n) = name {
            out.extend_from_slice(n);
            out.extend_from_slice(b" = ");
        }
        let value = evaluate(cx, &a.place, expr)?;
        out.extend(value_text(cx, &value)?);
        out.extend_from_slice(b" ]\n");
    }
    out.extend_from_slice(b"  }\n}\n");
    Ok(out)
}

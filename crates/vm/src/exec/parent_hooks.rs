//! `parent::$prop::get()` and `parent::$prop::set($v)` (manual: language.oop5.property-hooks).

use crate::function::{Func, FuncKind};
use crate::native::{Args, NativeFunction, NativeParam, NativeType};
use crate::props::PropLookup;
use crate::{Cx, ObjectClass, Ret, lazy};
use outlast_value::{Key, PhpArray, PhpString, Value};
use std::cell::RefCell;
use std::rc::Rc;

const ANY: NativeParam = NativeParam {
    name: "value",
    ty: NativeType::NONE,
    by_ref: false,
    prefer_ref: false,
    variadic: false,
    default: None,
};
static PARAMS: [NativeParam; 2] = [ANY, ANY];

const fn accessor(name: &'static str, call: crate::NativeFn) -> NativeFunction {
    NativeFunction {
        name,
        modifiers: 0,
        params: &PARAMS,
        required: 2,
        ret: NativeType::NONE,
        tentative: false,
        returns_ref: false,
        deprecated: None,
        call: Some(call),
    }
}

/// ArgumentCountError unless there are as many arguments as the hook takes.
fn check_count(cx: &mut Cx, args: &PhpArray, wanted: usize) -> Ret<()> {
    if args.len() == wanted {
        return Ok(());
    }
    let name = cx.running_native().map_or_else(String::new, |f| f.display_name());
    let plural = if wanted == 1 { "" } else { "s" };
    Err(cx.throw_arg_count_error(format!(
        "{name}() expects exactly {wanted} argument{plural}, {} given",
        args.len()
    )))
}

/// Called with the property's name and the list of arguments.
static GET: NativeFunction = accessor("get", |cx, args| {
    let name = args.string(cx, 0)?;
    let this = args.this();
    let given = args.array(cx, 1)?;
    check_count(cx, &given, 0)?;
    match cx.lookup_prop(this.class(), &name, Some(this.class())) {
        PropLookup::Slot(info) if !info.is_virtual() => {
            let this = if lazy::is_lazy_slot(&this, info.slot) { cx.realize(&this)? } else { this };
            let value = this.slot(info.slot as usize).into_deref();
            if value.is_undef() && info.ty.is_some() {
                return Err(cx.uninitialized_error(info));
            }
            Ok(value.or_null())
        }
        _ => cx.read_prop(&this, &name),
    }
});

static SET: NativeFunction = accessor("set", |cx, args: &mut Args<'_>| {
    let name = args.string(cx, 0)?;
    let this = args.this();
    let given = args.array(cx, 1)?;
    check_count(cx, &given, 1)?;
    let mut value = Value::Null;
    for (key, v) in given.iter() {
        if let Key::Str(key) = key
            && key.as_bytes() != b"value"
        {
            return Err(cx.throw_error(format!("Unknown named parameter ${key}")));
        }
        value = v.deref();
    }
    match cx.lookup_prop(this.class(), &name, Some(this.class())) {
        PropLookup::Slot(info) if !info.is_virtual() => {
            let this = if lazy::is_lazy_slot(&this, info.slot) { cx.realize(&this)? } else { this };
            if let Some(ty) = &info.ty {
                let given = value.clone();
                if !cx.check_type(ty, &mut value, false, Some(info.class.get()))? {
                    return Err(cx.prop_info_type_error(info, &given));
                }
            }
            this.set_slot(info.slot as usize, value.clone());
        }
        _ => cx.write_prop(&this, &name, value.clone())?,
    }
    Ok(value)
});

impl Cx {
    /// Op `InitParentHook`.
    pub(crate) fn init_parent_hook(&mut self, kind: u16, argc: u32, name: &PhpString) -> Ret<()> {
        let Some(this) = self.frame().this.clone() else {
            return self.no_this().map(|_| ());
        };
        let Some(parent) = self.frame().scope().and_then(|c| c.parent) else {
            return Err(
                self.throw_error("Cannot use \"parent\" when current class scope has no parent")
            );
        };
        let scope = self.frame().scope();
        let (owner, hook) = match parent.props.get(name) {
            Some(info) if info.is_private() && scope != Some(info.class.get()) => {
                return Err(self.throw_error(format!(
                    "Cannot access private property {}::${name}",
                    parent.display_name()
                )));
            }
            Some(info) if kind == 0 => (info.class.clone(), info.get.clone()),
            Some(info) => (info.class.clone(), info.set.clone()),
            None => {
                return Err(self.throw_error(format!(
                    "Undefined property {}::${}",
                    parent.display_name(),
                    name.to_str_lossy()
                )));
            }
        };
        let class = this.class();
        match hook {
            Some(f) => self.push_call(f, argc, Some(this), Some(class), 0),
            None => {
                let native = if kind == 0 { &GET } else { &SET };
                let f = Rc::new(Func {
                    name: PhpString::concat(&[b"$", name, b"::", native.name.as_bytes()]),
                    modifiers: 0,
                    class: Some(owner),
                    kind: FuncKind::Native(native, ""),
                    prototype: RefCell::new(None),
                    from_trait: None,
                });
                self.push_trampoline(f, name.clone(), argc, Some(this), Some(class));
            }
        }
        Ok(())
    }
}

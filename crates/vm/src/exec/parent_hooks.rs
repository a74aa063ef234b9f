//! `parent::$prop::get()` and `parent::$prop::set($v)` (manual: language.oop5.property-hooks).

use crate::function::{Func, FuncKind};
use crate::native::{Args, NativeFunction, NativeParam, NativeType};
use crate::props::PropLookup;
use crate::{Cx, ObjectClass, Ret};
use outlast_value::{PhpString, Value};
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

/// Called with the property's name and the list of arguments.
static GET: NativeFunction = accessor("get", |cx, args| {
    let name = args.string(cx, 0)?;
    let this = args.this();
    match cx.lookup_prop(this.class(), &name, Some(this.class())) {
        PropLookup::Slot(info) if !info.is_virtual() => {
            Ok(this.slot(info.slot as usize).into_deref().or_null())
        }
        _ => cx.read_prop(&this, &name),
    }
});

static SET: NativeFunction = accessor("set", |cx, args: &mut Args<'_>| {
    let name = args.string(cx, 0)?;
    let this = args.this();
    let value = args.array(cx, 1)?.get_int(0).map_or(Value::Null, Value::deref);
    match cx.lookup_prop(this.class(), &name, Some(this.class())) {
        PropLookup::Slot(info) if !info.is_virtual() => {
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
        let hook = match parent.props.get(name) {
            Some(info) if kind == 0 => info.get.clone(),
            Some(info) => info.set.clone(),
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
                    name: PhpString::from(native.name),
                    modifiers: 0,
                    class: None,
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

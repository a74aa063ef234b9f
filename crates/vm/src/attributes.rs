//! Attributes: their arguments, their objects, and what `#[\Deprecated]` says.

use crate::class::{ClassPtrCell, ClassRef, ObjectClass};
use crate::frame::CallSite;
use crate::function::{Func, FuncKind, UserFunc};
use crate::unit::{LoadedUnit, literal_value};
use crate::{Callable, Cx, Ret};
use outlast_bytecode::{Attribute, ConstExpr};
use outlast_value::{Object, PhpString, Value};
use std::cell::RefCell;
use std::rc::Rc;

/// Where constant expressions stand: the code they are part of, and what `self` means in them.
#[derive(Clone)]
pub struct ExpressionPlace {
    pub unit: Option<Rc<LoadedUnit>>,
    pub scope: Option<ClassRef>,
}

impl Cx {
    /// The value of a constant expression.
    pub fn constant_expression(&mut self, place: &ExpressionPlace, expr: &ConstExpr) -> Ret<Value> {
        match (expr, &place.unit) {
            (ConstExpr::Value(l), _) => Ok(literal_value(l)),
            (ConstExpr::Code(_), None) => Ok(Value::Null),
            (ConstExpr::Code(index), Some(unit)) => {
                // Caches of its own: other scopes may evaluate the same code.
                let code = UserFunc {
                    unit: unit.clone(),
                    index: *index,
                    code: unit.fresh_code(*index),
                    statics: RefCell::new(Vec::new()),
                };
                let func = Rc::new(Func {
                    name: PhpString::empty(),
                    modifiers: 0,
                    class: place.scope.map(ClassPtrCell::of),
                    kind: FuncKind::User(code),
                    prototype: RefCell::new(None),
                    from_trait: None,
                });
                Ok(self.call_func(&func, None, place.scope, Vec::new())?.into_deref())
            }
        }
    }

    /// Runs the constructor of an attribute's new object with the attribute's arguments, as if it
    /// were called at `site`.
    pub fn construct_attribute(
        &mut self,
        object: &Object,
        attribute: &Attribute,
        place: &ExpressionPlace,
        site: Option<CallSite>,
    ) -> Ret<()> {
        let (mut args, mut named) = (Vec::new(), Vec::new());
        for (name, expr) in &attribute.args {
            let value = self.constant_expression(place, expr)?;
            match name {
                Some(n) => named.push((PhpString::new(n), value)),
                None => args.push(value),
            }
        }
        let Some(func) = object.class().magic.construct.clone() else {
            return match named.first() {
                None => Ok(()),
                Some((n, _)) => Err(self.throw_error(format!("Unknown named parameter ${n}"))),
            };
        };
        let constructor = Callable {
            func,
            this: Some(object.clone()),
            static_class: Some(object.class()),
            closure: None,
            magic_name: None,
        };
        match self.call_at(&constructor, args, named, site) {
            Ok(_) => Ok(()),
            Err(u) => {
                // What was not constructed is not destructed.
                object.set_flag(Object::DESTRUCTOR_CALLED);
                Err(u)
            }
        }
    }

    /// ` since X, message` of `#[\Deprecated]`.
    pub(crate) fn deprecation_suffix(
        &mut self,
        attributes: &[Attribute],
        place: &ExpressionPlace,
    ) -> Ret<String> {
        let found = attributes.iter().find(|a| a.name.eq_ignore_ascii_case(b"Deprecated"));
        let Some(attribute) = found.filter(|a| !a.args.is_empty()) else {
            return Ok(String::new());
        };
        let class = self.class_or_throw(&PhpString::from("Deprecated"))?;
        let object = self.instantiate(class)?;
        self.construct_attribute(&object, attribute, place, None)?;
        let text = |name: &[u8], before: &str| {
            let slot = class.props.get(name).map(|p| object.slot(p.slot as usize));
            match slot {
                Some(Value::Str(s)) if !s.is_empty() => format!("{before}{s}"),
                _ => String::new(),
            }
        };
        Ok(format!("{}{}", text(b"since", " since "), text(b"message", ", ")))
    }
}

//! Class constants and enum cases.

use super::member_access;
use crate::attributes::ExpressionPlace;
use crate::class::{ClassConst, ClassRef, Lazy, ObjectClass};
use crate::cx::NO_FRAME;
use crate::frame::frame_flags;
use crate::props::visibility_name;
use crate::types::{type_to_string, value_type_name};
use crate::{Cx, Ret, Unwind};
use outlast_bytecode::{Op, TypeDecl, function_flags, type_bits};
use outlast_value::{Object, PhpString, Value};
use std::rc::Rc;

impl Cx {
    /// `Class::NAME` as code of `scope` sees it.
    pub fn class_constant(
        &mut self,
        class: ClassRef,
        name: &PhpString,
        scope: Option<ClassRef>,
    ) -> Ret<Value> {
        let Some(constant) = class.constants.get(name).cloned() else {
            let shown = self.written_class(class);
            return Err(self.throw_error(format!("Undefined constant {shown}::{name}")));
        };
        if !member_access(constant.flags, constant.class.get(), scope) {
            return Err(self.throw_error(format!(
                "Cannot access {} constant {}::{name}",
                visibility_name(constant.flags),
                class.display_name()
            )));
        }
        if class.is_trait() {
            return Err(self.throw_error(format!(
                "Cannot access trait constant {}::{name} directly",
                class.display_name()
            )));
        }
        if constant.deprecated && !constant.reporting.replace(true) {
            let result = self.report_deprecated_constant(&constant);
            constant.reporting.set(false);
            result?;
        }
        self.check_backed_enum(class)?;
        self.constant_value(&constant)
    }

    /// The value of a constant, evaluated if it was not yet.
    pub fn constant_value(&mut self, constant: &Rc<ClassConst>) -> Ret<Value> {
        let code = match &*constant.value.borrow() {
            Lazy::Value(v) if !constant.is_case() || v.is_object() => return Ok(v.clone()),
            Lazy::Value(v) => Lazy::Value(v.clone()),
            Lazy::Code(f) => Lazy::Code(f.clone()),
            Lazy::Evaluating => Lazy::Evaluating,
        };
        let class = constant.class.get();
        let mut value = match code {
            Lazy::Value(v) => v,
            Lazy::Evaluating => return Err(self.self_reference(class, &constant.name)),
            Lazy::Code(f) => {
                // Only what other constants refer to is marked: PHP finds the loop one step later.
                let mark = self.in_constant_expression();
                if mark {
                    *constant.value.borrow_mut() = Lazy::Evaluating;
                }
                let shown = if self.shows_constant() { frame_flags::CONSTANT } else { 0 };
                let pending = self.frames.len();
                self.push_call(f.clone(), 0, None, Some(class), shown);
                let result = self.check_native_stack().and_then(|()| self.run_pending(pending));
                if mark {
                    *constant.value.borrow_mut() = Lazy::Code(f);
                }
                result?.into_deref()
            }
        };
        if constant.is_case() {
            value = Value::Object(self.make_case(class, constant, value)?);
        } else if let Some(ty) = &constant.ty {
            let given = value.clone();
            let of_class = matches!(&**ty, TypeDecl::Union(u) if u.bits & type_bits::STATIC != 0)
                && matches!(&value, Value::Object(o) if o.class().is_subclass_of_or_same(class));
            if !of_class && !self.check_type(ty, &mut value, true, Some(class))? {
                return Err(self.throw_type_error(format!(
                    "Cannot assign {} to class constant {}::{} of type {}",
                    value_type_name(&given),
                    class.display_name(),
                    constant.name,
                    type_to_string(ty)
                )));
            }
        }
        // A nested evaluation may have made the case object meanwhile; there is only one.
        if let Lazy::Value(v) = &*constant.value.borrow()
            && v.is_object()
        {
            return Ok(v.clone());
        }
        *constant.value.borrow_mut() = Lazy::Value(value.clone());
        Ok(value)
    }

    pub(crate) fn in_constant_expression(&self) -> bool {
        self.current != NO_FRAME
            && self
                .frame()
                .func
                .user()
                .is_some_and(|u| u.decl().flags & function_flags::CONST_EXPR != 0)
    }

    /// Do traces show the evaluation of a constant? Not where code fetches it; of constants that refer
    /// to each other, the outermost of those that no code fetches.
    fn shows_constant(&self) -> bool {
        let mut at = self.current;
        while let Some(frame) = self.frames.get(at as usize) {
            let Some(u) = frame.func.user() else { return true };
            if u.decl().flags & function_flags::CONST_EXPR == 0 {
                break;
            }
            if frame.has(frame_flags::CONSTANT) {
                return false;
            }
            at = frame.caller;
        }
        at != self.current || !self.fetches_constant()
    }

    /// Does the running code fetch a constant of a class?
    fn fetches_constant(&self) -> bool {
        self.current != NO_FRAME
            && self.frame().func.user().is_some_and(|u| {
                let at = (self.frame().pc() as usize).wrapping_sub(1);
                matches!(
                    u.decl().code.get(at),
                    Some(Op::FetchClassConst { .. } | Op::FetchClassConstDyn { .. })
                )
            })
    }

    fn self_reference(&mut self, class: ClassRef, name: &PhpString) -> Unwind {
        let shown = self.written_class(class);
        self.throw_error(format!("Cannot declare self-referencing constant {shown}::{name}"))
    }

    /// The class of a constant as the constant expression that runs names it.
    fn written_class(&self, class: ClassRef) -> String {
        if !self.in_constant_expression() {
            return class.display_name();
        }
        let f = self.frame();
        let decl = f.func.user().expect("constant expressions are PHP code").decl();
        let by_keyword = match decl.code.get((f.pc() as usize).wrapping_sub(1)) {
            Some(Op::FetchClassConst { class, .. }) => matches!(
                decl.class_refs.get(*class as usize),
                Some(outlast_bytecode::ClassRef::SelfClass)
            ),
            _ => false,
        };
        if by_keyword { "self".to_owned() } else { class.display_name() }
    }

    /// The object of an enum case.
    fn make_case(
        &mut self,
        class: ClassRef,
        constant: &Rc<ClassConst>,
        backing: Value,
    ) -> Ret<Object> {
        if class.backing != 0 {
            let wanted = if class.backing & type_bits::INT != 0 { "int" } else { "string" };
            let given = value_type_name(&backing);
            if given != wanted {
                return Err(self.throw_type_error(format!(
                    "Enum case type {given} does not match enum backing type {wanted}"
                )));
            }
        }
        let object = Object::with_flags(
            class.ptr(),
            class.slot_props.len(),
            Object::DESTRUCTOR_CALLED | Object::SKIP_FREE_HOOK,
        );
        for info in &class.slot_props {
            match info.name.as_bytes() {
                b"name" => object.set_slot(info.slot as usize, Value::Str(constant.name.clone())),
                b"value" => object.set_slot(info.slot as usize, backing.clone()),
                _ => {}
            }
        }
        Ok(object)
    }

    /// The cases of an enum in order: constant and object.
    pub fn enum_cases(&mut self, class: ClassRef) -> Ret<Vec<(PhpString, Value)>> {
        let cases: Vec<_> = class.constants.values().filter(|c| c.is_case()).cloned().collect();
        let mut out = Vec::with_capacity(cases.len());
        for c in cases {
            let v = self.constant_value(&c)?;
            out.push((c.name.clone(), v));
        }
        Ok(out)
    }

    fn report_deprecated_constant(&mut self, constant: &Rc<ClassConst>) -> Ret<()> {
        let class = constant.class.get();
        let what = if constant.is_case() { "Enum case" } else { "Constant" };
        let place = ExpressionPlace { unit: class.unit.clone(), scope: Some(class) };
        let suffix = self.deprecation_suffix(&constant.attributes, &place)?;
        self.raise(
            crate::level::USER_DEPRECATED,
            format!("{what} {}::{} is deprecated{suffix}", class.display_name(), constant.name),
        )
    }
}

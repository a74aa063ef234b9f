//! Objects and enum cases.

use super::{Delayed, Read, Reader, Sharing, Stop, is_class_byte, tell_range, text};
use crate::var::incomplete;
use crate::var::props::unmangle;
use crate::var::serialize::is_serializable;
use outlast_bytecode::member_flags;
use outlast_value::{Key, Object, PhpArray, PhpString, Value};
use outlast_vm::class::PropInfo;
use outlast_vm::props::mangled_name;
use outlast_vm::{ClassRef, Cx};
use std::rc::Rc;

impl Reader<'_> {
    /// `…:len:"name"`: the name and the position of the closing quote.
    fn class_name(&mut self) -> Read<(PhpString, usize)> {
        if self.byte(self.at + 1) != b':' {
            return Err(Stop::Bad);
        }
        let (len, start) = self.quoted()?;
        if len == 0 {
            self.at += 2;
            return Err(Stop::Bad);
        }
        Ok((PhpString::new(&self.data[start..start + len]), start + len))
    }

    /// The class to make, and whether it is there.
    fn find_class(&mut self, cx: &mut Cx, name: &PhpString) -> Read<Option<ClassRef>> {
        if let Some(allowed) = &self.allowed
            && !allowed.contains(&name.to_ascii_lowercase())
        {
            return Ok(None);
        }
        if let Some(class) = cx.lookup_class(name, true)? {
            return Ok(Some(class));
        }
        let callback = cx.ini.get("unserialize_callback_func").filter(|f| !f.is_empty());
        let Some(callback) = callback else { return Ok(None) };
        if let Err(reason) = cx.resolve_callable(&Value::Str(callback.clone()))? {
            return Err(Stop::Unwind(
                cx.throw_error(format!("Invalid callback {}, {reason}", callback.to_str_lossy())),
            ));
        }
        cx.call(&Value::Str(callback.clone()), vec![Value::Str(name.clone())])?;
        let found = cx.lookup_class(name, true)?;
        if found.is_none() {
            cx.warning(format!(
                "Function {}() hasn't defined the class it was called for",
                callback.to_str_lossy()
            ))?;
        }
        Ok(found)
    }

    pub(super) fn object(&mut self, cx: &mut Cx, slot: usize, custom: bool) -> Read<Value> {
        let start = self.at;
        let (name, quote) = self.class_name()?;
        for (at, wanted) in [(quote, b'"'), (quote + 1, b':')] {
            if self.byte(at) != wanted {
                self.at = at;
                return Err(Stop::Bad);
            }
        }
        if !name.iter().all(is_class_byte) {
            self.at = start;
            return Err(Stop::Bad);
        }
        let found = self.find_class(cx, &name)?;
        self.at = quote;
        let class = match found {
            Some(class) => class,
            None => cx.class(b"__PHP_Incomplete_Class").expect("a class of this extension"),
        };
        if class.not_serializable {
            return Err(Stop::Unwind(cx.throw(
                "Exception",
                format!("Unserialization of '{}' is not allowed", class.display_name()),
            )));
        }
        let own_method = found.and_then(|c| c.magic.unserialize.clone()).is_some();
        let by_interface = found.is_some() && is_serializable(cx, class);
        if custom {
            let missing = found.is_none().then_some(name);
            return self.custom(cx, slot, class, by_interface, missing);
        }
        if quote + 2 >= self.data.len() {
            cx.raise_warning("Bad unserialize data")?;
            return Err(Stop::Bad);
        }
        let (count, after) = text::unsigned(self.data, quote + 2).unwrap_or((0, quote + 2));
        self.at = after;
        tell_range(cx, count)?;
        if count > self.data.len() || self.byte(after) != b':' {
            return Err(Stop::Bad);
        }
        if self.byte(after + 1) != b'{' {
            self.at = after + 1;
            return Err(Stop::Bad);
        }
        self.at = after + 2;
        if by_interface && !own_method {
            cx.raise_warning(format!(
                "Erroneous data format for unserializing '{}'",
                class.display_name()
            ))?;
            return Err(Stop::Bad);
        }
        let object = cx.instantiate(class)?;
        self.known.objects.push(object.clone());
        let value = self.fill_slot(slot, Value::Object(object.clone()));
        if found.is_none() {
            store_class_name(&object, name);
        }
        if own_method {
            self.own_data(cx, &object, count)?;
        } else {
            self.properties(cx, &object, class, count)?;
        }
        self.close()?;
        Ok(value)
    }

    /// The array for `__unserialize()`.
    fn own_data(&mut self, cx: &mut Cx, object: &Object, count: usize) -> Read<()> {
        let mut data = PhpArray::new();
        let result = self.members(cx, count, &mut |_, _, key, v| {
            data.insert(key, v);
            Ok(())
        });
        if let Err(stop) = result {
            object.set_flag(Object::DESTRUCTOR_CALLED);
            return Err(stop);
        }
        self.known.delayed.push(Delayed::Unserialize(object.clone(), data));
        Ok(())
    }

    fn properties(
        &mut self,
        cx: &mut Cx,
        object: &Object,
        class: ClassRef,
        count: usize,
    ) -> Read<()> {
        let result = self.members(cx, count, &mut |_, cx, key, v| {
            let name = match key {
                Key::Int(i) => outlast_vm::convert::int_to_string(i),
                Key::Str(s) => s,
            };
            put_property(cx, object, class, &name, v)
        });
        if let Err(stop) = result {
            object.set_flag(Object::DESTRUCTOR_CALLED);
            return Err(stop);
        }
        if class.magic.wakeup.is_some() {
            self.known.delayed.push(Delayed::Wakeup(object.clone()));
        }
        Ok(())
    }

    /// `C:…:len:{data}` of a class that implements Serializable.
    fn custom(
        &mut self,
        cx: &mut Cx,
        slot: usize,
        class: ClassRef,
        reads_itself: bool,
        missing: Option<PhpString>,
    ) -> Read<Value> {
        let (len, after) = text::unsigned(self.data, self.at + 2).unwrap_or((0, self.at + 2));
        self.at = after;
        if self.byte(after) != b':' {
            return Err(Stop::Bad);
        }
        if self.byte(after + 1) != b'{' {
            self.at = after + 1;
            return Err(Stop::Bad);
        }
        self.at = after + 2;
        let present = self.data.len().saturating_sub(self.at);
        if present <= len {
            cx.raise_warning(format!(
                "Insufficient data for unserializing - {len} required, {present} present"
            ))?;
            return Err(Stop::Bad);
        }
        let data = PhpString::new(&self.data[self.at..self.at + len]);
        let object = cx.instantiate(class)?;
        let value = self.fill_slot(slot, Value::Object(object.clone()));
        if reads_itself {
            cx.state::<Sharing>().0 = Some(std::mem::take(&mut self.known));
            let result = cx.call_method(&object, "unserialize", vec![Value::Str(data)]);
            self.known = cx.state::<Sharing>().0.take().unwrap_or_default();
            result?;
        } else {
            cx.raise_warning(format!("Class {} has no unserializer", class.display_name()))?;
            if let Some(name) = missing {
                store_class_name(&object, name);
            }
        }
        self.at += len;
        self.close()?;
        Ok(value)
    }

    pub(super) fn enum_case(&mut self, cx: &mut Cx) -> Read<Value> {
        let (name, quote) = self.class_name()?;
        let Some(colon) = name.iter().position(|&b| b == b':') else {
            cx.warning(format!("Invalid enum name '{name}' (missing colon)"))?;
            return Err(Stop::Bad);
        };
        let class_name = name.slice(0..colon);
        let case = name.slice(colon + 1..name.len());
        let found = match &self.allowed {
            Some(allowed) if !allowed.contains(&class_name.to_ascii_lowercase()) => None,
            _ => cx.lookup_class(&class_name, true)?,
        };
        let Some(class) = found else {
            cx.warning(format!("Class '{class_name}' not found"))?;
            return Err(Stop::Bad);
        };
        if !class.is_enum() {
            cx.warning(format!("Class '{}' is not an enum", class.display_name()))?;
            return Err(Stop::Bad);
        }
        self.close_string(quote)?;
        match class.constants.get(&case).cloned() {
            None => {
                cx.warning(format!("Undefined constant {}::{case}", class.display_name()))?;
                Err(Stop::Bad)
            }
            Some(c) if !c.is_case() => {
                cx.warning(format!("{}::{case} is not an enum case", class.display_name()))?;
                Err(Stop::Bad)
            }
            Some(c) => Ok(cx.constant_value(&c)?),
        }
    }
}

/// Notes the class that is not there.
fn store_class_name(object: &Object, name: PhpString) {
    let mut table = PhpArray::new();
    table.insert(Key::from(incomplete::CLASS_NAME), Value::Str(name));
    object.set_dynamic(Some(table));
}

/// The declared property a name in the data means; its visibility may have changed since.
fn declared(class: ClassRef, name: &PhpString) -> Option<Rc<PropInfo>> {
    let props = &class.slot_props;
    if let Some(exact) = props.iter().find(|p| mangled_name(p) == *name) {
        return Some(exact.clone());
    }
    let (plain, seen) = unmangle(name);
    if let crate::var::props::Seen::Private(of) = &seen
        && !of.eq_ignore_ascii_case(&class.name)
    {
        return None;
    }
    let own = |p: &PropInfo| p.flags & member_flags::PRIVATE == 0 || p.class.get() == class;
    props.iter().rfind(|p| p.name == plain && own(p)).cloned()
}

fn put_property(
    cx: &mut Cx,
    object: &Object,
    class: ClassRef,
    name: &PhpString,
    value: Value,
) -> Read<()> {
    let Some(info) = declared(class, name) else {
        return put_dynamic(cx, object, class, name, value);
    };
    if let Some(ty) = &info.ty {
        let plain = value.deref();
        if !cx.value_is_of_type(ty, &plain, Some(info.class.get()))? {
            let u = cx.prop_type_error(info.class.get(), &info.name, ty, &plain);
            return Err(Stop::Unwind(u));
        }
    }
    object.set_slot(info.slot as usize, value);
    Ok(())
}

fn put_dynamic(
    cx: &mut Cx,
    object: &Object,
    class: ClassRef,
    name: &PhpString,
    value: Value,
) -> Read<()> {
    let (plain, _) = unmangle(name);
    if class.forbids_dynamic {
        return Err(Stop::Unwind(cx.throw_error(format!(
            "Cannot create dynamic property {}::${plain}",
            class.display_name()
        ))));
    }
    let known = object.with_dynamic(|t| t.is_some_and(|t| t.get_string(name).is_some()));
    if !class.allows_dynamic && !known {
        cx.raise_deprecated(format!(
            "Creation of dynamic property {}::${plain} is deprecated",
            class.display_name()
        ))?;
    }
    object.dynamic_mut(|t| {
        t.get_or_insert_default().insert(Key::Str(name.clone()), value);
    });
    Ok(())
}

//! Write paths: `$a['x']->y[] = …` and everything else that reaches into a place to change it.
//!
//! The walk holds pointers into arrays. So nothing may run PHP code while it does: a warning is
//! not raised on the spot but makes the walk fail, is raised outside, and the walk starts again
//! with that many warnings to pass over. At an object the pointers end: it is a handle.

use super::access::{ANY_VALUE, WRITABLE};
use crate::class::ObjectClass;
use crate::function::{CacheEntry, CachedProp};
use crate::{Cx, Ret, Unwind};
use outlast_bytecode::{BinOp, IncDec, NO_CACHE, Path, PathRoot, PathStep, Slot};
use outlast_value::{Key, Object, PhpArray, PhpString, Reference, Value};

/// A step with its key at hand.
pub(crate) enum Step {
    Dim(Value),
    Append,
    Prop(PhpString, u16),
}

/// What to do with the place.
#[derive(Clone)]
pub(crate) enum Action {
    Assign(Value),
    Op(BinOp, Value),
    IncDec(IncDec),
    /// Make it a reference.
    Ref,
    /// Bind it to a reference.
    Bind(Reference),
    Unset,
}

impl Action {
    /// Reads before it writes, so absent elements are warned about.
    fn reads(&self) -> bool {
        matches!(self, Action::Op(..) | Action::IncDec(_))
    }
}

struct Walk<'a> {
    action: &'a Action,
    /// Warnings raised in earlier attempts.
    skip: usize,
    seen: usize,
    /// The warning (level, text) that ended this attempt.
    warning: Option<(u32, Vec<u8>)>,
}

impl Walk<'_> {
    /// Asks for a warning: an error if it was not raised before.
    fn warn(&mut self, level: u32, text: impl Into<Vec<u8>>) -> Ret<()> {
        self.seen += 1;
        if self.seen <= self.skip {
            return Ok(());
        }
        self.warning = Some((level, text.into()));
        Err(Unwind::Throw)
    }
}

impl Cx {
    /// Runs `action` at the end of `steps` from `place`.
    pub(crate) fn write_steps(
        &mut self,
        place: *mut Value,
        steps: &[Step],
        action: Action,
    ) -> Ret<Value> {
        let mut skip = 0;
        loop {
            let mut walk = Walk { action: &action, skip, seen: 0, warning: None };
            // SAFETY: `place` is a slot of a live frame, a reference that the caller holds, or a
            // local of the caller; the walk runs no PHP code while it borrows from it.
            let result = self.walk(&mut walk, unsafe { &mut *place }, steps);
            match walk.warning.take() {
                None => return result,
                Some((level, text)) => {
                    self.raise(level, text)?;
                    skip += 1;
                }
            }
        }
    }

    fn walk(&mut self, w: &mut Walk<'_>, place: &mut Value, steps: &[Step]) -> Ret<Value> {
        let held;
        let place = match place {
            Value::Ref(r) if !(steps.is_empty() && matches!(w.action, Action::Bind(_))) => {
                if steps.is_empty() {
                    let r = r.clone();
                    return self.act_on_reference(w, &r);
                }
                held = r.clone();
                if held.has_typed_sources() && !matches!(w.action, Action::Unset) {
                    return self.walk_typed_reference(w, &held, steps);
                }
                // SAFETY: `held` keeps the reference alive.
                unsafe { &mut *held.as_ptr() }
            }
            p => p,
        };
        let Some((step, rest)) = steps.split_first() else {
            return self.act(w, place);
        };
        match step {
            Step::Prop(name, cache) => self.walk_prop(w, place, name, *cache, rest),
            Step::Dim(key) => self.walk_dim(w, place, Some(key), rest),
            Step::Append => self.walk_dim(w, place, None, rest),
        }
    }

    /// A reference shared with typed properties: work on a copy, then assign with checks.
    fn walk_typed_reference(
        &mut self,
        w: &mut Walk<'_>,
        r: &Reference,
        steps: &[Step],
    ) -> Ret<Value> {
        let was_container = r.with(|v| v.is_array() || v.is_object() || v.is_str());
        if was_container {
            // SAFETY: arrays stay arrays, so the type holds; nothing else runs meanwhile.
            return self.walk_inner(w, unsafe { &mut *r.as_ptr() }, steps);
        }
        let mut result = Value::Null;
        self.with_reference_mut(r, &mut |cx, copy| {
            result = cx.walk_inner(w, copy, steps)?;
            Ok(())
        })?;
        Ok(result)
    }

    fn walk_inner(&mut self, w: &mut Walk<'_>, place: &mut Value, steps: &[Step]) -> Ret<Value> {
        match &steps[0] {
            Step::Prop(name, cache) => self.walk_prop(w, place, name, *cache, &steps[1..]),
            Step::Dim(key) => self.walk_dim(w, place, Some(key), &steps[1..]),
            Step::Append => self.walk_dim(w, place, None, &steps[1..]),
        }
    }

    fn act_on_reference(&mut self, w: &mut Walk<'_>, r: &Reference) -> Ret<Value> {
        match w.action {
            Action::Assign(v) => {
                self.assign_reference(r, v.clone())?;
                Ok(r.get())
            }
            Action::Op(op, right) => {
                let left = r.get().or_null();
                let v = self.binary(*op, &left, right)?;
                drop(left);
                self.assign_reference(r, v)?;
                Ok(r.get())
            }
            Action::IncDec(kind) => {
                let old = r.get().or_null();
                let new = self.inc_dec_reference(r, &old, *kind)?;
                self.assign_reference(r, new)?;
                Ok(if is_post(*kind) { old } else { r.get() })
            }
            Action::Ref => {
                if r.with(Value::is_undef) {
                    r.set(Value::Null);
                }
                Ok(Value::Ref(r.clone()))
            }
            Action::Bind(_) | Action::Unset => unreachable!("handled by the container"),
        }
    }

    /// The action on a plain place.
    fn act(&mut self, w: &mut Walk<'_>, place: &mut Value) -> Ret<Value> {
        match w.action {
            Action::Assign(v) => {
                let old = std::mem::replace(place, v.clone());
                drop(old);
                Ok(v.clone())
            }
            Action::Op(op, right) => {
                let mut left = place.take().or_null();
                if right.is_object() || left.is_object() {
                    // May run PHP code: the place keeps its value meanwhile.
                    *place = left.clone();
                    let v = self.binary(*op, &left, right)?;
                    *place = v.clone();
                    return Ok(v);
                }
                let result = self.binary_in_place(*op, &mut left, right);
                *place = left;
                result?;
                Ok(place.clone())
            }
            Action::IncDec(kind) => {
                let old = place.clone().or_null();
                let new = self.inc_dec(&old, *kind)?;
                *place = new.clone();
                Ok(if is_post(*kind) { old } else { new })
            }
            Action::Ref => Ok(Value::Ref(place.make_ref())),
            Action::Bind(r) => {
                let old = std::mem::replace(place, Value::Ref(r.clone()));
                drop(old);
                Ok(r.get())
            }
            Action::Unset => {
                *place = Value::Undef;
                Ok(Value::Null)
            }
        }
    }

    fn walk_dim(
        &mut self,
        w: &mut Walk<'_>,
        place: &mut Value,
        key: Option<&Value>,
        rest: &[Step],
    ) -> Ret<Value> {
        match place {
            Value::Array(_) => {}
            Value::Undef | Value::Null => {
                if matches!(w.action, Action::Unset) {
                    return Ok(Value::Null);
                }
                *place = Value::Array(PhpArray::new());
            }
            Value::Bool(false) => {
                w.warn(
                    crate::level::DEPRECATED,
                    "Automatic conversion of false to array is deprecated",
                )?;
                if matches!(w.action, Action::Unset) {
                    return Ok(Value::Null);
                }
                *place = Value::Array(PhpArray::new());
            }
            Value::Str(_) => return self.walk_string(w, place, key, rest),
            Value::Object(o) => {
                let o = o.clone();
                return self.walk_object_dim(w, &o, key, rest);
            }
            _ => {
                return Err(self.throw_error(if matches!(w.action, Action::Unset) {
                    "Cannot unset offset in a non-array variable"
                } else {
                    "Cannot use a scalar value as an array"
                }));
            }
        }
        let Value::Array(array) = place else { unreachable!("made one above") };
        let Some(key) = key else {
            return self.walk_append(w, array, rest);
        };
        let k = match key {
            Value::Int(i) => Key::Int(*i),
            Value::Str(s) => Key::from_string(s.clone()),
            key => self.walk_key(w, key)?,
        };
        if rest.is_empty() {
            match w.action {
                Action::Unset => {
                    drop(array.remove(&k));
                    return Ok(Value::Null);
                }
                Action::Bind(r) => {
                    drop(array.insert(k, Value::Ref(r.clone())));
                    return Ok(r.get());
                }
                _ => {}
            }
        }
        if matches!(w.action, Action::Unset) && array.get(&k).is_none() {
            return Ok(Value::Null);
        }
        if w.action.reads() && array.get(&k).is_none() {
            w.warn(crate::level::WARNING, crate::dims::undefined_key_message(&k))?;
        }
        let element = array.get_or_insert(&k);
        self.walk(w, element, rest)
    }

    fn walk_key(&mut self, w: &mut Walk<'_>, key: &Value) -> Ret<Key> {
        Ok(match key {
            Value::Undef | Value::Null => Key::Str(PhpString::empty()),
            Value::Bool(b) => Key::Int(i64::from(*b)),
            Value::Float(f) => {
                if !outlast_number::is_integer_compatible(*f) {
                    let shown = self.repr_float(*f);
                    w.warn(
                        crate::level::DEPRECATED,
                        format!("Implicit conversion from float {shown} to int loses precision"),
                    )?;
                }
                Key::Int(outlast_number::float_to_int(*f))
            }
            Value::Resource(r) => {
                let id = r.id();
                w.warn(
                    crate::level::WARNING,
                    format!("Resource ID#{id} used as offset, casting to integer ({id})"),
                )?;
                Key::Int(id)
            }
            key if matches!(w.action, Action::Unset) => {
                let name = self.value_type_name(key);
                return Err(
                    self.throw_type_error(format!("Cannot unset offset of type {name} on array"))
                );
            }
            key => return Err(self.illegal_offset(key, "on array")),
        })
    }

    fn walk_append(&mut self, w: &mut Walk<'_>, array: &mut PhpArray, rest: &[Step]) -> Ret<Value> {
        if rest.is_empty() {
            let (pushed, result) = match w.action {
                Action::Assign(v) => (array.push(v.clone()), v.clone()),
                Action::Bind(r) => (array.push(Value::Ref(r.clone())), r.get()),
                Action::Ref => {
                    let r = Reference::new(Value::Null);
                    (array.push(Value::Ref(r.clone())), Value::Ref(r))
                }
                Action::Op(op, right) => {
                    let v = self.binary(*op, &Value::Null, right)?;
                    (array.push(v.clone()), v)
                }
                Action::IncDec(kind) => {
                    let v = self.inc_dec(&Value::Null, *kind)?;
                    (array.push(v.clone()), if is_post(*kind) { Value::Null } else { v })
                }
                Action::Unset => return Err(self.throw_error("Cannot use [] for unsetting")),
            };
            if pushed.is_err() {
                self.array_full()?;
            }
            return Ok(result);
        }
        match array.push_mut() {
            Ok(element) => {
                *element = Value::Null;
                self.walk(w, element, rest)
            }
            Err(_) => self.array_full().map(|()| Value::Null),
        }
    }

    fn walk_string(
        &mut self,
        w: &mut Walk<'_>,
        place: &mut Value,
        key: Option<&Value>,
        rest: &[Step],
    ) -> Ret<Value> {
        if matches!(w.action, Action::Unset) && rest.is_empty() {
            return Err(self.throw_error("Cannot unset string offsets"));
        }
        let Some(key) = key else {
            return Err(self.throw_error("[] operator not supported for strings"));
        };
        let error = match rest.first() {
            Some(Step::Prop(..)) => Some("Cannot use string offset as an object"),
            Some(_) => Some("Cannot use string offset as an array"),
            None => match w.action {
                Action::Assign(_) => None,
                Action::Op(..) => Some("Cannot use assign-op operators with string offsets"),
                Action::IncDec(_) => Some("Cannot increment/decrement string offsets"),
                _ => Some("Cannot create references to/from string offsets"),
            },
        };
        if let Some(e) = error {
            self.string_offset(key, "Cannot access offset of type")?;
            return Err(self.throw_error(e));
        }
        let Action::Assign(value) = w.action else { unreachable!("just checked") };
        // The conversions below may run PHP code: work on a copy, store at the end.
        let Value::Str(s) = place.clone() else { unreachable!("a string") };
        let offset = self.string_offset(key, "Cannot access offset of type")?;
        let text = self.to_str(value)?;
        let at = if offset < 0 { offset + s.len() as i64 } else { offset };
        if at < 0 {
            self.raise_warning(format!("Illegal string offset {offset}"))?;
            return Ok(Value::Null);
        }
        let Some(&byte) = text.first() else {
            return Err(self.throw_error("Cannot assign an empty string to a string offset"));
        };
        if text.len() > 1 {
            self.raise_warning("Only the first byte will be assigned to the string offset")?;
        }
        *place = Value::Null;
        let mut bytes = s;
        let at = at as usize;
        if at >= bytes.len() {
            let pad = vec![b' '; at + 1 - bytes.len()];
            if bytes.try_append(&pad).is_err() {
                return Err(self.memory_exhausted(at));
            }
        }
        bytes.make_mut()[at] = byte;
        *place = Value::Str(bytes);
        Ok(Value::Str(PhpString::one_char(byte)))
    }

    fn walk_object_dim(
        &mut self,
        w: &mut Walk<'_>,
        o: &Object,
        key: Option<&Value>,
        rest: &[Step],
    ) -> Ret<Value> {
        let class = o.class();
        if !class.array_access && class.handlers.write_dimension.is_none() {
            return Err(self.throw_error(format!(
                "Cannot use object of type {} as array",
                class.display_name()
            )));
        }
        if rest.is_empty() {
            match w.action {
                Action::Assign(v) => {
                    self.write_object_dim(o, key, v.clone())?;
                    return Ok(v.clone());
                }
                Action::Unset => {
                    let key = key.cloned().unwrap_or(Value::Null);
                    self.unset_object_dim(o, &key)?;
                    return Ok(Value::Null);
                }
                Action::Op(op, right) => {
                    let left = self.read_object_dim(o, key, false)?.into_deref();
                    let v = self.binary(*op, &left, right)?;
                    self.write_object_dim(o, key, v.clone())?;
                    return Ok(v);
                }
                _ => {}
            }
        }
        let mut element = match class.handlers.dimension_ref {
            Some(make) => Value::Ref(make(self, o, key)?),
            None => self.read_object_dim(o, key, false)?,
        };
        if !element.is_ref() && !element.is_object() {
            self.raise_notice(format!(
                "Indirect modification of overloaded element of {} has no effect",
                class.display_name()
            ))?;
        }
        // Keep the walk's warnings apart: what came so far is not to be repeated.
        let action = w.action.clone();
        self.write_steps(&mut element, rest, action)
    }

    /// `$o[key] = value`
    pub(crate) fn write_object_dim(
        &mut self,
        o: &Object,
        key: Option<&Value>,
        value: Value,
    ) -> Ret<()> {
        if let Some(write) = o.class().handlers.write_dimension {
            return write(self, o, key, value);
        }
        let key = key.cloned().unwrap_or(Value::Null);
        self.call_method(o, "offsetSet", vec![key, value]).map(|_| ())
    }

    pub(crate) fn unset_object_dim(&mut self, o: &Object, key: &Value) -> Ret<()> {
        if let Some(unset) = o.class().handlers.unset_dimension {
            return unset(self, o, key);
        }
        self.call_method(o, "offsetUnset", vec![key.clone()]).map(|_| ())
    }

    fn walk_prop(
        &mut self,
        w: &mut Walk<'_>,
        place: &mut Value,
        name: &PhpString,
        cache: u16,
        rest: &[Step],
    ) -> Ret<Value> {
        let Value::Object(o) = place else {
            if matches!(w.action, Action::Unset) {
                return Ok(Value::Null);
            }
            let what = match w.action {
                _ if !rest.is_empty() => "modify",
                Action::Assign(_) | Action::Op(..) => "assign",
                Action::IncDec(_) => "increment/decrement",
                _ => "modify",
            };
            let v = place.clone();
            return Err(self.prop_of_non_object(what, &v, name));
        };
        let o = o.clone();
        if !rest.is_empty() {
            return self.walk_through_prop(w, &o, name, cache, rest);
        }
        if let Action::Assign(_) | Action::Op(..) | Action::IncDec(_) = w.action {
            self.fill_prop_cache(cache, &o, name);
        }
        match w.action {
            Action::Assign(v) => {
                self.write_prop(&o, name, v.clone())?;
                Ok(self.assigned_value(&o, name, v))
            }
            Action::Op(op, right) => {
                let left = self.read_prop_for_update(&o, name)?;
                let v = self.binary(*op, &left, right)?;
                drop(left);
                self.write_prop(&o, name, v.clone())?;
                Ok(self.assigned_value(&o, name, &v))
            }
            Action::IncDec(kind) => {
                let old = self.read_prop_for_update(&o, name)?;
                let new = self.inc_dec_prop(&o, name, &old, *kind)?;
                self.write_prop(&o, name, new.clone())?;
                Ok(if is_post(*kind) { old } else { self.assigned_value(&o, name, &new) })
            }
            Action::Ref => Ok(Value::Ref(self.prop_ref(&o, name)?)),
            Action::Bind(r) => {
                self.bind_prop(&o, name, r)?;
                Ok(r.get())
            }
            Action::Unset => {
                self.unset_prop(&o, name)?;
                Ok(Value::Null)
            }
        }
    }

    /// What an assignment to a property evaluates to: the value as coerced by its type.
    fn assigned_value(&mut self, o: &Object, name: &PhpString, v: &Value) -> Value {
        let scope = self.scope();
        let o = &crate::lazy::backing(o);
        match self.lookup_prop(o.class(), name, scope) {
            crate::props::PropLookup::Slot(info)
                if info.ty.is_some() && !info.has_hooks() && !info.is_virtual() =>
            {
                let stored = o.slot(info.slot as usize).into_deref();
                if stored.is_undef() { v.clone() } else { stored }
            }
            _ => v.clone(),
        }
    }

    fn walk_through_prop(
        &mut self,
        w: &mut Walk<'_>,
        o: &Object,
        name: &PhpString,
        cache: u16,
        rest: &[Step],
    ) -> Ret<Value> {
        if cache != NO_CACHE
            && let Some(CacheEntry::Prop(CachedProp { class, slot, tags, .. })) =
                self.cache_entry(cache)
            && class.ptr() == o.class_ptr()
        {
            // SAFETY: `o` keeps the object alive; the walk runs no PHP code while it borrows from
            // the slot.
            let place = unsafe { &mut *o.slot_ptr(*slot as usize) };
            // An array stays one, whatever is done to its elements.
            let stays = *tags & WRITABLE != 0 && !rest.is_empty() && place.is_array();
            if !place.is_undef() && (*tags == ANY_VALUE || stays) {
                return self.walk(w, place, rest);
            }
        }
        self.fill_prop_cache(cache, o, name);
        let mut out = Value::Null;
        let unsets = matches!(w.action, Action::Unset);
        if unsets && !self.isset_prop(o, name, false)? {
            return Ok(Value::Null);
        }
        let mut first = None;
        let result = self.with_prop_mut(o, name, w.action.reads(), &mut |cx, place| {
            out = cx.walk(w, place, rest)?;
            first = Some(());
            Ok(())
        });
        result?;
        Ok(out)
    }

    // ---- ops

    /// Resolves a path of the running function and runs an action on it. `undefined`: the variable
    /// whose value is written does not exist, which is told behind what its keys have to say.
    pub(crate) fn run_path(
        &mut self,
        base: *mut Value,
        path: u16,
        action: Action,
        undefined: Option<Slot>,
    ) -> Ret<Value> {
        let func = self.frame().func.clone();
        let decl = func.user().expect("PHP code runs").decl();
        let path: &Path = &decl.paths[path as usize];
        let steps = self.path_steps(base, &path.steps)?;
        if let Some(slot) = undefined {
            self.undefined_local(slot)?;
        }
        match &path.root {
            PathRoot::Local(slot) => {
                let slot = *slot;
                let place = base.wrapping_add(slot as usize);
                if action.reads() {
                    // SAFETY: operands lie within the frame.
                    let undefined = unsafe { super::peek(base, slot).is_undef() };
                    if undefined {
                        self.undefined_local(slot)?;
                    }
                }
                if steps.is_empty() {
                    return self.act_on_local(base, slot, action);
                }
                self.write_steps(place, &steps, action)
            }
            PathRoot::Temp(slot) => {
                // SAFETY: operands lie within the frame.
                let mut value = unsafe { (*base.add(*slot as usize)).take() };
                self.write_steps(&mut value, &steps, action)
            }
            PathRoot::This => {
                let Some(this) = self.frame().this.clone() else {
                    return self.no_this();
                };
                let mut value = Value::Object(this);
                self.write_steps(&mut value, &steps, action)
            }
            PathRoot::VarVar(slot) => {
                let name = self.operand(base, *slot)?;
                let name = self.to_str(&name)?;
                self.variable_action(&name, &steps, action, false)
            }
            PathRoot::Globals => {
                let mut steps = steps.into_iter();
                let name = match steps.next() {
                    Some(Step::Dim(key)) => self.to_str(&key)?,
                    _ => return Err(self.throw_error("Cannot append to $GLOBALS")),
                };
                let rest: Vec<Step> = steps.collect();
                self.variable_action(&name, &rest, action, true)
            }
            PathRoot::StaticProp { class, name, cache } => {
                let name = self.name(*name);
                let r = self.static_ref(*class, &name, *cache)?;
                self.static_action(&name, r, &steps, action, *class)
            }
            PathRoot::StaticPropDyn { class, name } => {
                let name = self.operand(base, *name)?;
                let name = self.to_str(&name)?;
                let r = self.static_ref(*class, &name, NO_CACHE)?;
                self.static_action(&name, r, &steps, action, *class)
            }
        }
    }

    fn static_action(
        &mut self,
        name: &PhpString,
        r: Reference,
        steps: &[Step],
        action: Action,
        class: u16,
    ) -> Ret<Value> {
        match (&action, steps.is_empty()) {
            (Action::Unset, true) => {
                let class = self.class_operand(std::ptr::null_mut(), class)?;
                Err(self.throw_error(format!(
                    "Attempt to unset static property {}::${}",
                    class.display_name(),
                    name.to_str_lossy()
                )))
            }
            (Action::Bind(target), true) => {
                let class = self.class_operand(std::ptr::null_mut(), class)?;
                self.bind_static_prop(class, name, target)?;
                Ok(target.get())
            }
            (Action::Assign(v), true) => {
                self.assign_static(&r, name, v.clone())?;
                Ok(r.get())
            }
            (Action::Op(op, right), true) => {
                let left = self.initialized_static(class, name, &r)?;
                let v = self.binary(*op, &left, right)?;
                drop(left);
                self.assign_static(&r, name, v)?;
                Ok(r.get())
            }
            (Action::IncDec(kind), true) => {
                let old = self.initialized_static(class, name, &r)?;
                let new = self.inc_dec_static(&r, &old, *kind)?;
                self.assign_static(&r, name, new)?;
                Ok(if is_post(*kind) { old } else { r.get() })
            }
            _ => {
                let mut value = Value::Ref(r);
                self.write_steps(&mut value, steps, action)
            }
        }
    }

    fn act_on_local(&mut self, base: *mut Value, slot: u16, action: Action) -> Ret<Value> {
        match action {
            Action::Bind(r) => {
                let v = r.get();
                self.bind_local(base, slot, r);
                Ok(v)
            }
            Action::Unset => {
                self.unset_local(base, slot);
                Ok(Value::Null)
            }
            Action::Ref => Ok(Value::Ref(self.local_ref(base, slot))),
            action => self.write_steps(base.wrapping_add(slot as usize), &[], action),
        }
    }

    /// An action on the variable called `name`, of the running scope or the global one.
    fn variable_action(
        &mut self,
        name: &PhpString,
        steps: &[Step],
        action: Action,
        global: bool,
    ) -> Ret<Value> {
        if name.as_bytes() == b"this" && !global {
            return Err(self.throw_error("Cannot re-assign $this"));
        }
        if steps.is_empty() {
            match &action {
                Action::Unset => {
                    self.unset_variable(name, global);
                    return Ok(Value::Null);
                }
                Action::Bind(r) => {
                    self.bind_variable(name, r.clone(), global);
                    return Ok(r.get());
                }
                _ => {}
            }
        }
        if matches!(action, Action::Unset) && self.find_variable(name, global).is_none() {
            return Ok(Value::Null);
        }
        let r = match self.find_variable(name, global) {
            Some(r) => r,
            None => {
                if action.reads() {
                    let what = if global { "global variable" } else { "variable" };
                    self.raise_warning(format!("Undefined {what} ${}", name.to_str_lossy()))?;
                }
                self.make_variable(name, global)
            }
        };
        let mut value = Value::Ref(r);
        self.write_steps(&mut value, steps, action)
    }

    fn path_steps(&mut self, base: *mut Value, steps: &[PathStep]) -> Ret<Vec<Step>> {
        let mut out = Vec::with_capacity(steps.len());
        for s in steps {
            out.push(match s {
                PathStep::Dim(slot) => Step::Dim(self.operand(base, *slot)?),
                PathStep::DimConst(k) => Step::Dim(self.constant(*k).clone()),
                PathStep::Append => Step::Append,
                PathStep::Prop { name, cache } => Step::Prop(self.name(*name), *cache),
                PathStep::PropDyn(slot) => {
                    let v = self.operand(base, *slot)?;
                    Step::Prop(self.to_str(&v)?, NO_CACHE)
                }
            });
        }
        Ok(out)
    }
}

fn is_post(kind: IncDec) -> bool {
    matches!(kind, IncDec::PostInc | IncDec::PostDec)
}

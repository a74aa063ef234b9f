//! Lazy objects: ghosts, which initialize themselves on first use, and proxies, which hand
//! everything on to the instance their factory makes.
//!
//! The properties of a lazy object are empty slots, so whoever reads or writes one misses its fast
//! path and ends here. What is behind a lazy object is a payload: only objects of PHP classes
//! (and `stdClass`) can be lazy, and these have no other.

use crate::class::{ClassRef, Lazy, ObjectClass};
use crate::types::reference::prop_source;
use crate::{Cx, PropertiesFor, Ret};
use outlast_bytecode::class_flags;
use outlast_value::{Object, ObjectData, PhpArray, Value};
use std::any::Any;
use std::cell::RefCell;

/// Object flag: the initializer or factory has not run.
const PENDING: u32 = 1 << 28;
/// Object flag: a proxy, initialized or not.
const PROXY: u32 = 1 << 29;

/// What kind of lazy object to make.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LazyKind {
    Ghost,
    Proxy,
}

/// How a lazy object is made.
pub struct LazyPlan {
    pub kind: LazyKind,
    /// The callable.
    pub initializer: Value,
    /// `serialize()` does not initialize it.
    pub serialize_as_is: bool,
}

struct Info {
    initializer: Value,
    serialize_as_is: bool,
    /// The object behind an initialized proxy.
    instance: Option<Object>,
    /// For each slot: using it initializes the object.
    lazy: Vec<bool>,
}

struct LazyData(RefCell<Option<Info>>);

impl ObjectData for LazyData {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        if let Some(info) = &*self.0.borrow() {
            visit(&info.initializer);
            if let Some(o) = &info.instance {
                visit(&Value::Object(o.clone()));
            }
        }
    }

    fn clear(&self) {
        let info = self.0.borrow_mut().take();
        drop(info);
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The flags of lazy objects.
pub(crate) const LAZY: u32 = PENDING | PROXY;

/// Is it a lazy object, that is, one not initialized, or a proxy?
#[inline(always)]
pub fn is_lazy(object: &Object) -> bool {
    object.has_flag(LAZY)
}

/// Is it a lazy object whose initializer has not run?
#[inline]
pub fn is_uninitialized(object: &Object) -> bool {
    object.has_flag(PENDING)
}

/// Is it a proxy, initialized or not?
#[inline]
pub fn is_proxy(object: &Object) -> bool {
    object.has_flag(PROXY)
}

fn with_info<R>(object: &Object, f: impl FnOnce(&mut Info) -> R) -> Option<R> {
    object.data::<LazyData>()?.0.borrow_mut().as_mut().map(f)
}

fn take_info(object: &Object) -> Option<Info> {
    object.data::<LazyData>()?.0.borrow_mut().take()
}

/// The object behind an initialized proxy, however many proxies there are in between; else the
/// object itself.
pub fn backing(object: &Object) -> Object {
    let mut at = object.clone();
    while is_proxy(&at)
        && let Some(next) = with_info(&at, |info| info.instance.clone()).flatten()
    {
        at = next;
    }
    at
}

/// The object right behind an initialized proxy.
pub fn instance(object: &Object) -> Option<Object> {
    if !is_proxy(object) {
        return None;
    }
    with_info(object, |info| info.instance.clone()).flatten()
}

/// The initializer of a lazy object that is not initialized.
pub fn initializer(object: &Object) -> Option<Value> {
    if !is_uninitialized(object) {
        return None;
    }
    with_info(object, |info| info.initializer.clone())
}

/// Does using this empty slot initialize the object, or lead to the instance behind it?
pub fn is_lazy_slot(object: &Object, slot: u32) -> bool {
    is_lazy(object)
        && with_info(object, |info| info.lazy.get(slot as usize).copied()).flatten() == Some(true)
}

/// Stops or resumes using a slot to initialize the object.
pub fn set_lazy_slot(object: &Object, slot: u32, lazy: bool) {
    with_info(object, |info| {
        if let Some(bit) = info.lazy.get_mut(slot as usize) {
            *bit = lazy;
        }
    });
}

/// An object none of whose properties is lazy any more is no lazy object.
pub fn settle(object: &Object) {
    if is_uninitialized(object)
        && with_info(object, |info| !info.lazy.contains(&true)) == Some(true)
    {
        wake(object);
        drop(take_info(object));
    }
}

/// The object is lazy no more: it has its destructor again.
fn wake(object: &Object) {
    object.clear_flag(PENDING | PROXY);
    if object.class().magic.destruct.is_some() {
        object.clear_flag(Object::DESTRUCTOR_CALLED);
    }
}

/// It waits for its initializer; until then it has nothing to destruct.
fn sleep(object: &Object, kind: LazyKind) {
    let proxy = if kind == LazyKind::Proxy { PROXY } else { 0 };
    object.set_flag(PENDING | proxy | Object::DESTRUCTOR_CALLED);
}

/// Empties a slot; a reference there is no longer bound to its type.
fn empty_slot(object: &Object, slot: usize) {
    let class = object.class();
    let held = object.take_slot(slot);
    if let (Value::Ref(r), Some(info)) = (&held, class.slot_props.get(slot))
        && info.ty.is_some()
    {
        r.remove_typed_source(prop_source(info));
    }
}

/// The state of an object before its initializer ran.
struct Snapshot {
    slots: Vec<Value>,
    dynamic: Option<PhpArray>,
}

impl Snapshot {
    fn take(object: &Object) -> Snapshot {
        Snapshot {
            slots: (0..object.slot_count()).map(|i| object.slot(i)).collect(),
            dynamic: object.dynamic(),
        }
    }

    fn restore(self, object: &Object) {
        let class = object.class();
        for (i, v) in self.slots.into_iter().enumerate() {
            empty_slot(object, i);
            if let (Value::Ref(r), Some(info)) = (&v, class.slot_props.get(i))
                && info.ty.is_some()
            {
                r.set_typed_source(prop_source(info));
            }
            object.set_slot(i, v);
        }
        object.set_dynamic(self.dynamic);
    }
}

fn default_of(class: ClassRef, slot: usize) -> Value {
    match class.slots.borrow().get(slot) {
        Some(Lazy::Value(v)) => v.clone(),
        _ => Value::Undef,
    }
}

impl Cx {
    /// The object that has the properties: a lazy object is initialized first; behind a proxy it
    /// is its instance.
    #[inline]
    pub fn realize(&mut self, object: &Object) -> Ret<Object> {
        if is_lazy(object) { self.realize_lazy(object) } else { Ok(object.clone()) }
    }

    #[cold]
    fn realize_lazy(&mut self, object: &Object) -> Ret<Object> {
        let mut at = object.clone();
        loop {
            if is_uninitialized(&at) {
                at = if is_proxy(&at) {
                    self.initialize_proxy(&at)?
                } else {
                    self.initialize_ghost(&at)?;
                    at
                };
            }
            match instance(&at) {
                Some(next) => at = next,
                None => return Ok(at),
            }
        }
    }

    /// The object whose properties are shown for a purpose.
    pub fn realize_for(&mut self, object: &Object, purpose: PropertiesFor) -> Ret<Object> {
        let as_is = is_uninitialized(object)
            && match purpose {
                PropertiesFor::Debug | PropertiesFor::ArrayCast => true,
                PropertiesFor::Serialize => {
                    with_info(object, |info| info.serialize_as_is) == Some(true)
                }
                _ => false,
            };
        if as_is { Ok(object.clone()) } else { self.realize(object) }
    }

    fn initialize_ghost(&mut self, object: &Object) -> Ret<()> {
        let class = object.class();
        self.prepare_class(class)?;
        let found = with_info(object, |info| (info.initializer.clone(), info.lazy.clone()));
        let Some((initializer, lazy)) = found else {
            wake(object);
            return Ok(());
        };
        wake(object);
        let before = Snapshot::take(object);
        for (slot, _) in lazy.iter().enumerate().filter(|(_, lazy)| **lazy) {
            object.set_slot(slot, default_of(class, slot));
        }
        let failed = match self.call(&initializer, vec![Value::Object(object.clone())]) {
            Ok(v) if v.with_deref(Value::is_null) => {
                drop(take_info(object));
                return Ok(());
            }
            Ok(_) => None,
            Err(u) => Some(u),
        };
        before.restore(object);
        sleep(object, LazyKind::Ghost);
        Err(failed.unwrap_or_else(|| {
            self.throw_type_error("Lazy object initializer must return NULL or no value")
        }))
    }

    /// Runs the factory of a proxy; the instance.
    fn initialize_proxy(&mut self, object: &Object) -> Ret<Object> {
        let Some(factory) = with_info(object, |info| info.initializer.clone()) else {
            wake(object);
            return Ok(object.clone());
        };
        object.clear_flag(PENDING | PROXY);
        let made = self.call(&factory, vec![Value::Object(object.clone())]);
        let made = made.and_then(|v| self.check_instance(object, v.into_deref()));
        let instance = match made {
            Ok(instance) => instance,
            Err(u) => {
                sleep(object, LazyKind::Proxy);
                return Err(u);
            }
        };
        object.set_flag(PROXY | Object::DESTRUCTOR_CALLED);
        let old = with_info(object, |info| {
            info.lazy.fill(true);
            info.instance = Some(instance.clone());
            std::mem::take(&mut info.initializer)
        });
        drop(old);
        drop(object.take_dynamic());
        for slot in 0..object.slot_count() {
            empty_slot(object, slot);
        }
        Ok(instance)
    }

    /// May the factory's result stand behind the proxy?
    fn check_instance(&mut self, proxy: &Object, made: Value) -> Ret<Object> {
        let class = proxy.class();
        let Value::Object(instance) = made else {
            let given = self.value_type_name(&made);
            return Err(self.throw_type_error(format!(
                "Lazy proxy factory must return an instance of a class compatible with {}, \
                 {given} returned",
                class.display_name()
            )));
        };
        if !compatible(instance.class(), class) {
            return Err(self.throw_type_error(format!(
                "The real instance class {} is not compatible with the proxy class {}. The proxy \
                 must be a instance of the same class as the real instance, or a sub-class with \
                 no additional properties, and no overrides of the __destructor or __clone \
                 methods.",
                instance.class().display_name(),
                class.display_name()
            )));
        }
        if instance.ptr_eq(proxy) || is_lazy(&instance) {
            return Err(self.throw_error("Lazy proxy factory must return a non-lazy object"));
        }
        Ok(instance)
    }

    fn check_may_be_lazy(&mut self, class: ClassRef) -> Ret<()> {
        let is_native = |c: ClassRef| c.native.is_some() && c.key.as_bytes() != b"stdclass";
        if is_native(class) {
            return Err(self.throw_error(format!(
                "Cannot make instance of internal class lazy: {} is internal",
                class.display_name()
            )));
        }
        let mut above = class.parent;
        while let Some(parent) = above {
            if is_native(parent) {
                return Err(self.throw_error(format!(
                    "Cannot make instance of internal class lazy: {} inherits internal class {}",
                    class.display_name(),
                    parent.display_name()
                )));
            }
            above = parent.parent;
        }
        Ok(())
    }

    /// A new lazy object of a class.
    pub fn new_lazy(&mut self, class: ClassRef, plan: LazyPlan) -> Ret<Object> {
        self.check_may_be_lazy(class)?;
        // Makes the error of a class that has no objects, and evaluates its defaults.
        let object = self.instantiate(class)?;
        for slot in 0..object.slot_count() {
            drop(object.take_slot(slot));
        }
        fall_asleep(&object, class, plan);
        Ok(object)
    }

    /// Makes an object lazy (again), seen as one of `class`. Unless told otherwise it is
    /// destructed first.
    pub fn reset_as_lazy(
        &mut self,
        object: &Object,
        class: ClassRef,
        plan: LazyPlan,
        skip_destructor: bool,
    ) -> Ret<()> {
        self.check_may_be_lazy(class)?;
        if is_lazy(object) {
            object.clear_flag(PENDING | PROXY);
            drop(take_info(object));
            // The instance behind it may have gone.
            self.run_pending_work()?;
        } else {
            if with_info(object, |_| ()).is_some() {
                return Err(
                    self.throw_error("Can not reset an object while it is being initialized")
                );
            }
            if !skip_destructor && !object.has_flag(Object::DESTRUCTOR_CALLED) {
                object.set_flag(Object::DESTRUCTOR_CALLED);
                self.destruct(object.clone())?;
            }
        }
        wake(object);
        drop(object.take_dynamic());
        let own = object.class();
        for (slot, info) in own.slot_props.iter().enumerate().take(class.slot_props.len()) {
            if !stays(own, info, object, slot) {
                empty_slot(object, slot);
            }
        }
        fall_asleep(object, class, plan);
        Ok(())
    }

    /// Gives a lazy object the defaults of its properties without running its initializer.
    pub fn mark_initialized(&mut self, object: &Object) -> Ret<()> {
        if !is_uninitialized(object) {
            return Ok(());
        }
        let class = object.class();
        self.prepare_class(class)?;
        wake(object);
        let Some(info) = take_info(object) else { return Ok(()) };
        for (slot, _) in info.lazy.iter().enumerate().filter(|(_, lazy)| **lazy) {
            object.set_slot(slot, default_of(class, slot));
        }
        Ok(())
    }

    /// `clone` of a lazy object; `copy` copies a plain one.
    pub(crate) fn clone_lazy(
        &mut self,
        object: &Object,
        copy: impl FnOnce(&mut Cx, &Object) -> Ret<Object>,
    ) -> Ret<Object> {
        let real = self.realize(object)?;
        let cloned = copy(self, &real)?;
        if !is_proxy(object) {
            return Ok(cloned);
        }
        let class = object.class();
        let proxy = Object::with_flags(
            class.ptr(),
            object.slot_count(),
            PROXY | object.flags() & Object::SKIP_FREE_HOOK | Object::DESTRUCTOR_CALLED,
        );
        let serialize_as_is = with_info(object, |info| info.serialize_as_is).unwrap_or_default();
        proxy.set_data(Box::new(LazyData(RefCell::new(Some(Info {
            initializer: Value::Null,
            serialize_as_is,
            instance: Some(cloned),
            lazy: vec![true; proxy.slot_count()],
        })))));
        Ok(proxy)
    }
}

/// A readonly property that nobody can reset: the class or the property is final.
fn stays(class: ClassRef, info: &crate::class::PropInfo, object: &Object, slot: usize) -> bool {
    let is_final = class.flags & class_flags::FINAL != 0
        || info.flags & outlast_bytecode::member_flags::FINAL != 0;
    info.is_readonly() && is_final && !object.with_slot(slot, Value::is_undef)
}

/// Empty slots become lazy; if there is none, the object stays as it is.
fn fall_asleep(object: &Object, class: ClassRef, plan: LazyPlan) {
    let mut lazy = vec![false; object.slot_count()];
    for (slot, info) in object.class().slot_props.iter().enumerate().take(class.slot_props.len()) {
        lazy[slot] = !info.is_virtual() && object.with_slot(slot, Value::is_undef);
    }
    if !lazy.contains(&true) {
        return;
    }
    let info = Info {
        initializer: plan.initializer,
        serialize_as_is: plan.serialize_as_is,
        instance: None,
        lazy,
    };
    match object.data::<LazyData>() {
        Some(data) => drop(data.0.borrow_mut().replace(info)),
        None => object.set_data(Box::new(LazyData(RefCell::new(Some(info))))),
    }
    sleep(object, plan.kind);
}

/// May an object of `real` stand behind a proxy of `proxy`?
fn compatible(real: ClassRef, proxy: ClassRef) -> bool {
    if real == proxy {
        return true;
    }
    let same =
        |a: &Option<crate::function::FuncRef>, b: &Option<crate::function::FuncRef>| match (a, b) {
            (None, None) => true,
            (Some(a), Some(b)) => std::rc::Rc::ptr_eq(a, b),
            _ => false,
        };
    proxy.is_subclass_of_or_same(real)
        && proxy.slot_props.len() == real.slot_props.len()
        && same(&proxy.magic.destruct, &real.magic.destruct)
        && same(&proxy.magic.clone, &real.magic.clone)
}

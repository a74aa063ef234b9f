//! `WeakReference`: one object for each object referred to.

use outlast_value::{Key, Object, ObjectData, PhpArray, PhpString, Value, WeakObject};
use outlast_vm::{Cx, ObjectHandlers, PropertiesFor, Ret};
use std::collections::HashMap;

pub(super) static REFERENCE_HANDLERS: ObjectHandlers =
    ObjectHandlers { uncloneable: true, properties: Some(properties), ..ObjectHandlers::STANDARD };

struct ReferenceData(WeakObject);

impl ObjectData for ReferenceData {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

/// The references of a script, by the address of the object referred to.
#[derive(Default)]
struct References {
    known: HashMap<usize, (WeakObject, WeakObject)>,
    /// Entries of dead objects are dropped when there are this many.
    sweep_at: usize,
}

impl References {
    fn find(&self, object: &Object) -> Option<Object> {
        let (target, reference) = self.known.get(&object.ptr_id())?;
        // The address may be that of a new object.
        target.upgrade().filter(|t| t.ptr_eq(object))?;
        reference.upgrade()
    }

    fn add(&mut self, object: &Object, reference: &Object) {
        if self.known.len() >= self.sweep_at.max(64) {
            self.known.retain(|_, (_, reference)| reference.upgrade().is_some());
            self.sweep_at = self.known.len() * 2;
        }
        self.known.insert(object.ptr_id(), (object.weak(), reference.weak()));
    }
}

pub(super) fn weak_reference_construct(cx: &mut Cx, _this: &Object) -> Ret<()> {
    Err(cx.throw_error(
        "Direct instantiation of WeakReference is not allowed, use WeakReference::create instead",
    ))
}

pub(super) fn weak_reference_create(cx: &mut Cx, object: &Object) -> Ret<Object> {
    if let Some(known) = cx.state::<References>().find(object) {
        return Ok(known);
    }
    let class = cx.class(b"WeakReference").expect("it is declared here");
    let reference = cx.instantiate(class)?;
    reference.set_data(Box::new(ReferenceData(object.weak())));
    cx.state::<References>().add(object, &reference);
    Ok(reference)
}

fn target(reference: &Object) -> Option<Object> {
    reference.data::<ReferenceData>().and_then(|d| d.0.upgrade())
}

pub(super) fn weak_reference_get(_cx: &mut Cx, this: &Object) -> Ret<Option<Object>> {
    Ok(target(this))
}

fn properties(_cx: &mut Cx, object: &Object, purpose: PropertiesFor) -> Ret<PhpArray> {
    let mut out = PhpArray::new();
    if purpose == PropertiesFor::Debug {
        let value = target(object).map_or(Value::Null, Value::Object);
        out.insert(Key::Str(PhpString::from("object")), value);
    }
    Ok(out)
}

use std::any::Any;
use std::cell::RefCell;
use std::ptr::NonNull;

use super::{GcCallbacks, gc_collect, gc_collect_automatic, gc_status};
use crate::{ClassPtr, Heap, Object, ObjectData, PhpArray, PhpString, Reference, Value};

/// A class whose pointer tells whether it has a destructor.
fn class(destructor: bool) -> ClassPtr {
    let address = if destructor { NonNull::<u64>::dangling().cast() } else { NonNull::dangling() };
    ClassPtr(address)
}

#[derive(Default)]
struct Callbacks {
    destroyed: Vec<u32>,
    keep: bool,
    kept: Vec<Object>,
}

impl GcCallbacks for Callbacks {
    fn has_destructor(&mut self, object: &Object) -> bool {
        object.class_ptr() == class(true)
    }

    fn destroy(&mut self, object: &Object) {
        self.destroyed.push(object.id());
        if self.keep {
            self.kept.push(object.clone());
        }
    }
}

fn cycle(destructor: bool) -> Object {
    let object = Object::new(class(destructor), 2);
    object.set_slot(0, Value::Object(object.clone()));
    object
}

#[test]
fn cycles_are_freed_and_counted_as_php_does() {
    let heap = Heap::new();
    let _entered = heap.enter();
    let mut callbacks = Callbacks::default();
    // An object in itself.
    drop(cycle(false));
    assert_eq!(gc_status().roots, 1);
    assert_eq!(gc_collect(&mut callbacks), 1);
    // An array in itself by reference: references do not count.
    let mut array = PhpArray::from_list(vec![Value::Int(1)]);
    let reference = Reference::new(Value::Null);
    array.push(Value::Ref(reference.clone())).unwrap();
    reference.set(Value::Array(array));
    drop(reference);
    assert_eq!(gc_collect(&mut callbacks), 1);
    // The table of dynamic properties does not count, an array in it does.
    let object = Object::new(class(false), 0);
    let list = PhpArray::from_list(vec![Value::Object(object.clone())]);
    object.dynamic_mut(|table| {
        let table = table.get_or_insert_default();
        table.insert_str(PhpString::from("self"), Value::Object(object.clone()));
        table.insert_str(PhpString::from("list"), Value::Array(list));
    });
    drop(object);
    assert_eq!(gc_collect(&mut callbacks), 2);
    let status = gc_status();
    assert_eq!((status.runs, status.collected, status.roots), (3, 4, 0));
    assert_eq!(heap.used(), 0);
}

#[test]
fn destructors_run_first_and_what_they_reach_waits() {
    let heap = Heap::new();
    let _entered = heap.enter();
    let mut callbacks = Callbacks::default();
    let object = cycle(true);
    object.set_slot(1, Value::Object(Object::new(class(false), 0)));
    drop(object);
    assert_eq!(gc_collect(&mut callbacks), 2);
    assert_eq!(callbacks.destroyed, [1]);
    assert_eq!((gc_status().runs, gc_status().collected), (2, 2));
    assert_eq!(heap.used(), 0);
}

#[test]
fn a_resurrected_object_stays() {
    let heap = Heap::new();
    let _entered = heap.enter();
    let mut callbacks = Callbacks { keep: true, ..Callbacks::default() };
    drop(cycle(true));
    assert_eq!(gc_collect(&mut callbacks), 0);
    assert_eq!(callbacks.destroyed.len(), 1);
    assert!(callbacks.kept[0].slot(0).is_object());
    callbacks.kept.clear();
    assert_eq!(gc_collect(&mut callbacks), 1);
    assert_eq!(callbacks.destroyed.len(), 1);
    assert_eq!(heap.object_count(), 0);
}

#[test]
fn what_is_reachable_from_outside_stays() {
    let _entered = Heap::new().enter();
    let mut callbacks = Callbacks::default();
    let outer = cycle(false);
    let inner = cycle(false);
    outer.set_slot(1, Value::Object(inner));
    drop(outer.clone());
    assert_eq!(gc_collect(&mut callbacks), 0);
    assert_eq!((gc_status().runs, gc_status().roots), (1, 0));
    assert_eq!(gc_collect(&mut callbacks), 0);
    assert_eq!(gc_status().runs, 1);
    assert!(outer.slot(1).as_object().unwrap().slot(0).is_object());
    drop(outer);
    assert_eq!(gc_collect(&mut callbacks), 2);
}

#[test]
fn payloads_take_part() {
    struct Payload(RefCell<Option<Object>>);
    impl ObjectData for Payload {
        fn trace(&self, visit: &mut dyn FnMut(&Value)) {
            if let Some(object) = &*self.0.borrow() {
                visit(&Value::Object(object.clone()));
            }
        }

        fn clear(&self) {
            drop(self.0.take());
        }

        fn as_any(&self) -> &dyn Any {
            self
        }
    }
    let heap = Heap::new();
    let _entered = heap.enter();
    let object = Object::new(class(false), 0);
    object.set_data(Box::new(Payload(RefCell::new(Some(object.clone())))));
    let weak = object.weak();
    drop(object);
    assert_eq!(gc_collect(&mut Callbacks::default()), 1);
    assert!(weak.upgrade().is_none());
    assert_eq!(heap.used(), 0);
}

#[test]
fn shared_arrays_in_a_cycle() {
    let heap = Heap::new();
    let _entered = heap.enter();
    let object = Object::new(class(false), 2);
    let list = PhpArray::from_list(vec![Value::Object(object.clone())]);
    object.set_slot(0, Value::Array(list.clone()));
    object.set_slot(1, Value::Array(list));
    drop(object);
    assert_eq!(gc_collect(&mut Callbacks::default()), 2);
    assert_eq!(heap.used(), 0);
}

#[test]
fn the_threshold_rises_when_runs_are_in_vain() {
    let heap = Heap::new();
    let _entered = heap.enter();
    let fill = |count: usize| -> Vec<Object> {
        (0..count)
            .map(|_| {
                let object = Object::new(class(false), 0);
                drop(object.clone());
                object
            })
            .collect()
    };
    let live = fill(10_001);
    assert!(heap.gc_wanted());
    assert_eq!(gc_collect_automatic(&mut Callbacks::default()), 0);
    assert_eq!(gc_status().threshold, 20_001);
    assert!(!heap.gc_wanted());
    drop(live);
    heap.set_gc_enabled(false);
    let live = fill(20_001);
    assert!(!heap.gc_wanted());
    heap.set_gc_enabled(true);
    assert!(heap.gc_wanted());
    drop(live);
    assert_eq!(gc_status().roots, 0);
}

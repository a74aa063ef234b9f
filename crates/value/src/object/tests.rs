use std::any::Any;
use std::cell::{Cell, RefCell};
use std::ptr::NonNull;

use super::{ClassPtr, Object, ObjectData, ObjectHooks, set_object_hooks};
use crate::{Heap, PhpArray, PhpString, Value};

pub(crate) fn class() -> ClassPtr {
    ClassPtr(NonNull::dangling())
}

#[test]
fn handles_are_reused_last_freed_first() {
    let _entered = Heap::new().enter();
    let (a, b, c) = (Object::new(class(), 0), Object::new(class(), 0), Object::new(class(), 0));
    assert_eq!((a.id(), b.id(), c.id()), (1, 2, 3));
    drop(a);
    drop(b);
    assert_eq!(Object::new(class(), 0).id(), 2);
    let d = Object::new(class(), 0);
    let e = Object::new(class(), 0);
    assert_eq!((d.id(), e.id()), (2, 1));
    assert_eq!(Heap::current().object_count(), 3);
}

#[test]
fn slots_dynamic_table_and_payload() {
    struct Payload(Cell<i64>);
    impl ObjectData for Payload {
        fn as_any(&self) -> &dyn Any {
            self
        }
    }
    let object = Object::new(class(), 2);
    assert!(object.slot(0).is_undef());
    object.set_slot(1, Value::str("hello"));
    assert_eq!(object.with_slot(1, |value| value.as_str().unwrap().len()), 5);
    assert!(!object.has_dynamic());
    object.dynamic_mut(|table| {
        table.get_or_insert_default().insert_str(PhpString::from("x"), Value::Int(1));
    });
    object.with_dynamic(|table| assert_eq!(table.map(PhpArray::len), Some(1)));
    object.set_data(Box::new(Payload(Cell::new(7))));
    object.data::<Payload>().unwrap().0.set(8);
    assert_eq!(object.data::<Payload>().unwrap().0.get(), 8);
    object.set_flag(Object::FIRST_FREE_FLAG);
    assert!(object.has_flag(Object::FIRST_FREE_FLAG));
    object.clear_flag(Object::FIRST_FREE_FLAG);
    assert_eq!(object.flags(), 0);
}

thread_local! {
    static KEPT: RefCell<Vec<Object>> = const { RefCell::new(Vec::new()) };
    static EVENTS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

#[test]
fn a_destructor_may_resurrect() {
    fn destroy(object: &Object) {
        object.set_flag(Object::DESTRUCTOR_CALLED);
        EVENTS.with_borrow_mut(|events| events.push(format!("destroy {}", object.count())));
        KEPT.with_borrow_mut(|kept| kept.push(object.clone()));
    }
    fn free(object: &Object) {
        EVENTS.with_borrow_mut(|events| events.push(format!("free {}", object.id())));
    }
    let _entered = Heap::new().enter();
    set_object_hooks(ObjectHooks { destroy, free });
    let object = Object::new(class(), 1);
    object.set_slot(0, Value::str("still here"));
    let weak = object.weak();
    drop(object);
    assert!(weak.upgrade().is_some_and(|object| object.slot(0).is_str()));
    let kept = KEPT.with_borrow_mut(Vec::pop).unwrap();
    assert_eq!(kept.count(), 1);
    drop(kept);
    assert!(weak.upgrade().is_none());
    assert_eq!(EVENTS.take(), ["destroy 1", "free 1"]);
}

#[test]
fn weak_references_share_and_outlive() {
    let object = Object::new(class(), 0);
    assert!(!object.has_weak());
    let (a, b) = (object.weak(), object.weak());
    assert!(a.ptr_eq(&b) && object.has_weak());
    assert!(a.upgrade().unwrap().ptr_eq(&object));
    drop(object);
    assert!(a.upgrade().is_none() && b.clone().upgrade().is_none());
}

#[test]
fn heaps_number_their_objects_apart() {
    let (one, two) = (Heap::new(), Heap::new());
    let first = {
        let _entered = one.enter();
        Object::new(class(), 0)
    };
    let _entered = two.enter();
    let second = Object::new(class(), 0);
    assert_eq!((first.id(), second.id()), (1, 1));
    assert_eq!((one.object_count(), two.object_count()), (1, 1));
    // Freed while another heap is current.
    drop(first);
    assert_eq!((one.object_count(), two.object_count()), (0, 1));
    assert!(two.object_by_id(1).unwrap().ptr_eq(&second));
}

#[test]
fn all_objects_can_be_walked_and_freed() {
    let heap = Heap::new();
    let _entered = heap.enter();
    for _ in 0..3 {
        let object = Object::new(class(), 1);
        object.set_slot(0, Value::Object(object.clone()));
    }
    let mut seen = Vec::new();
    heap.for_each_object(|object| seen.push(object.id()));
    assert_eq!(seen, [1, 2, 3]);
    heap.free_all_objects();
    assert_eq!(heap.object_count(), 0);
    assert_eq!(heap.used(), 0);
}

#[test]
fn a_heap_may_go_before_its_values() {
    let heap = Heap::new();
    let entered = heap.enter();
    let object = Object::new(class(), 1);
    let weak = object.clone();
    drop(weak);
    drop(entered);
    drop(heap);
    object.set_slot(0, Value::Int(1));
    drop(object);
}

#[test]
fn deep_structures_are_freed_without_recursion() {
    let heap = Heap::new();
    let _entered = heap.enter();
    let depth = if cfg!(miri) { 1_000 } else { 1_000_000 };
    let mut value = Value::Null;
    for at in 0..depth {
        value = match at % 3 {
            0 => Value::Array(PhpArray::from_list(vec![value])),
            1 => {
                let object = Object::new(class(), 1);
                object.set_slot(0, value);
                Value::Object(object)
            }
            _ => Value::Array(PhpArray::from([("next", Value::Ref(crate::Reference::new(value)))])),
        };
    }
    drop(value);
    assert_eq!(heap.used(), 0);
    assert_eq!(heap.object_count(), 0);
}

use super::identical;
use crate::{ClassPtr, Object, PhpArray, Reference, Value};

fn list(values: Vec<Value>) -> Value {
    Value::Array(PhpArray::from_list(values))
}

#[test]
fn types_and_values_must_agree() {
    assert!(identical(&Value::Int(1), &Value::Int(1)));
    assert!(!identical(&Value::Int(1), &Value::Float(1.0)));
    assert!(!identical(&Value::Float(f64::NAN), &Value::Float(f64::NAN)));
    assert!(identical(&Value::Float(0.0), &Value::Float(-0.0)));
    assert!(identical(&Value::str("ab"), &Value::str("ab")));
    let class = ClassPtr(std::ptr::NonNull::dangling());
    let object = Value::Object(Object::new(class, 0));
    assert!(identical(&object, &object.clone()));
    assert!(!identical(&object, &Value::Object(Object::new(class, 0))));
}

#[test]
fn arrays_compare_keys_values_and_order() {
    let a = list(vec![Value::Int(1), list(vec![Value::str("x")])]);
    let b = list(vec![Value::Int(1), list(vec![Value::str("x")])]);
    assert!(identical(&a, &b));
    assert!(!identical(&a, &list(vec![Value::Int(1), list(vec![Value::str("y")])])));
    let ab = PhpArray::from([("a", Value::Int(1)), ("b", Value::Int(2))]);
    let ba = PhpArray::from([("b", Value::Int(2)), ("a", Value::Int(1))]);
    assert!(!identical(&Value::Array(ab), &Value::Array(ba)));
    let referring = list(vec![Value::Ref(Reference::new(Value::Int(1)))]);
    assert!(identical(&referring, &list(vec![Value::Int(1)])));
    // The packed and the hashed form of the same list.
    let mut hashed = PhpArray::with_hashed_capacity(2);
    hashed.insert_int(0, Value::Int(1));
    assert!(identical(&Value::Array(hashed), &list(vec![Value::Int(1)])));
}

#[test]
fn depth_costs_no_stack() {
    let deep = || {
        let mut value = Value::Int(1);
        for _ in 0..if cfg!(miri) { 100 } else { 200_000 } {
            value = list(vec![value]);
        }
        value
    };
    assert!(identical(&deep(), &deep()));
}

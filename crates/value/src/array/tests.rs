use std::cmp::Ordering;

use super::{Full, Key, KeyRef, PhpArray};
use crate::{Heap, PhpString, Reference, Value};

fn ints(range: std::ops::Range<i64>) -> PhpArray {
    PhpArray::from_list(range.map(Value::Int).collect())
}

fn text(array: &PhpArray) -> String {
    format!("{array:?}")
}

#[test]
fn copies_are_made_on_write() {
    let mut a = ints(0..3);
    let b = a.clone();
    assert!(a.ptr_eq(&b));
    a.insert_int(1, Value::str("one"));
    assert_eq!(text(&a), r#"{0: 0, 1: "one", 2: 2}"#);
    assert_eq!(text(&b), "{0: 0, 1: 1, 2: 2}");
    assert!(a.is_unique() && b.is_unique());
    let mut c = b.clone();
    assert!(c.get_int_mut(9).is_none());
    assert!(c.ptr_eq(&b), "looking for what is absent copies nothing");
    assert!(c.remove_int(9).is_none() && c.ptr_eq(&b));
}

#[test]
fn lone_references_dissolve_in_copies() {
    let shared = Reference::new(Value::Int(2));
    let lone = Value::Ref(Reference::new(Value::Int(1)));
    let a = PhpArray::from_list(vec![lone, Value::Ref(shared.clone())]);
    let mut b = a.clone();
    b.push(Value::Null).unwrap();
    assert!(b.get_int(0).unwrap().is_int());
    assert!(b.get_int(1).unwrap().is_ref());
    assert!(a.get_int(0).unwrap().is_ref());
}

#[test]
fn a_filled_hole_comes_last() {
    let mut a = ints(0..4);
    a.remove_int(1);
    assert!(a.is_packed() && !a.is_list());
    assert!(a.as_packed_slice().is_none());
    a.insert_int(1, Value::Int(9));
    assert_eq!(text(&a), "{0: 0, 2: 2, 3: 3, 1: 9}");
    assert!(!a.is_packed());
}

#[test]
fn next_keys() {
    let mut a = PhpArray::new();
    assert_eq!(a.next_free(), 0);
    a.insert_int(-5, Value::Int(1));
    a.push(Value::Int(2)).unwrap();
    assert_eq!(text(&a), "{-5: 1, -4: 2}");
    a.remove_int(-4);
    a.push(Value::Int(3)).unwrap();
    assert_eq!(text(&a), "{-5: 1, -3: 3}");
    a.pop();
    a.push(Value::Int(4)).unwrap();
    assert_eq!(text(&a), "{-5: 1, -3: 4}");
    let mut b = ints(0..3);
    b.remove_int(2);
    b.pop();
    b.push(Value::Int(7)).unwrap();
    assert_eq!(text(&b), "{0: 0, 3: 7}");
    let mut c = PhpArray::new();
    c.insert_int(i64::MAX, Value::Null);
    assert_eq!(c.push(Value::Null), Err(Full));
    assert_eq!(c.len(), 1);
    c.remove_int(i64::MAX);
    assert_eq!(c.push(Value::Null), Ok(()));
    assert!(c.get_int(i64::MAX).is_some());
}

#[test]
fn far_keys_do_not_fill_the_gap() {
    let mut a = PhpArray::new();
    a.insert_int(5, Value::Int(5));
    assert!(a.is_packed());
    a.insert_int(1_000_000, Value::Int(6));
    assert!(!a.is_packed());
    assert_eq!(text(&a), "{5: 5, 1000000: 6}");
    assert_eq!(a.next_free(), 1_000_001);
}

#[test]
fn string_keys() {
    let mut a = PhpArray::new();
    a.insert_key_str(PhpString::from("1"), Value::Int(1));
    a.insert_str(PhpString::from("x"), Value::Int(2));
    assert_eq!(text(&a), r#"{1: 1, "x": 2}"#);
    assert!(a.get_str(b"1").is_none());
    assert_eq!(a.get_key_str(&PhpString::from("1")).unwrap().as_int(), Some(1));
    assert_eq!(a.get_str(b"x").unwrap().as_int(), Some(2));
    // An integer key equal to a string's hash is another key.
    let clash = PhpString::from("x").hash() as i64;
    assert!(a.get_int(clash).is_none());
    a.insert_int(clash, Value::Int(3));
    assert_eq!(a.get_str(b"x").unwrap().as_int(), Some(2));
    assert_eq!(a.remove_str(&PhpString::from("x")).unwrap().as_int(), Some(2));
    assert_eq!(a.get_int(clash).unwrap().as_int(), Some(3));
}

#[test]
fn shift_and_unshift_renumber() {
    let mut a = ints(0..3);
    a.insert_str(PhpString::from("k"), Value::Int(9));
    a.insert_int(10, Value::Int(10));
    assert_eq!(a.shift().unwrap().as_int(), Some(0));
    assert_eq!(text(&a), r#"{0: 1, 1: 2, "k": 9, 2: 10}"#);
    assert_eq!(a.next_free(), 3);
    a.unshift(vec![Value::Int(7), Value::Int(8)]);
    assert_eq!(text(&a), r#"{0: 7, 1: 8, 2: 1, 3: 2, "k": 9, 4: 10}"#);
    let mut b = ints(0..5);
    b.remove_int(2);
    assert_eq!(b.shift().unwrap().as_int(), Some(0));
    assert_eq!(text(&b), "{0: 1, 1: 3, 2: 4}");
    assert_eq!(b.shift().unwrap().as_int(), Some(1));
    assert_eq!(text(&b), "{0: 3, 1: 4}");
    assert_eq!(PhpArray::new().shift().map(|_| ()), None);
}

#[test]
fn the_internal_pointer_moves_on_when_its_element_goes() {
    let mut a = ints(0..4);
    a.set_cursor(1);
    a.remove_int(1);
    assert_eq!(a.entry_at(a.cursor()).unwrap().0, KeyRef::Int(2));
    a.set_cursor(3);
    a.remove_int(3);
    assert!(a.entry_at(a.cursor()).is_none());
    let mut b = ints(0..2);
    b.set_cursor(b.pos_end());
    b.push(Value::Int(4)).unwrap();
    assert_eq!(b.entry_at(b.cursor()).unwrap().1.as_int(), Some(4));
}

#[test]
fn iterators_survive_everything() {
    let mut a = PhpArray::new();
    for at in 0..10 {
        a.insert_str(PhpString::from(format!("k{at}")), Value::Int(at));
    }
    let pos = a.pos_of(&Key::from("k5")).unwrap();
    let handle = a.iter_register(pos);
    let at = |a: &PhpArray| a.entry_at(a.iter_pos(handle).unwrap()).unwrap().1.as_int().unwrap();
    for key in ["k1", "k3"] {
        a.remove(&Key::from(key));
    }
    // Compaction and growth.
    for more in 100..200 {
        a.insert_int(more, Value::Int(more));
    }
    assert_eq!(at(&a), 5);
    a.remove(&Key::from("k5"));
    assert_eq!(at(&a), 6);
    // The copy knows the iterator, and each goes its own way.
    let mut b = a.clone();
    b.remove(&Key::from("k6"));
    assert_eq!((at(&a), at(&b)), (6, 7));
    let c = PhpArray::new();
    assert_eq!(c.iter_pos(handle), None);
    b.iter_release(handle);
    assert_eq!(b.iter_pos(handle), None);
    a.shift();
    assert_eq!(at(&a), 6);
    a.unshift(vec![Value::Null; 3]);
    assert_eq!(at(&a), 6);
}

#[test]
fn walking_positions_both_ways() {
    let mut a = ints(0..6);
    for key in [0, 3, 5] {
        a.remove_int(key);
    }
    let mut pos = a.pos_begin();
    let mut seen = Vec::new();
    while let Some((key, _)) = a.entry_at(pos) {
        seen.push(key);
        pos = a.pos_next(pos);
    }
    assert_eq!(seen, [KeyRef::Int(1), KeyRef::Int(2), KeyRef::Int(4)]);
    assert_eq!(a.pos_last(), 4);
    assert_eq!(a.pos_prev(4), 2);
    assert_eq!(a.pos_prev(1), a.pos_end());
    let back: Vec<_> = a.iter().rev().map(|(_, value)| value.as_int().unwrap()).collect();
    assert_eq!(back, [4, 2, 1]);
    assert_eq!(a.iter().len(), 3);
}

#[test]
fn sorting_is_stable_and_keeps_or_drops_keys() {
    let mut a: PhpArray = (0..1000).map(|at| Value::Int((at * 7919) % 10)).collect();
    let by_value = |(_, a): &(Key, Value), (_, b): &(Key, Value)| a.as_int().cmp(&b.as_int());
    a.sort_by(by_value, false);
    assert_eq!(a.next_free(), 1000);
    let entries: Vec<_> = a.iter().map(|(key, value)| (value.as_int(), key)).collect();
    for pair in entries.windows(2) {
        let ((a, Key::Int(x)), (b, Key::Int(y))) = (&pair[0], &pair[1]) else { panic!() };
        assert!(a < b || (a == b && x < y));
    }
    let copy = a.clone();
    a.sort_by(|a, b| by_value(b, a), true);
    assert!(a.is_list() && a.is_packed());
    assert_eq!(a.get_int(0).unwrap().as_int(), Some(9));
    assert_eq!(copy.first().unwrap().1.as_int(), Some(0));
}

#[test]
fn a_comparison_that_contradicts_itself_loses_nothing() {
    let mut state = 1u64;
    for len in [0, 1, 2, 15, 16, 17, 33, 500] {
        let mut a = ints(0..len);
        a.sort_by(
            |_, _| {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                [Ordering::Less, Ordering::Equal, Ordering::Greater][(state >> 33) as usize % 3]
            },
            true,
        );
        let mut values: Vec<_> = a.values().map(|value| value.as_int().unwrap()).collect();
        values.sort_unstable();
        assert_eq!(values, (0..len).collect::<Vec<_>>());
    }
}

#[test]
fn literals_are_immortal_through_and_through() {
    let heap = Heap::new();
    let _entered = heap.enter();
    let inner = PhpArray::from([("key", Value::str("value"))]);
    let array = PhpArray::from_list(vec![Value::Array(inner), Value::Int(1)]).immortal();
    assert_eq!(heap.used(), 0);
    let mut copy = array.clone();
    copy.get_int_mut(0).unwrap().as_array_mut().unwrap().insert_int(3, Value::Null);
    assert_eq!(array.get_int(0).unwrap().as_array().unwrap().len(), 1);
    drop(copy);
    assert_eq!(heap.used(), 0);
}

#[test]
fn retain_and_owned_entries() {
    let mut a = ints(0..10);
    let copy = a.clone();
    a.retain(|_, value| value.as_int().unwrap() % 3 == 0);
    assert_eq!(text(&a), "{0: 0, 3: 3, 6: 6, 9: 9}");
    assert_eq!(copy.len(), 10);
    let mut hashed: PhpArray = a.iter().map(|(key, value)| (key, value.clone())).collect();
    hashed.insert_str(PhpString::from("x"), Value::Int(1));
    hashed.remove_int(0);
    let shared = hashed.clone();
    hashed.retain(|key, _| key != KeyRef::Int(6));
    assert_eq!(text(&hashed), r#"{3: 3, 9: 9, "x": 1}"#);
    assert_eq!(shared.len(), 4);
    assert_eq!(hashed.into_values().len(), 3);
}

/// Random operations against a plain list of pairs.
#[test]
fn agrees_with_a_plain_model() {
    let heap = Heap::new();
    let _entered = heap.enter();
    let rounds = if cfg!(miri) { 2 } else { 200 };
    for seed in 1..=rounds {
        let mut state = (seed as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut random = |below: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % below
        };
        let mut array = PhpArray::new();
        let mut model: Vec<(Key, i64)> = Vec::new();
        let mut next_free = 0i64;
        let mut copies = Vec::new();
        let strings = random(2) == 0;
        for step in 0..400i64 {
            let key = if strings && random(2) == 0 {
                Key::Str(PhpString::from(format!("s{}", random(40))))
            } else {
                Key::Int(random(60) as i64)
            };
            match random(10) {
                0..=3 => {
                    array.insert(key.clone(), Value::Int(step));
                    if let Key::Int(int) = key {
                        next_free = next_free.max(int + 1);
                    }
                    match model.iter_mut().find(|(known, _)| *known == key) {
                        Some(entry) => entry.1 = step,
                        None => model.push((key, step)),
                    }
                }
                4..=5 => {
                    array.push(Value::Int(step)).unwrap();
                    model.push((Key::Int(next_free), step));
                    next_free += 1;
                }
                6..=7 => {
                    let removed = array.remove(&key).and_then(|value| value.as_int());
                    let at = model.iter().position(|(known, _)| *known == key);
                    assert_eq!(removed, at.map(|at| model.remove(at).1));
                }
                8 if random(4) == 0 => copies.push((array.clone(), model.clone())),
                8 => {
                    let popped = array.pop().and_then(|value| value.as_int());
                    let expected = model.pop();
                    if let Some((Key::Int(int), _)) = &expected
                        && int + 1 == next_free
                    {
                        next_free -= 1;
                    }
                    assert_eq!(popped, expected.map(|(_, value)| value));
                }
                _ if random(8) == 0 => {
                    let shifted = array.shift().and_then(|value| value.as_int());
                    if !model.is_empty() {
                        assert_eq!(shifted, Some(model.remove(0).1));
                        next_free = 0;
                        for (key, _) in &mut model {
                            if let Key::Int(int) = key {
                                *int = next_free;
                                next_free += 1;
                            }
                        }
                    }
                }
                _ => {
                    let found = array.get(&key).and_then(Value::as_int);
                    let known = model.iter().find(|(known, _)| *known == key);
                    assert_eq!(found, known.map(|&(_, value)| value));
                }
            }
            if step % 16 == 0 {
                check(&array, &model);
            }
        }
        check(&array, &model);
        for (array, model) in &copies {
            check(array, model);
        }
    }
    assert_eq!(heap.used(), 0);

    fn check(array: &PhpArray, model: &[(Key, i64)]) {
        assert_eq!(array.len(), model.len());
        let entries: Vec<_> =
            array.iter().map(|(key, value)| (key, value.as_int().unwrap())).collect();
        assert_eq!(entries, model);
        for (key, value) in model {
            assert_eq!(array.get(key).and_then(Value::as_int), Some(*value));
        }
    }
}

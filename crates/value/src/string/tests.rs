use std::io::Write as _;

use super::{PhpString, StringBuilder, int_key};
use crate::{Heap, Key};

#[test]
fn short_strings_are_never_allocated() {
    let heap = Heap::new();
    let _entered = heap.enter();
    for byte in 0..=255u8 {
        let string = PhpString::new(&[byte]);
        assert!(string.is_immortal());
        assert_eq!(string.as_bytes(), [byte]);
        assert!(string.ptr_eq(&PhpString::one_char(byte)));
    }
    assert!(PhpString::from("").ptr_eq(&PhpString::empty()));
    assert_eq!(heap.used(), 0);
}

#[test]
fn append_in_place_only_when_unique() {
    let mut a = PhpString::from("hello");
    let b = a.clone();
    a.append(b" world");
    assert_eq!(a, "hello world");
    assert_eq!(b, "hello");
    assert!(a.is_unique() && b.is_unique());
    let hash = a.hash();
    a.append(b"!");
    assert_ne!(a.hash(), hash);
    let mut c = PhpString::one_char(b'x');
    c.append(b"yz");
    assert_eq!(c, "xyz");
    assert_eq!(PhpString::one_char(b'x'), "x");
    let mut long = PhpString::empty();
    for at in 0..1000u32 {
        long.append(at.to_string().as_bytes());
    }
    assert_eq!(long.len(), 10 + 180 + 2700);
}

#[test]
fn writing_unshares_and_forgets_the_hash() {
    let mut a = PhpString::from("abc");
    let b = a.clone();
    assert_eq!(a.hash(), b.hash());
    a.make_mut()[0] = b'X';
    assert_eq!((a.as_bytes(), b.as_bytes()), (&b"Xbc"[..], &b"abc"[..]));
    assert_ne!(a, b);
    a.make_mut()[0] = b'a';
    assert_eq!(a, b);
    a.truncate(1);
    assert_eq!(a, "a");
    let mut one = PhpString::one_char(b'q');
    one.make_mut()[0] = b'r';
    assert_eq!(one, "r");
    assert_eq!(PhpString::one_char(b'q'), "q");
}

#[test]
fn integer_keys_are_canonical_decimals() {
    let yes = [
        ("0", 0),
        ("7", 7),
        ("-1", -1),
        ("9223372036854775807", i64::MAX),
        ("-9223372036854775808", i64::MIN),
    ];
    for (text, int) in yes {
        assert_eq!(int_key(text.as_bytes()), Some(int), "{text}");
    }
    let no = ["", "-", "-0", "00", "01", "-01", " 1", "1 ", "1.0", "1e3", "+1", "a"];
    for text in no.into_iter().chain([
        "9223372036854775808",
        "-9223372036854775809",
        "12345678901234567890",
    ]) {
        assert_eq!(int_key(text.as_bytes()), None, "{text}");
    }
    assert_eq!(Key::from_string(PhpString::from("12")), Key::Int(12));
    assert_eq!(Key::from("x1"), Key::Str(PhpString::from("x1")));
}

#[test]
fn builders_gather_and_give_back_room() {
    let mut builder = StringBuilder::with_capacity(1000);
    write!(builder, "{}-{}", 1, 2).unwrap();
    std::fmt::Write::write_str(&mut builder, "!").unwrap();
    builder.push(b'x');
    builder.push_repeat(b'=', 3);
    let string = builder.finish();
    assert_eq!(string, "1-2!x===");
    assert!(StringBuilder::new().finish().ptr_eq(&PhpString::empty()));
    let mut one = StringBuilder::new();
    one.push(b'a');
    assert!(one.finish().is_immortal());
}

#[test]
fn concatenation_and_repetition() {
    assert_eq!(PhpString::concat(&[b"ab", b"", b"cd"]), "abcd");
    assert_eq!(PhpString::concat(&[b"", b"c"]), "c");
    assert_eq!(PhpString::try_repeat(b"abc", 3).unwrap(), "abcabcabc");
    assert_eq!(PhpString::try_repeat(b"-", 5).unwrap(), "-----");
    assert_eq!(PhpString::try_repeat(b"abc", 0).unwrap(), "");
    assert!(PhpString::try_repeat(b"abc", usize::MAX).is_err());
}

#[test]
fn the_limit_refuses_and_is_noted() {
    let heap = Heap::new();
    let _entered = heap.enter();
    heap.set_limit(10_000);
    assert!(PhpString::try_with_capacity(20_000).is_err());
    assert!(!heap.limit_hit());
    let big = PhpString::with_capacity(20_000);
    assert!(heap.limit_hit());
    assert!(heap.take_limit_hit().unwrap() >= 20_000);
    assert!(!heap.limit_hit());
    assert!(heap.used() >= 20_000);
    drop(big);
    assert_eq!(heap.used(), 0);
    assert!(heap.peak() >= 20_000);
    heap.reset_peak();
    assert_eq!(heap.peak(), 0);
}

#[test]
fn immortal_strings_are_not_counted() {
    let heap = Heap::new();
    let _entered = heap.enter();
    let string = PhpString::immortal(b"a literal");
    assert_eq!(heap.used(), 0);
    let count = string.count();
    let copy = string.clone();
    assert_eq!(copy.count(), count);
    let mut changed = copy;
    changed.append(b"!");
    assert_eq!(string, "a literal");
    assert_eq!(changed, "a literal!");
}

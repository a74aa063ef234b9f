use super::*;
use crate::stubs::parse;

fn emitted(text: &str) -> String {
    let stub = parse(&format!("<?php\n{text}")).unwrap();
    let known = Known::of(std::iter::once(&stub));
    rust(&stub, "demo", &known).unwrap()
}

fn refused(text: &str) -> String {
    let stub = parse(&format!("<?php\n{text}")).unwrap();
    rust(&stub, "demo", &Known::of(std::iter::once(&stub))).unwrap_err()
}

#[track_caller]
fn has(text: &str, part: &str) {
    assert!(text.contains(part), "{part:?} is missing in\n{text}");
}

#[test]
fn a_function_gets_an_entry_and_a_wrapper() {
    let text = emitted(
        "/** @extension standard */
        const RIGHT = 1;
        function str_pad(string $s, int $n, ?string $p = null, int $t = RIGHT | 2): string {}",
    );
    has(&text, "extension: \"standard\"");
    has(&text, "NativeConst::current(\"RIGHT\", NativeValue::Int(1))");
    has(&text, "required: 2");
    has(&text, "NativeParam::plain(\"t\", type_bits::INT, Some(\"RIGHT | 2\"))");
    has(&text, "ret: NativeType { bits: type_bits::STRING, classes: &[] }");
    has(&text, "let a0 = args.string(cx, 0)?;");
    has(&text, "let a2 = if args.given(2) { args.string_or_null(cx, 2)? } else { None };");
    has(&text, "let a3 = if args.given(3) { args.int(cx, 3)? } else { 3 };");
    has(&text, "Ok(super::str_pad(cx, &a0, a1, a2.as_ref(), a3)?.into_value())");
}

#[test]
fn ways_of_passing() {
    let text = emitted(
        "/** @prefer-ref $b */
        function f(array &$a, $b, int|string $c = -1, callable $d = UNKNOWN, mixed ...$e): void {}",
    );
    has(&text, "let a0 = args.array_reference(cx, 0)?;");
    has(&text, "name: \"b\", ty: NativeType::NONE, by_ref: false, prefer_ref: true");
    has(&text, "args.value(cx, 2)? } else { Value::Int(-1) }");
    has(&text, "{ Some(args.callable(cx, 3)?) } else { None }");
    has(&text, "super::f(cx, &a0, &a1, &a2, a3.as_ref(), &a4)?");
}

#[test]
fn classes_with_methods_and_constants() {
    let text = emitted(
        "/**\n * @handlers ARRAY_HANDLERS\n * @strict-properties */
        final class ArrayThing extends Base implements Countable {
            const int A = 1;
            const B = self::A + 1;
            public ?string $p = null;
            /** @tentative-return-type */
            public function count(int $mode = self::B): int {}
            public static function make(): static {}
            #[\\Deprecated(since: '8.4', message: 'use make()')]
            abstract protected function old();
        }",
    );
    has(&text, "flags: class_flags::FINAL");
    has(&text, "handlers: Some(&super::ARRAY_HANDLERS)");
    has(&text, "name: \"B\", modifiers: member_flags::PUBLIC, value: NativeValue::Int(2)");
    has(&text, "default: Some(NativeValue::Null)");
    has(&text, "call: Some(method_array_thing_count)");
    has(&text, "Ok(super::array_thing_count(cx, &this, a0)?.into_value())");
    has(&text, "Ok(super::array_thing_make(cx)?.into_value())");
    has(&text, "deprecated: Some(\" since 8.4, use make()\"),\ncall: None");
    has(&text, "tentative: true");
}

#[test]
fn enums_have_cases() {
    let text = emitted("enum Suit: string { case Hearts = 'H'; }");
    has(&text, "backing: type_bits::STRING");
    has(&text, "member_flags::ENUM_CASE, value: NativeValue::Str(\"H\"), is_case: true");
    // The case that a constant stands for exists only at run time.
    has(&refused("enum Suit { case Hearts; const Wild = self::Hearts; }"), "@make");
}

#[test]
fn what_cannot_be_told_is_refused() {
    has(&refused("const A = [1];"), "@make");
    has(&refused("function f(int $a = 'x'): void {}"), "default is not of the declared type");
    has(&refused("function f(resource $a): void {}"), "leave it out");
}

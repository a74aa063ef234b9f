use super::*;

fn items(text: &str) -> Vec<Item> {
    parse(&format!("<?php\n{text}")).unwrap().items
}

fn function(text: &str) -> Function {
    match items(text).remove(0) {
        Item::Function(function) => function,
        other => panic!("{other:?}"),
    }
}

fn class(text: &str) -> Class {
    match items(text).remove(0) {
        Item::Class(class) => class,
        other => panic!("{other:?}"),
    }
}

fn name(text: &str) -> Type {
    Type::Name(text.to_owned())
}

#[test]
fn a_function_with_defaults() {
    let f = function(
        "function str_pad(string $string, int $length, string $pad_string = \" \", \
         int $pad_type = STR_PAD_RIGHT): string {}",
    );
    assert_eq!(f.name, "str_pad");
    assert_eq!(f.required(), 2);
    let default = |i: usize| f.params[i].default.clone().unwrap();
    assert_eq!(default(2).value, Expr::Str(b" ".to_vec()));
    assert_eq!(default(2).text, "\" \"");
    assert_eq!(default(3).value, Expr::Const("STR_PAD_RIGHT".to_owned()));
    assert_eq!(f.ret, Some(name("string")));
}

#[test]
fn types_and_ways_of_passing() {
    let f = function(
        "/**\n * Sorts.\n * @prefer-ref $array $rest\n * @return string|false\n */\n\
         function &f(array|object &$array, ?int $n, (A&B)|null $c, &$x, &...$rest) {}",
    );
    assert!(f.by_ref);
    assert_eq!(f.doc.text, "Sorts.");
    assert_eq!(f.params[0].by_ref, ByRef::Prefer);
    assert_eq!(f.params[0].ty, Some(Type::Union(vec![name("array"), name("object")])));
    assert_eq!(f.params[1].ty, Some(Type::Nullable(Box::new(name("int")))));
    let both = Type::Intersection(vec![name("A"), name("B")]);
    assert_eq!(f.params[2].ty, Some(Type::Union(vec![both, name("null")])));
    assert_eq!((f.params[3].by_ref, &f.params[3].ty), (ByRef::Yes, &None));
    assert!(f.params[4].variadic && f.params[4].by_ref == ByRef::Prefer);
    assert_eq!(f.ret, Some(Type::Union(vec![name("string"), name("false")])));
    assert_eq!(f.required(), 4);
}

#[test]
fn an_intersection_before_a_reference() {
    let f = function("function f(A&B &$x): void {}");
    assert_eq!(f.params[0].ty, Some(Type::Intersection(vec![name("A"), name("B")])));
    assert_eq!(f.params[0].by_ref, ByRef::Yes);
}

#[test]
fn deprecation_comes_as_a_tag_or_an_attribute() {
    assert!(function("/** @deprecated */ function f(): void {}").is_deprecated());
    let f = function("#[\\Deprecated(since: '8.4', message: \"use g()\")]\nfunction f(): void {}");
    assert!(f.is_deprecated());
    assert_eq!(f.attributes[0].args[0].0.as_deref(), Some("since"));
}

#[test]
fn a_class_with_all_kinds_of_members() {
    let c = class(
        "/** @strict-properties */
        abstract class A extends B implements C, \\D\\E {
            use T;
            const ONE = 1;
            final protected const ?string TWO = self::ONE . 'x', THREE = null;
            public int|string $p = -1, $q;
            private static readonly array $r;
            public protected(set) string $s;
            /** Makes one. */
            final public static function make(self $x = new A(1, 2)): static;
            abstract protected function x(): void;
            // end
            /** stray */
        }",
    );
    assert_eq!((c.extends.as_deref(), c.interfaces.len()), (Some("B"), 2));
    assert_eq!(c.interfaces[1], "D\\E");
    assert!(c.modifiers.is_abstract && c.doc.has("strict-properties"));
    assert_eq!(c.constants.len(), 3);
    assert_eq!(c.constants[1].modifiers.visibility, Visibility::Protected);
    assert_eq!(c.constants[1].ty, Some(Type::Nullable(Box::new(name("string")))));
    assert_eq!(c.properties.len(), 4);
    assert_eq!(c.properties[0].default, Some(Expr::Int(-1)));
    assert!(c.properties[2].modifiers.is_static && c.properties[2].modifiers.is_readonly);
    assert_eq!(c.properties[3].write, Some(Visibility::Protected));
    assert_eq!(c.methods[0].ret, Some(name("static")));
    assert_eq!(c.methods[0].doc.text, "Makes one.");
    assert!(c.methods[1].modifiers.is_abstract);
}

#[test]
fn interfaces_and_enums() {
    let i = class("interface I extends \\Traversable, J { public function f(); }");
    assert_eq!(i.interfaces, ["Traversable", "J"]);
    assert!(i.methods[0].modifiers.is_abstract);
    let e = class("enum Mode: string { case A = 'a'; case B = 'b'; const C = self::A; }");
    assert_eq!(e.kind, ClassKind::Enum(Some(name("string"))));
    assert_eq!((e.cases.len(), e.constants.len()), (2, 1));
}

#[test]
fn namespaces_qualify_declarations() {
    let all = items(
        "namespace Outlast;\nconst A = 1;\nfunction f(\\Closure $c, Other $o, int $i): void {}",
    );
    let Item::Function(f) = &all[1] else { panic!("{all:?}") };
    assert_eq!(f.name, "Outlast\\f");
    let types: Vec<_> = f.params.iter().map(|p| p.ty.clone().unwrap()).collect();
    assert_eq!(types, [name("Closure"), name("Outlast\\Other"), name("int")]);
    assert!(matches!(&all[0], Item::Const(c) if c.name == "Outlast\\A"));
}

#[test]
fn expressions_bind_as_in_php() {
    let Item::Const(c) = items("const X = A | B::C << 2 + 3;").remove(0) else { panic!() };
    let Some(Expr::Binary(or, _, right)) = c.value else { panic!() };
    assert_eq!(or, "|");
    assert!(matches!(*right, Expr::Binary(ref op, _, _) if op == "<<"));
    let Item::Const(c) = items("const X = -9223372036854775808;").remove(0) else { panic!() };
    assert_eq!(c.value, Some(Expr::Int(i64::MIN)));
    let Item::Const(c) = items("const X = [1, 'a' => [true, null],];").remove(0) else { panic!() };
    assert!(matches!(c.value, Some(Expr::Array(items)) if items.len() == 2));
}

#[test]
fn errors_name_their_line() {
    let error = parse("<?php\nfunction f(\n  int) {}").unwrap_err();
    assert_eq!(error.line, 3);
    assert!(error.message.contains("expected a variable"), "{error}");
    assert!(parse("<?php use A;").is_err());
    assert!(parse("<?php function f() { return 1; }").is_err());
}

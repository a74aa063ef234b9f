//! What compiles, what does not, and why not.

use outlast_bytecode::{Diagnostic, Early, HandlerKind, Literal, Op, Unit};

use crate::{CompileOptions, Error, compile_source};

fn unit(code: &str) -> Unit {
    let source = format!("<?php {code}");
    match compile_source(source.as_bytes(), &CompileOptions::new(b"/t.php")) {
        Ok(unit) => unit,
        Err(Error::Parse(e) | Error::Compile(e)) => {
            panic!("{code}: {}", String::from_utf8_lossy(&e.message))
        }
    }
}

fn fatal(code: &str) -> String {
    let source = format!("<?php {code}");
    match compile_source(source.as_bytes(), &CompileOptions::new(b"/t.php")) {
        Err(Error::Compile(e)) => String::from_utf8_lossy(&e.message).into_owned(),
        Err(Error::Parse(e)) => format!("parse: {}", String::from_utf8_lossy(&e.message)),
        Ok(_) => "compiles".into(),
    }
}

fn ops(unit: &Unit, function: &str) -> Vec<&'static str> {
    let f = unit.functions.iter().find(|f| &f.name[..] == function.as_bytes());
    f.map(|f| f.code.iter().map(Op::name).collect()).unwrap_or_default()
}

#[test]
fn jumps_and_handlers_stay_within_the_code() {
    let unit = unit(
        "function f($a) { foreach ($a as $k => [$x, $y]) { try { if ($x) continue; return $y; } \
         catch (E $e) { break; } finally { echo 1; } } L: while ($a) { switch ($a) { case 1: \
         goto L; default: continue 2; } } return $a?->b?->c() ?? $k; }",
    );
    for f in &unit.functions {
        for op in &f.code {
            let mut op = *op;
            op.map_targets(|t| {
                assert!((t as usize) < f.code.len(), "jump to {t}");
                t
            });
            op.map_slots(|s| {
                assert!(s == outlast_bytecode::NO_SLOT || u32::from(s) < f.slots);
                s
            });
        }
        for h in &f.handlers {
            assert!(h.start < h.end && h.end as usize <= f.code.len());
            if let HandlerKind::Catch { target } | HandlerKind::Finally { target, .. } = h.kind {
                assert!((target as usize) < f.code.len());
            }
        }
    }
}

#[test]
fn loops_test_at_the_bottom_with_fused_jumps() {
    let unit = unit("function f() { for ($i = 0; $i < 10; $i++) { g($i); } }");
    assert_eq!(
        ops(&unit, "f"),
        [
            "AssignConst",
            "Jmp",
            "InitFn",
            "SendVar",
            "DoCall",
            "IncDecLocal",
            "JmpLessInt",
            "ReturnConst"
        ]
    );
}

#[test]
fn a_return_leaves_through_the_enclosing_iterators() {
    let unit = unit("function f($a) { foreach ($a as $b) { return $b; } }");
    let ops = ops(&unit, "f");
    let at = ops.iter().position(|&op| op == "Return");
    assert_eq!(at.map(|i| ops[i - 1]), Some("IterFree"));
}

#[test]
fn literals_fold_where_nothing_can_be_observed() {
    let unit = unit("function f() { return [1 + 2, 'a' . 1, 'k' => -5 << 1, '7' => !null]; }");
    let f = &unit.functions[1];
    assert!(f.consts.iter().any(|c| matches!(c, Literal::Array(items) if items.len() == 4)));
    assert_ne!(ops(&self::unit("function f() { return 1 % 0; }"), "f")[0], "ReturnConst");
}

#[test]
fn closures_and_arrow_functions_capture() {
    let unit = unit("function f($a) { return fn($x) => fn($y) => $a + $x + $y + $z; }");
    let outer = unit.functions.iter().find(|f| &f.name[..] == b"{closure:f():1}");
    assert_eq!(outer.map(|f| f.uses.len()), Some(2));
    assert_eq!(ops(&unit, "f").iter().filter(|&&op| op == "CaptureQuiet").count(), 2);
}

#[test]
fn plain_classes_are_hoisted_and_others_wait() {
    let unit =
        unit("class A {} class B extends A {} class C implements I {} enum E {} { class D {} }");
    let names: Vec<_> = unit
        .early
        .iter()
        .filter_map(|early| match early {
            Early::Class(i) => Some(&unit.classes[*i as usize].name),
            _ => None,
        })
        .map(|name| String::from_utf8_lossy(name).into_owned())
        .collect();
    assert_eq!(names, ["A", "B", "D"]);
}

#[test]
fn names_resolve_against_namespace_and_imports() {
    let unit = unit("namespace N; use A\\B as C; use function f\\g; new C\\D; g(); h(); X; \\Y;");
    let f = &unit.functions[0];
    for name in [&b"A\\B\\D"[..], b"f\\g", b"N\\h", b"h", b"N\\X", b"X", b"Y"] {
        assert!(f.consts.contains(&Literal::Str(name.into())), "{name:?}");
    }
}

#[test]
fn compile_errors_are_worded_as_php_words_them() {
    for (code, message) in [
        ("break;", "'break' not in the 'loop' or 'switch' context"),
        ("while (1) break 2;", "Cannot 'break' 2 levels"),
        ("$a = $b[];", "Cannot use [] for reading"),
        ("$this = 1;", "Cannot re-assign $this"),
        ("f() = 1;", "Can't use function return value in write context"),
        ("$a?->b = 1;", "Can't use nullsafe operator in write context"),
        ("goto a; while (1) { a: }", "'goto' into loop or switch statement is disallowed"),
        ("goto x;", "'goto' to undefined label 'x'"),
        ("function f($a, $a) {}", "Redefinition of parameter $a"),
        ("function f(): void { return 1; }", "A void function must not return a value"),
        (
            "function f(int $x = 'a') {}",
            "Cannot use string as default value for parameter $x of type int",
        ),
        ("function f(int|INT $x) {}", "Duplicate type int is redundant"),
        (
            "function f() {} function F() {}",
            "Cannot redeclare function F() (previously declared in /t.php:1)",
        ),
        ("class A { const X = $a; }", "Constant expression contains invalid operations"),
        ("class A { public $x = new B; }", "New expressions are not supported in this context"),
        (
            "class A { abstract function f(); }",
            "Class A contains 1 abstract method and must therefore be declared abstract or implement the remaining methods (A::f)",
        ),
        ("class A { function f() {} function F() {} }", "Cannot redeclare A::F()"),
        ("class A { readonly $x; }", "Readonly property A::$x must have type"),
        ("enum A { case B = 1; }", "Case B of non-backed enum A must not have a value"),
        ("class int {}", "Cannot use \"int\" as a class name as it is reserved"),
        ("use A\\B; class B {}", "Cannot redeclare class B (previously declared as local import)"),
        (
            "#[Override] class A {}",
            "Attribute \"Override\" cannot target class (allowed targets: method)",
        ),
        (
            "echo 1; declare(strict_types=1);",
            "strict_types declaration must be the very first statement in the script",
        ),
        ("while (1) { try {} finally { break; } }", "jump out of a finally block is disallowed"),
        ("function f($x) {} f($a[]);", "Cannot use [] for reading"),
        ("$a = &strlen('');", "Cannot use result of built-in function in write context"),
        ("#[A(...)] class B {}", "Cannot create Closure as attribute argument"),
        (
            "interface A { public protected(set) mixed $b { set; } }",
            "Write-only virtual property A::$b must not specify asymmetric visibility",
        ),
        ("[$a, 'x' => $b] = $c;", "Cannot mix keyed and unkeyed array entries in assignments"),
    ] {
        assert_eq!(fatal(code), message, "{code}");
    }
}

#[test]
fn an_error_comes_behind_what_was_declared_before_it() {
    let source = b"<?php class A {} use B; function f() { return; $this = 1; } class C {}";
    let Err(Error::Compile(error)) = compile_source(source, &CompileOptions::new(b"/t.php")) else {
        panic!("it does not compile");
    };
    let before = error.before.expect("something was compiled");
    let early: Vec<_> = before.early.iter().map(std::mem::discriminant).collect();
    let warning = Diagnostic { level: 0, message: Box::default(), line: 0 };
    let expected = [Early::Class(0), Early::Diagnostic(warning), Early::Function(0)];
    assert_eq!(early, expected.each_ref().map(std::mem::discriminant));
}

#[test]
fn what_is_said_of_parts_of_a_text_names_the_line_before() {
    let unit = unit("$a = \"x\n${'b'}\n$c\n${'d'}\";");
    let lines: Vec<_> = unit
        .early
        .iter()
        .filter_map(|early| match early {
            Early::Diagnostic(d) => Some(d.line),
            _ => None,
        })
        .collect();
    assert_eq!(lines, [1, 3]);
}

#[test]
fn deprecations_come_with_the_unit() {
    let unit = unit("function f(int $a = null, $b) {} function g(string $s = null) {}");
    let messages: Vec<_> = unit
        .early
        .iter()
        .filter_map(|early| match early {
            Early::Diagnostic(d) => Some(String::from_utf8_lossy(&d.message).into_owned()),
            _ => None,
        })
        .collect();
    assert_eq!(
        messages,
        [
            "f(): Implicitly marking parameter $a as nullable is deprecated, the explicit nullable type must be used instead",
            "g(): Implicitly marking parameter $s as nullable is deprecated, the explicit nullable type must be used instead",
        ]
    );
}

#[test]
fn assertions_carry_their_text() {
    let unit = unit("assert($a > 0 && !isset($b['x']) && f(fn($x) => $x ** 2) instanceof C);");
    let text = "assert($a > 0 && !isset($b['x']) && f(fn($x) => $x ** 2) instanceof C)";
    assert!(unit.functions[0].consts.contains(&Literal::Str(text.as_bytes().into())));
}

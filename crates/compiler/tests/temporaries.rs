//! Every temporary is written once, consumed once and dropped on each way out of a construct.

mod common;

use outlast_compiler::{CompileOptions, compile_source};

fn check(code: &str) {
    let source = format!("<?php {code}");
    let unit = compile_source(source.as_bytes(), &CompileOptions::new(b"/t.php"))
        .unwrap_or_else(|e| panic!("{code}: {e:?}"));
    for f in &unit.functions {
        if let Err(e) = common::verify(f) {
            panic!("{code}: {e}\n{}", outlast_bytecode::disasm::function(f));
        }
    }
}

#[test]
fn leaving_loops_and_switches() {
    check(
        "function f($a) { foreach (g() as $k => $v) { foreach ($v as &$w) { if ($w) continue 2; if ($k) break 2; return $w; } } }",
    );
    check(
        "function f() { switch (g()) { case 1: return 2; case h(): break; default: foreach ($x as $y) { break 2; } } }",
    );
    check("function f() { a: foreach (g() as $x) { if ($x) goto a; goto b; } b: return [1, $x]; }");
    check("function f() { while (g()) { do { continue 2; } while (h()); } for (;;) { break; } }");
}

#[test]
fn leaving_through_finally() {
    check(
        "function f() { foreach (g() as $x) { try { try { return h($x); } finally { a(); } } catch (A|B $e) { continue; } finally { b(); } } }",
    );
    check("function f() { try { return g(); } finally { foreach (h() as $x) { return $x; } } }");
    check(
        "function &f() { try { return $this->a[g()]; } finally { switch (g()) { case 2: h(); } } }",
    );
    check(
        "function f() { while (1) { try { try { break; } finally { a(); } } finally { b(); } } try { goto x; } finally { c(); } x: }",
    );
    check("function f() { try { yield from g(); } finally { yield h() => 1; } }");
}

#[test]
fn writing_through_paths() {
    check(
        "$a[f()][g()][] = h(); $a->{f()}->b[g()] .= h(); f()->x[] = 1; A::$$b[f()]++; $$a['x'] = &$b[f()]->c;",
    );
    check(
        "$x = $a[f()]->{g()}[h()] ??= i(); $a->b ??= f(); A::$b ??= 1; $c::${f()}[1] ??= 2; $GLOBALS[f()]['x'] ??= 3;",
    );
    check("unset($a[f()], $b->c[g()]->d, $$e, $GLOBALS['x']); global $$q; static $s = [f()];");
    check("$v = [$a, [$b['x'], , $c->d]] = f(); ['k' . g() => [$x], 'l' => $y] = $y; [[&$p, $q], &$r->s] = $t; foreach (f() as [$a, 'k' => [&$b]]);".replace("[$a, 'k' =>", "['j' => $a, 'k' =>").as_str());
}

#[test]
fn calls_of_all_kinds() {
    check("f($a, $b[g()], $c->d, h(), 1, A::$x, $$y, $z[], ...$s, n: $m['k'], o: $p, q: r());");
    check(
        "$o?->a(f())?->b[g()]?->{h()}($x['y'])::$z; new ($c)(...$d); new class(f()) extends A {}; $f(...); parent::m(...[1]);",
    );
    check(
        "echo $a?->b?->c ?? d(), isset($a?->b[f()]->c, $d::$e[g()]), empty($a?->b->{f()}), isset($$x['y'], $GLOBALS[f()]);",
    );
    check(
        "$x = f() ? g() : h(); $y = f() ?: g() ?? h(); $z = match (f()) { g(), h() => i(), 1, 2, 3, 4 => throw j(), default => @k() };",
    );
    check(
        "$s = \"a{$b->c()}$d[0]\" . f() . $g . \"x\" . h() . 1 . `ls $x`; $t = f() && g() || !h() xor (print i());",
    );
    check(
        "$f = fn() => fn($x) => $a + $x + yield $b => f(); assert(f() > 0); exit(f()); include f(); clone f() instanceof $c;",
    );
}

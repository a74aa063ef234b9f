//! Machine code does what the interpreter does: the same scripts, interpreted and with machine code of
//! every function and loop at once.

use std::process::{Command, Stdio};

fn run(jit: &[&str], code: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_outlast"));
    command.arg("-n");
    for setting in jit {
        command.args(["-d", setting]);
    }
    command.args(["-r", code]).stdin(Stdio::null());
    let output = command.output().unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The output of a script, which is the same in every way it can run.
#[track_caller]
fn expect(code: &str, text: &str) {
    assert_eq!(run(&["outlast.jit=0"], code), text, "interpreted");
    assert_eq!(run(&["outlast.jit_threshold=1"], code), text, "as machine code");
    assert_eq!(
        run(&["outlast.jit_threshold=3"], code),
        text,
        "as machine code from the third time on"
    );
}

#[test]
fn integers_become_floats_where_they_do_not_suffice() {
    expect(
        "function f($n) { $x = 1; for ($i = 0; $i < $n; $i++) $x *= 3; return $x; }
         function g() { $i = PHP_INT_MAX - 2; for ($k = 0; $k < 5; $k++) $i++; return $i; }
         function h() { $i = PHP_INT_MIN; return -$i - 1; }
         var_dump(f(10), f(45), g(), h(), 7 % -3, intdiv(7, -2), 1 <=> 2);
         function m($a, $b) { return [$a % $b, $a << $b, $a >> $b, $a / $b]; }
         for ($i = 0; $i < 3; $i++) echo json_encode(m(9, 2)), json_encode(m(8, 4));
         try { m(1, 0); } catch (DivisionByZeroError $e) { echo $e->getMessage(); }
         try { m(1, -1); } catch (ArithmeticError $e) { echo $e->getMessage(), $e->getLine(); }",
        "int(59049)\nfloat(2.954312706550834E+21)\nfloat(9.223372036854776E+18)\n\
         float(9.223372036854776E+18)\nint(1)\nint(-3)\nint(-1)\n\
         [1,36,2,4.5][0,128,0,2][1,36,2,4.5][0,128,0,2][1,36,2,4.5][0,128,0,2]\
         Modulo by zeroBit shift by negative number5",
    );
}

#[test]
fn values_change_their_types_in_the_middle_of_loops() {
    expect(
        "function f(array $list) { $sum = 0; foreach ($list as $v) { $sum += $v; } return $sum; }
         var_dump(f([1, 2, 3]), f([1, 2.5, '3']), f([]));
         function g($n) { $x = null; for ($i = 0; $i < $n; $i++) { $x = $i % 2 ? $x . 'a' : $i; } return $x; }
         var_dump(g(5), g(6));
         function h() { for ($i = 0; $i < 4; $i++) { if ($i == 2) { $s = 'set'; } } return $s; }
         var_dump(h());
         function u($n) { for ($i = 0; $i < $n; $i++) { $y = ($y ?? 0) + $i; } return $y ?? 'none'; }
         var_dump(u(0), u(5));",
        "int(6)\nfloat(6.5)\nint(0)\nint(4)\nstring(2) \"4a\"\nstring(3) \"set\"\nstring(4) \"none\"\nint(10)\n",
    );
}

#[test]
fn references_are_followed_and_keep_their_types() {
    expect(
        "function add(&$x, $n) { for ($i = 0; $i < $n; $i++) { $x += $i; } }
         $a = 1; add($a, 5); $b = &$a; $b++; echo $a, ' ';
         class T { public int $n = 5; public ?array $l = null; }
         function bump(&$x) { for ($i = 0; $i < 3; $i++) { $x++; } }
         $t = new T; bump($t->n); echo $t->n, ' ';
         try { $r = &$t->n; $r = 'no'; } catch (TypeError $e) { echo $e->getMessage(), ' '; }
         function fill(&$list) { for ($i = 0; $i < 3; $i++) { $list[$i][] = $i; } $list[0][0] .= 'x'; }
         fill($l); fill($l); echo json_encode($l), ' ';
         $copy = $l; $copy[0][0] = 'changed'; echo $l[0][0], ' ';
         function sw(array $p) { foreach ($p as &$v) { $v *= 2; } unset($v); return $p; }
         echo json_encode(sw([1, 2, 3])), ' ';
         for ($i = 0, $sum = 0; $i < 10; $i++) { $sum += $i; } echo $sum;",
        "12 8 Cannot assign string to reference held by property T::$n of type int \
         [[\"0xx\",0],[1,1],[2,2]] 0xx [2,4,6] 45",
    );
}

#[test]
fn errors_tell_their_lines_and_their_calls() {
    let code = "function a($x) {\n return b($x) + 1;\n}\nfunction b($x) {\n if ($x > 2) throw new Exception('deep');\n return a($x + 1);\n}\n\
         for ($i = 0; $i < 3; $i++) {\n try { a($i); } catch (Exception $e) { echo preg_replace('/ in .*| Command line code/', '', $e->getTraceAsString()), ';'; }\n}\n\
         function w($list) { $s = 0; for ($i = 0; $i < 4; $i++) {\n $s += @$list[$i]; } return $s + $none; }\n\
         set_error_handler(function ($n, $m, $f, $l) { echo \"[$m:$l]\"; return true; });\n echo w([1, 2, 3]), w([4]);";
    let interpreted = run(&["outlast.jit=0"], code);
    assert!(interpreted.contains("[Undefined variable $none:12]"), "{interpreted}");
    assert_eq!(run(&["outlast.jit_threshold=1"], code), interpreted);
}

#[test]
fn destructors_run_when_the_last_owner_goes() {
    expect(
        "class D { public function __construct(public $n) {} public function __destruct() { echo \"-$this->n\"; } }
         function f($n) { $d = new D($n); $e = $d; return $n; }
         function g($n) { $d = new D($n); return $d; }
         function h() { for ($i = 0; $i < 3; $i++) { $d = new D(\"h$i\"); echo '.'; } echo '!'; }
         for ($i = 0; $i < 3; $i++) { f($i); g($i + 10); $k = g($i + 20); } h(); unset($k); echo ';';
         function t() { $d = new D('t'); throw new Exception('x'); }
         for ($i = 0; $i < 2; $i++) { try { t(); } catch (Exception $e) { echo 'c'; unset($e); } }
         class M { private $d; function set($v) { $this->d = $v; return $this; } }
         $m = new M; for ($i = 0; $i < 3; $i++) { $m->set(new D(\"m$i\")); } echo 'end';",
        "-0-10-1-11-20-2-12-21.-h0.-h1.!-h2-22;-tc-tc-m0-m1end-m2",
    );
}

#[test]
fn calls_of_every_kind_find_their_functions() {
    expect(
        "interface S { function area(); }
         class A implements S { function __construct(protected $w = 2) {} function area() { return $this->w * 2; } }
         class B extends A { function area() { return parent::area() + 1; } static function make() { return new static; } }
         class C implements S { function area() { return 0.5; } function __call($n, $a) { return $n . count($a); } }
         function sum($list) { $s = 0; foreach ($list as $o) { $s += $o->area(); } return $s; }
         for ($i = 0; $i < 4; $i++) { echo sum([new A, new B(3), B::make(), new C, new A($i)]), ' '; }
         function d($a, $b = 10, ...$rest) { return $a + $b + array_sum($rest); }
         for ($i = 0; $i < 3; $i++) { echo d(1), d(1, 2), d(1, 2, 3, 4), d(b: 5, a: 1), ' '; }
         $f = fn($x) => $x * $i; echo implode(',', array_map($f, [1, 2])), ' ';
         $c = new C; for ($i = 0; $i < 3; $i++) { echo $c->any($i, 2), strlen('abc'), ' '; }
         function gen($n) { for ($i = 0; $i < $n; $i++) { $got = yield $i => $i * 2; if ($got) echo \"<$got>\"; } return 'r'; }
         foreach (gen(3) as $k => $v) echo \"$k$v\"; $g = gen(2); $g->current(); $g->send('s'); $g->next(); echo $g->getReturn();
         function fact($n) { return $n < 2 ? 1 : $n * fact($n - 1); } echo ' ', fact(20), ' ', fact(60) > 1e80 ? 'y' : 'n';
         try { d(); } catch (ArgumentCountError $e) { echo ' ', strlen($e->getMessage()) > 10; }",
        "16.5 18.5 20.5 22.5 113106 113106 113106 3,6 any23 any23 any23 001224<s>r 2432902008176640000 y 1",
    );
}

#[test]
fn properties_follow_their_rules() {
    expect(
        "class P { public int $a; public ?P $next = null; public readonly string $r; private $x = 1;
            function __construct($r) { $this->a = 1; $this->r = $r; }
            function twice() { for ($i = 0; $i < 3; $i++) { $this->a += $i; $this->x++; } return $this->a . $this->x; } }
         class Q extends P { function __set($n, $v) { echo \"set $n;\"; } }
         for ($i = 0; $i < 3; $i++) { $p = new P('r'); echo $p->twice(), ' '; }
         function w($o, $v) { $o->a = $v; return $o->a; }
         echo w($p, 3), w($p, '4'), ' ';
         try { w($p, 'x'); } catch (TypeError $e) { echo get_class($e), ' '; }
         try { $p->r = 'again'; } catch (Error $e) { echo $e->getMessage(), ' '; }
         for ($i = 0; $i < 3; $i++) { $q = new Q('q'); if ($i == 2) { unset($q->a); } $q->a = $i; } echo ' ';
         for ($i = 0; $i < 3; $i++) { $p->next = $i == 1 ? null : new P('n'); } echo $p->next->r, ' ';
         $reflector = new ReflectionClass('P');
         for ($i = 0; $i < 3; $i++) { $lazy = $reflector->newLazyGhost(function ($o) { echo 'init '; $o->__construct('lazy'); }); $lazy->a = 5; }
         echo $lazy->r, $lazy->a;",
        "44 44 44 34 TypeError Cannot modify readonly property P::$r set a; n init init init lazy5",
    );
}

#[test]
fn what_never_ends_is_stopped_by_its_limits() {
    for jit in ["outlast.jit=0", "outlast.jit_threshold=1"] {
        let code = "register_shutdown_function(function () { echo 'over'; }); \
                    function f() { $i = 0; while (true) { $i = ($i + 1) % 1000; } } set_time_limit(1); f();";
        let text = run(&[jit], code);
        assert!(text.contains("Maximum execution time of 1 second exceeded"), "{jit}: {text}");
        assert!(text.ends_with("over"), "{jit}: {text}");
    }
    expect(
        "function down($n) { return $n == 0 ? 0 : 1 + down($n - 1); } echo down(50000), ' ';
         function eat() { $a = []; while (true) { $a[] = str_repeat('x', 10000); } }
         ini_set('display_errors', '0'); ini_set('memory_limit', '16M');
         register_shutdown_function(function () { echo strlen(error_get_last()['message']) > 20 ? 'limit' : 'none'; }); eat();",
        "50000 limit",
    );
}

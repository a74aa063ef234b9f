//! What scripts see of variables, arrays and objects that are written in place, and of globals.
//! The expected texts are what PHP prints.

use std::process::{Command, Stdio};

#[track_caller]
fn expect(code: &str, text: &str) {
    let output = Command::new(env!("CARGO_BIN_EXE_outlast"))
        .args(["-n", "-r", code])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(String::from_utf8_lossy(&output.stdout), text, "stderr: {errors}");
}

#[test]
fn arrays_are_copied_when_they_are_written() {
    expect(
        "function f() {
            $a = [1, [2, 3], 'k' => ['x' => 1]]; $b = $a;
            $b[1][0] = 9; $b['k']['x'] += 5; $b[1][] = 4; $b['k']['x']++;
            echo json_encode([$a, $b]), ' ';
            $a = [1]; $a[0] = $a; $a['k'] = $a; $a[] = $a; echo json_encode($a), ' ';
            $n = [[1]]; $n[0][0] = $n; $n[0][] = $n; echo json_encode($n), ' ';
            $s = 'ab'; $e = ['s' => $s]; $e['s'] .= 'x'; $e['s'] .= $e['s']; echo $s, $e['s'];
        }
        f();",
        "[{\"0\":1,\"1\":[2,3],\"k\":{\"x\":1}},{\"0\":1,\"1\":[9,3,4],\"k\":{\"x\":7}}] \
         {\"0\":[1],\"k\":[[1]],\"1\":{\"0\":[1],\"k\":[[1]]}} \
         [[[[1]],[[[[1]]]]]] ababxabx",
    );
}

#[test]
fn references_in_arrays_stay_references() {
    expect(
        "function f() {
            $r = [1, 2]; $x = &$r[0]; $s = $r; $s[0] = 7; $s[0] += 1; $s['0']++; $s[1] = 5;
            echo json_encode([$r, $s, $x]);
        }
        f();",
        "[[9,2],[9,5],9]",
    );
}

#[test]
fn typed_properties_keep_their_types() {
    expect(
        "class P { public int $i = 1; public ?P $p = null; public string $s = 'a'; }
        function f() {
            $o = new P;
            for ($n = 0; $n < 3; $n++) {
                try { $o->i = $n ? 'x' : '5'; } catch (TypeError) { echo 'no '; }
                try { $o->i += 1.5; } catch (TypeError) { echo 'no '; }
                try { $o->p = $n == 1 ? new stdClass : new P; } catch (TypeError) { echo 'class '; }
                $o->s .= $n; $o->i++;
            }
            try { $o->i = PHP_INT_MAX; $o->i++; } catch (TypeError) { echo 'most '; }
            var_dump($o->i, $o->s);
        }
        error_reporting(0); f();",
        "no class no most int(9223372036854775807)\nstring(4) \"a012\"\n",
    );
}

#[test]
fn destructors_run_when_a_place_gets_another_value() {
    expect(
        "class D { function __construct(public $n) {} function __destruct() { echo \"-$this->n \"; } }
        function f() {
            $a = new D(1); $a = new D(2); echo 'a '; $b = [new D(3)]; $b[0] = 5; echo 'b ';
            $c = new D(4); $c = $c->n + 1; echo 'c '; $o = new stdClass; $o->e['k'] = new D(5);
            $o->e['k'] = 1; echo 'e ';
        }
        f();",
        "-1 a -3 b -4 c -5 e -2 ",
    );
}

#[test]
fn globals_are_the_same_from_everywhere() {
    expect(
        "$x = 1; $list = [1];
        function f() { global $x; $x++; $GLOBALS['list'][] = $x; $GLOBALS['new'] = $x; }
        for ($i = 0; $i < 2; $i++) { $x += 10; f(); }
        echo $x, json_encode($list), $new;
        unset($x); echo isset($GLOBALS['x']) ? 'set' : 'unset'; $x = 'again'; echo $GLOBALS['x'];
        $r = &$list; $r[] = 'r'; echo count($GLOBALS['list']);
        eval('$x .= \"-eval\"; $made = 1;'); echo $x, $made;
        $f = function () use (&$x) { $x = 'closure'; }; $f(); echo $GLOBALS['x'];
        extract(['i' => 'extracted']); echo $i, json_encode(compact('made'));
        register_shutdown_function(function () { global $late; echo \" $late\"; });
        $late = 'late'; exit;",
        "23[1,12,23]23unsetagain4again-eval1closureextracted{\"made\":1} late",
    );
}

#[test]
fn known_functions_are_functions_all_the_same() {
    expect(
        "function f($s, $a) {
            try { strlen($a); } catch (TypeError $e) { echo $e->getMessage(), ' '; }
            try { count($s); } catch (TypeError $e) { echo $e->getMessage(), ' '; }
            echo strlen(123), STRLEN($s), count($a), chr(300), ord(''), abs(PHP_INT_MIN), ' ';
            try { strlen(); } catch (ArgumentCountError $e) { echo $e->getMessage(); }
        }
        f('abc', [1, 2]);
        eval('namespace N; function strlen($x) { return \"mine\"; } echo strlen(1), \\strlen(1);');",
        "strlen(): Argument #1 ($string) must be of type string, array given \
         count(): Argument #1 ($value) must be of type Countable|array, string given \
         332,09.2233720368548E+18 strlen() expects exactly 1 argument, 0 givenmine1",
    );
}

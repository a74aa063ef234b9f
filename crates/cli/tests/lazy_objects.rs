//! Lazy objects as scripts see them, through the real binary.

use std::process::Command;

fn run(code: &str) -> String {
    let class = "class C { public int $a = 1; public ?C $next = null;
            function __construct(int $a = 2) { $this->a = $a; }
            function __destruct() { echo 'gone', $this->a, ' '; } }
        $class = new ReflectionClass('C'); ";
    let output = Command::new(env!("CARGO_BIN_EXE_outlast"))
        .args(["-n", "-r", &format!("{class}{code}")])
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_ghost_initializes_itself_on_first_use_only() {
    let text =
        run("$g = $class->newLazyGhost(function (C $g) { echo 'init '; $g->__construct(5); });
        echo $class->isUninitializedLazyObject($g) ? 'lazy ' : 'ready ';
        echo $g->a, ' ', $g->a, ' ';
        echo $class->isUninitializedLazyObject($g) ? 'lazy ' : 'ready ';");
    assert_eq!(text, "lazy init 5 5 ready gone5 ");
}

#[test]
fn a_proxy_hands_on_to_its_instance() {
    let text = run("$p = $class->newLazyProxy(fn () => new C(7));
        $p->a++; $copy = clone $p; $copy->a = 1;
        echo $p->a, $class->initializeLazyObject($p)->a, $copy->a, ' ';
        unset($p, $copy);");
    assert_eq!(text, "881 gone8 gone1 ");
}

#[test]
fn a_failed_initializer_leaves_the_object_as_it_was() {
    let text = run(
        "$g = $class->newLazyGhost(function (C $g) { $g->a = 9; throw new Exception('no '); });
        try { $g->a; } catch (Exception $e) { echo $e->getMessage(); }
        echo $class->isUninitializedLazyObject($g) ? 'lazy ' : 'ready ';
        (new ReflectionProperty('C', 'a'))->setRawValueWithoutLazyInitialization($g, 3);
        echo $g->a, ' ';
        echo $class->isUninitializedLazyObject($g) ? 'lazy' : 'ready';",
    );
    assert_eq!(text, "no lazy 3 lazy");
}

<?php
// The price of single operations: each line tells nanoseconds, the empty loop taken off.
const N = 1000000;

function identity($x) { return $x; }
function add3($a, $b, $c) { return $a; }
function typed(int $a, string $b): int { return $a; }

final class Thing
{
    public $plain = 1;
    public int $typed = 1;
    private array $list = [1, 2, 3];
    public static $shared = 1;
    const K = 5;

    public function identity($x) { return $x; }
    public static function still($x) { return $x; }
    public function self_call() { for ($i = 0; $i < N; ++$i) { $this->identity($i); } }
    public function this_read() { for ($i = 0; $i < N; ++$i) { $x = $this->plain; } }
    public function this_write() { for ($i = 0; $i < N; ++$i) { $this->typed = $i; } }
    public function this_add() { for ($i = 0; $i < N; ++$i) { $this->typed += 2; } }
    public function this_array() { for ($i = 0; $i < N; ++$i) { $x = $this->list[1]; } }
}

$cases = [
    'empty loop' => function () { for ($i = 0; $i < N; ++$i) {} },
    'function call' => function () { for ($i = 0; $i < N; ++$i) { identity($i); } },
    'function call, 3 arguments' => function () { for ($i = 0; $i < N; ++$i) { add3($i, 2, 3); } },
    'function call, typed' => function () { for ($i = 0; $i < N; ++$i) { typed($i, 'x'); } },
    'method call' => function ($o) { for ($i = 0; $i < N; ++$i) { $o->identity($i); } },
    '$this method call' => function () { (new Thing())->self_call(); },
    'static call' => function () { for ($i = 0; $i < N; ++$i) { Thing::still($i); } },
    'closure call' => function () { $f = function ($x) { return $x; }; for ($i = 0; $i < N; ++$i) { $f($i); } },
    'native call (abs)' => function () { for ($i = 0; $i < N; ++$i) { $x = abs($i); } },
    'native call (strlen)' => function ($o, $l, $m, $n, $s) { for ($i = 0; $i < N; ++$i) { $x = strlen($s); } },
    'new' => function () { for ($i = 0; $i < N; ++$i) { $x = new Thing(); } },
    'property read' => function ($o) { for ($i = 0; $i < N; ++$i) { $x = $o->plain; } },
    'property write' => function ($o) { for ($i = 0; $i < N; ++$i) { $o->plain = $i; } },
    'typed property write' => function ($o) { for ($i = 0; $i < N; ++$i) { $o->typed = $i; } },
    'property increment' => function ($o) { for ($i = 0; $i < N; ++$i) { $o->plain++; } },
    '$this property read' => function () { (new Thing())->this_read(); },
    '$this property write' => function () { (new Thing())->this_write(); },
    '$this property +=' => function () { (new Thing())->this_add(); },
    '$this array property read' => function () { (new Thing())->this_array(); },
    'static property read' => function () { for ($i = 0; $i < N; ++$i) { $x = Thing::$shared; } },
    'static property write' => function () { for ($i = 0; $i < N; ++$i) { Thing::$shared = $i; } },
    'class constant' => function () { for ($i = 0; $i < N; ++$i) { $x = Thing::K; } },
    'array read' => function ($o, $a) { for ($i = 0; $i < N; ++$i) { $x = $a[1]; } },
    'array read, string key' => function ($o, $l, $a) { for ($i = 0; $i < N; ++$i) { $x = $a['b']; } },
    'array read, nested' => function ($o, $l, $m, $a) { for ($i = 0; $i < N; ++$i) { $x = $a[1][0]; } },
    'array write' => function ($o, $a) { for ($i = 0; $i < N; ++$i) { $a[1] = $i; } },
    'array write, string key' => function ($o, $l, $a) { for ($i = 0; $i < N; ++$i) { $a['b'] = $i; } },
    'array write, nested' => function ($o, $l, $m, $a) { for ($i = 0; $i < N; ++$i) { $a[1][0] = $i; } },
    'array +=' => function ($o, $a) { for ($i = 0; $i < N; ++$i) { $a[1] += 2; } },
    'array append' => function () { $a = []; for ($i = 0; $i < N; ++$i) { $a[] = $i; } },
    'array literal' => function () { for ($i = 0; $i < N; ++$i) { $x = [$i, 2, 3]; } },
    'isset of element' => function ($o, $a) { for ($i = 0; $i < N; ++$i) { $x = isset($a[7]); } },
    'foreach step' => function () { foreach (range(1, N) as $x) {} },
    'foreach step with key' => function () { foreach (range(1, N) as $k => $x) {} },
    'string append' => function () { $s = ''; for ($i = 0; $i < N; ++$i) { $s .= 'x'; } },
    'string concatenation' => function ($o, $l, $m, $n, $s) { for ($i = 0; $i < N; ++$i) { $x = $s . 'def'; } },
    'string interpolation' => function ($o, $l, $m, $n, $s) { for ($i = 0; $i < N; ++$i) { $x = "$s-$i"; } },
    'string offset' => function ($o, $l, $m, $n, $s) { for ($i = 0; $i < N; ++$i) { $x = $s[1]; } },
    'string comparison' => function ($o, $l, $m, $n, $s, $t) { for ($i = 0; $i < N; ++$i) { $x = $s === $t; } },
    'integer arithmetic' => function ($o, $l, $m, $n, $s, $t, $x) { for ($i = 0; $i < N; ++$i) { $x = ($x * 3 + $i) & 65535; } },
    'float arithmetic' => function ($o, $l, $m, $n, $s, $t, $u, $x) { for ($i = 0; $i < N; ++$i) { $x = $x * 3.7 * (1.0 - $x); } },
    'assignment' => function () { $x = 0; for ($i = 0; $i < N; ++$i) { $x = $i; } },
    'condition' => function () { for ($i = 0; $i < N; ++$i) { if ($i > 5 && $i !== 7) {} } },
    'match' => function () { for ($i = 0; $i < N; ++$i) { $x = match ($i & 3) { 0 => 'a', 1 => 'b', 2 => 'c', 3 => 'd' }; } },
    'try' => function () { for ($i = 0; $i < N; ++$i) { try { $x = $i; } finally { $x = 1; } } },
    'reference argument' => function () { $f = 'by_ref'; $x = 0; for ($i = 0; $i < N; ++$i) { by_ref($x); } },
    'generator step' => function () { foreach ((function () { for ($i = 0; $i < N; ++$i) { yield $i; } })() as $x) {} },
];
function by_ref(&$x) { $x = 1; }

$empty = 0;
foreach ($cases as $name => $case) {
    $best = PHP_INT_MAX;
    for ($round = 0; $round < 3; $round++) {
        $start = processor_time();
        $case(new Thing(), [1, 2, 3], ['a' => 1, 'b' => 2], [[1, 2], [3, 4]], 'abc', 'abd', 1, 0.5);
        $best = min($best, processor_time() - $start);
    }
    if ($name === 'empty loop') {
        $empty = $best;
        printf("@%s\t%.2f\n", $name, $best / N);
    } else {
        printf("@%s\t%.2f\n", $name, ($best - (str_starts_with($name, 'foreach') || str_starts_with($name, 'generator') ? 0 : $empty)) / N);
    }
}

<?php
// Sorting, natively and with callbacks.
function numbers(int $n): array
{
    $list = [];
    for ($i = 0, $x = 7; $i < $n; $i++) {
        $x = ($x * 1103515245 + 12345) & 0x7fffffff;
        $list[] = $x;
    }
    return $list;
}

function quick(array $a): array
{
    if (count($a) < 2) {
        return $a;
    }
    $pivot = array_shift($a);
    $low = $high = [];
    foreach ($a as $x) {
        if ($x < $pivot) {
            $low[] = $x;
        } else {
            $high[] = $x;
        }
    }
    return array_merge(quick($low), [$pivot], quick($high));
}

$list = numbers(20000);
$a = $list;
sort($a);
$b = $list;
usort($b, fn(int $x, int $y) => $x <=> $y);
$c = quick($list);
$d = array_map('strval', $list);
sort($d, SORT_STRING);
$e = array_map(fn($x) => ['k' => $x % 1000, 'v' => $x], $list);
usort($e, function ($x, $y) {
    return $x['k'] === $y['k'] ? $x['v'] <=> $y['v'] : $x['k'] <=> $y['k'];
});
$f = array_flip($list);
ksort($f);
uasort($f, fn($x, $y) => $y - $x);
echo md5(serialize([$a, $b, $c, $d, $e, $f])), "\n";

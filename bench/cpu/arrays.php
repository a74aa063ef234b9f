<?php
// Lists, maps and the array functions.
function sieve(int $n): int
{
    $composite = array_fill(0, $n + 1, false);
    for ($i = 2; $i * $i <= $n; $i++) {
        if (!$composite[$i]) {
            for ($j = $i * $i; $j <= $n; $j += $i) {
                $composite[$j] = true;
            }
        }
    }
    $count = 0;
    foreach ($composite as $i => $is) {
        if (!$is && $i > 1) {
            $count++;
        }
    }
    return $count;
}

function matrix(int $n): int
{
    $a = $b = $c = [];
    for ($i = 0; $i < $n; $i++) {
        for ($j = 0; $j < $n; $j++) {
            $a[$i][$j] = $i + $j;
            $b[$i][$j] = $i - $j;
        }
    }
    for ($i = 0; $i < $n; $i++) {
        $row = $a[$i];
        $to = [];
        for ($j = 0; $j < $n; $j++) {
            $sum = 0;
            for ($k = 0; $k < $n; $k++) {
                $sum += $row[$k] * $b[$k][$j];
            }
            $to[] = $sum;
        }
        $c[] = $to;
    }
    return $c[3][$n - 2];
}

function heap_sort(int $n): int
{
    $a = [];
    $x = 42;
    for ($i = 0; $i < $n; $i++) {
        $x = ($x * 3877 + 29573) % 139968;
        $a[] = $x;
    }
    for ($start = intdiv($n, 2) - 1, $end = $n - 1; $end > 0;) {
        if ($start >= 0) {
            $root = $start--;
        } else {
            $t = $a[$end];
            $a[$end] = $a[0];
            $a[0] = $t;
            $end--;
            $root = 0;
        }
        while (($child = 2 * $root + 1) <= $end) {
            if ($child < $end && $a[$child] < $a[$child + 1]) {
                $child++;
            }
            if ($a[$root] >= $a[$child]) {
                break;
            }
            $t = $a[$root];
            $a[$root] = $a[$child];
            $a[$child] = $t;
            $root = $child;
        }
    }
    return $a[0] + $a[$n - 1];
}

function maps(int $n): int
{
    $map = [];
    for ($i = 0; $i < $n; $i++) {
        $map["key$i"] = $i;
        $map[$i * 7] = "v$i";
    }
    $hits = 0;
    for ($i = 0; $i < $n; $i++) {
        if (isset($map["key" . $i * 2])) {
            $hits += $map["key" . $i * 2];
        }
        if (array_key_exists($i, $map)) {
            $hits++;
            unset($map[$i]);
        }
    }
    foreach ($map as $key => $value) {
        if (is_int($value)) {
            $hits += strlen((string) $key);
        }
    }
    return $hits + count($map);
}

function records(int $n): array
{
    $rows = [];
    for ($i = 0; $i < $n; $i++) {
        $rows[] = ['id' => $i, 'group' => 'g' . $i % 10, 'price' => $i * 1.5, 'tags' => ['a', 'b', $i]];
    }
    $groups = [];
    foreach ($rows as $row) {
        $groups[$row['group']]['count'] = ($groups[$row['group']]['count'] ?? 0) + 1;
        $groups[$row['group']]['total'] = ($groups[$row['group']]['total'] ?? 0.0) + $row['price'];
        $groups[$row['group']]['ids'][] = $row['id'];
    }
    ksort($groups);
    $mapped = array_map(fn($g) => $g['total'] / $g['count'] + count($g['ids']), $groups);
    $filtered = array_filter($mapped, fn($x) => $x > 100);
    return [array_sum($filtered), count(array_column($rows, 'price', 'id')), array_key_last($groups)];
}

echo sieve(300000), ' ', matrix(90), ' ', heap_sort(30000), ' ', maps(30000), "\n";
echo implode(' ', records(20000)), "\n";

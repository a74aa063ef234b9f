<?php
// The spectral norm of an infinite matrix, cut off at $n.
function entry(int $i, int $j): float
{
    return 1.0 / ((($i + $j) * ($i + $j + 1) >> 1) + $i + 1);
}

function times(int $n, array $v): array
{
    $result = [];
    for ($i = 0; $i < $n; ++$i) {
        $sum = 0.0;
        for ($j = 0; $j < $n; ++$j) {
            $sum += entry($i, $j) * $v[$j];
        }
        $result[$i] = $sum;
    }
    return $result;
}

function transposed_times(int $n, array $v): array
{
    $result = [];
    for ($i = 0; $i < $n; ++$i) {
        $sum = 0.0;
        for ($j = 0; $j < $n; ++$j) {
            $sum += entry($j, $i) * $v[$j];
        }
        $result[$i] = $sum;
    }
    return $result;
}

function norm(int $n): float
{
    $u = array_fill(0, $n, 1.0);
    for ($i = 0; $i < 10; $i++) {
        $v = transposed_times($n, times($n, $u));
        $u = transposed_times($n, times($n, $v));
    }
    $vbv = $vv = 0.0;
    foreach ($v as $i => $x) {
        $vbv += $u[$i] * $x;
        $vv += $x * $x;
    }
    return sqrt($vbv / $vv);
}

printf("%.9f\n", norm(300));

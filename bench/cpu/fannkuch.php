<?php
// Pancake flips over all permutations.
function fannkuch(int $n): array
{
    $p = $q = $s = [];
    for ($i = 0; $i < $n; $i++) {
        $p[$i] = $q[$i] = $s[$i] = $i;
    }
    $sign = 1;
    $max = $sum = 0;
    $last = $n - 1;
    while (true) {
        $first = $p[0];
        if ($first !== 0) {
            for ($i = 1; $i < $n; $i++) {
                $q[$i] = $p[$i];
            }
            $flips = 1;
            while (true) {
                $at = $q[$first];
                if ($at === 0) {
                    $sum += $sign * $flips;
                    if ($flips > $max) {
                        $max = $flips;
                    }
                    break;
                }
                $q[$first] = $first;
                if ($first >= 3) {
                    $i = 1;
                    $j = $first - 1;
                    do {
                        $t = $q[$i];
                        $q[$i] = $q[$j];
                        $q[$j] = $t;
                        $i++;
                        $j--;
                    } while ($i < $j);
                }
                $first = $at;
                $flips++;
            }
        }
        if ($sign === 1) {
            $t = $p[0];
            $p[0] = $p[1];
            $p[1] = $t;
            $sign = -1;
        } else {
            $t = $p[1];
            $p[1] = $p[2];
            $p[2] = $t;
            $sign = 1;
            for ($i = 2; $i < $n; $i++) {
                $x = $s[$i];
                if ($x !== 0) {
                    $s[$i] = $x - 1;
                    break;
                }
                if ($i === $last) {
                    return [$sum, $max];
                }
                $s[$i] = $i;
                $t = $p[0];
                for ($j = 0; $j <= $i; $j++) {
                    $p[$j] = $p[$j + 1];
                }
                $p[$i + 1] = $t;
            }
        }
    }
}

echo implode(' ', fannkuch(9)), "\n";

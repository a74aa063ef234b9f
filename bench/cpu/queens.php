<?php
// Ways to place queens, with boards as arrays and as bits.
function solve_board(int $n, int $row, array &$columns, array &$up, array &$down): int
{
    if ($row === $n) {
        return 1;
    }
    $found = 0;
    for ($c = 0; $c < $n; $c++) {
        if (!$columns[$c] && !$up[$row + $c] && !$down[$row - $c + $n]) {
            $columns[$c] = $up[$row + $c] = $down[$row - $c + $n] = true;
            $found += solve_board($n, $row + 1, $columns, $up, $down);
            $columns[$c] = $up[$row + $c] = $down[$row - $c + $n] = false;
        }
    }
    return $found;
}

function solve_bits(int $all, int $columns, int $left, int $right): int
{
    if ($columns === $all) {
        return 1;
    }
    $found = 0;
    $free = $all & ~($columns | $left | $right);
    while ($free) {
        $bit = $free & -$free;
        $free ^= $bit;
        $found += solve_bits($all, $columns | $bit, ($left | $bit) << 1, ($right | $bit) >> 1);
    }
    return $found;
}

$n = 9;
$columns = array_fill(0, $n, false);
$up = $down = array_fill(0, 2 * $n + 1, false);
echo solve_board($n, 0, $columns, $up, $down), "\n";
echo solve_bits((1 << 11) - 1, 0, 0, 0), "\n";

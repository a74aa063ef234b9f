<?php
// Trees of nested arrays, made and walked.
function make(int $depth): array
{
    if ($depth === 0) {
        return [null, null];
    }
    $depth--;
    return [make($depth), make($depth)];
}

function check(array $tree): int
{
    return 1 + (isset($tree[0]) ? check($tree[0]) + check($tree[1]) : 0);
}

function trees(int $max): void
{
    for ($depth = 4; $depth <= $max; $depth += 4) {
        $count = 1 << ($max - $depth + 4);
        $sum = 0;
        for ($i = 0; $i < $count; $i++) {
            $sum += check(make($depth));
        }
        echo "$count $depth $sum\n";
    }
}

trees(12);

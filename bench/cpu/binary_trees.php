<?php
// Trees of objects, made and walked.
class Tree
{
    public ?Tree $left = null;
    public ?Tree $right = null;
}

function make(int $depth): Tree
{
    $tree = new Tree();
    if ($depth > 0) {
        $tree->left = make($depth - 1);
        $tree->right = make($depth - 1);
    }
    return $tree;
}

function check(Tree $tree): int
{
    return 1 + ($tree->left === null ? 0 : check($tree->left) + check($tree->right));
}

function trees(int $max): void
{
    echo check(make($max + 1)), "\n";
    $long = make($max);
    for ($depth = 4; $depth <= $max; $depth += 4) {
        $count = 1 << ($max - $depth + 4);
        $sum = 0;
        for ($i = 0; $i < $count; $i++) {
            $sum += check(make($depth));
        }
        echo "$count $depth $sum\n";
    }
    echo check($long), "\n";
}

trees(12);

<?php
// Nothing but calls.
function fibo(int $n): int
{
    return $n < 2 ? $n : fibo($n - 2) + fibo($n - 1);
}

function fibo_untyped($n)
{
    if ($n < 2) {
        return 1;
    }
    return fibo_untyped($n - 2) + fibo_untyped($n - 1);
}

echo fibo(27), ' ', fibo_untyped(27), "\n";

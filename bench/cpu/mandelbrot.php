<?php
// Points of the Mandelbrot set, as bits.
function mandelbrot(int $size): string
{
    $out = '';
    for ($y = 0; $y < $size; $y++) {
        $ci = 2.0 * $y / $size - 1.0;
        $bits = 0;
        for ($x = 0; $x < $size; $x++) {
            $cr = 2.0 * $x / $size - 1.5;
            $zr = $zi = $tr = $ti = 0.0;
            $i = 0;
            while ($i < 50 && $tr + $ti < 4.0) {
                $zi = 2.0 * $zr * $zi + $ci;
                $zr = $tr - $ti + $cr;
                $tr = $zr * $zr;
                $ti = $zi * $zi;
                $i++;
            }
            $bits = ($bits << 1) | ($i === 50 ? 1 : 0);
            if (($x & 7) === 7) {
                $out .= chr($bits & 255);
                $bits = 0;
            }
        }
    }
    return $out;
}

echo md5(mandelbrot(320)), "\n";

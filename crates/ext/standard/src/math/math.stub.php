<?php

/** @extension standard */

const INF = INF;
const NAN = NAN;
const M_E = 2.718281828459045;
const M_LOG2E = 1.4426950408889634;
const M_LOG10E = 0.4342944819032518;
const M_LN2 = 0.6931471805599453;
const M_LN10 = 2.302585092994046;
const M_PI = 3.141592653589793;
const M_PI_2 = 1.5707963267948966;
const M_PI_4 = 0.7853981633974483;
const M_1_PI = 0.3183098861837907;
const M_2_PI = 0.6366197723675814;
const M_SQRTPI = 1.772453850905516;
const M_2_SQRTPI = 1.1283791670955126;
const M_LNPI = 1.1447298858494002;
const M_EULER = 0.5772156649015329;
const M_SQRT2 = 1.4142135623730951;
const M_SQRT1_2 = 0.7071067811865476;
const M_SQRT3 = 1.7320508075688772;
const PHP_ROUND_HALF_UP = 1;
const PHP_ROUND_HALF_DOWN = 2;
const PHP_ROUND_HALF_EVEN = 3;
const PHP_ROUND_HALF_ODD = 4;

function abs(int|float $num): int|float {}

function ceil(int|float $num): float {}

function floor(int|float $num): float {}

function round(
    int|float $num,
    int $precision = 0,
    RoundingMode|int $mode = RoundingMode::HalfAwayFromZero,
): float {}

function sin(float $num): float {}

function cos(float $num): float {}

function tan(float $num): float {}

function asin(float $num): float {}

function acos(float $num): float {}

function atan(float $num): float {}

function atanh(float $num): float {}

function atan2(float $y, float $x): float {}

function sinh(float $num): float {}

function cosh(float $num): float {}

function tanh(float $num): float {}

function asinh(float $num): float {}

function acosh(float $num): float {}

function expm1(float $num): float {}

function log1p(float $num): float {}

function pi(): float {}

function is_finite(float $num): bool {}

function is_nan(float $num): bool {}

function intdiv(int $num1, int $num2): int {}

function is_infinite(float $num): bool {}

function pow(mixed $num, mixed $exponent): object|int|float {}

function exp(float $num): float {}

function log(float $num, float $base = M_E): float {}

function log10(float $num): float {}

function sqrt(float $num): float {}

function hypot(float $x, float $y): float {}

function deg2rad(float $num): float {}

function rad2deg(float $num): float {}

function bindec(string $binary_string): int|float {}

function hexdec(string $hex_string): int|float {}

function octdec(string $octal_string): int|float {}

function decbin(int $num): string {}

function decoct(int $num): string {}

function dechex(int $num): string {}

function base_convert(string $num, int $from_base, int $to_base): string {}

function fmod(float $num1, float $num2): float {}

function fdiv(float $num1, float $num2): float {}

function fpow(float $num, float $exponent): float {}

enum RoundingMode
{
    case HalfAwayFromZero;
    case HalfTowardsZero;
    case HalfEven;
    case HalfOdd;
    case TowardsZero;
    case AwayFromZero;
    case NegativeInfinity;
    case PositiveInfinity;
}

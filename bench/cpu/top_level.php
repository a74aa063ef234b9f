<?php
// Loops over variables of the top level.
$sum = 0;
$list = [];
for ($i = 0; $i < 600000; $i++) {
    $sum += $i % 7;
    if ($i % 3 === 0) {
        $list[] = $i;
    }
}
foreach ($list as $k => $v) {
    $sum += $k ^ $v;
}
$text = '';
$x = 0.5;
for ($i = 0; $i < 300000; ++$i) {
    $x = $x * 3.7 * (1 - $x);
    $text .= $x > 0.5 ? 'a' : 'b';
}
$i = 0;
while (true) {
    if (++$i > 300000) {
        break;
    }
    $list[$i & 1023] = $list[$i & 511] + 1;
}
echo $sum, ' ', md5($text), ' ', array_sum($list), "\n";

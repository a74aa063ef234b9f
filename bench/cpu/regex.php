<?php
// A log read with regular expressions.
$lines = [];
for ($i = 0; $i < 6000; $i++) {
    $lines[] = sprintf(
        '10.0.%d.%d - - [%02d/Jan/2026:10:%02d:%02d] "GET /page/%d?q=%s HTTP/1.1" %d %d',
        $i % 256, $i * 7 % 256, $i % 28 + 1, $i % 60, $i * 3 % 60, $i, str_repeat('x', $i % 9), $i % 5 ? 200 : 404, $i * 13
    );
}
$bytes = 0;
$codes = [];
foreach ($lines as $line) {
    if (preg_match('~^(\S+) - - \[([^\]]+)\] "(GET|POST) ([^ "]+) HTTP/[\d.]+" (\d{3}) (\d+)$~', $line, $m)) {
        $bytes += (int) $m[6];
        $codes[$m[5]] = ($codes[$m[5]] ?? 0) + 1;
    }
}
echo $bytes, ' ', json_encode($codes), "\n";
$text = implode("\n", $lines);
echo preg_match_all('/\b(\d+)\.(\d+)\.(\d+)\.(\d+)\b/', $text, $all), ' ', count($all[3]), "\n";
echo md5(preg_replace('/\d+/', '#', $text)), "\n";
echo md5(preg_replace_callback('/page\/(\d+)/', fn($m) => 'p' . dechex((int) $m[1]), $text)), "\n";
echo count(preg_split('/[\s"\[\]]+/', $text)), "\n";

<?php
// What templates and parsers do to strings.
function page(int $rows): string
{
    $out = '<table>';
    for ($i = 0; $i < $rows; $i++) {
        $name = 'user' . $i;
        $out .= "<tr><td>$i</td><td>" . htmlspecialchars("<$name>") . '</td><td>'
            . strtoupper(substr($name, 0, 3)) . ucfirst($name) . "</td></tr>\n";
    }
    return $out . '</table>';
}

function words(string $text): array
{
    $counts = [];
    $word = '';
    for ($i = 0, $n = strlen($text); $i < $n; $i++) {
        $c = $text[$i];
        if (ctype_alnum($c)) {
            $word .= $c;
        } elseif ($word !== '') {
            $counts[$word] = ($counts[$word] ?? 0) + 1;
            $word = '';
        }
    }
    arsort($counts);
    return array_slice($counts, 0, 5, true);
}

function checksum(string $text): int
{
    $a = 1;
    $b = 0;
    for ($i = 0, $n = strlen($text); $i < $n; $i++) {
        $a = ($a + ord($text[$i])) % 65521;
        $b = ($b + $a) % 65521;
    }
    return $b << 16 | $a;
}

function rot13(string $text): string
{
    $out = '';
    foreach (str_split($text) as $c) {
        $o = ord($c);
        if ($o >= 97 && $o <= 122) {
            $out .= chr(($o - 97 + 13) % 26 + 97);
        } else {
            $out .= $c;
        }
    }
    return $out;
}

$html = page(3000);
echo strlen($html), ' ', json_encode(words($html)), ' ', checksum($html), ' ', md5(rot13($html)), "\n";
$parts = [];
for ($i = 0; $i < 20000; $i++) {
    $parts[] = str_pad((string) $i, 6, '0', STR_PAD_LEFT) . ':' . str_replace(['1', '2'], ['one', 'two'], "$i");
}
$joined = implode(',', $parts);
echo strlen($joined), ' ', count(explode(',', $joined)), ' ', crc32(strrev($joined)), "\n";
$found = 0;
foreach ($parts as $part) {
    if (strpos($part, 'two') !== false && trim($part, '0') !== '') {
        $found += strlen(sprintf('%05d|%s', $found, $part));
    }
}
echo $found, "\n";

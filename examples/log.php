<?php
// What scripts wrote down: one run as JSON for the panel of its page, or the last lines of all.
require 'lib/store.php';

/** @return list<array{at: float, script: string, status: int, kind: string, text: string}> */
function lines(string $file): array
{
    return array_map(fn($line) => json_decode($line, true), is_file($file) ? file($file) : []);
}

$run = $_GET['run'] ?? null;
if (is_string($run) && preg_match('/^\w+$/', $run)) {
    answer(['now' => microtime(true), 'lines' => lines(data_folder() . "/run-$run.log")]);
}
header('Content-Type: text/plain; charset=utf-8');
$lines = array_merge(...array_map(lines(...), glob(data_folder() . '/run-*.log')));
usort($lines, fn($one, $other) => $one['at'] <=> $other['at']);
if (!$lines) {
    echo "No script has written anything in the last hour.\n";
}
foreach (array_slice($lines, -300) as $line) {
    printf("%s  %-14s  status %d  %s\n", date('H:i:s', (int) $line['at']), $line['script'], $line['status'], $line['text']);
}

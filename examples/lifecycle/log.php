<?php
// What the scripts wrote down: one run of a script, or the last lines of all.
require 'note.php';
header('Content-Type: text/plain; charset=utf-8');
$wanted = $_GET['run'] ?? null;
$file = sys_get_temp_dir() . '/' . LOG;
$lines = is_file($file) ? file($file) : [];
foreach (array_slice($lines, -500) as $line) {
    [$run, $script, $text] = explode("\t", $line, 3);
    if ($wanted === null) {
        echo str_pad($script, 15), $text;
    } elseif ($wanted === $run) {
        echo $text;
    }
}

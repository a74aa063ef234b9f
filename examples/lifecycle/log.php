<?php
header('Content-Type: text/plain');
$file = sys_get_temp_dir() . '/outlast-lifecycle.log';
if (!is_file($file)) {
    echo "Nothing yet.\n";
    return;
}
foreach (array_slice(file($file), -50) as $line) {
    echo $line;
}

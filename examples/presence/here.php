<?php
// Whoever holds this stream open is here. When they leave, this script takes them off the list.
require '../lib/note.php';
$name = substr((string) ($_GET['name'] ?? 'somebody'), 0, 40);
set_time_limit(0);
header('Content-Type: text/event-stream');
header('Cache-Control: no-cache');

// The list is a folder: a file for each who is here.
$folder = data_folder() . '/here';
if (!is_dir($folder)) {
    @mkdir($folder);
}
$file = "$folder/" . bin2hex($name);
touch($file);
register_shutdown_function(function () use ($file, $name) {
    @unlink($file);
    note("takes $name off the list");
});
ini_set('outlast.abort', 'immediate');
note("puts $name on the list");

$shown = null;
while (true) {
    $names = array_map(fn($file) => hex2bin(basename($file)), glob("$folder/*"));
    $list = json_encode($names, JSON_INVALID_UTF8_SUBSTITUTE);
    if ($list !== $shown) {
        echo "data: $list\n\n";
        flush();
        $shown = $list;
    }
    usleep(200_000);
}

<?php
// Whoever holds this stream open is here. When they leave, this script takes them off the list.
require 'who.php';
$name = substr((string) ($_GET['name'] ?? 'somebody'), 0, 40);
set_time_limit(0);
header('Content-Type: text/event-stream');
header('Cache-Control: no-cache');

$file = presence_file($name);
file_put_contents($file, '');
register_shutdown_function(fn() => is_file($file) && unlink($file));
ini_set('outlast.abort', 'immediate');

$shown = null;
while (true) {
    $list = json_encode(present());
    if ($list !== $shown) {
        echo "data: $list\n\n";
        flush();
        $shown = $list;
    }
    usleep(200_000);
}

<?php
// Waits, and reports when its client has left.
ini_set('outlast.abort', 'immediate');
register_shutdown_function(function () {
    $line = sprintf("%d %.6f\n", $_GET['id'], microtime(true));
    file_put_contents($_GET['report'], $line, FILE_APPEND);
});
header('Content-Type: text/plain');
echo "ready\n";
flush();
sleep(3600);

<?php
// Try it with a few thousand readers: each is one parked script.
require 'note.php';
set_time_limit(0);
header('Content-Type: text/event-stream');
header('Cache-Control: no-cache');
register_shutdown_function(fn() => note('the reader is gone'));
note('begins');
for ($second = 1; ; $second++) {
    echo 'data: ', json_encode(['second' => $second, 'memory' => memory_get_usage()]), "\n\n";
    flush();
    sleep(1);
}

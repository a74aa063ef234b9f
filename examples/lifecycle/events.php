<?php
// Try it with a few thousand readers: each is one parked script.
require 'note.php';
set_time_limit(0);
header('Content-Type: text/event-stream');
header('Cache-Control: no-cache');
register_shutdown_function(fn() => note('the reader is gone'));
note('begins');
while (true) {
    echo 'data: ', date('H:i:s'), "\n\n";
    flush();
    sleep(1);
}

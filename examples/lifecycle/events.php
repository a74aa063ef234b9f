<?php
// Try it with a few thousand readers: each is one parked script.
set_time_limit(0);
header('Content-Type: text/event-stream');
header('Cache-Control: no-cache');
while (true) {
    echo 'data: ', date('H:i:s'), "\n\n";
    if (ob_get_level() > 0) {
        ob_flush();
    }
    flush();
    sleep(1);
}

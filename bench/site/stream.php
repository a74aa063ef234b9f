<?php
// A client that stays: a line at once, then one every second.
set_time_limit(0);
header('Content-Type: text/plain');
echo "ready\n";
flush();
while (true) {
    sleep(1);
    echo "tick\n";
    flush();
}

<?php
require '../lib/note.php';
header('Content-Type: text/plain');
register_shutdown_function(fn() => note('the shutdown function runs in any case'));
note('begins');
for ($i = 1; $i <= 60; $i++) {
    echo "line $i\n";
    flush();
    sleep(1);
}
note('came to its end');

<?php
require '../lib/note.php';
ignore_user_abort(true);
header('Content-Type: text/plain');
note('begins');
for ($i = 1; $i <= 20; $i++) {
    echo "step $i\n";
    flush();
    if ($i % 5 == 0) {
        note("step $i is done" . (connection_aborted() ? ', though nobody reads of it' : ''));
    }
    sleep(1);
}
note('came to its end');

<?php
require '../lib/note.php';
ignore_user_abort(true);
set_time_limit(1);
register_shutdown_function(fn() => note('the shutdown function sees both'));
note('begins, and waits for you to leave');
while (!connection_aborted()) {
    usleep(50_000);
}
note('computes on, though nobody waits for it');
while (true) {
    $x = sqrt(2);
}

<?php
require '../lib/note.php';
set_time_limit(1);
register_shutdown_function(function () {
    note('the shutdown function sees what ended the script');
});
note('sleeps two seconds, which do not count');
sleep(2);
note('computes, which does');
while (true) {
    $x = sqrt(2);
}

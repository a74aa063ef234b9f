<?php
// The scripts of article 004: output in a loop; with `status` it also asks for the status and leaves by itself.
require __DIR__ . '/../lib.php';
ignore_user_abort((bool) $_GET['ign']);
set_time_limit(50);
register_shutdown_function(function () {
    note('SHUTDOWN cs=' . connection_status());
});
$i = 0;
while ($i < 10) {
    note('write ' . ($i + 1));
    echo $i++, "\r\n";
    flush();
    if (isset($_GET['status']) && connection_status() != CONNECTION_NORMAL) {
        note('sees cs=' . connection_status());
        break;
    }
    usleep(TICK);
}
if ($i == 10) {
    note('END');
}

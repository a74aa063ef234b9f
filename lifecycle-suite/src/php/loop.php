<?php
// Writes in a loop, as the query says, until it is stopped, sees that its client has gone, or is through.
require __DIR__ . '/../lib.php';
register_shutdown_function(function () {
    note('SHUTDOWN cs=' . connection_status());
});
$bytes = (int) ($_GET['bytes'] ?? 0);
if (isset($_GET['ign'])) {
    ignore_user_abort((bool) $_GET['ign']);
}
if (isset($_GET['gz'])) {
    ob_start('ob_gzhandler');
}
for ($i = 1; $i <= 10; $i++) {
    usleep(TICK);
    note("write $i");
    if ($bytes) {
        echo isset($_GET['random']) ? random_bytes($bytes) : str_repeat('x', $bytes);
    }
    if (isset($_GET['ob_flush'])) {
        ob_flush();
    }
    if (isset($_GET['flush'])) {
        flush();
    }
    if (!isset($_GET['blind']) && connection_status()) {
        note('sees cs=' . connection_status());
        exit;
    }
}
note('END');

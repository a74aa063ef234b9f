<?php
// Sleeps while its client leaves; Outlast's own settings and calls decide what that means.
require __DIR__ . '/../lib.php';
register_shutdown_function(function () {
    note('SHUTDOWN cs=' . connection_status());
});
if (isset($_GET['callback'])) {
    Outlast\on_abort(function () {
        note('on_abort cs=' . connection_status());
    });
}
note('READY');
usleep(10 * TICK);
note('awake cs=' . connection_status());
echo 'awake';
flush();
note('END');

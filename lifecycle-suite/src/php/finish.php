<?php
// Completes its answer, then goes on talking.
require __DIR__ . '/../lib.php';
register_shutdown_function(function () {
    note('SHUTDOWN cs=' . connection_status());
});
echo 'reply';
if (!function_exists('fastcgi_finish_request')) {
    note('no fastcgi_finish_request');
    exit;
}
note('finish=' . var_export(fastcgi_finish_request(), true) . ' cs=' . connection_status());
for ($i = 0; $i < 3; $i++) {
    usleep(TICK);
    echo 'unheard';
    note("echoed $i cs=" . connection_status());
    flush();
}
note('END');

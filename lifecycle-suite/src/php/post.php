<?php
// Tells what it got of a request's body, then answers in pieces.
require __DIR__ . '/../lib.php';
note("START {$_SERVER['REQUEST_METHOD']} CL=" . ($_SERVER['CONTENT_LENGTH'] ?? 'none')
    . ' post=' . json_encode(array_map('strlen', $_POST))
    . ' input=' . strlen(file_get_contents('php://input')) . ' files=' . json_encode(array_keys($_FILES)));
register_shutdown_function(function () {
    note('SHUTDOWN cs=' . connection_status());
});
for ($i = 0; $i < 4; $i++) {
    usleep(TICK);
    echo 'piece';
    flush();
    note('cs=' . connection_status());
}
note('END');

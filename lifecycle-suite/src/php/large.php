<?php
// More than any buffer between it and a client who reads slowly.
require __DIR__ . '/../lib.php';
register_shutdown_function(function () {
    note('SHUTDOWN cs=' . connection_status());
});
note('READY');
for ($i = 0; $i < 256; $i++) {
    echo str_repeat(chr(65 + $i % 26), 65536);
    flush();
}
note('END');

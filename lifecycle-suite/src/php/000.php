<?php
// The loop of article 000 with its semicolon: it runs on when its client leaves, and asks for the status.
require __DIR__ . '/../lib.php';
ignore_user_abort(true);
set_time_limit(0);
echo 'PHP における接続ハンドリングのテスト';
for ($i = 1; $i <= 10; $i++) {
    switch (connection_status()) {
        case CONNECTION_NORMAL:
            note("write $i");
            break;
        case CONNECTION_ABORTED:
            note('sees cs=1');
            break 2;
        case CONNECTION_TIMEOUT:
            note('sees cs=2');
            break 2;
        default:
            break;
    }
    if (isset($_GET['echo'])) {
        echo 'ACTIVE';
        flush();
    }
    usleep(TICK);
}
note('SHUTDOWN cs=' . connection_status());

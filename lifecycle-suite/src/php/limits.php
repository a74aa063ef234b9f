<?php
// Spends its time as the query says, under a limit of one second.
require __DIR__ . '/../lib.php';
set_time_limit(1);
register_shutdown_function(function () {
    note('SHUTDOWN cs=' . connection_status());
});
$wait = 1.6;
$file = FOLDER . '/held';
switch ($_GET['in']) {
    case 'busy':
        for (;;) {
        }
    case 'syscall':
        for (;;) {
            clearstatcache();
            is_file('/');
        }
    case 'sleep':
        sleep(2);
        break;
    case 'usleep':
        usleep((int) ($wait * 1000000));
        break;
    case 'select':
        $pair = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
        $read = [$pair[0]];
        $none = null;
        stream_select($read, $none, $none, 1, 600000);
        break;
    case 'flock':
        note('READY');
        flock(fopen($file, 'c'), LOCK_EX);
        break;
    case 'sqlite':
        needs('pdo_sqlite');
        $db = new PDO("sqlite:$file");
        $db->setAttribute(PDO::ATTR_TIMEOUT, 10);
        note('READY');
        $db->exec('INSERT INTO t VALUES (1)');
        break;
    case 'child':
        shell_exec("sleep $wait");
        break;
}
note('END');

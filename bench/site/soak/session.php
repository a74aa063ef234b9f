<?php
// A counter in a session. Half of the time the session is closed by the script's end alone.
require 'common.php';
session_start();
$_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1;
if (random_int(0, 1)) {
    usleep(random_int(0, 20000));
    session_write_close();
    linger(20000);
    echo 'ok ', token(), "\n";
} else {
    linger(20000);
    // Not done for good before the end: no promise.
    echo 'counted';
}

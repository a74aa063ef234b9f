<?php
// A counter in a file under a lock, with temporary files beside it.
require 'common.php';
$temporary = tempnam(DATA . '/temp', 'soak');
register_shutdown_function(fn () => unlink($temporary));
$nameless = tmpfile();
fwrite($nameless, str_repeat('t', 10000));
$file = fopen(DATA . '/counter', 'c+');
flock($file, LOCK_EX);
$count = (int) stream_get_contents($file) + 1;
linger(10000);
rewind($file);
fwrite($file, (string) $count);
fflush($file);
note('counted');
if (random_int(0, 1)) {
    flock($file, LOCK_UN);
}
echo 'ok ', token(), "\n";
linger(30000);

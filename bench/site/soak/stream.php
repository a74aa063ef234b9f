<?php
// Output bit by bit; ends early where the client has gone, and always ends once.
require 'common.php';
note('opened');
register_shutdown_function(fn () => note('closed'));
for ($i = 0; $i < 60; $i++) {
    echo "line $i ", str_repeat('x', random_int(0, 2000)), "\n";
    flush();
    usleep(random_int(0, 100000));
}
echo 'ok ', token(), "\n";

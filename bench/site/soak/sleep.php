<?php
require 'common.php';
note('opened');
register_shutdown_function(fn () => note('closed'));
sleep(random_int(1, 3));
echo 'ok ', token(), "\n";

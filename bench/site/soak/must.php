<?php
// Work that goes on without the client.
require 'common.php';
ignore_user_abort(true);
note('begun');
echo 'promised ', token(), "\n";
flush();
linger(1500000);
linger(1500000);
note('done');
echo 'ok ', token(), "\n";

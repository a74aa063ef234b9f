<?php
require '../lib/note.php';
ini_set('outlast.abort', 'immediate');
register_shutdown_function(fn() => note('stopped in the middle of its sleep, or at its end'));
note('begins');
sleep(60);
echo "A minute has passed.\n";

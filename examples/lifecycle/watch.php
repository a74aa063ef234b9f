<?php
// No output and no flush: PHP itself would never notice that the client has left.
require '../lib/note.php';
ignore_user_abort(true);
note('begins');
for ($i = 0; $i < 600 && !connection_aborted(); $i++) {
    usleep(100_000);
}
note(connection_aborted() ? 'saw the client leave' : 'nobody left for a minute');
echo "Nobody left for a minute.\n";

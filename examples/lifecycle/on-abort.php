<?php
require '../lib/note.php';
ignore_user_abort(true);
if (!function_exists('Outlast\on_abort')) {
    exit("This page needs Outlast.\n");
}
$left = false;
Outlast\on_abort(function () use (&$left) {
    $left = true;
    note('the callback runs, whatever the script is doing');
});
note('begins');
for ($i = 0; $i < 60 && !$left; $i++) {
    sleep(1);
}
note($left ? 'puts things in order and ends' : 'came to its end');

<?php
// Imports twenty records, one a second, under a lock that nobody may find left behind.
require 'lib/note.php';
header('Content-Type: text/plain');
follow_mode();

$lock = data_folder() . '/run-' . run_id() . '.lock';
touch($lock);
register_shutdown_function(function () use ($lock) {
    unlink($lock);
    note('tidies up: its lock is released');
});

note('begins, and takes a lock');
for ($record = 1; $record <= 20; $record++) {
    note("imports record $record");
    echo "$record\n";
    flush();
    sleep(1);
}
note('all twenty records are in');

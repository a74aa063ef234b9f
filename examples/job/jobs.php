<?php
// The table of jobs: what each has done, and whether it is to go on.
require_once '../lib/note.php';

function jobs(): PDO
{
    $jobs = database('jobs');
    $jobs->exec('CREATE TABLE IF NOT EXISTS jobs
        (id INTEGER PRIMARY KEY, run TEXT, seen INTEGER, done INTEGER, total INTEGER, state TEXT)');
    // Where the whole server was killed, nobody could write that down.
    $jobs->exec("UPDATE jobs SET state = 'broken' WHERE state = 'running' AND seen < unixepoch() - 10");
    return $jobs;
}

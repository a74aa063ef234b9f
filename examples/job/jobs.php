<?php
// The table of jobs: what each has done, and whether it is to go on.
require_once '../lib/note.php';

function jobs(): PDO
{
    $jobs = database('jobs');
    $jobs->exec('CREATE TABLE IF NOT EXISTS jobs
        (id INTEGER PRIMARY KEY, run TEXT, begun INTEGER, done INTEGER, total INTEGER, state TEXT)');
    return $jobs;
}

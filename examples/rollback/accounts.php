<?php
// Two accounts with 500 each, for each run.
require_once '../lib/note.php';

function accounts(): PDO
{
    $accounts = database('run-' . run_id() . '-accounts');
    $accounts->exec('CREATE TABLE IF NOT EXISTS accounts (name TEXT PRIMARY KEY, balance INTEGER)');
    $accounts->exec("INSERT OR IGNORE INTO accounts VALUES ('Ada', 500), ('Grace', 500)");
    return $accounts;
}

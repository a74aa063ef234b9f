<?php
require 'common.php';
$db = ledger();
$db->exec('PRAGMA journal_mode = WAL');
$db->exec('CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL)');
$db->exec('CREATE TABLE journal (token TEXT, source INTEGER, target INTEGER, amount INTEGER)');
for ($id = 0; $id < 10; $id++) {
    $db->exec("INSERT INTO account VALUES ($id, 1000)");
}
file_put_contents(DATA . '/counter', '0');
echo 'ok';

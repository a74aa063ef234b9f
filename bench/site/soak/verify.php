<?php
// What is there in the end, in lines "name value".
require 'common.php';
if (isset($_GET['session'])) {
    session_start(['read_and_close' => true]);
    exit((string) ($_SESSION['n'] ?? 0));
}
$db = ledger();
$db->exec('BEGIN EXCLUSIVE');
echo 'sum ', $db->query('SELECT sum(balance) FROM account')->fetchColumn(), "\n";
$moves = 'SELECT coalesce(sum(amount), 0) FROM journal WHERE';
$wrong = 0;
foreach ($db->query('SELECT id, balance FROM account')->fetchAll() as [$id, $balance]) {
    $in = $db->query("$moves target = $id")->fetchColumn();
    $out = $db->query("$moves source = $id")->fetchColumn();
    $wrong += (int) ($balance !== 1000 + $in - $out);
}
echo "wrong_balances $wrong\n";
echo 'integrity ', $db->query('PRAGMA integrity_check')->fetchColumn(), "\n";
foreach ($db->query('SELECT token FROM journal') as [$token]) {
    echo "moved $token\n";
}
$db->exec('COMMIT');
$file = fopen(DATA . '/counter', 'r+');
echo 'lock ', flock($file, LOCK_EX | LOCK_NB) ? 'free' : 'held', "\n";
echo 'counter ', stream_get_contents($file), "\n";

<?php
// Moves money inside a transaction that may be cut at any output.
require 'common.php';
$db = ledger();
[$source, $target, $amount] = [random_int(0, 9), random_int(0, 9), random_int(1, 100)];
try {
    $db->exec('BEGIN IMMEDIATE');
} catch (PDOException $e) {
    // Nothing was promised.
    http_response_code(503);
    exit("busy: {$e->getMessage()}");
}
$db->prepare('UPDATE account SET balance = balance - ? WHERE id = ?')->execute([$amount, $source]);
linger(15000);
$db->prepare('UPDATE account SET balance = balance + ? WHERE id = ?')->execute([$amount, $target]);
$db->prepare('INSERT INTO journal VALUES (?, ?, ?, ?)')->execute([token(), $source, $target, $amount]);
linger(15000);
$db->exec('COMMIT');
echo 'ok ', token(), "\n";

<?php
// Inserts a row into each of four tables. At C it must wait for whoever holds the lock.
require 'open.php';
follow_mode();
$prints = isset($_GET['prints']);
$transaction = isset($_GET['transaction']);
$tables = open_tables();
if ($transaction) {
    $tables->beginTransaction();
}
foreach (['A', 'B', 'C', 'D'] as $table) {
    note("inserts into $table" . ($table === 'C' ? ', and waits for the lock' : ''));
    $tables->exec("INSERT INTO $table VALUES ('a row')");
    if ($prints) {
        echo "$table has its row\n";
        flush();
    }
}
if ($transaction) {
    $tables->commit();
}
note('came to its end');

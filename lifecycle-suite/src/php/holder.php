<?php
// Holds a database, so that others wait for it, until it is told to let go.
require __DIR__ . '/../lib.php';
needs('pdo_sqlite');
ignore_user_abort(true);
$db = new PDO('sqlite:' . FOLDER . '/' . basename($_GET['db']));
$db->exec('CREATE TABLE IF NOT EXISTS t (x)');
$db->exec('BEGIN EXCLUSIVE');
note('HELD');
for ($i = 0; $i < 200 && !is_file(FOLDER . '/release'); $i++) {
    usleep(20000);
    clearstatcache();
}
$db->exec('COMMIT');

<?php
// Writes one row into each of four tables; somebody holds the third. Each is a database of its own, so that it can be held alone.
require __DIR__ . '/../lib.php';
needs('pdo_sqlite');
register_shutdown_function(function () {
    note('SHUTDOWN cs=' . connection_status());
});
$tables = [];
foreach (['a', 'b', 'c', 'd'] as $name) {
    $db = $tables[$name] = new PDO('sqlite:' . FOLDER . "/$name");
    $db->setAttribute(PDO::ATTR_TIMEOUT, 20);
    if ($name !== 'c') {
        $db->exec('CREATE TABLE t (x)');
    }
}
foreach ($tables as $name => $db) {
    if (isset($_GET['tx'])) {
        $db->beginTransaction();
    }
    note("into $name");
    $db->exec('INSERT INTO t VALUES (1)');
    note("inserted $name");
    if (isset($_GET['out'])) {
        echo "inserted $name\n";
        flush();
    }
}
if (isset($_GET['tx'])) {
    foreach ($tables as $db) {
        $db->commit();
    }
}
note('END');

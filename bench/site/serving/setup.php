<?php
// Makes the database of `sqlite.php`.
$db = new PDO('sqlite:' . __DIR__ . '/items.db');
$db->exec('CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT, price REAL)');
$db->beginTransaction();
$insert = $db->prepare('INSERT INTO items (name, price) VALUES (?, ?)');
for ($i = 1; $i <= 1000; $i++) {
    $insert->execute(["item $i", $i * 1.5]);
}
$db->commit();
echo "done\n";

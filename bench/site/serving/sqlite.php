<?php
// Ten queries on a small database that `setup.php` has made.
$db = new PDO('sqlite:' . __DIR__ . '/items.db');
$db->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
$row = $db->prepare('SELECT id, name, price FROM items WHERE id = ?');
for ($i = 1; $i <= 9; $i++) {
    $row->execute([$i * 97]);
    $item = $row->fetch(PDO::FETCH_ASSOC);
    echo $item['id'], ': ', $item['name'], ' ', $item['price'], "\n";
}
foreach ($db->query('SELECT name FROM items ORDER BY id LIMIT 20') as $item) {
    echo $item['name'], "\n";
}

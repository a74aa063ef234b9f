<?php
// In which of the four tables is a row?
require __DIR__ . '/../lib.php';
foreach (['a', 'b', 'c', 'd'] as $name) {
    $db = new PDO('sqlite:' . FOLDER . "/$name");
    if ($db->query('SELECT COUNT(*) FROM t')->fetchColumn()) {
        echo $name;
    }
}

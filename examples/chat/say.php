<?php
// Adds a message.
require 'messages.php';
[$name, $text] = [text($_POST, 'name', 40), trim(text($_POST, 'text', 400))];
if ($_SERVER['REQUEST_METHOD'] !== 'POST' || $name === '' || $text === '') {
    http_response_code(400);
    exit("A message has a name and a text.\n");
}
$messages = messages();
$messages->prepare('INSERT INTO messages (name, text) VALUES (?, ?)')->execute([$name, $text]);
$messages->exec('DELETE FROM messages WHERE id <= (SELECT max(id) FROM messages) - 100');
note("$name says something");

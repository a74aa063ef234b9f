<?php
// Answers when there is something new, or after 25 seconds; ends when its reader leaves.
require 'messages.php';
ini_set('outlast.abort', 'immediate');
set_time_limit(0);
$name = text($_GET, 'name', 40);
$since = (int) ($_GET['since'] ?? 0);
note("$name waits for what is new");
$new = messages()->prepare('SELECT id, name, text FROM messages WHERE id > ? ORDER BY id');
for ($i = 0; $i < 250; $i++) {
    $new->execute([$since]);
    $found = $new->fetchAll(PDO::FETCH_ASSOC);
    if ($found) {
        note("$name is told");
        answer($found);
    }
    usleep(100_000);
}
answer([]);

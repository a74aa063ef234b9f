<?php
// A stream of events for one reader. It ends after fifteen; the browser comes back and tells the last one it had.
require '../lib/note.php';
set_time_limit(0);
header('Content-Type: text/event-stream');
header('Cache-Control: no-cache');
$last = (int) ($_SERVER['HTTP_LAST_EVENT_ID'] ?? 0);
note($last ? "goes on behind event $last" : 'begins');
echo "retry: 1000\n\n";
for ($id = $last + 1; $id <= $last + 15; $id++) {
    printf("id: %d\ndata: %s\n\n", $id, json_encode(['event' => $id, 'memory' => memory_get_usage()]));
    flush();
    sleep(1);
}

<?php
// Starts the session, which locks it, and takes its time.
require '../lib/note.php';
ini_set('outlast.abort', 'immediate');
session_start();
note('has the session, and its lock');
$_SESSION['held'] = ($_SESSION['held'] ?? 0) + 1;
if (isset($_GET['close'])) {
    session_write_close();
    note('has called session_write_close(): others may have it');
}
echo "Working for ten seconds …\n";
flush();
sleep(10);
note('is done');

<?php
// Counts in the session. Where another script has it locked, this one waits, parked: it costs no thread.
require '../lib/note.php';
ini_set('outlast.abort', 'immediate');
note('wants the session');
session_start();
$_SESSION['count'] = ($_SESSION['count'] ?? 0) + 1;
note("has the session, and counts: $_SESSION[count]");
echo $_SESSION['count'];

<?php
// Ends the session and its counter.
require '../lib/note.php';
if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    session_start();
    $_SESSION = [];
    session_destroy();
    note('has destroyed the session');
}

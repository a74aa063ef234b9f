<?php
// How far an upload of this session is. PHP keeps that in the session while the upload comes.
require '../lib/store.php';
session_start(['read_and_close' => true]);
$progress = $_SESSION[ini_get('session.upload_progress.prefix') . run_id()] ?? null;
answer($progress ? ['come' => $progress['bytes_processed'], 'all' => $progress['content_length']] : null);

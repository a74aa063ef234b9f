<?php
// What every case's script begins with: notes in the case's own log, and the pace of its loops.
define('FOLDER', dirname($_SERVER['SCRIPT_FILENAME']));
define('TICK', (int) ($_GET['tick'] ?? 150) * 1000);

function note(string $text): void
{
    file_put_contents(FOLDER . '/log.txt', "$text\n", FILE_APPEND);
}

function until_client_left(): void
{
    for ($i = 0; $i < 200 && !is_file(FOLDER . '/left'); $i++) {
        usleep(20000);
        clearstatcache();
    }
    usleep(2 * TICK);
}

function needs(string $extension): void
{
    if (!extension_loaded($extension)) {
        note("missing: $extension");
        note('SHUTDOWN');
        exit;
    }
}

<?php
// One line in the log, with the time and the connection's state.
function note(string $text): void
{
    static $start = null;
    $start ??= microtime(true);
    $line = sprintf(
        "%s %-14s %6.2fs status=%d %s\n",
        date('H:i:s'),
        basename($_SERVER['SCRIPT_NAME']),
        microtime(true) - $start,
        connection_status(),
        $text,
    );
    file_put_contents(sys_get_temp_dir() . '/outlast-lifecycle.log', $line, FILE_APPEND | LOCK_EX);
}

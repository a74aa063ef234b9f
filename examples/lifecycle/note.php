<?php
// One line in the log, with the seconds since the start and the connection's state.
const LOG = 'outlast-lifecycle.log';

function note(string $text): void
{
    static $start = null;
    $start ??= microtime(true);
    $run = $_GET['run'] ?? '-';
    $line = sprintf(
        "%s\t%s\t%6.2f s  status %d  %s\n",
        is_string($run) ? preg_replace('/\W/', '', $run) : '-',
        basename($_SERVER['SCRIPT_NAME']),
        microtime(true) - $start,
        connection_status(),
        $text,
    );
    file_put_contents(sys_get_temp_dir() . '/' . LOG, $line, FILE_APPEND | LOCK_EX);
}

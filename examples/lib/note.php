<?php
// A script that requires this writes down what it does; the page shows it, in the panel "on the server".
// That the client has gone, and how the script ended, is written by itself.
require_once __DIR__ . '/store.php';

/** Writes one line. */
function note(string $text, string $kind = 'note'): void
{
    $file = data_folder() . '/run-' . run_id() . '.log';
    if (!is_file($file)) {
        sweep();
    }
    $line = json_encode([
        'at' => microtime(true),
        'script' => basename($_SERVER['SCRIPT_NAME']),
        'status' => connection_status(),
        'kind' => $kind,
        'text' => $text,
    ]);
    file_put_contents($file, "$line\n", FILE_APPEND | LOCK_EX);
}

/** What can be chosen on several pages: what the script does when its client leaves. */
function follow_mode(): void
{
    match ($_GET['mode'] ?? '') {
        'finish' => ignore_user_abort(true),
        'immediate' => ini_set('outlast.abort', 'immediate'),
        default => null, // PHP's own rule: the next output ends the script.
    };
}

// PHP's own servers have no such function; the pages work there too, but know less.
if (function_exists('Outlast\on_abort')) {
    Outlast\on_abort(fn() => note('the client has gone', 'abort'));
}

function note_end(): void
{
    $how = match (connection_status()) {
        0 => 'has ended',
        1 => 'has ended; its client was gone',
        2 => 'has ended: its time was over',
        default => 'has ended: its client was gone, and its time was over',
    };
    $error = error_get_last();
    if ($error && $error['type'] & (E_ERROR | E_USER_ERROR)) {
        $how .= '; ' . strtok($error['message'], "\n");
    }
    note($how, 'end');
}

// Registered by a shutdown function, it runs behind all others.
register_shutdown_function(fn() => register_shutdown_function(note_end(...)));

<?php
// Where the examples keep what they write: outside the document root, for this user alone.

function data_folder(): string
{
    $folder = sys_get_temp_dir() . '/outlast-examples-' . getmyuid();
    if (!is_dir($folder)) {
        @mkdir($folder, 0700);
    }
    return $folder;
}

/** What belongs together: lines, databases. The page chooses it when it starts a script. */
function run_id(): string
{
    $run = $_GET['run'] ?? null;
    return is_string($run) && preg_match('/^\w{4,40}$/', $run) ? $run : 'by_hand';
}

/** Takes away what runs of more than an hour ago left. */
function sweep(): void
{
    foreach (glob(data_folder() . '/run-*') as $file) {
        if (time() - @filemtime($file) > 3600) {
            @unlink($file);
        }
    }
}

/** A database file. Whoever finds it locked waits for up to a minute, parked. */
function database(string $name): PDO
{
    $database = new PDO('sqlite:' . data_folder() . "/$name.sqlite");
    $database->setAttribute(PDO::ATTR_TIMEOUT, 60);
    return $database;
}

/**
 * The rows that a query finds; none while the run has not made its database yet.
 *
 * @return array<string, mixed> the first column as keys, the second as values
 */
function look_up(string $name, string $query): array
{
    if (!is_file(data_folder() . "/$name.sqlite")) {
        return [];
    }
    $database = database($name);
    $is_made = $database->query('SELECT 1 FROM sqlite_master')->fetchColumn();
    return $is_made ? $database->query($query)->fetchAll(PDO::FETCH_KEY_PAIR) : [];
}

/** Answers with JSON, which nobody is to keep. */
function answer(mixed $value): never
{
    header('Content-Type: application/json');
    header('Cache-Control: no-store');
    exit(json_encode($value));
}

<?php
// What the pages share. A page says "ok TOKEN" only when what it was asked for is done for good.

define('DATA', getenv('SOAK_DATA'));

function token(): string
{
    return $_GET['token'] ?? exit('no token');
}

function note(string $list): void
{
    file_put_contents(DATA . "/$list.txt", token() . "\n", FILE_APPEND | LOCK_EX);
}

/** Now and then a page waits, with output on its way: a moment to be cut at. */
function linger(int $most): void
{
    if (random_int(0, 1)) {
        echo str_repeat('.', random_int(1, 3000)), "\n";
        flush();
    }
    usleep(random_int(0, $most));
}

function ledger(): PDO
{
    $db = new PDO('sqlite:' . DATA . '/ledger.db');
    $db->setAttribute(PDO::ATTR_TIMEOUT, 20);
    $db->exec('PRAGMA synchronous = NORMAL');
    return $db;
}

<?php
// What was said: the last hundred messages, in one table for all.
require_once '../lib/note.php';

function messages(): PDO
{
    $messages = database('chat');
    $messages->exec('CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, text TEXT)');
    return $messages;
}

/** A parameter as text of at most so many bytes, cut between characters. */
function text(array $from, string $name, int $most): string
{
    $text = $from[$name] ?? '';
    return is_string($text) ? mb_strcut(mb_scrub($text), 0, $most) : '';
}

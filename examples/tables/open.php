<?php
// Four tables, each in a database file of its own, so that one can be locked without the others.
require_once '../lib/note.php';

function table_file(string $table): string
{
    return 'run-' . run_id() . "-$table";
}

function create_tables(): void
{
    foreach (['A', 'B', 'C', 'D'] as $table) {
        database(table_file($table))->exec("CREATE TABLE IF NOT EXISTS $table (text TEXT)");
    }
}

function open_tables(): PDO
{
    create_tables();
    $tables = database(table_file('A'));
    foreach (['B', 'C', 'D'] as $table) {
        $file = data_folder() . '/' . table_file($table) . '.sqlite';
        $tables->exec("ATTACH DATABASE {$tables->quote($file)} AS file_$table");
    }
    return $tables;
}

<?php
// Somebody else, who holds table C locked until they leave.
require 'open.php';
ini_set('outlast.abort', 'immediate');
create_tables();
$c = database(table_file('C'));
$c->exec('BEGIN IMMEDIATE');
note('holds C locked');
echo "locked\n";
flush();
sleep(60);

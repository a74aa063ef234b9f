<?php
// The balances, as everybody else sees them.
require '../lib/store.php';
$found = look_up('run-' . run_id() . '-accounts', 'SELECT name, balance FROM accounts');
answer($found + ['Ada' => 500, 'Grace' => 500]);

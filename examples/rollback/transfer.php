<?php
// Moves 100 from Ada to Grace. In between, it waits for somebody else.
require 'accounts.php';
follow_mode();
$accounts = accounts();
$transaction = isset($_GET['transaction']);
if ($transaction) {
    $accounts->beginTransaction();
    note('begins a transaction');
}
$accounts->exec("UPDATE accounts SET balance = balance - 100 WHERE name = 'Ada'");
note('took 100 from Ada; asks another bank, which takes five seconds');
sleep(5);
$accounts->exec("UPDATE accounts SET balance = balance + 100 WHERE name = 'Grace'");
note('gave 100 to Grace');
if ($transaction) {
    $accounts->commit();
    note('commits');
}
echo "Done.\n";

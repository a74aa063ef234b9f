<?php
// A large answer through output buffers, for readers that are slow.
require 'common.php';
note('opened');
register_shutdown_function(fn () => note('closed'));
ob_start(fn (string $part) => strtoupper($part), 50000);
ob_start();
$sent = 0;
while ($sent < 2_000_000) {
    $line = "line $sent " . str_repeat('abc', random_int(1, 3000)) . "\n";
    $sent += strlen($line);
    echo $line;
    if (random_int(0, 20) === 0) {
        ob_flush();
    }
}
ob_end_flush();
ob_end_flush();
echo "sent $sent\nok ", token(), "\n";

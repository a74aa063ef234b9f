<?php
require '../lib/note.php';
header('Content-Type: text/plain');
echo "Thank you. The rest happens without you.\n";
if (function_exists('fastcgi_finish_request')) {
    fastcgi_finish_request();
}
note('has answered');
sleep(5);
echo "Nobody sees this, and it stops nobody.\n";
flush();
note('came to its end');

<?php
// Tells what has come; keeps the file for a moment where asked.
require 'common.php';
$file = $_FILES['file'] ?? null;
if ($file === null || $file['error'] !== UPLOAD_ERR_OK) {
    http_response_code(400);
    exit('no file');
}
linger(50000);
$path = $file['tmp_name'];
if (random_int(0, 1)) {
    $moved = DATA . '/moved-' . token();
    register_shutdown_function(fn () => unlink($moved));
    move_uploaded_file($path, $moved);
    $path = $moved;
}
echo 'sum ', crc32(file_get_contents($path)), "\nok ", token(), "\n";

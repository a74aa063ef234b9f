<?php
// A visitor with a slow line, played by a script: it uploads two megabytes to this server within eight seconds.
require '../lib/note.php';
ini_set('outlast.abort', 'immediate');
set_time_limit(0);
$run = run_id();
$head = fn($name, $more = '') => "--slow\r\nContent-Disposition: form-data; name=\"$name\"$more\r\n\r\n";
$begin = $head(ini_get('session.upload_progress.name')) . "$run\r\n"
    . $head('file', '; filename="slow.bin"');
$end = "\r\n--slow--\r\n";
$part = str_repeat('x', 25_000);
$length = strlen($begin) + 80 * strlen($part) + strlen($end);
$session = session_name() . '=' . rawurlencode((string) ($_COOKIE[session_name()] ?? ''));

$address = $_SERVER['SERVER_ADDR'] ?? '127.0.0.1'; // PHP's built-in server does not tell
$server = stream_socket_client("tcp://$address:$_SERVER[SERVER_PORT]");
if (!$server) {
    exit("There is no way from this server to itself.\n");
}
fwrite($server, "POST /upload/receive.php?run=$run HTTP/1.1\r\nHost: $_SERVER[HTTP_HOST]\r\nCookie: $session\r\n"
    . "Connection: close\r\nContent-Type: multipart/form-data; boundary=slow\r\nContent-Length: $length\r\n\r\n$begin");
note('uploads slowly');
for ($i = 1; $i <= 80; $i++) {
    fwrite($server, $part);
    if ($i % 20 === 0) {
        note("has sent $i parts of 80");
    }
    usleep(100_000);
}
fwrite($server, $end);
echo explode("\r\n\r\n", stream_get_contents($server), 2)[1];

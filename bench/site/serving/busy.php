<?php
// Computes until its client leaves.
ini_set('outlast.abort', 'immediate');
set_time_limit(0);
echo "ready\n";
flush();
for ($i = 0; ; $i++) {
    $hash = ($i * 31 + 7) % 1000003;
}

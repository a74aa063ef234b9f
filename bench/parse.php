<?php
// Tokenises and parses the scripts that a file lists, round for round, and prints how many nanoseconds of processor
// time each round took. A token that cannot follow stands behind each script: PHP parses it all, builds its
// tree, and then has nothing to compile.

$sources = array_map(
    fn($path) => '?>' . file_get_contents($path) . "\n<?php )",
    file($argv[1], FILE_IGNORE_NEW_LINES),
);
error_reporting(0);

function used(): int
{
    $usage = getrusage();
    $seconds = $usage['ru_utime.tv_sec'] + $usage['ru_stime.tv_sec'];
    return 1000 * (1_000_000 * $seconds + $usage['ru_utime.tv_usec'] + $usage['ru_stime.tv_usec']);
}

for ($round = 0; $round < $argv[2]; $round++) {
    $start = used();
    foreach ($sources as $source) {
        try {
            eval($source);
        } catch (ParseError) {
        }
    }
    echo used() - $start, "\n";
}

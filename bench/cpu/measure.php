<?php
// Runs the script named by the first argument and adds a line with the processor time it took, in nanoseconds.
function processor_time(): int
{
    $used = getrusage();
    return ($used['ru_utime.tv_sec'] + $used['ru_stime.tv_sec']) * 1_000_000_000
        + ($used['ru_utime.tv_usec'] + $used['ru_stime.tv_usec']) * 1000;
}

$started_at = processor_time();
include $argv[1];
fprintf(STDOUT, "\n@@\t%d\n", processor_time() - $started_at);

<?php
// A job of a minute, which does not care whether anybody waits for it.
require 'jobs.php';
if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
    http_response_code(405);
    exit("A job is started by POST.\n");
}
ignore_user_abort(true);
set_time_limit(0);

$jobs = jobs();
$jobs->exec("DELETE FROM jobs WHERE state <> 'running' AND seen < unixepoch() - 3600");
$jobs->prepare("INSERT INTO jobs (run, seen, done, total, state) VALUES (?, unixepoch(), 0, 120, 'running')")
    ->execute([run_id()]);
$id = (int) $jobs->lastInsertId();
// Whatever ends this script, a limit or a stopped server: the table tells.
register_shutdown_function(fn() => $jobs->exec("UPDATE jobs SET state = 'broken' WHERE id = $id AND state = 'running'"));
echo "$id\n";
flush();

note("begins job $id");
$state = $jobs->prepare("UPDATE jobs SET done = ?, seen = unixepoch() WHERE id = ? AND state = 'running'");
for ($step = 1; $step <= 120; $step++) {
    usleep(500_000);
    $state->execute([$step, $id]);
    if ($state->rowCount() === 0) {
        note("was cancelled at step $step");
        exit;
    }
    if ($step % 10 === 0) {
        note("step $step of 120" . (connection_aborted() ? ', though nobody waits for it' : ''));
    }
}
$jobs->exec("UPDATE jobs SET state = 'done' WHERE id = $id");
note('is done');

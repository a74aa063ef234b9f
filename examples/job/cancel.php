<?php
// Tells a job to stop: it looks at its row after each step.
require 'jobs.php';
if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    jobs()->prepare("UPDATE jobs SET state = 'cancelled' WHERE id = ? AND state = 'running'")
        ->execute([(int) ($_GET['id'] ?? 0)]);
}

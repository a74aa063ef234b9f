<?php
// The jobs, the newest first.
require 'jobs.php';
answer(jobs()->query('SELECT * FROM jobs ORDER BY id DESC LIMIT 8')->fetchAll(PDO::FETCH_ASSOC));

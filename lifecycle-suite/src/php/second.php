<?php
// Sent behind another request by a client that does not wait for its answer.
require __DIR__ . '/../lib.php';
note('second');

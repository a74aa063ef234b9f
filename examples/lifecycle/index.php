<?php
// The way in: each page shows one thing that happens when a client leaves.
$pages = [
    'stream.php' => 'streams lines; close the tab and it stops at its next line',
    'stubborn.php' => 'ignores the abort and works on to its end',
    'watch.php' => 'polls connection_aborted() with no output at all',
    'immediate.php' => 'is stopped inside a long sleep, the moment you leave',
    'on-abort.php' => 'cleans up in a callback of Outlast\on_abort()',
    'finish.php' => 'answers at once and works on behind your back',
    'limit.php' => 'runs into its time limit; sleeping does not count',
    'events.php' => 'server-sent events: a clock for any number of readers',
    'log.php' => 'what all of these wrote down',
];
?>
<!DOCTYPE html>
<html>
<head><meta charset="utf-8"><title>What happens when you leave</title></head>
<body>
<h1>What happens when you leave</h1>
<p>Open a page, close it in the middle, then look at the <a href="log.php">log</a>.</p>
<ul>
<?php foreach ($pages as $page => $text): ?>
    <li><a href="<?= $page ?>"><?= $page ?></a>: <?= htmlspecialchars($text) ?></li>
<?php endforeach; ?>
</ul>
</body>
</html>

<?php $pages = require 'lifecycle/pages.php'; ?>
<!DOCTYPE html>
<html lang="en">
<head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>Outlast</title>
    <link rel="stylesheet" href="/style.css">
</head>
<body>
<h1>Outlast</h1>
<p class="lead">What happens to a PHP script when its client goes away? Start one, press STOP, and see what the
script on the server then did: it writes that down while you watch.</p>
<div class="cards">
<?php foreach ($pages as $name => [$title, $sentence]): ?>
    <a class="card" href="/lifecycle/run.php?page=<?= $name ?>">
        <h2><?= htmlspecialchars($title) ?></h2>
        <p><?= htmlspecialchars($sentence) ?></p>
    </a>
<?php endforeach; ?>
    <a class="card" href="/presence/">
        <h2>Who is here</h2>
        <p>A presence list: whoever leaves is dropped from it at once, by the script that served them.</p>
    </a>
</div>
<footer>This page was made by a PHP script. PHP <?= PHP_VERSION ?>, <?= htmlspecialchars($_SERVER['SERVER_SOFTWARE']) ?>.</footer>
</body>
</html>

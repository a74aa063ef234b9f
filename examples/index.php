<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Outlast</title></head>
<body>
<h1>Outlast</h1>
<p>This page was made by a PHP script. PHP <?= PHP_VERSION ?>, <?= $_SERVER['SERVER_SOFTWARE'] ?>.</p>
<ul>
    <li><a href="lifecycle/">What happens when you leave</a>: scripts and clients that go away</li>
</ul>
</body>
</html>

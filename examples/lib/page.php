<?php
// The frame of all pages.

function h(string $text): string
{
    return htmlspecialchars($text);
}

function page_start(string $title): void
{
    ?>
<!DOCTYPE html>
<html lang="en">
<head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title><?= h($title) ?></title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/style.css">
    <script src="/outlast.js"></script>
</head>
<body>
<?php
}

/** @param string $lead what to do and what to expect, as HTML */
function page_head(string $title, string $lead): void
{
    page_start("$title – Outlast");
    ?>
<nav><a href="/">Outlast</a> <span>/</span> <?= h($title) ?></nav>
<main>
<h1><?= h($title) ?></h1>
<p class="lead"><?= $lead ?></p>
<?php
}

/** What the scripts on the server do (from the status page), and what they wrote down. */
function panel(): void
{
    ?>
<section class="pane server" aria-labelledby="server-title">
    <h2 id="server-title">On the server <a href="/_outlast/">all running scripts</a></h2>
    <ul id="running" class="running"></ul>
    <ol id="log" class="log" aria-live="polite"></ol>
</section>
<?php
}

/** @param list<string> $scripts files beside the page, whose code it shows */
function page_foot(array $scripts = []): void
{
    $folder = dirname($_SERVER['SCRIPT_FILENAME']);
    foreach ($scripts as $script) {
        ?>
<details class="pane">
    <summary>The code: <?= h($script) ?></summary>
    <pre><?= h(file_get_contents("$folder/$script")) ?></pre>
</details>
<?php
    }
    ?>
</main>
<footer>Made by a PHP script. PHP <?= PHP_VERSION ?>, <?= h($_SERVER['SERVER_SOFTWARE']) ?> ·
<a href="/_outlast/">running scripts</a> · <a href="/log.php">what all scripts wrote down</a></footer>
</body>
</html>
<?php
}

<?php
// Runs one of the scripts beside this one, with a button to leave it and its log in view.
$pages = require 'pages.php';
$name = $_GET['page'] ?? '';
if (!is_string($name) || !isset($pages[$name])) {
    http_response_code(404);
    exit('There is no such page.');
}
[$title, $sentence, $expect] = $pages[$name];
?>
<!DOCTYPE html>
<html lang="en">
<head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title><?= htmlspecialchars($title) ?> – Outlast</title>
    <link rel="stylesheet" href="/style.css">
</head>
<body>
<p><a href="/">← all examples</a></p>
<h1><?= htmlspecialchars($title) ?></h1>
<p class="lead"><?= htmlspecialchars($sentence) ?> <?= htmlspecialchars($expect) ?></p>
<button id="start">START</button>
<button id="stop" class="stop" disabled>STOP</button>
<div class="panes">
    <div class="pane"><h2>What you receive</h2><pre id="output"></pre></div>
    <div class="pane"><h2>What the script on the server writes down</h2><pre id="log"></pre></div>
</div>
<details class="pane">
    <summary>The script, <?= $name ?>.php</summary>
    <pre><?= htmlspecialchars(file_get_contents(__DIR__ . "/$name.php")) ?></pre>
</details>
<footer>Or <a href="<?= $name ?>.php">open the script itself</a>, press your browser’s own STOP, and look at
<a href="log.php">the log of all</a>.</footer>
<script>
const [start, stop, output, log] = ['start', 'stop', 'output', 'log'].map(id => document.getElementById(id));
let run = null, client = null;

function show(text) {
    output.append(text);
    output.scrollTop = output.scrollHeight;
}

start.onclick = async () => {
    run = Math.random().toString(36).slice(2);
    client = new AbortController();
    output.textContent = log.textContent = '';
    start.disabled = true;
    stop.disabled = false;
    try {
        const answer = await fetch(`<?= $name ?>.php?run=${run}`, { signal: client.signal });
        const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
        for (let part; !(part = await reader.read()).done;) show(part.value);
        show('\n— the answer is complete —');
    } catch (error) {
        show(error.name === 'AbortError' ? '\n— you pressed STOP —' : `\n— ${error.message} —`);
    }
    start.disabled = false;
    stop.disabled = true;
};
stop.onclick = () => client.abort();

setInterval(async () => {
    if (!run) return;
    const text = await (await fetch(`log.php?run=${run}`)).text();
    if (text !== log.textContent) {
        log.textContent = text;
        log.scrollTop = log.scrollHeight;
    }
}, 300);

// With #start, or #leave to press STOP after two seconds, nobody needs to press anything.
if (location.hash) start.click();
if (location.hash === '#leave') setTimeout(() => stop.click(), 2000);
</script>
</body>
</html>

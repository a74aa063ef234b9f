<?php
// Runs one of the scripts beside this one, with a button to leave it.
require '../lib/page.php';
$pages = require 'pages.php';
$name = $_GET['page'] ?? '';
if (!is_string($name) || !isset($pages[$name])) {
    http_response_code(404);
    exit('There is no such page.');
}
[$title, $sentence, $expect] = $pages[$name];
page_head($title, h($sentence) . ' <b>' . h($expect) . '</b>');
?>
<div class="controls">
    <button id="start">START</button>
    <button id="stop" class="stop" disabled>STOP</button>
    <span class="lead">or <a href="<?= $name ?>.php">open the script itself</a>, and press your browser’s own STOP</span>
</div>
<div class="panes">
    <section class="pane"><h2>What you receive</h2><pre id="output" class="output"></pre></section>
<?php panel(); ?>
</div>
<script>
const output = byId('output');
function show(text) {
    output.append(text);
    output.scrollTop = output.scrollHeight;
}
startStop(
    run => {
        output.textContent = '';
        return `<?= $name ?>.php?run=${run}`;
    },
    show,
    how => show({ complete: '\n— the answer is complete —', left: '\n— you pressed STOP —' }[how] ?? `\n— ${how} —`),
);
</script>
<?php page_foot(["$name.php"]);

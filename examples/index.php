<?php
require 'lib/page.php';
$stops = require 'lifecycle/pages.php';
$groups = [
    'Nothing half done' => [
        '/tables/' => ['Four tables', 'A script fills four tables; one is locked, and the visitor leaves meanwhile. Which have their row in the end?'],
        '/rollback/' => ['Rollback', 'Money is between two accounts when the visitor presses STOP. A transaction puts it back.'],
        '/job/' => ['A job with a progress bar', 'It survives a reload and a closed tab: come back, and the bar stands where the job is.'],
        '/upload/' => ['Upload with progress', 'The server tells how much has come. An upload that is cut starts no script and leaves no file.'],
    ],
    'Many visitors who stay' => [
        '/presence/' => ['Who is here', 'Whoever leaves is dropped from the list at once, by the script that served them.'],
        '/chat/' => ['Chat by long polling', 'A request waits on the server until there is something to say, and ends when its reader leaves.'],
        '/events/' => ['Server-sent events', 'A stream that is served by a parked script, and goes on where it broke off.'],
        '/sessions/' => ['Sessions', 'A counter, and the lock behind it: see one script wait for another, and get it when that one’s visitor leaves.'],
    ],
    'What STOP does to a script' => array_combine(
        array_map(fn($name) => "/lifecycle/run.php?page=$name", array_keys($stops)),
        array_map(fn($page) => array_slice($page, 0, 2), array_values($stops)),
    ),
];
page_start('Outlast');
?>
<main>
<h1>Outlast</h1>
<p class="lead promise">When a visitor leaves, the PHP script that serves them knows at once, and stops, tidies up or
carries on: as you wrote it.</p>

<div class="panes">
    <section class="pane hero" aria-labelledby="try">
        <h2 id="try">A script is importing records for you. Press STOP now.</h2>
        <progress id="bar" max="20" value="0" aria-label="Records that you were told of"></progress>
        <p id="told" role="status">It begins …</p>
        <div class="controls">
            <button id="stop" class="stop big" disabled>STOP</button>
            <button id="start">Again</button>
        </div>
        <fieldset>
            <legend>When you leave, the script is to</legend>
            <label><input type="radio" name="mode" value="immediate" checked> stop at once <small>outlast.abort = immediate</small></label>
            <label><input type="radio" name="mode" value="output"> stop at its next output <small>PHP’s own rule</small></label>
            <label><input type="radio" name="mode" value="finish"> carry on to its end <small>ignore_user_abort</small></label>
        </fieldset>
        <p class="lead">Closing the tab, a reload or a lost connection do the same as this button. However it ends, the
        script’s shutdown function takes its lock away.</p>
    </section>
<?php panel(); ?>
</div>

<?php foreach ($groups as $heading => $pages): ?>
<h2><?= h($heading) ?></h2>
<div class="cards">
<?php foreach ($pages as $address => [$title, $sentence]): ?>
    <a class="card" href="<?= $address ?>"><h3><?= h($title) ?></h3><p><?= h($sentence) ?></p></a>
<?php endforeach; ?>
</div>
<?php endforeach; ?>

<script>
const mode = () => document.querySelector('input[name=mode]:checked').value;
startStop(run => {
    byId('bar').value = 0;
    byId('told').textContent = 'It begins …';
    return `/demo.php?mode=${mode()}&run=${run}`;
}, text => {
    const record = text.trim().split('\n').pop();
    byId('bar').value = parseInt(record);
    byId('told').textContent = `Record ${record} of 20 is in.`;
}, how => {
    byId('told').textContent = how === 'left'
        ? 'You have left. “On the server” tells what the script did about it.'
        : 'All is in. Press “Again”, and then STOP.';
});
for (const input of document.querySelectorAll('input[name=mode]')) {
    input.onchange = () => {
        if (byId('start').disabled) byId('stop').click();
        const wait = setInterval(() => {
            if (byId('start').disabled) return;
            clearInterval(wait);
            byId('start').click();
        }, 50);
    };
}
if (!location.hash) byId('start').click();
</script>
<?php page_foot(['demo.php']);

<?php
require '../lib/page.php';
page_head('Four tables', 'A script inserts a row into A, B, C and D. Somebody holds C locked, so it waits there, '
    . 'and meanwhile its visitor leaves. <b>Press START, then STOP, then unlock C:</b> which tables have their row?');
?>
<div class="controls">
    <button id="start">START</button>
    <button id="stop" class="stop" disabled>STOP</button>
    <button id="unlock" class="plain" disabled>Unlock C</button>
</div>
<div class="panes">
    <section class="pane">
        <h2>The tables, as everybody sees them</h2>
        <div class="tiles" id="tables">
<?php foreach (['A', 'B', 'C', 'D'] as $table): ?>
            <div class="tile" data-table="<?= $table ?>"><b><?= $table ?></b><span>empty</span></div>
<?php endforeach; ?>
        </div>
        <form id="choices">
            <fieldset>
                <legend>The script</legend>
                <label><input type="checkbox" name="prints"> prints a line after each row, and flushes</label>
                <label><input type="checkbox" name="transaction"> inserts in one transaction</label>
            </fieldset>
            <fieldset>
                <legend>When its visitor leaves</legend>
                <label><input type="radio" name="mode" value="output" checked> it stops at its next output <small>PHP’s own rule</small></label>
                <label><input type="radio" name="mode" value="immediate"> it stops at once <small>outlast.abort = immediate</small></label>
                <label><input type="radio" name="mode" value="finish"> it carries on <small>ignore_user_abort(true)</small></label>
            </fieldset>
        </form>
        <table>
            <caption>What to expect after STOP</caption>
            <tr data-case="output"><th>next output, prints nothing</th><td>A B C D</td></tr>
            <tr data-case="output-prints"><th>next output, prints</th><td>A B C</td></tr>
            <tr data-case="immediate"><th>at once</th><td>A B</td></tr>
            <tr data-case="rolled-back"><th>stopped in a transaction</th><td>none</td></tr>
            <tr data-case="finish"><th>carries on</th><td>A B C D</td></tr>
        </table>
    </section>
<?php panel(); ?>
</div>
<script>
const [start, stop, unlock, choices] = ['start', 'stop', 'unlock', 'choices'].map(byId);
let run = null, lock = null, client = null;

function showCase() {
    const { mode, prints, transaction } = Object.fromEntries(new FormData(choices));
    const stops = mode === 'immediate' || (mode === 'output' && prints);
    const chosen = stops && transaction ? 'rolled-back' : mode === 'output' && prints ? 'output-prints' : mode;
    for (const row of document.querySelectorAll('[data-case]')) row.className = row.dataset.case === chosen ? 'chosen' : '';
}

async function showTables() {
    for (const [table, rows] of Object.entries(await json(`state.php?run=${run}`))) {
        const tile = document.querySelector(`[data-table=${table}]`);
        tile.className = rows ? 'tile full' : 'tile';
        const locked = table === 'C' && lock;
        tile.lastChild.textContent = rows ? 'has its row' : locked ? 'locked' : 'empty';
    }
}

start.onclick = () => {
    run = newRun();
    panel.follow(run);
    start.disabled = true;
    lock = visit(`lock.php?run=${run}`, () => {
        if (client) return;
        client = visit(`insert.php?run=${run}&${new URLSearchParams(new FormData(choices))}`);
        stop.disabled = unlock.disabled = false;
        stop.focus();
        client.done.then(() => { stop.disabled = true; });
    });
    lock.done.then(() => {
        lock = client = null;
        unlock.disabled = stop.disabled = true;
        start.disabled = false;
    });
};
stop.onclick = () => {
    client.stop();
    panel.mark('you pressed STOP');
    unlock.focus();
};
unlock.onclick = () => {
    panel.mark('you unlocked C');
    lock.stop();
};
choices.onchange = showCase;
showCase();
repeatedly(300, () => run && showTables());
if (location.hash) {
    start.click();
    setTimeout(() => stop.click(), 2000);
    setTimeout(() => unlock.click(), 4000);
}
</script>
<?php page_foot(['insert.php', 'open.php', 'lock.php']);

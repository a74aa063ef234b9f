<?php
require '../lib/page.php';
// A cookie and an empty session, without waiting for whoever holds it.
if (!isset($_COOKIE[session_name()])) {
    session_start();
    session_write_close();
}
page_head('Sessions', 'A counter that only you have, and the lock behind it: of the scripts of one session, one has '
    . 'it at a time. <b>Hold the session, count meanwhile, then press STOP:</b> the lock is free at once, and what waited is counted.');
?>
<div class="panes">
    <section class="pane">
        <h2>Your session</h2>
        <div class="tiles"><div class="tile"><b id="count">–</b><span>counted</span></div><div class="tile"><b id="waiting">0</b><span>waiting</span></div></div>
        <div class="controls">
            <button id="start">Hold the session</button>
            <button id="stop" class="stop" disabled>STOP</button>
        </div>
        <label><input type="checkbox" id="close"> and call <code>session_write_close()</code> first</label>
        <div class="controls">
            <button id="add">Count</button>
            <button id="forget" class="plain">Forget me</button>
        </div>
        <p class="lead">Without a holder, the count comes at once. With one, it waits for up to ten seconds, or until
        the holder’s visitor leaves: a script that ends gives its lock back, however it ends.</p>
    </section>
<?php panel(); ?>
</div>
<script>
const run = newRun();
let holder = null, waiting = 0;
panel.follow(run);
byId('start').onclick = async () => {
    holder = visit(`hold.php?run=${run}${byId('close').checked ? '&close=1' : ''}`);
    byId('start').disabled = true;
    byId('stop').disabled = false;
    await holder.done;
    byId('start').disabled = false;
    byId('stop').disabled = true;
};
byId('stop').onclick = () => {
    holder.stop();
    panel.mark('you pressed STOP');
};
// A browser opens six connections to a server at most.
const showWaiting = () => {
    byId('waiting').textContent = waiting;
    byId('add').disabled = waiting >= 3;
};
byId('add').onclick = async () => {
    waiting++;
    showWaiting();
    await visit(`count.php?run=${run}`, text => { byId('count').textContent = text; }).done;
    waiting--;
    showWaiting();
};
byId('forget').onclick = async () => {
    await fetch(`forget.php?run=${run}`, { method: 'POST' });
    byId('count').textContent = '–';
};
if (location.hash) {
    byId('start').click();
    setTimeout(() => byId('add').click(), 800);
    setTimeout(() => byId('stop').click(), 3000);
}
</script>
<?php page_foot(['hold.php', 'count.php']);

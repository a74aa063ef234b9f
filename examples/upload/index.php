<?php
require '../lib/page.php';
session_start(); // progress is kept in the session
session_write_close();
page_head('Upload with progress', 'The bar is fed by the server: it tells how much has come, while it comes. '
    . '<b>Press STOP in the middle:</b> the upload is cut, the script that was to receive it never starts, and no file is left.');
?>
<div class="panes">
    <section class="pane">
        <h2>What the server has of it</h2>
        <progress id="bar" max="1" value="0" aria-label="Progress of the upload"></progress>
        <p id="told" role="status">Nothing yet.</p>
        <div class="controls">
            <button id="start">Upload slowly</button>
            <button id="stop" class="stop" disabled>STOP</button>
        </div>
        <p class="lead">From this machine to itself, a file would be through before you see it. So a script plays a visitor with a
        slow line, slow.php: while you look on, it uploads two megabytes; when you leave, it is cut off, and so is its upload.</p>
        <form id="form" class="line">
            <input type="hidden" name="<?= h(ini_get('session.upload_progress.name')) ?>" id="key">
            <input type="file" name="file" required aria-label="A file to upload">
            <button class="plain">Upload</button>
        </form>
        <p class="lead">Or a file of yours, up to <?= h(ini_get('upload_max_filesize')) ?>, as .user.ini in this folder says.</p>
    </section>
<?php panel(); ?>
</div>
<script>
const told = byId('told'), bar = byId('bar');
let run = null, watching = false;

function begin() {
    run = newRun();
    panel.follow(run);
    bar.value = 0;
    told.textContent = 'It begins …';
    watching = true;
    byId('start').disabled = true;
    byId('stop').disabled = false;
}

function end(text) {
    watching = false;
    told.textContent = text;
    byId('start').disabled = false;
    byId('stop').disabled = true;
}

repeatedly(250, async () => {
    if (!watching) return;
    const progress = await json(`progress.php?run=${run}`);
    if (!progress || !watching) return;
    bar.value = progress.come / progress.all;
    told.textContent = `${(progress.come / 1e6).toFixed(2)} of ${(progress.all / 1e6).toFixed(2)} MB have come.`;
});

async function go(client, text) {
    byId('stop').onclick = () => {
        client.stop();
        panel.mark('you pressed STOP');
    };
    const how = await client.done;
    if (how === 'complete') bar.value = 1;
    end(how === 'complete' ? `The server says: ${text()}` : 'Cut. What had come is gone, and no script has started for it.');
}

byId('start').onclick = () => {
    begin();
    let text = '';
    go(visit(`slow.php?run=${run}`, part => { text += part; }), () => text);
};

byId('form').onsubmit = event => {
    event.preventDefault();
    begin();
    byId('key').value = run;
    const request = new XMLHttpRequest();
    const done = new Promise(resolve => {
        request.onload = () => resolve('complete');
        request.onabort = request.onerror = () => resolve('left');
    });
    request.open('POST', `receive.php?run=${run}`);
    request.send(new FormData(byId('form')));
    go({ done, stop: () => request.abort() }, () => request.responseText);
};
if (location.hash) byId('start').click();
if (location.hash === '#leave') setTimeout(() => byId('stop').click(), 3000);
</script>
<?php page_foot(['receive.php', 'progress.php', 'slow.php', '.user.ini']);

<?php
require '../lib/page.php';
page_head('Server-sent events', 'Each reader is served by a script of its own, which sleeps between two events and costs a few '
    . 'kilobytes while it does. <b>Press STOP:</b> the script ends at its next event. Wait instead, and see it end after fifteen and go on in a new one.');
?>
<div class="controls">
    <button id="start">START</button>
    <button id="stop" class="stop" disabled>STOP</button>
</div>
<div class="panes">
    <section class="pane"><h2>What you receive</h2><pre id="output" class="output"></pre></section>
<?php panel(); ?>
</div>
<script>
const output = byId('output');
let stream = null;
function show(text) {
    output.append(`${text}\n`);
    output.scrollTop = output.scrollHeight;
}
byId('start').onclick = () => {
    const run = newRun();
    panel.follow(run);
    output.textContent = '';
    stream = new EventSource(`stream.php?run=${run}`);
    stream.onmessage = event => {
        const { event: id, memory } = JSON.parse(event.data);
        show(`event ${id}, from a script that uses ${Math.round(memory / 1024)} KiB`);
    };
    stream.onerror = () => show('— the stream has ended; the browser comes back —');
    byId('start').disabled = true;
    byId('stop').disabled = false;
};
byId('stop').onclick = () => {
    stream.close();
    panel.mark('you pressed STOP');
    byId('start').disabled = false;
    byId('stop').disabled = true;
};
if (location.hash) byId('start').click();
if (location.hash === '#leave') setTimeout(() => byId('stop').click(), 3000);
</script>
<?php page_foot(['stream.php']);

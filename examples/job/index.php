<?php
require '../lib/page.php';
page_head('A job with a progress bar', 'The job takes a minute and goes on without you. '
    . '<b>Start one, then reload this page, or close the tab and come back:</b> the bar stands where the job is.');
?>
<div class="controls">
    <button id="start">Start a job</button>
    <button class="plain" onclick="location.reload()">Reload this page</button>
    <span class="lead">With the reload you leave the job: under “On the server” its line turns red, and it works on.</span>
</div>
<div class="panes">
    <section class="pane"><h2>Jobs</h2><div id="jobs">None yet.</div></section>
<?php panel(); ?>
</div>
<script>
const words = { running: 'runs', done: 'done', cancelled: 'cancelled', broken: 'ended early' };

function show(job) {
    const made = element('div', 'job'), line = element('div'), bar = element('progress');
    bar.max = job.total;
    bar.value = job.done;
    bar.setAttribute('aria-label', `Progress of job ${job.id}`);
    line.append(element('span', '', `Job ${job.id}: ${Math.floor(100 * job.done / job.total)} %, ${words[job.state]}`));
    if (job.state === 'running') {
        const cancel = element('button', 'stop small', 'Cancel');
        cancel.onclick = () => fetch(`cancel.php?id=${job.id}`, { method: 'POST' });
        line.append(cancel);
    }
    made.append(line, bar);
    return made;
}

byId('start').onclick = () => {
    // Nobody reads the answer: the table tells how far the job is.
    fetch(`start.php?run=${newRun()}`, { method: 'POST' }).catch(() => {});
    byId('start').disabled = true;
    setTimeout(() => { byId('start').disabled = false; }, 1000);
};
let shown = '';
repeatedly(400, async () => {
    const jobs = await json('list.php'), text = JSON.stringify(jobs);
    byId('start').disabled = jobs.filter(job => job.state === 'running').length >= 3;
    if (text === shown || !jobs.length) return;
    shown = text;
    byId('jobs').replaceChildren(...jobs.map(show));
    panel.follow(jobs[0].run);
});
if (location.hash) byId('start').click();
</script>
<?php page_foot(['start.php', 'jobs.php', 'cancel.php']);

<?php
require '../lib/page.php';
page_head('Who is here', 'Each visitor is a stream of events from a script of its own. <b>Press STOP beside one,</b> or close '
    . 'another tab of this page: the script notices, and takes the visitor off the list that all others see.');
?>
<div class="controls"><button id="join">Let somebody in</button></div>
<div class="panes">
    <div class="stack">
    <section class="pane"><h2>Let in from this tab</h2><ul class="people" id="mine"></ul></section>
    <section class="pane"><h2>Here, as the server sees it</h2><ul class="people" id="all" aria-live="polite"></ul></section>
    </div>
<?php panel(); ?>
</div>
<script>
const [join, mine, all] = ['join', 'mine', 'all'].map(byId);
const names = ['Ada', 'Grace', 'Alan', 'Edsger', 'Barbara', 'Ken', 'Donald', 'Radia', 'Rasmus', 'Margaret'];
const run = newRun();
panel.follow(run);

join.onclick = () => {
    const name = `${names[Math.floor(Math.random() * names.length)]} ${Math.floor(Math.random() * 900 + 100)}`;
    const stream = new EventSource(`here.php?run=${run}&name=${encodeURIComponent(name)}`);
    stream.onmessage = event => all.replaceChildren(...JSON.parse(event.data).map(name => element('li', '', name)));
    const item = element('li', '', name), stop = element('button', 'stop small', 'STOP');
    stop.setAttribute('aria-label', `STOP ${name}`);
    stop.onclick = () => {
        stream.close();
        panel.mark(`${name} left`);
        item.remove();
        join.disabled = false;
        if (!mine.children.length) all.replaceChildren(element('li', '', 'You see nobody: nobody of yours is here.'));
    };
    item.append(stop);
    mine.append(item);
    // A browser opens six connections to a server at most.
    join.disabled = mine.children.length >= 4;
};
join.click();
join.click();
if (location.hash) setTimeout(() => mine.querySelector('button').click(), 2000);
</script>
<?php page_foot(['here.php']);

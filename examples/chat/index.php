<?php
require '../lib/page.php';
page_head('Chat by long polling', 'Ada and Grace each have a request waiting on the server. <b>Say something,</b> and the '
    . 'other one’s is answered. <b>Press STOP</b> beside a name: that script ends at once, in the middle of its wait. Open this page twice to talk between tabs.');
?>
<div class="panes">
    <div class="stack">
<?php foreach (['Ada', 'Grace'] as $name): ?>
    <section class="pane" data-name="<?= $name ?>">
        <h2 class="titled"><?= $name ?> <button class="stop small">STOP</button></h2>
        <ul class="chat" aria-live="polite" aria-label="What <?= $name ?> was told"></ul>
        <form class="line">
            <input type="text" name="text" maxlength="100" required autocomplete="off" aria-label="<?= $name ?> says">
            <button>Say</button>
        </form>
    </section>
<?php endforeach; ?>
    </div>
<?php panel(); ?>
</div>
<script>
const run = newRun();
panel.follow(run);

for (const section of document.querySelectorAll('[data-name]')) {
    const name = section.dataset.name, list = section.querySelector('ul');
    const stop = section.querySelector('.stop'), form = section.querySelector('form');
    let since = 0, client = null, away = false;

    async function poll() {
        while (!away) {
            let text = '';
            client = visit(`poll.php?run=${run}&name=${name}&since=${since}`, part => { text += part; });
            const how = await client.done;
            if (away) break;
            if (how !== 'complete') await pause(1000);
            for (const message of how === 'complete' ? JSON.parse(text) : []) {
                const item = element('li');
                item.append(element('b', '', message.name), message.text);
                list.append(item);
                list.scrollTop = list.scrollHeight;
                since = message.id;
            }
        }
    }

    stop.onclick = () => {
        away = !away;
        stop.textContent = away ? 'Come back' : 'STOP';
        stop.classList.toggle('stop', !away);
        if (!away) return poll();
        client.stop();
        panel.mark(`${name} pressed STOP`);
    };
    form.onsubmit = event => {
        event.preventDefault();
        const said = new URLSearchParams(new FormData(form));
        said.set('name', name);
        form.reset();
        fetch(`say.php?run=${run}`, { method: 'POST', body: said });
    };
    poll();
}
if (location.hash) {
    const field = document.querySelector('[data-name=Ada] [name=text]');
    setTimeout(() => { field.value = 'Hello, Grace.'; field.form.requestSubmit(); }, 800);
    setTimeout(() => document.querySelector('[data-name=Grace] .stop').click(), 2500);
}
</script>
<?php page_foot(['poll.php', 'say.php']);

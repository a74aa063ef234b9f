<!DOCTYPE html>
<html lang="en">
<head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>Who is here – Outlast</title>
    <link rel="stylesheet" href="/style.css">
</head>
<body>
<p><a href="/">← all examples</a></p>
<h1>Who is here</h1>
<p class="lead">Each visitor is a stream of server-sent events from a script of its own. Press STOP beside one, or
close another tab of this page: the script notices, and takes the visitor off the list that all others see.</p>
<button id="join">Let somebody in</button>
<div class="panes">
    <div class="pane"><h2>Let in from this tab</h2><ul class="people" id="mine"></ul></div>
    <div class="pane"><h2>Here, as the server sees it</h2><ul class="people" id="all"></ul></div>
</div>
<details class="pane">
    <summary>The script, here.php</summary>
    <pre><?= htmlspecialchars(file_get_contents(__DIR__ . '/here.php')) ?></pre>
</details>
<script>
const [join, mine, all] = ['join', 'mine', 'all'].map(id => document.getElementById(id));
const names = ['Ada', 'Grace', 'Alan', 'Edsger', 'Barbara', 'Ken', 'Donald', 'Radia', 'Rasmus', 'Margaret'];

function item(text) {
    const li = document.createElement('li');
    li.textContent = text;
    return li;
}

join.onclick = () => {
    const name = `${names[Math.floor(Math.random() * names.length)]} ${Math.floor(Math.random() * 900 + 100)}`;
    const stream = new EventSource(`here.php?name=${encodeURIComponent(name)}`);
    stream.onmessage = event => all.replaceChildren(...JSON.parse(event.data).map(item));
    const li = item(name), stop = document.createElement('button');
    stop.className = 'stop';
    stop.textContent = 'STOP';
    stop.onclick = () => {
        stream.close();
        li.remove();
        join.disabled = false;
        if (!mine.children.length) all.replaceChildren(item('You see nobody: nobody of yours is here.'));
    };
    li.append(stop);
    mine.append(li);
    // A browser opens six connections to a server at most.
    join.disabled = mine.children.length >= 4;
};
join.click();
join.click();
</script>
</body>
</html>

// Shared by all pages: starts scripts, leaves them, and shows what they do on the server.
'use strict';

const byId = id => document.getElementById(id);
const newRun = () => 'r' + Math.random().toString(36).slice(2, 12);
const pause = ms => new Promise(resolve => setTimeout(resolve, ms));

function element(name, className, text) {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
}

async function json(url) {
    return (await fetch(url, { cache: 'no-store' })).json();
}

// Calls again and again, each time behind the last one's end; not while nobody looks.
async function repeatedly(ms, task) {
    for (;;) {
        if (!document.hidden) {
            try { await task(); } catch { /* the server is away: it may come back */ }
        }
        await pause(ms);
    }
}

// A script that is running for us. `show` gets what it sends; `stop` is what a browser's STOP does.
function visit(url, show = () => {}) {
    const client = new AbortController();
    const done = (async () => {
        try {
            const answer = await fetch(url, { signal: client.signal, cache: 'no-store' });
            const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
            for (let part; !(part = await reader.read()).done;) show(part.value);
            return answer.ok ? 'complete' : `error ${answer.status}`;
        } catch (error) {
            return error.name === 'AbortError' ? 'left' : error.message;
        }
    })();
    return { done, stop: () => client.abort() };
}

// The panel "on the server": the lines of one run, and which of its scripts are running.
const panel = {
    run: null, shown: 0, first: 0, left: 0, offset: 0, best: Infinity, allowed: true,

    follow(run) {
        if (this.run === run) return;
        Object.assign(this, { run, shown: 0, first: 0, left: 0 });
        byId('log').replaceChildren();
        byId('running').replaceChildren();
        if (!this.started) {
            this.started = true;
            repeatedly(250, () => this.lines());
            repeatedly(400, () => this.running());
        }
    },

    // What the visitor did, among what the scripts wrote.
    mark(text) {
        this.left = Date.now();
        const at = this.first ? `${(Math.max(this.left + this.offset - this.first, 0) / 1000).toFixed(2)} s` : '';
        this.add('you', at, 'you', text);
    },

    add(kind, at, who, text, status) {
        const item = element('li', kind);
        item.append(element('time', '', at), element('span', 'who', who), element('span', 'text', text));
        if (status !== undefined) {
            const pill = element('span', `pill s${status}`, `status ${status}`);
            pill.title = 'connection_status(): 0 normal, 1 client gone, 2 time over, 3 both';
            item.append(pill);
        }
        const log = byId('log');
        log.append(item);
        log.scrollTop = log.scrollHeight;
    },

    async lines() {
        const run = this.run, asked = Date.now();
        const { now, lines } = await json(`/log.php?run=${run}`);
        const took = Date.now() - asked;
        // The clocks of both sides may differ.
        if (took < this.best) Object.assign(this, { best: took, offset: now * 1000 - asked - took / 2 });
        if (run !== this.run) return;
        for (const line of lines.slice(this.shown)) {
            this.first ||= line.at * 1000;
            let text = line.text;
            if (line.kind === 'abort' && this.left) {
                const late = Math.max(line.at * 1000 - this.left - this.offset, 0);
                if (late < 60_000) text += ` – noticed ${late < 1 ? 'within 1' : Math.round(late)} ms after you left`;
            }
            this.add(line.kind, `${(line.at - this.first / 1000).toFixed(2)} s`, line.script, text, line.status);
        }
        this.shown = lines.length;
    },

    // The status page answers to the server's own machine only.
    async running() {
        if (!this.allowed) return;
        const answer = await fetch(`/_outlast/api/scripts?filter=${this.run}&limit=12&sort=age`, { cache: 'no-store' });
        this.allowed = answer.ok;
        if (!answer.ok) return;
        const rows = (await answer.json()).scripts.filter(row => !row.uri.startsWith('/log.php'));
        byId('running').replaceChildren(...rows.map(row => {
            const gone = row.detached_for !== null;
            const item = element('li', gone ? 'gone' : '');
            const file = row.script.split('/').pop();
            // Before its first line, it has no place in a file.
            const begins = row.wait === 'upload' ? ' waits for its upload' : ' has not begun';
            const place = row.file ? ` runs, line ${row.line}${row.wait ? `, in ${row.wait}` : ''}` : begins;
            item.append(element('b', '', file), place);
            if (gone) item.append(element('span', 'pill s1', `for nobody since ${row.detached_for.toFixed(1)} s`));
            return item;
        }));
        if (!rows.length) byId('running').append(element('li', 'none', 'no script of this page is running'));
    },
};

// A page with one script, START and STOP: `url` makes the address for a run, `show` gets what comes.
function startStop(url, show, over = () => {}) {
    const start = byId('start'), stop = byId('stop');
    let client = null;
    start.onclick = async () => {
        const run = newRun();
        panel.follow(run);
        start.disabled = true;
        stop.disabled = false;
        client = visit(url(run), show);
        stop.focus();
        const how = await client.done;
        start.disabled = false;
        stop.disabled = true;
        over(how);
    };
    stop.onclick = () => {
        client.stop();
        panel.mark('you pressed STOP');
    };
    // With #start, or #leave to press STOP after two seconds, nobody needs to press anything.
    if (location.hash) setTimeout(() => start.click());
    if (location.hash === '#leave') setTimeout(() => stop.click(), 2000);
}

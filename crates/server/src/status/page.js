"use strict";

// What is shown: one page of rows, however many scripts run.
const ROWS = 50;
const EVERY = 1000;
const GRAPH = 900;

const view = { sort: "age", order: "desc", state: "all", wait: "", filter: "", offset: 0 };
const stacks = new Map();
let paused = false;
let timer = 0;
let turn = 0;
let pressed = false;

const $ = (id) => document.getElementById(id);

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

async function ask(path, options) {
  const response = await fetch(path, { cache: "no-store", ...options });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error || response.statusText);
  return answer;
}

// ---- how values are shown

function time(seconds) {
  if (seconds === null || seconds === undefined) return "";
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86400)} d ${Math.floor((seconds % 86400) / 3600)} h`;
}

function size(bytes) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (bytes >= 1024 && unit < units.length - 1) {
    bytes /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? bytes : bytes.toFixed(1)} ${units[unit]}`;
}

const number = (value) => value.toLocaleString("en");

function client(script) {
  const words = [["connected", "gone", "timed out", "gone, timed out"][script.connection_status & 3]];
  if (script.detached_for !== null && script.connection_status === 0) words[0] = "answered";
  if (script.ignores_abort) words.push("ignores aborts");
  return words.join(", ");
}

// ---- the parts of the page

function showCounts({ server, totals }) {
  const rate = showCounts.last ? (totals.ended - showCounts.last[1]) / ((Date.now() - showCounts.last[0]) / 1000) : 0;
  showCounts.last = [Date.now(), totals.ended];
  const waiting = totals.running - totals.busy;
  const limit = server.max_detached ? ` of ${number(server.max_detached)}` : "";
  const counts = [
    [number(totals.running), "running"],
    [number(totals.detached), `detached${limit}`],
    [number(totals.busy), "busy"],
    [number(waiting), "waiting"],
    [size(totals.memory), "memory of scripts"],
    [number(Math.max(0, Math.round(rate))), "ended a second"],
    [number(totals.ended), "ended in all"],
  ];
  $("counts").replaceChildren(...counts.map(([value, name]) => {
    const box = element("div");
    box.append(element("b", value), element("span", name));
    return box;
  }));
  $("server").textContent =
    `${server.version}, ${server.workers} workers, process ${server.pid}, up ${time(server.uptime)}, ${server.document_root}`;
  const options = [["", "any wait"], ...Object.entries(totals.waits).map(([wait, count]) => [wait, `${wait} (${number(count)})`])];
  if (view.wait && !(view.wait in totals.waits)) options.push([view.wait, view.wait]);
  if (document.activeElement !== $("wait")) {
    $("wait").replaceChildren(...options.map(([value, name]) => {
      const option = element("option", name);
      option.value = value;
      return option;
    }));
    $("wait").value = view.wait;
  }
  $("stop-detached").disabled = totals.detached === 0;
}

function path(first, second) {
  const cell = element("td", first, "path");
  if (second) cell.append(element("small", second));
  return cell;
}

function scriptRows(script) {
  const row = element("tr", undefined, "script");
  if (script.detached_for !== null) row.classList.add("is-detached");
  const elsewhere = script.file && script.file !== script.script ? `${script.file}:${script.line}` : "";
  const where = script.file && !elsewhere ? `${script.script}:${script.line}` : script.script;
  const state = script.wait || (script.on_thread ? "runs" : "busy");
  row.append(
    element("td", script.id),
    path(`${script.method} ${script.uri}`, script.remote),
    path(where, elsewhere && `in ${elsewhere}`),
    element("td", script.phase === "script" ? state : `${state} (${script.phase})`),
    element("td", client(script)),
    element("td", time(script.age), "n"),
    element("td", time(script.detached_for), "n"),
    element("td", time(script.cpu), "n"),
    element("td", size(script.memory), "n"),
    element("td", size(script.sent), "n"),
  );
  const last = element("td", undefined, "n");
  if (script.stopping) {
    last.append(element("span", "stopping ", "tag"));
  }
  const stop = element("button", "Stop", "stop");
  stop.type = "button";
  stop.dataset.stop = script.id;
  last.append(stop);
  row.append(last);
  row.dataset.id = script.id;
  const rows = [row];
  if (stacks.has(String(script.id))) {
    const under = element("tr");
    const cell = element("td");
    cell.colSpan = 11;
    cell.append(element("pre", stacks.get(String(script.id))));
    under.append(cell);
    rows.push(under);
  }
  return rows;
}

function showScripts(answer) {
  const body = $("scripts").tBodies[0];
  const shown = answer.scripts;
  body.replaceChildren(...shown.flatMap(scriptRows));
  $("none").hidden = shown.length > 0;
  const first = shown.length ? answer.offset + 1 : 0;
  $("matched").textContent = `${number(first)}–${number(answer.offset + shown.length)} of ${number(answer.matched)}`;
  $("previous").disabled = answer.offset === 0;
  $("next").disabled = answer.offset + shown.length >= answer.matched;
  for (const head of document.querySelectorAll("th[data-sort]")) {
    head.classList.toggle("sorted", head.dataset.sort === view.sort);
    head.classList.toggle("ascending", head.dataset.sort === view.sort && view.order === "asc");
  }
}

function line(points, top, className) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
  made.setAttribute("class", className);
  const from = GRAPH - points.length;
  made.setAttribute("points", points.map((value, at) => `${from + at},${(98 - (value / top) * 94).toFixed(1)}`).join(" "));
  return made;
}

function showHistory({ samples, ends }) {
  const running = samples.map((sample) => sample[1]);
  const detached = samples.map((sample) => sample[2]);
  const rates = samples.map((sample, at) =>
    at === 0 ? 0 : Math.max(0, (sample[3] - samples[at - 1][3]) / Math.max(0.2, sample[0] - samples[at - 1][0])));
  const most = Math.max(1, ...running, ...detached);
  const fastest = Math.max(1, ...rates);
  $("graph-scripts").replaceChildren(line(running, most, "running"), line(detached, most, "detached"));
  $("graph-ends").replaceChildren(line(rates, fastest, "ended"));
  $("top-scripts").textContent = `up to ${number(most)}`;
  $("top-ends").textContent = `up to ${number(Math.round(fastest))}`;
  $("ends").tBodies[0].replaceChildren(...ends.slice(0, 30).map((end) => {
    const row = element("tr");
    const cause = end.cause === "end" ? (end.detached ? "its own end, detached" : "its own end") : end.cause;
    row.append(
      element("td", new Date(end.at * 1000).toLocaleTimeString()),
      element("td", end.id),
      path(`${end.method} ${end.uri}`),
      path(end.script),
      element("td", cause, end.cause === "end" ? "" : "tag"),
      element("td", `${end.connection_status}, HTTP ${end.http_status}`),
      element("td", time(end.took), "n"),
      element("td", time(end.cpu), "n"),
      element("td", size(end.sent), "n"),
    );
    return row;
  }));
}

// ---- what happens

async function refresh() {
  clearTimeout(timer);
  const mine = ++turn;
  const query = new URLSearchParams({ ...view, limit: ROWS });
  try {
    // The graphs move slowly: they are asked for less often.
    const graphs = mine % 3 === 1;
    const [answer, history] = await Promise.all([
      ask(`api/scripts?${query}`),
      graphs ? ask("api/history") : null,
    ]);
    // A later question has been asked meanwhile; or a button is being pressed, which must stay where it is.
    if (mine !== turn) return;
    if (view.offset > 0 && answer.scripts.length === 0) view.offset = 0;
    showCounts(answer);
    if (!pressed) showScripts(answer);
    if (history) showHistory(history);
    $("trouble").hidden = true;
  } catch (error) {
    $("trouble").textContent = `no answer: ${error.message}`;
    $("trouble").hidden = false;
  }
  clearTimeout(timer);
  if (!paused) timer = setTimeout(refresh, EVERY);
}

async function post(place) {
  try {
    await ask(place, { method: "POST", headers: { "X-Outlast": "1" } });
  } catch (error) {
    $("trouble").textContent = error.message;
    $("trouble").hidden = false;
  }
  refresh();
}

async function toggleStack(id) {
  if (stacks.delete(id)) return refresh();
  try {
    const { stack, error } = await ask(`api/scripts/${id}/stack`);
    const calls = stack.map((call, at) => `#${at} ${call.function}()  ${call.file}:${call.line}`);
    stacks.set(id, (error ? [error, ...calls] : calls).join("\n") || "no PHP code runs");
  } catch (error) {
    stacks.set(id, error.message);
  }
  refresh();
}

$("scripts").tBodies[0].addEventListener("click", (event) => {
  const id = event.target.dataset.stop;
  if (id) return post(`api/scripts/${id}/stop`);
  const row = event.target.closest("tr.script");
  if (row && !String(getSelection())) toggleStack(row.dataset.id);
});

document.querySelector("#scripts thead").addEventListener("click", (event) => {
  const sort = event.target.dataset.sort;
  if (!sort) return;
  const again = sort === view.sort;
  const text = sort === "script" || sort === "uri";
  view.order = again ? (view.order === "desc" ? "asc" : "desc") : text ? "asc" : "desc";
  view.sort = sort;
  view.offset = 0;
  refresh();
});

for (const id of ["filter", "state", "wait"]) {
  $(id).addEventListener("input", () => {
    view[id] = $(id).value;
    view.offset = 0;
    refresh();
  });
}
addEventListener("pointerdown", () => { pressed = true; });
for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => { pressed = false; });
$("query").addEventListener("submit", (event) => event.preventDefault());
$("previous").addEventListener("click", () => {
  view.offset = Math.max(0, view.offset - ROWS);
  refresh();
});
$("next").addEventListener("click", () => {
  view.offset += ROWS;
  refresh();
});
$("stop-detached").addEventListener("click", () => {
  if (confirm("Stop all scripts whose clients have gone?")) post("api/stop-detached");
});
$("pause").addEventListener("click", () => {
  paused = !paused;
  $("pause").textContent = paused ? "Go on" : "Pause";
  if (!paused) refresh();
});

refresh();

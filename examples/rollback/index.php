<?php
require '../lib/page.php';
page_head('Rollback', 'A transfer takes 100 from Ada, waits five seconds for another bank, and gives 100 to Grace. '
    . '<b>Press STOP while it waits:</b> is anything lost?');
?>
<div class="controls">
    <button id="start">START</button>
    <button id="stop" class="stop" disabled>STOP</button>
</div>
<div class="panes">
    <section class="pane">
        <h2>The accounts, as everybody sees them</h2>
        <div class="tiles">
            <div class="tile"><b id="Ada">500</b><span>Ada</span></div>
            <div class="tile"><b id="Grace">500</b><span>Grace</span></div>
            <div class="tile" id="sum"><b>1000</b><span>together</span></div>
        </div>
        <form id="choices">
            <fieldset>
                <legend>The script</legend>
                <label><input type="radio" name="how" value="mode=immediate&amp;transaction=1" checked> transfers in a transaction <small>STOP rolls it back</small></label>
                <label><input type="radio" name="how" value="mode=immediate"> transfers without one <small>STOP loses 100</small></label>
                <label><input type="radio" name="how" value="mode=finish"> ignores that you leave <small>and carries on</small></label>
            </fieldset>
        </form>
        <p class="lead">Nobody wrote a line of code for the rollback: when a script ends, its connection to the
        database is closed, and what was not committed is undone.</p>
    </section>
<?php panel(); ?>
</div>
<script>
let run = null;
startStop(next => `transfer.php?run=${run = next}&${new FormData(byId('choices')).get('how')}`, () => {});
repeatedly(250, async () => {
    if (!run) return;
    const balances = await json(`state.php?run=${run}`);
    const sum = balances.Ada + balances.Grace;
    byId('Ada').textContent = balances.Ada;
    byId('Grace').textContent = balances.Grace;
    byId('sum').firstChild.textContent = sum;
    byId('sum').className = sum === 1000 ? 'tile full' : 'tile bad';
    byId('sum').lastChild.textContent = sum === 1000 ? 'together' : 'together: 100 are missing';
});
</script>
<?php page_foot(['transfer.php', 'accounts.php']);

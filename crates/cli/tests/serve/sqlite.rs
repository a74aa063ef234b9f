//! Scripts that wait for a lock of SQLite: the others go on, and how a wait ends is as the script chose.

use crate::site::{Site, body, read_until, serve};

/// Holds a lock until the test makes a file.
const LOCK: &str = "<?php
    set_time_limit(0);
    $db = new PDO('sqlite:' . __DIR__ . '/' . $_GET['file'] . '.db');
    $db->exec('BEGIN IMMEDIATE');
    echo 'ready'; flush();
    while (!file_exists(__DIR__ . '/' . $_GET['until'])) { usleep(2000); clearstatcache(); }
    $db->exec('COMMIT');
    echo 'released';";

const HELLO: &str = "<?php echo 'hello';";

#[test]
fn all_who_wait_for_a_lock_get_it_and_others_are_served_meanwhile() {
    let prepare = "<?php $db = new PDO('sqlite:' . __DIR__ . '/n.db');
        $db->exec('CREATE TABLE n (who INTEGER)');";
    let write = "<?php
        $db = new PDO('sqlite:' . __DIR__ . '/n.db');
        echo 'ready'; flush();
        $db->exec('INSERT INTO n VALUES (' . (int) $_GET['who'] . ')');
        echo 'written';";
    let same = "<?php
        $db = new SQLite3(__DIR__ . '/n.db');
        $db->busyTimeout(60000);
        echo 'ready'; flush();
        $db->exec('INSERT INTO n VALUES (' . (int) $_GET['who'] . ')');
        echo 'written';";
    let count = "<?php $db = new SQLite3(__DIR__ . '/n.db');
        echo $db->querySingle('SELECT group_concat(who) FROM (SELECT who FROM n ORDER BY who)');";
    let site = serve(
        "sqlite-wait",
        &[
            ("prepare.php", prepare),
            ("lock.php", LOCK),
            ("pdo.php", write),
            ("sqlite3.php", same),
            ("count.php", count),
            ("hello.php", HELLO),
        ],
    );
    site.get("/prepare.php");
    let mut lock = site.start("/lock.php?file=n&until=go");
    let mut waiting: Vec<_> = (0..8)
        .map(|who| {
            let api = if who % 2 == 0 { "pdo" } else { "sqlite3" };
            site.start(&format!("/{api}.php?who={who}"))
        })
        .collect();
    // Each worker has scripts that wait.
    for _ in 0..20 {
        assert_eq!(body(&site.get("/hello.php")), "hello");
    }
    assert_eq!(body(&site.get("/count.php")), "");
    std::fs::write(site.folder.join("go"), "").unwrap();
    read_until(&mut lock, "released");
    for client in &mut waiting {
        read_until(client, "written");
    }
    assert_eq!(body(&site.get("/count.php")), "0,1,2,3,4,5,6,7");
}

#[test]
fn nothing_is_lost_where_many_write() {
    let prepare = "<?php $db = new PDO('sqlite:' . __DIR__ . '/n.db');
        if (isset($_GET['wal'])) $db->exec('PRAGMA journal_mode = WAL');
        $db->exec('CREATE TABLE n (n INTEGER)');
        $db->exec('INSERT INTO n VALUES (0)');";
    let count = "<?php
        set_time_limit(0);
        $db = new PDO('sqlite:' . __DIR__ . '/n.db');
        $db->exec('PRAGMA synchronous = OFF');
        for ($i = 0; $i < 50; $i++) {
            $db->exec('BEGIN IMMEDIATE');
            $n = $db->query('SELECT n FROM n')->fetchColumn();
            usleep(100);
            $db->exec('UPDATE n SET n = ' . ($n + 1));
            $db->exec('COMMIT');
        }
        echo 'done';";
    let total = "<?php
        echo (new PDO('sqlite:' . __DIR__ . '/n.db'))->query('SELECT n FROM n')->fetchColumn();";
    let files = [("prepare.php", prepare), ("count.php", count), ("total.php", total)];
    for mode in ["rollback", "wal"] {
        let site = serve(&format!("sqlite-{mode}"), &files);
        site.get(&format!("/prepare.php?{mode}"));
        let request = "GET /count.php HTTP/1.1\r\nHost: h\r\n\r\n";
        let mut clients: Vec<_> = (0..20).map(|_| site.send(request)).collect();
        for client in &mut clients {
            read_until(client, "done");
        }
        assert_eq!(body(&site.get("/total.php")), "1000", "{mode}");
    }
}

/// An entry goes into the tables a, b, c and d; each has a file of its own.
const FOUR: &str = "<?php
    set_time_limit(0);
    ini_set('outlast.abort', $_GET['mode']);
    ignore_user_abort((bool) $_GET['ignore']);
    $id = (int) $_GET['id'];
    register_shutdown_function(function () use ($id) {
        file_put_contents(__DIR__ . \"/end-$id\", 'end');
    });
    $db = new PDO('sqlite:' . __DIR__ . '/a.db');
    foreach (['b', 'c', 'd'] as $name) $db->exec(\"ATTACH '\" . __DIR__ . \"/$name.db' AS $name\");
    echo 'ready'; flush();
    if ($_GET['transaction']) $db->beginTransaction();
    foreach (['main', 'b', 'c', 'd'] as $table) {
        file_put_contents(__DIR__ . \"/at-$id\", $table);
        $db->exec(\"INSERT INTO $table.entries VALUES ($id)\");
    }
    if ($_GET['transaction']) $db->commit();
    echo 'all written';";

const FOUR_TABLES: &str = "<?php
    foreach (['a', 'b', 'c', 'd'] as $name) {
        $db = new PDO('sqlite:' . __DIR__ . \"/$name.db\");
        $db->exec('CREATE TABLE IF NOT EXISTS entries (id INTEGER)');
        if (isset($_GET['id'])) {
            echo $db->query('SELECT count(*) FROM entries WHERE id = ' . (int) $_GET['id'])
                ->fetchColumn();
        }
    }";

/// The client leaves while table c is locked; which tables have the entry in the end?
fn left_at_c(site: &Site, id: usize, mode: &str, ignore: bool, transaction: bool) -> String {
    let mut lock = site.start(&format!("/lock.php?file=c&until=go-{id}"));
    let (ignore_flag, transaction_flag) = (u8::from(ignore), u8::from(transaction));
    let client = site.start(&format!(
        "/four.php?id={id}&mode={mode}&ignore={ignore_flag}&transaction={transaction_flag}"
    ));
    site.await_file(&format!("at-{id}"), |at| at == "c");
    drop(client);
    if mode == "immediate" && !ignore {
        // The lock is still held.
        site.await_file(&format!("end-{id}"), |end| end == "end");
    }
    std::fs::write(site.folder.join(format!("go-{id}")), "").unwrap();
    read_until(&mut lock, "released");
    site.await_file(&format!("end-{id}"), |end| end == "end");
    // Its connection is closed behind its shutdown functions: until then an entry may still be there.
    let found = || body(&site.get(&format!("/tables.php?id={id}"))).to_owned();
    crate::site::await_text(found, |tables| tables.len() == 4)
}

#[test]
fn an_entry_for_four_tables_is_saved_as_the_script_chose() {
    let site = serve(
        "sqlite-four",
        &[("lock.php", LOCK), ("four.php", FOUR), ("tables.php", FOUR_TABLES)],
    );
    site.get("/tables.php");
    let mut id = 0;
    for mode in ["output", "immediate", "never"] {
        for ignore in [false, true] {
            for transaction in [false, true] {
                id += 1;
                let expected = match (mode, ignore, transaction) {
                    ("immediate", false, false) => "1100",
                    ("immediate", false, true) => "0000",
                    _ => "1111",
                };
                let found = left_at_c(&site, id, mode, ignore, transaction);
                assert_eq!(found, expected, "{mode} ignore={ignore} transaction={transaction}");
            }
        }
    }
}

#[test]
fn a_long_query_ends_when_its_client_leaves_and_holds_up_nobody() {
    let endless = "<?php
        set_time_limit(0);
        ini_set('outlast.abort', 'immediate');
        register_shutdown_function(function () {
            file_put_contents(__DIR__ . '/end', connection_status());
        });
        echo 'ready'; flush();
        $db = new PDO('sqlite::memory:');
        $db->query('WITH RECURSIVE n(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM n)
            SELECT max(n) FROM n');
        file_put_contents(__DIR__ . '/end', 'it came to an end');";
    let site = serve("sqlite-long", &[("endless.php", endless), ("hello.php", HELLO)]);
    let clients: Vec<_> = (0..4).map(|_| site.start("/endless.php")).collect();
    for _ in 0..20 {
        assert_eq!(body(&site.get("/hello.php")), "hello");
    }
    drop(clients);
    site.await_file("end", |end| end == "1");
}

#[test]
fn what_a_script_leaves_open_is_rolled_back() {
    let leave = "<?php
        $db = new PDO('sqlite:' . __DIR__ . '/n.db');
        $db->exec('CREATE TABLE IF NOT EXISTS n (n INTEGER)');
        $db->beginTransaction();
        $db->exec('INSERT INTO n VALUES (1)');
        $GLOBALS['cycle'] = $cycle = new stdClass; $cycle->self = $cycle; $cycle->db = $db;
        $pending = $db->query('SELECT n FROM n');
        match ($_GET['how']) {
            'end' => null,
            'exit' => exit(),
            'throw' => throw new Exception('left'),
            'fatal' => str_repeat('x', PHP_INT_MAX >> 4),
            'callback' => $db->sqliteCreateFunction('f', fn () => exit())
                && $db->query('SELECT f() FROM n'),
        };";
    let count = "<?php
        $db = new PDO('sqlite:' . __DIR__ . '/n.db');
        $db->exec('INSERT INTO n VALUES (2)');
        echo json_encode($db->query('SELECT n FROM n')->fetchAll(PDO::FETCH_COLUMN));
        $db->exec('DELETE FROM n');";
    let site = serve("sqlite-left", &[("leave.php", leave), ("count.php", count)]);
    for how in ["end", "exit", "throw", "fatal", "callback"] {
        site.get(&format!("/leave.php?how={how}"));
        assert_eq!(body(&site.get("/count.php")), "[2]", "{how}");
    }
}

#[test]
fn persistent_connections_go_from_script_to_script_without_what_was_begun() {
    let connect = "<?php
        function connect($name = true) {
            return new PDO('sqlite:' . __DIR__ . '/p.db', options: [PDO::ATTR_PERSISTENT => $name]);
        }
        function has($db) { return $db->query(\"SELECT count(*) FROM sqlite_temp_master\")->fetchColumn(); }";
    let prepare = "<?php require 'connect.php';
        (new PDO('sqlite:' . __DIR__ . '/p.db'))->exec('CREATE TABLE t (n INTEGER)');";
    let again = "<?php require 'connect.php';
        $db = connect();
        var_dump($db->getAttribute(PDO::ATTR_PERSISTENT));
        echo has($db) ? 'used ' : 'new ', $db->inTransaction() ? 'open' : 'closed', ' ';
        echo $db->query('SELECT count(*) FROM t')->fetchColumn(), ' ';
        $db->exec('CREATE TEMP TABLE IF NOT EXISTS mark (n)');
        echo has(connect()) ? 'same ' : 'other ', has(connect('second')) ? 'same' : 'other';
        $db->beginTransaction();
        $db->exec('INSERT INTO t VALUES (1)');";
    let hold = "<?php require 'connect.php'; $db = connect('held');
        $db->exec('CREATE TEMP TABLE mark (n)'); echo 'ready'; flush();
        while (!file_exists(__DIR__ . '/go')) { usleep(2000); clearstatcache(); }";
    let held = "<?php require 'connect.php'; echo has(connect('held')) ? 'same' : 'other';";
    let call = "<?php require 'connect.php'; $db = connect('function');
        $known = $db->sqliteCreateFunction('here', fn() => 'here');
        echo $db->query('SELECT here()')->fetchColumn();";
    let called = "<?php require 'connect.php';
        try { echo connect('function')->query('SELECT here()')->fetchColumn(); }
        catch (PDOException $e) { echo $e->getMessage(); }";
    let site = serve(
        "sqlite-persistent",
        &[
            ("connect.php", connect),
            ("prepare.php", prepare),
            ("again.php", again),
            ("hold.php", hold),
            ("held.php", held),
            ("call.php", call),
            ("called.php", called),
        ],
    );
    site.get("/prepare.php");
    let answers: Vec<_> = (0..5).map(|_| body(&site.get("/again.php")).to_owned()).collect();
    for answer in &answers {
        assert!(answer.starts_with("bool(true)\n"), "{answer}");
        assert!(answer.ends_with(" closed 0 same other"), "{answer}");
    }
    // There are two workers.
    let used = answers.iter().filter(|answer| answer.contains("used ")).count();
    assert!(used >= 3, "{answers:?}");

    let holder = site.start("/hold.php");
    for _ in 0..4 {
        assert_eq!(body(&site.get("/held.php")), "other", "it belongs to the script that runs");
    }
    std::fs::write(site.folder.join("go"), "").unwrap();
    drop(holder);

    assert_eq!(body(&site.get("/call.php")), "here");
    for _ in 0..3 {
        let answer = site.get("/called.php");
        assert!(body(&answer).contains("no such function: here"), "{answer}");
    }
}

//! The site of the README's first command: each page answers, each script does what its page says.

use crate::site::{Site, await_text, body, folder, read_until, serve_folder, status};
use std::io::Write;
use std::net::TcpStream;
use std::ops::Deref;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples");

/// The examples, with a folder of their own for what they keep.
struct Examples {
    site: Site,
    data: PathBuf,
}

impl Deref for Examples {
    type Target = Site;

    fn deref(&self) -> &Site {
        &self.site
    }
}

impl Drop for Examples {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.data);
    }
}

fn serve(name: &str) -> Examples {
    let data = folder(&format!("examples-{name}"));
    let temporary = format!("sys_temp_dir={}", data.display());
    let site = serve_folder(Path::new(EXAMPLES), &["-d", &temporary]);
    Examples { site, data }
}

impl Examples {
    /// A request of the visitor whom the cookie names.
    fn request(&self, request: &str) -> String {
        format!(
            "{request} HTTP/1.1\r\nHost: {}\r\nCookie: PHPSESSID=visitor\r\nConnection: close\r\n\r\n",
            self.address
        )
    }

    /// Sends it on a connection of its own.
    fn visit(&self, request: &str) -> TcpStream {
        self.send(&self.request(request))
    }

    /// The body of the whole answer.
    fn fetch(&self, request: &str) -> String {
        body(&self.ask(&self.request(request))).to_owned()
    }

    /// What the scripts of a run wrote down.
    fn log(&self, run: &str) -> String {
        self.fetch(&format!("GET /log.php?run={run}"))
    }

    /// Waits until they wrote this.
    #[track_caller]
    fn await_note(&self, run: &str, text: &str) -> String {
        await_text(|| self.log(run), |log| log.contains(text))
    }

    /// Waits until this script of a run has ended.
    #[track_caller]
    fn await_end(&self, run: &str, script: &str) -> String {
        let ends = |log: &str| {
            log.split('{').any(|line| {
                line.contains(&format!("\"script\":\"{script}\""))
                    && line.contains("\"kind\":\"end\"")
            })
        };
        await_text(|| self.log(run), ends)
    }
}

#[test]
fn every_example_answers() {
    let site = serve("pages");
    let index = site.get("/");
    let pages: Vec<&str> = index
        .split("href=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .filter(|page| page.starts_with('/') && !page.starts_with("/_outlast/"))
        .collect();
    assert!(pages.len() > 16, "{index}");
    for page in pages {
        let answer = site.get(page);
        assert_eq!(status(&answer), "200", "{page}: {answer}");
        assert!(!answer.contains("Warning:") && !answer.contains("Fatal error:"), "{answer}");
        assert!(!page.ends_with('/') || answer.contains("On the server"), "{page}");
    }
    assert_eq!(status(&site.get("/lifecycle/run.php?page=none")), "404");
    assert_eq!(status(&site.get("/upload/.user.ini")), "403");
}

#[test]
fn the_front_page_shows_what_stop_does() {
    let site = serve("front");
    let modes = ["immediate", "output", "finish"];
    let clients: Vec<_> = modes
        .iter()
        .map(|mode| {
            let mut client = site.visit(&format!("GET /demo.php?mode={mode}&run={mode}"));
            read_until(&mut client, "\r\n2\n");
            client
        })
        .collect();
    drop(clients);
    for mode in modes {
        site.await_note(mode, "\"status\":1,\"kind\":\"abort\",\"text\":\"the client has gone\"");
    }
    for mode in ["immediate", "output"] {
        let log = site.await_note(mode, "has ended; its client was gone");
        assert!(log.contains("tidies up: its lock is released"), "{log}");
        assert!(!log.contains("all twenty"), "{log}");
    }
    site.await_note("finish", "\"status\":1,\"kind\":\"note\",\"text\":\"imports record 4\"");
}

#[test]
fn the_log_of_a_run_tells_what_its_script_did() {
    let site = serve("lifecycle");
    let cases = [
        ("stream", 1, "the shutdown function runs in any case"),
        ("watch", 1, "saw the client leave"),
        ("immediate", 1, "stopped in the middle"),
        ("on-abort", 1, "puts things in order and ends"),
        ("both", 3, "the shutdown function sees both"),
    ];
    let run = |script: &str| script.replace('-', "_");
    let clients: Vec<_> = cases
        .iter()
        .map(|(script, ..)| site.visit(&format!("GET /lifecycle/{script}.php?run={}", run(script))))
        .collect();
    for (script, ..) in cases {
        site.await_note(&run(script), "begins");
    }
    drop(clients);
    for (script, status, text) in cases {
        let note = format!("\"status\":{status},\"kind\":\"note\",\"text\":\"{text}");
        site.await_note(&run(script), &note);
    }
    let limit = site.fetch("GET /lifecycle/limit.php?run=limit");
    assert!(limit.contains("Maximum execution time of 1 second exceeded"), "{limit}");
    site.await_note("limit", "\"status\":2,\"kind\":\"note\",\"text\":\"the shutdown function");
}

#[test]
fn four_tables_keep_what_the_page_says() {
    let site = serve("tables");
    let cases = [
        ("silent", "mode=output", r#"{"A":1,"B":1,"C":1,"D":1}"#),
        ("prints", "mode=output&prints=on", r#"{"A":1,"B":1,"C":1,"D":0}"#),
        ("at_once", "mode=immediate", r#"{"A":1,"B":1,"C":0,"D":0}"#),
        ("rolled", "mode=output&prints=on&transaction=on", r#"{"A":0,"B":0,"C":0,"D":0}"#),
        ("rolled_at_once", "mode=immediate&transaction=on", r#"{"A":0,"B":0,"C":0,"D":0}"#),
        ("finish", "mode=finish&transaction=on", r#"{"A":1,"B":1,"C":1,"D":1}"#),
    ];
    let locks: Vec<_> = cases
        .iter()
        .map(|(run, ..)| {
            let mut lock = site.visit(&format!("GET /tables/lock.php?run={run}"));
            read_until(&mut lock, "locked");
            lock
        })
        .collect();
    let clients: Vec<_> = cases
        .iter()
        .map(|(run, query, _)| site.visit(&format!("GET /tables/insert.php?run={run}&{query}")))
        .collect();
    for (run, ..) in cases {
        site.await_note(run, "inserts into C");
    }
    drop(clients);
    for (run, ..) in cases {
        site.await_note(run, "the client has gone");
    }
    drop(locks);
    for (run, _, rows) in cases {
        site.await_end(run, "insert.php");
        assert_eq!(site.fetch(&format!("GET /tables/state.php?run={run}")), rows, "{run}");
    }
}

#[test]
fn a_transfer_is_whole_or_rolled_back() {
    let site = serve("rollback");
    let cases = [
        ("rolled", "mode=immediate&transaction=1", r#"{"Ada":500,"Grace":500}"#),
        ("lost", "mode=immediate", r#"{"Ada":400,"Grace":500}"#),
        ("whole", "mode=finish", r#"{"Ada":400,"Grace":600}"#),
    ];
    let clients: Vec<_> = cases
        .iter()
        .map(|(run, query, _)| site.visit(&format!("GET /rollback/transfer.php?run={run}&{query}")))
        .collect();
    for (run, ..) in cases {
        site.await_note(run, "took 100 from Ada");
    }
    drop(clients);
    for (run, _, balances) in cases {
        site.await_end(run, "transfer.php");
        assert_eq!(site.fetch(&format!("GET /rollback/state.php?run={run}")), balances, "{run}");
    }
}

#[test]
fn who_leaves_gives_the_session_to_who_waits() {
    let site = serve("sessions");
    let mut holder = site.visit("GET /sessions/hold.php?run=sessions");
    read_until(&mut holder, "Working");
    std::thread::scope(|scope| {
        let count = scope.spawn(|| site.fetch("GET /sessions/count.php?run=sessions"));
        let log = site.await_note("sessions", "wants the session");
        assert!(!log.contains("counts: 1"), "{log}");
        drop(holder);
        assert_eq!(count.join().unwrap(), "1");
    });
    let log = site.await_end("sessions", "hold.php");
    assert!(!log.contains("is done"), "{log}");
}

#[test]
fn an_upload_shows_its_progress_and_is_cut_with_its_sender() {
    let site = serve("upload");
    let progress = || site.fetch("GET /upload/progress.php?run=upload");
    let client = site.visit("GET /upload/slow.php?run=upload");
    await_text(progress, |text| text.contains("\"come\":"));
    drop(client);
    site.await_end("upload", "slow.php");
    await_text(progress, |text| text == "null");
    let log = site.log("upload");
    assert!(!log.contains("receive.php"), "{log}");

    let form = "--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n\
                hello\r\n--X--\r\n";
    let answer = site.ask(&format!(
        "POST /upload/receive.php?run=whole HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\
         Content-Type: multipart/form-data; boundary=X\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    ));
    assert_eq!(body(&answer), "a.txt, 5 bytes, is received\n");
}

#[test]
fn a_job_goes_on_without_its_visitor_until_it_is_cancelled() {
    let site = serve("job");
    let mut client = site.visit("POST /job/start.php?run=first");
    site.await_note("first", "begins job 1");
    read_until(&mut client, "1\n");
    drop(client);
    site.await_note("first", "step 10 of 120, though nobody waits for it");
    let list = site.fetch("GET /job/list.php");
    assert!(list.contains(r#""total":120,"state":"running""#), "{list}");
    site.fetch("POST /job/cancel.php?id=1");
    site.await_note("first", "was cancelled");
    let list = site.fetch("GET /job/list.php");
    assert!(list.contains(r#""state":"cancelled""#), "{list}");
}

#[test]
fn a_stream_of_events_goes_on_where_it_broke_off() {
    let site = serve("events");
    let mut reader = site.visit("GET /events/stream.php?run=events");
    read_until(&mut reader, "id: 2\n");
    drop(reader);
    site.await_note("events", "has ended; its client was gone");
    let request = site.request("GET /events/stream.php?run=events");
    let mut reader = site.send(&request.replace("Cookie:", "Last-Event-ID: 2\r\nCookie:"));
    read_until(&mut reader, "id: 3\n");
    site.await_note("events", "goes on behind event 2");
}

#[test]
fn a_long_poll_is_answered_or_left() {
    let site = serve("chat");
    std::thread::scope(|scope| {
        let poll = scope.spawn(|| site.fetch("GET /chat/poll.php?run=ada_waits&name=Ada&since=0"));
        site.await_note("ada_waits", "Ada waits");
        let form = "name=Grace&text=Hello%2C+Ada.";
        let mut said = site.send(&format!(
            "POST /chat/say.php HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\r\n",
            form.len()
        ));
        said.write_all(form.as_bytes()).unwrap();
        assert_eq!(poll.join().unwrap(), r#"[{"id":1,"name":"Grace","text":"Hello, Ada."}]"#);
    });
    let poll = site.visit("GET /chat/poll.php?run=ada_leaves&name=Ada&since=1");
    site.await_note("ada_leaves", "Ada waits");
    drop(poll);
    site.await_note("ada_leaves", "has ended; its client was gone");
}

#[test]
fn whoever_leaves_is_off_the_list() {
    let site = serve("presence");
    let mut ada = site.visit("GET /presence/here.php?run=presence&name=Ada");
    read_until(&mut ada, r#"data: ["Ada"]"#);
    let grace = site.visit("GET /presence/here.php?run=presence&name=Grace");
    read_until(&mut ada, r#"data: ["Ada","Grace"]"#);
    drop(grace);
    read_until(&mut ada, r#"data: ["Ada"]"#);
    site.await_note("presence", "takes Grace off the list");
}

//! Clients that leave: each way, at each moment, and what the script learns of it.

use crate::common::*;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::time::Duration;

fn request(query: &str) -> String {
    format!("GET /t.php?{query} HTTP/1.1\r\nHost: x\r\n\r\n")
}

#[test]
fn a_close_or_reset_is_seen_by_a_silent_script_before_and_after_the_head() {
    let site = Site::new("silent", |_| {});
    for query in ["silent", "silent-after"] {
        for how in 0..2 {
            site.log.lock().unwrap().clear();
            let mut stream = site.send(&request(query));
            site.await_note("silent");
            if query == "silent-after" {
                read_until(&mut stream, "first");
            }
            if how == 0 {
                drop(stream)
            } else {
                reset(stream)
            }
            site.await_note("saw 1");
        }
    }
}

#[test]
fn a_pipelined_request_does_not_hide_the_close() {
    let site = Site::new("pipelined", |_| {});
    let mut stream = site.send(&request("silent"));
    site.await_note("silent");
    stream.write_all(request("hello").as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(20));
    drop(stream);
    site.await_note("saw 1");
}

#[test]
fn urgent_data_is_no_close() {
    let site = Site::new("urgent", |_| {});
    let mut stream = site.send(&request("sleep=100"));
    socket2::SockRef::from(&stream).send_out_of_band(b"!").unwrap();
    read_until(&mut stream, "slept");
    site.await_note("slept true 0");
}

#[test]
fn a_half_close_is_an_end_unless_the_option_says_otherwise() {
    let site = Site::new("half", |_| {});
    let stream = site.send(&request("silent"));
    site.await_note("silent");
    stream.shutdown(Shutdown::Write).unwrap();
    site.await_note("saw 1");

    let site = Site::new("half-open", |config| config.half_close = true);
    let mut stream = site.send(&request("sleep=100"));
    stream.shutdown(Shutdown::Write).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.ends_with("slept"), "{answer}");
    site.await_note("slept true 0");
}

#[test]
fn output_stops_a_script_whose_client_has_gone() {
    let site = Site::new("output", |_| {});
    let mut stream = site.send(&request("stream"));
    read_until(&mut stream, "3\n");
    drop(stream);
    site.await_note("stopped Abort");
    site.await_note("streamed 1");
}

#[test]
fn immediate_mode_ends_a_wait_and_output_mode_does_not() {
    let site = Site::new("immediate", |config| config.abort = "immediate".into());
    let stream = site.send(&request("sleep=600000"));
    std::thread::sleep(Duration::from_millis(30));
    drop(stream);
    site.await_note("slept false 1");

    let site = Site::new("output-sleep", |_| {});
    let stream = site.send(&request("sleep=300"));
    std::thread::sleep(Duration::from_millis(30));
    drop(stream);
    site.await_note("slept true 1");
}

#[test]
fn a_client_that_does_not_read_parks_the_script_and_its_close_frees_it() {
    let site = Site::new("flood", |_| {});
    let stream = site.send(&request("flood=100000000000"));
    std::thread::sleep(Duration::from_millis(300));
    assert!(site.log.lock().unwrap().is_empty(), "it must be parked");
    assert!(site.get("/t.php?hello").ends_with("hello"), "others run");
    drop(stream);
    site.await_note("flooded 1");
}

#[test]
fn a_script_with_a_body_that_the_client_sent_in_full_sees_the_close() {
    let site = Site::new("unread", |_| {});
    let body = "y".repeat(2 << 20);
    let length = body.len();
    let head =
        format!("POST /t.php?silent HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n");
    let stream = site.send(&(head + &body));
    site.await_note("silent");
    drop(stream);
    site.await_note("saw 1");
}

#[test]
fn a_cut_body_starts_no_script() {
    let site = Site::new("cut", |_| {});
    for length in [1_000, 1_000_000] {
        let head =
            format!("POST /t.php?body HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n");
        let stream = site.send(&(head + &"y".repeat(length / 2)));
        std::thread::sleep(Duration::from_millis(20));
        drop(stream);
    }
    assert!(site.get("/t.php?hello").ends_with("hello"));
    std::thread::sleep(Duration::from_millis(50));
    assert!(site.log.lock().unwrap().is_empty());
}

#[test]
fn a_finished_response_is_out_and_its_script_runs_on_unaborted() {
    let site = Site::new("finish", |_| {});
    let mut stream = site.send(&request("finish=100"));
    let answer = read_until(&mut stream, "early");
    assert!(answer.contains("Content-Length: 5\r\n"), "{answer}");
    assert!(site.log.lock().unwrap().is_empty(), "it still runs");
    // The connection is free for the next request meanwhile.
    stream.write_all(request("hello").as_bytes()).unwrap();
    read_until(&mut stream, "hello");
    drop(stream);
    site.await_note("finished 0");
}

#[test]
fn limits_stop_scripts() {
    let site = Site::new("limits", |config| {
        config.max_execution_time = 1;
        config.detached_wall_time = 1;
    });
    let _busy = site.send(&request("busy=60000"));
    let stream = site.send(&request("sleep=600000"));
    std::thread::sleep(Duration::from_millis(30));
    drop(stream);
    site.await_note("slept false 1");
    site.await_note("stopped Timeout { seconds: 1 }");
}

#[test]
fn detached_scripts_are_listed_bounded_and_stopped() {
    let mut site = Site::new("detached", |config| {
        config.max_detached = 1;
        config.workers = 1;
    });
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut clients: Vec<_> = (0..3).map(|_| site.send(&request("sleep=600000"))).collect();
    let running = site.running.take().unwrap();
    let listed = |count| {
        loop {
            let scripts = running.scripts();
            if scripts.len() == count {
                return scripts;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    assert!(listed(3).iter().all(|script| script.detached_for.is_none()));
    clients.truncate(1);
    let left = listed(2);
    assert_eq!(left.iter().filter(|script| script.detached_for.is_some()).count(), 1);
    assert!(left.iter().all(|script| script.method == "GET" && !script.on_thread));
    for script in left {
        assert_eq!(script.uri, "/t.php?sleep=600000");
        assert!(runtime.block_on(running.stop_script(script.id)));
    }
    listed(0);
    assert!(!runtime.block_on(running.stop_script(1)));
    site.running = Some(running);
}

//! `http://` as a stream, against a server of a few lines.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::thread;

/// Answers one request after the other; gives what the clients sent.
fn serve(
    listener: TcpListener,
    answers: &'static [&'static str],
) -> thread::JoinHandle<Vec<String>> {
    thread::spawn(move || {
        let mut requests = Vec::new();
        for answer in answers {
            let (socket, _) = listener.accept().expect("a client comes");
            let mut reader = BufReader::new(socket);
            let (mut head, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).expect("the head is read");
                if let Some(value) = line.strip_prefix("Content-Length: ") {
                    length = value.trim().parse().expect("a number");
                }
                head.push_str(&line);
                if line.trim().is_empty() {
                    break;
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).expect("the body is read");
            requests.push(head + &String::from_utf8_lossy(&body));
            reader.get_mut().write_all(answer.as_bytes()).expect("the answer is sent");
        }
        requests
    })
}

fn run(code: &str, address: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_outlast"))
        .args(["-n", "-r", &code.replace("ADDRESS", address)])
        .output()
        .expect("it runs");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn redirections_are_followed_and_chunks_joined() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let server = serve(
        listener,
        &[
            "HTTP/1.1 302 Found\r\nLocation: /there\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Folded: a\r\n  b\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
        ],
    );
    let code = "echo file_get_contents('http://ADDRESS/here'), \"\\n\", implode('|', $http_response_header);";
    let said = run(code, &address);
    assert_eq!(said, "abcde\nHTTP/1.1 302 Found|Location: /there|HTTP/1.1 200 OK|X-Folded: a b");
    let requests = server.join().expect("the server ends");
    let rest = format!(" HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    assert_eq!(requests, [format!("GET /here{rest}"), format!("GET /there{rest}")]);
}

#[test]
fn contexts_say_what_is_sent_and_failures_are_told() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let server = serve(listener, &["HTTP/1.0 404 Not Found\r\nA: b\r\n\r\nno"]);
    let code = "$c = stream_context_create(['http' => ['method' => 'PUT', 'content' => 'x=1', \
                'header' => ['Content-Type: text/plain', 'X: y']]]); \
                var_dump(file_get_contents('http://ADDRESS/a?b', false, $c));";
    let said = run(code, &address);
    let shown = "Failed to open stream: HTTP request failed! HTTP/1.0 404 Not Found\r\n";
    assert!(said.contains(shown) && said.ends_with("bool(false)\n"), "{said}");
    let requests = server.join().expect("the server ends");
    let sent = format!(
        "PUT /a?b HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: 3\r\n\
         Content-Type: text/plain\r\nX: y\r\n\r\nx=1"
    );
    assert_eq!(requests, [sent]);
}

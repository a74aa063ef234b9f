//! Requests that were bent: a server must answer or close, go on serving others, and never panic.
//!
//! Each input is a request from `SEEDS`, mutated, sent in one of several ways. What it does comes from `--seed`,
//! except for when bytes arrive. The inputs of a batch behind which something is wrong are kept.

use clap::Parser;
use outlast_bench::http::{connect, find, get};
use outlast_bench::{Random, Server, Setup};
use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How long a client waits for an answer that may not come.
const WAIT: Duration = Duration::from_millis(40);
/// As long as an input gets.
const LONGEST: usize = 200_000;

const SEEDS: &[&str] = &[
    "GET /hello.php HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET /echo.php/a/b?x=1&y[]=2&y[k]=%41+b HTTP/1.1\r\nHost: h:80\r\nCookie: a=b; c[d]=e; PHPSESSID=fuzz\r\n\r\n",
    "HEAD /echo.php HTTP/1.1\r\nHost: h\r\nConnection: keep-alive\r\n\r\n",
    "GET /echo.php HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET http://h/echo.php?a HTTP/1.1\r\nHost: h\r\n\r\n",
    "CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET /a.txt HTTP/1.1\r\nHost: h\r\nRange: bytes=0-1,3-\r\nIf-None-Match: \"x\"\r\nAccept-Encoding: gzip;q=0.5, br\r\n\r\n",
    "GET /../%2e%2e/etc/passwd HTTP/1.1\r\nHost: h\r\nIf-Modified-Since: Sat, 29 Oct 1994 19:43:31 GMT\r\n\r\n",
    "POST /echo.php HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 19\r\n\r\na=1&b[]=2&c[d][e]=3",
    "POST /echo.php HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\nA\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n",
    "POST /echo.php HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
    "POST /echo.php HTTP/1.1\r\nHost: h\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 166\r\n\r\n--b\r\nContent-Disposition: form-data; name=\"a[b]\"\r\n\r\nv\r\n--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"n.txt\"\r\nContent-Type: text/plain\r\n\r\nfile\r\n--b--\r\n",
    "POST /echo.php HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /hello.php HTTP/1.1\r\nHost: h\r\n\r\n",
    "PUT /echo.php HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 7\r\nAuthorization: Basic YTpi\r\n\r\n{\"a\":1}",
    "GET /hello.php HTTP/1.1\r\nHost: h\r\n\r\nGET /echo.php HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "GET /_outlast/api/scripts?sort=age&limit=5&filter=x HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "POST /_outlast/api/scripts/0/stop HTTP/1.1\r\nHost: localhost\r\nX-Outlast: 1\r\n\r\n",
];

/// Pieces that readers of HTTP trip over.
const PIECES: &[&str] = &[
    "\r",
    "\n",
    "\r\n",
    "\r\n\r\n",
    "\n\n",
    "\0",
    "%",
    "%00",
    "%2e%2e%2f",
    "..%5c",
    "%25%32%65",
    "../",
    "//",
    "\\",
    " ",
    "\t",
    "\u{b}",
    "\u{ff}",
    ":",
    ";",
    ",",
    "=",
    "[",
    "]",
    "[]",
    "\"",
    "?",
    "#",
    "@",
    "&",
    "--b",
    "--b--\r\n",
    "0\r\n\r\n",
    "ffffffffffffffff",
    "18446744073709551616",
    "-1",
    "+5",
    "0x10",
    "1e9",
    "Content-Length: 5\r\n",
    "Content-Length: 99999999999\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: gzip, chunked\r\n",
    "Transfer-Encoding : chunked\r\n",
    " folded\r\n",
    "Host: other\r\n",
    "Connection: close\r\n",
    "Expect: 100-continue\r\n",
    "Upgrade: h2c\r\n",
    "HTTP/1.1",
    "HTTP/9.9",
    "Cookie: a=b\r\n",
    "Content-Type: multipart/form-data; boundary=b\r\n",
];

#[derive(Parser)]
#[command(about = "Sends bent requests to a server of its own")]
struct Options {
    /// The server's program.
    #[arg(long, default_value = "target/release/outlast")]
    server: PathBuf,
    /// The folder of pages.
    #[arg(long, default_value = "bench/site/soak")]
    site: PathBuf,
    /// How long.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// What is sent comes from this number.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Inputs between two looks at the server.
    #[arg(long, default_value_t = 400)]
    batch: usize,
    /// Connections at once.
    #[arg(long, default_value_t = 8)]
    clients: usize,
    /// The server's files, and the inputs that did harm.
    #[arg(long, default_value = "fuzz-http")]
    data: PathBuf,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("fuzz_http: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(options: &Options) -> io::Result<bool> {
    std::fs::create_dir_all(&options.data)?;
    let program = std::path::absolute(&options.server)?;
    let setup = Setup::new(program, options.site.canonicalize()?, options.data.canonicalize()?)?;
    let mut server = setup.start()?;
    let mut random = Random::new(options.seed);
    let until = Instant::now() + Duration::from_secs(options.seconds);
    let (mut sent, mut harm) = (0, 0);
    let mut statuses = BTreeMap::<String, u64>::new();
    while Instant::now() < until {
        let inputs: Vec<_> = (0..options.batch).map(|_| Input::new(&mut random)).collect();
        let mut wrong = Vec::new();
        std::thread::scope(|scope| {
            let share = options.batch.div_ceil(options.clients).max(1);
            let clients: Vec<_> = inputs
                .chunks(share)
                .map(|part| {
                    scope.spawn(|| -> Vec<_> {
                        part.iter().map(|input| input.send(setup.address)).collect()
                    })
                })
                .collect();
            for (answer, input) in
                clients.into_iter().flat_map(|c| c.join().unwrap_or_default()).zip(&inputs)
            {
                let judged = judge(&answer);
                wrong.extend(judged.as_ref().err().map(|why| (why.clone(), &input.bytes)));
                *statuses.entry(judged.unwrap_or_else(|why| why)).or_default() += 1;
            }
        });
        sent += inputs.len();
        for (why, bytes) in wrong {
            harm += 1;
            eprintln!("{why}: {:?}", String::from_utf8_lossy(&bytes[..bytes.len().min(300)]));
            std::fs::write(options.data.join(format!("harm-{harm}")), bytes)?;
        }
        if let Some(why) = ill(&setup, &server)? {
            harm += 1;
            eprintln!("behind input {sent}: {why}");
            for (number, input) in inputs.iter().enumerate() {
                let name = format!("batch-{harm}-{number}");
                std::fs::write(options.data.join(name), &input.bytes)?;
            }
            drop(server);
            std::fs::remove_file(setup.log())?;
            server = setup.start()?;
        }
    }
    let seconds = options.seconds;
    println!("{sent} inputs in {seconds} s, {harm} did harm; answers: {statuses:?}");
    let (status, _) = server.terminate()?;
    if !status.success() {
        println!("the server did not end well: {status}");
    }
    Ok(harm == 0 && status.success())
}

/// What is wrong with the server, if anything is.
fn ill(setup: &Setup, server: &Server) -> io::Result<Option<String>> {
    match get(setup.address, "/hello.php", "") {
        Ok(answer) if answer.status == 200 && answer.body == b"hello" => {}
        Ok(answer) => return Ok(Some(format!("hello is answered with {}", answer.status))),
        Err(error) => return Ok(Some(format!("hello is not answered: {error}"))),
    }
    let look = server.look()?;
    let log = std::fs::read_to_string(setup.log())?;
    let panic = log.lines().find(|line| line.contains("panicked"));
    Ok(match panic {
        Some(line) => Some(line.to_owned()),
        None => (look.panicked > 0).then(|| "a script ended by a panic".to_owned()),
    })
}

/// The status of an answer, or what is wrong with it.
fn judge(answer: &[u8]) -> Result<String, String> {
    if answer.is_empty() {
        return Ok("none".into());
    }
    for secret in ["<?php", "root:x:0"] {
        if find(answer, secret.as_bytes()).is_some() {
            return Err(format!("tells {secret:?}"));
        }
    }
    let line: Vec<u8> = answer.iter().copied().take_while(|&byte| byte != b'\r').collect();
    let line = String::from_utf8_lossy(&line).into_owned();
    let status = line.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5));
    match status.and_then(|status| status.parse::<u16>().ok()) {
        None => Err(format!("answers {line:?}")),
        Some(500 | 502 | 504..) => Err(format!("answers {line}")),
        Some(status) => Ok(status.to_string()),
    }
}

/// A bent request, and how it is sent.
struct Input {
    bytes: Vec<u8>,
    /// Where it is cut into parts that go out apart.
    cuts: Vec<usize>,
    /// The connection is reset behind it.
    reset: bool,
}

impl Input {
    fn new(random: &mut Random) -> Input {
        let mut bytes = random.pick(SEEDS).as_bytes().to_vec();
        for _ in 0..random.below(6) {
            mutate(&mut bytes, random);
        }
        bytes.truncate(LONGEST);
        let count = if random.below(3) == 0 { random.below(6) } else { 0 };
        let mut cuts: Vec<_> = (0..count).map(|_| random.below(bytes.len() + 1)).collect();
        cuts.sort_unstable();
        cuts.push(bytes.len());
        Input { bytes, cuts, reset: random.below(4) == 0 }
    }

    /// All that comes back within a moment.
    fn send(&self, address: SocketAddr) -> Vec<u8> {
        // What comes is judged, however the connection ends.
        let mut answer = Vec::new();
        let _ = self.exchange(address, &mut answer);
        answer
    }

    fn exchange(&self, address: SocketAddr, answer: &mut Vec<u8>) -> io::Result<()> {
        let mut stream = connect(address)?;
        let mut sent = 0;
        for &cut in &self.cuts {
            if sent > 0 {
                std::thread::sleep(Duration::from_millis(2));
            }
            stream.write_all(&self.bytes[sent..cut])?;
            sent = cut;
        }
        if self.reset {
            socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO))?;
        }
        stream.set_read_timeout(Some(WAIT))?;
        let mut part = [0; 16 << 10];
        loop {
            match stream.read(&mut part) {
                Ok(0) => return Ok(()),
                Ok(length) => answer.extend_from_slice(&part[..length]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }
}

fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(bytes.len() + 1);
    let end = (at + random.below(40)).min(bytes.len());
    match random.below(9) {
        0 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
        1 if at < bytes.len() => bytes[at] = random.number() as u8,
        2 => drop(bytes.drain(at..end)),
        3 => bytes.truncate(at),
        4 => {
            let part = bytes[at..end].to_vec();
            insert(bytes, at, &part.repeat(1 + random.below(4)));
        }
        5 => {
            let other = random.pick(SEEDS).as_bytes();
            insert(bytes, at, &other[random.below(other.len())..]);
        }
        6 => {
            let piece = random.pick(PIECES).as_bytes();
            let most = 1 << random.below(14);
            insert(bytes, at, &piece.repeat(1 + random.below(most)));
        }
        _ => insert(bytes, at, random.pick(PIECES).as_bytes()),
    }
}

fn insert(bytes: &mut Vec<u8>, at: usize, part: &[u8]) {
    bytes.splice(at..at, part.iter().copied());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_comes_from_the_seed() {
        let inputs = |seed| {
            let mut random = Random::new(seed);
            (0..200).map(|_| Input::new(&mut random).bytes).collect::<Vec<_>>()
        };
        assert!(inputs(1) == inputs(1) && inputs(1) != inputs(2));
    }
}

//! Clients that come at a bounded rate, and leave at random moments in random ways.

use crate::pages::{Page, Request, SESSIONS};
use outlast_bench::Random;
use outlast_bench::http::{connect, find, split};
use socket2::SockRef;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A client that means to leave has gone after this time at the latest.
const STAY: Duration = Duration::from_secs(4);
/// Complaints that are kept word for word.
const KEPT_COMPLAINTS: usize = 40;

/// How a client behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Manner {
    /// Reads the answer to its end.
    Whole,
    /// Closes after a while.
    Fin,
    /// Resets the connection after a while.
    Reset,
    /// Closes its sending side after a while, reads on, and leaves.
    HalfClose,
    /// Sends a part of its request, and leaves.
    CutRequest,
    /// Reads little by little, and stays to the end or not.
    SlowReader,
    /// Sends little by little, and reads the answer to its end.
    SlowSender,
    /// Sends several requests at once, reads some answers, and leaves.
    Pipelined,
}

const MANNERS: &[Manner] = &[
    Manner::Whole,
    Manner::Whole,
    Manner::Whole,
    Manner::Fin,
    Manner::Reset,
    Manner::HalfClose,
    Manner::CutRequest,
    Manner::SlowReader,
    Manner::SlowSender,
    Manner::Pipelined,
];

impl Manner {
    fn name(self) -> &'static str {
        match self {
            Manner::Whole => "whole",
            Manner::Fin => "closed early",
            Manner::Reset => "reset",
            Manner::HalfClose => "half-closed",
            Manner::CutRequest => "request cut",
            Manner::SlowReader => "slow reader",
            Manner::SlowSender => "slow sender",
            Manner::Pipelined => "pipelined",
        }
    }
}

/// What the clients were told.
#[derive(Default)]
pub struct Told {
    /// Connections by what their clients did.
    pub manners: BTreeMap<&'static str, u64>,
    /// Requests that were sent, as a whole or in part, by page.
    pub sent: BTreeMap<Page, u64>,
    /// Requests whose page said that it is done.
    pub kept: BTreeMap<Page, BTreeSet<String>>,
    /// Scripts that promised to go on without their client.
    pub promised: BTreeSet<String>,
    /// For each session how many requests were sent, and how many of them it said it had counted.
    pub sessions: [(u64, u64); SESSIONS],
    /// Clients that found no server.
    pub refused: u64,
    /// Answers that say that another transaction took too long.
    pub busy: u64,
    /// Bytes that came.
    pub received: u64,
    /// Answers that are wrong, and how many there were.
    pub complaints: Vec<String>,
    pub complained: u64,
}

impl Told {
    pub fn complain(&mut self, text: String) {
        self.complained += 1;
        if self.complaints.len() < KEPT_COMPLAINTS {
            self.complaints.push(text);
        }
    }
}

/// The clients' common ground.
pub struct Crowd {
    address: SocketAddr,
    /// The server is stopped now and then: a connection may be closed without a word.
    restarts: bool,
    number: AtomicU64,
    over: AtomicBool,
    turn: Mutex<Instant>,
    pace: Duration,
    pub told: Mutex<Told>,
}

impl Crowd {
    /// `rate`: connections a second, at the most.
    pub fn new(address: SocketAddr, rate: f64, restarts: bool) -> Crowd {
        Crowd {
            address,
            restarts,
            number: AtomicU64::new(0),
            over: AtomicBool::new(false),
            turn: Mutex::new(Instant::now()),
            pace: Duration::from_secs_f64(1.0 / rate),
            told: Mutex::default(),
        }
    }

    /// Lets every client end what it is at.
    pub fn leave(&self) {
        self.over.store(true, Ordering::SeqCst);
    }

    fn told(&self) -> std::sync::MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// One client after another, until the crowd leaves.
    pub fn client(&self, seed: u64) {
        let mut random = Random::new(seed);
        loop {
            let due = {
                let mut turn = self.turn.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                *turn = (*turn).max(Instant::now()) + self.pace;
                *turn
            };
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            if self.over.load(Ordering::SeqCst) {
                return;
            }
            self.visit(&mut random);
        }
    }

    fn visit(&self, random: &mut Random) {
        let manner = random.pick(MANNERS);
        let count = if manner == Manner::Pipelined { 2 + random.below(4) } else { 1 };
        let requests: Vec<Request> = (0..count)
            .map(|_| Request::new(self.number.fetch_add(1, Ordering::Relaxed), random))
            .collect();
        let Ok(stream) = connect(self.address) else {
            self.told().refused += 1;
            return;
        };
        {
            let mut told = self.told();
            *told.manners.entry(manner.name()).or_default() += 1;
            for request in &requests {
                *told.sent.entry(request.page).or_default() += 1;
                if request.page == Page::Session {
                    told.sessions[request.session].0 += 1;
                }
            }
        }
        let mut client = Client { stream, received: Vec::new(), limit: None };
        let stayed = client.play(manner, &requests, random);
        self.note(&requests, &client.received, stayed);
        if random.below(2) == 0 && !matches!(manner, Manner::Fin | Manner::HalfClose) {
            client.reset();
        }
    }

    /// What these bytes promise; `stayed`: what came of a client that waits for all of its answer.
    fn note(&self, requests: &[Request], received: &[u8], stayed: Option<io::Result<()>>) {
        let mut told = self.told();
        told.received += received.len() as u64;
        for request in requests {
            if find(received, request.kept().as_bytes()).is_some() {
                if request.page == Page::Session {
                    told.sessions[request.session].1 += 1;
                }
                told.kept.entry(request.page).or_default().insert(request.token.clone());
            }
            if find(received, format!("promised {}\n", request.token).as_bytes()).is_some() {
                told.promised.insert(request.token.clone());
            }
        }
        // With several, only promises are looked at.
        let ([request], Some(result)) = (requests, stayed) else { return };
        match split(received) {
            Some((answer, _)) => {
                if answer.status == 503 && answer.body.starts_with(b"busy") {
                    told.busy += 1;
                } else if let Some(complaint) = request.complaint(&answer) {
                    told.complain(complaint);
                }
            }
            None if self.restarts && received.is_empty() => told.refused += 1,
            None => {
                let page = request.page.name();
                let length = received.len();
                let why = result.err().map_or("closed".into(), |error| error.to_string());
                told.complain(format!("{page}: no complete answer ({length} bytes, {why})"));
            }
        }
    }
}

struct Client {
    stream: TcpStream,
    received: Vec<u8>,
    /// When it wants no more.
    limit: Option<Instant>,
}

impl Client {
    /// Plays its part; for a client that wants all of an answer, whether the connection was fine.
    fn play(
        &mut self,
        manner: Manner,
        requests: &[Request],
        random: &mut Random,
    ) -> Option<io::Result<()>> {
        let bytes: Vec<u8> = requests.iter().flat_map(|request| request.bytes.clone()).collect();
        match manner {
            Manner::Whole => Some(self.stream.write_all(&bytes).and_then(|()| self.read(1))),
            Manner::SlowSender => {
                let sent = self.send_slowly(&bytes, random);
                Some(sent.and_then(|()| self.read(1)))
            }
            Manner::SlowReader => {
                let sent = self.stream.write_all(&bytes);
                let stays = random.below(2) == 0;
                let parts = random.below(40);
                let read = sent.and_then(|()| self.read_slowly(parts, random));
                stays.then(|| read.and_then(|()| self.read(1)))
            }
            Manner::CutRequest => {
                let cut = random.below(bytes.len());
                // The server may close first.
                let _ = self.stream.write_all(&bytes[..cut]);
                std::thread::sleep(moment(random));
                None
            }
            Manner::Fin | Manner::Reset | Manner::HalfClose | Manner::Pipelined => {
                self.limit = Some(Instant::now() + moment(random));
                // The server may close first, and the client leaves whatever comes.
                let _ = self.stream.write_all(&bytes);
                let _ = self.read(1 + random.below(requests.len()));
                if manner == Manner::HalfClose {
                    let _ = self.stream.shutdown(Shutdown::Write);
                    self.limit = Some(Instant::now() + moment(random));
                    let _ = self.read(1);
                } else if manner == Manner::Reset {
                    self.reset();
                }
                None
            }
        }
    }

    /// Lets the end of the connection be a reset.
    fn reset(&self) {
        // Without it the connection ends in the usual way.
        let _ = SockRef::from(&self.stream).set_linger(Some(Duration::ZERO));
    }

    /// Reads so many answers, or until it wants no more.
    fn read(&mut self, answers: usize) -> io::Result<()> {
        let (mut found, mut at) = (0, 0);
        let mut part = vec![0; 64 << 10];
        loop {
            while let Some((_, length)) = split(&self.received[at..]) {
                at += length;
                found += 1;
                if found == answers {
                    return Ok(());
                }
            }
            if let Some(limit) = self.limit {
                let left = limit.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Ok(());
                }
                self.stream.set_read_timeout(Some(left))?;
            }
            match self.stream.read(&mut part) {
                Ok(0) => return Ok(()),
                Ok(length) => self.received.extend_from_slice(&part[..length]),
                Err(error) if error.kind() == ErrorKind::WouldBlock && self.limit.is_some() => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn read_slowly(&mut self, parts: usize, random: &mut Random) -> io::Result<()> {
        let mut part = [0; 4000];
        for _ in 0..parts {
            let length = 1 + random.below(part.len());
            match self.stream.read(&mut part[..length]) {
                Ok(0) => return Ok(()),
                Ok(length) => self.received.extend_from_slice(&part[..length]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
            if split(&self.received).is_some() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(random.below(100) as u64));
        }
        Ok(())
    }

    fn send_slowly(&mut self, bytes: &[u8], random: &mut Random) -> io::Result<()> {
        let most = 2 + bytes.len() / 10;
        let mut left = bytes;
        while !left.is_empty() {
            let (now, then) = left.split_at((1 + random.below(most)).min(left.len()));
            self.stream.write_all(now)?;
            left = then;
            std::thread::sleep(Duration::from_millis(random.below(100) as u64));
        }
        Ok(())
    }
}

/// A time to leave at: as likely within milliseconds as within seconds.
fn moment(random: &mut Random) -> Duration {
    let bound = 1 << random.below(23);
    Duration::from_micros(random.below(bound) as u64).min(STAY)
}

//! `outlast top`: the table, drawn again and again.

use super::client::Client;
use super::{Selection, table};
use rustix::termios::{self, LocalModes, OptionalActions, SpecialCodeIndex, Termios};
use std::io::{IsTerminal, Read, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// Home, and nothing behind.
const HOME: &str = "\x1b[H";
const CLEAR_LINE: &str = "\x1b[K";
const CLEAR_BELOW: &str = "\x1b[J";
const SECOND_SCREEN: &str = "\x1b[?1049h\x1b[?25l";
const FIRST_SCREEN: &str = "\x1b[?25h\x1b[?1049l";

/// A terminal that gives each key at once and does not show it; as it was when dropped.
struct RawTerminal(Option<Termios>);

impl RawTerminal {
    fn new() -> RawTerminal {
        let input = std::io::stdin();
        let before = termios::tcgetattr(&input).ok();
        if let Some(before) = &before {
            let mut raw = before.clone();
            raw.local_modes -= LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG;
            raw.special_codes[SpecialCodeIndex::VMIN] = 1;
            let _ = termios::tcsetattr(&input, OptionalActions::Now, &raw);
        }
        RawTerminal(before)
    }
}

impl Drop for RawTerminal {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            let _ = termios::tcsetattr(std::io::stdin(), OptionalActions::Now, before);
        }
        show(FIRST_SCREEN);
    }
}

/// Where the terminal has gone, the next key read fails, and that ends it.
fn show(text: &str) {
    let mut output = std::io::stdout();
    let _ = output.write_all(text.as_bytes());
    let _ = output.flush();
}

/// Draws until a key ends it.
pub fn run(client: &Client, mut selection: Selection, delay: f64) -> Result<(), String> {
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        return Err("it needs a terminal; `outlast ps` prints once".into());
    }
    if !(0.05..=3600.0).contains(&delay) {
        return Err("--delay must be from 0.05 to 3600 seconds".into());
    }
    // A wrong option is an error of the command, not a message on the screen.
    client.get(&selection.place())?;
    let keys = keys();
    let _raw = RawTerminal::new();
    show(SECOND_SCREEN);
    loop {
        draw(client, &mut selection);
        match keys.recv_timeout(Duration::from_secs_f64(delay)) {
            Ok(b'q' | b'Q' | 3 | 4) | Err(RecvTimeoutError::Disconnected) => return Ok(()),
            Ok(key) => choose(&mut selection, key),
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

fn choose(selection: &mut Selection, key: u8) {
    let sort = match key {
        b'a' => "age",
        b'c' => "cpu",
        b'm' => "memory",
        b's' => "sent",
        b'd' => "detached",
        _ => return,
    };
    selection.sort = sort.into();
}

fn draw(client: &Client, selection: &mut Selection) {
    let size = termios::tcgetwinsize(std::io::stdout()).ok();
    let (width, height) =
        size.map_or((80, 24), |size| (usize::from(size.ws_col), usize::from(size.ws_row)));
    // Beside the rows: totals, headings, "and n more", keys.
    selection.limit = height.saturating_sub(4);
    let text = match client.get(&selection.place()) {
        Ok(answer) => table::of(&answer, Some(width)),
        Err(message) => format!("{message}\n"),
    };
    let keys =
        format!("q quit; by a age  c CPU  m memory  s sent  d detached; now: {}", selection.sort);
    let mut screen = String::from(HOME);
    for line in text.lines().take(height.saturating_sub(1)) {
        screen += line;
        screen += CLEAR_LINE;
        screen += "\r\n";
    }
    screen.extend(keys.chars().take(width));
    screen += CLEAR_BELOW;
    show(&screen);
}

/// Reads keys on a thread of its own, which ends with the process.
fn keys() -> Receiver<u8> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for byte in std::io::stdin().lock().bytes().map_while(Result::ok) {
            if sender.send(byte).is_err() {
                break;
            }
        }
    });
    receiver
}

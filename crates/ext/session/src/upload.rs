//! The progress of an upload, kept in the session while the request's body arrives, so that another request
//! can show it (`session.upload_progress.*`).

use crate::state::{Session, session, variables};
use crate::{flow, state};
use outlast_ext_standard::form::Watcher;
use outlast_ext_standard::form::multipart::Event;
use outlast_value::{Key, PhpArray, PhpString, Value};
use outlast_vm::{Cx, Ret};
use std::time::Duration;

/// How far an upload is.
#[derive(Default)]
pub struct UploadProgress {
    enabled: bool,
    length: u64,
    id: Option<PhpString>,
    /// Where in the session it stands.
    key: Option<Vec<u8>>,
    /// Since the first file: the rows of the files, and when the first one began.
    files: Option<Vec<PhpArray>>,
    started: i64,
    /// No update before so many bytes.
    next_update: u64,
    /// No update before this time.
    next_time: Duration,
    /// The session says that the upload is not wanted.
    cancelled: bool,
}

fn now() -> i64 {
    outlast_host::clock::wall().as_secs() as i64
}

/// Bytes between two updates: a number, or a share of the whole.
fn step(setting: &[u8], length: u64) -> u64 {
    let text = String::from_utf8_lossy(setting);
    let text = text.trim();
    match text.strip_suffix('%') {
        Some(percent) => {
            let percent: f64 = percent.trim().parse().unwrap_or(0.0);
            (length as f64 * percent.clamp(0.0, 100.0) / 100.0) as u64
        }
        None => u64::try_from(outlast_vm::ini::parse_quantity(text.as_bytes()).0).unwrap_or(0),
    }
}

impl UploadProgress {
    fn field(&mut self, cx: &mut Cx, name: &[u8], value: &[u8]) {
        if self.key.is_some() && self.id.is_some() || value.is_empty() {
            return;
        }
        if name == cx.ini.bytes("session.name") {
            self.id = Some(PhpString::new(value));
        } else if name == cx.ini.bytes("session.upload_progress.name") {
            self.key = Some([cx.ini.bytes("session.upload_progress.prefix"), value].concat());
            if let Some(id) = flow::early_id(cx) {
                self.id = Some(id);
            }
        }
    }

    /// What the session holds.
    fn data(&self, processed: u64, done: bool) -> Value {
        let int = |number: u64| Value::Int(i64::try_from(number).unwrap_or(i64::MAX));
        let files = self.files.iter().flatten().map(|file| Value::Array(file.clone())).collect();
        Value::Array(PhpArray::from([
            ("start_time", Value::Int(self.started)),
            ("content_length", int(self.length)),
            ("bytes_processed", int(processed)),
            ("done", Value::Bool(done)),
            ("files", Value::Array(PhpArray::from_list(files))),
        ]))
    }

    /// Writes the progress into the session, unless that was done a moment ago.
    fn update(&mut self, cx: &mut Cx, processed: u64, last: bool) -> Ret<()> {
        if !last {
            let time = outlast_host::clock::monotonic();
            if processed < self.next_update || time < self.next_time {
                return Ok(());
            }
            let pause = cx.ini.float("session.upload_progress.min_freq");
            let pause = Duration::try_from_secs_f64(pause).unwrap_or_default();
            self.next_time = time + pause;
            let step = step(cx.ini.bytes("session.upload_progress.freq"), self.length);
            self.next_update = processed + step;
        }
        let data = self.data(processed, last);
        self.change(cx, Some(data))
    }

    /// Opens the session, sets or removes the progress, and closes it again.
    fn change(&mut self, cx: &mut Cx, data: Option<Value>) -> Ret<()> {
        let Some(key) = &self.key else { return Ok(()) };
        let key = Key::from_bytes(key);
        session(cx).id = self.id.clone();
        session(cx).send_cookie = false;
        if !flow::initialize(cx)? {
            return Ok(());
        }
        if let Some(mut array) = variables(cx) {
            let old = array.get(&key).map(Value::deref);
            if let Some(Value::Array(old)) = old {
                let wish = old.get_str(b"cancel_upload").map(Value::deref);
                self.cancelled |= matches!(wish, Some(Value::Bool(true)));
            }
            match data {
                Some(data) => {
                    array.insert(key, data);
                }
                None => {
                    array.remove(&key);
                }
            }
            if let Some(reference) = &session(cx).variables {
                reference.set(Value::Array(array));
            }
        }
        flow::flush(cx, true)
    }
}

impl Watcher for UploadProgress {
    fn started(&mut self, cx: &mut Cx, length: u64) -> Ret<()> {
        self.enabled = cx.ini.bool("session.upload_progress.enabled");
        self.length = length;
        Ok(())
    }

    fn event(&mut self, cx: &mut Cx, event: Event, processed: u64) -> Ret<bool> {
        if !self.enabled {
            return Ok(true);
        }
        if let Event::Field(name, value) = &event {
            self.field(cx, name, value);
            return Ok(true);
        }
        if self.id.is_none() || self.key.is_none() {
            return Ok(true);
        }
        let starts = matches!(event, Event::FileStart(..));
        if starts && self.files.is_none() {
            self.started = now();
            self.files = Some(Vec::new());
        }
        let Some(files) = &mut self.files else { return Ok(true) };
        let put = |file: &mut PhpArray, name: &str, value: Value| {
            file.insert(Key::from_bytes(name.as_bytes()), value);
        };
        match (event, files.last_mut()) {
            (Event::FileStart(field, name), _) => files.push(PhpArray::from([
                ("field_name", Value::str(&field)),
                ("name", Value::str(&name)),
                ("tmp_name", Value::Null),
                ("error", Value::Int(0)),
                ("done", Value::Bool(false)),
                ("start_time", Value::Int(now())),
                ("bytes_processed", Value::Int(0)),
            ])),
            (Event::FileData(received), Some(file)) => {
                put(file, "bytes_processed", Value::Int(received as i64));
            }
            (Event::FileEnd(path, error), Some(file)) => {
                if !path.is_empty() {
                    put(file, "tmp_name", Value::str(&path));
                }
                put(file, "error", Value::Int(error));
                put(file, "done", Value::Bool(true));
            }
            _ => return Ok(true),
        }
        self.update(cx, processed, false)?;
        Ok(!self.cancelled)
    }

    fn ended(&mut self, cx: &mut Cx, processed: u64) -> Ret<()> {
        if self.files.is_none() {
            return Ok(());
        }
        if cx.ini.bool("session.upload_progress.cleanup") {
            self.change(cx, None)?;
        } else {
            self.update(cx, processed, true)?;
        }
        // The script starts without a session.
        cx.unset_variable(&PhpString::from(state::VARIABLE), true);
        cx.take_state::<Session>();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::step;

    #[test]
    fn steps_are_bytes_or_percents() {
        assert_eq!((step(b"1%", 5000), step(b"100", 5000), step(b"1K", 5000)), (50, 100, 1024));
    }
}

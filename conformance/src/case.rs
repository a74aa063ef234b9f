//! Runs one test the way PHP's own runner does and judges what came of it.

use crate::ini::{self, Settings};
use crate::pattern::{Pattern, trim, unix_lines};
use crate::phpt::{Form, Phpt};
use crate::process::{self, End, Job, Outcome};
use crate::{request, why};
use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// The fate of a test, from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// The output is the expected one.
    Pass,
    /// The test says that it does not apply here.
    Skip,
    /// The output differs.
    Fail,
    /// It ran over its time limit.
    Timeout,
    /// The engine itself broke.
    Crash,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Status::Pass => "PASS",
            Status::Skip => "SKIP",
            Status::Fail => "FAIL",
            Status::Timeout => "TIMEOUT",
            Status::Crash => "CRASH",
        })
    }
}

impl FromStr for Status {
    type Err = String;

    fn from_str(word: &str) -> Result<Status, String> {
        [Status::Pass, Status::Skip, Status::Fail, Status::Timeout, Status::Crash]
            .into_iter()
            .find(|s| s.to_string() == word)
            .ok_or_else(|| format!("unknown status \"{word}\""))
    }
}

/// What a test came to.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Pass, fail and so on.
    pub status: Status,
    /// One line that says why it did not pass.
    pub reason: String,
    /// Trimmed output of the script, if it ran.
    pub output: Vec<u8>,
    /// Trimmed expectation.
    pub expected: (Form, Vec<u8>),
    /// How long it all took.
    pub took: Duration,
}

impl Verdict {
    fn new(status: Status, reason: impl Into<String>) -> Verdict {
        let expected = (Form::Exact, Vec::new());
        let reason = reason.into();
        Verdict { status, reason, output: Vec::new(), expected, took: Duration::ZERO }
    }
}

/// How much longer a test may take that calls itself slow.
const SLOW_FACTOR: u32 = 6;

/// What SKIPIF sections printed, by folder and code.
pub type SkipAnswers = HashMap<(PathBuf, Vec<u8>), Vec<u8>>;

/// What all tests of a run share.
pub struct Setup {
    /// The engine and its first arguments.
    pub php: Vec<OsString>,
    /// The same for its CGI form, where there is one.
    pub cgi: Option<Vec<OsString>>,
    /// The root of the tests: also the working directory, as in PHP's own runs.
    pub root: PathBuf,
    /// Extensions that the engine has, in lower case; unknown when it could not say.
    pub extensions: Option<HashSet<String>>,
    /// Time for each process.
    pub limit: Duration,
    /// Memory for each process.
    pub max_memory: u64,
    /// Whether scripts stay beside their tests.
    pub keep: bool,
    /// Answers of SKIPIF sections, which many tests share.
    pub skips: Mutex<SkipAnswers>,
}

/// Removes a file when the test is over.
struct Written {
    path: PathBuf,
    keep: bool,
}

impl Written {
    fn new(path: PathBuf, text: &[u8], keep: bool) -> Result<Written, String> {
        std::fs::write(&path, text).map_err(|e| format!("cannot write {}: {e}", path.display()))?;
        Ok(Written { path, keep })
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        if !self.keep {
            // The script may have removed itself.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

impl Setup {
    /// Runs the test at `name`, a path relative to the root.
    pub fn run(&self, name: &str) -> Verdict {
        let started = Instant::now();
        let path = self.root.join(name);
        let mut verdict = match Phpt::read(&path) {
            Ok(test) => self.judge(&test, &path),
            Err(reason) => Verdict::new(Status::Fail, format!("unusable test: {reason}")),
        };
        if verdict.status == Status::Fail
            && let Ok(test) = Phpt::read(&path)
            && test.has("FLAKY")
        {
            verdict = self.judge(&test, &path);
        }
        verdict.took = started.elapsed();
        verdict
    }

    fn judge(&self, test: &Phpt, path: &Path) -> Verdict {
        self.judge_or_refuse(test, path).unwrap_or_else(|verdict| verdict)
    }

    fn judge_or_refuse(&self, test: &Phpt, path: &Path) -> Result<Verdict, Verdict> {
        if test.has("REDIRECTTEST") {
            return Err(Verdict::new(Status::Skip, "only redirects to other tests"));
        }
        if let Some(have) = &self.extensions {
            let missing: Vec<_> =
                test.extensions().into_iter().filter(|e| !have.contains(e)).collect();
            if !missing.is_empty() {
                let reason = format!("missing extension {}", missing.join(", "));
                return Err(Verdict::new(Status::Fail, reason));
            }
        }
        let cgi = match (test.needs_cgi(), &self.cgi) {
            (true, None) => return Err(Verdict::new(Status::Fail, "needs cgi")),
            (wanted, cgi) => cgi.as_ref().filter(|_| wanted),
        };
        let mut xfail = self.skip_if(test, path)?;
        if xfail.is_none() && test.has("XFAIL") {
            xfail = Some(test.text("XFAIL").unwrap_or_default().trim().to_owned());
        }
        let refuse = |reason: String| Verdict::new(Status::Fail, reason);
        let (form, text) = test.expected();
        let tidy = |bytes: &[u8]| -> Vec<u8> {
            if test.has("WHITESPACE_SENSITIVE") {
                // The last line end belongs to the section's form, not to the output.
                unix_lines(bytes.strip_suffix(b"\n").unwrap_or(bytes))
            } else {
                unix_lines(trim(bytes))
            }
        };
        let expected = tidy(text);
        let pattern = Pattern::new(form, &expected).map_err(refuse)?;

        let script_path = path.with_extension("php");
        let script = Written::new(script_path.clone(), test.script(), self.keep).map_err(refuse)?;
        let outcome = process::run(self.main_job(test, path, &script_path, cgi))
            .map_err(|e| refuse(format!("cannot start the engine: {e}")));
        // The CLEAN section runs whatever became of the test.
        let cleaned = self.clean(test, path);
        let outcome = outcome?;
        cleaned.map_err(refuse)?;
        drop(script);

        let mut raw = outcome.output.clone();
        if let End::Signal(signal) = outcome.end {
            raw.extend_from_slice(format!("\nTermsig={signal}").as_bytes());
        }
        let (headers, body) =
            if cgi.is_some() { request::split_response(&raw) } else { (Vec::new(), &raw[..]) };
        let output = tidy(body);
        let header = test
            .text("EXPECTHEADERS")
            .and_then(|wanted| request::missing_header(&wanted, &headers));
        let matched = pattern.matches(&output) && header.is_none();
        let (status, reason) =
            self.grade(matched, header, &outcome, &output, (form, &expected), xfail);
        let mut verdict = Verdict::new(status, reason);
        verdict.output = output;
        verdict.expected = (form, expected);
        Ok(verdict)
    }

    fn grade(
        &self,
        matched: bool,
        header: Option<String>,
        outcome: &Outcome,
        output: &[u8],
        expected: (Form, &[u8]),
        xfail: Option<String>,
    ) -> (Status, String) {
        match &outcome.end {
            End::TimeLimit => {
                return (Status::Timeout, "ran over its time".to_owned());
            }
            End::Memory => {
                return (Status::Crash, format!("used over {} MB", self.max_memory >> 20));
            }
            End::Output => return (Status::Fail, "wrote without end".to_owned()),
            End::Signal(signal) if let Some(name) = crash_signal(*signal) => {
                let reason = why::native_failure(output).unwrap_or_else(|| name.to_owned());
                return (Status::Crash, reason);
            }
            _ => {}
        }
        if matched {
            return (Status::Pass, String::new());
        }
        if let Some(panic) = why::native_failure(output) {
            return (Status::Crash, panic);
        }
        if outcome.end == End::Exit(101) {
            return (Status::Crash, "exit code 101".to_owned());
        }
        if let Some(reason) = xfail {
            return (Status::Skip, format!("expected to fail in PHP too: {reason}"));
        }
        if let Some(header) = header {
            return (Status::Fail, format!("missing header {header}"));
        }
        (Status::Fail, why::explain(expected.0, expected.1, output))
    }

    /// Asks the SKIPIF section; gives the reason for which a failure is expected, if it says so.
    fn skip_if(&self, test: &Phpt, path: &Path) -> Result<Option<String>, Verdict> {
        let Some(code) = test.filled("SKIPIF") else { return Ok(None) };
        let dir = path.parent().map(Path::to_path_buf).unwrap_or_default();
        let key = (dir, code.to_vec());
        let known = self.skips.lock().ok().and_then(|skips| skips.get(&key).cloned());
        let answer = match known {
            Some(answer) => answer,
            None => {
                let refuse = |reason| Verdict::new(Status::Fail, reason);
                let file = Written::new(path.with_extension("skip.php"), code, self.keep)
                    .map_err(refuse)?;
                let mut args = Settings::defaults().args();
                args.extend(
                    ["-d", "display_errors=1", "-d", "display_startup_errors=0"].map(String::from),
                );
                let mut job = self.side_job(test, &file.path, args);
                // What programs that it starts complain of is no answer.
                job.capture = (true, false);
                let outcome = process::run(job)
                    .map_err(|e| refuse(format!("cannot start the engine: {e}")))?;
                let answer = trim(&outcome.output).to_vec();
                let no_cache = answer.starts_with(b"nocache");
                if !no_cache
                    && outcome.end == End::Exit(0)
                    && let Ok(mut skips) = self.skips.lock()
                {
                    skips.insert(key, answer.clone());
                }
                answer
            }
        };
        let text = String::from_utf8_lossy(&answer);
        let starts =
            |word: &str| text.get(..word.len()).is_some_and(|s| s.eq_ignore_ascii_case(word));
        let after = |word: &str| text[word.len()..].trim_matches([' ', ':', ',', '-']).to_owned();
        if starts("skip") {
            Err(Verdict::new(Status::Skip, after("skip")))
        } else if starts("xfail") {
            Ok(Some(after("xfail")))
        } else if text.is_empty()
            || ["info", "warn", "xleak", "flaky", "nocache"].iter().any(|w| starts(w))
        {
            Ok(None)
        } else {
            let mut verdict = Verdict::new(
                Status::Fail,
                format!("SKIPIF: {}", why::explain(Form::Exact, b"", &answer)),
            );
            verdict.output = answer;
            Err(verdict)
        }
    }

    fn clean(&self, test: &Phpt, path: &Path) -> Result<(), String> {
        let Some(code) = test.filled("CLEAN") else { return Ok(()) };
        let file = Written::new(path.with_extension("clean.php"), code, self.keep)?;
        // What the cleaning says matters to nobody, and its files are the test's own.
        let _ = process::run(self.side_job(test, &file.path, Settings::defaults().args()));
        Ok(())
    }

    fn side_job(&self, test: &Phpt, file: &Path, settings: Vec<String>) -> Job {
        let mut argv = self.php.clone();
        argv.extend(["-n", "-q"].map(OsString::from));
        argv.extend(settings.into_iter().map(OsString::from));
        argv.push(file.into());
        self.job(argv, self.environment(test, &Settings::defaults()))
    }

    fn main_job(
        &self,
        test: &Phpt,
        path: &Path,
        script: &Path,
        cgi: Option<&Vec<OsString>>,
    ) -> Job {
        let dir = path.parent().unwrap_or(Path::new("."));
        let mut settings = Settings::defaults();
        if let Some(section) = test.text("INI") {
            settings.add_lines(&ini::expand(&section, dir));
        }
        let mut argv = cgi.unwrap_or(&self.php).clone();
        argv.push("-n".into());
        if cgi.is_some() {
            argv.push("-C".into());
        }
        argv.extend(settings.args().into_iter().map(OsString::from));
        argv.extend(["-f".into(), script.into()]);
        if let Some(args) = test.text("ARGS").filter(|a| !a.trim().is_empty()) {
            argv.push("--".into());
            argv.extend(shell_words(&args).into_iter().map(OsString::from));
        }
        let mut job = self.job(argv, self.environment(test, &Settings::defaults()));
        if test.text("SKIPIF").is_some_and(|code| code.contains("SKIP_SLOW_TESTS")) {
            job.limit *= SLOW_FACTOR;
        }
        job.stdin = test.bytes("STDIN").unwrap_or_default().to_vec();
        if cgi.is_some() {
            let request = request::build(test, script);
            job.env.extend(request.env);
            if !request.body.is_empty() {
                job.stdin = request.body;
            }
        }
        if let Some(streams) = test.text("CAPTURE_STDIO") {
            let streams = streams.to_uppercase();
            job.capture = (streams.contains("STDOUT"), streams.contains("STDERR"));
        }
        job
    }

    fn job(&self, argv: Vec<OsString>, env: Vec<(String, OsString)>) -> Job {
        Job {
            argv,
            env,
            cwd: self.root.clone(),
            stdin: Vec::new(),
            capture: (true, true),
            limit: self.limit,
            max_memory: self.max_memory,
        }
    }

    fn environment(&self, test: &Phpt, settings: &Settings) -> Vec<(String, OsString)> {
        let mut env: Vec<(String, OsString)> = Vec::new();
        let program = |argv: &Vec<OsString>| argv[0].clone();
        let quoted = |s: &OsString| format!("'{}'", s.to_string_lossy()).into();
        let php = program(&self.php);
        env.push(("TEST_PHP_EXECUTABLE_ESCAPED".into(), quoted(&php)));
        env.push(("TEST_PHP_EXECUTABLE".into(), php));
        if let Some(cgi) = self.cgi.as_ref().map(program) {
            env.push(("TEST_PHP_CGI_EXECUTABLE_ESCAPED".into(), quoted(&cgi)));
            env.push(("TEST_PHP_CGI_EXECUTABLE".into(), cgi));
        }
        env.push(("TEST_PHP_SRCDIR".into(), self.root.clone().into()));
        env.push(("TEST_PHP_EXTRA_ARGS".into(), settings.shell_text().into()));
        env.push(("NO_INTERACTION".into(), "1".into()));
        for name in [
            "REDIRECT_STATUS",
            "QUERY_STRING",
            "PATH_TRANSLATED",
            "SCRIPT_FILENAME",
            "REQUEST_METHOD",
            "CONTENT_TYPE",
            "CONTENT_LENGTH",
            "TZ",
        ] {
            env.push((name.into(), "".into()));
        }
        for line in test.text("ENV").unwrap_or_default().lines() {
            if let Some((name, value)) = line.trim().split_once('=')
                && !name.is_empty()
            {
                env.push((name.into(), value.into()));
            }
        }
        env
    }
}

/// Signals that mean the engine itself broke; tests do kill themselves with others.
fn crash_signal(signal: i32) -> Option<&'static str> {
    Some(match signal {
        4 => "killed by SIGILL",
        5 => "killed by SIGTRAP",
        6 => "killed by SIGABRT",
        7 => "killed by SIGBUS",
        8 => "killed by SIGFPE",
        11 => "killed by SIGSEGV",
        31 => "killed by SIGSYS",
        _ => return None,
    })
}

/// Words of a command line, with single and double quotes.
fn shell_words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    for c in line.trim().chars() {
        match quote {
            Some(q) if c == q => quote = None,
            Some(_) => word.get_or_insert_default().push(c),
            None if c == '"' || c == '\'' => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            None if c.is_whitespace() => words.extend(word.take()),
            None => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_arguments_as_a_shell_does() {
        assert_eq!(shell_words(" -a  'b c' --d=\"e f\"g '' \n"), ["-a", "b c", "--d=e fg", ""]);
    }

    #[test]
    fn statuses_are_ordered_and_round_trip() {
        assert!(Status::Pass < Status::Fail && Status::Fail < Status::Crash);
        assert_eq!("TIMEOUT".parse::<Status>().unwrap(), Status::Timeout);
        assert!("pass".parse::<Status>().is_err());
    }
}

//! The ini settings of a test: the defaults of PHP's runner, then the test's own.

use std::path::Path;

/// What PHP's runner sets for every test, so that messages come out the same everywhere.
const DEFAULTS: &[(&str, &str)] = &[
    ("output_handler", ""),
    ("open_basedir", ""),
    ("disable_functions", ""),
    ("output_buffering", "Off"),
    ("error_reporting", "32767"),
    ("display_errors", "1"),
    ("display_startup_errors", "1"),
    ("log_errors", "0"),
    ("html_errors", "0"),
    ("track_errors", "0"),
    ("report_memleaks", "1"),
    ("report_zend_debug", "0"),
    ("docref_root", ""),
    ("docref_ext", ".html"),
    ("error_prepend_string", ""),
    ("error_append_string", ""),
    ("auto_prepend_file", ""),
    ("auto_append_file", ""),
    ("ignore_repeated_errors", "0"),
    ("precision", "14"),
    ("serialize_precision", "-1"),
    ("memory_limit", "128M"),
    ("opcache.fast_shutdown", "0"),
    ("opcache.file_update_protection", "0"),
    ("opcache.revalidate_freq", "0"),
    ("opcache.jit_hot_loop", "1"),
    ("opcache.jit_hot_func", "1"),
    ("opcache.jit_hot_return", "1"),
    ("opcache.jit_hot_side_exit", "1"),
    ("opcache.jit_max_root_traces", "100000"),
    ("opcache.jit_max_side_traces", "100000"),
    ("opcache.jit_max_exit_counters", "100000"),
    ("opcache.protect_memory", "1"),
    ("zend.assertions", "1"),
    ("zend.exception_ignore_args", "0"),
    ("zend.exception_string_param_max_len", "15"),
    ("short_open_tag", "0"),
    ("session.auto_start", "0"),
    // Builds of distributions name a folder that need not exist.
    ("session.save_path", ""),
    ("zlib.output_compression", "Off"),
];

/// Settings in the order in which they are given to the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    entries: Vec<(String, String)>,
}

impl Settings {
    /// The defaults.
    pub fn defaults() -> Settings {
        let entries = DEFAULTS.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Settings { entries }
    }

    /// Adds `name=value` lines; a later value replaces an earlier one, except for the
    /// settings that load extensions, which add up.
    pub fn add_lines(&mut self, lines: &str) {
        for line in lines.split(['\n', '\r']) {
            let Some((name, value)) = line.split_once('=') else { continue };
            let (name, value) = (name.trim(), value.trim());
            let repeats = matches!(name, "extension" | "zend_extension");
            let old = self.entries.iter_mut().find(|(k, _)| k == name && !repeats);
            match old {
                Some(entry) => value.clone_into(&mut entry.1),
                None => self.entries.push((name.to_owned(), value.to_owned())),
            }
        }
    }

    /// The `-d` arguments.
    pub fn args(&self) -> Vec<String> {
        let mut args = Vec::with_capacity(self.entries.len() * 2);
        for (name, value) in &self.entries {
            args.push("-d".to_owned());
            // PHP's runner goes through a shell, in whose double quotes an escaped single
            // quote keeps its backslash; the tests count on what that gives.
            args.push(format!("{name}={}", value.replace('\'', "\\'")));
        }
        args
    }

    /// The same settings as text for a shell, for tests that start PHP themselves.
    pub fn shell_text(&self) -> String {
        let mut out = String::from("-n");
        for (name, value) in &self.entries {
            let value: String = value
                .chars()
                .flat_map(|c| matches!(c, '"' | '\\' | '\'').then_some('\\').into_iter().chain([c]))
                .collect();
            out.push_str(&format!(" -d \"{name}={value}\""));
        }
        out
    }
}

/// Fills in `{PWD}`, `{TMP}`, `{ENV:NAME}` and `{MAIL:file}` in an INI section.
pub fn expand(section: &str, dir: &Path) -> String {
    let text = section
        .replace("{PWD}", &dir.to_string_lossy())
        .replace("{TMP}", &std::env::temp_dir().to_string_lossy());
    let text = expand_tag(&text, "{ENV:", |name| std::env::var(name).unwrap_or_default());
    expand_tag(&text, "{MAIL:", |file| format!("tee {file} >/dev/null"))
}

fn expand_tag(text: &str, open: &str, value: impl Fn(&str) -> String) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(open) {
        let inner = &rest[start + open.len()..];
        let Some(end) = inner.find('}') else { break };
        out.push_str(&rest[..start]);
        out.push_str(&value(&inner[..end]));
        rest = &inner[end + 1..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_value_wins_and_extensions_add_up() {
        let mut ini = Settings { entries: Vec::new() };
        ini.add_lines("a=1\nb = x=y \nextension=p\nextension=q\nnoise\na=2");
        assert_eq!(
            ini.args(),
            ["-d", "a=2", "-d", "b=x=y", "-d", "extension=p", "-d", "extension=q"]
        );
    }

    #[test]
    fn fills_in_the_folder() {
        let text = expand("include_path={PWD}/x\nmail={MAIL:{PWD}/o.eml}", Path::new("/t"));
        assert_eq!(text, "include_path=/t/x\nmail=tee /t/o.eml >/dev/null");
    }

    #[test]
    fn shell_text_quotes() {
        let mut ini = Settings { entries: Vec::new() };
        ini.add_lines("a=\"x\"");
        assert_eq!(ini.shell_text(), "-n -d \"a=\\\"x\\\"\"");
    }
}

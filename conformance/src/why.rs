//! Finds the one line that best says why a test fails, in a form that groups with others.

use crate::pattern::Pattern;
use crate::phpt::Form;
use std::collections::HashMap;

/// A panic or abort of the engine in its output.
pub fn native_failure(output: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(output);
    // `thread 'main' (1234) panicked at src/x.rs:1:2:`, the number only with newer compilers.
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some((before, place)) = line.split_once(" panicked at ")
            && before.contains("thread '")
        {
            let message = lines.next().unwrap_or_default();
            let place = place.trim_end_matches(':');
            return Some(format!("panic at {place}: {}", clip(&normal(message))));
        }
    }
    if text.contains("has overflowed its stack") {
        return Some("native stack overflow".to_owned());
    }
    text.lines().find(|l| l.contains("RUST panic")).map(|l| clip(&normal(l)))
}

/// Messages that name what the engine lacks: the text before the name, and after it.
const MISSING: &[(&str, &str)] = &[
    ("Call to undefined function ", "\n"),
    ("Call to undefined method ", "\n"),
    ("Undefined constant \"", "\""),
    ("Class \"", "\" not found"),
    ("Interface \"", "\" not found"),
    ("Trait \"", "\" not found"),
    ("Attribute class \"", "\" not found"),
    ("Undefined constant ", "\n"),
    ("Access to undeclared static property ", "\n"),
    ("Unable to find the wrapper \"", "\""),
    ("Unable to create or locate filter \"", "\""),
    ("Invalid callback ", "\n"),
];

/// Why `output` is not what was expected.
pub fn explain(form: Form, expected: &[u8], output: &[u8]) -> String {
    let wanted = String::from_utf8_lossy(expected);
    let got = String::from_utf8_lossy(output);
    if let Some(name) = missing_name(&got, &wanted) {
        return name;
    }
    if let Some(fatal) = fatal_line(&got, &wanted) {
        return fatal;
    }
    if output.is_empty() {
        return "no output".to_owned();
    }
    first_difference(form, &wanted, &got)
}

fn missing_name(got: &str, wanted: &str) -> Option<String> {
    let mut best: Option<(usize, String)> = None;
    for (before, after) in MISSING {
        for (at, _) in got.match_indices(before) {
            let rest = &got[at + before.len()..];
            let line = rest.lines().next().unwrap_or_default();
            let end = if *after == "\n" {
                line.find([' ', ',']).unwrap_or(line.len())
            } else {
                match line.find(after) {
                    Some(end) => end,
                    None => continue,
                }
            };
            let found = format!("{before}{}", &line[..end]);
            // A test may well be about the very message.
            if wanted.contains(&found) || wanted.contains(*before) {
                continue;
            }
            if best.as_ref().is_none_or(|(place, _)| at < *place) {
                let tail = if *after == "\n" { "" } else { after };
                best = Some((at, format!("{found}{tail}")));
            }
            break;
        }
    }
    best.map(|(_, text)| clip(&text))
}

fn fatal_line(got: &str, wanted: &str) -> Option<String> {
    const KINDS: [&str; 3] = ["Parse error: ", "Fatal error: ", "Compile error: "];
    for line in got.lines() {
        let Some(start) = KINDS.iter().filter_map(|k| line.find(k)).min() else { continue };
        let message = line[start..].trim_end();
        let core = message.split(" in /").next().unwrap_or(message);
        if wanted.contains(core) || KINDS.iter().any(|k| core.starts_with(k) && wanted.contains(k))
        {
            return None;
        }
        return Some(clip(&normal(core)));
    }
    None
}

fn first_difference(form: Form, wanted: &str, got: &str) -> String {
    let wanted: Vec<&str> = wanted.lines().collect();
    let got: Vec<&str> = got.lines().collect();
    if form == Form::Regex {
        return format!("regex | got: {}", clip(&normal(got.first().unwrap_or(&""))));
    }
    for (i, want) in wanted.iter().enumerate() {
        // From such a line on, the lines of both sides need not stand side by side.
        if form == Form::Format && ["%a", "%A", "%r", "%w"].iter().any(|p| want.contains(p)) {
            return format!("after \"{}\"", clip(&normal(want)));
        }
        let Some(have) = got.get(i) else {
            return format!("output ends before: {}", clip(&normal(want)));
        };
        if !line_matches(form, want, have) {
            return format!("want: {} | got: {}", clip(&normal(want)), clip(&normal(have)));
        }
    }
    match got.get(wanted.len()) {
        Some(extra) => format!("extra output: {}", clip(&normal(extra))),
        None => "differs only in bytes that are no text".to_owned(),
    }
}

/// Whether one line of output matches one expected line.
pub fn line_matches(form: Form, want: &str, have: &str) -> bool {
    if want == have {
        return true;
    }
    form == Form::Format
        && want.contains('%')
        && Pattern::new(form, want.as_bytes()).is_ok_and(|p| p.matches(have.as_bytes()))
}

/// Takes out what differs from test to test: paths and numbers.
fn normal(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        if c == '/' && rest.get(1..2).is_some_and(|n| n.as_bytes()[0].is_ascii_alphanumeric()) {
            let end = rest
                .find(|c: char| {
                    c.is_whitespace() || matches!(c, '"' | '\'' | '(' | ')' | ':' | ',')
                })
                .unwrap_or(rest.len());
            if rest[1..end].contains('/') {
                out.push_str("PATH");
                rest = &rest[end..];
                continue;
            }
        }
        if c.is_ascii_digit() {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            // Short numbers tell types and codes apart, long ones only tests.
            if end > 3 {
                out.push('N')
            } else {
                out.push_str(&rest[..end])
            }
            rest = &rest[end..];
            continue;
        }
        if let Some(tail) = rest.strip_prefix(" on line ") {
            out.push_str(" on line N");
            rest = tail.trim_start_matches(|c: char| c.is_ascii_digit());
            continue;
        }
        out.push(c);
        rest = &rest[c.len_utf8()..];
    }
    out
}

fn clip(text: &str) -> String {
    const MOST: usize = 110;
    let clean: String = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if clean.chars().count() <= MOST {
        return clean;
    }
    let head: String = clean.chars().take(MOST).collect();
    format!("{head}…")
}

/// A reason, and the tests that fail for it.
pub struct Group<'a> {
    /// Status and reason, as shown.
    pub reason: String,
    /// Names of the tests.
    pub tests: Vec<&'a str>,
}

/// Groups failures by reason, the most costly first.
pub fn group<'a>(failures: impl Iterator<Item = (&'a str, String)>) -> Vec<Group<'a>> {
    let mut by_reason: HashMap<String, Vec<&'a str>> = HashMap::new();
    for (name, reason) in failures {
        by_reason.entry(reason).or_default().push(name);
    }
    let mut groups: Vec<Group<'a>> =
        by_reason.into_iter().map(|(reason, tests)| Group { reason, tests }).collect();
    groups.sort_by(|a, b| b.tests.len().cmp(&a.tests.len()).then(a.reason.cmp(&b.reason)));
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(wanted: &str, got: &str) -> String {
        explain(Form::Exact, wanted.as_bytes(), got.as_bytes())
    }

    #[test]
    fn a_missing_function_is_named() {
        let got =
            "a\n\nFatal error: Uncaught Error: Call to undefined function foo() in /x/y.php:3";
        assert_eq!(exact("a\nb", got), "Call to undefined function foo()");
    }

    #[test]
    fn a_missing_class_is_named() {
        let got = "Fatal error: Uncaught Error: Class \"ArrayObject\" not found in /x/y.php:3";
        assert_eq!(exact("b", got), "Class \"ArrayObject\" not found");
    }

    #[test]
    fn a_test_about_the_message_falls_through() {
        let got = "Call to undefined function foo()";
        let reason = exact("Call to undefined function bar()", got);
        assert!(reason.starts_with("want: "), "{reason}");
    }

    #[test]
    fn a_fatal_error_stands_without_its_place() {
        let got =
            "PHP\nParse error: syntax error, unexpected token \";\" in /tmp/a/b.php on line 4";
        assert_eq!(exact("ok", got), "Parse error: syntax error, unexpected token \";\"");
    }

    #[test]
    fn else_the_first_line_that_differs() {
        assert_eq!(exact("a\nb\nc", "a\nx\nc"), "want: b | got: x");
        assert_eq!(exact("a\nb", "a"), "output ends before: b");
        assert_eq!(exact("a", "a\nb"), "extra output: b");
        let reason = explain(Form::Format, b"int(%d)\nb", b"int(5)\nc");
        assert_eq!(reason, "want: b | got: c");
    }

    #[test]
    fn panics_are_found_with_their_place() {
        for id in ["", " (12)"] {
            let got = format!("x\nthread 'main'{id} panicked at vm/src/a.rs:4:5:\nindex 12345\nn");
            let found = native_failure(got.as_bytes()).unwrap();
            assert_eq!(found, "panic at vm/src/a.rs:4:5: index N");
        }
        assert_eq!(native_failure(b"the engine panicked at dawn"), None);
    }

    #[test]
    fn groups_by_cost() {
        let failures = [("a", "x"), ("b", "y"), ("c", "y")];
        let groups = group(failures.iter().map(|(n, r)| (*n, (*r).to_owned())));
        assert_eq!(groups[0].reason, "y");
        assert_eq!(groups[0].tests, ["b", "c"]);
    }
}

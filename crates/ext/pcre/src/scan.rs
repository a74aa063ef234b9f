//! All matches in a subject, one after the other, as Perl's `/g` finds them.

use crate::engine::{Limits, Matcher, PCRE2_ERROR_NOMATCH, UNSET};
use crate::pattern::Pattern;
use outlast_value::{Key, PhpArray, PhpString, Value};

/// What the next step of a scan brings.
pub enum Step {
    /// A match; the number of the highest group that matched plus one.
    Match(usize),
    /// There are no more.
    End,
    /// The engine gave up.
    Error(i32),
}

/// A walk over the matches in a subject.
pub struct Scan<'a> {
    pub matcher: Matcher<'a>,
    subject: &'a [u8],
    utf: bool,
    at: usize,
    /// The last match decides where the next may be.
    matched: bool,
}

impl<'a> Scan<'a> {
    /// A walk that begins at `at`.
    pub fn new(pattern: &'a Pattern, subject: &'a [u8], at: usize, limits: Limits) -> Scan<'a> {
        Scan {
            matcher: Matcher::new(&pattern.code, subject, limits),
            subject,
            utf: pattern.code.is_utf(),
            at,
            matched: false,
        }
    }

    /// The next match.
    pub fn step(&mut self) -> Step {
        if self.matched {
            let (start, end) = self.range();
            self.at = end;
            if start == end {
                // Something that is not empty may be at the same place; else one character on.
                match self.matcher.run_not_empty(self.at) {
                    PCRE2_ERROR_NOMATCH if self.at >= self.subject.len() => return Step::End,
                    PCRE2_ERROR_NOMATCH => self.at += self.unit(),
                    rc if rc > 0 => return Step::Match(rc as usize),
                    rc => return Step::Error(rc),
                }
            }
        }
        match self.matcher.run(self.at) {
            PCRE2_ERROR_NOMATCH => Step::End,
            rc if rc > 0 => {
                self.matched = true;
                Step::Match(rc as usize)
            }
            rc => Step::Error(rc),
        }
    }

    /// Length of the character at hand.
    fn unit(&self) -> usize {
        let rest = &self.subject[self.at + 1..];
        1 + if self.utf { rest.iter().take_while(|b| *b & 0xc0 == 0x80).count() } else { 0 }
    }

    /// Start and end of the match.
    pub fn range(&self) -> (usize, usize) {
        let offsets = self.matcher.offsets();
        (offsets[0], offsets[1])
    }

    /// What group `n` matched.
    pub fn group(&self, n: usize) -> Option<&'a [u8]> {
        let offsets = self.matcher.offsets();
        let (start, end) = (offsets[2 * n], offsets[2 * n + 1]);
        if start == UNSET { None } else { self.subject.get(start..end) }
    }
}

/// How groups are shown to scripts.
pub struct Shape {
    /// Names of groups as keys.
    pub keys: Option<Vec<Option<PhpString>>>,
    /// `PREG_OFFSET_CAPTURE`
    pub offsets: bool,
    /// `PREG_UNMATCHED_AS_NULL`
    pub nulls: bool,
}

impl Shape {
    /// For the flags of a call.
    pub fn new(pattern: &Pattern, flags: i64) -> Shape {
        Shape { keys: pattern.keys(), offsets: flags & 256 != 0, nulls: flags & 512 != 0 }
    }

    /// Group `n` of a match.
    pub fn group(&self, scan: &Scan<'_>, n: usize) -> Value {
        let text = scan.group(n);
        self.value(text, scan.matcher.offsets()[2 * n])
    }

    /// A group without a match.
    pub fn unmatched(&self) -> Value {
        self.value(None, UNSET)
    }

    fn value(&self, text: Option<&[u8]>, at: usize) -> Value {
        let value = match text {
            Some(text) => Value::Str(PhpString::new(text)),
            None if self.nulls => Value::Null,
            None => Value::empty_str(),
        };
        if !self.offsets {
            return value;
        }
        let at = if text.is_some() { at as i64 } else { -1 };
        Value::Array(PhpArray::from_list(vec![value, Value::Int(at)]))
    }

    /// All groups of a match in one array; `count` as the step gave it.
    pub fn groups(&self, scan: &Scan<'_>, count: usize, all: usize) -> PhpArray {
        let shown = if self.nulls { all } else { count };
        let mut out = PhpArray::with_capacity(shown);
        for n in 0..shown {
            let matched = n < count && scan.group(n).is_some();
            let value = if n < count { self.group(scan, n) } else { self.unmatched() };
            if let Some(name) = self.key(n) {
                add_named(&mut out, name, &value, matched);
            }
            out.push(value).ok();
        }
        if let Some(mark) = scan.matcher.mark() {
            out.insert(Key::from("MARK"), Value::str(mark));
        }
        out
    }

    /// The name of group `n`.
    pub fn key(&self, n: usize) -> Option<&PhpString> {
        self.keys.as_ref().and_then(|keys| keys[n].as_ref())
    }
}

/// Of groups with the same name the one that matched is shown.
fn add_named(out: &mut PhpArray, name: &PhpString, value: &Value, matched: bool) {
    let key = Key::Str(name.clone());
    if matched || !out.contains_key(&key) {
        out.insert(key, value.clone());
    }
}

//! Variables put into the links and forms of pages: `output_add_rewrite_var()`, and session ids where
//! the client takes no cookies.

use outlast_text::url::{parse_url, rawurlencode};
use outlast_value::PhpString;
use outlast_vm::output::handler_flags::{self, FINAL, FLUSH};
use outlast_vm::output::{NativeHandler, OutputHandler};
use outlast_vm::{Cx, Ret};

#[path = "rewrite_stub.rs"]
mod rewrite_stub;
pub use rewrite_stub::MODULE;

/// Whose variables.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    Script,
    Session,
}

/// What is put into a page.
#[derive(Default)]
struct Variables {
    /// The output handler runs.
    active: bool,
    /// `a=1&b=2`
    query: Vec<u8>,
    /// The hidden fields.
    fields: Vec<u8>,
    /// A tag whose end has not come yet.
    pending: Vec<u8>,
}

#[derive(Default)]
struct Rewriting {
    script: Variables,
    session: Variables,
}

fn variables(cx: &mut Cx, owner: Owner) -> &mut Variables {
    let both = cx.state::<Rewriting>();
    match owner {
        Owner::Script => &mut both.script,
        Owner::Session => &mut both.session,
    }
}

/// `output_add_rewrite_var()`
pub fn output_add_rewrite_var(cx: &mut Cx, name: &PhpString, value: &PhpString) -> Ret<bool> {
    add(cx, Owner::Script, name, value)?;
    Ok(true)
}

/// `output_reset_rewrite_vars()`
pub fn output_reset_rewrite_vars(cx: &mut Cx) -> Ret<bool> {
    reset(cx, Owner::Script);
    Ok(true)
}

/// Puts the session's id into what follows of the page, instead of an older one.
pub fn add_session_variable(cx: &mut Cx, name: &[u8], id: &[u8]) -> Ret<()> {
    reset(cx, Owner::Session);
    add(cx, Owner::Session, name, id)
}

fn reset(cx: &mut Cx, owner: Owner) {
    let variables = variables(cx, owner);
    variables.query.clear();
    variables.fields.clear();
}

fn add(cx: &mut Cx, owner: Owner, name: &[u8], value: &[u8]) -> Ret<()> {
    let separator = cx.ini.bytes("arg_separator.output").to_vec();
    let variables = variables(cx, owner);
    if !variables.query.is_empty() {
        variables.query.extend_from_slice(&separator);
    }
    variables.query.extend_from_slice(&rawurlencode(name));
    variables.query.push(b'=');
    variables.query.extend_from_slice(&rawurlencode(value));
    let field = [
        b"<input type=\"hidden\" name=\"",
        &escaped(name)[..],
        b"\" value=\"",
        &escaped(value),
        b"\" />",
    ];
    variables.fields.extend_from_slice(&field.concat());
    if !std::mem::replace(&mut variables.active, true) {
        let handler = match owner {
            Owner::Script => &SCRIPT_REWRITER,
            Owner::Session => &SESSION_REWRITER,
        };
        cx.ob_start_native(handler, 0, handler_flags::STDFLAGS)?;
    }
    Ok(())
}

fn escaped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for &byte in text {
        match byte {
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            b'"' => out.extend_from_slice(b"&quot;"),
            b'\'' => out.extend_from_slice(b"&#039;"),
            _ => out.push(byte),
        }
    }
    out
}

/// The output handler.
struct Handler(Owner);

const fn rewriter(make: fn(&mut Cx, usize) -> Box<dyn NativeHandler>) -> OutputHandler {
    OutputHandler { name: "URL-Rewriter", make, conflicts: &[] }
}

static SCRIPT_REWRITER: OutputHandler = rewriter(|_, _| Box::new(Handler(Owner::Script)));
static SESSION_REWRITER: OutputHandler = rewriter(|_, _| Box::new(Handler(Owner::Session)));

impl NativeHandler for Handler {
    fn handle(&mut self, cx: &mut Cx, data: &[u8], op: u32) -> Ret<Option<Vec<u8>>> {
        let scanner = Scanner::new(cx, self.0);
        let variables = variables(cx, self.0);
        let text = [&std::mem::take(&mut variables.pending)[..], data].concat();
        let (mut out, rest) = scanner.rewrite(&text);
        if op & (FINAL | FLUSH) != 0 {
            out.extend_from_slice(rest);
        } else {
            variables.pending = rest.to_vec();
        }
        if op & FINAL != 0 {
            variables.active = false;
        }
        Ok(Some(out))
    }
}

/// What a page is searched for, and what is put in.
struct Scanner {
    /// Tags with the attribute that has a URL.
    tags: Vec<(Vec<u8>, Vec<u8>)>,
    /// Hosts that are ours.
    hosts: Vec<Vec<u8>>,
    separator: Vec<u8>,
    query: Vec<u8>,
    fields: Vec<u8>,
}

/// An attribute of a tag, as positions of its name and of its value without quotes.
struct Attribute {
    name: (usize, usize),
    value: Option<(usize, usize)>,
}

impl Scanner {
    fn new(cx: &mut Cx, owner: Owner) -> Scanner {
        let prefix = match owner {
            Owner::Script => "url_rewriter.",
            Owner::Session => "session.trans_sid_",
        };
        let list = |name: &str| -> Vec<Vec<u8>> {
            let text = cx.ini.bytes(&format!("{prefix}{name}")).to_ascii_lowercase();
            text.split(|&b| b == b',').map(|part| part.trim_ascii().to_vec()).collect()
        };
        let tags = list("tags").into_iter().filter_map(|tag| {
            let equals = tag.iter().position(|&b| b == b'=')?;
            Some((tag[..equals].to_vec(), tag[equals + 1..].to_vec()))
        });
        let tags = tags.collect();
        let mut hosts = list("hosts");
        hosts.retain(|host| !host.is_empty());
        if hosts.is_empty() {
            hosts.extend(own_host(cx));
        }
        let separator = cx.ini.bytes("arg_separator.output").to_vec();
        let variables = variables(cx, owner);
        let (query, fields) = (variables.query.clone(), variables.fields.clone());
        Scanner { tags, hosts, separator, query, fields }
    }

    /// What can be handed on, and a tag that is not complete.
    fn rewrite<'a>(&self, text: &'a [u8]) -> (Vec<u8>, &'a [u8]) {
        let mut out = Vec::with_capacity(text.len() + 64);
        if self.query.is_empty() {
            out.extend_from_slice(text);
            return (out, b"");
        }
        let mut at = 0;
        loop {
            let Some(open) = text[at..].iter().position(|&b| b == b'<').map(|n| at + n) else {
                out.extend_from_slice(&text[at..]);
                return (out, b"");
            };
            out.extend_from_slice(&text[at..open]);
            match self.tag(text, open, &mut out) {
                Some(behind) => at = behind,
                None => return (out, &text[open..]),
            }
        }
    }

    /// Rewrites the tag at `open`; where the text goes on, or `None`: the tag does not end.
    fn tag(&self, text: &[u8], open: usize, out: &mut Vec<u8>) -> Option<usize> {
        let name_end = skip(text, open + 1, |b| b.is_ascii_alphabetic() || b == b':')?;
        if name_end == open + 1 {
            out.extend_from_slice(&text[open..=name_end]);
            return Some(name_end + 1);
        }
        let name = text[open + 1..name_end].to_ascii_lowercase();
        let Some((_, wanted)) = self.tags.iter().find(|(tag, _)| *tag == name) else {
            out.extend_from_slice(&text[open..name_end]);
            return Some(name_end);
        };
        let mut edited = text[open..name_end].to_vec();
        let mut at = name_end;
        let mut action = None;
        loop {
            let next = skip(text, at, |b| b" \x0b\r\t\n".contains(&b))?;
            edited.extend_from_slice(&text[at..next]);
            at = next;
            let end = if text[at..].starts_with(b"/") { at + 1 } else { at };
            let closes = *text.get(end)? == b'>';
            if closes {
                edited.extend_from_slice(&text[at..=end]);
                if self.takes_fields(&name, action) {
                    edited.extend_from_slice(&self.fields);
                }
                out.extend_from_slice(&edited);
                return Some(end + 1);
            }
            if !text[at].is_ascii_alphabetic() {
                edited.push(text[at]);
                out.extend_from_slice(&edited);
                return Some(at + 1);
            }
            let (attribute, behind) = attribute(text, at)?;
            let name = text[attribute.name.0..attribute.name.1].to_ascii_lowercase();
            match attribute.value {
                Some((from, to)) => {
                    if name == b"action" {
                        action = Some(&text[from..to]);
                    }
                    edited.extend_from_slice(&text[at..from]);
                    if name == *wanted {
                        edited.extend_from_slice(&self.url(&text[from..to]));
                    } else {
                        edited.extend_from_slice(&text[from..to]);
                    }
                    edited.extend_from_slice(&text[to..behind]);
                }
                None => edited.extend_from_slice(&text[at..behind]),
            }
            at = behind;
        }
    }

    /// Do the hidden fields belong behind this tag?
    fn takes_fields(&self, tag: &[u8], action: Option<&[u8]>) -> bool {
        let ours = |action: &[u8]| {
            parse_url(action).is_some_and(|url| {
                is_web(url.scheme.as_deref())
                    && url.host.is_none_or(|host| self.hosts.contains(&host.to_ascii_lowercase()))
            })
        };
        match tag {
            b"form" => action.is_none_or(|action| action.is_empty() || ours(action)),
            b"fieldset" => true,
            _ => false,
        }
    }

    /// A URL with the variables.
    fn url(&self, text: &[u8]) -> Vec<u8> {
        let Some(url) = parse_url(text) else { return text.to_vec() };
        let foreign =
            url.host.as_ref().is_some_and(|host| !self.hosts.contains(&host.to_ascii_lowercase()));
        if text.starts_with(b"#") || !is_web(url.scheme.as_deref()) || foreign {
            return text.to_vec();
        }
        if url.path.is_none() && url.query.is_none() && url.fragment.is_none() {
            let slash: &[u8] = if url.host.is_some() { b"/" } else { b"" };
            return [text, slash, b"?", &self.query].concat();
        }
        let before_fragment = match &url.fragment {
            Some(_) => text.iter().position(|&b| b == b'#').unwrap_or(text.len()),
            None => text.len(),
        };
        let (start, fragment) = text.split_at(before_fragment);
        let glue = if url.query.is_some() { &self.separator[..] } else { b"?" };
        [start, glue, &self.query, fragment].concat()
    }
}

fn is_web(scheme: Option<&[u8]>) -> bool {
    scheme.is_none_or(|scheme| {
        scheme.eq_ignore_ascii_case(b"http") || scheme.eq_ignore_ascii_case(b"https")
    })
}

/// The host that the client asked for.
fn own_host(cx: &Cx) -> Option<Vec<u8>> {
    let host = cx.sapi.server_variable("HTTP_HOST")?.to_ascii_lowercase();
    let end = host.iter().position(|&b| b == b':').unwrap_or(host.len());
    Some(host[..end].to_vec())
}

/// The first position from `at` on where `class` ends; `None`: the text ends before.
fn skip(text: &[u8], at: usize, class: impl Fn(u8) -> bool) -> Option<usize> {
    text.get(at..)?.iter().position(|&b| !class(b)).map(|n| at + n)
}

/// The attribute at `at` and what is behind it; `None`: it does not end.
fn attribute(text: &[u8], at: usize) -> Option<(Attribute, usize)> {
    let end = skip(text, at, |b| b.is_ascii_alphabetic() || b == b'-')?;
    let name = (at, end);
    let equals = skip(text, end, |b| b == b' ')?;
    if text[equals] != b'=' {
        return Some((Attribute { name, value: None }, end));
    }
    let start = skip(text, equals + 1, |b| b == b' ')?;
    let quote = text[start];
    if quote == b'"' || quote == b'\'' {
        let end = skip(text, start + 1, |b| b != quote && b != b'>')?;
        if text[end] == quote {
            return Some((Attribute { name, value: Some((start + 1, end)) }, end + 1));
        }
        return Some((Attribute { name, value: None }, start + 1));
    }
    let end = skip(text, start, |b| !b" \r\n\t>'\"".contains(&b))?;
    let value = (end > start).then_some((start, end));
    Some((Attribute { name, value }, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(text: &str) -> (String, String) {
        let scanner = Scanner {
            tags: [("a", "href"), ("form", "")]
                .map(|(tag, attribute)| (tag.into(), attribute.into()))
                .to_vec(),
            hosts: vec![b"own.test".to_vec()],
            separator: b"&".to_vec(),
            query: b"k=v".to_vec(),
            fields: b"<input>".to_vec(),
        };
        let (out, rest) = scanner.rewrite(text.as_bytes());
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (text(&out), text(rest))
    }

    #[test]
    fn links_and_forms_get_the_variables() {
        for (page, expected) in [
            ("<a href='x.php?q=1#f'>", "<a href='x.php?q=1&k=v#f'>"),
            ("<A class=\"x\" HREF=\"?a=b\">", "<A class=\"x\" HREF=\"?a=b&k=v\">"),
            ("<a href=\"\"><a href><a href=\"#m\">", "<a href=\"?k=v\"><a href><a href=\"#m\">"),
            ("<a href=\"//own.test/z\">", "<a href=\"//own.test/z?k=v\">"),
            ("<a href=\"http://x.y/z\">", "<a href=\"http://x.y/z\">"),
            (
                "<form accept-charset=\"a, b\" action=u>",
                "<form accept-charset=\"a, b\" action=u><input>",
            ),
            ("<form action=\"http://e.x/\"><formx>", "<form action=\"http://e.x/\"><formx>"),
            ("1 < 2 <b href=x>", "1 < 2 <b href=x>"),
        ] {
            assert_eq!(rewritten(page), (expected.to_string(), String::new()));
        }
    }

    #[test]
    fn a_tag_waits_for_its_end() {
        assert_eq!(rewritten("x <a href=\"y"), ("x ".into(), "<a href=\"y".into()));
    }
}

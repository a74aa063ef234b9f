//! `$_SERVER`, `$_GET`, `$_POST`, `$_COOKIE`, `$_FILES`, `$_ENV`, `$_REQUEST`, `$argv` and `$argc`.

use outlast_bytecode::auto_globals;
use outlast_ext_session::UploadProgress;
use outlast_ext_standard::form::{self, array_of, too_many};
use outlast_text::query::{self, Limits, QueryArray, QueryValue, register_variable};
use outlast_text::url::urldecode;
use outlast_value::{Key, PhpArray, PhpString, Value};
use outlast_vm::sapi::BodyCut;
use outlast_vm::{Cx, Ret, Unwind, level};
use std::rc::Rc;
use std::time::{SystemTime, UNIX_EPOCH};

/// What the SAPI says about the script itself.
#[derive(Clone, Debug, Default)]
pub struct ScriptNames {
    /// The rows of `$_SERVER` behind the environment or the request's own.
    pub server: Vec<(&'static str, Vec<u8>)>,
    /// `$argv`; `None`: made from the query string, if at all.
    pub argv: Option<Vec<Vec<u8>>>,
    /// The environment is part of `$_SERVER` (command line and CGI).
    pub environment: bool,
    /// When the request came in.
    pub time: Option<SystemTime>,
}

/// Fills the global variables of a script that is about to start.
pub fn register(cx: &mut Cx, names: &ScriptNames) -> Ret<()> {
    let row = |cx: &Cx, name: &str| cx.sapi.server_variable(name).unwrap_or_default();
    let order = cx.ini.bytes("variables_order").to_ascii_uppercase();
    let wanted = |letter: u8| order.contains(&letter);
    let limits = Limits {
        variables: usize::try_from(cx.ini.int("max_input_vars")).unwrap_or(0),
        nesting: usize::try_from(cx.ini.int("max_input_nesting_level")).unwrap_or(0),
    };
    let separators = cx.ini.bytes("arg_separator.input").to_vec();

    let mut get = QueryArray::default();
    if wanted(b'G') {
        let (array, cut) = query::parse_query(&row(cx, "QUERY_STRING"), &separators, limits);
        get = array;
        if cut {
            startup_warning(cx, &too_many(limits.variables))?;
        }
    }
    let cookies = if wanted(b'C') {
        read_cookies(&row(cx, "HTTP_COOKIE"), limits)
    } else {
        QueryArray::default()
    };
    let (get, cookies) = (array_of(get), array_of(cookies));
    // The progress of an upload goes to the session that they name.
    set(cx, "_GET", get.clone());
    set(cx, "_COOKIE", cookies.clone());
    let (mut post, mut files) = (PhpArray::new(), PhpArray::new());
    if row(cx, "REQUEST_METHOD") == b"POST" {
        if cx.ini.bool("enable_post_data_reading") {
            let (kind, length) = (row(cx, "CONTENT_TYPE"), row(cx, "CONTENT_LENGTH"));
            (post, files) = read_post(cx, &kind, &length)?;
        } else {
            let received = cx.parked_in_sapi("upload", |sapi| sapi.receive_body())?;
            received.map_err(|BodyCut| Unwind::Exit)?;
        }
        if !wanted(b'P') {
            post = PhpArray::new();
        }
    }
    set(cx, "_POST", post.clone());

    let argv = match &names.argv {
        Some(argv) => Some(argv.clone()),
        None if cx.ini.bool("register_argc_argv") => {
            let query = row(cx, "QUERY_STRING");
            let words = query.split(|&b| b == b'+').map(<[u8]>::to_vec);
            Some(if query.is_empty() { Vec::new() } else { words.collect() })
        }
        None => None,
    };
    let argv = argv.map(|words| {
        let count = words.len() as i64;
        let words = words.iter().map(|word| Value::Str(PhpString::new(word))).collect();
        (PhpArray::from_list(words), count)
    });
    let late = Late { names: names.clone(), argv: argv.clone(), order, get, post, cookies };
    cx.set_auto_globals(Rc::new(move |cx, which| late.make(cx, which)));
    if !cx.ini.bool("auto_globals_jit") {
        cx.use_auto_globals(auto_globals::ALL);
    }
    set(cx, "_FILES", files);
    if let Some((argv, argc)) = argv {
        set(cx, "argv", argv);
        cx.set_global("argc", Value::Int(argc));
    }
    if cx.sapi.name() == "cli" {
        // Always there, as with PHP's own command line.
        cx.use_auto_globals(auto_globals::SERVER);
    }
    Ok(())
}

/// What the variables are made of that code makes by naming them (`auto_globals_jit`).
struct Late {
    names: ScriptNames,
    argv: Option<(PhpArray, i64)>,
    /// `variables_order`
    order: Vec<u8>,
    get: PhpArray,
    post: PhpArray,
    cookies: PhpArray,
}

impl Late {
    fn make(&self, cx: &mut Cx, which: u8) {
        let wanted = |letter: u8| self.order.contains(&letter);
        if which & auto_globals::SERVER != 0 {
            let server = if wanted(b'S') {
                server_array(&self.names, &cx.sapi.server_variables(), self.argv.clone())
            } else {
                PhpArray::new()
            };
            set(cx, "_SERVER", server);
        }
        if which & auto_globals::ENV != 0 {
            set(cx, "_ENV", if wanted(b'E') { environment() } else { PhpArray::new() });
        }
        if which & auto_globals::REQUEST != 0 {
            let request = request_array(cx, &self.order, &self.get, &self.post, &self.cookies);
            set(cx, "_REQUEST", request);
        }
    }
}

fn set(cx: &mut Cx, name: &str, array: PhpArray) {
    cx.set_global(name, Value::Array(array));
}

/// A warning before the script's first line.
fn startup_warning(cx: &mut Cx, message: &str) -> Ret<()> {
    cx.raise(level::WARNING, format!("PHP Request Startup: {message}"))
}

/// `$_POST` and `$_FILES`. A script whose client leaves in the middle of the body does not start.
fn read_post(cx: &mut Cx, content_type: &[u8], content_length: &[u8]) -> Ret<(PhpArray, PhpArray)> {
    if !form::is_form(content_type) {
        return Ok((PhpArray::new(), PhpArray::new()));
    }
    let options = form::Options::new(cx);
    let mut progress = UploadProgress::default();
    let form = form::read(cx, content_type, content_length, &options, &mut progress)?;
    for complaint in form.complaints {
        startup_warning(cx, &complaint)?;
    }
    Ok((form.post, form.files))
}

fn read_cookies(header: &[u8], limits: Limits) -> QueryArray {
    let mut cookies = QueryArray::default();
    for pair in header.split(|&b| b == b';').take(limits.variables) {
        let pair = pair.trim_ascii_start();
        let (name, value) = match pair.iter().position(|&b| b == b'=') {
            Some(at) => (&pair[..at], urldecode(pair[at + 1..].trim_ascii())),
            None => (pair, Vec::new()),
        };
        if name.is_empty() {
            continue;
        }
        // The first of several cookies of a name is the most specific one.
        let mut alone = QueryArray::default();
        register_variable(&mut alone, name, value.clone(), limits.nesting);
        let plain = matches!(alone.entries(), [(_, QueryValue::Text(_))]);
        let taken = alone
            .entries()
            .first()
            .is_some_and(|(key, _)| cookies.entries().iter().any(|(known, _)| known == key));
        if !(plain && taken) {
            register_variable(&mut cookies, name, value, limits.nesting);
        }
    }
    cookies
}

fn request_array(
    cx: &Cx,
    variables_order: &[u8],
    get: &PhpArray,
    post: &PhpArray,
    cookies: &PhpArray,
) -> PhpArray {
    let order = cx.ini.bytes("request_order").to_ascii_uppercase();
    let order = if order.is_empty() { variables_order.to_vec() } else { order };
    let mut request = PhpArray::new();
    for letter in order {
        let from = match letter {
            b'G' => get,
            b'P' => post,
            b'C' => cookies,
            _ => continue,
        };
        merge(&mut request, from);
    }
    request
}

/// Later values win; arrays of the same name become one.
fn merge(into: &mut PhpArray, from: &PhpArray) {
    for (key, value) in from.iter() {
        let value = value.clone();
        match (into.get_mut(&key), &value) {
            (Some(Value::Array(old)), Value::Array(new)) => merge(old, new),
            _ => {
                into.insert(key, value);
            }
        }
    }
}

fn server_array(
    names: &ScriptNames,
    rows: &[(PhpString, PhpString)],
    argv: Option<(PhpArray, i64)>,
) -> PhpArray {
    let mut server = if names.environment { environment() } else { PhpArray::new() };
    let mut put = |name: &[u8], value: Value| {
        server.insert(Key::from_bytes(name), value);
    };
    for (name, value) in rows {
        put(name.as_bytes(), Value::Str(value.clone()));
    }
    for (name, value) in &names.server {
        put(name.as_bytes(), Value::Str(PhpString::new(value)));
    }
    let find = |name: &[u8]| rows.iter().find(|(key, _)| key.as_bytes() == name).map(|(_, v)| v);
    if let Some((user, password)) = find(b"HTTP_AUTHORIZATION").and_then(|v| basic_auth(v)) {
        put(b"PHP_AUTH_USER", Value::Str(PhpString::new(&user)));
        put(b"PHP_AUTH_PW", Value::Str(PhpString::new(&password)));
    }
    if let Some(digest) = find(b"HTTP_AUTHORIZATION").and_then(|v| v.strip_prefix(b"Digest ")) {
        put(b"PHP_AUTH_DIGEST", Value::Str(PhpString::new(digest)));
    }
    let time = names.time.unwrap_or_else(SystemTime::now);
    let time = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    // PHP counts microseconds.
    let micros = time.as_micros() as f64 / 1e6;
    put(b"REQUEST_TIME_FLOAT", Value::Float(micros));
    put(b"REQUEST_TIME", Value::Int(time.as_secs() as i64));
    if let Some((argv, argc)) = argv {
        put(b"argv", Value::Array(argv));
        put(b"argc", Value::Int(argc));
    }
    server
}

fn environment() -> PhpArray {
    let mut array = PhpArray::new();
    for (name, value) in outlast_host::system::environment() {
        array.insert(Key::from_bytes(&name), Value::Str(PhpString::new(&value)));
    }
    array
}

/// User and password of an `Authorization: Basic` header.
fn basic_auth(header: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let (scheme, encoded) = header.split_at_checked(6)?;
    if !scheme.eq_ignore_ascii_case(b"Basic ") {
        return None;
    }
    let text = base64(encoded.trim_ascii())?;
    let colon = text.iter().position(|&b| b == b':')?;
    Some((text[..colon].to_vec(), text[colon + 1..].to_vec()))
}

fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (mut bits, mut count) = (0u32, 0);
    for &byte in text.iter().take_while(|&&byte| byte != b'=') {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(digit);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_cookie_of_a_name_wins() {
        let cookies = read_cookies(b"a=1; a=2; b[x]=3; b[y]=%204; c", Limits::default());
        let array = array_of(cookies);
        let text = |v: Option<&Value>| v.and_then(|v| v.as_str().map(|s| s.to_vec()));
        assert_eq!(text(array.get(&Key::from_bytes(b"a"))), Some(b"1".to_vec()));
        let Some(Value::Array(b)) = array.get(&Key::from_bytes(b"b")) else { panic!() };
        assert_eq!(b.len(), 2);
        assert_eq!(array.len(), 3);
    }

    #[test]
    fn basic_credentials_are_taken_apart() {
        assert_eq!(basic_auth(b"Basic dTpwOnE="), Some((b"u".to_vec(), b"p:q".to_vec())));
        assert_eq!(basic_auth(b"Bearer x"), None);
    }

    #[test]
    fn arrays_of_one_name_merge() {
        let (get, _) = query::parse_query(b"a[x]=1&b=1", b"&", Limits::default());
        let (post, _) = query::parse_query(b"a[y]=2&b=2", b"&", Limits::default());
        let mut into = array_of(get);
        merge(&mut into, &array_of(post));
        let Some(Value::Array(a)) = into.get(&Key::from_bytes(b"a")) else { panic!() };
        assert_eq!(a.len(), 2);
    }
}

//! `$_SERVER`, `$_GET`, `$_POST`, `$_COOKIE`, `$_FILES`, `$_ENV`, `$_REQUEST`, `$argv` and `$argc`.

use crate::multipart::{self, Upload, UploadRules};
use outlast_bytecode::auto_globals;
use outlast_text::query::{self, Limits, QueryArray, QueryValue, register_variable};
use outlast_text::url::urldecode;
use outlast_value::{Key, PhpArray, PhpString, Value};
use outlast_vm::ini::parse_bool;
use outlast_vm::uploads::UploadedFiles;
use outlast_vm::{Cx, Ret, level};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
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
            too_many(cx, limits)?;
        }
    }
    let mut post = QueryArray::default();
    let mut files = PhpArray::new();
    if row(cx, "REQUEST_METHOD") == b"POST" && cx.ini.bool("enable_post_data_reading") {
        let kind = row(cx, "CONTENT_TYPE");
        let length = row(cx, "CONTENT_LENGTH");
        (post, files) = read_post(cx, &kind, &length, limits)?;
        if !wanted(b'P') {
            post = QueryArray::default();
        }
    }
    let cookies = if wanted(b'C') {
        read_cookies(&row(cx, "HTTP_COOKIE"), limits)
    } else {
        QueryArray::default()
    };

    let (get, post, cookies) = (array_of(get), array_of(post), array_of(cookies));
    set(cx, "_GET", get.clone());
    set(cx, "_POST", post.clone());
    set(cx, "_COOKIE", cookies.clone());

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

fn too_many(cx: &mut Cx, limits: Limits) -> Ret<()> {
    startup_warning(
        cx,
        &format!(
            "Input variables exceeded {}. To increase the limit change max_input_vars in php.ini.",
            limits.variables
        ),
    )
}

/// A warning before the script's first line.
fn startup_warning(cx: &mut Cx, message: &str) -> Ret<()> {
    cx.raise(level::WARNING, format!("PHP Request Startup: {message}"))
}

fn read_post(
    cx: &mut Cx,
    content_type: &[u8],
    content_length: &[u8],
    limits: Limits,
) -> Ret<(QueryArray, PhpArray)> {
    let nothing = (QueryArray::default(), PhpArray::new());
    let max = cx.ini.int("post_max_size");
    let length = std::str::from_utf8(content_length).ok().and_then(|text| text.trim().parse().ok());
    let length: i64 = length.unwrap_or(0);
    let essence = content_type.split(|b| b";, ".contains(b)).next().unwrap_or_default();
    let essence = essence.to_ascii_lowercase();
    let multipart = essence == b"multipart/form-data";
    if !multipart && essence != b"application/x-www-form-urlencoded" {
        return Ok(nothing);
    }
    if max > 0 && length > max {
        startup_warning(
            cx,
            &format!("POST Content-Length of {length} bytes exceeds the limit of {max} bytes"),
        )?;
        return Ok(nothing);
    }
    if !multipart {
        let body = cx.sapi.body();
        let (post, cut) = query::parse_query(&body, b"&", limits);
        if cut {
            too_many(cx, limits)?;
        }
        return Ok((post, PhpArray::new()));
    }
    let boundary = match multipart::boundary(content_type) {
        Ok(boundary) => boundary,
        Err(message) => {
            startup_warning(cx, message)?;
            return Ok(nothing);
        }
    };
    let body = cx.sapi.body();
    let form = multipart::read_form(&body, &boundary, &upload_rules(cx));
    drop(body);
    let mut post = QueryArray::default();
    for (at, (name, value)) in form.fields.into_iter().enumerate() {
        if at >= limits.variables {
            too_many(cx, limits)?;
            break;
        }
        register_variable(&mut post, &name, value, limits.nesting);
    }
    let stored = form.uploads.iter().filter(|upload| !upload.tmp_name.is_empty());
    let stored: Vec<Vec<u8>> = stored.map(|upload| upload.tmp_name.clone()).collect();
    cx.state::<UploadedFiles>().0.extend(stored);
    let files = files_array(form.uploads, limits.nesting);
    for warning in form.warnings {
        startup_warning(cx, &warning)?;
    }
    Ok((post, files))
}

fn upload_rules(cx: &Cx) -> UploadRules {
    let count = |name: &str| usize::try_from(cx.ini.int(name)).unwrap_or(0);
    let folder = ["upload_tmp_dir", "sys_temp_dir"]
        .map(|name| cx.ini.bytes(name).to_vec())
        .into_iter()
        .find(|folder| !folder.is_empty());
    let max_parts = cx.ini.int("max_multipart_body_parts");
    UploadRules {
        enabled: parse_bool(cx.ini.bytes("file_uploads")),
        max_files: count("max_file_uploads"),
        max_size: u64::try_from(cx.ini.int("upload_max_filesize")).unwrap_or(0),
        max_parts: match usize::try_from(max_parts) {
            Ok(parts) => parts,
            Err(_) => count("max_input_vars") + count("max_file_uploads"),
        },
        folder: match folder {
            Some(folder) => OsStr::from_bytes(&folder).into(),
            None => std::env::temp_dir(),
        },
    }
}

/// `$_FILES`: each property of an upload stands under the field's name, brackets behind it.
fn files_array(uploads: Vec<Upload>, nesting: usize) -> PhpArray {
    let mut tree = QueryArray::default();
    for upload in uploads {
        let bracket = upload.field.iter().position(|&b| b == b'[').unwrap_or(upload.field.len());
        let (base, indexes) = upload.field.split_at(bracket);
        let mut put = |property: &str, value: Vec<u8>| {
            let name = [base, b"[", property.as_bytes(), b"]", indexes].concat();
            register_variable(&mut tree, &name, value, nesting);
        };
        put("name", upload.name);
        put("full_path", upload.full_path);
        put("type", upload.kind);
        put("tmp_name", upload.tmp_name);
        put("error", upload.error.to_string().into_bytes());
        put("size", upload.size.to_string().into_bytes());
    }
    let mut files = PhpArray::new();
    for (field, properties) in tree.into_entries() {
        let QueryValue::Array(properties) = properties else { continue };
        let mut row = PhpArray::new();
        for (property, value) in properties.into_entries() {
            let is_int =
                matches!(&property, query::Key::Text(name) if name == b"error" || name == b"size");
            row.insert(key_of(property), if is_int { ints_of(value) } else { value_of(value) });
        }
        files.insert(key_of(field), Value::Array(row));
    }
    files
}

fn ints_of(value: QueryValue) -> Value {
    match value {
        QueryValue::Text(text) => {
            Value::Int(String::from_utf8_lossy(&text).parse().unwrap_or_default())
        }
        QueryValue::Array(array) => {
            let mut out = PhpArray::new();
            for (key, value) in array.into_entries() {
                out.insert(key_of(key), ints_of(value));
            }
            Value::Array(out)
        }
    }
}

fn key_of(key: query::Key) -> Key {
    match key {
        query::Key::Int(int) => Key::Int(int),
        query::Key::Text(text) => Key::Str(PhpString::new(&text)),
    }
}

fn value_of(value: QueryValue) -> Value {
    match value {
        QueryValue::Text(text) => Value::Str(PhpString::new(&text)),
        QueryValue::Array(array) => Value::Array(array_of(array)),
    }
}

fn array_of(array: QueryArray) -> PhpArray {
    let mut out = PhpArray::new();
    for (key, value) in array.into_entries() {
        out.insert(key_of(key), value_of(value));
    }
    out
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

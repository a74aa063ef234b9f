//! `phpinfo()` and the system's log.

use outlast_value::{PhpString, Value};
use outlast_vm::{Cx, Ret};

mod info_stub;
pub use info_stub::MODULE;

const GENERAL: i64 = 1;
const CONFIGURATION: i64 = 4;
const MODULES: i64 = 8;
const ENVIRONMENT: i64 = 16;
const VARIABLES: i64 = 32;

/// `phpinfo()`, as text.
pub fn phpinfo(cx: &mut Cx, flags: i64) -> Ret<bool> {
    let mut out: Vec<u8> = b"phpinfo()\n".to_vec();
    let row = |out: &mut Vec<u8>, name: &[u8], value: &[u8]| {
        out.extend_from_slice(&[name, b" => ", value, b"\n"].concat());
    };
    if flags & GENERAL != 0 {
        let version = cx.global_constant(b"PHP_VERSION").unwrap_or_default();
        let version = cx.to_str(&version)?;
        row(&mut out, b"PHP Version", &version);
        out.push(b'\n');
        let system = crate::general::system::php_uname(cx, &"a".into())?;
        row(&mut out, b"System", system.as_bytes());
        row(&mut out, b"Server API", cx.sapi.name().as_bytes());
        out.push(b'\n');
    }
    if flags & (CONFIGURATION | MODULES) != 0 {
        let mut extension = "";
        let mut rows = cx.ini.all();
        rows.sort_by_key(|r| r.extension);
        for entry in rows {
            if entry.extension != extension {
                extension = entry.extension;
                out.extend_from_slice(format!("\n{extension}\n\n").as_bytes());
                row(&mut out, b"Directive", b"Local Value => Master Value");
            }
            let shown = |value: Option<PhpString>| {
                value.filter(|v| !v.is_empty()).unwrap_or_else(|| "no value".into())
            };
            let both = [&shown(entry.local)[..], b" => ", &shown(entry.global)].concat();
            row(&mut out, entry.name.as_bytes(), &both);
        }
    }
    if flags & ENVIRONMENT != 0 {
        out.extend_from_slice(b"\nEnvironment\n\n");
        row(&mut out, b"Variable", b"Value");
        for (name, value) in crate::general::environment::all(cx) {
            row(&mut out, &name, &value);
        }
    }
    if flags & VARIABLES != 0 {
        out.extend_from_slice(b"\nPHP Variables\n\n");
        row(&mut out, b"Variable", b"Value");
        cx.use_auto_globals(outlast_bytecode::auto_globals::SERVER);
        for name in ["_GET", "_POST", "_COOKIE", "_SERVER"] {
            let Some(Value::Array(array)) = cx.global(name.as_bytes()).map(|r| r.get()) else {
                continue;
            };
            for (key, value) in array.iter() {
                let key = cx.to_str(&key.to_value())?;
                let value = match value.deref() {
                    Value::Array(_) => "Array".into(),
                    value => cx.to_str(&value)?,
                };
                let name = [b"$", name.as_bytes(), b"['", &key[..], b"']"].concat();
                row(&mut out, &name, &value);
            }
        }
    }
    cx.echo(&out)?;
    Ok(true)
}

/// What `openlog()` set.
#[derive(Default)]
struct Log {
    prefix: Vec<u8>,
}

/// `openlog()`
pub fn openlog(cx: &mut Cx, prefix: &PhpString, _flags: i64, _facility: i64) -> Ret<bool> {
    cx.state::<Log>().prefix = prefix.to_vec();
    Ok(true)
}

/// `closelog()`
pub fn closelog(cx: &mut Cx) -> Ret<bool> {
    cx.state::<Log>().prefix.clear();
    Ok(true)
}

/// `syslog()`: the line goes to the server's log.
pub fn syslog(cx: &mut Cx, _priority: i64, message: &PhpString) -> Ret<bool> {
    let prefix = cx.state::<Log>().prefix.clone();
    let line =
        if prefix.is_empty() { message.to_vec() } else { [&prefix[..], b": ", message].concat() };
    cx.sapi.log(&line);
    Ok(true)
}

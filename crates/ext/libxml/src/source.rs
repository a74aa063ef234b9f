//! Files, read and written through PHP's streams.

use crate::ErrorList;
use outlast_ext_standard::stream::{Opened, open};
use outlast_vm::{Cx, Ret};

/// All of a file; `None` without a word if it cannot be opened.
pub fn read(cx: &mut Cx, path: &[u8]) -> Ret<Option<Vec<u8>>> {
    let context = cx.state::<ErrorList>().context.clone();
    let how = Opened { quiet: true, context: context.as_ref(), ..Opened::default() };
    let Some(stream) = open(cx, local(path), b"rb", how)? else { return Ok(None) };
    let bytes = stream.contents(cx, None)?;
    stream.close(cx)?;
    Ok(Some(bytes))
}

/// Writes a file; `None` behind a warning.
pub fn write(cx: &mut Cx, path: &[u8], bytes: &[u8]) -> Ret<Option<usize>> {
    let context = cx.state::<ErrorList>().context.clone();
    let how = Opened { context: context.as_ref(), ..Opened::default() };
    let Some(stream) = open(cx, local(path), b"wb", how)? else { return Ok(None) };
    stream.write(cx, bytes)?;
    stream.close(cx)?;
    Ok(Some(bytes.len()))
}

fn local(path: &[u8]) -> &[u8] {
    match path.strip_prefix(b"file://localhost/") {
        Some(rest) => &path[path.len() - rest.len() - 1..],
        None => path,
    }
}

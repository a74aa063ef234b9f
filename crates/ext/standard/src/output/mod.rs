//! Output buffers and headers (manual: book.outcontrol, header).

pub mod headers;
pub mod rewrite;

use outlast_value::{PhpArray, PhpString, Value};
use outlast_vm::{Cx, OrFalse, Ret};

mod output_stub;
pub use output_stub::MODULE;

/// `ob_start()`
pub fn ob_start(cx: &mut Cx, callback: &Value, chunk_size: i64, flags: i64) -> Ret<bool> {
    let callback = (!callback.is_null()).then(|| callback.clone());
    cx.ob_start(callback, chunk_size, flags)
}
/// `ob_flush()`
pub fn ob_flush(cx: &mut Cx) -> Ret<bool> {
    cx.ob_flush()
}
/// `ob_clean()`
pub fn ob_clean(cx: &mut Cx) -> Ret<bool> {
    cx.ob_clean()
}
/// `ob_end_flush()`
pub fn ob_end_flush(cx: &mut Cx) -> Ret<bool> {
    cx.ob_end_flush()
}
/// `ob_end_clean()`
pub fn ob_end_clean(cx: &mut Cx) -> Ret<bool> {
    cx.ob_end_clean()
}
/// `ob_get_flush()`
pub fn ob_get_flush(cx: &mut Cx) -> Ret<OrFalse<PhpString>> {
    cx.ob_get_flush().map(OrFalse)
}
/// `ob_get_clean()`
pub fn ob_get_clean(cx: &mut Cx) -> Ret<OrFalse<PhpString>> {
    cx.ob_get_clean().map(OrFalse)
}
/// `ob_get_contents()`
pub fn ob_get_contents(cx: &mut Cx) -> Ret<OrFalse<PhpString>> {
    Ok(OrFalse(cx.ob_get_contents()))
}
/// `ob_get_level()`
pub fn ob_get_level(cx: &mut Cx) -> Ret<usize> {
    Ok(cx.ob_get_level())
}
/// `ob_get_length()`
pub fn ob_get_length(cx: &mut Cx) -> Ret<OrFalse<usize>> {
    Ok(OrFalse(cx.ob_get_length()))
}
/// `ob_list_handlers()`
pub fn ob_list_handlers(cx: &mut Cx) -> Ret<PhpArray> {
    Ok(cx.ob_list_handlers())
}
/// `ob_get_status()`
pub fn ob_get_status(cx: &mut Cx, full_status: bool) -> Ret<PhpArray> {
    Ok(cx.ob_get_status(full_status))
}
/// `ob_implicit_flush()`
pub fn ob_implicit_flush(cx: &mut Cx, enable: bool) -> Ret<()> {
    cx.ob_implicit_flush(enable);
    Ok(())
}

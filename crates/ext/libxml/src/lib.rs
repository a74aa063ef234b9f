//! `libxml`: errors of the parsers, and what the extensions over one tree share.

pub mod document;
mod errors;
#[rustfmt::skip]
mod libxml_stub;
pub mod options;
pub mod source;

pub use document::{Document, NodeData};
pub use errors::{ErrorList, raise_io_error, report, report_plain};

use outlast_value::{Object, PhpArray, Value};
use outlast_vm::native::NativeModule;
use outlast_vm::{Cx, OrFalse, Ret};

/// What this extension defines.
pub static MODULES: &[&NativeModule] = &[&libxml_stub::MODULE];

fn libxml_set_streams_context(cx: &mut Cx, context: &Value) -> Ret<()> {
    let context = outlast_ext_standard::stream::context::context_arg(cx, 1, Some(context))?;
    cx.state::<ErrorList>().context = Some(context);
    Ok(())
}

fn libxml_use_internal_errors(cx: &mut Cx, use_errors: Option<bool>) -> Ret<bool> {
    let list = cx.state::<ErrorList>();
    let before = list.keep;
    if let Some(keep) = use_errors {
        list.keep = keep;
        if !keep {
            list.kept.clear();
        }
    }
    Ok(before)
}

fn libxml_get_last_error(cx: &mut Cx) -> Ret<OrFalse<Object>> {
    match cx.state::<ErrorList>().last.clone() {
        Some(last) => Ok(OrFalse(Some(errors::object(cx, &last)?))),
        None => Ok(OrFalse(None)),
    }
}

fn libxml_get_errors(cx: &mut Cx) -> Ret<PhpArray> {
    let kept = cx.state::<ErrorList>().kept.clone();
    let mut out = Vec::with_capacity(kept.len());
    for error in &kept {
        out.push(Value::Object(errors::object(cx, error)?));
    }
    Ok(PhpArray::from_list(out))
}

fn libxml_clear_errors(cx: &mut Cx) -> Ret<()> {
    let list = cx.state::<ErrorList>();
    list.kept.clear();
    list.last = None;
    Ok(())
}

fn libxml_disable_entity_loader(cx: &mut Cx, disable: bool) -> Ret<bool> {
    Ok(std::mem::replace(&mut cx.state::<ErrorList>().entities_disabled, disable))
}

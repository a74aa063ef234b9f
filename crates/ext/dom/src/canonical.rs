//! Canonical XML of nodes.

use crate::place;
use outlast_ext_libxml::source;
use outlast_value::{Object, PhpArray, PhpString};
use outlast_vm::{Cx, OrFalse, Ret};
use outlast_xml::canonical::{Canonical, canonical};

fn text(
    cx: &mut Cx,
    this: &Object,
    how: Canonical,
    xpath: Option<&PhpArray>,
    prefixes: Option<&PhpArray>,
) -> Ret<Vec<u8>> {
    if xpath.is_some() || prefixes.is_some_and(|p| !p.is_empty()) {
        let what = "Canonical XML of chosen nodes or with chosen prefixes is not supported";
        return Err(cx.throw_error(what));
    }
    let (document, id) = place(cx, this)?;
    let tree = document.tree.borrow();
    Ok(canonical(&tree, id, how))
}

pub fn dom_node_c14_n(
    cx: &mut Cx,
    this: &Object,
    exclusive: bool,
    comments: bool,
    xpath: Option<PhpArray>,
    prefixes: Option<PhpArray>,
) -> Ret<OrFalse<PhpString>> {
    let how = Canonical { exclusive, comments };
    let text = text(cx, this, how, xpath.as_ref(), prefixes.as_ref())?;
    Ok(OrFalse(Some(PhpString::new(&text))))
}

pub fn dom_node_c14_n_file(
    cx: &mut Cx,
    this: &Object,
    path: &PhpString,
    exclusive: bool,
    comments: bool,
    xpath: Option<PhpArray>,
    prefixes: Option<PhpArray>,
) -> Ret<OrFalse<i64>> {
    let how = Canonical { exclusive, comments };
    let text = text(cx, this, how, xpath.as_ref(), prefixes.as_ref())?;
    Ok(OrFalse(source::write(cx, path, &text)?.map(|n| n as i64)))
}

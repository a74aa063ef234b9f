//! Elements by name.

use crate::lists::{Source, list};
use crate::place;
use outlast_value::{Object, PhpString, Value};
use outlast_vm::{Cx, Ret};

fn named(
    cx: &mut Cx,
    this: &Object,
    ns: Option<Option<&PhpString>>,
    name: &PhpString,
) -> Ret<Value> {
    let (document, below) = place(cx, this)?;
    let ns = ns.map(|ns| ns.map(|n| n.to_vec()));
    list(cx, &document, Source::Named { below, ns, name: name.to_vec() })
}

pub fn dom_element_get_elements_by_tag_name(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
) -> Ret<Value> {
    named(cx, this, None, name)
}

pub fn dom_element_get_elements_by_tag_name_ns(
    cx: &mut Cx,
    this: &Object,
    ns: Option<&PhpString>,
    name: &PhpString,
) -> Ret<Value> {
    named(cx, this, Some(ns), name)
}

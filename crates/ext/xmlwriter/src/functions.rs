//! The functions; methods share their bodies.

use crate::writer::{Open, Writer};
use outlast_value::{Object, ObjectData, PhpString, Value};
use outlast_vm::{ClassRef, Cx, Ret};
use outlast_xml::{chars, encoding};
use std::cell::RefCell;

struct WriterData(RefCell<Writer>);

impl ObjectData for WriterData {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

fn with<T>(cx: &mut Cx, this: &Object, work: impl FnOnce(&mut Writer) -> T) -> Ret<T> {
    match this.data::<WriterData>() {
        Some(data) => Ok(work(&mut data.0.borrow_mut())),
        None => Err(cx.throw_error("Invalid or uninitialized XMLWriter object")),
    }
}

fn bytes(s: Option<&PhpString>) -> Option<&[u8]> {
    s.map(|s| s.as_bytes())
}

fn check(cx: &mut Cx, n: usize, name: &[u8], what: &str) -> Ret<()> {
    if chars::is_name(name) {
        return Ok(());
    }
    let shown = String::from_utf8_lossy(name);
    Err(cx.arg_value_error(n, &format!("must be a valid {what}, \"{shown}\" given")))
}

fn qualified(prefix: Option<&PhpString>, name: &[u8]) -> Vec<u8> {
    match bytes(prefix) {
        Some(prefix) => [prefix, b":", name].concat(),
        None => name.to_vec(),
    }
}

pub fn xmlwriter_open_memory(cx: &mut Cx) -> Ret<Object> {
    let class = cx.class(b"XMLWriter").expect("it is declared here");
    let object = cx.instantiate(class)?;
    object.set_data(Box::new(WriterData(RefCell::new(Writer::new()))));
    Ok(object)
}

pub fn xml_writer_open_memory(_cx: &mut Cx, this: &Object) -> Ret<bool> {
    this.set_data(Box::new(WriterData(RefCell::new(Writer::new()))));
    Ok(true)
}

pub fn xml_writer_to_memory(cx: &mut Cx, called: Option<ClassRef>) -> Ret<Object> {
    let class = called.or_else(|| cx.class(b"XMLWriter")).expect("it is declared here");
    let object = cx.instantiate(class)?;
    xml_writer_open_memory(cx, &object)?;
    Ok(object)
}

pub fn xmlwriter_set_indent(cx: &mut Cx, this: &Object, enable: bool) -> Ret<bool> {
    with(cx, this, |w| w.indent = enable)?;
    Ok(true)
}

pub fn xmlwriter_set_indent_string(cx: &mut Cx, this: &Object, text: &PhpString) -> Ret<bool> {
    with(cx, this, |w| w.indent_text = text.to_vec())?;
    Ok(true)
}

pub fn xmlwriter_start_comment(cx: &mut Cx, this: &Object) -> Ret<bool> {
    with(cx, this, |w| w.start_markup(b"<!--", Open::Comment))
}

pub fn xmlwriter_end_comment(cx: &mut Cx, this: &Object) -> Ret<bool> {
    with(cx, this, |w| w.end_markup(b"-->", |o| *o == Open::Comment))
}

pub fn xmlwriter_write_comment(cx: &mut Cx, this: &Object, text: &PhpString) -> Ret<bool> {
    Ok(xmlwriter_start_comment(cx, this)?
        && with(cx, this, |w| w.text(text, true))?
        && xmlwriter_end_comment(cx, this)?)
}

pub fn xmlwriter_start_attribute(cx: &mut Cx, this: &Object, name: &PhpString) -> Ret<bool> {
    check(cx, 2, name, "attribute name")?;
    with(cx, this, |w| w.start_attribute(name))
}

pub fn xmlwriter_end_attribute(cx: &mut Cx, this: &Object) -> Ret<bool> {
    with(cx, this, Writer::end_attribute)
}

pub fn xmlwriter_write_attribute(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
    value: &PhpString,
) -> Ret<bool> {
    Ok(xmlwriter_start_attribute(cx, this, name)?
        && with(cx, this, |w| w.text(value, false) && w.end_attribute())?)
}

/// Notes the declaration of a namespace, to be written with the attributes.
fn declare_namespace(w: &mut Writer, prefix: Option<&PhpString>, ns: Option<&PhpString>) {
    let Some(ns) = ns else { return };
    let declared = match bytes(prefix) {
        Some(prefix) => [b"xmlns:".as_slice(), prefix].concat(),
        None => b"xmlns".to_vec(),
    };
    w.declared.push((declared, ns.to_vec()));
}

pub fn xmlwriter_start_attribute_ns(
    cx: &mut Cx,
    this: &Object,
    prefix: Option<&PhpString>,
    name: &PhpString,
    ns: Option<&PhpString>,
) -> Ret<bool> {
    check(cx, 3, name, "attribute name")?;
    with(cx, this, |w| {
        let started = w.start_attribute(&qualified(prefix, name));
        if started {
            declare_namespace(w, prefix, ns);
        }
        started
    })
}

pub fn xmlwriter_write_attribute_ns(
    cx: &mut Cx,
    this: &Object,
    prefix: Option<&PhpString>,
    name: &PhpString,
    ns: Option<&PhpString>,
    value: &PhpString,
) -> Ret<bool> {
    Ok(xmlwriter_start_attribute_ns(cx, this, prefix, name, ns)?
        && with(cx, this, |w| w.text(value, false) && w.end_attribute())?)
}

pub fn xmlwriter_start_element(cx: &mut Cx, this: &Object, name: &PhpString) -> Ret<bool> {
    check(cx, 2, name, "element name")?;
    with(cx, this, |w| w.start_element(name))
}

pub fn xmlwriter_end_element(cx: &mut Cx, this: &Object) -> Ret<bool> {
    with(cx, this, |w| w.end_element(false))
}

pub fn xmlwriter_full_end_element(cx: &mut Cx, this: &Object) -> Ret<bool> {
    with(cx, this, |w| w.end_element(true))
}

pub fn xmlwriter_start_element_ns(
    cx: &mut Cx,
    this: &Object,
    prefix: Option<&PhpString>,
    name: &PhpString,
    ns: Option<&PhpString>,
) -> Ret<bool> {
    check(cx, 3, name, "element name")?;
    with(cx, this, |w| {
        let started = w.start_element(&qualified(prefix, name));
        if started {
            declare_namespace(w, prefix, ns);
        }
        started
    })
}

fn content_and_end(cx: &mut Cx, this: &Object, content: Option<&PhpString>) -> Ret<bool> {
    with(cx, this, |w| {
        if let Some(content) = content {
            w.text(content, false);
        }
        w.end_element(false)
    })
}

pub fn xmlwriter_write_element(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
    content: Option<&PhpString>,
) -> Ret<bool> {
    Ok(xmlwriter_start_element(cx, this, name)? && content_and_end(cx, this, content)?)
}

pub fn xmlwriter_write_element_ns(
    cx: &mut Cx,
    this: &Object,
    prefix: Option<&PhpString>,
    name: &PhpString,
    ns: Option<&PhpString>,
    content: Option<&PhpString>,
) -> Ret<bool> {
    Ok(xmlwriter_start_element_ns(cx, this, prefix, name, ns)?
        && content_and_end(cx, this, content)?)
}

pub fn xmlwriter_start_pi(cx: &mut Cx, this: &Object, target: &PhpString) -> Ret<bool> {
    check(cx, 2, target, "PI target")?;
    let begin = [b"<?", target.as_bytes()].concat();
    with(cx, this, |w| w.start_markup(&begin, Open::Pi { has_data: false }))
}

pub fn xmlwriter_end_pi(cx: &mut Cx, this: &Object) -> Ret<bool> {
    with(cx, this, |w| w.end_markup(b"?>", |o| matches!(o, Open::Pi { .. })))
}

pub fn xmlwriter_write_pi(
    cx: &mut Cx,
    this: &Object,
    target: &PhpString,
    content: &PhpString,
) -> Ret<bool> {
    Ok(xmlwriter_start_pi(cx, this, target)?
        && with(cx, this, |w| w.text(content, true))?
        && xmlwriter_end_pi(cx, this)?)
}

pub fn xmlwriter_start_cdata(cx: &mut Cx, this: &Object) -> Ret<bool> {
    with(cx, this, |w| w.start_markup(b"<![CDATA[", Open::CData))
}

pub fn xmlwriter_end_cdata(cx: &mut Cx, this: &Object) -> Ret<bool> {
    with(cx, this, |w| w.end_markup(b"]]>", |o| *o == Open::CData))
}

pub fn xmlwriter_write_cdata(cx: &mut Cx, this: &Object, content: &PhpString) -> Ret<bool> {
    Ok(xmlwriter_start_cdata(cx, this)?
        && with(cx, this, |w| w.text(content, true))?
        && xmlwriter_end_cdata(cx, this)?)
}

pub fn xmlwriter_text(cx: &mut Cx, this: &Object, content: &PhpString) -> Ret<bool> {
    with(cx, this, |w| w.text(content, false))
}

pub fn xmlwriter_write_raw(cx: &mut Cx, this: &Object, content: &PhpString) -> Ret<bool> {
    with(cx, this, |w| w.text(content, true))
}

pub fn xmlwriter_start_document(
    cx: &mut Cx,
    this: &Object,
    version: Option<&PhpString>,
    label: Option<&PhpString>,
    standalone: Option<&PhpString>,
) -> Ret<bool> {
    if let Some(label) = label
        && !encoding::known(label)
    {
        return Ok(false);
    }
    with(cx, this, |w| {
        if !w.open.is_empty() {
            return false;
        }
        let mut put = |name: &str, value: &[u8]| {
            w.out.extend_from_slice(name.as_bytes());
            w.out.extend_from_slice(value);
            w.out.push(b'"');
        };
        put("<?xml version=\"", bytes(version).unwrap_or(b"1.0"));
        if let Some(label) = label {
            put(" encoding=\"", label);
        }
        if let Some(standalone) = standalone {
            put(" standalone=\"", standalone);
        }
        w.out.extend_from_slice(b"?>\n");
        true
    })
}

pub fn xmlwriter_end_document(cx: &mut Cx, this: &Object) -> Ret<bool> {
    with(cx, this, Writer::end_document)?;
    Ok(true)
}

pub fn xmlwriter_start_dtd(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
    public: Option<&PhpString>,
    system: Option<&PhpString>,
) -> Ret<bool> {
    with(cx, this, |w| w.start_dtd(name, bytes(public), bytes(system)))
}

pub fn xmlwriter_end_dtd(cx: &mut Cx, this: &Object) -> Ret<bool> {
    with(cx, this, Writer::end_dtd)
}

pub fn xmlwriter_write_dtd(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
    public: Option<&PhpString>,
    system: Option<&PhpString>,
    content: Option<&PhpString>,
) -> Ret<bool> {
    with(cx, this, |w| {
        w.start_dtd(name, bytes(public), bytes(system)) && {
            if let Some(content) = content {
                w.text(content, true);
            }
            w.end_dtd()
        }
    })
}

pub fn xmlwriter_start_dtd_element(cx: &mut Cx, this: &Object, name: &PhpString) -> Ret<bool> {
    check(cx, 2, name, "element name")?;
    with(cx, this, |w| w.start_declaration(b"<!ELEMENT ", name, false))
}

pub fn xmlwriter_end_dtd_element(cx: &mut Cx, this: &Object) -> Ret<bool> {
    with(cx, this, Writer::end_declaration)
}

pub fn xmlwriter_write_dtd_element(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
    content: &PhpString,
) -> Ret<bool> {
    Ok(xmlwriter_start_dtd_element(cx, this, name)?
        && with(cx, this, |w| w.text(content, true) && w.end_declaration())?)
}

pub fn xmlwriter_start_dtd_attlist(cx: &mut Cx, this: &Object, name: &PhpString) -> Ret<bool> {
    check(cx, 2, name, "element name")?;
    with(cx, this, |w| w.start_declaration(b"<!ATTLIST ", name, false))
}

pub fn xmlwriter_end_dtd_attlist(cx: &mut Cx, this: &Object) -> Ret<bool> {
    with(cx, this, Writer::end_declaration)
}

pub fn xmlwriter_write_dtd_attlist(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
    content: &PhpString,
) -> Ret<bool> {
    Ok(xmlwriter_start_dtd_attlist(cx, this, name)?
        && with(cx, this, |w| w.text(content, true) && w.end_declaration())?)
}

fn entity_begin(parameter: bool) -> &'static [u8] {
    if parameter { b"<!ENTITY % " } else { b"<!ENTITY " }
}

pub fn xmlwriter_start_dtd_entity(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
    parameter: bool,
) -> Ret<bool> {
    check(cx, 2, name, "attribute name")?;
    with(cx, this, |w| w.start_declaration(entity_begin(parameter), name, true))
}

pub fn xmlwriter_end_dtd_entity(cx: &mut Cx, this: &Object) -> Ret<bool> {
    with(cx, this, Writer::end_declaration)
}

#[allow(clippy::too_many_arguments)] // The parameters of PHP's function.
pub fn xmlwriter_write_dtd_entity(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
    content: &PhpString,
    parameter: bool,
    public: Option<&PhpString>,
    system: Option<&PhpString>,
    notation: Option<&PhpString>,
) -> Ret<bool> {
    check(cx, 2, name, "element name")?;
    with(cx, this, |w| {
        if public.is_none() && system.is_none() {
            return w.start_declaration(entity_begin(parameter), name, true)
                && w.text(content, true)
                && w.end_declaration();
        }
        if !w.start_declaration(entity_begin(parameter), name, false) {
            return false;
        }
        w.put_ids(bytes(public), bytes(system), false);
        if let Some(notation) = notation {
            w.out.extend_from_slice(b" NDATA ");
            w.out.extend_from_slice(notation);
        }
        w.end_declaration()
    })
}

pub fn xmlwriter_output_memory(cx: &mut Cx, this: &Object, flush: bool) -> Ret<Vec<u8>> {
    with(cx, this, |w| if flush { std::mem::take(&mut w.out) } else { w.out.clone() })
}

pub fn xmlwriter_flush(cx: &mut Cx, this: &Object, empty: bool) -> Ret<Value> {
    let text = xmlwriter_output_memory(cx, this, empty)?;
    Ok(Value::Str(PhpString::new(&text)))
}

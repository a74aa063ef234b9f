//! Methods of texts and comments; offsets count characters.

use crate::{object, place, refused};
use outlast_value::{Object, PhpString, Value};
use outlast_vm::{Cx, Ret};
use outlast_xml::{Kind, chars};

const INDEX_SIZE: i64 = 1;

fn characters(value: &[u8]) -> Vec<char> {
    String::from_utf8_lossy(value).chars().collect()
}

/// Replaces a stretch of characters.
fn splice(cx: &mut Cx, this: &Object, offset: i64, count: i64, data: &[u8]) -> Ret<bool> {
    let (document, id) = place(cx, this)?;
    let all = characters(&document.tree.borrow().node(id).value);
    let Some((from, to)) = stretch(all.len(), offset, count) else {
        return refused(cx, &document, INDEX_SIZE).map(|_| false);
    };
    let front: String = all[..from].iter().collect();
    let back: String = all[to..].iter().collect();
    let value = [front.as_bytes(), data, back.as_bytes()].concat();
    document.tree.borrow_mut().node_mut(id).value = value;
    Ok(true)
}

fn stretch(len: usize, offset: i64, count: i64) -> Option<(usize, usize)> {
    let from = usize::try_from(offset).ok().filter(|f| *f <= len)?;
    let count = usize::try_from(count).ok()?;
    Some((from, from.saturating_add(count).min(len)))
}

pub fn dom_character_data_append_data(cx: &mut Cx, this: &Object, data: &PhpString) -> Ret<bool> {
    let (document, id) = place(cx, this)?;
    document.tree.borrow_mut().node_mut(id).value.extend_from_slice(data);
    Ok(true)
}

pub fn dom_character_data_substring_data(
    cx: &mut Cx,
    this: &Object,
    offset: i64,
    count: i64,
) -> Ret<Value> {
    let (document, id) = place(cx, this)?;
    let all = characters(&document.tree.borrow().node(id).value);
    match stretch(all.len(), offset, count) {
        Some((from, to)) => {
            let part: String = all[from..to].iter().collect();
            Ok(Value::Str(PhpString::new(part.as_bytes())))
        }
        None => refused(cx, &document, INDEX_SIZE),
    }
}

pub fn dom_character_data_insert_data(
    cx: &mut Cx,
    this: &Object,
    offset: i64,
    data: &PhpString,
) -> Ret<bool> {
    splice(cx, this, offset, 0, data)
}

pub fn dom_character_data_delete_data(
    cx: &mut Cx,
    this: &Object,
    offset: i64,
    count: i64,
) -> Ret<bool> {
    splice(cx, this, offset, count, b"")
}

pub fn dom_character_data_replace_data(
    cx: &mut Cx,
    this: &Object,
    offset: i64,
    count: i64,
    data: &PhpString,
) -> Ret<bool> {
    splice(cx, this, offset, count, data)
}

pub fn dom_text_is_whitespace_in_element_content(cx: &mut Cx, this: &Object) -> Ret<bool> {
    let (document, id) = place(cx, this)?;
    let tree = document.tree.borrow();
    Ok(chars::is_blank(&tree.node(id).value))
}

pub fn dom_text_is_element_content_whitespace(cx: &mut Cx, this: &Object) -> Ret<bool> {
    dom_text_is_whitespace_in_element_content(cx, this)
}

pub fn dom_text_split_text(cx: &mut Cx, this: &Object, offset: i64) -> Ret<Value> {
    if offset < 0 {
        return Err(cx.arg_value_error(1, "must be greater than or equal to 0"));
    }
    let (document, id) = place(cx, this)?;
    let all = characters(&document.tree.borrow().node(id).value);
    let Some((from, _)) = stretch(all.len(), offset, 0) else { return Ok(Value::Bool(false)) };
    let (front, back): (String, String) =
        (all[..from].iter().collect(), all[from..].iter().collect());
    let new = {
        let mut tree = document.tree.borrow_mut();
        tree.node_mut(id).value = front.into_bytes();
        let new = tree.create_text(Kind::Text, back.as_bytes());
        if let Some(parent) = tree.node(id).parent {
            let next = tree.node(id).next;
            tree.insert(parent, new, next);
        }
        new
    };
    Ok(Value::Object(object(cx, &document, new)?))
}

//! ArrayObjects as text, and for people.

use super::storage::{Storage, data, table};
use outlast_value::{Key, Object, PhpArray, PhpString, Value};
use outlast_vm::{Cx, ObjectClass, Ret};

/// The storage as a value.
fn storage_value(cx: &mut Cx, this: &Object) -> Value {
    match &*data(this).storage.borrow() {
        Storage::Array(a) => return Value::Array(a.clone()),
        Storage::Object(o) => return Value::Object(o.clone()),
        Storage::Own => {}
    }
    Value::Array(table(cx, this))
}

pub(super) fn array_object_magic_debug_info(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    let mut out = cx.mangled_vars(this);
    if matches!(&*data(this).storage.borrow(), Storage::Own) {
        return Ok(out);
    }
    let base = cx.class(b"ArrayIterator").expect("it is declared here");
    let class =
        if this.class().is_subclass_of_or_same(base) { "ArrayIterator" } else { "ArrayObject" };
    let storage = storage_value(cx, this);
    out.insert_str(PhpString::from(format!("\0{class}\0storage")), storage);
    Ok(out)
}

pub(super) fn array_object_magic_serialize(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    let own = matches!(&*data(this).storage.borrow(), Storage::Own);
    let storage = if own { Value::Null } else { storage_value(cx, this) };
    let members = cx.mangled_vars(this);
    let class = data(this).iterator_class.get().map(|c| Value::Str(c.name.clone()));
    let flags = data(this).flags.get() | if own { OWN } else { 0 };
    Ok(PhpArray::from_list(vec![
        Value::Int(flags),
        storage,
        Value::Array(members),
        class.unwrap_or(Value::Null),
    ]))
}

/// In serialized flags: the elements are the object's own properties.
const OWN: i64 = 0x0100_0000;

fn restore(cx: &mut Cx, this: &Object, flags: i64, storage: &Value, members: &PhpArray) -> Ret<()> {
    data(this).flags.set(flags & 0xFFFF);
    let storage = if flags & OWN != 0 {
        Storage::Own
    } else {
        match storage {
            Value::Array(_) | Value::Object(_) => super::object::storage_for(cx, this, storage)?,
            _ => {
                return Err(cx.throw(
                    "UnexpectedValueException",
                    "Passed variable is not an array or object",
                ));
            }
        }
    };
    data(this).set_storage(storage);
    for (k, v) in members.iter() {
        let name = match k {
            Key::Int(i) => PhpString::from(i.to_string()),
            Key::Str(s) => s,
        };
        // Hidden properties carry their class in the name.
        let bare = name.iter().rposition(|&b| b == 0).map_or(&name[..], |at| &name[at + 1..]);
        let scope = Some(this.class());
        cx.write_prop_scoped(this, &PhpString::new(bare), v.clone(), scope, false)?;
    }
    Ok(())
}

pub(super) fn array_object_magic_unserialize(
    cx: &mut Cx,
    this: &Object,
    list: PhpArray,
) -> Ret<()> {
    let parts = (list.get_int(0), list.get_int(1), list.get_int(2));
    let (Some(Value::Int(flags)), Some(storage), Some(Value::Array(members))) = parts else {
        return Err(
            cx.throw("UnexpectedValueException", "Incomplete or ill-typed serialization data")
        );
    };
    restore(cx, this, *flags, &storage.deref(), members)?;
    if let Some(Value::Str(name)) = list.get_int(3) {
        let base = cx.class(b"ArrayIterator").expect("it is declared here");
        match cx.lookup_class(name, true)? {
            None => {
                return Err(cx.throw(
                    "UnexpectedValueException",
                    format!(
                        "Cannot deserialize ArrayObject with iterator class '{}'; no such class exists",
                        name.to_str_lossy()
                    ),
                ));
            }
            Some(c) if !c.is_subclass_of_or_same(base) => {
                return Err(cx.throw(
                    "UnexpectedValueException",
                    format!(
                        "Cannot deserialize ArrayObject with iterator class '{}'; this class does not implement the Iterator interface",
                        name.to_str_lossy()
                    ),
                ));
            }
            Some(c) => data(this).iterator_class.set(Some(c)),
        }
    }
    Ok(())
}

pub(super) fn array_object_serialize(cx: &mut Cx, this: &Object) -> Ret<Vec<u8>> {
    let own = matches!(&*data(this).storage.borrow(), Storage::Own);
    let flags = data(this).flags.get() | if own { OWN } else { 0 };
    let mut out = format!("x:i:{flags};").into_bytes();
    if !own {
        let storage = storage_value(cx, this);
        out.extend_from_slice(&crate::text::serialized(cx, storage)?);
        out.push(b';');
    }
    out.extend_from_slice(b"m:");
    let members = Value::Array(cx.mangled_vars(this));
    out.extend_from_slice(&crate::text::serialized(cx, members)?);
    Ok(out)
}

pub(super) fn array_object_unserialize(cx: &mut Cx, this: &Object, text: &PhpString) -> Ret<()> {
    if text.is_empty() {
        return Ok(());
    }
    match parse(cx, text)? {
        Some((flags, storage, Value::Array(members))) => {
            restore(cx, this, flags, &storage, &members)
        }
        _ => Err(cx.throw(
            "UnexpectedValueException",
            format!("Error at offset 0 of {} bytes", text.len()),
        )),
    }
}

/// Flags, storage and members of `x:i:F;STORAGE;m:MEMBERS`.
fn parse(cx: &mut Cx, text: &[u8]) -> Ret<Option<(i64, Value, Value)>> {
    let Some(rest) = text.strip_prefix(b"x:i:") else { return Ok(None) };
    let Some(end) = rest.iter().position(|&b| b == b';') else { return Ok(None) };
    let Some(flags) = std::str::from_utf8(&rest[..end]).ok().and_then(|s| s.parse().ok()) else {
        return Ok(None);
    };
    let rest = &rest[end + 1..];
    if let Some(members) = rest.strip_prefix(b"m:") {
        let members = crate::text::unserialized(cx, members)?;
        return Ok(Some((flags, Value::Null, members)));
    }
    let Some(at) = rest.windows(3).rposition(|w| w == b";m:") else { return Ok(None) };
    let storage = crate::text::unserialized(cx, &rest[..at])?;
    let members = crate::text::unserialized(cx, &rest[at + 3..])?;
    Ok(Some((flags, storage, members)))
}

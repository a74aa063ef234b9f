//! The methods of `ArrayObject`, most of which `ArrayIterator` shares.

use super::handlers::{How, append, key_for, prohibited, read_own, unset_own, write_own};
use super::storage::{ArrayData, Root, Storage, data, get, len, root, set, table};
use outlast_bytecode::class_flags;
use outlast_value::{Object, PhpArray, PhpString, Reference, Value};
use outlast_vm::{Callable, ClassRef, Cx, ObjectClass, Ret};

/// The storage that a constructor argument stands for.
pub(super) fn storage_for(cx: &mut Cx, this: &Object, source: &Value) -> Ret<Storage> {
    match source.deref() {
        Value::Array(a) => Ok(Storage::Array(a)),
        Value::Object(o) => {
            if o.ptr_eq(this) {
                return Ok(Storage::Own);
            }
            let class = o.class();
            if o.data::<ArrayData>().is_none()
                && (class.handlers().properties.is_some() || class.flags & class_flags::ENUM != 0)
            {
                return Err(cx.throw(
                    "InvalidArgumentException",
                    format!(
                        "Overloaded object of type {} is not compatible with objects of type {}",
                        class.display_name(),
                        this.class().display_name()
                    ),
                ));
            }
            Ok(Storage::Object(o))
        }
        v => {
            let given = cx.value_type_name(&v);
            Err(cx.arg_type_error(1, &format!("must be of type array, {given} given")))
        }
    }
}

fn iterator_class(cx: &mut Cx, name: &PhpString, argument: usize) -> Ret<ClassRef> {
    let base = cx.class(b"ArrayIterator").expect("it is declared here");
    match cx.lookup_class(name, true)? {
        Some(class) if class.is_subclass_of_or_same(base) => Ok(class),
        _ => Err(cx.arg_type_error(
            argument,
            &format!(
                "must be a class name derived from ArrayIterator, {} given",
                name.to_str_lossy()
            ),
        )),
    }
}

pub(super) fn array_object_construct(
    cx: &mut Cx,
    this: &Object,
    source: &Value,
    flags: i64,
    class: &PhpString,
) -> Ret<()> {
    if !class.eq_ignore_ascii_case(b"ArrayIterator") {
        let class = iterator_class(cx, class, 3)?;
        data(this).iterator_class.set(Some(class));
    }
    let storage = storage_for(cx, this, source)?;
    data(this).flags.set(flags);
    data(this).set_storage(storage);
    Ok(())
}

pub(super) fn array_object_offset_exists(cx: &mut Cx, this: &Object, key: &Value) -> Ret<bool> {
    let k = key_for(cx, this, key, How::Test)?;
    Ok(get(cx, this, &k).is_some())
}

pub(super) fn array_object_offset_get(cx: &mut Cx, this: &Object, key: &Value) -> Ret<Value> {
    read_own(cx, this, key, false)
}

pub(super) fn array_object_offset_set(
    cx: &mut Cx,
    this: &Object,
    key: &Value,
    value: &Value,
) -> Ret<()> {
    write_own(cx, this, Some(key), value.clone())
}

pub(super) fn array_object_offset_unset(cx: &mut Cx, this: &Object, key: &Value) -> Ret<()> {
    unset_own(cx, this, key)
}

pub(super) fn array_object_append(cx: &mut Cx, this: &Object, value: &Value) -> Ret<()> {
    if crate::overrides::overridden(this, b"offsetset") && !matches!(root(this), Root::Props(_)) {
        let arguments = vec![Value::Null, value.clone()];
        return cx.call_method(this, "offsetSet", arguments).map(drop);
    }
    if matches!(root(this), Root::Array(_)) && prohibited(cx, this)? {
        return Ok(());
    }
    append(cx, this, value.clone())
}

pub(super) fn array_object_get_array_copy(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    Ok(table(cx, this))
}

pub(super) fn array_object_count(cx: &mut Cx, this: &Object) -> Ret<i64> {
    Ok(len(cx, this) as i64)
}

pub(super) fn array_object_get_flags(_cx: &mut Cx, this: &Object) -> Ret<i64> {
    Ok(data(this).flags.get())
}

pub(super) fn array_object_set_flags(_cx: &mut Cx, this: &Object, flags: i64) -> Ret<()> {
    data(this).flags.set(flags);
    Ok(())
}

pub(super) fn array_object_get_iterator(cx: &mut Cx, this: &Object) -> Ret<Object> {
    let class = match data(this).iterator_class.get() {
        Some(class) => class,
        None => cx.class(b"ArrayIterator").expect("it is declared here"),
    };
    let iterator = cx.instantiate(class)?;
    data(&iterator).flags.set(data(this).flags.get());
    data(&iterator).iterator_class.set(data(this).iterator_class.get());
    data(&iterator).set_storage(Storage::Object(this.clone()));
    Ok(iterator)
}

pub(super) fn array_object_exchange_array(
    cx: &mut Cx,
    this: &Object,
    source: &Value,
) -> Ret<PhpArray> {
    let old = table(cx, this);
    if prohibited(cx, this)? {
        return Ok(old);
    }
    let storage = storage_for(cx, this, source)?;
    data(this).set_storage(storage);
    Ok(old)
}

pub(super) fn array_object_set_iterator_class(
    cx: &mut Cx,
    this: &Object,
    class: &PhpString,
) -> Ret<()> {
    let class = iterator_class(cx, class, 1)?;
    data(this).iterator_class.set(Some(class));
    Ok(())
}

pub(super) fn array_object_get_iterator_class(_cx: &mut Cx, this: &Object) -> Ret<PhpString> {
    Ok(data(this)
        .iterator_class
        .get()
        .map_or_else(|| PhpString::from("ArrayIterator"), |c| c.name.clone()))
}

/// Sorts by the function of that name.
fn sort(cx: &mut Cx, this: &Object, function: &str, argument: Option<Value>) -> Ret<bool> {
    let root = root(this);
    let holder = match &root {
        Root::Array(h) | Root::Props(h) => h.clone(),
    };
    let taken = match &root {
        Root::Array(h) => {
            let mut storage = data(h).storage.borrow_mut();
            match &mut *storage {
                Storage::Array(a) => std::mem::take(a),
                _ => PhpArray::new(),
            }
        }
        Root::Props(_) => table(cx, this),
    };
    let reference = Reference::new(Value::Array(taken));
    let sorting = holder.data::<ArrayData>().unwrap_or_else(|| data(this));
    sorting.sorting.set(true);
    let mut arguments = vec![Value::Ref(reference.clone())];
    arguments.extend(argument);
    let result = cx.call(&Value::str(function), arguments);
    sorting.sorting.set(false);
    if let Value::Array(a) = reference.replace(Value::Null) {
        match &root {
            Root::Array(h) => {
                let old = data(h).storage.replace(Storage::Array(a));
                drop(old);
            }
            Root::Props(o) => {
                o.set_dynamic(None);
                for (k, v) in a.iter() {
                    set(cx, this, k, v.clone())?;
                }
            }
        }
    }
    result?;
    Ok(true)
}

pub(super) fn array_object_asort(cx: &mut Cx, this: &Object, flags: i64) -> Ret<bool> {
    sort(cx, this, "asort", Some(Value::Int(flags)))
}

pub(super) fn array_object_ksort(cx: &mut Cx, this: &Object, flags: i64) -> Ret<bool> {
    sort(cx, this, "ksort", Some(Value::Int(flags)))
}

pub(super) fn array_object_uasort(cx: &mut Cx, this: &Object, callback: &Callable) -> Ret<bool> {
    let callback = crate::callback::value_of(cx, callback);
    sort(cx, this, "uasort", Some(callback))
}

pub(super) fn array_object_uksort(cx: &mut Cx, this: &Object, callback: &Callable) -> Ret<bool> {
    let callback = crate::callback::value_of(cx, callback);
    sort(cx, this, "uksort", Some(callback))
}

pub(super) fn array_object_natsort(cx: &mut Cx, this: &Object) -> Ret<bool> {
    sort(cx, this, "natsort", None)
}

pub(super) fn array_object_natcasesort(cx: &mut Cx, this: &Object) -> Ret<bool> {
    sort(cx, this, "natcasesort", None)
}

//! Filters of the script's own: `php_user_filter`, brigades and buckets.

use super::filter::{Filter, Flow, Outcome};
use super::{Stream, Streams};
use outlast_value::{Object, PhpString, Reference, Resource, Value};
use outlast_vm::{Cx, ObjectClass, Ret};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

#[path = "bucket_stub.rs"]
mod bucket_stub;
pub use bucket_stub::MODULE;

/// The payload of a brigade: buckets in order.
#[derive(Default)]
pub struct Brigade(RefCell<VecDeque<Vec<u8>>>);

/// The payload of a bucket's resource.
struct Bucket;

/// A filter that is an object of the script.
pub struct UserFilter {
    object: Object,
    given_stream: Cell<bool>,
}

/// The class registered for a filter, wildcards included.
fn class_of(cx: &mut Cx, name: &[u8]) -> Option<PhpString> {
    let filters = &cx.state::<Streams>().filters;
    let find = |name: &[u8]| {
        filters.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, class)| class.clone())
    };
    if let Some(class) = find(name) {
        return Some(class);
    }
    let mut rest = name;
    while let Some(dot) = rest.iter().rposition(|b| *b == b'.') {
        rest = &rest[..dot];
        if let Some(class) = find(&[rest, b".*"].concat()) {
            return Some(class);
        }
    }
    None
}

/// Makes a filter that the script registered. `None`: there is none, or its `onCreate` refused
/// (`Some(None)`).
pub fn make(cx: &mut Cx, name: &PhpString, params: &Value) -> Ret<Option<Option<Rc<dyn Filter>>>> {
    let Some(class_name) = class_of(cx, name) else { return Ok(None) };
    let Some(class) = cx.lookup_class(&class_name, true)? else {
        let (name, class) = (name.to_str_lossy(), class_name.to_str_lossy());
        cx.warning(format!(
            "File filter \"{name}\" requires class \"{class}\", but that class is not defined"
        ))?;
        return Ok(Some(None));
    };
    let object = cx.instantiate(class)?;
    cx.write_prop(&object, &"filtername".into(), Value::Str(name.clone()))?;
    cx.write_prop(&object, &"params".into(), params.clone())?;
    let created = match object.class().method(b"oncreate") {
        Some(_) => cx.call_method(&object, "onCreate", Vec::new())?.into_deref(),
        None => Value::Bool(true),
    };
    if matches!(created, Value::Bool(false)) {
        return Ok(Some(None));
    }
    Ok(Some(Some(Rc::new(UserFilter { object, given_stream: Cell::new(false) }))))
}

impl Filter for UserFilter {
    fn run(&self, cx: &mut Cx, stream: &Rc<Stream>, bytes: Vec<u8>, flow: Flow) -> Ret<Outcome> {
        let has_property = cx.has_prop(&self.object, &"stream".into())?;
        if has_property && !self.given_stream.get() && stream.is_open() {
            let id = stream.id;
            let alias = Resource::new(id, "stream", Box::new(super::Alias(stream.clone())));
            cx.write_prop(&self.object, &"stream".into(), Value::Resource(alias))?;
            self.given_stream.set(true);
        }
        let brigade = |cx: &mut Cx, buckets: VecDeque<Vec<u8>>| {
            let id = cx.next_resource;
            cx.next_resource += 1;
            Resource::new(id, "userfilter.bucket brigade", Box::new(Brigade(RefCell::new(buckets))))
        };
        let buckets = if bytes.is_empty() { VecDeque::new() } else { VecDeque::from([bytes]) };
        let input = brigade(cx, buckets);
        let output = brigade(cx, VecDeque::new());
        let consumed = Reference::new(Value::Int(0));
        let args = vec![
            Value::Resource(input.clone()),
            Value::Resource(output.clone()),
            Value::Ref(consumed),
            Value::Bool(flow == Flow::Close),
        ];
        let result = cx.call_method(&self.object, "filter", args);
        if has_property {
            cx.write_prop(&self.object, &"stream".into(), Value::Null)?;
        }
        self.given_stream.set(false);
        let code = cx.to_int(&result?.into_deref())?;
        let left = input.with(|b: &Brigade| !b.0.borrow().is_empty()).unwrap_or(false);
        if left {
            cx.warning("Unprocessed filter buckets remaining on input brigade")?;
        }
        Ok(match code {
            2 => {
                let buckets = output.with(|b: &Brigade| b.0.take()).unwrap_or_default();
                Outcome::Pass(buckets.into_iter().flatten().collect())
            }
            1 => Outcome::Pass(Vec::new()),
            _ => Outcome::Fatal,
        })
    }

    fn dispose(&self, cx: &mut Cx) -> Ret<()> {
        if self.object.class().method(b"onclose").is_some() {
            cx.call_method(&self.object, "onClose", Vec::new())?;
        }
        Ok(())
    }
}

/// An object of a bucket.
fn bucket_object(cx: &mut Cx, data: &[u8]) -> Ret<Object> {
    let class = cx.class_or_throw(&"StreamBucket".into())?;
    let object = cx.instantiate(class)?;
    let id = cx.next_resource;
    cx.next_resource += 1;
    let resource = Resource::new(id, "userfilter.bucket", Box::new(Bucket));
    let length = Value::Int(data.len() as i64);
    cx.write_prop(&object, &"bucket".into(), Value::Resource(resource))?;
    cx.write_prop(&object, &"data".into(), Value::str(data))?;
    cx.write_prop(&object, &"datalen".into(), length.clone())?;
    cx.write_prop(&object, &"dataLength".into(), length)?;
    Ok(object)
}

fn brigade_arg<R>(cx: &mut Cx, value: &Value, f: impl FnOnce(&Brigade) -> R) -> Ret<R> {
    match value.as_resource() {
        Some(resource) => match resource.with(f) {
            Some(result) => Ok(result),
            None => Err(super::not_a_stream(cx, "userfilter.bucket brigade")),
        },
        None => {
            let given = cx.value_type_name(value);
            Err(cx.arg_type_error(1, &format!("must be of type resource, {given} given")))
        }
    }
}

/// `stream_bucket_make_writeable()`
pub fn stream_bucket_make_writeable(cx: &mut Cx, brigade: &Value) -> Ret<Option<Object>> {
    match brigade_arg(cx, brigade, |b| b.0.borrow_mut().pop_front())? {
        Some(data) => bucket_object(cx, &data).map(Some),
        None => Ok(None),
    }
}

fn bucket_data(cx: &mut Cx, bucket: &Object) -> Ret<Vec<u8>> {
    let handle = cx.read_prop_quiet(bucket, &"bucket".into())?;
    if handle.is_null() {
        return Err(cx.arg_value_error(2, "must be an object that has a \"bucket\" property"));
    }
    let data = cx.read_prop_quiet(bucket, &"data".into())?.into_deref();
    Ok(match data {
        Value::Str(data) => data.to_vec(),
        _ => Vec::new(),
    })
}

/// `stream_bucket_append()`
pub fn stream_bucket_append(cx: &mut Cx, brigade: &Value, bucket: &Object) -> Ret<()> {
    let data = bucket_data(cx, bucket)?;
    brigade_arg(cx, brigade, |b| b.0.borrow_mut().push_back(data))
}

/// `stream_bucket_prepend()`
pub fn stream_bucket_prepend(cx: &mut Cx, brigade: &Value, bucket: &Object) -> Ret<()> {
    let data = bucket_data(cx, bucket)?;
    brigade_arg(cx, brigade, |b| b.0.borrow_mut().push_front(data))
}

/// `stream_bucket_new()`
pub fn stream_bucket_new(cx: &mut Cx, stream: &Value, buffer: &PhpString) -> Ret<Object> {
    super::stream_arg(cx, 1, stream)?;
    bucket_object(cx, buffer)
}

/// `stream_get_filters()`
pub fn stream_get_filters(cx: &mut Cx) -> Ret<outlast_value::PhpArray> {
    let provided = super::provided::filters().map(|family| family.pattern);
    let own = provided.chain(super::builtin_filters::NAMES);
    let mut list: Vec<Value> = own.map(Value::str).collect();
    list.extend(cx.state::<Streams>().filters.iter().map(|(n, _)| Value::Str(n.clone())));
    Ok(outlast_value::PhpArray::from_list(list))
}

/// `stream_filter_register()`
pub fn stream_filter_register(cx: &mut Cx, name: &PhpString, class: &PhpString) -> Ret<bool> {
    if name.is_empty() {
        return Err(cx.arg_value_error(1, "must be a non-empty string"));
    }
    if class.is_empty() {
        return Err(cx.arg_value_error(2, "must be a non-empty string"));
    }
    let known = super::builtin_filters::make(name, &Value::Null).is_some();
    let filters = &mut cx.state::<Streams>().filters;
    if known || filters.iter().any(|(n, _)| n.eq_ignore_ascii_case(name)) {
        return Ok(false);
    }
    filters.push((name.clone(), class.clone()));
    Ok(true)
}

/// `php_user_filter::filter()`
pub fn php_user_filter_filter(
    _cx: &mut Cx,
    _this: &Object,
    _input: &Value,
    _output: &Value,
    _consumed: &Reference,
    _closing: bool,
) -> Ret<i64> {
    Ok(0)
}

/// `php_user_filter::onCreate()`
pub fn php_user_filter_on_create(_cx: &mut Cx, _this: &Object) -> Ret<bool> {
    Ok(true)
}

/// `php_user_filter::onClose()`
pub fn php_user_filter_on_close(_cx: &mut Cx, _this: &Object) -> Ret<()> {
    Ok(())
}

//! `HashContext`: a hash that is computed bit by bit.

use crate::algorithms::{self, Algorithm, Start};
use crate::hasher::Hasher;
use crate::{CHUNK, known, shown, start_of};
use outlast_ext_standard::stream::{Opened, open, stream_arg};
use outlast_value::{Object, ObjectData, PhpArray, PhpString, Value};
use outlast_vm::{Cx, ObjectHandlers, Ret, Unwind};
use std::cell::RefCell;

pub static CONTEXT: ObjectHandlers =
    ObjectHandlers { clone: Some(copy), ..ObjectHandlers::STANDARD };

const HMAC: i64 = 1;

/// A hash under way.
pub struct Running {
    pub algorithm: &'static Algorithm,
    pub hasher: Box<dyn Hasher>,
    /// For HMAC: the key of the outer hash.
    outer: Option<Vec<u8>>,
}

impl Running {
    /// Starts an HMAC.
    pub fn hmac(algorithm: &'static Algorithm, key: &[u8]) -> Running {
        let mut block =
            if key.len() > algorithm.block { algorithm.digest(&[key]) } else { key.to_vec() };
        block.resize(algorithm.block, 0);
        let with = |pad: u8| block.iter().map(|b| b ^ pad).collect::<Vec<u8>>();
        let mut hasher = algorithm.start(&Start::default());
        hasher.update(&with(0x36));
        Running { algorithm, hasher, outer: Some(with(0x5c)) }
    }

    /// The digest.
    pub fn finish(&self) -> Vec<u8> {
        self.with_outer(self.hasher.finish())
    }

    /// The digest, given that of the (inner) hash.
    pub fn with_outer(&self, digest: Vec<u8>) -> Vec<u8> {
        match &self.outer {
            Some(key) => self.algorithm.digest(&[key, &digest]),
            None => digest,
        }
    }

    fn copy(&self) -> Running {
        Running { algorithm: self.algorithm, hasher: self.hasher.copy(), outer: self.outer.clone() }
    }
}

/// The payload; `None` once the digest was taken.
struct ContextData {
    name: &'static str,
    running: RefCell<Option<Running>>,
}

impl ContextData {
    fn new(running: Running) -> Box<ContextData> {
        Box::new(ContextData { name: running.algorithm.name, running: RefCell::new(Some(running)) })
    }
}

impl ObjectData for ContextData {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

fn copy(cx: &mut Cx, new: &Object, old: &Object) -> Ret<()> {
    let running =
        old.data::<ContextData>().and_then(|d| d.running.borrow().as_ref().map(Running::copy));
    match running {
        Some(running) => {
            new.set_data(ContextData::new(running));
            Ok(())
        }
        None => Err(cx.throw_value_error("Cannot clone a finalized HashContext")),
    }
}

/// Lets `work` at the hash of a context.
fn with<T>(cx: &mut Cx, context: &Object, work: impl FnOnce(&mut Running) -> T) -> Ret<T> {
    if let Some(data) = context.data::<ContextData>()
        && let Some(running) = &mut *data.running.borrow_mut()
    {
        return Ok(work(running));
    }
    Err(cx.arg_type_error(1, "must be a valid, non-finalized HashContext"))
}

fn object(cx: &mut Cx, running: Running) -> Ret<Object> {
    let class = cx.class(b"HashContext").expect("it is declared here");
    let object = cx.instantiate(class)?;
    object.set_data(ContextData::new(running));
    Ok(object)
}

pub fn hash_init(
    cx: &mut Cx,
    algo: &PhpString,
    flags: i64,
    key: &PhpString,
    options: PhpArray,
) -> Ret<Object> {
    let algorithm = known(cx, algo)?;
    let running = if flags & HMAC != 0 {
        if !algorithm.cryptographic {
            let text = "must be a cryptographic hashing algorithm if HMAC is requested";
            return Err(cx.arg_value_error(1, text));
        }
        if key.is_empty() {
            return Err(cx.arg_value_error(3, "must not be empty when HMAC is requested"));
        }
        Running::hmac(algorithm, key)
    } else {
        let start = start_of(cx, algorithm, &options)?;
        Running { algorithm, hasher: algorithm.start(&start), outer: None }
    };
    object(cx, running)
}

pub fn hash_update(cx: &mut Cx, context: &Object, data: &PhpString) -> Ret<bool> {
    with(cx, context, |running| running.hasher.update(data))?;
    Ok(true)
}

pub fn hash_update_stream(cx: &mut Cx, context: &Object, stream: &Value, length: i64) -> Ret<i64> {
    with(cx, context, |_| ())?;
    let stream = stream_arg(cx, 2, stream)?;
    let mut done = 0;
    while length < 0 || done < length {
        let want = if length < 0 { CHUNK } else { CHUNK.min((length - done) as usize) };
        let Some(bytes) = stream.read(cx, want)? else { break };
        if bytes.is_empty() {
            break;
        }
        done += bytes.len() as i64;
        with(cx, context, |running| running.hasher.update(&bytes))?;
    }
    Ok(done)
}

pub fn hash_update_file(
    cx: &mut Cx,
    context: &Object,
    filename: &PhpString,
    stream_context: &Value,
) -> Ret<bool> {
    with(cx, context, |_| ())?;
    let decoded = match stream_context.as_resource() {
        Some(resource) => outlast_ext_standard::stream::context::decode(resource),
        None => None,
    };
    let how = Opened { context: decoded.as_ref(), ..Opened::default() };
    let Some(stream) = open(cx, filename, b"rb", how)? else { return Ok(false) };
    while let Some(bytes) = stream.read(cx, CHUNK)? {
        if bytes.is_empty() {
            break;
        }
        with(cx, context, |running| running.hasher.update(&bytes))?;
    }
    stream.close(cx)?;
    Ok(true)
}

pub fn hash_final(cx: &mut Cx, context: &Object, binary: bool) -> Ret<Vec<u8>> {
    let digest = with(cx, context, |running| running.finish())?;
    if let Some(data) = context.data::<ContextData>() {
        *data.running.borrow_mut() = None;
    }
    Ok(shown(digest, binary))
}

pub fn hash_copy(cx: &mut Cx, context: &Object) -> Ret<Object> {
    let copy = with(cx, context, |running| running.copy())?;
    object(cx, copy)
}

pub fn hash_context_construct(_: &mut Cx, _: &Object) -> Ret<()> {
    Ok(())
}

pub fn hash_context_magic_serialize(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    let Some(data) = this.data::<ContextData>() else { return Err(incomplete(cx)) };
    let hmac = data.running.borrow().as_ref().is_some_and(|r| r.outer.is_some());
    Err(if hmac {
        cx.throw("Exception", "HashContext with HASH_HMAC option cannot be serialized")
    } else {
        let message = format!("HashContext for algorithm \"{}\" cannot be serialized", data.name);
        cx.throw("Exception", message)
    })
}

fn incomplete(cx: &mut Cx) -> Unwind {
    cx.throw("Exception", "Incomplete or ill-formed serialization data")
}

pub fn hash_context_magic_unserialize(cx: &mut Cx, this: &Object, data: PhpArray) -> Ret<()> {
    if this.data::<ContextData>().is_some() {
        let text = "HashContext::__unserialize called on initialized object";
        return Err(cx.throw("Exception", text));
    }
    let known = match data.get_int(0).map(Value::deref) {
        Some(Value::Str(name)) => algorithms::find(&name).is_some(),
        _ => return Err(incomplete(cx)),
    };
    if data.len() != 5 || !data.get_int(1).is_some_and(Value::is_int) {
        return Err(incomplete(cx));
    }
    Err(if known {
        cx.throw("Exception", "HashContext state cannot be restored")
    } else {
        cx.throw("Exception", "Unknown hash algorithm")
    })
}

pub fn hash_context_magic_debug_info(_: &mut Cx, this: &Object) -> Ret<PhpArray> {
    let name = this
        .data::<ContextData>()
        .and_then(|d| d.running.borrow().as_ref().map(|r| r.algorithm.name));
    Ok(name.map(|name| PhpArray::from([("algo", Value::str(name))])).unwrap_or_default())
}

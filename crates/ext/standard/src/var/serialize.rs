//! `serialize()`.

use super::incomplete;
use super::props::unmangle;
use outlast_number as number;
use outlast_value::{Key, Object, PhpArray, PhpString, Value};
use outlast_vm::props::mangled_name;
use outlast_vm::{ClassRef, Cx, ObjectClass, PropertiesFor, Ret, maybe_grow};
use rustc_hash::FxHashMap;
use std::io::Write;

/// Text under way, with the numbers of what may be referred back to.
#[derive(Default)]
struct Writer {
    out: Vec<u8>,
    /// Numbers of objects and references by address.
    seen: FxHashMap<usize, i64>,
    count: i64,
    depth: u32,
    /// What must not be freed, lest its address is given to something else.
    kept: Vec<Value>,
}

/// The numbers of a writer that runs the `serialize()` of a class.
#[derive(Default)]
struct Sharing(Option<Writer>);

/// How deep data may be nested.
const DEEPEST: u32 = 25_000;

/// The number of an object that could not be serialized.
const FAILED: i64 = -1;

impl Writer {
    fn text(&mut self, args: std::fmt::Arguments<'_>) {
        // Writing to a vector cannot fail.
        let _ = self.out.write_fmt(args);
    }

    fn string(&mut self, s: &[u8]) {
        self.text(format_args!("s:{}:\"", s.len()));
        self.out.extend_from_slice(s);
        self.out.extend_from_slice(b"\";");
    }

    fn key(&mut self, k: &Key) {
        match k {
            Key::Int(i) => self.text(format_args!("i:{i};")),
            Key::Str(s) => self.string(s),
        }
    }

    /// Counts a value; the number it was written under before.
    fn number(&mut self, v: &Value) -> Option<i64> {
        self.count += 1;
        let (address, is_ref, keep) = match v {
            Value::Object(o) => (o.ptr_id(), false, v.clone()),
            Value::Ref(r) => match r.get() {
                Value::Object(o) => (o.ptr_id(), true, Value::Object(o)),
                _ => (r.ptr_id(), true, v.clone()),
            },
            _ => return None,
        };
        match self.seen.get(&address) {
            Some(&n) => {
                if is_ref && n != FAILED {
                    self.count -= 1;
                }
                Some(n)
            }
            None => {
                self.seen.insert(address, self.count);
                self.kept.push(keep);
                None
            }
        }
    }

    fn value(&mut self, cx: &mut Cx, v: &Value) -> Ret<()> {
        if let Some(n) = self.number(v) {
            if n == FAILED {
                self.out.extend_from_slice(b"N;");
            } else if v.is_ref() {
                self.text(format_args!("R:{n};"));
            } else {
                self.text(format_args!("r:{n};"));
            }
            return Ok(());
        }
        match v.deref() {
            Value::Undef | Value::Null | Value::Ref(_) => self.out.extend_from_slice(b"N;"),
            Value::Bool(b) => self.text(format_args!("b:{};", u8::from(b))),
            Value::Int(i) => self.text(format_args!("i:{i};")),
            Value::Float(f) => {
                self.out.extend_from_slice(b"d:");
                let text = number::to_string_precision(f, cx.ini.serialize_precision());
                self.out.extend_from_slice(&text);
                self.out.push(b';');
            }
            Value::Str(s) => self.string(&s),
            Value::Resource(_) => self.out.extend_from_slice(b"i:0;"),
            Value::Array(a) => {
                self.text(format_args!("a:{}:", a.len()));
                return self.deeper(cx, |w, cx| w.members(cx, &a));
            }
            Value::Object(o) => return self.deeper(cx, |w, cx| w.object(cx, &o)),
        }
        Ok(())
    }

    /// Writes what is nested.
    fn deeper(
        &mut self,
        cx: &mut Cx,
        write: impl FnOnce(&mut Self, &mut Cx) -> Ret<()>,
    ) -> Ret<()> {
        if self.depth >= DEEPEST {
            return Err(cx.stack_error());
        }
        self.depth += 1;
        let result = maybe_grow(|| write(self, cx));
        self.depth -= 1;
        result
    }

    /// The object has no data: further mentions of it are null, too.
    fn fail(&mut self, o: &Object) {
        if let Some(n) = self.seen.get_mut(&o.ptr_id()) {
            *n = FAILED;
        }
    }

    /// `{…}`
    fn members(&mut self, cx: &mut Cx, a: &PhpArray) -> Ret<()> {
        self.out.push(b'{');
        for (k, v) in a {
            self.key(&k);
            match v {
                Value::Ref(r) if r.count() == 1 => self.value(cx, &r.get())?,
                v => self.value(cx, v)?,
            }
        }
        self.out.push(b'}');
        Ok(())
    }

    fn head(&mut self, letter: char, class: &[u8]) {
        self.text(format_args!("{letter}:{}:\"", class.len()));
        self.out.extend_from_slice(class);
        self.out.extend_from_slice(b"\":");
    }

    fn object(&mut self, cx: &mut Cx, o: &Object) -> Ret<()> {
        let class = o.class();
        if class.is_enum() {
            let name = PhpString::concat(&[&class.name, b":", &super::case_name(o)]);
            self.text(format_args!("E:{}:\"", name.len()));
            self.out.extend_from_slice(&name);
            self.out.extend_from_slice(b"\";");
            return Ok(());
        }
        if class.not_serializable || class.name.contains(&0) {
            return Err(cx.throw(
                "Exception",
                format!("Serialization of '{}' is not allowed", class.display_name()),
            ));
        }
        if let Some(method) = class.magic.serialize.clone() {
            let data = cx.call_func(&method, Some(o.clone()), Some(class), Vec::new())?;
            let Value::Array(data) = data.into_deref() else {
                return Err(cx.throw_type_error(format!(
                    "{}::__serialize() must return an array",
                    class.display_name()
                )));
            };
            self.head('O', &class.name);
            self.text(format_args!("{}:", data.len()));
            self.kept.push(Value::Array(data.clone()));
            return self.members(cx, &data);
        }
        if is_serializable(cx, class) {
            return self.by_interface(cx, o, class);
        }
        if let Some(sleep) = class.magic.sleep.clone() {
            let names = cx.call_func(&sleep, Some(o.clone()), Some(class), Vec::new())?;
            return match names.into_deref() {
                Value::Array(names) => {
                    let chosen = chosen_properties(cx, o, &names)?;
                    self.properties(cx, &class.name, &chosen)
                }
                _ => {
                    cx.warning(bad_sleep(class))?;
                    self.out.extend_from_slice(b"N;");
                    self.fail(o);
                    Ok(())
                }
            };
        }
        let mut table = cx.props_for(o, PropertiesFor::Serialize)?;
        if class.key == *"__php_incomplete_class"
            && let Some(name) = incomplete::class_name(o)
        {
            table.remove(&Key::from(incomplete::CLASS_NAME));
            return self.properties(cx, &name, &table);
        }
        self.properties(cx, &class.name, &table)
    }

    fn properties(&mut self, cx: &mut Cx, class: &[u8], table: &PhpArray) -> Ret<()> {
        self.head('O', class);
        self.text(format_args!("{}:", table.len()));
        self.out.push(b'{');
        for (k, v) in table {
            match k {
                // Names of properties are strings even where they look like numbers.
                Key::Int(i) => self.string(i.to_string().as_bytes()),
                Key::Str(s) => self.string(&s),
            }
            match v {
                Value::Ref(r) if r.count() == 1 => self.value(cx, &r.get())?,
                v => self.value(cx, v)?,
            }
        }
        self.out.push(b'}');
        Ok(())
    }

    fn by_interface(&mut self, cx: &mut Cx, o: &Object, class: ClassRef) -> Ret<()> {
        // What it serializes itself shares the numbers.
        let out = std::mem::take(&mut self.out);
        let numbers = std::mem::take(self);
        cx.state::<Sharing>().0 = Some(numbers);
        let result = cx.call_method(o, "serialize", Vec::new());
        let shared = cx.state::<Sharing>().0.take().unwrap_or_default();
        *self = Writer { out, ..shared };
        match result?.into_deref() {
            Value::Null => {
                self.out.extend_from_slice(b"N;");
                self.fail(o);
            }
            Value::Str(s) => {
                self.head('C', &class.name);
                self.text(format_args!("{}:{{", s.len()));
                self.out.extend_from_slice(&s);
                self.out.push(b'}');
            }
            _ => {
                return Err(cx.throw(
                    "Exception",
                    format!("{}::serialize() must return a string or NULL", class.display_name()),
                ));
            }
        }
        Ok(())
    }
}

/// Does the class serialize itself by the old interface?
pub fn is_serializable(cx: &mut Cx, class: ClassRef) -> bool {
    cx.class(b"Serializable").is_some_and(|c| class.is_subclass_of_or_same(c))
}

fn bad_sleep(class: ClassRef) -> String {
    format!(
        "{}::__sleep() should return an array only containing the names of instance-variables to \
         serialize",
        class.display_name()
    )
}

/// The properties that `__sleep()` names, under their mangled names.
fn chosen_properties(cx: &mut Cx, o: &Object, names: &PhpArray) -> Ret<PhpArray> {
    let o = &cx.realize_for(o, PropertiesFor::Serialize)?;
    let class = o.class();
    let mut out = PhpArray::with_capacity(names.len());
    for name in names.values() {
        let name = match name.deref() {
            Value::Str(s) => s,
            other => {
                cx.warning(bad_sleep(class))?;
                cx.to_str(&other)?
            }
        };
        // A name may come mangled already.
        let (plain, _) = unmangle(&name);
        let slot = class
            .slot_props
            .iter()
            .rfind(|p| p.name == name || (p.name == plain && mangled_name(p) == name))
            .filter(|p| !p.is_private() || p.class.get() == class || p.name != name);
        let (key, value) = match slot {
            Some(info) => {
                let v = o.slot(info.slot as usize);
                if v.is_undef() && info.ty.is_some() {
                    continue;
                }
                (mangled_name(info), v)
            }
            None => {
                let key = Key::from_string(name.clone());
                let v = o.with_dynamic(|t| {
                    let t = t?;
                    t.get_string(&name).or_else(|| t.get(&key)).map(super::dissolved)
                });
                (name.clone(), v.unwrap_or_default())
            }
        };
        if value.is_undef() {
            let mut text = b"\"".to_vec();
            text.extend_from_slice(&name);
            text.extend_from_slice(
                b"\" returned as member variable from __sleep() but does not exist",
            );
            cx.warning(text)?;
            continue;
        }
        let value = match value {
            Value::Ref(r) if r.count() <= 2 => r.get(),
            v => v,
        };
        if out.get_string(&key).is_some() {
            let mut text = b"\"".to_vec();
            text.extend_from_slice(&name);
            text.extend_from_slice(b"\" is returned from __sleep() multiple times");
            cx.warning(text)?;
            continue;
        }
        out.insert(Key::Str(key), value);
    }
    Ok(out)
}

/// `serialize()`
pub fn serialize(cx: &mut Cx, value: &Value) -> Ret<Vec<u8>> {
    let outer = cx.state::<Sharing>().0.take();
    let nested = outer.is_some();
    let mut w = outer.unwrap_or_default();
    let result = w.value(cx, value);
    let out = std::mem::take(&mut w.out);
    if nested {
        cx.state::<Sharing>().0 = Some(w);
    }
    result?;
    Ok(out)
}

/// Several values serialized one behind the other, with numbers that run through: what
/// one refers to may stand in another (the session's data).
#[derive(Default)]
pub struct Serializer(Writer);

impl Serializer {
    /// The text of the next value.
    pub fn next(&mut self, cx: &mut Cx, value: &Value) -> Ret<Vec<u8>> {
        let outer = cx.state::<Sharing>().0.take();
        let result = self.0.value(cx, value);
        cx.state::<Sharing>().0 = outer;
        result?;
        Ok(std::mem::take(&mut self.0.out))
    }
}

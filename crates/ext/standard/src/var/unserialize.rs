//! `unserialize()`.

mod objects;
mod text;

use outlast_number as number;
use outlast_value::{Key, Object, PhpArray, PhpString, Reference, Value};
use outlast_vm::{Cx, Ret, Unwind, maybe_grow};
use rustc_hash::FxHashSet;

/// Why reading stops: the data is bad (an offset tells where), or PHP code unwound.
enum Stop {
    Bad,
    Unwind(Unwind),
}

impl From<Unwind> for Stop {
    fn from(u: Unwind) -> Self {
        Stop::Unwind(u)
    }
}

type Read<T> = Result<T, Stop>;

/// What a value that may be referred back to is.
enum Slot {
    /// The data has no `R:`, so only objects matter.
    Value(Value),
    /// Any value may become a reference.
    Shared(Reference),
}

/// What is called once all is read.
enum Delayed {
    Wakeup(Object),
    Unserialize(Object, PhpArray),
}

/// What was read so far; shared with data inside the data of a class that reads itself.
#[derive(Default)]
struct Known {
    slots: Vec<Slot>,
    /// The data has references.
    shares: bool,
    delayed: Vec<Delayed>,
    /// Objects made, whose properties may hold references of their own.
    objects: Vec<Object>,
    /// How deep the data is nested.
    depth: i64,
}

/// What is known to a reader that runs the `unserialize()` of a class.
#[derive(Default)]
struct Sharing(Option<Known>);

/// Data being read.
struct Reader<'a> {
    data: &'a [u8],
    /// Where the element being read starts, or what is wrong with it.
    at: usize,
    known: Known,
    /// `None`: all classes.
    allowed: Option<FxHashSet<Vec<u8>>>,
    max_depth: i64,
}

impl Reader<'_> {
    /// The byte at a position; 0 behind the end.
    fn byte(&self, at: usize) -> u8 {
        self.data.get(at).copied().unwrap_or(0)
    }

    /// Digits from `at` on that end in `end`: the number and the position behind `end`.
    fn unsigned(&self, at: usize, end: u8) -> Read<(usize, usize)> {
        let (n, after) = text::unsigned(self.data, at).ok_or(Stop::Bad)?;
        if self.byte(after) != end {
            return Err(Stop::Bad);
        }
        Ok((n, after + 1))
    }

    /// A place for a value that is about to be read.
    fn open_slot(&mut self) -> usize {
        self.known.slots.push(if self.known.shares {
            Slot::Shared(Reference::new(Value::Null))
        } else {
            Slot::Value(Value::Null)
        });
        self.known.slots.len() - 1
    }

    /// Tells a place its value; what goes into the container.
    fn fill_slot(&mut self, slot: usize, v: Value) -> Value {
        match &mut self.known.slots[slot] {
            Slot::Value(place) => {
                if v.is_object() {
                    *place = v.clone();
                }
                v
            }
            Slot::Shared(r) => {
                r.set(v);
                Value::Ref(r.clone())
            }
        }
    }

    /// Reads the value at `at`.
    fn value(&mut self, cx: &mut Cx) -> Read<Value> {
        if self.byte(self.at) == b'R' {
            return self.reference();
        }
        let slot = self.open_slot();
        if let Some(v) = self.scalar(cx)? {
            return Ok(self.fill_slot(slot, v));
        }
        match self.byte(self.at) {
            b'r' => {
                let v = self.repeated()?;
                Ok(self.fill_slot(slot, v))
            }
            b'a' => {
                let v = self.array(cx)?;
                Ok(self.fill_slot(slot, Value::Array(v)))
            }
            b'O' => self.object(cx, slot, false),
            b'C' => self.object(cx, slot, true),
            b'E' => {
                let v = self.enum_case(cx)?;
                Ok(self.fill_slot(slot, v))
            }
            b'}' => {
                cx.warning("Unexpected end of serialized data")?;
                Err(Stop::Bad)
            }
            _ => Err(Stop::Bad),
        }
    }

    /// A number in `R:n;` or `r:n;` as an index.
    fn back_index(&mut self) -> Read<usize> {
        if self.byte(self.at + 1) != b':' {
            return Err(Stop::Bad);
        }
        let (n, end) = self.unsigned(self.at + 2, b';')?;
        self.at = end;
        n.checked_sub(1).ok_or(Stop::Bad)
    }

    fn reference(&mut self) -> Read<Value> {
        let index = self.back_index()?;
        match self.known.slots.get(index) {
            Some(Slot::Shared(r)) => Ok(Value::Ref(r.clone())),
            _ => Err(Stop::Bad),
        }
    }

    fn repeated(&mut self) -> Read<Value> {
        let index = self.back_index()?;
        let v = match self.known.slots.get(index) {
            Some(Slot::Value(v)) => v.clone(),
            Some(Slot::Shared(r)) => r.get(),
            None => return Err(Stop::Bad),
        };
        if v.is_object() { Ok(v) } else { Err(Stop::Bad) }
    }

    /// A value without members; `None`: it is something else.
    fn scalar(&mut self, cx: &mut Cx) -> Read<Option<Value>> {
        let at = self.at;
        let letter = self.byte(at);
        if letter == b'N' {
            if self.byte(at + 1) != b';' {
                return Err(Stop::Bad);
            }
            self.at = at + 2;
            return Ok(Some(Value::Null));
        }
        if !matches!(letter, b'b' | b'i' | b'd' | b's' | b'S') {
            return Ok(None);
        }
        if self.byte(at + 1) != b':' {
            return Err(Stop::Bad);
        }
        Ok(Some(match letter {
            b'b' => {
                let b = match (self.byte(at + 2), self.byte(at + 3)) {
                    (b'0', b';') => false,
                    (b'1', b';') => true,
                    _ => return Err(Stop::Bad),
                };
                self.at = at + 4;
                Value::Bool(b)
            }
            b'i' => {
                let (n, end) = text::int(self.data, at + 2).ok_or(Stop::Bad)?;
                if self.byte(end) != b';' {
                    return Err(Stop::Bad);
                }
                let n = match n {
                    Ok(n) => n,
                    Err(bound) => {
                        cx.warning("Numerical result out of range")?;
                        bound
                    }
                };
                self.at = end + 1;
                Value::Int(n)
            }
            b'd' => {
                let (f, end) = text::float(self.data, at + 2).ok_or(Stop::Bad)?;
                if self.byte(end) != b';' {
                    return Err(Stop::Bad);
                }
                self.at = end + 1;
                Value::Float(f)
            }
            b's' => Value::Str(self.string()?),
            _ => {
                let s = self.escaped_string()?;
                cx.deprecated("Unserializing the 'S' format is deprecated")?;
                Value::Str(s)
            }
        }))
    }

    /// The length and start of the quoted text at `at`.
    fn quoted(&mut self) -> Read<(usize, usize)> {
        let (len, after) = self.unsigned(self.at + 2, b':')?;
        if self.byte(after) != b'"' {
            return Err(Stop::Bad);
        }
        let start = after + 1;
        if self.data.len() - start < len {
            self.at += 2;
            return Err(Stop::Bad);
        }
        Ok((len, start))
    }

    /// `";` behind the text.
    fn close_string(&mut self, end: usize) -> Read<()> {
        for (at, wanted) in [(end, b'"'), (end + 1, b';')] {
            if self.byte(at) != wanted {
                self.at = at;
                return Err(Stop::Bad);
            }
        }
        self.at = end + 2;
        Ok(())
    }

    fn string(&mut self) -> Read<PhpString> {
        let (len, start) = self.quoted()?;
        self.close_string(start + len)?;
        Ok(PhpString::new(&self.data[start..start + len]))
    }

    fn escaped_string(&mut self) -> Read<PhpString> {
        let (len, start) = self.quoted()?;
        let (bytes, end) = text::unescape(self.data, start, len).ok_or(Stop::Bad)?;
        self.close_string(end)?;
        Ok(PhpString::from(bytes))
    }

    /// Goes one level down; a warning if that is too deep.
    fn enter(&mut self, cx: &mut Cx) -> Read<()> {
        if self.max_depth > 0 && self.known.depth >= self.max_depth {
            cx.warning(format!(
                "Maximum depth of {} exceeded. The depth limit can be changed using the max_depth \
                 unserialize() option or the unserialize_max_depth ini setting",
                self.max_depth
            ))?;
            return Err(Stop::Bad);
        }
        self.known.depth += 1;
        Ok(())
    }

    /// `}` behind the members.
    fn close(&mut self) -> Read<()> {
        if self.byte(self.at) != b'}' || self.at >= self.data.len() {
            return Err(Stop::Bad);
        }
        self.at += 1;
        Ok(())
    }

    fn array(&mut self, cx: &mut Cx) -> Read<PhpArray> {
        if self.byte(self.at + 1) != b':' {
            return Err(Stop::Bad);
        }
        let (count, after) = self.unsigned(self.at + 2, b':')?;
        if self.byte(after) != b'{' {
            return Err(Stop::Bad);
        }
        self.at = after + 1;
        tell_range(cx, count)?;
        // Every element takes some bytes: a greater count is a lie.
        if count > self.data.len() - self.at {
            return Err(Stop::Bad);
        }
        let mut out = PhpArray::with_capacity(count.min(1 << 16));
        if count > 0 {
            self.members(cx, count, &mut |_, _, key, v| {
                out.insert(key, v);
                Ok(())
            })?;
        }
        self.close()?;
        Ok(out)
    }

    /// Reads keys and values.
    fn members(
        &mut self,
        cx: &mut Cx,
        count: usize,
        put: &mut dyn FnMut(&mut Self, &mut Cx, Key, Value) -> Read<()>,
    ) -> Read<()> {
        self.enter(cx)?;
        for left in (0..count).rev() {
            let key = match self.key(cx)? {
                Value::Int(i) => Key::Int(i),
                Value::Str(s) => Key::from_string(s),
                _ => return Err(Stop::Bad),
            };
            let v = maybe_grow(|| self.value(cx))?;
            put(self, cx, key, v)?;
            if left > 0 && !matches!(self.byte(self.at - 1), b';' | b'}') {
                self.at -= 1;
                return Err(Stop::Bad);
            }
        }
        self.known.depth -= 1;
        Ok(())
    }

    /// A key: a scalar that takes no number.
    fn key(&mut self, cx: &mut Cx) -> Read<Value> {
        match self.scalar(cx)? {
            Some(v) => Ok(v),
            None => {
                match self.byte(self.at) {
                    b'}' => cx.warning("Unexpected end of serialized data")?,
                    b'a' => {
                        let (_, after) = self.unsigned(self.at + 2, b':')?;
                        if self.byte(after) == b'{' {
                            self.at = after + 1;
                        }
                    }
                    _ => {}
                }
                Err(Stop::Bad)
            }
        }
    }

    /// References that nobody else holds become plain values.
    fn settle(&mut self) {
        self.known.slots.clear();
        if !self.known.shares {
            return;
        }
        for o in &self.known.objects {
            for i in 0..o.slot_count() {
                let mut v = o.slot(i);
                // One count is the slot's, one ours.
                let alone = matches!(&v, Value::Ref(r) if r.count() == 2);
                if alone || v.is_array() {
                    v = v.into_deref();
                    o.set_slot(i, Value::Null);
                    settle(&mut v);
                    o.set_slot(i, v);
                }
            }
            if let Some(mut table) = o.take_dynamic() {
                table.values_mut().for_each(settle);
                o.set_dynamic(Some(table));
            }
        }
        for d in &mut self.known.delayed {
            if let Delayed::Unserialize(_, data) = d {
                data.values_mut().for_each(settle);
            }
        }
    }

    /// `__wakeup` and `__unserialize`; after an exception no more of them.
    fn run_delayed(&mut self, cx: &mut Cx) -> Ret<()> {
        let mut result = Ok(());
        for d in std::mem::take(&mut self.known.delayed) {
            let (o, name, args) = match d {
                Delayed::Wakeup(o) => (o, "__wakeup", Vec::new()),
                Delayed::Unserialize(o, data) => (o, "__unserialize", vec![Value::Array(data)]),
            };
            if result.is_err() {
                o.set_flag(Object::DESTRUCTOR_CALLED);
                continue;
            }
            if let Err(u) = cx.call_method(&o, name, args) {
                o.set_flag(Object::DESTRUCTOR_CALLED);
                result = Err(u);
            }
        }
        result
    }
}

/// A count beyond what an int holds.
fn tell_range(cx: &mut Cx, count: usize) -> Ret<()> {
    if i64::try_from(count).is_err() {
        cx.warning("Numerical result out of range")?;
    }
    Ok(())
}

/// Dissolves references with one holder, all the way down.
fn settle(v: &mut Value) {
    if let Value::Ref(r) = v
        && r.count() == 1
    {
        *v = r.replace(Value::Null);
    }
    match v {
        Value::Array(a) if !a.is_empty() && a.is_unique() => a.values_mut().for_each(settle),
        Value::Ref(r) => {
            // While it is settled, the reference is null, so that circles end.
            let mut inner = r.replace(Value::Null);
            if inner.is_array() {
                settle(&mut inner);
            }
            r.set(inner);
        }
        _ => {}
    }
}

/// May the byte be part of the name of a class?
fn is_class_byte(b: &u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'\\' | 0x80..)
}

/// The options of `unserialize()`.
fn options(cx: &mut Cx, given: &PhpArray) -> Ret<(Option<FxHashSet<Vec<u8>>>, i64)> {
    let mut allowed = None;
    match given.get_str(b"allowed_classes").map(Value::deref) {
        None | Some(Value::Bool(true)) => {}
        Some(Value::Bool(false)) => allowed = Some(FxHashSet::default()),
        Some(Value::Array(names)) => {
            let mut set = FxHashSet::default();
            for name in names.values() {
                let name = match name.deref() {
                    Value::Str(s) if !s.iter().all(is_class_byte) => {
                        let shown = s.split(|&b| b == 0).next().unwrap_or_default();
                        let mut text =
                            b"unserialize(): Option \"allowed_classes\" must be an array \
                            of class names, \""
                                .to_vec();
                        text.extend_from_slice(shown);
                        text.extend_from_slice(b"\" given");
                        return Err(cx.throw_value_error(text));
                    }
                    v @ (Value::Array(_) | Value::Int(_) | Value::Float(_) | Value::Bool(_)) => {
                        let given = cx.value_type_name(&v);
                        return Err(cx.throw_type_error(format!(
                            "unserialize(): Option \"allowed_classes\" must be an array of class \
                             names, {given} given"
                        )));
                    }
                    v => cx.to_str(&v)?,
                };
                set.insert(name.to_ascii_lowercase());
            }
            allowed = Some(set);
        }
        Some(v) => {
            let given = cx.value_type_name(&v);
            return Err(cx.throw_type_error(format!(
                "unserialize(): Option \"allowed_classes\" must be of type array|bool, {given} given"
            )));
        }
    }
    let max_depth = match given.get_str(b"max_depth").map(Value::deref) {
        None => cx.ini.get("unserialize_max_depth").map_or(4096, |s| number::string_to_int(&s)),
        Some(Value::Int(n)) if n < 0 => {
            return Err(cx.throw_value_error(
                "unserialize(): Option \"max_depth\" must be greater than or equal to 0",
            ));
        }
        Some(Value::Int(n)) => n,
        Some(v) => {
            let given = cx.value_type_name(&v);
            return Err(cx.throw_type_error(format!(
                "unserialize(): Option \"max_depth\" must be of type int, {given} given"
            )));
        }
    };
    Ok((allowed, max_depth))
}

/// `unserialize()`
pub fn unserialize(cx: &mut Cx, data: &PhpString, given: PhpArray) -> Ret<Value> {
    let (allowed, max_depth) = options(cx, &given)?;
    if data.is_empty() {
        return Ok(Value::Bool(false));
    }
    let outer = cx.state::<Sharing>().0.take();
    let nested = outer.is_some();
    let known = outer.unwrap_or_else(|| Known {
        shares: data.windows(2).any(|w| w == b"R:"),
        ..Known::default()
    });
    let mut reader = Reader { data, at: 0, known, allowed, max_depth };
    let read = reader.value(cx);
    if nested {
        // Values may still be referred to by what comes behind in the outer data.
        let (known, at) = (reader.known, reader.at);
        cx.state::<Sharing>().0 = Some(known);
        return match read {
            Ok(v) => {
                tell_extra(cx, at, data.len())?;
                Ok(v.into_deref())
            }
            Err(Stop::Bad) => {
                tell_error(cx, at, data.len())?;
                Ok(Value::Bool(false))
            }
            Err(Stop::Unwind(u)) => Err(u),
        };
    }
    reader.settle();
    let mut value = match read {
        Ok(v) => v.into_deref(),
        Err(Stop::Bad) => {
            tell_error(cx, reader.at, data.len())?;
            reader.run_delayed(cx)?;
            return Ok(Value::Bool(false));
        }
        Err(Stop::Unwind(u)) => {
            for d in &reader.known.delayed {
                let (Delayed::Wakeup(o) | Delayed::Unserialize(o, _)) = d;
                o.set_flag(Object::DESTRUCTOR_CALLED);
            }
            return Err(u);
        }
    };
    if reader.known.shares {
        settle(&mut value);
    }
    tell_extra(cx, reader.at, data.len())?;
    reader.run_delayed(cx)?;
    Ok(value)
}

/// The values of a [`super::serialize::Serializer`], with other text between them.
pub struct Unserializer<'a>(Reader<'a>);

impl<'a> Unserializer<'a> {
    /// Reads from `data`.
    pub fn new(cx: &Cx, data: &'a [u8]) -> Unserializer<'a> {
        let known = Known { shares: data.windows(2).any(|w| w == b"R:"), ..Known::default() };
        let max_depth = cx.ini.get("unserialize_max_depth");
        let max_depth = max_depth.map_or(4096, |s| number::string_to_int(&s));
        Unserializer(Reader { data, at: 0, known, allowed: None, max_depth })
    }

    /// The value at `at`; it moves behind it. `None`: the data is bad.
    pub fn next(&mut self, cx: &mut Cx, at: &mut usize) -> Ret<Option<Value>> {
        let outer = cx.state::<Sharing>().0.take();
        self.0.at = *at;
        let read = self.0.value(cx);
        cx.state::<Sharing>().0 = outer;
        *at = self.0.at;
        match read {
            Ok(value) => Ok(Some(value)),
            Err(Stop::Bad) => Ok(None),
            Err(Stop::Unwind(unwind)) => Err(unwind),
        }
    }

    /// All is read, and `value` holds it: what was made for references alone goes, `store` gets the
    /// rest, and objects wake up.
    pub fn finish(
        mut self,
        cx: &mut Cx,
        mut value: Value,
        store: impl FnOnce(&mut Cx, Value),
    ) -> Ret<()> {
        self.0.settle();
        if self.0.known.shares {
            settle(&mut value);
        }
        store(cx, value);
        self.0.run_delayed(cx)
    }
}

fn tell_error(cx: &mut Cx, at: usize, len: usize) -> Ret<()> {
    cx.warning(format!("Error at offset {at} of {len} bytes"))
}

fn tell_extra(cx: &mut Cx, at: usize, len: usize) -> Ret<()> {
    if at < len {
        cx.warning(format!("Extra data starting at offset {at} of {len} bytes"))?;
    }
    Ok(())
}

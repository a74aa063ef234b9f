//! The properties of an object as they are shown.

use outlast_bytecode::member_flags;
use outlast_value::{Key, Object, PhpString, Value};
use outlast_vm::types::type_to_string;
use outlast_vm::{Cx, ObjectClass, PropertiesFor, Ret, lazy};

/// Who may see a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    Public,
    Protected,
    /// With the name of the class that declares it.
    Private(PhpString),
}

/// A property as it is shown.
pub struct Shown {
    pub name: Key,
    pub seen: Seen,
    pub what: Content,
}

/// What a property holds.
pub enum Content {
    Value(Value),
    /// Nothing yet; its type.
    Uninitialized(String),
}

/// A mangled name in its parts.
pub fn unmangle(name: &PhpString) -> (PhpString, Seen) {
    if name.first() != Some(&0) {
        return (name.clone(), Seen::Public);
    }
    // The name of an anonymous class has a NUL, too.
    let Some(end) = name.iter().rposition(|&b| b == 0).filter(|&e| e > 0) else {
        return (name.clone(), Seen::Public);
    };
    let class_end = 1 + name[1..].iter().position(|&b| b == 0).unwrap_or(0);
    let plain = name.slice(end + 1..name.len());
    match &name[1..class_end] {
        b"*" => (plain, Seen::Protected),
        class => (plain, Seen::Private(PhpString::new(class))),
    }
}

/// Does showing the object run code that might print?
pub fn runs_code(o: &Object) -> bool {
    let class = o.class();
    class.magic.debug_info.is_some() || class.handlers.properties.is_some()
}

/// The properties, those without a value included if the class has no say in it.
pub fn shown(cx: &mut Cx, o: &Object, purpose: PropertiesFor) -> Ret<Vec<Shown>> {
    let class = o.class();
    let asks = class.handlers.properties.is_some()
        || (purpose == PropertiesFor::Debug && class.magic.debug_info.is_some());
    if asks {
        let table = cx.props_for(o, purpose)?;
        return Ok(table.iter().map(|(k, v)| of_mangled(k, v.clone())).collect());
    }
    if purpose == PropertiesFor::Debug
        && let Some(instance) = lazy::instance(o)
    {
        let (name, what) = (Key::from("instance"), Content::Value(Value::Object(instance)));
        return Ok(vec![Shown { name, seen: Seen::Public, what }]);
    }
    let o = &cx.realize_for(o, purpose)?;
    let class = o.class();
    let mut out = Vec::with_capacity(class.slot_props.len());
    for info in &class.slot_props {
        let what = match o.slot(info.slot as usize) {
            Value::Undef => match &info.ty {
                Some(ty) => Content::Uninitialized(type_to_string(ty)),
                None => continue,
            },
            // One count is the property's, one ours.
            Value::Ref(r) if r.count() <= 2 => Content::Value(r.get()),
            v => Content::Value(v),
        };
        let seen = if info.flags & member_flags::PRIVATE != 0 {
            let class = &info.class.get().name;
            let end = class.iter().position(|&b| b == 0).unwrap_or(class.len());
            Seen::Private(class.slice(0..end))
        } else if info.flags & member_flags::PROTECTED != 0 {
            Seen::Protected
        } else {
            Seen::Public
        };
        out.push(Shown { name: Key::Str(info.name.clone()), seen, what });
    }
    if let Some(table) = o.dynamic() {
        for (k, v) in &table {
            let (name, seen) = match k {
                Key::Int(i) => (outlast_vm::convert::int_to_string(i), Seen::Public),
                Key::Str(s) => unmangle(&s),
            };
            let what = Content::Value(super::dissolved(v));
            out.push(Shown { name: Key::Str(name), seen, what });
        }
    }
    Ok(out)
}

fn of_mangled(k: Key, v: Value) -> Shown {
    let (name, seen) = match &k {
        Key::Str(s) => {
            let (plain, seen) = unmangle(s);
            (Key::Str(plain), seen)
        }
        Key::Int(_) => (k, Seen::Public),
    };
    Shown { name, seen, what: Content::Value(super::dissolved(&v)) }
}

/// How many are no placeholders.
pub fn count(props: &[Shown]) -> usize {
    props.iter().filter(|p| matches!(p.what, Content::Value(_))).count()
}

#[cfg(test)]
mod tests {
    use super::{Seen, unmangle};
    use outlast_value::PhpString;

    #[test]
    fn names_come_apart() {
        let s = |b: &[u8]| PhpString::new(b);
        assert_eq!(unmangle(&s(b"a")), (s(b"a"), Seen::Public));
        assert_eq!(unmangle(&s(b"\0*\0a")), (s(b"a"), Seen::Protected));
        assert_eq!(unmangle(&s(b"\0C\0a")), (s(b"a"), Seen::Private(s(b"C"))));
        let anonymous = unmangle(&s(b"\0class@anonymous\0/f.php:1$0\0a"));
        assert_eq!(anonymous, (s(b"a"), Seen::Private(s(b"class@anonymous"))));
    }
}

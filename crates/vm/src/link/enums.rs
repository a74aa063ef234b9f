//! Enums: their cases, their methods, their limits.

use super::draft::Draft;
use crate::class::{ClassRef, Lazy, PropInfo, shared_attributes};
use crate::function::{Func, FuncKind};
use crate::native::{Args, NativeFunction, NativeParam, NativeType, ObjectHandlers};
use crate::types::lower;
use crate::{Cx, Ret};
use outlast_bytecode::{ClassDecl, TypeDecl, UnionType, member_flags, type_bits};
use outlast_value::{Key, PhpArray, PhpString, Value};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::rc::Rc;

const STATIC: u32 = member_flags::PUBLIC | member_flags::STATIC;

static CASES: NativeFunction = NativeFunction {
    name: "cases",
    modifiers: STATIC,
    params: &[],
    required: 0,
    ret: NativeType { bits: type_bits::ARRAY, classes: &[] },
    tentative: false,
    returns_ref: false,
    deprecated: None,
    call: Some(cases),
};

static FROM: NativeFunction = NativeFunction {
    name: "from",
    modifiers: STATIC,
    params: &[NativeParam {
        name: "value",
        ty: NativeType { bits: type_bits::INT | type_bits::STRING, classes: &[] },
        by_ref: false,
        prefer_ref: false,
        variadic: false,
        default: None,
    }],
    required: 1,
    ret: NativeType { bits: type_bits::STATIC, classes: &[] },
    tentative: false,
    returns_ref: false,
    deprecated: None,
    call: Some(from),
};

static TRY_FROM: NativeFunction = NativeFunction {
    name: "tryFrom",
    ret: NativeType { bits: type_bits::STATIC | type_bits::NULL, classes: &[] },
    call: Some(try_from),
    params: FROM.params,
    ..FROM
};

/// Magic methods an enum may not have.
const FORBIDDEN: [&str; 14] = [
    "__get",
    "__set",
    "__isset",
    "__unset",
    "__construct",
    "__destruct",
    "__clone",
    "__sleep",
    "__wakeup",
    "__serialize",
    "__unserialize",
    "__toString",
    "__debugInfo",
    "__set_state",
];

/// Enum objects compare by identity and cannot be copied.
static ENUM_HANDLERS: ObjectHandlers =
    ObjectHandlers { uncloneable: true, compare: Some(compare_cases), ..ObjectHandlers::STANDARD };

fn compare_cases(_: &mut Cx, a: &Value, b: &Value) -> Ret<Option<std::cmp::Ordering>> {
    Ok(match (a, b) {
        (Value::Object(a), Value::Object(b)) if a.ptr_eq(b) => Some(std::cmp::Ordering::Equal),
        _ => None,
    })
}

/// Cases by backing value, for each enum that was asked.
#[derive(Default)]
struct BackingTables(FxHashMap<usize, PhpArray>);

impl Draft {
    /// Gives an enum its properties and methods.
    pub(super) fn prepare_enum(&mut self, cx: &mut Cx, decl: &ClassDecl) -> Ret<()> {
        if let Some(TypeDecl::Union(u)) = &decl.backing {
            self.class.backing = u.bits & (type_bits::INT | type_bits::STRING);
        }
        if !self.own_props.is_empty() || !self.class.static_props.is_empty() {
            return Err(self.no_properties(cx));
        }
        self.add_enum_members();
        for f in self.enum_methods() {
            if self.class.methods.contains_key(lower(f.name.as_bytes()).as_bytes()) {
                let message = format!("Cannot redeclare {}::{}()", self.name(), f.name);
                return Err(self.error(cx, message));
            }
        }
        self.add_enum_methods();
        Ok(())
    }

    fn enum_methods(&self) -> &'static [&'static NativeFunction] {
        const ALL: &[&NativeFunction] = &[&CASES, &FROM, &TRY_FROM];
        if self.class.backing == 0 { &ALL[..1] } else { ALL }
    }

    /// `cases` and, if backed, `from` and `tryFrom`.
    pub(super) fn add_enum_methods(&mut self) {
        for f in self.enum_methods() {
            let func = Func {
                name: PhpString::from(f.name),
                modifiers: f.modifiers,
                class: Some(self.cell.clone()),
                kind: FuncKind::Native(f, "Core"),
                prototype: RefCell::new(None),
                from_trait: None,
            };
            self.class.methods.insert(lower(f.name.as_bytes()), Rc::new(func));
        }
    }

    /// The properties `name` and `value`.
    pub(super) fn add_enum_members(&mut self) {
        self.class.handlers = &ENUM_HANDLERS;
        let mut add = |name: &str, bits: u32| {
            let info = PropInfo {
                name: PhpString::from(name),
                slot: u32::MAX,
                flags: member_flags::PUBLIC | member_flags::READONLY | member_flags::PROTECTED_SET,
                ty: Some(Rc::new(TypeDecl::Union(UnionType { bits, ..UnionType::default() }))),
                class: self.cell.clone(),
                get: None,
                set: None,
                doc: None,
                attributes: shared_attributes(&[]),
                has_default: false,
            };
            self.own_props.push((info, Lazy::Value(Value::Undef)));
        };
        add("name", type_bits::STRING);
        if self.class.backing != 0 {
            add("value", self.class.backing);
        }
    }

    fn no_properties(&self, cx: &mut Cx) -> crate::Unwind {
        self.error(cx, format!("Enum {} cannot include properties", self.name()))
    }

    /// What traits may have brought in.
    pub(super) fn verify_enum(&self, cx: &mut Cx) -> Ret<()> {
        let foreign = self.class.props.keys().any(|n| !matches!(n.as_bytes(), b"name" | b"value"));
        if foreign || !self.class.static_props.is_empty() {
            return Err(self.no_properties(cx));
        }
        for name in FORBIDDEN {
            if self.class.methods.contains_key(name.to_ascii_lowercase().as_bytes()) {
                let message = format!("Enum {} cannot include magic method {name}", self.name());
                return Err(self.error(cx, message));
            }
        }
        Ok(())
    }
}

/// The enum a static method was called on.
fn called(args: &Args<'_>) -> ClassRef {
    args.called.expect("static methods are called on a class")
}

fn cases(cx: &mut Cx, args: &mut Args<'_>) -> Ret<Value> {
    let list = cx.enum_cases(called(args))?;
    Ok(Value::Array(PhpArray::from_list(list.into_iter().map(|(_, v)| v).collect())))
}

fn from(cx: &mut Cx, args: &mut Args<'_>) -> Ret<Value> {
    let class = called(args);
    let value = backing_argument(cx, class, args)?;
    if let Some(case) = cx.enum_case_by_value(class, &value)? {
        return Ok(case);
    }
    let shown = match &value {
        Value::Str(s) => format!("\"{s}\""),
        Value::Int(i) => i.to_string(),
        _ => String::new(),
    };
    Err(cx.throw_value_error(format!(
        "{shown} is not a valid backing value for enum {}",
        class.display_name()
    )))
}

fn try_from(cx: &mut Cx, args: &mut Args<'_>) -> Ret<Value> {
    let class = called(args);
    let value = backing_argument(cx, class, args)?;
    Ok(cx.enum_case_by_value(class, &value)?.unwrap_or(Value::Null))
}

/// The argument as the backing type of the enum.
fn backing_argument(cx: &mut Cx, class: ClassRef, args: &mut Args<'_>) -> Ret<Value> {
    if class.backing & type_bits::INT == 0 {
        return args.string(cx, 0).map(Value::Str);
    }
    let raw = args.values.first().map_or(Value::Null, |v| v.deref().or_null());
    if let Value::Int(_) = raw {
        return Ok(raw);
    }
    if !cx.calls_strictly()
        && !raw.is_null()
        && let Some(v) = cx.coerce_scalar(type_bits::INT, &raw)?
    {
        return Ok(v);
    }
    if raw.is_null() && !cx.calls_strictly() {
        cx.raise_deprecated(format!(
            "{}::{}(): Passing null to parameter #1 ($value) of type string|int is deprecated",
            class.display_name(),
            args.function.name
        ))?;
        return Ok(Value::Int(0));
    }
    Err(cx.throw_type_error(format!(
        "{}::{}(): Argument #1 ($value) must be of type int, {} given",
        class.display_name(),
        args.function.name,
        crate::types::value_type_name(&raw)
    )))
}

impl Cx {
    /// The case of a backed enum with this value.
    pub fn enum_case_by_value(&mut self, class: ClassRef, value: &Value) -> Ret<Option<Value>> {
        let id = class.ptr().0.as_ptr() as usize;
        if !self.state::<BackingTables>().0.contains_key(&id) {
            let table = self.backing_table(class)?;
            self.state::<BackingTables>().0.insert(id, table);
        }
        let key = match value {
            Value::Int(i) => Key::Int(*i),
            Value::Str(s) => Key::Str(s.clone()),
            _ => return Ok(None),
        };
        Ok(self.state::<BackingTables>().0[&id].get(&key).cloned())
    }

    /// The first use of a constant of a backed enum looks for duplicate values.
    pub(crate) fn check_backed_enum(&mut self, class: ClassRef) -> Ret<()> {
        if class.backing == 0 || class.slots_ready.get() {
            return Ok(());
        }
        // Set first: the cases are constants of the enum themselves.
        class.slots_ready.set(true);
        let checked = self.enum_case_by_value(class, &Value::Int(0));
        if checked.is_err() {
            class.slots_ready.set(false);
        }
        checked.map(drop)
    }

    fn backing_table(&mut self, class: ClassRef) -> Ret<PhpArray> {
        let mut table = PhpArray::new();
        let mut names: FxHashMap<Key, PhpString> = FxHashMap::default();
        for (name, case) in self.enum_cases(class)? {
            let Value::Object(o) = &case else { continue };
            let key = match o.slot(1) {
                Value::Int(i) => Key::Int(i),
                Value::Str(s) => Key::Str(s),
                _ => continue,
            };
            if let Some(first) = names.get(&key) {
                return Err(self.throw_error(format!(
                    "Duplicate value in enum {} for cases {first} and {name}",
                    class.display_name()
                )));
            }
            names.insert(key.clone(), name);
            table.insert(key, case);
        }
        Ok(table)
    }
}

//! Fetch modes with what belongs to them, and the checks of their arguments.

use crate::statement::StatementData;
use outlast_value::{Object, PhpArray, Value};
use outlast_vm::{Callable, ClassRef, Cx, Ret, Unwind};

/// `PDO::FETCH_…`
pub mod mode {
    pub const DEFAULT: i64 = 0;
    pub const LAZY: i64 = 1;
    pub const NUM: i64 = 3;
    pub const BOTH: i64 = 4;
    pub const OBJ: i64 = 5;
    pub const BOUND: i64 = 6;
    pub const COLUMN: i64 = 7;
    pub const CLASS: i64 = 8;
    pub const INTO: i64 = 9;
    pub const FUNC: i64 = 10;
    pub const NAMED: i64 = 11;
    pub const KEY_PAIR: i64 = 12;
    /// The first number that is none.
    pub const END: i64 = 13;
    pub const GROUP: i64 = 0x1_0000;
    pub const UNIQUE: i64 = 0x3_0000;
    pub const CLASSTYPE: i64 = 0x4_0000;
    pub const SERIALIZE: i64 = 0x8_0000;
    pub const PROPS_LATE: i64 = 0x10_0000;
    /// All of them.
    pub const FLAGS: i64 = 0xFFFF_0000;
}

/// How rows are fetched.
#[derive(Clone)]
pub struct Plan {
    /// One of `PDO::FETCH_…`, without flags.
    pub mode: i64,
    /// `PDO::FETCH_GROUP` and so on.
    pub flags: i64,
    /// For `COLUMN`; -1: the first that is not the group.
    pub column: i64,
    /// For `CLASS`.
    pub class: Option<ClassRef>,
    /// For its constructor.
    pub args: Vec<Value>,
    /// For `INTO`.
    pub into: Option<Object>,
    /// For `FUNC`.
    pub function: Option<Callable>,
}

impl Plan {
    /// A mode that needs nothing else.
    pub fn plain(mode: i64) -> Plan {
        Plan {
            mode: mode & !mode::FLAGS,
            flags: mode & mode::FLAGS,
            column: 0,
            class: None,
            args: Vec::new(),
            into: None,
            function: None,
        }
    }

    /// Values that are held, for the cycle collector.
    pub fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        self.args.iter().for_each(&mut *visit);
        if let Some(object) = &self.into {
            visit(&Value::Object(object.clone()));
        }
    }

    /// The mode for one call, what belongs to it being taken from the statement's own.
    pub fn for_call(cx: &mut Cx, data: &StatementData, wanted: i64, all: bool) -> Ret<Plan> {
        let mut plan = data.plan.borrow().clone();
        check(cx, &plan, wanted, 1, all)?;
        plan.flags = if wanted & !mode::FLAGS == mode::DEFAULT {
            plan.flags | wanted & mode::FLAGS
        } else {
            plan.mode = wanted & !mode::FLAGS;
            wanted & mode::FLAGS
        };
        Ok(plan)
    }

    /// `setFetchMode()` and `query()`: the mode is argument `n` (from 1).
    pub fn from_arguments(
        cx: &mut Cx,
        data: &StatementData,
        wanted: i64,
        n: usize,
        args: &[Value],
    ) -> Ret<Plan> {
        let default = Plan::plain(mode::BOTH);
        *data.plan.borrow_mut() = default.clone();
        check(cx, &default, wanted, n, false)?;
        let mut plan = Plan::plain(wanted);
        let total = n + args.len();
        let count_error = |cx: &mut Cx, how: &str, expected: usize| {
            arguments_error(
                cx,
                &format!("{how} {expected} arguments for the fetch mode provided, {total}"),
            )
        };
        match plan.mode {
            mode::COLUMN => {
                let [column] = args else { return Err(count_error(cx, "exactly", n + 1)) };
                plan.column = column_argument(cx, n + 1, column)?;
            }
            mode::CLASS if plan.flags & mode::CLASSTYPE == 0 => {
                let Some(class) = args.first() else {
                    return Err(count_error(cx, "at least", n + 1));
                };
                if args.len() > 2 {
                    return Err(count_error(cx, "at most", n + 2));
                }
                plan.class = Some(class_argument(cx, n + 1, class)?);
                plan.args = constructor_arguments(cx, n + 2, args.get(1))?;
                plan.check_constructor(cx)?;
            }
            mode::INTO => {
                let [object] = args else { return Err(count_error(cx, "exactly", n + 1)) };
                let Value::Object(object) = object.deref() else {
                    return Err(wrong_type(cx, n + 1, "object", object));
                };
                plan.into = Some(object);
            }
            _ if !args.is_empty() => return Err(count_error(cx, "exactly", n)),
            _ => {}
        }
        Ok(plan)
    }

    /// `fetchAll()`
    pub fn for_all(cx: &mut Cx, data: &StatementData, wanted: i64, args: &[Value]) -> Ret<Plan> {
        if args.len() > 2 {
            let given = args.len() + 1;
            return Err(arguments_error(cx, &format!("at most 3 arguments, {given}")));
        }
        let mut plan = Plan::for_call(cx, data, wanted, true)?;
        if let Some(list) = args.get(1) {
            plan.args = constructor_arguments(cx, 3, Some(list))?;
        }
        let given = args.len() + 1;
        match wanted & !mode::FLAGS {
            mode::CLASS => {
                plan.class = Some(match args.first() {
                    Some(class) => match class.deref() {
                        Value::Str(name) => match cx.lookup_class(&name, true)? {
                            Some(class) => class,
                            None => {
                                return Err(
                                    cx.fatal([b"Class \"", &name[..], b"\" not found"].concat())
                                );
                            }
                        },
                        other => return Err(wrong_type(cx, 2, "string", &other)),
                    },
                    None => standard_class(cx)?,
                });
                plan.check_constructor(cx)?;
            }
            mode::FUNC => {
                let [function] = args else {
                    let text = format!("exactly 2 argument for PDO::FETCH_FUNC, {given}");
                    return Err(arguments_error(cx, &text));
                };
                if function.deref().is_null() {
                    return Err(cx.arg_type_error(2, "must be a callable, null given"));
                }
                match cx.resolve_callable(function)? {
                    Ok(function) => plan.function = Some(function),
                    Err(reason) => return Err(cx.throw_type_error(reason)),
                }
            }
            mode::COLUMN => {
                if args.len() > 1 {
                    let text = format!("at most 2 argument for the fetch mode provided, {given}");
                    return Err(arguments_error(cx, &text));
                }
                plan.column = match args.first() {
                    Some(column) => column_argument(cx, 2, column)?,
                    None if plan.flags & mode::GROUP != 0 => -1,
                    None => 0,
                };
            }
            _ if !args.is_empty() => {
                let text = format!("exactly 1 argument for the fetch mode provided, {given}");
                return Err(arguments_error(cx, &text));
            }
            _ => {}
        }
        Ok(plan)
    }

    /// Arguments need a constructor.
    pub fn check_constructor(&self, cx: &mut Cx) -> Ret<()> {
        if !self.args.is_empty() && self.class.is_some_and(|c| c.magic.construct.is_none()) {
            return Err(
                cx.throw_error("User-supplied statement does not accept constructor arguments")
            );
        }
        Ok(())
    }
}

/// `stdClass`
pub fn standard_class(cx: &mut Cx) -> Ret<ClassRef> {
    cx.class_or_throw(&outlast_value::PhpString::new(b"stdClass"))
}

fn wrong_type(cx: &mut Cx, n: usize, wanted: &str, value: &Value) -> Unwind {
    let given = cx.value_type_name(value);
    cx.arg_type_error(n, &format!("must be of type {wanted}, {given} given"))
}

fn arguments_error(cx: &mut Cx, text: &str) -> Unwind {
    let function = cx.running_native().map(|f| f.display_name()).unwrap_or_default();
    cx.throw_arg_count_error(format!("{function}() expects {text} given"))
}

fn column_argument(cx: &mut Cx, n: usize, value: &Value) -> Ret<i64> {
    match value.deref() {
        Value::Int(column) if column < 0 => {
            Err(cx.arg_value_error(n, "must be greater than or equal to 0"))
        }
        Value::Int(column) => Ok(column),
        other => Err(wrong_type(cx, n, "int", &other)),
    }
}

fn class_argument(cx: &mut Cx, n: usize, value: &Value) -> Ret<ClassRef> {
    let Value::Str(name) = value.deref() else { return Err(wrong_type(cx, n, "string", value)) };
    match cx.lookup_class(&name, true)? {
        Some(class) => Ok(class),
        None => Err(cx.arg_type_error(n, "must be a valid class")),
    }
}

fn constructor_arguments(cx: &mut Cx, n: usize, value: Option<&Value>) -> Ret<Vec<Value>> {
    match value.map(Value::deref) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(args)) => Ok(PhpArray::into_values(args)),
        Some(other) => Err(wrong_type(cx, n, "?array", &other)),
    }
}

/// Is a mode, argument `n` (from 1), possible? `default` stands for `PDO::FETCH_DEFAULT`.
fn check(cx: &mut Cx, default: &Plan, wanted: i64, n: usize, all: bool) -> Ret<()> {
    let (mut plain, mut flags) = (wanted & !mode::FLAGS, wanted & mode::FLAGS);
    if !(0..mode::END).contains(&plain) {
        return Err(cx.arg_value_error(n, "must be a bitmask of PDO::FETCH_* constants"));
    }
    if plain == mode::DEFAULT {
        (plain, flags) = (default.mode, default.flags);
    }
    match plain {
        mode::FUNC if !all => {
            let text = "Can only use PDO::FETCH_FUNC in PDOStatement::fetchAll()";
            return Err(cx.throw_value_error(text));
        }
        mode::FUNC => return Ok(()),
        mode::LAZY if all => {
            let text = "cannot be PDO::FETCH_LAZY in PDOStatement::fetchAll()";
            return Err(cx.arg_value_error(n, text));
        }
        mode::CLASS => {}
        _ if flags & mode::SERIALIZE != 0 => {
            let text = "must use PDO::FETCH_SERIALIZE with PDO::FETCH_CLASS";
            return Err(cx.arg_value_error(n, text));
        }
        _ if flags & mode::CLASSTYPE != 0 => {
            let text = "must use PDO::FETCH_CLASSTYPE with PDO::FETCH_CLASS";
            return Err(cx.arg_value_error(n, text));
        }
        _ => {}
    }
    if flags & mode::SERIALIZE != 0 {
        cx.deprecated("The PDO::FETCH_SERIALIZE mode is deprecated")?;
    }
    Ok(())
}

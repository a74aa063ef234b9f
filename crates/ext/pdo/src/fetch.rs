//! Rows, in all their forms.

pub use crate::plan::{Plan, mode};

use crate::columns;
use crate::plan::standard_class;
use crate::row;
use crate::statement::StatementData;
use outlast_value::{Key, Object, PhpArray, PhpString, Value};
use outlast_vm::{ClassRef, Cx, NativeIterator, Ret};

/// What fetching gave.
pub enum Fetched {
    /// There was no further row, or its fetching failed.
    Nothing,
    /// A row.
    Row(Value),
    /// A row with the value that names its group or key.
    Grouped(Value, Value),
}

/// Goes to the next row, and fills bound columns.
pub fn advance(cx: &mut Cx, data: &StatementData) -> Ret<bool> {
    if !data.executed.get() {
        return Ok(false);
    }
    let Some(driver) = data.driver.borrow().clone() else { return Ok(false) };
    match driver.fetch(cx)? {
        Ok(true) => {}
        Ok(false) => return Ok(false),
        Err(error) => return data.fail(cx, error).map(|()| false),
    }
    let bound = data.bound_columns.borrow().clone();
    for column in bound {
        let number = match &column.name {
            Some(name) => data.columns.borrow().iter().position(|known| known == name),
            None => usize::try_from(column.number).ok(),
        };
        if let Some(number) = number.filter(|n| *n < data.columns.borrow().len()) {
            let value = columns::value(cx, data, number, Some(column.kind))?;
            cx.assign_reference(&column.target, value)?;
        }
    }
    Ok(true)
}

/// Fetches a row; `all`: for `fetchAll()`.
pub fn fetch(
    cx: &mut Cx,
    this: &Object,
    data: &StatementData,
    plan: &Plan,
    all: bool,
) -> Ret<Fetched> {
    if !advance(cx, data)? {
        return Ok(Fetched::Nothing);
    }
    let row = Row {
        data,
        plan,
        names: data.columns.borrow().clone(),
        grouped: all && plan.flags & mode::GROUP != 0,
    };
    row.build(cx, this)
}

struct Row<'a> {
    data: &'a StatementData,
    plan: &'a Plan,
    names: std::rc::Rc<[PhpString]>,
    /// The first column, or another, names the group.
    grouped: bool,
}

impl Row<'_> {
    fn value(&self, cx: &mut Cx, column: usize) -> Ret<Value> {
        columns::value(cx, self.data, column, None)
    }

    fn refuse(&self, cx: &mut Cx, text: &str) -> Ret<Fetched> {
        self.data.refuse(cx, "HY000", text)?;
        Ok(Fetched::Nothing)
    }

    /// The columns that are part of the row itself, with their values.
    fn pairs(&self, cx: &mut Cx, first: usize) -> Ret<Vec<(PhpString, Value)>> {
        (first..self.names.len())
            .map(|at| Ok((self.names[at].clone(), self.value(cx, at)?)))
            .collect()
    }

    fn build(&self, cx: &mut Cx, this: &Object) -> Ret<Fetched> {
        match self.plan.mode {
            mode::BOUND => return Ok(Fetched::Row(Value::Bool(true))),
            mode::LAZY => return row::make(cx, this).map(|row| Fetched::Row(Value::Object(row))),
            mode::KEY_PAIR => {
                if self.names.len() != 2 {
                    return self.refuse(cx, "PDO::FETCH_KEY_PAIR fetch mode requires the result set to contain exactly 2 columns.");
                }
                return Ok(Fetched::Grouped(self.value(cx, 0)?, self.value(cx, 1)?));
            }
            mode::COLUMN => return self.column(cx),
            _ => {}
        }
        let mut first = 0;
        let mut class = self.plan.class;
        if self.plan.mode == mode::CLASS {
            if self.plan.flags & mode::CLASSTYPE != 0 {
                class = Some(self.named_class(cx)?);
                first = 1;
            }
            if class.is_none() {
                return self.refuse(cx, "No fetch class specified");
            }
        }
        if self.plan.mode == mode::INTO && self.plan.into.is_none() {
            return self.refuse(cx, "No fetch-into object specified.");
        }
        if self.plan.mode == mode::FUNC && self.plan.function.is_none() {
            return self.refuse(cx, "No fetch function specified");
        }
        let group = if self.grouped {
            first += 1;
            Some(self.value(cx, first - 1)?)
        } else {
            None
        };
        let value = match self.plan.mode {
            mode::CLASS => match class {
                Some(class) => self.object(cx, class, first)?,
                None => return Ok(Fetched::Nothing),
            },
            _ => self.plain(cx, first)?,
        };
        Ok(match group {
            Some(group) => Fetched::Grouped(group, value),
            None => Fetched::Row(value),
        })
    }

    fn plain(&self, cx: &mut Cx, first: usize) -> Ret<Value> {
        let pairs = self.pairs(cx, first)?;
        let mut array = PhpArray::new();
        match self.plan.mode {
            mode::NUM => {
                return Ok(Value::Array(pairs.into_iter().map(|(_, value)| value).collect()));
            }
            mode::BOTH => {
                for (at, (name, value)) in pairs.into_iter().enumerate() {
                    array.insert(Key::from_string(name), value.clone());
                    array.insert_int((first + at) as i64, value);
                }
            }
            mode::NAMED => {
                for (name, value) in pairs {
                    add_named(&mut array, Key::from_string(name), value);
                }
            }
            mode::OBJ => {
                let class = standard_class(cx)?;
                let object = cx.instantiate(class)?;
                self.fill(cx, &object, pairs, None)?;
                return Ok(Value::Object(object));
            }
            mode::INTO => {
                let Some(object) = &self.plan.into else { return Ok(Value::Null) };
                self.fill(cx, object, pairs, None)?;
                return Ok(Value::Object(object.clone()));
            }
            mode::FUNC => {
                let Some(function) = &self.plan.function else { return Ok(Value::Null) };
                let args = pairs.into_iter().map(|(_, value)| value).collect();
                return Ok(cx.call_resolved(function, args)?.into_deref());
            }
            _ => {
                for (name, value) in pairs {
                    array.insert(Key::from_string(name), value);
                }
            }
        }
        Ok(Value::Array(array))
    }

    fn column(&self, cx: &mut Cx) -> Ret<Fetched> {
        let wanted = self.plan.column;
        let column = if self.grouped && wanted == -1 { 1 } else { wanted };
        if usize::try_from(column).is_ok_and(|c| c >= self.names.len()) {
            return Err(cx.throw_value_error("Invalid column index"));
        }
        if column < 0 {
            let text = "Column index must be greater than or equal to 0";
            return Err(cx.throw_value_error(text));
        }
        if !self.grouped {
            return self.value(cx, column as usize).map(Fetched::Row);
        }
        // A column that was asked for names the group, if nothing but grouping was.
        let only_group = self.plan.flags == mode::GROUP;
        let (group, column) =
            if only_group && wanted >= 0 { (wanted as usize, 0) } else { (0, column as usize) };
        Ok(Fetched::Grouped(self.value(cx, group)?, self.value(cx, column)?))
    }

    /// The class that the first column names.
    fn named_class(&self, cx: &mut Cx) -> Ret<ClassRef> {
        let name = self.value(cx, 0)?;
        let found = match &name {
            Value::Null => None,
            other => {
                let name = cx.to_str(other)?;
                cx.lookup_class(&name, true)?
            }
        };
        match found {
            Some(class) => Ok(class),
            None => standard_class(cx),
        }
    }

    fn object(&self, cx: &mut Cx, class: ClassRef, first: usize) -> Ret<Value> {
        let flags = self.plan.flags;
        let object = cx.instantiate(class)?;
        if flags & mode::SERIALIZE != 0 {
            let data = self.value(cx, first)?;
            if class.method(b"unserialize").is_none() {
                self.refuse(cx, "cannot unserialize class")?;
                return Ok(Value::Bool(false));
            }
            cx.call_method(&object, "unserialize", vec![data])?;
            return Ok(Value::Object(object));
        }
        let pairs = self.pairs(cx, first)?;
        // Arguments are for the class they were given with.
        let args = if self.plan.class.is_some_and(|own| own.ptr() == class.ptr()) {
            self.plan.args.clone()
        } else {
            Vec::new()
        };
        let construct = |cx: &mut Cx| match class.magic.construct.clone() {
            Some(constructor) => {
                cx.call_func(&constructor, Some(object.clone()), Some(class), args).map(drop)
            }
            None => Ok(()),
        };
        if flags & mode::PROPS_LATE != 0 {
            construct(cx)?;
            self.fill(cx, &object, pairs, Some(class))?;
        } else {
            self.fill(cx, &object, pairs, Some(class))?;
            construct(cx)?;
        }
        Ok(Value::Object(object))
    }

    fn fill(
        &self,
        cx: &mut Cx,
        object: &Object,
        pairs: Vec<(PhpString, Value)>,
        scope: Option<ClassRef>,
    ) -> Ret<()> {
        for (name, value) in pairs {
            cx.write_prop_scoped(object, &name, value, scope, false)?;
        }
        Ok(())
    }
}

/// Columns of the same name become a list.
fn add_named(array: &mut PhpArray, key: Key, value: Value) {
    match array.get_mut(&key) {
        None => {
            array.insert(key, value);
        }
        Some(Value::Array(list)) => {
            let _full = list.push(value);
        }
        Some(known) => {
            let first = known.take();
            *known = Value::Array(PhpArray::from_list(vec![first, value]));
        }
    }
}

/// All rows that are left.
pub fn fetch_all(cx: &mut Cx, this: &Object, data: &StatementData, plan: &Plan) -> Ret<PhpArray> {
    let mut result = PhpArray::new();
    let single = plan.mode == mode::KEY_PAIR || plan.flags & mode::UNIQUE == mode::UNIQUE;
    loop {
        match fetch(cx, this, data, plan, true)? {
            Fetched::Nothing => return Ok(result),
            Fetched::Row(value) => {
                let _full = result.push(value);
            }
            Fetched::Grouped(group, value) => {
                let key = match group {
                    Value::Int(number) => Key::Int(number),
                    other => Key::from_string(cx.to_str(&other)?),
                };
                if single {
                    result.insert(key, value);
                } else if let Value::Array(list) = result.get_or_insert(&key) {
                    let _full = list.push(value);
                } else {
                    result.insert(key, Value::Array(PhpArray::from_list(vec![value])));
                }
            }
        }
    }
}

/// One row as PHP's `fetch()` returns it.
pub fn fetch_one(cx: &mut Cx, this: &Object, data: &StatementData, plan: &Plan) -> Ret<Value> {
    Ok(match fetch(cx, this, data, plan, false)? {
        Fetched::Nothing => Value::Bool(false),
        Fetched::Row(value) => value,
        Fetched::Grouped(key, value) => {
            let mut array = PhpArray::new();
            let key = match key {
                Value::Int(number) => Key::Int(number),
                other => Key::from_string(cx.to_str(&other)?),
            };
            array.insert(key, value);
            Value::Array(array)
        }
    })
}

/// `foreach` over a statement: each row once.
pub struct Rows {
    statement: Object,
    key: i64,
    current: Option<Value>,
}

impl Rows {
    /// Fetches the first row.
    pub fn new(cx: &mut Cx, statement: &Object) -> Ret<Rows> {
        let mut rows = Rows { statement: statement.clone(), key: 0, current: None };
        rows.advance(cx)?;
        Ok(rows)
    }

    fn advance(&mut self, cx: &mut Cx) -> Ret<()> {
        let data = crate::statement::data(cx, &self.statement)?;
        let plan = data.plan.borrow().clone();
        let plan = if plan.mode == mode::FUNC { Plan::plain(mode::BOTH) } else { plan };
        self.current = match fetch(cx, &self.statement, data, &plan, false)? {
            Fetched::Nothing => None,
            Fetched::Row(value) => Some(value),
            Fetched::Grouped(key, value) => {
                let mut array = PhpArray::new();
                let key = cx.to_str(&key)?;
                array.insert(Key::from_string(key), value);
                Some(Value::Array(array))
            }
        };
        Ok(())
    }
}

impl NativeIterator for Rows {
    fn rewind(&mut self, _: &mut Cx) -> Ret<()> {
        Ok(())
    }
    fn valid(&mut self, _: &mut Cx) -> Ret<bool> {
        Ok(self.current.is_some())
    }
    fn current(&mut self, _: &mut Cx) -> Ret<Value> {
        Ok(self.current.clone().unwrap_or(Value::Null))
    }
    fn key(&mut self, _: &mut Cx) -> Ret<Value> {
        Ok(if self.current.is_some() { Value::Int(self.key) } else { Value::Null })
    }
    fn next(&mut self, cx: &mut Cx) -> Ret<()> {
        self.key += 1;
        self.advance(cx)
    }
}

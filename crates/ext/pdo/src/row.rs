//! `PDORow`: the current row of a statement, column by column when asked.

use crate::columns;
use crate::error;
use crate::statement::{StatementData, data};
use outlast_value::{Object, ObjectData, PhpArray, PhpString, Value};
use outlast_vm::{Cx, ObjectHandlers, PropertiesFor, Ret};

pub static ROW_HANDLERS: ObjectHandlers = ObjectHandlers {
    create: Some(create),
    uncloneable: true,
    properties: Some(properties),
    read_property: Some(read_property),
    write_property: Some(|cx, _, _, _| Err(cx.throw_error("Cannot write to PDORow property"))),
    has_property: Some(has_property),
    unset_property: Some(|cx, _, _| Err(cx.throw_error("Cannot unset PDORow property"))),
    read_dimension: Some(read_dimension),
    write_dimension: Some(|cx, _, key, _| {
        Err(cx.throw_error(match key {
            Some(_) => "Cannot write to PDORow offset",
            None => "Cannot append to PDORow offset",
        }))
    }),
    has_dimension: Some(has_dimension),
    unset_dimension: Some(|cx, _, _| Err(cx.throw_error("Cannot unset PDORow offset"))),
    ..ObjectHandlers::STANDARD
};

/// The payload: the statement.
struct RowData(Object);

impl ObjectData for RowData {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&Value::Object(self.0.clone()));
    }
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

/// Rows are made by `fetch()` alone, which marks them.
#[derive(Default)]
struct Making(bool);

fn create(cx: &mut Cx, _: &Object) -> Ret<()> {
    if cx.state::<Making>().0 {
        return Ok(());
    }
    let text = b"You may not create a PDORow manually";
    Err(error::throw(cx, text, Value::Int(0), None))
}

/// The row a statement is at.
pub fn make(cx: &mut Cx, statement: &Object) -> Ret<Object> {
    let class = cx.class_or_throw(&PhpString::new(b"PDORow"))?;
    cx.state::<Making>().0 = true;
    let row = cx.instantiate(class);
    cx.state::<Making>().0 = false;
    let row = row?;
    let query = PhpString::new(b"queryString");
    let text = cx.read_prop(statement, &query)?;
    if let Some(info) = class.props.get(&query) {
        row.set_slot(info.slot as usize, text);
    }
    row.set_data(Box::new(RowData(statement.clone())));
    Ok(row)
}

fn statement(cx: &mut Cx, row: &Object) -> Ret<Option<Object>> {
    let found = row.data::<RowData>().map(|row| row.0.clone());
    if let Some(statement) = &found {
        data(cx, statement)?;
    }
    Ok(found)
}

/// The column that a name or a number means.
fn find(data: &StatementData, name: &[u8]) -> Option<usize> {
    let names = data.columns.borrow();
    let number = std::str::from_utf8(name).ok().and_then(|text| text.parse::<usize>().ok());
    match number {
        Some(number) if number < names.len() => Some(number),
        _ => names.iter().position(|known| known.as_bytes() == name),
    }
}

fn column(cx: &mut Cx, row: &Object, name: &PhpString) -> Ret<Option<Value>> {
    let Some(statement) = statement(cx, row)? else { return Ok(None) };
    let data = data(cx, &statement)?;
    match find(data, name) {
        Some(column) => columns::value(cx, data, column, None).map(Some),
        None => Ok(None),
    }
}

fn read_property(cx: &mut Cx, row: &Object, name: &PhpString) -> Ret<Option<Value>> {
    Ok(Some(column(cx, row, name)?.unwrap_or(Value::Null)))
}

fn has_property(cx: &mut Cx, row: &Object, name: &PhpString, empty: bool) -> Ret<Option<bool>> {
    let value = column(cx, row, name)?;
    Ok(Some(value.is_some_and(|v| if empty { v.truthy() } else { !v.is_null() })))
}

fn read_dimension(cx: &mut Cx, row: &Object, key: Option<&Value>, _: bool) -> Ret<Value> {
    let Some(key) = key else { return Err(cx.throw_error("Cannot append to PDORow offset")) };
    let name = cx.to_str(key)?;
    if name.as_bytes() == b"queryString" {
        return cx.read_prop(row, &name);
    }
    Ok(column(cx, row, &name)?.unwrap_or(Value::Null))
}

fn has_dimension(cx: &mut Cx, row: &Object, key: &Value, empty: bool) -> Ret<bool> {
    let name = cx.to_str(key)?;
    let value = column(cx, row, &name)?;
    Ok(value.is_some_and(|v| if empty { v.truthy() } else { !v.is_null() }))
}

fn properties(cx: &mut Cx, row: &Object, purpose: PropertiesFor) -> Ret<PhpArray> {
    let mut array = PhpArray::new();
    if purpose != PropertiesFor::Debug {
        return Ok(array);
    }
    let query = PhpString::new(b"queryString");
    let text = cx.read_prop(row, &query)?;
    array.insert_str(query.clone(), text);
    let Some(statement) = statement(cx, row)? else { return Ok(array) };
    let data = data(cx, &statement)?;
    let names = data.columns.borrow().clone();
    for (at, name) in names.iter().enumerate() {
        if *name != query {
            array.insert_key_str(name.clone(), columns::value(cx, data, at, None)?);
        }
    }
    Ok(array)
}

//! `SQLite3Result`: the rows of a statement.

use crate::database::{NOT_EXECUTED, not_open};
use crate::statement::{self, Open};
use outlast_ext_sqlite::codes::SQLITE_OK;
use outlast_value::{Key, Object, ObjectData, PhpArray, PhpString, Value};
use outlast_vm::{Cx, ObjectHandlers, OrFalse, Ret};
use std::cell::{Cell, RefCell};

pub static RESULT: ObjectHandlers =
    ObjectHandlers { create: Some(create), uncloneable: true, ..ObjectHandlers::STANDARD };

const ASSOC: i64 = 1;
const NUM: i64 = 2;

/// The payload of a `SQLite3Result` object.
#[derive(Default)]
struct ResultData {
    statement: RefCell<Option<Object>>,
    /// The statement is known to nobody else.
    owns: Cell<bool>,
}

impl ObjectData for ResultData {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        if let Some(statement) = &*self.statement.borrow() {
            visit(&Value::Object(statement.clone()));
        }
    }
    fn clear(&self) {
        drop(self.statement.take());
    }
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

fn create(_: &mut Cx, object: &Object) -> Ret<()> {
    object.set_data(Box::<ResultData>::default());
    Ok(())
}

/// The rows of a statement object, which it may own.
pub fn make(cx: &mut Cx, statement: &Object, owns: bool) -> Ret<Object> {
    let class = cx.class_or_throw(&PhpString::new(b"SQLite3Result"))?;
    let object = cx.instantiate(class)?;
    if let Some(data) = object.data::<ResultData>() {
        *data.statement.borrow_mut() = Some(statement.clone());
        data.owns.set(owns);
    }
    Ok(object)
}

/// Lets `f` use the statement behind a result.
fn with<R>(
    cx: &mut Cx,
    this: &Object,
    f: impl FnOnce(&mut Cx, Open<'_>, bool) -> Ret<R>,
) -> Ret<R> {
    let found = this.data::<ResultData>().and_then(|data| {
        let statement = data.statement.borrow().clone()?;
        Some((statement, data.owns.get()))
    });
    let Some((object, owns)) = found else { return Err(not_open(cx, "SQLite3Result")) };
    let usable = object.data::<statement::StatementData>().is_some_and(|data| {
        data.statement.borrow().as_ref().is_some_and(|statement| statement.is_open())
    });
    if !usable {
        return Err(not_open(cx, "SQLite3Result"));
    }
    let open = statement::open(cx, &object)?;
    f(cx, open, owns)
}

pub fn sq_lite3_result_construct(_: &mut Cx, _: &Object) -> Ret<()> {
    Ok(())
}

pub fn sq_lite3_result_num_columns(cx: &mut Cx, this: &Object) -> Ret<usize> {
    with(cx, this, |_, open, _| Ok(open.statement.column_count()))
}

pub fn sq_lite3_result_column_name(
    cx: &mut Cx,
    this: &Object,
    column: i64,
) -> Ret<OrFalse<PhpString>> {
    with(cx, this, |_, open, _| {
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        Ok(OrFalse(open.statement.column_name(column)))
    })
}

pub fn sq_lite3_result_column_type(cx: &mut Cx, this: &Object, column: i64) -> Ret<OrFalse<i64>> {
    with(cx, this, |_, open, _| {
        if open.statement.data_count() == 0 {
            return Ok(OrFalse(None));
        }
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        Ok(OrFalse(Some(i64::from(open.statement.column_type(column)))))
    })
}

pub fn sq_lite3_result_fetch_array(cx: &mut Cx, this: &Object, mode: i64) -> Ret<Value> {
    with(cx, this, |cx, open, _| {
        let statement = &open.statement;
        match statement.step(cx)? {
            Ok(true) => {}
            Ok(false) => return Ok(Value::Bool(false)),
            Err(_) => {
                open.failed(cx, NOT_EXECUTED)?;
                return Ok(Value::Bool(false));
            }
        }
        let mut row = PhpArray::new();
        for column in 0..statement.data_count() {
            let value = statement.column(column).into_php();
            if mode & NUM != 0 {
                row.insert_int(column as i64, value.clone());
            }
            if mode & ASSOC != 0 {
                let name = statement.column_name(column).unwrap_or_default();
                row.insert(Key::from_string(name), value);
            }
        }
        Ok(Value::Array(row))
    })
}

pub fn sq_lite3_result_reset(cx: &mut Cx, this: &Object) -> Ret<bool> {
    with(cx, this, |_, open, _| Ok(open.statement.reset() == SQLITE_OK))
}

pub fn sq_lite3_result_finalize(cx: &mut Cx, this: &Object) -> Ret<bool> {
    with(cx, this, |_, open, owns| {
        if owns {
            open.statement.finalize();
        } else {
            open.statement.reset();
        }
        Ok(true)
    })
}

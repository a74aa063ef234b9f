//! Compiled files in the hands of a script.

use crate::function::{Code, Func, FuncKind, FuncRef, UserFunc};
use outlast_bytecode::{Literal, LiteralKey, Unit};
use outlast_value::{Key, PhpArray, PhpString, Value};
use std::cell::RefCell;
use std::rc::{Rc, Weak};
use std::sync::Arc;

/// A unit in use by a script: its functions get their constants and caches when first used.
pub struct LoadedUnit {
    /// What the compiler made.
    pub unit: Arc<Unit>,
    /// The path as shown.
    pub file: PhpString,
    codes: RefCell<Vec<Option<Rc<Code>>>>,
    funcs: RefCell<Vec<Option<FuncRef>>>,
    /// Those of [`LoadedUnit::fresh_code`], as long as they live.
    fresh: RefCell<Vec<Weak<Code>>>,
}

impl LoadedUnit {
    /// Takes a unit into use.
    pub fn new(unit: Arc<Unit>) -> Rc<LoadedUnit> {
        let n = unit.functions.len();
        Rc::new(LoadedUnit {
            file: PhpString::new(&unit.file),
            unit,
            codes: RefCell::new(vec![None; n]),
            funcs: RefCell::new(vec![None; n]),
            fresh: RefCell::default(),
        })
    }

    /// Constants and caches of a function.
    pub fn code(&self, index: u32) -> Rc<Code> {
        self.codes.borrow_mut()[index as usize]
            .get_or_insert_with(|| Rc::new(Code::new(self.unit.clone(), index)))
            .clone()
    }

    /// Constants and caches of its own for a function whose scope changes.
    pub fn fresh_code(&self, index: u32) -> Rc<Code> {
        let code = Rc::new(Code::new(self.unit.clone(), index));
        let mut fresh = self.fresh.borrow_mut();
        if fresh.len() == fresh.capacity() {
            fresh.retain(|code| code.strong_count() > 0);
        }
        fresh.push(Rc::downgrade(&code));
        code
    }

    /// Lets go of the functions and of what their caches hold, which refer to the unit and to each
    /// other. The script is over.
    pub(crate) fn release(&self) {
        let fresh = self.fresh.take().into_iter().filter_map(|code| code.upgrade());
        for code in self.codes.take().into_iter().flatten().chain(fresh) {
            code.clear_caches();
        }
        drop(self.funcs.take());
    }

    /// A plain function (no class).
    pub fn func(self: &Rc<Self>, index: u32) -> FuncRef {
        if let Some(f) = &self.funcs.borrow()[index as usize] {
            return f.clone();
        }
        let f = Rc::new(Func {
            name: PhpString::new(&self.unit.functions[index as usize].name),
            modifiers: self.unit.functions[index as usize].modifiers,
            class: None,
            kind: FuncKind::User(UserFunc::new(self.clone(), index)),
            prototype: RefCell::new(None),
            from_trait: None,
        });
        self.funcs.borrow_mut()[index as usize] = Some(f.clone());
        f
    }
}

/// A constant of the pool as an immortal value.
pub fn literal_value(literal: &Literal) -> Value {
    match literal {
        Literal::Null => Value::Null,
        Literal::Bool(b) => Value::Bool(*b),
        Literal::Int(i) => Value::Int(*i),
        Literal::Float(f) => Value::Float(*f),
        Literal::Str(s) => Value::Str(PhpString::new(s)),
        Literal::Array(items) => {
            let mut a = PhpArray::with_capacity(items.len());
            for (k, v) in items {
                let key = match k {
                    LiteralKey::Int(i) => Key::Int(*i),
                    LiteralKey::Str(s) => Key::Str(PhpString::new(s)),
                };
                a.insert(key, literal_value(v));
            }
            Value::Array(a)
        }
    }
}

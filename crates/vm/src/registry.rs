//! The native functions, classes and constants of all extensions, by name.

use crate::class::{ClassArena, ClassRef};
use crate::native::{NativeClass, NativeConst, NativeFunction, NativeModule};
use outlast_value::PhpString;
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::sync::OnceLock;

/// What the extensions define. One a thread.
pub struct Registry {
    modules: Vec<&'static NativeModule>,
    tables: &'static Tables,
    pub(crate) shared: SharedClasses,
}

/// Native classes that are the same for all scripts of a thread, linked when the first of them uses one.
#[derive(Default)]
pub(crate) struct SharedClasses {
    by_key: RefCell<FxHashMap<PhpString, ClassRef>>,
    pub(crate) arena: ClassArena,
}

impl SharedClasses {
    pub(crate) fn get(&self, key: &PhpString) -> Option<ClassRef> {
        self.by_key.borrow().get(key).copied()
    }

    pub(crate) fn has(&self, class: ClassRef) -> bool {
        self.get(&class.key) == Some(class)
    }

    pub(crate) fn insert(&self, key: PhpString, class: ClassRef) {
        self.by_key.borrow_mut().insert(key, class);
    }
}

struct Tables {
    functions: FxHashMap<Vec<u8>, (&'static NativeFunction, &'static str)>,
    classes: FxHashMap<Vec<u8>, (&'static NativeClass, &'static str)>,
    constants: FxHashMap<&'static str, (&'static NativeConst, &'static str)>,
}

static TABLES: OnceLock<Tables> = OnceLock::new();

impl Registry {
    /// Indexes the modules; the first call of a process decides for all.
    pub fn new(modules: Vec<&'static NativeModule>) -> Registry {
        let tables = TABLES.get_or_init(|| {
            let mut t = Tables {
                functions: FxHashMap::default(),
                classes: FxHashMap::default(),
                constants: FxHashMap::default(),
            };
            for m in &modules {
                for f in m.functions {
                    t.functions.insert(f.name.to_ascii_lowercase().into(), (f, m.extension));
                }
                for c in m.classes {
                    t.classes.insert(c.name.to_ascii_lowercase().into(), (c, m.extension));
                }
                for c in m.constants {
                    t.constants.insert(c.name, (c, m.extension));
                }
            }
            t
        });
        Registry { modules, tables, shared: SharedClasses::default() }
    }

    /// All modules.
    pub fn modules(&self) -> &[&'static NativeModule] {
        &self.modules
    }
    /// A function by lower case name, with its extension.
    pub fn function(&self, lower: &[u8]) -> Option<(&'static NativeFunction, &'static str)> {
        self.tables.functions.get(lower).copied()
    }
    /// A class by lower case name, with its extension.
    pub fn class(&self, lower: &[u8]) -> Option<(&'static NativeClass, &'static str)> {
        self.tables.classes.get(lower).copied()
    }
    /// A constant by its exact name, with its extension.
    pub fn constant(&self, name: &str) -> Option<(&'static NativeConst, &'static str)> {
        self.tables.constants.get(name).copied()
    }
}

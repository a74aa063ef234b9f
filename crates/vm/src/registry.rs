//! The native functions, classes and constants of all extensions, by name.

use crate::native::{NativeClass, NativeConst, NativeFunction, NativeModule};
use rustc_hash::FxHashMap;
use std::sync::OnceLock;

/// What the extensions define. One a process.
pub struct Registry {
    modules: Vec<&'static NativeModule>,
    tables: &'static Tables,
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
        Registry { modules, tables }
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

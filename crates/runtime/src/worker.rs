//! What scripts share: by process and by thread.

use crate::cache::{CodeCache, CodeOptions};
use crate::loader::FileLoader;
use crate::scopes::{Places, Scopes};
use crate::{ConfigError, ConfigSource, Configuration, modules};
use outlast_vm::ini::{IniBase, parse_bool, parse_quantity};
use outlast_vm::registry::Registry;
use std::rc::Rc;
use std::sync::Arc;

/// What all threads share.
#[derive(Clone)]
pub struct Runtime {
    pub(crate) ini: Arc<IniBase>,
    scopes: Arc<Scopes>,
    cache: Arc<CodeCache>,
    /// Whether scripts answer requests: what is of use to those alone is left out elsewhere.
    web: bool,
}

impl Runtime {
    /// Reads the configuration for all extensions linked in.
    pub fn configure(source: &ConfigSource) -> Result<Configuration, ConfigError> {
        Configuration::read(source, &modules::all())
    }

    /// A runtime of the command line with these settings.
    pub fn new(ini: IniBase) -> Runtime {
        Runtime { ini: Arc::new(ini), scopes: Arc::default(), cache: Arc::default(), web: false }
    }

    /// A runtime with these settings, in general and by place, whose scripts answer requests.
    pub fn for_web(ini: IniBase, scopes: Scopes) -> Runtime {
        Runtime { web: true, scopes: Arc::new(scopes), ..Runtime::new(ini) }
    }

    /// The settings that scripts start with.
    pub fn ini(&self) -> &IniBase {
        &self.ini
    }

    /// The compiled code.
    pub fn cache(&self) -> &CodeCache {
        &self.cache
    }

    /// This thread's part.
    pub fn worker(&self) -> Worker {
        outlast_vm::pending::install();
        outlast_jit::install();
        modules::connect();
        let options = CodeOptions {
            short_open_tag: parse_bool(self.ini.get("short_open_tag").unwrap_or_default()),
            multibyte: parse_bool(self.ini.get("zend.multibyte").unwrap_or_default()),
            assertions: parse_quantity(self.ini.get("zend.assertions").unwrap_or_default()).0 >= 0,
        };
        Worker {
            runtime: self.clone(),
            registry: Rc::new(Registry::new(if self.web {
                modules::all()
            } else {
                modules::cli()
            })),
            places: Rc::new(Places::new(self.ini.clone(), self.scopes.clone())),
            loader: Rc::new(FileLoader::new(self.cache.clone(), options)),
        }
    }
}

/// What the scripts of one thread share.
#[derive(Clone)]
pub struct Worker {
    pub(crate) runtime: Runtime,
    pub(crate) registry: Rc<Registry>,
    pub(crate) loader: Rc<FileLoader>,
    pub(crate) places: Rc<Places>,
}

impl Worker {
    /// What loads code.
    pub fn loader(&self) -> &FileLoader {
        &self.loader
    }

    /// The process's part.
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }
}

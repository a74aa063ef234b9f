//! Settings: who may change what, and the values at hand for the engine.
//!
//! What php.ini and the directory say is one shared, immutable [`IniBase`]; a script's [`Ini`]
//! holds only what it changed itself.

mod change;
mod core;
mod quantity;

pub use self::core::CORE_SETTINGS;
pub use quantity::parse_quantity;

use crate::native::NativeModule;
use crate::{Cx, Ret};
use outlast_value::PhpString;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Who may change a setting (`INI_USER` and the like).
pub mod access {
    /// The script.
    pub const USER: u32 = 1;
    /// The directory (`.user.ini`, a server section).
    pub const PERDIR: u32 = 2;
    /// php.ini and admin values.
    pub const SYSTEM: u32 = 4;
    /// Everybody.
    pub const ALL: u32 = 7;
}

/// Judges and applies a new value for a setting of an extension; false: `ini_set` returns false.
pub type IniCheck = fn(&mut Cx, &[u8]) -> Ret<bool>;

/// A setting.
#[derive(Clone, Copy)]
pub struct IniDef {
    /// Its name.
    pub name: &'static str,
    /// Value without any php.ini; `None` is null in `ini_get_all`.
    pub default: Option<&'static str>,
    /// Bits of [`access`].
    pub access: u32,
    /// Called before a script's change is made.
    pub check: Option<IniCheck>,
}

impl IniDef {
    /// A setting that everybody may change.
    pub const fn all(name: &'static str, default: &'static str) -> IniDef {
        IniDef::new(name, Some(default), access::ALL)
    }
    /// A setting.
    pub const fn new(name: &'static str, default: Option<&'static str>, access: u32) -> IniDef {
        IniDef { name, default, access, check: None }
    }
    /// The same with a check.
    pub const fn checked(self, check: IniCheck) -> IniDef {
        IniDef { check: Some(check), ..self }
    }
}

#[derive(Clone)]
struct BaseEntry {
    def: &'static IniDef,
    extension: &'static str,
    value: Option<Box<[u8]>>,
    /// What php.ini says, if the place of the script says something else: `ini_restore` goes there.
    global: Option<Box<Option<Box<[u8]>>>>,
    locked: bool,
}

impl BaseEntry {
    fn access(&self) -> u32 {
        if self.locked { access::SYSTEM } else { self.def.access }
    }

    /// The value behind `ini_restore`, and the "global" one of `ini_get_all`.
    fn global(&self) -> Option<&[u8]> {
        self.global.as_deref().unwrap_or(&self.value).as_deref()
    }
}

/// The settings a script starts with.
#[derive(Clone)]
pub struct IniBase {
    entries: FxHashMap<&'static str, BaseEntry>,
    /// All that configuration files said, known setting or not (`get_cfg_var`).
    config: BTreeMap<Vec<u8>, Vec<u8>>,
    fast: Fast,
}

impl IniBase {
    /// PHP's defaults for the engine and the given modules.
    pub fn new(modules: &[&'static NativeModule]) -> IniBase {
        let mut base = IniBase {
            entries: FxHashMap::default(),
            config: BTreeMap::new(),
            fast: Fast::default(),
        };
        base.register("core", CORE_SETTINGS);
        for m in modules {
            base.register(m.extension, m.ini);
        }
        base
    }

    fn register(&mut self, extension: &'static str, defs: &'static [IniDef]) {
        for def in defs {
            let value = def.default.map(|d| d.as_bytes().into());
            self.entries
                .insert(def.name, BaseEntry { def, extension, value, global: None, locked: false });
            self.fast.update(def.name, def.default.map(str::as_bytes));
        }
    }

    /// What php.ini says; unknown names are kept for `get_cfg_var`.
    pub fn set(&mut self, name: &[u8], value: &[u8]) {
        self.config.insert(name.to_vec(), value.to_vec());
        self.set_host(name, value);
    }

    /// A default of the place the script runs in (`display_errors` of the command line): not seen
    /// by `get_cfg_var`.
    pub fn set_host(&mut self, name: &[u8], value: &[u8]) {
        let Ok(name) = std::str::from_utf8(name) else { return };
        if let Some(e) = self.entries.get_mut(name) {
            e.value = Some(value.into());
            self.fast.update(e.def.name, Some(value));
        }
    }

    /// What a directory says: false if the setting is unknown or may not be set there.
    pub fn set_perdir(&mut self, name: &[u8], value: &[u8]) -> bool {
        match self.access(name) {
            Some(bits) if bits & access::PERDIR != 0 => self.set_place(name, value),
            _ => return false,
        }
        true
    }

    /// An admin value: no directory and no script can change it.
    pub fn lock(&mut self, name: &[u8], value: &[u8]) {
        self.set_place(name, value);
        if let Some(e) = self.entry_mut(name) {
            e.locked = true;
        }
    }

    fn entry_mut(&mut self, name: &[u8]) -> Option<&mut BaseEntry> {
        self.entries.get_mut(std::str::from_utf8(name).ok()?)
    }

    fn set_place(&mut self, name: &[u8], value: &[u8]) {
        let Some(e) = self.entry_mut(name) else { return };
        let old = e.value.replace(value.into());
        e.global.get_or_insert_with(|| Box::new(old));
        let name = e.def.name;
        self.fast.update(name, Some(value));
    }

    /// Who may change a setting (bits of [`access`]); `None` if it is unknown.
    pub fn access(&self, name: &[u8]) -> Option<u32> {
        let e = self.entries.get(std::str::from_utf8(name).ok()?)?;
        Some(e.access())
    }

    /// What a configuration file said.
    pub fn config(&self, name: &[u8]) -> Option<&[u8]> {
        self.config.get(name).map(Vec::as_slice)
    }

    /// A value as configured.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.entries.get(name).and_then(|e| e.value.as_deref())
    }

    /// Is the setting held by an admin value?
    pub fn is_locked(&self, name: &str) -> bool {
        self.entries.get(name).is_some_and(|e| e.locked)
    }
}

/// Values the engine asks for all the time.
#[derive(Clone, Copy)]
struct Fast {
    precision: i32,
    serialize_precision: i32,
    error_reporting: u32,
    memory_limit: i64,
    html_errors: bool,
    log_errors: bool,
    display_errors: Display,
    assertions: i64,
    exception_ignore_args: bool,
    exception_string_param_max_len: usize,
    implicit_flush: bool,
}

/// Where errors are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Display {
    /// Nowhere.
    Off,
    /// In the output.
    Output,
    /// On stderr (of the command line only).
    Stderr,
}

impl Default for Fast {
    fn default() -> Fast {
        Fast {
            precision: 14,
            serialize_precision: -1,
            error_reporting: crate::level::ALL,
            memory_limit: 128 << 20,
            html_errors: true,
            log_errors: true,
            display_errors: Display::Output,
            assertions: 1,
            exception_ignore_args: false,
            exception_string_param_max_len: 15,
            implicit_flush: false,
        }
    }
}

impl Fast {
    fn update(&mut self, name: &str, value: Option<&[u8]>) {
        let text = value.unwrap_or_default();
        let int = || parse_quantity(text).0;
        match name {
            "precision" => self.precision = to_i32(int()),
            "serialize_precision" => self.serialize_precision = to_i32(int()),
            "error_reporting" => {
                self.error_reporting = match value {
                    None => crate::level::ALL,
                    Some(v) => leading_int(v) as u32,
                }
            }
            "memory_limit" => self.memory_limit = int(),
            "html_errors" => self.html_errors = parse_bool(text),
            "log_errors" => self.log_errors = parse_bool(text),
            "display_errors" => self.display_errors = parse_display(text),
            "zend.assertions" => self.assertions = int(),
            "zend.exception_ignore_args" => self.exception_ignore_args = parse_bool(text),
            "zend.exception_string_param_max_len" => {
                self.exception_string_param_max_len = int().clamp(0, 1_000_000) as usize;
            }
            "implicit_flush" => self.implicit_flush = parse_bool(text),
            _ => {}
        }
    }
}

fn to_i32(value: i64) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

/// `true`, `yes`, `on` or a number other than 0.
pub fn parse_bool(text: &[u8]) -> bool {
    [&b"true"[..], b"yes", b"on"].iter().any(|w| text.eq_ignore_ascii_case(w))
        || leading_int(text) != 0
}

fn parse_display(text: &[u8]) -> Display {
    if text.eq_ignore_ascii_case(b"stderr") {
        Display::Stderr
    } else if text.eq_ignore_ascii_case(b"stdout") {
        Display::Output
    } else if leading_int(text) == 2 {
        Display::Stderr
    } else if parse_bool(text) {
        Display::Output
    } else {
        Display::Off
    }
}

/// What C's `atol` makes of a text.
pub(crate) fn leading_int(text: &[u8]) -> i64 {
    let text = text.trim_ascii_start();
    let (negative, digits) = match text.first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let mut n = 0i64;
    for d in digits.iter().take_while(|d| d.is_ascii_digit()) {
        n = n.saturating_mul(10).saturating_add(i64::from(d - b'0'));
    }
    if negative { -n } else { n }
}

/// One row of `ini_get_all`.
pub struct IniEntry {
    /// Name.
    pub name: &'static str,
    /// Value the script started with.
    pub global: Option<PhpString>,
    /// Value now.
    pub local: Option<PhpString>,
    /// Who may change it.
    pub access: u32,
    /// Extension that defines it, `core` for the engine's own.
    pub extension: &'static str,
}

/// The settings of a script.
pub struct Ini {
    base: Arc<IniBase>,
    changed: FxHashMap<&'static str, PhpString>,
    fast: Fast,
    /// `error_reporting()` and `@` set the level only; its text is made when asked for.
    level_set: bool,
}

impl Ini {
    /// Settings as configured.
    pub fn new(base: Arc<IniBase>) -> Ini {
        let fast = base.fast;
        Ini { base, changed: FxHashMap::default(), fast, level_set: false }
    }

    /// Is the native function switched off by `disable_functions`?
    pub fn disables_function(&self, name: &str) -> bool {
        match self.get("disable_functions") {
            Some(list) if !list.is_empty() => list
                .split(|b| matches!(b, b',' | b' '))
                .any(|n| n.eq_ignore_ascii_case(name.as_bytes())),
            _ => false,
        }
    }

    /// What was configured.
    pub fn base(&self) -> &IniBase {
        &self.base
    }

    /// `ini_get`: `None` for an unknown setting; null is the empty string.
    pub fn get(&self, name: &str) -> Option<PhpString> {
        let entry = self.base.entries.get(name)?;
        if self.level_set && name == "error_reporting" {
            return Some(PhpString::from(self.fast.error_reporting.to_string()));
        }
        if let Some(v) = self.changed.get(name) {
            return Some(v.clone());
        }
        Some(entry.value.as_deref().map(PhpString::from).unwrap_or_default())
    }

    /// A value's bytes; empty for an unknown setting.
    pub fn bytes(&self, name: &str) -> &[u8] {
        match self.changed.get(name) {
            Some(v) => v.as_bytes(),
            None => self.base.get(name).unwrap_or_default(),
        }
    }

    /// A value as a number (`128M`); 0 for an unknown setting.
    pub fn int(&self, name: &str) -> i64 {
        parse_quantity(self.bytes(name)).0
    }

    /// A value as a float.
    pub fn float(&self, name: &str) -> f64 {
        outlast_number::string_to_float(self.bytes(name))
    }

    /// A value as a bool.
    pub fn bool(&self, name: &str) -> bool {
        parse_bool(self.bytes(name))
    }

    /// All settings by name, as `ini_get_all` lists them.
    pub fn all(&self) -> Vec<IniEntry> {
        let mut rows: Vec<IniEntry> = self
            .base
            .entries
            .values()
            .map(|e| {
                let global = e.global().map(PhpString::from);
                let changed = e.global.is_some()
                    || self.changed.contains_key(e.def.name)
                    || (self.level_set && e.def.name == "error_reporting");
                let local = if changed { self.get(e.def.name) } else { global.clone() };
                let access = e.access();
                IniEntry { name: e.def.name, global, local, access, extension: e.extension }
            })
            .collect();
        rows.sort_by_cached_key(|r| r.name.to_ascii_lowercase());
        rows
    }

    /// Is there any setting of this extension?
    pub fn has_extension(&self, extension: &str) -> bool {
        self.base.entries.values().any(|e| e.extension == extension)
    }

    /// Sets a value without asking anybody. For the engine itself: scripts go through
    /// [`Cx::ini_set`].
    pub fn force(&mut self, name: &str, value: PhpString) {
        if let Some(e) = self.base.entries.get(name) {
            self.fast.update(e.def.name, Some(&value));
            if name == "error_reporting" {
                self.level_set = false;
            }
            self.changed.insert(e.def.name, value);
        }
    }

    /// Back to the value of php.ini.
    pub(crate) fn reset(&mut self, name: &str) {
        if let Some(e) = self.base.entries.get(name) {
            self.changed.remove(name);
            if e.global.is_some() {
                let value = e.global().map(PhpString::from).unwrap_or_default();
                self.changed.insert(e.def.name, value);
            }
            if name == "error_reporting" {
                self.level_set = false;
            }
            self.fast.update(e.def.name, e.global());
        }
    }

    /// `precision`
    #[inline]
    pub fn precision(&self) -> i32 {
        self.fast.precision
    }
    /// `serialize_precision`
    #[inline]
    pub fn serialize_precision(&self) -> i32 {
        self.fast.serialize_precision
    }
    /// The levels reported now.
    #[inline]
    pub fn error_reporting(&self) -> u32 {
        self.fast.error_reporting
    }
    /// `error_reporting($level)`
    #[inline]
    pub fn set_error_reporting(&mut self, level: u32) {
        self.fast.error_reporting = level;
        self.level_set = true;
    }
    /// `memory_limit` in bytes, -1 for none.
    pub fn memory_limit(&self) -> i64 {
        self.fast.memory_limit
    }
    /// `html_errors`
    pub fn html_errors(&self) -> bool {
        self.fast.html_errors
    }
    /// `log_errors`
    pub fn log_errors(&self) -> bool {
        self.fast.log_errors
    }
    /// `display_errors`
    pub fn display_errors(&self) -> Display {
        self.fast.display_errors
    }
    /// `zend.assertions`
    pub fn assertions(&self) -> i64 {
        self.fast.assertions
    }
    /// `zend.exception_ignore_args`
    pub fn exception_ignore_args(&self) -> bool {
        self.fast.exception_ignore_args
    }
    /// `zend.exception_string_param_max_len`
    pub fn exception_string_param_max_len(&self) -> usize {
        self.fast.exception_string_param_max_len
    }
    /// `implicit_flush`
    pub fn implicit_flush(&self) -> bool {
        self.fast.implicit_flush
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ini() -> Ini {
        Ini::new(Arc::new(IniBase::new(&[])))
    }

    #[test]
    fn null_settings_read_as_empty_and_unknown_as_none() {
        let ini = ini();
        assert_eq!(ini.get("error_log").unwrap().as_bytes(), b"");
        assert!(ini.get("nope").is_none());
        assert_eq!(ini.int("memory_limit"), 128 << 20);
    }

    #[test]
    fn admin_values_win_over_the_directory() {
        let mut base = IniBase::new(&[]);
        base.lock(b"precision", b"5");
        assert!(!base.set_perdir(b"precision", b"9"));
        assert!(!base.set_perdir(b"allow_url_fopen", b"0"));
        let ini = Ini::new(Arc::new(base));
        assert_eq!(ini.precision(), 5);
    }

    #[test]
    fn the_level_has_a_text_only_once_set() {
        let mut ini = ini();
        assert_eq!(ini.get("error_reporting").unwrap().as_bytes(), b"");
        ini.set_error_reporting(8);
        assert_eq!(ini.get("error_reporting").unwrap().as_bytes(), b"8");
        ini.reset("error_reporting");
        assert_eq!(ini.error_reporting(), crate::level::ALL);
    }
}

//! Wrappers and filters that other extensions bring.

use super::Stream;
use super::filter::Filter;
use super::openers::Opened;
use outlast_value::Value;
use outlast_vm::{Cx, Ret};
use std::rc::Rc;
use std::sync::OnceLock;

/// A stream, or why there is none, as `fopen()` words it.
pub type Opening = Result<Rc<Stream>, String>;

/// Makes a filter of its name and parameters.
pub type MakeFilter = fn(&mut Cx, &[u8], &Value) -> Ret<Option<Rc<dyn Filter>>>;

/// What opens the URLs of a scheme.
pub struct ProvidedWrapper {
    /// The scheme.
    pub scheme: &'static str,
    /// What messages call it (`wrapper_type`).
    pub label: &'static str,
    /// Opens a URL with a mode.
    pub open: fn(&mut Cx, &[u8], &[u8], Opened<'_>) -> Ret<Opening>,
}

/// A family of filters.
pub struct ProvidedFilters {
    /// What `stream_get_filters()` lists.
    pub pattern: &'static str,
    /// Makes one by its name in lower case; `None`: there is none, or its parameters will not do.
    pub make: MakeFilter,
}

/// What an extension brings.
#[derive(Default)]
pub struct Provided {
    /// Its wrappers.
    pub wrappers: &'static [ProvidedWrapper],
    /// Its filters.
    pub filters: &'static [ProvidedFilters],
}

static PROVIDED: OnceLock<&'static [&'static Provided]> = OnceLock::new();

/// Tells what the extensions of this process bring; the first call decides.
pub fn provide(all: &'static [&'static Provided]) {
    // A process may make several runtimes; they all have the same extensions.
    let _same = PROVIDED.set(all);
}

fn all() -> &'static [&'static Provided] {
    PROVIDED.get().copied().unwrap_or_default()
}

/// The wrappers.
pub fn wrappers() -> impl Iterator<Item = &'static ProvidedWrapper> {
    all().iter().flat_map(|provided| provided.wrappers)
}

/// The wrapper of a scheme.
pub fn wrapper(scheme: &str) -> Option<&'static ProvidedWrapper> {
    wrappers().find(|wrapper| wrapper.scheme == scheme)
}

/// The families of filters.
pub fn filters() -> impl Iterator<Item = &'static ProvidedFilters> {
    all().iter().flat_map(|provided| provided.filters)
}

/// The family that a filter's name belongs to.
pub fn filters_of(lower: &[u8]) -> Option<&'static ProvidedFilters> {
    filters().find(|family| lower.starts_with(family.pattern.trim_end_matches('*').as_bytes()))
}

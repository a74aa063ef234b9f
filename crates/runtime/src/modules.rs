//! The extensions that are linked in.

use outlast_ext_standard::stream::provided::{Provided, provide};
use outlast_vm::native::NativeModule;
use outlast_vm::output::provide_handlers;
use outlast_vm::{Cx, Ret};

/// All modules, those of the engine first.
pub fn all() -> Vec<&'static NativeModule> {
    outlast_ext_pdo::register(outlast_ext_pdo_sqlite::SQLITE);
    [
        outlast_ext_core::MODULES,
        outlast_ext_standard::MODULES,
        outlast_ext_spl::MODULES,
        outlast_ext_date::MODULES,
        outlast_ext_pcre::MODULES,
        outlast_ext_json::MODULES,
        outlast_ext_ctype::MODULES,
        outlast_ext_filter::MODULES,
        outlast_ext_intl::MODULES,
        outlast_ext_mbstring::MODULES,
        outlast_ext_reflection::MODULES,
        outlast_ext_random::MODULES,
        outlast_ext_hash::MODULES,
        outlast_ext_session::MODULES,
        outlast_ext_tokenizer::MODULES,
        outlast_ext_libxml::MODULES,
        outlast_ext_dom::MODULES,
        outlast_ext_xml::MODULES,
        outlast_ext_xmlwriter::MODULES,
        outlast_ext_pdo::MODULES,
        outlast_ext_pdo_sqlite::MODULES,
        outlast_ext_sqlite3::MODULES,
        outlast_ext_zlib::MODULES,
    ]
    .concat()
}

/// Wrappers and filters of the extensions.
static STREAMS: [&Provided; 1] = [&outlast_ext_zlib::STREAMS];

/// Joins the extensions to what they extend: wrappers and filters of streams, callbacks of buffers.
pub fn connect() {
    provide(&STREAMS);
    provide_handlers(&outlast_ext_zlib::OUTPUT);
}

/// What extensions do as a script begins.
pub fn start(cx: &mut Cx) -> Ret<()> {
    outlast_ext_zlib::start(cx)
}

/// Those of the command line: without what only answers to requests need.
pub fn cli() -> Vec<&'static NativeModule> {
    let mut modules = all();
    modules.retain(|module| module.extension != "cgi-fcgi");
    modules
}

/// Names of the extensions of the command line, each once, in the order of [`all`].
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<&'static str> = Vec::new();
    for module in cli() {
        if !names.contains(&module.extension) {
            names.push(module.extension);
        }
    }
    names
}

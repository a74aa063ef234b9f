//! The extensions that are linked in.

use outlast_vm::native::NativeModule;

/// All modules, those of the engine first.
pub fn all() -> Vec<&'static NativeModule> {
    [
        outlast_ext_core::MODULES,
        outlast_ext_standard::MODULES,
        outlast_ext_spl::MODULES,
        outlast_ext_date::MODULES,
        outlast_ext_pcre::MODULES,
        outlast_ext_json::MODULES,
        outlast_ext_ctype::MODULES,
        outlast_ext_filter::MODULES,
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
    ]
    .concat()
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

//! The extensions that are linked in.

use outlast_vm::native::NativeModule;

/// All modules, those of the engine first.
pub fn all() -> Vec<&'static NativeModule> {
    [outlast_ext_core::MODULES]
    .concat()
}

/// Names of the extensions, each once, in the order of [`all`].
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<&'static str> = Vec::new();
    for module in all() {
        if !names.contains(&module.extension) {
            names.push(module.extension);
        }
    }
    names
}

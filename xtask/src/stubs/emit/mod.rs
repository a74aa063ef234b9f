//! Rust from stubs: the static tables of `outlast_vm::native`, and a wrapper for each body.

mod names;
mod tables;
mod types;
mod values;
mod wrapper;

pub use values::Known;

use super::ast::{Item, Stub};
use crate::source::GENERATED;

/// The generated file for a stub called `stem`.
pub fn rust(stub: &Stub, stem: &str, known: &Known) -> Result<String, String> {
    let mut functions = Vec::new();
    let mut classes = Vec::new();
    let mut constants = Vec::new();
    let mut wrappers = String::new();
    for item in &stub.items {
        match item {
            Item::Const(constant) => constants.push(tables::constant(constant, known)?),
            Item::Function(function) => {
                functions.push(tables::function(function, None)?);
                wrappers.push_str(&wrapper::wrapper(function, None, known)?);
            }
            Item::Class(class) => {
                classes.push(tables::class(class, known)?);
                for method in class.methods.iter().filter(|m| !m.modifiers.is_abstract) {
                    wrappers.push_str(&wrapper::wrapper(method, Some(class), known)?);
                }
            }
        }
    }
    let extension = stub.doc.tag("extension").unwrap_or(stem);
    let ini = stub.doc.tag("ini").map_or("&[]".to_owned(), |name| format!("super::{name}"));
    Ok(format!(
        "{GENERATED} by `cargo xtask stubs` from {stem}.stub.php: change that file instead.
        #![allow(clippy::approx_constant, clippy::excessive_precision)]

        #[allow(unused_imports)]
        use outlast_bytecode::{{class_flags, member_flags, type_bits}};
        #[allow(unused_imports)]
        use outlast_value::{{PhpArray, PhpString, Value}};
        #[allow(unused_imports)]
        use outlast_vm::{{
            Args, Cx, IntoValue, NativeClass, NativeClassConst, NativeConst, NativeFunction,
            NativeModule, NativeParam, NativeProperty, NativeType, NativeValue, Ret,
        }};

        /// What the stub declares.
        pub static MODULE: NativeModule = NativeModule {{
            extension: {extension:?},
            functions: &[{}],
            classes: &[{}],
            constants: &[{}],
            ini: {ini},
        }};
        {wrappers}",
        functions.join(","),
        classes.join(","),
        constants.join(","),
    )
    .lines()
    .map(|line| format!("{}\n", line.trim_start()))
    .collect())
}

#[cfg(test)]
#[path = "../emit_tests.rs"]
mod tests;

//! The functions of SPL.

mod autoload;
mod classes;
mod functions_stub;
mod iterators;

pub(crate) use classes::hash;
pub(crate) use functions_stub::MODULE;

use autoload::{
    spl_autoload, spl_autoload_call, spl_autoload_extensions, spl_autoload_functions,
    spl_autoload_register, spl_autoload_unregister,
};
use classes::{
    class_implements, class_parents, class_uses, spl_classes, spl_object_hash, spl_object_id,
};
use iterators::{iterator_apply, iterator_count, iterator_to_array};

//! Functions of the engine.

mod calls;
mod calls_stub;
mod classes;
mod classes_stub;
mod errors;
mod errors_stub;
mod info;
mod info_stub;
mod members;
mod members_stub;
mod strings;
mod strings_stub;

use calls::{
    exit, func_get_arg, func_get_args, func_num_args, function_exists, get_defined_functions,
    get_defined_vars, get_included_files,
};
use classes::{
    class_alias, class_exists, enum_exists, get_called_class, get_class, get_declared_classes,
    get_declared_interfaces, get_declared_traits, get_parent_class, interface_exists, is_a,
    is_subclass_of, trait_exists,
};
use errors::{
    debug_backtrace, debug_print_backtrace, error_reporting, restore_error_handler,
    restore_exception_handler, set_error_handler, set_exception_handler, trigger_error,
};
use info::{
    define, defined, extension_loaded, gc_collect_cycles, gc_disable, gc_enable, gc_enabled,
    gc_mem_caches, gc_status, get_defined_constants, get_extension_funcs, get_loaded_extensions,
    get_resource_id, get_resource_type, zend_version,
};
use members::{
    get_class_methods, get_class_vars, get_mangled_object_vars, get_object_vars, method_exists,
    property_exists,
};
use outlast_vm::NativeModule;
use strings::{strcasecmp, strcmp, strlen, strncasecmp, strncmp};

pub(crate) static MODULES: [&NativeModule; 6] = [
    &calls_stub::MODULE,
    &classes_stub::MODULE,
    &errors_stub::MODULE,
    &info_stub::MODULE,
    &members_stub::MODULE,
    &strings_stub::MODULE,
];

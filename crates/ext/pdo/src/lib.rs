//! PHP's extension `PDO` (manual: book.pdo.php). Databases are reached through a [`Driver`], which
//! another crate registers.
#![forbid(unsafe_code)]

mod attributes;
mod columns;
mod driver;
mod error;
mod fetch;
mod handle;
mod pdo_stub;
mod persistent;
mod plan;
mod row;
mod sqlstate;
mod statement;

pub use attributes::int as int_attribute;
pub use driver::{
    Attribute, Callback, DbError, Driver, DriverKind, DriverStatement, Outcome, Param, Source,
    driver_of, register,
};
pub use error::throw as throw_exception;
pub use handle::handle_error_mode;

use handle::{
    PDO_HANDLERS, pdo_begin_transaction, pdo_commit, pdo_connect, pdo_construct, pdo_drivers,
    pdo_error_code, pdo_error_info, pdo_exec, pdo_get_attribute, pdo_get_available_drivers,
    pdo_in_transaction, pdo_last_insert_id, pdo_prepare, pdo_query, pdo_quote, pdo_roll_back,
    pdo_set_attribute, pdo_sqlite_create_aggregate, pdo_sqlite_create_collation,
    pdo_sqlite_create_function,
};
use outlast_vm::NativeModule;
use row::ROW_HANDLERS;
use statement::{
    STATEMENT_HANDLERS, pdo_statement_bind_column, pdo_statement_bind_param,
    pdo_statement_bind_value, pdo_statement_close_cursor, pdo_statement_column_count,
    pdo_statement_debug_dump_params, pdo_statement_error_code, pdo_statement_error_info,
    pdo_statement_execute, pdo_statement_fetch, pdo_statement_fetch_all,
    pdo_statement_fetch_column, pdo_statement_fetch_object, pdo_statement_get_attribute,
    pdo_statement_get_column_meta, pdo_statement_get_iterator, pdo_statement_next_rowset,
    pdo_statement_row_count, pdo_statement_set_attribute, pdo_statement_set_fetch_mode,
};

/// What this crate defines.
pub static MODULES: &[&NativeModule] = &[&pdo_stub::MODULE];

//! PHP's extension `sqlite3` (manual: book.sqlite3.php).
#![forbid(unsafe_code)]

mod database;
mod result;
mod sqlite3_stub;
mod statement;

use database::{
    DATABASE, sq_lite3_backup, sq_lite3_busy_timeout, sq_lite3_changes, sq_lite3_close,
    sq_lite3_construct, sq_lite3_create_aggregate, sq_lite3_create_collation,
    sq_lite3_create_function, sq_lite3_enable_exceptions, sq_lite3_enable_extended_result_codes,
    sq_lite3_escape_string, sq_lite3_exec, sq_lite3_last_error_code, sq_lite3_last_error_msg,
    sq_lite3_last_extended_error_code, sq_lite3_last_insert_row_id, sq_lite3_load_extension,
    sq_lite3_open, sq_lite3_open_blob, sq_lite3_prepare, sq_lite3_query, sq_lite3_query_single,
    sq_lite3_set_authorizer, sq_lite3_version,
};
use outlast_vm::NativeModule;
use outlast_vm::ini::{IniDef, access};
use result::{
    RESULT, sq_lite3_result_column_name, sq_lite3_result_column_type, sq_lite3_result_construct,
    sq_lite3_result_fetch_array, sq_lite3_result_finalize, sq_lite3_result_num_columns,
    sq_lite3_result_reset,
};
use statement::{
    STATEMENT, sq_lite3_stmt_bind_param, sq_lite3_stmt_bind_value, sq_lite3_stmt_clear,
    sq_lite3_stmt_close, sq_lite3_stmt_construct, sq_lite3_stmt_execute, sq_lite3_stmt_get_sql,
    sq_lite3_stmt_param_count, sq_lite3_stmt_read_only, sq_lite3_stmt_reset,
};

static SETTINGS: &[IniDef] = &[
    IniDef::new("sqlite3.defensive", Some("1"), access::USER),
    IniDef::new("sqlite3.extension_dir", None, access::SYSTEM),
];

/// What this crate defines.
pub static MODULES: &[&NativeModule] = &[&sqlite3_stub::MODULE];

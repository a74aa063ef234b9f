//! PHP's extension `zlib` (manual: book.zlib.php), on zlib-rs.
#![forbid(unsafe_code)]

mod codec;
mod coding;
mod context;
mod file;
mod filter;
mod output;
mod zlib_stub;

use coding::{
    gzcompress, gzdecode, gzdeflate, gzencode, gzinflate, gzuncompress, zlib_decode, zlib_encode,
};
use context::{
    DEFLATE, INFLATE, deflate_add, deflate_init, inflate_add, inflate_get_read_len,
    inflate_get_status, inflate_init,
};
use file::{
    gzclose, gzeof, gzfile, gzgetc, gzgets, gzopen, gzpassthru, gzputs, gzread, gzrewind, gzseek,
    gztell, gzwrite, readgzfile,
};
use outlast_ext_standard::stream::provided::Provided;
use outlast_vm::NativeModule;
use outlast_vm::output::OutputHandler;
use output::{SETTINGS, ob_gzhandler, zlib_get_coding_type};

pub use output::start;

/// What this crate defines.
pub static MODULES: &[&NativeModule] = &[&zlib_stub::MODULE];

/// Its wrapper and its filters.
pub static STREAMS: Provided = Provided { wrappers: &[file::WRAPPER], filters: &[filter::FILTERS] };

/// Its callbacks of output buffers.
pub static OUTPUT: [&OutputHandler; 2] = [&output::COMPRESSION, &output::GZHANDLER];

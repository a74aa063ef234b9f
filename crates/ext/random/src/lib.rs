//! PHP's extension `random` (manual: book.random.php).
#![forbid(unsafe_code)]

mod algorithm;
mod engines;
mod engines_stub;
mod functions_stub;
mod global;
mod interval;
mod randomizer;
mod randomizer_stub;
mod source;

use engines::{
    MT19937, PCG, SECURE, XOSHIRO, engine_debug_info, engine_generate, engine_serialize,
    engine_unserialize, pcg_construct, pcg_jump, random_engine_mt19937_construct,
    xoshiro_construct, xoshiro_jump, xoshiro_jump_long,
};
pub use global::range;
use global::{lcg_value, mt_getrandmax, mt_rand, mt_srand, rand, random_bytes, random_int};
use outlast_vm::NativeModule;
use randomizer::{
    RANDOMIZER, random_randomizer_construct, random_randomizer_get_bytes,
    random_randomizer_get_bytes_from_string, random_randomizer_get_float,
    random_randomizer_get_int, random_randomizer_magic_serialize,
    random_randomizer_magic_unserialize, random_randomizer_next_float, random_randomizer_next_int,
    random_randomizer_pick_array_keys, random_randomizer_shuffle_array,
    random_randomizer_shuffle_bytes,
};

/// What this crate defines.
pub static MODULES: &[&NativeModule] =
    &[&functions_stub::MODULE, &randomizer_stub::MODULE, &engines_stub::MODULE];

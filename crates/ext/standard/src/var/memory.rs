//! What the script's values take.

use outlast_vm::{Cx, Ret};

/// Memory comes from the system in pieces of this size.
const PIECE: usize = 2 << 20;

fn taken(bytes: usize, real: bool) -> i64 {
    (if real { bytes.max(1).next_multiple_of(PIECE) } else { bytes }) as i64
}

/// `memory_get_usage()`
pub fn memory_get_usage(cx: &mut Cx, real_usage: bool) -> Ret<i64> {
    Ok(taken(cx.heap.used(), real_usage))
}

/// `memory_get_peak_usage()`
pub fn memory_get_peak_usage(cx: &mut Cx, real_usage: bool) -> Ret<i64> {
    Ok(taken(cx.heap.peak(), real_usage))
}

/// `memory_reset_peak_usage()`
pub fn memory_reset_peak_usage(cx: &mut Cx) -> Ret<()> {
    cx.heap.reset_peak();
    Ok(())
}

//! Native depth: how much stack is left, and going on with a fresh segment when it is not enough.

use crate::frame::FRAME;
use crate::stack::{LargeStack, PooledStack};

/// With less than this left, native code that re-enters the engine must grow first. What runs within it
/// (a library's callback, a system call) needs no check. Without optimisation the interpreter's loop alone takes
/// several times as much.
pub const RED_ZONE: usize = if cfg!(debug_assertions) { 160 << 10 } else { 32 << 10 };

/// The stack pointer, near enough.
#[inline(always)]
pub(crate) fn stack_pointer() -> usize {
    let pointer: usize;
    #[cfg(target_arch = "x86_64")]
    // SAFETY: reads a register.
    unsafe {
        std::arch::asm!("mov {}, rsp", out(reg) pointer, options(nomem, nostack, preserves_flags))
    };
    #[cfg(target_arch = "aarch64")]
    // SAFETY: reads a register.
    unsafe {
        std::arch::asm!("mov {}, sp", out(reg) pointer, options(nomem, nostack, preserves_flags))
    };
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    {
        let here = 0u8;
        pointer = std::hint::black_box(&raw const here) as usize;
    }
    pointer
}

/// Bytes left on the running stack segment.
#[inline]
pub fn remaining_stack() -> usize {
    let floor = FRAME.get().floor;
    let floor = if floor == 0 { find_thread_floor() } else { floor };
    stack_pointer().saturating_sub(floor)
}

/// Runs `f`, on a fresh segment if less than [`RED_ZONE`] is left. `f` may suspend.
///
/// # Panics
/// If the OS has no memory for a segment.
#[inline]
pub fn maybe_grow<R>(f: impl FnOnce() -> R) -> R {
    if remaining_stack() >= RED_ZONE {
        return f();
    }
    grow(f)
}

#[cold]
fn grow<R>(f: impl FnOnce() -> R) -> R {
    let mut stack = PooledStack::take().expect("no memory for a stack segment");
    let outer = enter(stack.floor());
    let result = corosensei::on_stack(&mut stack, f);
    drop(outer);
    result
}

/// Runs `f` on a stack of at least `size` bytes of its own: for deep recursion that cannot call
/// [`maybe_grow`] (the parser's, say). Only touched pages cost memory. `f` may suspend.
///
/// # Panics
/// If the OS has no memory for the stack.
pub fn on_large_stack<R>(size: usize, f: impl FnOnce() -> R) -> R {
    let mut stack = LargeStack::new(size).expect("no memory for a stack");
    let outer = enter(stack.floor());
    let result = corosensei::on_stack(&mut stack, f);
    drop(outer);
    result
}

/// Restores the floor of the segment that was left, also when unwinding.
struct Outer(usize);

impl Drop for Outer {
    fn drop(&mut self) {
        let mut frame = FRAME.get();
        frame.floor = self.0;
        FRAME.set(frame);
    }
}

fn enter(floor: usize) -> Outer {
    let mut frame = FRAME.get();
    let outer = Outer(frame.floor);
    // The segment that is left was used down to here; its owner keeps what it touched until it is trimmed.
    frame.lowest = frame.lowest.min(stack_pointer());
    frame.floor = floor;
    FRAME.set(frame);
    outer
}

/// Finds where this thread's own stack ends, once a thread.
#[cold]
fn find_thread_floor() -> usize {
    // SAFETY: the attributes are initialised by the first call, read, and destroyed; the thread is our own.
    let floor = unsafe {
        let mut attributes: libc::pthread_attr_t = std::mem::zeroed();
        let mut low = std::ptr::null_mut();
        let mut size = 0;
        if libc::pthread_getattr_np(libc::pthread_self(), &mut attributes) == 0 {
            libc::pthread_attr_getstack(&attributes, &mut low, &mut size);
            libc::pthread_attr_destroy(&mut attributes);
        }
        low as usize
    };
    let mut frame = FRAME.get();
    // Glibc's bounds include the guard area; stay clear of it.
    frame.floor = if floor == 0 { 1 } else { floor + (64 << 10) };
    FRAME.set(frame);
    frame.floor
}

//! The process's memory.
#![allow(unsafe_code)] // one call into the allocator; see its SAFETY line

/// Gives memory that the calling thread has freed, and its free stacks, back to the system, where the process
/// allocates with mimalloc. By itself that does so only little by little, as more is allocated and freed.
pub fn give_back() {
    outlast_fiber::give_back_stacks();
    // SAFETY: the call takes nothing, touches only what is free, and works on the calling thread's own heap.
    unsafe { libmimalloc_sys::mi_collect(true) }
}

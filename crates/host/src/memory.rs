//! The process's memory.
#![allow(unsafe_code)] // one call into the allocator; see its SAFETY line

/// Gives memory that the calling thread has freed back to the system, where the process allocates with
/// mimalloc. By itself that does so only little by little, as more is allocated and freed.
pub fn give_back() {
    // SAFETY: the call takes nothing, touches only what is free, and works on the calling thread's own heap.
    unsafe { libmimalloc_sys::mi_collect(true) }
}

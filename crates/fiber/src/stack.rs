//! Native stacks: a pool a thread, carved from slabs of 64 MB.
//!
//! One mapping with a guard page each would end at 32,750 stacks (`vm.max_map_count`); slabs with guards
//! by `MADV_GUARD_INSTALL` (Linux 6.13) do not split mappings. On older kernels slabs have no guards and the
//! checks in [`crate::depth`] stand alone. Huge pages are refused, else one makes a whole slab resident.

use corosensei::stack::{Stack, StackPointer};
use std::cell::RefCell;
use std::io;
use std::rc::Rc;

/// Size of a stack, its guard included.
pub(crate) const STACK_SIZE: usize = 256 << 10;
const SLAB_SIZE: usize = 64 << 20;
const PAGE: usize = 4096;
const MADV_GUARD_INSTALL: libc::c_int = 102;
/// A stack that was used deeper than this gives its memory back.
const SHALLOW: usize = 32 << 10;
/// So many free stacks keep their touched pages; those beyond give them back.
const HOT_STACKS: usize = 256;

thread_local! {
    static POOL: Rc<Pool> = Rc::new(Pool::default());
}

#[derive(Default)]
struct Pool {
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    /// Last in, first out: the stack that is still in the caches goes first.
    hot: Vec<usize>,
    cold: Vec<usize>,
    /// First slot not yet used of the newest slab, and how many there are.
    fresh: (usize, usize),
    slabs: Vec<usize>,
    guards: Option<bool>,
}

impl Pool {
    fn take(&self) -> io::Result<usize> {
        let mut state = self.state.borrow_mut();
        if let Some(slot) = state.hot.pop() {
            return Ok(slot);
        }
        if let Some(slot) = state.cold.pop() {
            return Ok(slot);
        }
        if state.fresh.1 == 0 {
            let slab = map(SLAB_SIZE)?;
            state.slabs.push(slab);
            state.fresh = (slab, SLAB_SIZE / STACK_SIZE);
        }
        let slot = state.fresh.0;
        state.fresh = (slot + STACK_SIZE, state.fresh.1 - 1);
        if state.guards != Some(false) {
            // SAFETY: the page is the lowest of a slot that nobody uses yet, inside a live mapping of ours.
            let done = unsafe { libc::madvise(slot as *mut _, PAGE, MADV_GUARD_INSTALL) };
            state.guards = Some(done == 0);
        }
        Ok(slot)
    }

    fn give_back(&self, slot: usize, depth: usize) {
        let mut state = self.state.borrow_mut();
        if depth <= SHALLOW && state.hot.len() < HOT_STACKS {
            state.hot.push(slot);
            return;
        }
        let keep = if state.hot.len() < HOT_STACKS { SHALLOW } else { 0 };
        trim(slot + PAGE, slot + STACK_SIZE - keep);
        if keep > 0 {
            state.hot.push(slot);
        } else {
            state.cold.push(slot);
        }
    }
}

/// Gives the memory of the calling thread's free stacks back to the system.
pub fn give_back_stacks() {
    POOL.with(|pool| {
        let mut state = pool.state.borrow_mut();
        let State { hot, cold, .. } = &mut *state;
        for slot in hot.drain(..) {
            trim(slot + PAGE, slot + STACK_SIZE);
            cold.push(slot);
        }
    });
    SPARE.take();
}

impl Drop for Pool {
    fn drop(&mut self) {
        for &slab in &self.state.get_mut().slabs {
            // SAFETY: every stack holds the pool alive, so no slot of the slab is in use.
            unsafe { libc::munmap(slab as *mut _, SLAB_SIZE) };
        }
    }
}

fn map(size: usize) -> io::Result<usize> {
    // SAFETY: a fresh private mapping at an address of the kernel's choice.
    let at = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            size,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
            -1,
            0,
        )
    };
    if at == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: advice about the mapping just made; a kernel without huge pages refuses it, which is fine.
    unsafe { libc::madvise(at, size, libc::MADV_NOHUGEPAGE) };
    Ok(at as usize)
}

/// Gives back the whole pages of a range.
pub(crate) fn trim(low: usize, high: usize) {
    let high = high & !(PAGE - 1);
    if high <= low {
        return;
    }
    // SAFETY: the range lies in a slot that is in no use, or below the stack pointer of one that is
    // parked, so its contents may go; its end is rounded down, for the kernel rounds up.
    unsafe { libc::madvise(low as *mut _, high - low, libc::MADV_DONTNEED) };
}

/// One stack of the thread's pool; goes back when dropped.
pub(crate) struct PooledStack {
    slot: usize,
    depth: usize,
    pool: Rc<Pool>,
}

impl PooledStack {
    pub(crate) fn take() -> io::Result<PooledStack> {
        let pool = POOL.with(Rc::clone);
        let slot = pool.take()?;
        Ok(PooledStack { slot, depth: STACK_SIZE, pool })
    }

    /// Lowest usable address.
    pub(crate) fn floor(&self) -> usize {
        self.slot + PAGE
    }

    /// Says how deep the stack was used, so that a shallow one need not be trimmed.
    pub(crate) fn used_down_to(&mut self, lowest: usize) {
        self.depth = (self.slot + STACK_SIZE).saturating_sub(lowest);
    }
}

impl Drop for PooledStack {
    fn drop(&mut self) {
        self.pool.give_back(self.slot, self.depth);
    }
}

// SAFETY: the slot is mapped and writable, page-aligned, and owned by this value; its lowest page is a guard
// where the kernel has them, and elsewhere every native re-entry checks the depth in software.
unsafe impl Stack for PooledStack {
    fn base(&self) -> StackPointer {
        StackPointer::new(self.slot + STACK_SIZE).expect("a mapped address")
    }
    fn limit(&self) -> StackPointer {
        StackPointer::new(self.slot).expect("a mapped address")
    }
}

/// A stack of its own mapping, for deep computations. It is kept for the next one of its size.
pub(crate) struct LargeStack {
    at: usize,
    size: usize,
}

/// The largest stack that is kept: a deep computation may have touched all of it.
const MOST_KEPT: usize = 2 << 20;
/// Large stacks that a thread keeps.
const MOST_SPARE: usize = 8;

/// Where large stacks wait to be used again: address and size.
#[derive(Default)]
struct Spare(Vec<(usize, usize)>);

impl Drop for Spare {
    fn drop(&mut self) {
        self.0.iter().for_each(|(at, size)| unmap(*at, *size));
    }
}

thread_local! {
    static SPARE: RefCell<Spare> = RefCell::default();
}

fn unmap(at: usize, size: usize) {
    // SAFETY: a mapping of a `LargeStack`, which control has left.
    unsafe { libc::munmap(at as *mut _, size) };
}

impl LargeStack {
    pub(crate) fn new(size: usize) -> io::Result<LargeStack> {
        let size = size.next_multiple_of(PAGE) + PAGE;
        let spare = SPARE.with_borrow_mut(|spare| {
            let found = spare.0.iter().rposition(|(_, known)| *known == size)?;
            Some(spare.0.swap_remove(found))
        });
        if let Some((at, size)) = spare {
            return Ok(LargeStack { at, size });
        }
        let at = map(size)?;
        // SAFETY: the lowest page of a mapping that nobody uses yet.
        unsafe { libc::mprotect(at as *mut _, PAGE, libc::PROT_NONE) };
        Ok(LargeStack { at, size })
    }

    pub(crate) fn floor(&self) -> usize {
        self.at + PAGE
    }
}

impl Drop for LargeStack {
    fn drop(&mut self) {
        let kept = SPARE.try_with(|spare| {
            let mut spare = spare.borrow_mut();
            let room = self.size <= MOST_KEPT && spare.0.len() < MOST_SPARE;
            if room {
                spare.0.push((self.at, self.size));
            }
            room
        });
        if !kept.unwrap_or(false) {
            unmap(self.at, self.size);
        }
    }
}

// SAFETY: mapped, writable but for the guard page at its low end, page-aligned, owned by this value.
unsafe impl Stack for LargeStack {
    fn base(&self) -> StackPointer {
        StackPointer::new(self.at + self.size).expect("a mapped address")
    }
    fn limit(&self) -> StackPointer {
        StackPointer::new(self.at).expect("a mapped address")
    }
}

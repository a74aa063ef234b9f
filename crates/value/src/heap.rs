//! The per-script heap: memory accounting, the table of objects, the collector's roots, and the
//! list that keeps deep structures from being freed by deep recursion.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error, realloc};
use std::cell::{Cell, RefCell, UnsafeCell};
use std::ptr::{self, NonNull};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::gc::GcState;
use crate::header::{Header, Kind};
use crate::object::{self, ObjBox, Object};
use crate::{array, reference};

/// How deep freeing recurses before it goes on by list.
const MAX_FREE_DEPTH: u32 = 64;

/// The sizes of which freed blocks are kept, in steps of sixteen bytes.
const CLASSES: usize = 16;
const STEP: usize = 16;
/// The most bytes of freed blocks that a heap keeps.
const MOST_KEPT: usize = 128 << 10;

/// Freed blocks for the next allocations of their size. A block leaves for the allocator when the
/// heap goes, or when enough are kept.
struct FreeBlocks {
    /// The last freed block of each size, which begins with the address of the one before.
    lists: [Cell<*mut u8>; CLASSES],
    kept: Cell<usize>,
}

/// The class of a size, if blocks of that size are kept.
#[inline(always)]
fn class_of(layout: Layout) -> Option<usize> {
    let class = (layout.size() - 1) / STEP;
    (class < CLASSES && layout.align() <= 8).then_some(class)
}

/// What is asked of the allocator for blocks of a class.
#[inline(always)]
fn block_layout(class: usize) -> Layout {
    // SAFETY: at most 256 bytes.
    unsafe { Layout::from_size_align_unchecked((class + 1) * STEP, 8) }
}

impl FreeBlocks {
    #[inline(always)]
    fn take(&self, class: usize) -> Option<NonNull<u8>> {
        let block = NonNull::new(self.lists[class].get())?;
        // SAFETY: a kept block begins with the address of the next, or null.
        self.lists[class].set(unsafe { block.cast::<*mut u8>().read() });
        self.kept.set(self.kept.get() - (class + 1) * STEP);
        Some(block)
    }

    /// Keeps a block, unless enough are.
    ///
    /// # Safety
    /// The block is of that class's layout and nobody else's.
    #[inline(always)]
    unsafe fn keep(&self, class: usize, block: *mut u8) -> bool {
        let kept = self.kept.get() + (class + 1) * STEP;
        if kept > MOST_KEPT {
            return false;
        }
        self.kept.set(kept);
        // SAFETY: the block has at least sixteen bytes and is aligned to eight.
        unsafe { block.cast::<*mut u8>().write(self.lists[class].get()) };
        self.lists[class].set(block);
        true
    }
}

impl FreeBlocks {
    fn give_back(&self) {
        for class in 0..CLASSES {
            while let Some(block) = self.take(class) {
                // SAFETY: kept blocks are of their class's layout.
                unsafe { dealloc(block.as_ptr(), block_layout(class)) };
            }
        }
    }
}

impl Drop for FreeBlocks {
    fn drop(&mut self) {
        self.give_back();
    }
}

/// The state of one script's heap.
pub(crate) struct HeapState {
    used: Cell<usize>,
    /// Where accounting looks closer: the lower of peak and limit.
    mark: Cell<usize>,
    peak: Cell<usize>,
    limit: Cell<usize>,
    limit_hit: Cell<usize>,
    depth: Cell<u32>,
    pending: UnsafeCell<Vec<NonNull<Header>>>,
    objects: UnsafeCell<ObjectTable>,
    pub(crate) gc: GcState,
    blocks: FreeBlocks,
    /// Raised where somebody should look at the heap: the word and its bits.
    interrupt: RefCell<Option<(Arc<AtomicU32>, u32)>>,
    /// The place in the thread's list of heaps.
    place: Cell<usize>,
}

/// Objects by number. Freed numbers are taken again, the last freed first.
#[derive(Default)]
struct ObjectTable {
    /// Entry `id - 1`.
    entries: Vec<*mut ObjBox>,
    free: Vec<u32>,
}

thread_local! {
    static CURRENT: Cell<*const HeapState> = const { Cell::new(ptr::null()) };
    static HEAPS: RefCell<Vec<*const HeapState>> = const { RefCell::new(Vec::new()) };
}

/// A script's heap. Cloning gives another handle to the same heap.
#[derive(Clone)]
pub struct Heap(Rc<HeapState>);

/// Makes the heap current until dropped, then restores the one before.
pub struct HeapGuard {
    before: Option<Heap>,
}

impl Drop for HeapGuard {
    fn drop(&mut self) {
        Heap::swap_current(self.before.take());
    }
}

impl Default for Heap {
    fn default() -> Self {
        Heap::new()
    }
}

impl Heap {
    /// An empty heap without a limit.
    pub fn new() -> Heap {
        let state = Rc::new(HeapState {
            used: Cell::new(0),
            mark: Cell::new(0),
            peak: Cell::new(0),
            limit: Cell::new(usize::MAX),
            limit_hit: Cell::new(0),
            depth: Cell::new(0),
            pending: UnsafeCell::new(Vec::new()),
            objects: UnsafeCell::new(ObjectTable::default()),
            gc: GcState::new(),
            blocks: FreeBlocks {
                lists: [const { Cell::new(ptr::null_mut()) }; CLASSES],
                kept: Cell::new(0),
            },
            interrupt: RefCell::new(None),
            place: Cell::new(usize::MAX),
        });
        let _ = HEAPS.try_with(|heaps| {
            let mut heaps = heaps.borrow_mut();
            state.place.set(heaps.len());
            heaps.push(Rc::as_ptr(&state));
        });
        Heap(state)
    }

    /// The thread's current heap.
    pub fn current() -> Heap {
        let state: *const HeapState = current();
        // SAFETY: the current pointer came from `Rc::into_raw` and its count is still held.
        unsafe {
            Rc::increment_strong_count(state);
            Heap(Rc::from_raw(state))
        }
    }

    /// Makes this heap the thread's current one; the guard restores the one before.
    pub fn enter(&self) -> HeapGuard {
        HeapGuard { before: Heap::swap_current(Some(self.clone())) }
    }

    /// Swaps the thread's current heap; `None` stands for the thread's default heap.
    pub fn swap_current(heap: Option<Heap>) -> Option<Heap> {
        let new = heap.map_or(ptr::null(), |heap| Rc::into_raw(heap.0));
        let old = CURRENT.with(|current| current.replace(new));
        // SAFETY: a non-null current pointer came from `Rc::into_raw` and holds one count.
        (!old.is_null()).then(|| Heap(unsafe { Rc::from_raw(old) }))
    }

    /// Whether both handles are of the same heap.
    pub fn ptr_eq(&self, other: &Heap) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// Bytes held now.
    #[inline]
    pub fn used(&self) -> usize {
        self.0.used.get()
    }

    /// The most bytes held since the start or [`Heap::reset_peak`].
    pub fn peak(&self) -> usize {
        self.0.peak.get()
    }

    /// Forgets the peak so far.
    pub fn reset_peak(&self) {
        self.0.peak.set(self.0.used.get());
        self.0.update_mark();
    }

    /// Has `bits` set in `word` when the limit is hit or the collector should run, so that a
    /// running script sees it at its next safe point.
    pub fn set_interrupt(&self, word: Arc<AtomicU32>, bits: u32) {
        *self.0.interrupt.borrow_mut() = Some((word, bits));
    }

    /// The limit in bytes (`usize::MAX` = none).
    pub fn limit(&self) -> usize {
        self.0.limit.get()
    }

    /// Sets the limit in bytes.
    pub fn set_limit(&self, limit: usize) {
        self.0.limit.set(limit);
        self.0.update_mark();
    }

    /// Whether an allocation went past the limit; stays set until cleared.
    #[inline]
    pub fn limit_hit(&self) -> bool {
        self.0.limit_hit.get() != 0
    }

    /// The size of the allocation that first went past the limit, clearing the flag.
    pub fn take_limit_hit(&self) -> Option<usize> {
        let size = self.0.limit_hit.replace(0);
        (size != 0).then_some(size)
    }

    /// Whether `bytes` more would stay within the limit.
    pub fn has_room(&self, bytes: usize) -> bool {
        self.0.has_room(bytes)
    }

    /// Counts memory held outside values (frames, native buffers) for the script.
    pub fn account(&self, bytes: usize) {
        self.0.add(bytes);
    }

    /// Takes back what [`Heap::account`] counted.
    pub fn unaccount(&self, bytes: usize) {
        self.0.sub(bytes);
    }

    /// Whether enough possible roots gathered that the collector should run at a safe point.
    #[inline]
    pub fn gc_wanted(&self) -> bool {
        self.0.gc.wanted.get()
    }

    /// Whether automatic collection is on.
    pub fn gc_enabled(&self) -> bool {
        self.0.gc.enabled.get()
    }

    /// Switches automatic collection; [`crate::gc_collect`] works either way.
    pub fn set_gc_enabled(&self, enabled: bool) {
        self.0.gc.set_enabled(enabled);
    }

    /// Gives freed blocks back that are kept for the next allocations: the script may wait for long.
    pub fn trim(&self) {
        self.0.blocks.give_back();
    }

    /// How many objects are alive.
    pub fn object_count(&self) -> usize {
        // SAFETY: no borrow of the table outlives a call into it.
        let table = unsafe { &*self.0.objects.get() };
        table.entries.len() - table.free.len()
    }

    /// The live object of that number.
    pub fn object_by_id(&self, id: u32) -> Option<Object> {
        // SAFETY: no borrow of the table outlives a call into it.
        let table = unsafe { &*self.0.objects.get() };
        let ptr = *table.entries.get((id as usize).checked_sub(1)?)?;
        // SAFETY: table entries are null or live boxes.
        NonNull::new(ptr).and_then(|ptr| unsafe { Object::from_live(ptr) })
    }

    /// Calls `visit` with every live object by number, also with those made meanwhile. The
    /// visitor may make and free objects.
    pub fn for_each_object(&self, mut visit: impl FnMut(&Object)) {
        let mut id = 1;
        loop {
            // SAFETY: no borrow of the table outlives this statement.
            if id as usize > unsafe { (*self.0.objects.get()).entries.len() } {
                break;
            }
            if let Some(object) = self.object_by_id(id) {
                visit(&object);
            }
            id += 1;
        }
    }

    /// Empties every live object without calling destructors: for the end of a script, so that
    /// cycles do not outlive it.
    pub fn free_all_objects(&self) {
        let _entered = self.enter();
        self.for_each_object(|object| object.set_flag(Object::DESTRUCTOR_CALLED));
        self.for_each_object(Object::clear);
    }
}

impl HeapState {
    #[inline(always)]
    pub(crate) fn add(&self, bytes: usize) {
        let used = self.used.get().wrapping_add(bytes);
        self.used.set(used);
        if used > self.mark.get() {
            self.above_mark(used, bytes);
        }
    }

    #[inline(always)]
    pub(crate) fn sub(&self, bytes: usize) {
        // A value freed under another heap than it was made in must not wrap the sum around.
        self.used.set(self.used.get().saturating_sub(bytes));
    }

    #[cold]
    fn above_mark(&self, used: usize, bytes: usize) {
        if used > self.peak.get() {
            self.peak.set(used);
        }
        if used > self.limit.get() && self.limit_hit.get() == 0 {
            self.limit_hit.set(bytes.max(1));
            self.interrupt();
        }
        self.update_mark();
    }

    /// Asks for somebody to look at the heap.
    #[cold]
    pub(crate) fn interrupt(&self) {
        if let Some((word, bits)) = &*self.interrupt.borrow() {
            word.fetch_or(*bits, Ordering::Relaxed);
        }
    }

    fn update_mark(&self) {
        self.mark.set(self.peak.get().min(self.limit.get()));
    }

    pub(crate) fn has_room(&self, bytes: usize) -> bool {
        self.used.get().checked_add(bytes).is_some_and(|sum| sum <= self.limit.get())
    }

    /// Takes the depth of freeing away for the time a hook runs: code run by it starts anew.
    pub(crate) fn take_depth(&self) -> u32 {
        self.depth.replace(0)
    }

    pub(crate) fn set_depth(&self, depth: u32) {
        self.depth.set(depth);
    }

    /// Enters a new object; its number.
    #[inline]
    pub(crate) fn enter_object(&self, ptr: *mut ObjBox) -> u32 {
        // SAFETY: no other borrow of the table is alive: its users call nothing.
        let table = unsafe { &mut *self.objects.get() };
        if let Some(id) = table.free.pop() {
            table.entries[id as usize - 1] = ptr;
            id
        } else {
            table.entries.push(ptr);
            table.entries.len() as u32
        }
    }

    fn leave_object(&self, id: u32, ptr: *mut ObjBox) -> bool {
        // SAFETY: no other borrow of the table is alive: its users call nothing.
        let table = unsafe { &mut *self.objects.get() };
        match table.entries.get_mut((id as usize).wrapping_sub(1)) {
            Some(entry) if *entry == ptr => {
                *entry = ptr::null_mut();
                table.free.push(id);
                true
            }
            _ => false,
        }
    }
}

impl Drop for HeapState {
    fn drop(&mut self) {
        self.gc.forget_roots();
        let _ = HEAPS.try_with(|heaps| {
            let mut heaps = heaps.borrow_mut();
            let place = self.place.get();
            if heaps.get(place).is_some_and(|&heap| ptr::eq(heap, self)) {
                heaps.swap_remove(place);
                if let Some(&moved) = heaps.get(place) {
                    // SAFETY: the list holds live heaps only; each leaves it when dropped.
                    unsafe { (*moved).place.set(place) };
                }
            }
        });
    }
}

/// The current heap's state. Not to be kept across a call that may run foreign code.
#[inline(always)]
pub(crate) fn current<'a>() -> &'a HeapState {
    let current = CURRENT.with(Cell::get);
    if current.is_null() {
        return default_heap();
    }
    // SAFETY: the thread-local holds a count of the heap.
    unsafe { &*current }
}

/// A thread that entered no heap gets one for its life.
#[cold]
fn default_heap<'a>() -> &'a HeapState {
    thread_local! {
        static DEFAULT: Heap = Heap::new();
    }
    // While the thread goes down its heap may be gone: what is freed then gets one that stays.
    let state = DEFAULT
        .try_with(|heap| Rc::as_ptr(&heap.0))
        .unwrap_or_else(|_| Rc::into_raw(Heap::new().0));
    // SAFETY: held by the thread-local, or never given up.
    unsafe { &*state }
}

/// The heap of this thread for which `test` holds, the current one tried first.
pub(crate) fn find_heap(mut test: impl FnMut(&HeapState) -> bool) {
    if test(current()) {
        return;
    }
    let _ = HEAPS.try_with(|heaps| {
        // SAFETY: the list holds live heaps only; `test` makes and drops none.
        heaps.borrow().iter().any(|&heap| test(unsafe { &*heap }))
    });
}

/// Releases the number of a freed object.
pub(crate) fn leave_object(id: u32, ptr: *mut ObjBox) {
    find_heap(|heap| heap.leave_object(id, ptr));
}

/// Frees a container whose count reached zero; past a depth, puts it on the list instead.
///
/// # Safety
/// `ptr` is a container box with a count of zero and no other owner.
pub(crate) unsafe fn release_container(ptr: NonNull<Header>) {
    let heap = current();
    // SAFETY: still allocated.
    if unsafe { ptr.as_ref() }.gc_index() != 0 {
        crate::gc::unbuffer(ptr);
    }
    let depth = heap.depth.get();
    if depth >= MAX_FREE_DEPTH {
        // SAFETY: no borrow of the list is alive here: nothing runs while one is.
        unsafe { (*heap.pending.get()).push(ptr) };
        return;
    }
    heap.depth.set(depth + 1);
    // SAFETY: handed on.
    unsafe { destroy(ptr) };
    // A destructor may have suspended the script and resumed it: look the heap up again.
    let heap = current();
    heap.depth.set(depth);
    if depth == 0 {
        drain_pending(heap);
    }
}

#[inline]
fn drain_pending(heap: &HeapState) {
    // SAFETY: the borrow ends with the statement.
    while let Some(next) = unsafe { (*heap.pending.get()).pop() } {
        heap.depth.set(1);
        // SAFETY: boxes on the list have a count of zero and no owner but the list.
        unsafe { destroy(next) };
        heap.depth.set(0);
    }
}

/// # Safety
/// As for [`release_container`].
#[inline]
unsafe fn destroy(ptr: NonNull<Header>) {
    // SAFETY: the kind tells what box the header begins.
    unsafe {
        match ptr.as_ref().kind() {
            Kind::Array => array::free(ptr.cast()),
            Kind::Object => object::finalize(ptr.cast()),
            Kind::Ref => reference::free(ptr.cast()),
            Kind::Str => unreachable!("strings are freed at once"),
        }
    }
}

/// Allocates and counts. The layout must not be empty.
#[inline]
pub(crate) fn allocate(layout: Layout) -> NonNull<u8> {
    debug_assert!(layout.size() > 0);
    let heap = current();
    heap.add(layout.size());
    match class_of(layout) {
        Some(class) => match heap.blocks.take(class) {
            Some(block) => block,
            None => from_allocator(block_layout(class)),
        },
        None => from_allocator(layout),
    }
}

#[inline(never)]
fn from_allocator(layout: Layout) -> NonNull<u8> {
    // SAFETY: the layout is not empty.
    match NonNull::new(unsafe { alloc(layout) }) {
        Some(ptr) => ptr,
        None => handle_alloc_error(layout),
    }
}

/// # Safety
/// `ptr` came from [`allocate`] or [`reallocate`] with this layout.
#[inline]
pub(crate) unsafe fn deallocate(ptr: *mut u8, layout: Layout) {
    let heap = current();
    heap.sub(layout.size());
    // SAFETY: given up by the caller; blocks of a class were allocated with the class's layout.
    unsafe {
        match class_of(layout) {
            Some(class) if heap.blocks.keep(class, ptr) => {}
            Some(class) => dealloc(ptr, block_layout(class)),
            None => dealloc(ptr, layout),
        }
    }
}

/// # Safety
/// `ptr` came from [`allocate`] or [`reallocate`] with `old`; `size` is not zero.
pub(crate) unsafe fn reallocate(ptr: *mut u8, old: Layout, size: usize) -> NonNull<u8> {
    let new = Layout::from_size_align(size, old.align()).unwrap_or(old);
    let (from, to) = (class_of(old), class_of(new));
    if from.is_none() && to.is_none() {
        let heap = current();
        heap.sub(old.size());
        heap.add(size);
        // SAFETY: handed on.
        return match NonNull::new(unsafe { realloc(ptr, old, size) }) {
            Some(ptr) => ptr,
            None => handle_alloc_error(new),
        };
    }
    if from == to {
        current().sub(old.size());
        current().add(size);
        // SAFETY: an allocated block is at no address of zero.
        return unsafe { NonNull::new_unchecked(ptr) };
    }
    let moved = allocate(new);
    // SAFETY: both blocks are that long, and apart; the old one is given up.
    unsafe {
        ptr::copy_nonoverlapping(ptr, moved.as_ptr(), old.size().min(size));
        deallocate(ptr, old);
    }
    moved
}

/// Stops counting memory that a script no longer owns: what became immortal.
pub(crate) fn disown(bytes: usize) {
    current().sub(bytes);
}

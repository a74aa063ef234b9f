//! The cycle collector: synchronous trial deletion over arrays, objects and references.
//!
//! Instead of subtracting from the real counts and restoring them, a pass numbers everything
//! reachable from the possible roots, tallies how many counts come from within, and takes for
//! garbage what no count from outside keeps alive. Real counts stay true throughout, so payloads
//! may make and drop handles while they are traced.

use std::cell::{Cell, UnsafeCell};
use std::ptr::NonNull;

use crate::header::{Header, Kind, MAX_INDEX, drop_container};
use crate::heap::{self, HeapState};
use crate::object::Object;
use crate::reference::RefBox;
use crate::{Value, array};

/// PHP's threshold: the collector runs with this many possible roots.
const THRESHOLD: usize = 10_001;
const THRESHOLD_STEP: usize = 10_000;
const THRESHOLD_MAX: usize = 1_000_000_000;
/// A run that frees fewer than this was not worth it: the threshold rises.
const THRESHOLD_TRIGGER: usize = 100;

/// The collector's part of a heap.
pub(crate) struct GcState {
    /// Possible roots; a header's index is its place here plus one.
    roots: UnsafeCell<Vec<Option<NonNull<Header>>>>,
    /// Free places in `roots`.
    unused: UnsafeCell<Vec<u32>>,
    threshold: Cell<usize>,
    runs: Cell<usize>,
    collected: Cell<usize>,
    pub(crate) enabled: Cell<bool>,
    pub(crate) wanted: Cell<bool>,
    active: Cell<bool>,
    /// While a pass numbers headers, nothing may be buffered.
    tracing: Cell<bool>,
}

/// What `gc_status()` tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GcStatus {
    /// How often the collector ran.
    pub runs: usize,
    /// How many arrays and objects it freed.
    pub collected: usize,
    /// With how many possible roots it runs by itself.
    pub threshold: usize,
    /// How many possible roots there are now.
    pub roots: usize,
    /// Whether it is running.
    pub running: bool,
}

/// What the collector asks of the engine.
pub trait GcCallbacks {
    /// Whether the object's class has a destructor. Runs no script code.
    fn has_destructor(&mut self, object: &Object) -> bool;
    /// Calls the destructor.
    fn destroy(&mut self, object: &Object);
}

impl GcState {
    pub(crate) const fn new() -> Self {
        GcState {
            roots: UnsafeCell::new(Vec::new()),
            unused: UnsafeCell::new(Vec::new()),
            threshold: Cell::new(THRESHOLD),
            runs: Cell::new(0),
            collected: Cell::new(0),
            enabled: Cell::new(true),
            wanted: Cell::new(false),
            active: Cell::new(false),
            tracing: Cell::new(false),
        }
    }

    pub(crate) fn set_enabled(&self, enabled: bool) {
        self.enabled.set(enabled);
        self.wanted.set(enabled && self.root_count() >= self.threshold.get());
    }

    fn root_count(&self) -> usize {
        // SAFETY: the borrows end within; nothing foreign runs.
        unsafe { (*self.roots.get()).len() - (*self.unused.get()).len() }
    }

    /// Whether the collector has just become due.
    fn add(&self, ptr: NonNull<Header>) -> bool {
        if self.tracing.get() {
            return false;
        }
        // SAFETY: the borrows end within; nothing foreign runs. The box is alive.
        let (roots, unused, header) =
            unsafe { (&mut *self.roots.get(), &mut *self.unused.get(), ptr.as_ref()) };
        if let Some(place) = unused.pop() {
            roots[place as usize] = Some(ptr);
            header.set_gc_index(place + 1);
        } else if roots.len() < MAX_INDEX as usize {
            roots.push(Some(ptr));
            header.set_gc_index(roots.len() as u32);
        }
        roots.len() - unused.len() >= self.threshold.get()
            && self.enabled.get()
            && !self.active.get()
            && !self.wanted.replace(true)
    }

    fn remove(&self, ptr: NonNull<Header>) -> bool {
        // SAFETY: the borrows end within; nothing foreign runs. The box is still allocated.
        let (roots, unused, header) =
            unsafe { (&mut *self.roots.get(), &mut *self.unused.get(), ptr.as_ref()) };
        let place = (header.gc_index() as usize).wrapping_sub(1);
        match roots.get_mut(place) {
            Some(root) if *root == Some(ptr) => {
                *root = None;
                unused.push(place as u32);
                header.set_gc_index(0);
                true
            }
            _ => false,
        }
    }

    /// Empties the buffer; what was in it.
    fn take_roots(&self) -> Vec<NonNull<Header>> {
        // SAFETY: the borrows end within; nothing foreign runs. Buffered boxes are alive, since
        // they leave the buffer before they are freed.
        unsafe {
            (*self.unused.get()).clear();
            let roots: Vec<_> = (*self.roots.get()).drain(..).flatten().collect();
            for root in &roots {
                root.as_ref().set_gc_index(0);
            }
            roots
        }
    }

    /// The heap goes; what it buffered may live on.
    pub(crate) fn forget_roots(&self) {
        self.take_roots();
    }
}

/// Buffers a container that lost a count but lives on.
#[inline(never)]
pub(crate) fn possible_root(ptr: NonNull<Header>) {
    // SAFETY: the caller saw counts left, so the box is alive.
    unsafe {
        if ptr.as_ref().kind() == Kind::Ref {
            let slot = ptr.cast::<RefBox>().as_ref().slot();
            if !matches!(*slot, Value::Array(_) | Value::Object(_)) {
                return;
            }
        }
    }
    let heap = heap::current();
    if heap.gc.add(ptr) {
        heap.interrupt();
    }
}

/// Takes a container out of the buffer it is in.
#[inline(never)]
pub(crate) fn unbuffer(ptr: NonNull<Header>) {
    heap::find_heap(|heap| heap.gc.remove(ptr));
    // SAFETY: still allocated. In case its heap is gone.
    unsafe { ptr.as_ref() }.set_gc_index(0);
}

/// The collector's numbers for the current heap.
pub fn gc_status() -> GcStatus {
    let gc = &heap::current().gc;
    GcStatus {
        runs: gc.runs.get(),
        collected: gc.collected.get(),
        threshold: gc.threshold.get(),
        roots: gc.root_count(),
        running: gc.active.get(),
    }
}

/// Collects garbage cycles of the current heap, destructors first; how many arrays and objects
/// were freed. Zero if the collector is running already.
pub fn gc_collect(callbacks: &mut dyn GcCallbacks) -> usize {
    let mut total = 0;
    for _ in 0..2 {
        let heap = heap::current();
        if heap.gc.active.get() || heap.gc.root_count() == 0 {
            break;
        }
        heap.gc.wanted.set(false);
        heap.gc.runs.set(heap.gc.runs.get() + 1);
        heap.gc.active.set(true);
        let (count, again) = Pass::default().run(heap, callbacks);
        // Destructors may have suspended the script: look the heap up again.
        let heap = heap::current();
        heap.gc.active.set(false);
        heap.gc.collected.set(heap.gc.collected.get() + count);
        total += count;
        // What had destructors was spared in this pass; once is tried again.
        if !again {
            break;
        }
    }
    total
}

/// As [`gc_collect`], for a run started by [`crate::Heap::gc_wanted`]: adapts the threshold.
pub fn gc_collect_automatic(callbacks: &mut dyn GcCallbacks) -> usize {
    let count = gc_collect(callbacks);
    let gc = &heap::current().gc;
    let threshold = gc.threshold.get();
    if count < THRESHOLD_TRIGGER || gc.root_count() >= threshold {
        gc.threshold.set((threshold + THRESHOLD_STEP).min(THRESHOLD_MAX));
    } else if threshold > THRESHOLD {
        gc.threshold.set(threshold - THRESHOLD_STEP);
    }
    gc.wanted.set(false);
    count
}

struct Node {
    ptr: NonNull<Header>,
    /// How many of its counts come from other nodes.
    internal: u32,
    live: bool,
    /// An object's table of dynamic properties: not counted apart from its object.
    part: bool,
}

#[derive(Default)]
struct Pass {
    nodes: Vec<Node>,
    overflow: bool,
}

impl Pass {
    /// How many were freed, and whether another pass is due since destructors were called.
    fn run(mut self, heap: &HeapState, callbacks: &mut dyn GcCallbacks) -> (usize, bool) {
        let roots = heap.gc.take_roots();
        heap.gc.tracing.set(true);
        for &root in &roots {
            self.node(root);
        }
        self.number();
        let mut destroy = Vec::new();
        if !self.overflow {
            self.spare_live();
            destroy = self.spare_destructible(callbacks);
        }
        let mut count = 0;
        let mut garbage = Vec::new();
        for node in &self.nodes {
            // SAFETY: nothing was freed since the nodes were found.
            let header = unsafe { node.ptr.as_ref() };
            header.set_gc_index(0);
            if !node.live && !self.overflow {
                header.retain();
                garbage.push(node.ptr);
                count += usize::from(header.kind() != Kind::Ref && !node.part);
            }
        }
        heap.gc.tracing.set(false);
        drop(self);

        let again = !destroy.is_empty();
        for object in destroy {
            if !object.has_flag(Object::DESTRUCTOR_CALLED) {
                callbacks.destroy(&object);
                object.set_flag(Object::DESTRUCTOR_CALLED);
            }
            // Dropping the handle makes the object a root of the next pass.
        }
        for &ptr in &garbage {
            // SAFETY: each is alive by the count taken above.
            unsafe { clear(ptr) };
        }
        for &ptr in &garbage {
            // SAFETY: gives up the count taken above.
            unsafe { drop_container(ptr) };
        }
        (count, again)
    }

    /// The number of a container, entering it if it is new; `None` past the numbers there are.
    fn node(&mut self, ptr: NonNull<Header>) -> Option<usize> {
        // SAFETY: reached from a live box or the buffer: alive.
        let header = unsafe { ptr.as_ref() };
        let index = header.gc_index() as usize;
        if index != 0 {
            return Some(index - 1);
        }
        if self.nodes.len() >= MAX_INDEX as usize {
            self.overflow = true;
            return None;
        }
        self.nodes.push(Node { ptr, internal: 0, live: false, part: false });
        header.set_gc_index(self.nodes.len() as u32);
        Some(self.nodes.len() - 1)
    }

    /// Numbers everything reachable and tallies the counts from within.
    fn number(&mut self) {
        let mut at = 0;
        while at < self.nodes.len() && !self.overflow {
            // SAFETY: nodes are alive while the pass traces.
            unsafe {
                trace(self.nodes[at].ptr, &mut |child, part| {
                    if let Some(node) = self.node(child) {
                        self.nodes[node].internal += 1;
                        self.nodes[node].part |= part;
                    }
                });
            }
            at += 1;
        }
    }

    /// Marks what outer counts keep alive, and all reachable from there.
    fn spare_live(&mut self) {
        let mut stack = Vec::new();
        for (at, node) in self.nodes.iter_mut().enumerate() {
            // SAFETY: nodes are alive while the pass traces.
            if unsafe { node.ptr.as_ref() }.count() > node.internal {
                node.live = true;
                stack.push(at);
            }
        }
        self.spare_reachable(stack);
    }

    fn spare_reachable(&mut self, mut stack: Vec<usize>) {
        while let Some(at) = stack.pop() {
            // SAFETY: nodes are alive while the pass traces.
            unsafe {
                trace(self.nodes[at].ptr, &mut |child, _| {
                    let index = child.as_ref().gc_index() as usize;
                    if let Some(node) = self.nodes.get_mut(index.wrapping_sub(1))
                        && !node.live
                    {
                        node.live = true;
                        stack.push(index - 1);
                    }
                });
            }
        }
    }

    /// The garbage objects whose destructors are to be called; they and all they reach are
    /// spared in this pass.
    fn spare_destructible(&mut self, callbacks: &mut dyn GcCallbacks) -> Vec<Object> {
        let mut found = Vec::new();
        let mut stack = Vec::new();
        for (at, node) in self.nodes.iter().enumerate() {
            // SAFETY: nodes are alive while the pass traces.
            if node.live || unsafe { node.ptr.as_ref() }.kind() != Kind::Object {
                continue;
            }
            // SAFETY: as above, and it is an object.
            let object = unsafe { Object::borrowed(node.ptr) };
            if object.has_flag(Object::DESTRUCTOR_CALLED) {
                continue;
            }
            if callbacks.has_destructor(&object) {
                found.push(Object::clone(&object));
                stack.push(at);
            } else {
                object.set_flag(Object::DESTRUCTOR_CALLED);
            }
        }
        for &at in &stack {
            self.nodes[at].live = true;
        }
        self.spare_reachable(stack);
        found
    }
}

/// Visits the containers a container holds counts of; the flag marks an object's dynamic table.
///
/// # Safety
/// `ptr` is alive; `visit` frees nothing and writes into no value.
unsafe fn trace(ptr: NonNull<Header>, visit: &mut dyn FnMut(NonNull<Header>, bool)) {
    // SAFETY: the kind tells what box the header begins.
    unsafe {
        match ptr.as_ref().kind() {
            Kind::Array => {
                for value in array::values_of(ptr.cast()) {
                    visit_value(value, visit);
                }
            }
            Kind::Ref => visit_value(&*ptr.cast::<RefBox>().as_ref().slot(), visit),
            Kind::Object => Object::borrowed(ptr).trace(&mut |value, table| match table {
                None => visit_value(value, visit),
                Some(table) => visit_header(table.header(), true, visit),
            }),
            Kind::Str => {}
        }
    }
}

#[inline]
fn visit_value(value: &Value, visit: &mut dyn FnMut(NonNull<Header>, bool)) {
    match value {
        Value::Array(array) => visit_header(array.header(), false, visit),
        Value::Object(object) => visit_header(object.header(), false, visit),
        Value::Ref(reference) => visit_header(reference.header(), false, visit),
        _ => {}
    }
}

#[inline]
fn visit_header(ptr: NonNull<Header>, part: bool, visit: &mut dyn FnMut(NonNull<Header>, bool)) {
    // SAFETY: the header of a live handle.
    if !unsafe { ptr.as_ref() }.is_immortal() {
        visit(ptr, part);
    }
}

/// Empties a garbage container.
///
/// # Safety
/// `ptr` is alive by a count of the caller and reachable from garbage only.
unsafe fn clear(ptr: NonNull<Header>) {
    // SAFETY: the kind tells what box the header begins.
    unsafe {
        match ptr.as_ref().kind() {
            Kind::Array => array::clear_garbage(ptr.cast()),
            Kind::Object => Object::borrowed(ptr).clear(),
            Kind::Ref => {
                let slot = ptr.cast::<RefBox>().as_ref().slot();
                drop(std::mem::replace(&mut *slot, Value::Null));
            }
            Kind::Str => {}
        }
    }
}

#[cfg(test)]
mod tests;

//! `SplHeap` and `SplPriorityQueue`.

mod heap_stub;

pub(crate) use heap_stub::MODULE;

use crate::overrides::{native_name, overridden};
use outlast_value::{Object, ObjectData, PhpArray, PhpString, Value};
use outlast_vm::{Cx, ObjectHandlers, Ret, Unwind};
use std::cell::{Cell, RefCell};

static HEAP_HANDLERS: ObjectHandlers =
    ObjectHandlers { create: Some(create), clone: Some(copy), ..ObjectHandlers::STANDARD };

const DATA: i64 = 1;
const PRIORITY: i64 = 2;
const BOTH: i64 = 3;

/// How the native classes compare.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Heap,
    Min,
    Max,
    Queue,
}

#[derive(Clone)]
struct Item {
    value: Value,
    priority: Value,
}

struct Heap {
    items: RefCell<Vec<Item>>,
    kind: Kind,
    extract: Cell<i64>,
    corrupted: Cell<bool>,
    busy: Cell<bool>,
}

impl ObjectData for Heap {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        for item in self.items.borrow().iter() {
            visit(&item.value);
            visit(&item.priority);
        }
    }
    fn clear(&self) {
        let old = self.items.take();
        drop(old);
    }
}

impl Heap {
    fn item(&self, at: usize) -> Item {
        self.items.borrow()[at].clone()
    }
    fn put(&self, at: usize, item: Item) {
        let old = std::mem::replace(&mut self.items.borrow_mut()[at], item);
        drop(old);
    }
}

fn heap(this: &Object) -> &Heap {
    this.data::<Heap>().expect("every heap has elements")
}

fn create(_cx: &mut Cx, this: &Object) -> Ret<()> {
    let kind = match native_name(this).as_str() {
        "SplMinHeap" => Kind::Min,
        "SplMaxHeap" => Kind::Max,
        "SplPriorityQueue" => Kind::Queue,
        _ => Kind::Heap,
    };
    this.set_data(Box::new(Heap {
        items: RefCell::default(),
        kind,
        extract: Cell::new(if kind == Kind::Queue { DATA } else { 0 }),
        corrupted: Cell::new(false),
        busy: Cell::new(false),
    }));
    Ok(())
}

fn copy(_cx: &mut Cx, new: &Object, old: &Object) -> Ret<()> {
    let old = heap(old);
    let items = old.items.borrow().clone();
    new.set_data(Box::new(Heap {
        items: RefCell::new(items),
        kind: old.kind,
        extract: old.extract.clone(),
        corrupted: old.corrupted.clone(),
        busy: Cell::new(false),
    }));
    Ok(())
}

/// Compares for one change of a heap; behind an exception everything is equal.
struct Comparison<'a> {
    this: &'a Object,
    by_method: bool,
    failed: Option<Unwind>,
}

impl<'a> Comparison<'a> {
    fn of(this: &'a Object) -> Self {
        let by_method = heap(this).kind == Kind::Heap || overridden(this, b"compare");
        Comparison { this, by_method, failed: None }
    }

    fn sign(&mut self, cx: &mut Cx, a: &Item, b: &Item) -> i64 {
        if self.failed.is_some() {
            return 0;
        }
        let kind = heap(self.this).kind;
        let (a, b) = match kind {
            Kind::Queue => (&a.priority, &b.priority),
            _ => (&a.value, &b.value),
        };
        let result = if self.by_method {
            cx.call_method(self.this, "compare", vec![a.clone(), b.clone()])
                .and_then(|v| cx.to_int(&v))
        } else if kind == Kind::Min {
            cx.compare(b, a).map(i64::from)
        } else {
            cx.compare(a, b).map(i64::from)
        };
        result.unwrap_or_else(|u| {
            self.failed = Some(u);
            0
        })
    }

    fn finish(self) -> Ret<()> {
        heap(self.this).busy.set(false);
        match self.failed {
            Some(u) => {
                heap(self.this).corrupted.set(true);
                Err(u)
            }
            None => Ok(()),
        }
    }
}

/// May the heap be used?
fn check(cx: &mut Cx, this: &Object, change: bool) -> Ret<()> {
    let h = heap(this);
    if change && h.busy.get() {
        return Err(cx.throw(
            "RuntimeException",
            "Heap cannot be changed when it is already being modified.",
        ));
    }
    if h.corrupted.get() {
        return Err(cx.throw(
            "RuntimeException",
            "Heap is corrupted, heap properties are no longer ensured.",
        ));
    }
    Ok(())
}

fn insert(cx: &mut Cx, this: &Object, item: Item) -> Ret<bool> {
    check(cx, this, true)?;
    let h = heap(this);
    h.busy.set(true);
    let mut at = h.items.borrow().len();
    h.items.borrow_mut().push(item.clone());
    let mut compare = Comparison::of(this);
    while at > 0 {
        let parent = h.item((at - 1) / 2);
        if compare.sign(cx, &parent, &item) >= 0 {
            break;
        }
        h.put(at, parent);
        at = (at - 1) / 2;
    }
    h.put(at, item);
    compare.finish()?;
    Ok(true)
}

/// Takes the top; `None` if the heap is empty.
fn delete_top(cx: &mut Cx, this: &Object) -> Ret<Option<Item>> {
    let h = heap(this);
    let len = h.items.borrow().len();
    if len == 0 {
        return Ok(None);
    }
    h.busy.set(true);
    let limit = (len - 1) / 2;
    let top = h.item(0);
    let count = len - 1;
    let bottom = h.item(count);
    let mut compare = Comparison::of(this);
    let mut at = 0;
    while at < limit {
        let mut child = at * 2 + 1;
        if child != count && compare.sign(cx, &h.item(child + 1), &h.item(child)) > 0 {
            child += 1;
        }
        if compare.sign(cx, &bottom, &h.item(child)) >= 0 {
            break;
        }
        h.put(at, h.item(child));
        at = child;
    }
    h.put(at, bottom);
    let last = h.items.borrow_mut().pop();
    drop(last);
    compare.finish()?;
    Ok(Some(top))
}

/// What is handed out of an element.
fn shown(this: &Object, item: Item) -> Value {
    let h = heap(this);
    match (h.kind, h.extract.get()) {
        (Kind::Queue, BOTH) => Value::Array(pair(item)),
        (Kind::Queue, PRIORITY) => item.priority,
        _ => item.value,
    }
}

fn pair(item: Item) -> PhpArray {
    let mut pair = PhpArray::new();
    pair.insert_str(PhpString::from("data"), item.value);
    pair.insert_str(PhpString::from("priority"), item.priority);
    pair
}

fn spl_heap_insert(cx: &mut Cx, this: &Object, value: &Value) -> Ret<bool> {
    insert(cx, this, Item { value: value.clone(), priority: Value::Null })
}

fn spl_priority_queue_insert(
    cx: &mut Cx,
    this: &Object,
    value: &Value,
    priority: &Value,
) -> Ret<bool> {
    insert(cx, this, Item { value: value.clone(), priority: priority.clone() })
}

fn spl_heap_extract(cx: &mut Cx, this: &Object) -> Ret<Value> {
    check(cx, this, true)?;
    match delete_top(cx, this)? {
        Some(item) => Ok(shown(this, item)),
        None => Err(cx.throw("RuntimeException", "Can't extract from an empty heap")),
    }
}

fn spl_priority_queue_extract(cx: &mut Cx, this: &Object) -> Ret<Value> {
    spl_heap_extract(cx, this)
}

fn spl_heap_top(cx: &mut Cx, this: &Object) -> Ret<Value> {
    check(cx, this, false)?;
    let top = heap(this).items.borrow().first().cloned();
    match top {
        Some(item) => Ok(shown(this, item)),
        None => Err(cx.throw("RuntimeException", "Can't peek at an empty heap")),
    }
}

fn spl_priority_queue_top(cx: &mut Cx, this: &Object) -> Ret<Value> {
    spl_heap_top(cx, this)
}

fn spl_heap_current(_cx: &mut Cx, this: &Object) -> Ret<Option<Value>> {
    let top = heap(this).items.borrow().first().cloned();
    Ok(top.map(|item| shown(this, item)))
}

fn spl_priority_queue_current(cx: &mut Cx, this: &Object) -> Ret<Option<Value>> {
    spl_heap_current(cx, this)
}

fn spl_heap_count(_cx: &mut Cx, this: &Object) -> Ret<i64> {
    Ok(heap(this).items.borrow().len() as i64)
}

fn spl_heap_is_empty(_cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(heap(this).items.borrow().is_empty())
}

fn spl_heap_rewind(_cx: &mut Cx, _this: &Object) -> Ret<()> {
    Ok(())
}

fn spl_heap_key(cx: &mut Cx, this: &Object) -> Ret<i64> {
    Ok(spl_heap_count(cx, this)? - 1)
}

fn spl_heap_next(cx: &mut Cx, this: &Object) -> Ret<()> {
    check(cx, this, true)?;
    delete_top(cx, this).map(drop)
}

fn spl_heap_valid(_cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(!heap(this).items.borrow().is_empty())
}

fn spl_heap_recover_from_corruption(_cx: &mut Cx, this: &Object) -> Ret<bool> {
    heap(this).corrupted.set(false);
    Ok(true)
}

fn spl_heap_is_corrupted(_cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(heap(this).corrupted.get())
}

fn spl_min_heap_compare(cx: &mut Cx, _this: &Object, a: &Value, b: &Value) -> Ret<i64> {
    cx.compare(b, a).map(i64::from)
}

fn spl_max_heap_compare(cx: &mut Cx, _this: &Object, a: &Value, b: &Value) -> Ret<i64> {
    cx.compare(a, b).map(i64::from)
}

fn spl_priority_queue_compare(cx: &mut Cx, _this: &Object, a: &Value, b: &Value) -> Ret<i64> {
    cx.compare(a, b).map(i64::from)
}

fn spl_priority_queue_set_extract_flags(cx: &mut Cx, this: &Object, flags: i64) -> Ret<i64> {
    let flags = flags & BOTH;
    if flags == 0 {
        return Err(cx.throw("RuntimeException", "Must specify at least one extract flag"));
    }
    heap(this).extract.set(flags);
    Ok(flags)
}

fn spl_priority_queue_get_extract_flags(_cx: &mut Cx, this: &Object) -> Ret<i64> {
    Ok(heap(this).extract.get())
}

fn spl_heap_magic_debug_info(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    let h = heap(this);
    let class = if h.kind == Kind::Queue { "SplPriorityQueue" } else { "SplHeap" };
    let name = |name: &str| PhpString::from(format!("\0{class}\0{name}"));
    let mut out = cx.mangled_vars(this);
    out.insert_str(name("flags"), Value::Int(h.extract.get()));
    out.insert_str(name("isCorrupted"), Value::Bool(h.corrupted.get()));
    let items = h.items.borrow().clone();
    let list: PhpArray = items
        .into_iter()
        .map(|item| if h.kind == Kind::Queue { Value::Array(pair(item)) } else { item.value })
        .collect();
    out.insert_str(name("heap"), Value::Array(list));
    Ok(out)
}

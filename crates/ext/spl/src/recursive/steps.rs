//! The walk of `RecursiveIteratorIterator`.

use crate::overrides::overridden;
use outlast_value::{Object, ObjectData, Value};
use outlast_vm::{Cx, ObjectClass, ObjectHandlers, OrFalse, Ret, Unwind};
use std::cell::{Cell, RefCell};

pub(super) static RECURSIVE_HANDLERS: ObjectHandlers = ObjectHandlers {
    create: Some(create),
    uncloneable: true,
    forward: Some(forward),
    ..ObjectHandlers::STANDARD
};

/// Methods that are missing are those of the iterator of the deepest level.
fn forward(this: &Object) -> Option<Object> {
    let levels = this.data::<Walk>()?.levels.borrow();
    levels.last().map(|(level, _)| level.clone())
}

const LEAVES_ONLY: i64 = 0;
const SELF_FIRST: i64 = 1;
const CHILD_FIRST: i64 = 2;
const CATCH_GET_CHILD: i64 = 16;

/// Where a level stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Next,
    Start,
    Test,
    Own,
    Call,
}

/// The payload.
pub(super) struct Walk {
    levels: RefCell<Vec<(Object, State)>>,
    mode: Cell<i64>,
    flags: Cell<i64>,
    max_depth: Cell<i64>,
    iterating: Cell<bool>,
    /// Parts of the prefix of a tree, and what stands behind.
    pub(super) parts: RefCell<[Vec<u8>; 6]>,
    pub(super) postfix: RefCell<Vec<u8>>,
    pub(super) tree_flags: Cell<i64>,
}

impl ObjectData for Walk {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        for (o, _) in self.levels.borrow().iter() {
            visit(&Value::Object(o.clone()));
        }
    }
    fn clear(&self) {
        let old = self.levels.take();
        drop(old);
    }
}

fn create(_cx: &mut Cx, this: &Object) -> Ret<()> {
    let parts: [&[u8]; 6] = [b"", b"| ", b"  ", b"|-", b"\\-", b""];
    this.set_data(Box::new(Walk {
        levels: RefCell::default(),
        mode: Cell::new(LEAVES_ONLY),
        flags: Cell::new(0),
        max_depth: Cell::new(-1),
        iterating: Cell::new(false),
        parts: RefCell::new(parts.map(<[u8]>::to_vec)),
        postfix: RefCell::default(),
        tree_flags: Cell::new(0),
    }));
    Ok(())
}

/// The payload of a constructed iterator.
pub(super) fn walk<'a>(cx: &mut Cx, this: &'a Object) -> Ret<&'a Walk> {
    match this.data::<Walk>() {
        Some(w) if !w.levels.borrow().is_empty() => Ok(w),
        _ => {
            let class = this.class().display_name();
            Err(cx.throw_error(format!("The {class} instance wasn't initialized properly")))
        }
    }
}

/// Begins with the iterator given.
pub(super) fn start(
    cx: &mut Cx,
    this: &Object,
    iterator: &Object,
    mode: i64,
    flags: i64,
) -> Ret<()> {
    let mut root = iterator.clone();
    if root.class().iteration == 2 {
        let v = cx.call_method(&root, "getIterator", Vec::new())?.into_deref();
        if let Value::Object(o) = v {
            root = o;
        }
    }
    if !is_recursive(cx, &root) {
        return Err(cx.throw(
            "InvalidArgumentException",
            "An instance of RecursiveIterator or IteratorAggregate creating it is required",
        ));
    }
    let Some(w) = this.data::<Walk>() else { return Ok(()) };
    w.mode.set(mode);
    w.flags.set(flags);
    let old = w.levels.replace(vec![(root, State::Start)]);
    drop(old);
    Ok(())
}

fn is_recursive(cx: &mut Cx, o: &Object) -> bool {
    let class = cx.class(b"RecursiveIterator").expect("it is declared here");
    o.class().is_subclass_of_or_same(class)
}

impl Walk {
    pub(super) fn depth(&self) -> usize {
        self.levels.borrow().len() - 1
    }

    /// The iterator of a level.
    pub(super) fn level(&self, level: usize) -> Option<Object> {
        self.levels.borrow().get(level).map(|(o, _)| o.clone())
    }

    /// The iterator of the deepest level.
    pub(super) fn top(&self) -> Object {
        self.levels.borrow().last().expect("there is always a level").0.clone()
    }

    fn state(&self) -> State {
        self.levels.borrow().last().expect("there is always a level").1
    }

    fn set_state(&self, state: State) {
        self.levels.borrow_mut().last_mut().expect("there is always a level").1 = state;
    }

    /// An exception that is to be ignored becomes `None`.
    fn caught<T>(&self, cx: &mut Cx, result: Ret<T>) -> Ret<Option<T>> {
        match result {
            Ok(v) => Ok(Some(v)),
            Err(Unwind::Throw) if self.flags.get() & CATCH_GET_CHILD != 0 => {
                let exception = cx.exception.take();
                drop(exception);
                Ok(None)
            }
            Err(u) => Err(u),
        }
    }

    /// Calls a method that the script may have replaced; natively it does nothing.
    fn hook(&self, cx: &mut Cx, this: &Object, name: &str) -> Ret<()> {
        if !overridden(this, name.to_ascii_lowercase().as_bytes()) {
            return Ok(());
        }
        let result = cx.call_method(this, name, Vec::new());
        self.caught(cx, result).map(drop)
    }

    fn has_children(&self, cx: &mut Cx, this: &Object) -> Ret<bool> {
        let result = if overridden(this, b"callhaschildren") {
            cx.call_method(this, "callHasChildren", Vec::new())
        } else {
            let top = self.top();
            cx.call_method(&top, "hasChildren", Vec::new())
        };
        match self.caught(cx, result)? {
            Some(v) => cx.to_bool(&v),
            None => Ok(false),
        }
    }

    fn children(&self, cx: &mut Cx, this: &Object) -> Ret<Option<Object>> {
        let result = if overridden(this, b"callgetchildren") {
            cx.call_method(this, "callGetChildren", Vec::new())
        } else {
            let top = self.top();
            cx.call_method(&top, "getChildren", Vec::new())
        };
        match self.caught(cx, result)?.map(Value::into_deref) {
            None => Ok(None),
            Some(Value::Object(o)) if is_recursive(cx, &o) => Ok(Some(o)),
            Some(_) => Err(cx.throw(
                "UnexpectedValueException",
                "Objects returned by RecursiveIterator::getChildren() must implement \
                 RecursiveIterator",
            )),
        }
    }

    /// Goes to the next element.
    fn advance(&self, cx: &mut Cx, this: &Object) -> Ret<()> {
        loop {
            let top = self.top();
            if self.state() == State::Next {
                let result = cx.call_method(&top, "next", Vec::new());
                self.caught(cx, result)?;
                self.set_state(State::Start);
            }
            if self.state() == State::Start {
                let valid = cx.call_method(&top, "valid", Vec::new())?;
                if !cx.to_bool(&valid)? {
                    if self.depth() == 0 {
                        return Ok(());
                    }
                    self.hook(cx, this, "endChildren")?;
                    if self.depth() > 0 {
                        let old = self.levels.borrow_mut().pop();
                        drop(old);
                    }
                    continue;
                }
                self.set_state(State::Test);
            }
            match self.state() {
                State::Test => {
                    if self.has_children(cx, this)? {
                        let max = self.max_depth.get();
                        if max == -1 || max > self.depth() as i64 {
                            let first = self.mode.get() == SELF_FIRST;
                            self.set_state(if first { State::Own } else { State::Call });
                            continue;
                        }
                        if self.mode.get() == LEAVES_ONLY {
                            self.set_state(State::Next);
                            continue;
                        }
                    }
                    self.hook(cx, this, "nextElement")?;
                    self.set_state(State::Next);
                    return Ok(());
                }
                State::Own => {
                    self.hook(cx, this, "nextElement")?;
                    let first = self.mode.get() == SELF_FIRST;
                    self.set_state(if first { State::Call } else { State::Next });
                    return Ok(());
                }
                State::Call => {
                    let child = match self.children(cx, this) {
                        Ok(Some(child)) => child,
                        Ok(None) => {
                            self.set_state(State::Next);
                            continue;
                        }
                        Err(u) => {
                            self.set_state(State::Next);
                            return Err(u);
                        }
                    };
                    let after = self.mode.get() == CHILD_FIRST;
                    self.set_state(if after { State::Own } else { State::Next });
                    self.levels.borrow_mut().push((child.clone(), State::Start));
                    cx.call_method(&child, "rewind", Vec::new())?;
                    self.hook(cx, this, "beginChildren")?;
                }
                State::Next | State::Start => {}
            }
        }
    }
}

pub(super) fn recursive_iterator_iterator_construct(
    cx: &mut Cx,
    this: &Object,
    iterator: &Object,
    mode: i64,
    flags: i64,
) -> Ret<()> {
    start(cx, this, iterator, mode, flags)
}

pub(super) fn recursive_iterator_iterator_rewind(cx: &mut Cx, this: &Object) -> Ret<()> {
    let w = walk(cx, this)?;
    while w.depth() > 0 {
        let old = w.levels.borrow_mut().pop();
        drop(old);
        w.hook(cx, this, "endChildren")?;
    }
    w.set_state(State::Start);
    let root = w.top();
    cx.call_method(&root, "rewind", Vec::new())?;
    if !w.iterating.get() {
        w.hook(cx, this, "beginIteration")?;
    }
    w.iterating.set(true);
    w.advance(cx, this)
}

pub(super) fn recursive_iterator_iterator_valid(cx: &mut Cx, this: &Object) -> Ret<bool> {
    let w = walk(cx, this)?;
    for level in (0..=w.depth()).rev() {
        let Some(o) = w.level(level) else { continue };
        let valid = cx.call_method(&o, "valid", Vec::new())?;
        if cx.to_bool(&valid)? {
            return Ok(true);
        }
    }
    if w.iterating.replace(false) {
        w.hook(cx, this, "endIteration")?;
    }
    Ok(false)
}

pub(super) fn recursive_iterator_iterator_key(cx: &mut Cx, this: &Object) -> Ret<Value> {
    let top = walk(cx, this)?.top();
    cx.call_method(&top, "key", Vec::new())
}

pub(super) fn recursive_iterator_iterator_current(cx: &mut Cx, this: &Object) -> Ret<Value> {
    let top = walk(cx, this)?.top();
    cx.call_method(&top, "current", Vec::new())
}

pub(super) fn recursive_iterator_iterator_next(cx: &mut Cx, this: &Object) -> Ret<()> {
    walk(cx, this)?.advance(cx, this)
}

pub(super) fn recursive_iterator_iterator_get_depth(cx: &mut Cx, this: &Object) -> Ret<i64> {
    Ok(walk(cx, this)?.depth() as i64)
}

pub(super) fn recursive_iterator_iterator_get_sub_iterator(
    cx: &mut Cx,
    this: &Object,
    level: Option<i64>,
) -> Ret<Option<Object>> {
    let w = walk(cx, this)?;
    Ok(match level {
        None => Some(w.top()),
        Some(level) => usize::try_from(level).ok().and_then(|l| w.level(l)),
    })
}

pub(super) fn recursive_iterator_iterator_get_inner_iterator(
    cx: &mut Cx,
    this: &Object,
) -> Ret<Object> {
    Ok(walk(cx, this)?.top())
}

pub(super) fn recursive_iterator_iterator_begin_iteration(_cx: &mut Cx, _this: &Object) -> Ret<()> {
    Ok(())
}

pub(super) fn recursive_iterator_iterator_end_iteration(_cx: &mut Cx, _this: &Object) -> Ret<()> {
    Ok(())
}

pub(super) fn recursive_iterator_iterator_call_has_children(
    cx: &mut Cx,
    this: &Object,
) -> Ret<bool> {
    let top = walk(cx, this)?.top();
    let has = cx.call_method(&top, "hasChildren", Vec::new())?;
    cx.to_bool(&has)
}

pub(super) fn recursive_iterator_iterator_call_get_children(
    cx: &mut Cx,
    this: &Object,
) -> Ret<Value> {
    let top = walk(cx, this)?.top();
    cx.call_method(&top, "getChildren", Vec::new())
}

pub(super) fn recursive_iterator_iterator_begin_children(_cx: &mut Cx, _this: &Object) -> Ret<()> {
    Ok(())
}

pub(super) fn recursive_iterator_iterator_end_children(_cx: &mut Cx, _this: &Object) -> Ret<()> {
    Ok(())
}

pub(super) fn recursive_iterator_iterator_next_element(_cx: &mut Cx, _this: &Object) -> Ret<()> {
    Ok(())
}

pub(super) fn recursive_iterator_iterator_set_max_depth(
    cx: &mut Cx,
    this: &Object,
    depth: i64,
) -> Ret<()> {
    if depth < -1 {
        return Err(cx.arg_value_error(1, "must be greater than or equal to -1"));
    }
    walk(cx, this)?.max_depth.set(depth);
    Ok(())
}

pub(super) fn recursive_iterator_iterator_get_max_depth(
    cx: &mut Cx,
    this: &Object,
) -> Ret<OrFalse<i64>> {
    let depth = walk(cx, this)?.max_depth.get();
    Ok(OrFalse((depth != -1).then_some(depth)))
}

//! Functions and methods as the VM calls them.

use crate::class::{ClassPtrCell, ClassRef};
use crate::native::NativeFunction;
use crate::unit::LoadedUnit;
use outlast_bytecode::{Function, Op, Tags, Tier, function_flags, member_flags};
use outlast_value::{ClassPtr, PhpString, Reference, Value};
use std::cell::{Cell, OnceCell, RefCell, UnsafeCell};
use std::rc::Rc;

/// A shared function.
pub type FuncRef = Rc<Func>;

/// A function, method or closure body.
pub struct Func {
    /// Name in its own case (of a trait alias: the alias).
    pub name: PhpString,
    /// `bytecode::member_flags` of a method.
    pub modifiers: u32,
    /// The class it belongs to (its scope).
    pub class: Option<ClassPtrCell>,
    /// How it runs.
    pub kind: FuncKind,
    /// The method of a parent or interface that it implements, for reflection and checks.
    pub prototype: RefCell<Option<ClassRef>>,
    /// The trait it came from.
    pub from_trait: Option<ClassRef>,
}

/// How a function runs.
pub enum FuncKind {
    User(UserFunc),
    Native(&'static NativeFunction, &'static str),
}

impl Func {
    /// The class whose scope it runs in.
    #[inline]
    pub fn scope(&self) -> Option<ClassRef> {
        self.class.as_ref().map(ClassPtrCell::get)
    }
    pub fn user(&self) -> Option<&UserFunc> {
        match &self.kind {
            FuncKind::User(u) => Some(u),
            FuncKind::Native(..) => None,
        }
    }
    pub fn native(&self) -> Option<&'static NativeFunction> {
        match &self.kind {
            FuncKind::Native(n, _) => Some(n),
            FuncKind::User(_) => None,
        }
    }
    /// Its code; null of a native function.
    pub(crate) fn code(&self) -> *const Code {
        self.user().map_or(std::ptr::null(), |u| Rc::as_ptr(&u.code))
    }
    pub fn is_static(&self) -> bool {
        self.modifiers & member_flags::STATIC != 0
    }
    pub fn is_abstract(&self) -> bool {
        self.modifiers & member_flags::ABSTRACT != 0
    }
    pub fn is_private(&self) -> bool {
        self.modifiers & member_flags::PRIVATE != 0
    }
    pub fn returns_ref(&self) -> bool {
        match &self.kind {
            FuncKind::User(u) => u.decl().flags & function_flags::RETURNS_REF != 0,
            FuncKind::Native(n, _) => n.returns_ref,
        }
    }
    /// Number of declared parameters, the variadic one included.
    pub fn param_count(&self) -> usize {
        match &self.kind {
            FuncKind::User(u) => u.decl().params.len(),
            FuncKind::Native(n, _) => n.params.len(),
        }
    }
    pub fn required(&self) -> usize {
        match &self.kind {
            FuncKind::User(u) => u.decl().required as usize,
            FuncKind::Native(n, _) => n.required as usize,
        }
    }
    pub fn is_variadic(&self) -> bool {
        match &self.kind {
            FuncKind::User(u) => u.decl().flags & function_flags::VARIADIC != 0,
            FuncKind::Native(n, _) => n.params.last().is_some_and(|p| p.variadic),
        }
    }
    /// Is parameter `n` taken by reference? `prefer` = by reference only if a variable is passed.
    #[inline]
    pub fn by_ref(&self, n: usize) -> ByRef {
        match &self.kind {
            FuncKind::User(u) => {
                if u.code.ref_mask >> n.min(63) & 1 != 0 {
                    ByRef::Yes
                } else {
                    ByRef::No
                }
            }
            FuncKind::Native(f, _) => {
                let p = match f.params.get(n) {
                    Some(p) => p,
                    None => match f.params.last() {
                        Some(p) if p.variadic => p,
                        _ => return ByRef::No,
                    },
                };
                if p.prefer_ref {
                    ByRef::Prefer
                } else if p.by_ref {
                    ByRef::Yes
                } else {
                    ByRef::No
                }
            }
        }
    }
    /// Index of the parameter called `name`.
    pub fn param_index(&self, name: &[u8]) -> Option<usize> {
        match &self.kind {
            FuncKind::User(u) => u.decl().params.iter().position(|p| &*p.name == name),
            FuncKind::Native(n, _) => n.params.iter().position(|p| p.name.as_bytes() == name),
        }
    }
    /// `Class::name` or `name`, as messages show it.
    pub fn display_name(&self) -> String {
        let name = self.name.to_str_lossy().into_owned();
        match &self.class {
            Some(c) => format!("{}::{}", c.get().display_name(), name),
            None => name,
        }
    }
    pub fn is_closure(&self) -> bool {
        self.user().is_some_and(|u| u.decl().flags & function_flags::CLOSURE != 0)
    }
    pub fn is_generator(&self) -> bool {
        self.user().is_some_and(|u| u.decl().flags & function_flags::GENERATOR != 0)
    }
}

/// How a parameter takes its argument.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ByRef {
    No,
    Yes,
    /// By reference if the argument is a variable.
    Prefer,
}

/// The run-time side of a compiled function: its constants as values, its inline caches and
/// static variables. Made when first called.
pub struct UserFunc {
    pub unit: Rc<LoadedUnit>,
    pub index: u32,
    /// Shared by all copies of the function (inherited methods, closures).
    pub code: Rc<Code>,
    /// Static variables, one set a function (closures: one a closure object).
    pub statics: RefCell<Vec<Option<Reference>>>,
}

impl UserFunc {
    /// A function of a unit.
    pub fn new(unit: Rc<LoadedUnit>, index: u32) -> UserFunc {
        let code = unit.code(index);
        UserFunc { unit, index, code, statics: RefCell::new(Vec::new()) }
    }
    /// What the compiler made.
    #[inline]
    pub fn decl(&self) -> &Function {
        self.code.decl()
    }
}

/// Constants and caches of a compiled function, per script.
pub struct Code {
    unit: std::sync::Arc<outlast_bytecode::Unit>,
    index: u32,
    consts: OnceCell<Box<[Value]>>,
    caches: OnceCell<Box<[UnsafeCell<CacheEntry>]>>,
    /// Where those two lie, once there are any.
    pub(crate) consts_at: Cell<*const Value>,
    pub(crate) caches_at: Cell<*const UnsafeCell<CacheEntry>>,
    /// The function's machine code.
    pub(crate) tier: *const Tier,
    /// Its address, once a call asked for it.
    pub(crate) address: Cell<*const ()>,
    /// Numbers of arguments with which a call takes no more than a frame, all by value; the first
    /// is the greater one as long as there is no such number.
    pub(crate) simple_from: Cell<u16>,
    pub(crate) simple_to: Cell<u16>,
    /// Bit n: parameter n is by reference; bit 63: some parameter from 63 on, or the variadic one.
    pub(crate) ref_mask: u64,
    /// Facts of the declaration that calls need, at hand.
    pub(crate) ops: *const Op,
    pub(crate) paths: *const outlast_bytecode::Path,
    pub(crate) class_refs: *const outlast_bytecode::ClassRef,
    pub(crate) slots: u32,
    pub(crate) locals: u16,
    pub(crate) params: u16,
    pub(crate) required: u16,
    pub(crate) flags: u32,
}

impl Code {
    pub(crate) fn new(unit: std::sync::Arc<outlast_bytecode::Unit>, index: u32) -> Code {
        let f = &unit.functions[index as usize];
        let mut ref_mask = 0u64;
        for (n, p) in f.params.iter().enumerate().filter(|(_, p)| p.by_ref) {
            ref_mask |= if p.variadic { u64::MAX << n.min(63) } else { 1 << n.min(63) };
        }
        let (ops, slots, flags) = (f.code.as_ptr(), f.slots, f.flags);
        let (paths, class_refs) = (f.paths.as_ptr(), f.class_refs.as_ptr());
        let (locals, params) = (f.locals.len() as u16, f.params.len() as u16);
        let required = f.required as u16;
        let tier = std::ptr::from_ref(&f.tier);
        Code {
            ref_mask,
            ops,
            paths,
            class_refs,
            slots,
            locals,
            params,
            required,
            flags,
            unit,
            index,
            consts: OnceCell::new(),
            caches: OnceCell::new(),
            consts_at: Cell::new(std::ptr::null()),
            caches_at: Cell::new(std::ptr::null()),
            tier,
            address: Cell::new(std::ptr::null()),
            simple_from: Cell::new(1),
            simple_to: Cell::new(0),
        }
    }
    #[inline]
    pub fn decl(&self) -> &Function {
        &self.unit.functions[self.index as usize]
    }
    /// The constant pool as values (immortal strings and arrays).
    #[inline]
    pub fn consts(&self) -> &[Value] {
        self.consts
            .get_or_init(|| self.decl().consts.iter().map(crate::unit::literal_value).collect())
    }
    /// Makes constants and caches: the function is called for the first time.
    #[cold]
    #[inline(never)]
    pub(crate) fn prepare(&self) {
        self.consts_at.set(self.consts().as_ptr());
        self.caches_at.set(self.caches().as_ptr());
        if self.flags & crate::call::SPECIAL == 0 && self.ref_mask == 0 {
            self.simple_from.set(self.required);
            self.simple_to.set(self.params);
        }
    }
    /// The unit whose function it is.
    pub(crate) fn unit(&self) -> &std::sync::Arc<outlast_bytecode::Unit> {
        &self.unit
    }
    /// The function's index in its unit.
    pub(crate) fn index(&self) -> u32 {
        self.index
    }
    /// Forgets what the inline caches hold. The script is over.
    pub(crate) fn clear_caches(&self) {
        for cache in self.caches.get().into_iter().flatten() {
            // SAFETY: no code of the script runs any more, so nobody else looks at its caches; the
            // entry is dropped when the borrow has ended.
            let entry = unsafe { std::mem::take(&mut *cache.get()) };
            drop(entry);
        }
    }
    /// The inline caches.
    #[inline]
    pub(crate) fn caches(&self) -> &[UnsafeCell<CacheEntry>] {
        self.caches.get_or_init(|| {
            (0..self.decl().caches).map(|_| UnsafeCell::new(CacheEntry::Empty)).collect()
        })
    }
}

/// One inline cache. Machine code reads the tag, a byte at 0, and the parts of some variants, in
/// their order from 8.
#[derive(Clone, Default)]
#[repr(C, u8)]
pub enum CacheEntry {
    #[default]
    Empty,
    /// A function by name, and its code; null for a native one.
    Func(FuncRef, *const Code),
    /// A class by name.
    Class(ClassRef),
    /// A constant.
    Const(Value),
    /// A method found on a class, and its code.
    Method(ClassRef, FuncRef, *const Code),
    /// The same for several classes.
    Methods(Box<Vec<(ClassRef, FuncRef)>>),
    /// A declared property of a class.
    Prop(CachedProp),
    /// The same for several classes.
    Props(Box<Vec<CachedProp>>),
    /// A static property.
    Static(ClassRef, Reference),
    /// A class constant found on a class.
    ClassConst(ClassRef, Value),
}

/// Where a declared property of a class is: readable without any check, and writable by values of
/// the variants among the tags.
#[derive(Clone, Copy)]
pub struct CachedProp {
    pub class: ClassRef,
    pub slot: u32,
    pub tags: Tags,
    /// Objects of this class are of the property's type.
    pub fits: Option<ClassRef>,
}

/// Classes that one place in the code remembers.
const MOST_CLASSES: usize = 8;

impl CacheEntry {
    /// The method found on a class.
    #[inline(always)]
    pub(crate) fn method(&self, of: ClassPtr) -> Option<(ClassRef, &FuncRef)> {
        match self {
            CacheEntry::Method(class, f, _) if class.ptr() == of => Some((*class, f)),
            CacheEntry::Methods(all) => {
                all.iter().find(|(class, _)| class.ptr() == of).map(|(class, f)| (*class, f))
            }
            _ => None,
        }
    }

    /// A function by name.
    pub(crate) fn func(f: FuncRef) -> CacheEntry {
        let code = f.code();
        CacheEntry::Func(f, code)
    }

    /// Remembers a method.
    pub(crate) fn remember_method(&mut self, class: ClassRef, f: FuncRef) {
        match self {
            CacheEntry::Method(other, g, _) if *other != class => {
                let both = vec![(*other, g.clone()), (class, f)];
                *self = CacheEntry::Methods(Box::new(both));
            }
            CacheEntry::Methods(all) if all.len() < MOST_CLASSES => all.push((class, f)),
            CacheEntry::Methods(_) => {}
            _ => {
                let code = f.code();
                *self = CacheEntry::Method(class, f, code);
            }
        }
    }

    /// The property of a class.
    #[inline(always)]
    pub(crate) fn prop(&self, of: ClassPtr) -> Option<&CachedProp> {
        match self {
            CacheEntry::Prop(p) if p.class.ptr() == of => Some(p),
            CacheEntry::Props(all) => all.iter().find(|p| p.class.ptr() == of),
            _ => None,
        }
    }

    /// The same, for adding to what is known of it.
    pub(crate) fn prop_mut(&mut self, of: ClassPtr) -> Option<&mut CachedProp> {
        match self {
            CacheEntry::Prop(p) if p.class.ptr() == of => Some(p),
            CacheEntry::Props(all) => all.iter_mut().find(|p| p.class.ptr() == of),
            _ => None,
        }
    }

    /// Remembers a property.
    pub(crate) fn remember_prop(&mut self, prop: CachedProp) {
        if let Some(known) = self.prop_mut(prop.class.ptr()) {
            *known = prop;
            return;
        }
        match self {
            CacheEntry::Prop(other) => *self = CacheEntry::Props(Box::new(vec![*other, prop])),
            CacheEntry::Props(all) if all.len() < MOST_CLASSES => all.push(prop),
            CacheEntry::Props(_) => {}
            _ => *self = CacheEntry::Prop(prop),
        }
    }
}

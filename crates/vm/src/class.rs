//! Linked classes: what a `class` declaration or a native class is at run time.

use crate::function::FuncRef;
use crate::native::{NativeClass, ObjectHandlers};
use crate::unit::LoadedUnit;
use indexmap::IndexMap;
use outlast_bytecode::{Attribute, TypeDecl, class_flags, member_flags};
use outlast_value::{ClassPtr, Object, PhpString, Reference, Value};
use rustc_hash::FxBuildHasher;
use std::cell::{Cell, RefCell};
use std::ops::Deref;
use std::ptr::NonNull;
use std::rc::Rc;

/// An insertion-ordered table keyed by names.
pub type NameMap<T> = IndexMap<PhpString, T, FxBuildHasher>;

/// A class of the running script.
///
/// Classes are owned by the script's [`ClassArena`], which outlives every object and frame, so a
/// `ClassRef` is a plain pointer.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClassRef(NonNull<Class>);

impl Deref for ClassRef {
    type Target = Class;
    #[inline]
    fn deref(&self) -> &Class {
        // SAFETY: made only by `ClassArena::add`; the arena is dropped after everything that holds
        // class references (see `Cx::teardown`).
        unsafe { self.0.as_ref() }
    }
}

impl std::fmt::Debug for ClassRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "class {}", self.name.to_str_lossy())
    }
}

impl ClassRef {
    /// The word that objects of this class carry.
    #[inline]
    pub fn ptr(self) -> ClassPtr {
        ClassPtr(self.0.cast())
    }

    /// The class behind an object's word.
    #[inline]
    pub fn from_ptr(ptr: ClassPtr) -> ClassRef {
        ClassRef(ptr.0.cast())
    }
}

/// The class of an object.
pub trait ObjectClass {
    /// The class.
    fn class(&self) -> ClassRef;
}

impl ObjectClass for Object {
    #[inline]
    fn class(&self) -> ClassRef {
        ClassRef::from_ptr(self.class_ptr())
    }
}

/// Owns the classes of a script.
#[derive(Default)]
pub struct ClassArena {
    classes: RefCell<Vec<NonNull<Class>>>,
}

impl ClassArena {
    /// Takes ownership of a class.
    pub fn add(&self, class: Class) -> ClassRef {
        let ptr = NonNull::from(Box::leak(Box::new(class)));
        self.classes.borrow_mut().push(ptr);
        ClassRef(ptr)
    }
}

impl Drop for ClassArena {
    fn drop(&mut self) {
        for ptr in self.classes.borrow_mut().drain(..) {
            // SAFETY: leaked in `add`, freed once.
            drop(unsafe { Box::from_raw(ptr.as_ptr()) });
        }
    }
}

/// A declared instance property as seen by one class.
#[derive(Clone)]
pub struct PropInfo {
    pub name: PhpString,
    /// Slot in the object; `u32::MAX` for a virtual (hooked, not backed) property.
    pub slot: u32,
    /// `bytecode::member_flags`.
    pub flags: u32,
    pub ty: Option<Rc<TypeDecl>>,
    /// The class that declares it.
    pub class: ClassPtrCell,
    pub get: Option<FuncRef>,
    pub set: Option<FuncRef>,
    /// Class that first declared it (for `protected` checks).
    pub doc: Option<PhpString>,
    pub attributes: Rc<[Attribute]>,
    /// Declared default value as a constant expression, for reflection.
    pub has_default: bool,
}

/// A class pointer that is filled in once the class exists.
#[derive(Clone, Default)]
pub struct ClassPtrCell(Rc<Cell<Option<ClassRef>>>);

impl ClassPtrCell {
    /// For a class that is still being linked.
    pub fn new() -> Self {
        Self::default()
    }
    /// Of a class that exists.
    pub fn of(class: ClassRef) -> Self {
        ClassPtrCell(Rc::new(Cell::new(Some(class))))
    }
    /// Fills it in.
    pub fn set(&self, class: ClassRef) {
        self.0.set(Some(class));
    }
    /// The class.
    pub fn get(&self) -> ClassRef {
        self.0.get().expect("the class is linked before it is used")
    }
}

impl PropInfo {
    /// May be written only from where `set` visibility allows.
    pub fn set_visibility(&self) -> u32 {
        let set = self.flags
            & (member_flags::PUBLIC_SET | member_flags::PROTECTED_SET | member_flags::PRIVATE_SET);
        match set {
            member_flags::PROTECTED_SET => member_flags::PROTECTED,
            member_flags::PRIVATE_SET => member_flags::PRIVATE,
            member_flags::PUBLIC_SET => member_flags::PUBLIC,
            _ => self.flags & VISIBILITY,
        }
    }
    pub fn is_readonly(&self) -> bool {
        self.flags & member_flags::READONLY != 0
    }
    pub fn has_hooks(&self) -> bool {
        self.get.is_some() || self.set.is_some()
    }
    pub fn is_virtual(&self) -> bool {
        self.flags & member_flags::VIRTUAL != 0
    }
    /// Public to read and write, untyped-or-typed but without hooks, not readonly.
    pub fn is_private(&self) -> bool {
        self.flags & member_flags::PRIVATE != 0
    }
}

/// The three visibility bits.
pub const VISIBILITY: u32 = member_flags::PUBLIC | member_flags::PROTECTED | member_flags::PRIVATE;

/// A constant or initial value that may still have to be evaluated.
#[derive(Clone)]
pub enum Lazy {
    /// Known.
    Value(Value),
    /// A constant-expression function, run in the scope of the class that declares it.
    Code(FuncRef),
    /// Being evaluated: meeting it again is an error.
    Evaluating,
}

/// A class constant or enum case.
pub struct ClassConst {
    pub name: PhpString,
    pub flags: u32,
    pub ty: Option<Rc<TypeDecl>>,
    pub value: RefCell<Lazy>,
    pub class: ClassPtrCell,
    pub doc: Option<PhpString>,
    pub attributes: Rc<[Attribute]>,
    pub deprecated: bool,
    /// Its deprecation is being reported: its own use in the message is not.
    pub reporting: Cell<bool>,
}

impl ClassConst {
    pub fn is_case(&self) -> bool {
        self.flags & member_flags::ENUM_CASE != 0
    }
}

/// A static property: its storage is shared with the parent unless redeclared.
#[derive(Clone)]
pub struct StaticProp {
    pub name: PhpString,
    pub flags: u32,
    pub ty: Option<Rc<TypeDecl>>,
    pub class: ClassPtrCell,
    pub storage: Reference,
    /// Initial value while not yet evaluated.
    pub initial: Rc<RefCell<Option<FuncRef>>>,
    pub doc: Option<PhpString>,
    pub attributes: Rc<[Attribute]>,
    pub has_default: bool,
}

/// The magic methods of a class, looked up once.
#[derive(Default, Clone)]
pub struct Magic {
    pub construct: Option<FuncRef>,
    pub destruct: Option<FuncRef>,
    pub clone: Option<FuncRef>,
    pub get: Option<FuncRef>,
    pub set: Option<FuncRef>,
    pub isset: Option<FuncRef>,
    pub unset: Option<FuncRef>,
    pub call: Option<FuncRef>,
    pub call_static: Option<FuncRef>,
    pub to_string: Option<FuncRef>,
    pub invoke: Option<FuncRef>,
    pub debug_info: Option<FuncRef>,
    pub serialize: Option<FuncRef>,
    pub unserialize: Option<FuncRef>,
    pub sleep: Option<FuncRef>,
    pub wakeup: Option<FuncRef>,
    pub set_state: Option<FuncRef>,
}

/// A linked class.
pub struct Class {
    pub name: PhpString,
    /// Lower case name: its key in the class table.
    pub key: PhpString,
    /// `bytecode::class_flags`.
    pub flags: u32,
    pub parent: Option<ClassRef>,
    /// All interfaces, inherited ones included, in PHP's order.
    pub interfaces: Vec<ClassRef>,
    /// Names of interfaces written in the declaration.
    pub own_interfaces: Vec<PhpString>,
    /// Traits used directly.
    pub traits: Vec<ClassRef>,
    /// Trait aliases as `alias => Trait::method`, for reflection.
    pub trait_aliases: Vec<(PhpString, PhpString)>,
    pub constants: NameMap<Rc<ClassConst>>,
    pub props: NameMap<Rc<PropInfo>>,
    /// Instance slots with their initial values; properties of parents first.
    pub slots: RefCell<Vec<Lazy>>,
    /// Which property lives in each slot.
    pub slot_props: Vec<Rc<PropInfo>>,
    /// True once `slots` holds values only.
    pub slots_ready: Cell<bool>,
    pub static_props: NameMap<StaticProp>,
    /// By lower case name.
    pub methods: NameMap<FuncRef>,
    pub magic: Magic,
    pub handlers: &'static ObjectHandlers,
    /// Backing type bits of an enum (`INT` or `STRING`), 0 if pure.
    pub backing: u32,
    /// Backing value to case constant, for `from`.
    pub attributes: Rc<[Attribute]>,
    pub doc: Option<PhpString>,
    pub start_line: u32,
    pub end_line: u32,
    /// Where it was declared; `None` for native classes.
    pub unit: Option<Rc<LoadedUnit>>,
    /// Which of the classes of `unit` it is.
    pub index: u32,
    /// The native class it is, if it is one.
    pub native: Option<&'static NativeClass>,
    /// Name of the extension of a native class.
    pub extension: Option<&'static str>,
    /// Iteration by Iterator (1), IteratorAggregate (2) or as a plain object (0).
    pub iteration: u8,
    /// Implements ArrayAccess.
    pub array_access: bool,
    /// Objects may get dynamic properties without deprecation.
    pub allows_dynamic: bool,
    /// Dynamic properties are an Error.
    pub forbids_dynamic: bool,
    /// May not be serialized.
    pub not_serializable: bool,
}

impl Class {
    /// Is it `other` or a descendant or implementor of it?
    #[inline]
    pub fn is_subclass_of_or_same(&self, other: ClassRef) -> bool {
        if std::ptr::eq(self, &*other) {
            return true;
        }
        if other.flags & class_flags::INTERFACE != 0 {
            return self.interfaces.contains(&other);
        }
        let mut c = self.parent;
        while let Some(p) = c {
            if p == other {
                return true;
            }
            c = p.parent;
        }
        false
    }

    pub fn is_interface(&self) -> bool {
        self.flags & class_flags::INTERFACE != 0
    }
    /// Can `foreach` of PHP code and `...` go over its objects as elements, not properties?
    pub fn is_traversable(&self) -> bool {
        self.iteration != 0 || self.handlers.iterate.is_some()
    }
    pub fn is_trait(&self) -> bool {
        self.flags & class_flags::TRAIT != 0
    }
    pub fn is_enum(&self) -> bool {
        self.flags & class_flags::ENUM != 0
    }
    pub fn is_abstract(&self) -> bool {
        self.flags & (class_flags::ABSTRACT | class_flags::IMPLICIT_ABSTRACT) != 0
    }
    pub fn is_final(&self) -> bool {
        self.flags & class_flags::FINAL != 0
    }

    /// A method by lower case name.
    #[inline]
    pub fn method(&self, lower: &[u8]) -> Option<&FuncRef> {
        self.methods.get(lower)
    }

    /// "class", "interface", "trait" or "enum", for messages.
    pub fn kind_name(&self) -> &'static str {
        if self.is_interface() {
            "interface"
        } else if self.is_trait() {
            "trait"
        } else if self.is_enum() {
            "enum"
        } else {
            "class"
        }
    }

    /// The name shown in messages: an anonymous class without what follows its NUL byte.
    pub fn display_name(&self) -> String {
        let n = self.name.as_bytes();
        let end = n.iter().position(|&b| b == 0).unwrap_or(n.len());
        String::from_utf8_lossy(&n[..end]).into_owned()
    }
}

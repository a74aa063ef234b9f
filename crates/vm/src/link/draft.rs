//! A class while it is being linked.

use super::methods::PendingCheck;
use crate::class::{Class, ClassPtrCell, ClassRef, Lazy, Magic, NameMap, PropInfo, StaticProp};
use crate::function::{Func, FuncKind, FuncRef, UserFunc};
use crate::native::ObjectHandlers;
use crate::types::lower;
use crate::unit::LoadedUnit;
use crate::{Cx, Ret, Unwind};
use outlast_bytecode::{class_flags, member_flags};
use outlast_value::{PhpString, Reference};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

static STANDARD: ObjectHandlers = ObjectHandlers::STANDARD;

/// A deprecation met while linking, reported once the class exists.
pub(super) struct Notice {
    pub(super) level: u32,
    pub(super) message: String,
    pub(super) file: PhpString,
    pub(super) line: u32,
}

/// The class as far as it has come. `me` is its place in the arena; until the class is finished
/// there stands only what is asked of it meanwhile: name, flags, parent, interfaces.
pub(super) struct Draft {
    pub(super) class: Class,
    pub(super) me: ClassRef,
    pub(super) cell: ClassPtrCell,
    /// Own instance properties and those of traits, with default values; they get their slots once
    /// those of the parent are known.
    pub(super) own_props: Vec<(PropInfo, Lazy)>,
    /// Signature checks that need classes which are not loaded.
    pub(super) pending: Vec<PendingCheck>,
    pub(super) notices: Vec<Notice>,
    /// Before the first statement runs: what is not known yet makes the class wait.
    pub(super) early: bool,
    /// It has to wait, since an error stands behind what is not known yet.
    pub(super) delayed: Cell<bool>,
    /// Methods that come from traits go by the name of the trait in messages.
    pub(super) show_traits: bool,
    pub(super) file: PhpString,
    pub(super) line: u32,
}

fn empty_class(name: PhpString, flags: u32) -> Class {
    Class {
        key: lower(&name),
        name,
        flags,
        parent: None,
        interfaces: Vec::new(),
        own_interfaces: Vec::new(),
        traits: Vec::new(),
        trait_aliases: Vec::new(),
        constants: NameMap::default(),
        props: NameMap::default(),
        slots: RefCell::new(Vec::new()),
        slot_props: Vec::new(),
        slots_ready: Cell::new(false),
        static_props: NameMap::default(),
        methods: NameMap::default(),
        magic: Magic::default(),
        handlers: &STANDARD,
        backing: 0,
        attributes: Rc::new([]),
        doc: None,
        start_line: 0,
        end_line: 0,
        unit: None,
        index: 0,
        native: None,
        extension: None,
        iteration: 0,
        array_access: false,
        allows_dynamic: false,
        forbids_dynamic: false,
        not_serializable: false,
    }
}

impl Draft {
    pub(super) fn new(cx: &mut Cx, name: PhpString, flags: u32) -> Draft {
        let me = cx.arena.add(empty_class(name.clone(), flags));
        Draft {
            class: empty_class(name, flags),
            me,
            cell: ClassPtrCell::of(me),
            own_props: Vec::new(),
            pending: Vec::new(),
            notices: Vec::new(),
            early: false,
            delayed: Cell::new(false),
            show_traits: true,
            file: PhpString::empty(),
            line: 0,
        }
    }

    pub(super) fn of_unit(cx: &mut Cx, unit: &Rc<LoadedUnit>, index: u32) -> Draft {
        let decl = &unit.unit.classes[index as usize];
        let mut d = Draft::new(cx, PhpString::new(&decl.name), decl.flags);
        d.file = unit.file.clone();
        d.line = decl.start_line;
        let c = &mut d.class;
        c.own_interfaces = decl.interfaces.iter().map(|i| PhpString::new(i)).collect();
        c.attributes = decl.attributes.as_slice().into();
        c.doc = decl.doc.as_ref().map(|t| PhpString::new(t));
        c.start_line = decl.start_line;
        c.end_line = decl.end_line;
        c.unit = Some(unit.clone());
        c.index = index;
        c.allows_dynamic =
            decl.attributes.iter().any(|a| a.name.eq_ignore_ascii_case(b"AllowDynamicProperties"));
        c.forbids_dynamic = decl.flags & (class_flags::READONLY | class_flags::ENUM) != 0;
        d
    }

    /// A fatal error at the declaration of the class.
    pub(super) fn error(&self, cx: &mut Cx, message: String) -> Unwind {
        self.fatal(cx, message, &self.file, self.line)
    }

    /// A fatal error, unless the class has to wait: then all of it is checked again.
    fn fatal(&self, cx: &mut Cx, message: String, file: &PhpString, line: u32) -> Unwind {
        if self.early && !self.pending.is_empty() {
            self.delayed.set(true);
            return Unwind::Fatal;
        }
        cx.compile_error(message, file, line)
    }

    /// A fatal error at a method, if it is one of PHP code declared here.
    pub(super) fn error_at(&self, cx: &mut Cx, func: &Func, message: String) -> Unwind {
        let (file, line) = self.place_of(func);
        self.fatal(cx, message, &file, line)
    }

    /// Where messages about a method point to.
    pub(super) fn place_of(&self, func: &Func) -> (PhpString, u32) {
        match func.user() {
            Some(u) if func.scope() == Some(self.me) => (u.unit.file.clone(), u.decl().start_line),
            _ => (self.file.clone(), self.line),
        }
    }

    pub(super) fn name(&self) -> String {
        self.class.display_name()
    }

    /// A function of a unit in the scope of the class.
    pub(super) fn function(
        &self,
        unit: &Rc<LoadedUnit>,
        index: u32,
        name: PhpString,
        modifiers: u32,
    ) -> FuncRef {
        Rc::new(Func {
            name,
            modifiers,
            class: Some(self.cell.clone()),
            kind: FuncKind::User(UserFunc::new(unit.clone(), index)),
            prototype: RefCell::new(None),
            from_trait: None,
        })
    }

    /// A copy of a function of a trait in the scope of the class, with caches and static variables
    /// of its own.
    pub(super) fn adopt(
        &self,
        func: &Func,
        name: PhpString,
        modifiers: u32,
        from_trait: Option<ClassRef>,
    ) -> FuncRef {
        let kind = match &func.kind {
            FuncKind::User(u) => FuncKind::User(UserFunc {
                unit: u.unit.clone(),
                index: u.index,
                code: u.unit.fresh_code(u.index),
                statics: RefCell::new(Vec::new()),
            }),
            FuncKind::Native(n, extension) => FuncKind::Native(n, extension),
        };
        Rc::new(Func {
            name,
            modifiers,
            class: Some(self.cell.clone()),
            kind,
            prototype: RefCell::new(None),
            from_trait,
        })
    }

    /// Adds a static property of the class's own.
    pub(super) fn add_static(&mut self, prop: StaticProp) {
        self.class.static_props.insert(prop.name.clone(), prop);
    }

    /// Gives own properties their slots in a class without a parent.
    pub(super) fn place_own_props(&mut self) {
        for (info, default) in std::mem::take(&mut self.own_props) {
            self.place_prop(info, default, None);
        }
    }

    /// Gives a property a slot: that of the parent's property it replaces, or a new one.
    pub(super) fn place_prop(&mut self, mut info: PropInfo, default: Lazy, slot: Option<u32>) {
        if info.is_virtual() {
            info.slot = u32::MAX;
            self.class.props.insert(info.name.clone(), Rc::new(info));
            return;
        }
        let slots = self.class.slots.get_mut();
        let at = slot.map_or(slots.len(), |s| s as usize);
        info.slot = at as u32;
        let info = Rc::new(info);
        if at == slots.len() {
            slots.push(default);
            self.class.slot_props.push(info.clone());
        } else {
            slots[at] = default;
            self.class.slot_props[at] = info.clone();
        }
        self.class.props.insert(info.name.clone(), info);
    }

    /// Sets parent and interfaces, in the place in the arena too.
    pub(super) fn set_parents(
        &mut self,
        cx: &mut Cx,
        parent: Option<ClassRef>,
        interfaces: &[ClassRef],
    ) -> Ret<()> {
        let list = self.collect_interfaces(cx, parent, interfaces)?;
        self.class.parent = parent;
        if let Some(p) = parent {
            self.class.handlers = p.handlers;
            self.class.allows_dynamic |= p.allows_dynamic;
            self.class.forbids_dynamic |= p.forbids_dynamic;
            self.class.not_serializable |= p.not_serializable;
        }
        self.set_interfaces(list);
        Ok(())
    }

    pub(super) fn set_interfaces(&mut self, list: Vec<ClassRef>) {
        let mut place = empty_class(self.class.name.clone(), self.class.flags);
        place.parent = self.class.parent;
        place.interfaces = list.clone();
        self.class.interfaces = list;
        self.replace(place);
    }

    /// Puts a class into the place in the arena.
    fn replace(&self, class: Class) {
        let place = self.me.ptr().0.cast::<Class>().as_ptr();
        // SAFETY: `me` was made by the arena of this thread. While a class is a draft, only the
        // linker and names in messages look at its place, and no borrow of it is kept across
        // calls; nothing else runs here.
        let old = unsafe { std::ptr::replace(place, class) };
        drop(old);
    }

    /// The finished class, with what is left to be checked and told.
    pub(super) fn finish(mut self) -> (ClassRef, Vec<PendingCheck>, Vec<Notice>) {
        let c = &mut self.class;
        c.magic = find_magic(&c.methods, c.parent);
        for i in &c.interfaces {
            match i.key.as_bytes() {
                b"iterator" => c.iteration = 1,
                b"iteratoraggregate" => c.iteration = 2,
                b"arrayaccess" => c.array_access = true,
                _ => {}
            }
        }
        match c.key.as_bytes() {
            b"iterator" => c.iteration = 1,
            b"iteratoraggregate" => c.iteration = 2,
            b"arrayaccess" => c.array_access = true,
            _ => {}
        }
        let lazy = c.slots.get_mut().iter().any(|s| !matches!(s, Lazy::Value(_)))
            || c.constants.values().any(|k| !matches!(&*k.value.borrow(), Lazy::Value(_)));
        c.slots_ready.set(!lazy && c.backing == 0);
        let me = self.me;
        let class = std::mem::replace(&mut self.class, empty_class(PhpString::empty(), 0));
        self.replace(class);
        for p in me.static_props.values() {
            if p.ty.is_some() && p.class.get() == me {
                p.storage.set_typed_source(crate::types::reference::static_source(p));
            }
        }
        (me, std::mem::take(&mut self.pending), std::mem::take(&mut self.notices))
    }
}

/// Looks the magic methods up.
fn find_magic(methods: &NameMap<FuncRef>, parent: Option<ClassRef>) -> Magic {
    let get = |name: &str| methods.get(name.as_bytes()).cloned();
    let inherited = parent.map(|p| p.magic.clone()).unwrap_or_default();
    Magic {
        construct: get("__construct").or(inherited.construct),
        destruct: get("__destruct"),
        clone: get("__clone"),
        get: get("__get"),
        set: get("__set"),
        isset: get("__isset"),
        unset: get("__unset"),
        call: get("__call"),
        call_static: get("__callstatic"),
        to_string: get("__tostring"),
        invoke: get("__invoke"),
        debug_info: get("__debuginfo"),
        serialize: get("__serialize"),
        unserialize: get("__unserialize"),
        sleep: get("__sleep"),
        wakeup: get("__wakeup"),
        set_state: get("__set_state"),
    }
}

/// Storage for a static property.
pub(super) fn storage(value: outlast_value::Value) -> Reference {
    Reference::new(value)
}

/// Flags with a visibility.
pub(super) fn visible(flags: u32) -> u32 {
    const ANY: u32 = member_flags::PUBLIC | member_flags::PROTECTED | member_flags::PRIVATE;
    if flags & ANY == 0 { flags | member_flags::PUBLIC } else { flags }
}

//! Linking: a class declaration becomes a class, with its parent, interfaces and traits.

mod abstracts;
mod draft;
mod enums;
mod inherit;
mod interfaces;
mod members;
mod methods;
mod native;
mod properties;
mod signature;
mod trait_members;
mod trait_methods;
mod variance;

use crate::class::ClassRef;
use crate::classes::ClassKind;
use crate::unit::LoadedUnit;
use crate::{Cx, Ret};
use draft::Draft;
use outlast_bytecode::{ClassDecl, class_flags};
use outlast_value::PhpString;
use std::rc::Rc;

impl Cx {
    /// Links and declares class `index` of a unit. `early`: before the first statement runs; then
    /// nothing is autoloaded, and `None` means that the class has to wait for its `DeclareClass`.
    pub fn declare_class(
        &mut self,
        unit: &Rc<LoadedUnit>,
        index: u32,
        early: bool,
    ) -> Ret<Option<ClassRef>> {
        let decl = &unit.unit.classes[index as usize];
        let waits = !decl.interfaces.is_empty() || !decl.traits.is_empty();
        if early && waits {
            return Ok(None);
        }
        let name = PhpString::new(&decl.name);
        if let Some(before) = self.class(&name) {
            if early {
                return Ok(None);
            }
            let message = redeclared(before);
            return Err(self.compile_error(message, &unit.file, decl.start_line));
        }
        let parent = match &decl.parent {
            None => None,
            Some(p) => {
                let p = PhpString::new(p);
                match self.lookup_class(&p, !early)? {
                    Some(c) => Some(c),
                    None if early => return Ok(None),
                    None => return Err(self.class_not_found(&p, ClassKind::Class)),
                }
            }
        };
        let mut traits: Vec<ClassRef> = Vec::with_capacity(decl.traits.len());
        for t in &decl.traits {
            let t = PhpString::new(t);
            let Some(found) = self.lookup_class(&t, true)? else {
                let message = format!("Trait \"{t}\" not found");
                return Err(self.compile_error(message, &unit.file, decl.start_line));
            };
            if !found.is_trait() {
                let message =
                    format!("{name} cannot use {} - it is not a trait", found.display_name());
                return Err(self.compile_error(message, &unit.file, decl.start_line));
            }
            if !traits.contains(&found) {
                traits.push(found);
            }
        }
        let mut interfaces = Vec::with_capacity(decl.interfaces.len());
        for i in &decl.interfaces {
            let i = PhpString::new(i);
            interfaces.push(self.class_of_kind_or_throw(&i, ClassKind::Interface)?);
        }
        // Loading those may have run code that declares this very class.
        if let Some(before) = self.class(&name) {
            let message = redeclared(before);
            return Err(self.compile_error(message, &unit.file, decl.start_line));
        }
        let mut draft = Draft::of_unit(self, unit, index);
        draft.class.traits = traits;
        draft.early = early;
        let linked = draft.link(self, decl, parent, &interfaces);
        if draft.delayed.get() {
            return Ok(None);
        }
        linked?;
        if early && !draft.pending.is_empty() {
            return Ok(None);
        }
        let (class, pending, notices) = draft.finish();
        self.classes.insert(class.key.clone(), class);
        for n in notices {
            self.raise_at(n.level, n.message.as_bytes(), &n.file, n.line)?;
        }
        for p in pending {
            p.run(self, class)?;
        }
        Ok(Some(class))
    }
}

impl Draft {
    /// Puts the class together.
    fn link(
        &mut self,
        cx: &mut Cx,
        decl: &ClassDecl,
        parent: Option<ClassRef>,
        interfaces: &[ClassRef],
    ) -> Ret<()> {
        self.check_parent(cx, parent)?;
        self.set_parents(cx, parent, interfaces)?;
        self.add_members(decl);
        if decl.flags & class_flags::ENUM != 0 {
            self.prepare_enum(cx, decl)?;
        }
        if let Some(p) = parent {
            self.inherit_parent(cx, p)?;
        } else {
            self.place_own_props();
        }
        self.bind_traits(cx, decl)?;
        self.show_traits = false;
        self.implement_interfaces(cx)?;
        self.verify(cx)
    }
}

fn redeclared(before: ClassRef) -> String {
    let place = match &before.unit {
        Some(u) => format!(" (previously declared in {}:{})", u.file, before.start_line),
        None => String::new(),
    };
    format!("Cannot redeclare {} {}{place}", before.kind_name(), before.display_name())
}

//! Implementing interfaces.

use super::draft::Draft;
use crate::class::{ClassRef, PropInfo};
use crate::{Cx, Ret, level};
use outlast_bytecode::class_flags;
use std::rc::Rc;

impl Draft {
    /// All interfaces in PHP's order: the parent's, the own ones, then those that these extend.
    pub(super) fn collect_interfaces(
        &mut self,
        cx: &mut Cx,
        parent: Option<ClassRef>,
        own: &[ClassRef],
    ) -> Ret<Vec<ClassRef>> {
        let mut all: Vec<ClassRef> = parent.map(|p| p.interfaces.clone()).unwrap_or_default();
        let inherited = all.len();
        for i in own {
            if !i.is_interface() {
                let message = format!(
                    "{} cannot implement {} - it is not an interface",
                    self.name(),
                    i.display_name()
                );
                return Err(self.error(cx, message));
            }
            match all.iter().position(|a| a == i) {
                Some(at) if at >= inherited => {
                    let message = format!(
                        "{} {} cannot implement previously implemented interface {}",
                        self.class.kind_title(),
                        self.name(),
                        i.display_name()
                    );
                    return Err(self.error(cx, message));
                }
                Some(_) => {}
                None => all.push(*i),
            }
        }
        for i in own {
            for above in &i.interfaces {
                if !all.contains(above) {
                    all.push(*above);
                }
            }
        }
        Ok(all)
    }

    /// Inherits from all interfaces and asks what they demand.
    pub(super) fn implement_interfaces(&mut self, cx: &mut Cx) -> Ret<()> {
        if !self.class.is_trait()
            && self.class.methods.contains_key(b"__tostring".as_slice())
            && self.class.key.as_bytes() != b"stringable"
            && let Some(stringable) = cx.class(b"Stringable")
        {
            let mut list = self.class.interfaces.clone();
            if !list.contains(&stringable) {
                list.push(stringable);
                self.set_interfaces(list);
            }
        }
        let inherited =
            self.class.parent.map_or(0, |p| p.interfaces.len()).min(self.class.interfaces.len());
        for (n, i) in self.class.interfaces.clone().into_iter().enumerate() {
            if n >= inherited {
                for c in i.constants.values() {
                    self.inherit_interface_constant(cx, c)?;
                }
                for (key, f) in &i.methods {
                    self.inherit_method(cx, key, f)?;
                }
                for theirs in i.props.values() {
                    self.implement_prop(cx, theirs)?;
                }
            }
            if self.class.native.is_none() {
                self.interface_rules(cx, i)?;
            }
        }
        Ok(())
    }

    fn implement_prop(&mut self, cx: &mut Cx, theirs: &Rc<PropInfo>) -> Ret<()> {
        if self.class.static_props.contains_key(&theirs.name) {
            let message = format!(
                "Cannot redeclare non static {}::${} as static {}::${}",
                theirs.class.get().display_name(),
                theirs.name,
                self.name(),
                theirs.name
            );
            return Err(self.error(cx, message));
        }
        let Some(own) = self.class.props.get(&theirs.name).cloned() else {
            self.class.props.insert(theirs.name.clone(), theirs.clone());
            return Ok(());
        };
        if Rc::ptr_eq(&own, theirs) {
            return Ok(());
        }
        let mut info = (*own).clone();
        self.check_prop(cx, &mut info, theirs)?;
        if info.flags == own.flags {
            return Ok(());
        }
        let info = Rc::new(info);
        if let Some(place) = self.class.slot_props.get_mut(info.slot as usize) {
            *place = info.clone();
        }
        self.class.props.insert(info.name.clone(), info);
        Ok(())
    }

    /// What certain interfaces demand of the classes that implement them.
    fn interface_rules(&mut self, cx: &mut Cx, interface: ClassRef) -> Ret<()> {
        if self.class.is_interface() {
            return Ok(());
        }
        let name = self.name();
        let has =
            |d: &Draft, key: &[u8]| d.class.interfaces.iter().any(|i| i.key.as_bytes() == key);
        let message = match interface.key.as_bytes() {
            b"traversable"
                if self.class.flags & class_flags::ABSTRACT == 0
                    && !has(self, b"iterator")
                    && !has(self, b"iteratoraggregate") =>
            {
                let message = format!(
                    "{} {name} must implement interface Traversable as part of either Iterator \
                     or IteratorAggregate",
                    self.class.kind_title()
                );
                return Err(cx.compile_error(message, b"Unknown", 0));
            }
            b"iterator" if has(self, b"iteratoraggregate") => format!(
                "Class {name} cannot implement both Iterator and IteratorAggregate at the same time"
            ),
            b"throwable" if self.class.is_enum() => {
                format!("Enum {name} cannot implement interface {}", interface.display_name())
            }
            b"throwable" if !self.extends(&[b"exception", b"error"]) => format!(
                "{} {name} cannot implement interface {}, extend Exception or Error instead",
                self.class.kind_title(),
                interface.display_name()
            ),
            b"datetimeinterface" if !self.extends(&[b"datetime", b"datetimeimmutable"]) => {
                "DateTimeInterface can't be implemented by user classes".to_owned()
            }
            b"unitenum" | b"backedenum" if !self.class.is_enum() => format!(
                "Non-enum class {name} cannot implement interface {}",
                interface.display_name()
            ),
            b"backedenum" if self.class.backing == 0 => format!(
                "Non-backed enum {name} cannot implement interface {}",
                interface.display_name()
            ),
            b"serializable" if self.class.is_enum() => {
                format!("Enum {name} cannot implement the Serializable interface")
            }
            b"serializable" => {
                self.serializable_notice(cx)?;
                if !self.class.is_enum() {
                    return Ok(());
                }
                format!("Enum {name} cannot implement the Serializable interface")
            }
            _ => return Ok(()),
        };
        Err(self.error(cx, message))
    }

    fn extends(&self, keys: &[&[u8]]) -> bool {
        let mut c = self.class.parent;
        while let Some(p) = c {
            if keys.contains(&p.key.as_bytes()) {
                return true;
            }
            c = p.parent;
        }
        false
    }

    fn serializable_notice(&self, cx: &mut Cx) -> Ret<()> {
        let has = |key: &[u8]| self.class.methods.contains_key(key);
        if self.class.flags & class_flags::ABSTRACT != 0
            || has(b"__serialize") && has(b"__unserialize")
        {
            return Ok(());
        }
        let message = format!(
            "{} implements the Serializable interface, which is deprecated. Implement \
             __serialize() and __unserialize() instead (or in addition, if support for old PHP \
             versions is necessary)",
            self.name()
        );
        cx.raise_at(level::DEPRECATED, message.as_bytes(), &self.file, self.line)
    }
}

//! A class that can have objects must leave nothing abstract.

use super::draft::Draft;
use crate::props::prop_flags;
use crate::{Cx, Ret};
use outlast_bytecode::class_flags;

/// How many are named.
const SHOWN: usize = 3;

impl Draft {
    /// The checks of a finished class.
    pub(super) fn verify(&mut self, cx: &mut Cx) -> Ret<()> {
        if !self.class.is_interface() && !self.class.is_trait() {
            self.check_abstract_methods(cx)?;
        }
        if self.class.is_enum() {
            self.verify_enum(cx)?;
        }
        self.check_override_attributes(cx)
    }

    fn check_abstract_methods(&self, cx: &mut Cx) -> Ret<()> {
        let explicit = self.class.flags & class_flags::ABSTRACT != 0;
        let mut missing: Vec<String> = Vec::new();
        for f in self.class.methods.values() {
            if f.is_abstract() && (!explicit || f.is_private()) {
                missing.push(f.display_name());
            }
        }
        if !explicit {
            for p in self.class.props.values() {
                for (flag, hook) in
                    [(prop_flags::ABSTRACT_GET, "get"), (prop_flags::ABSTRACT_SET, "set")]
                {
                    if p.flags & flag != 0 {
                        let class = p.class.get();
                        let class = if class == self.me {
                            self.requirer(&p.name, flag).unwrap_or(class)
                        } else {
                            class
                        };
                        missing.push(format!("{}::${}::{hook}", class.display_name(), p.name));
                    }
                }
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let count = missing.len();
        let plural = if count == 1 { "" } else { "s" };
        let mut list = missing[..count.min(SHOWN)].join(", ");
        if count > SHOWN {
            list.push_str(", ...");
        }
        let (kind, name) = (self.class.kind_title(), self.name());
        let message = if explicit || self.class.is_enum() {
            format!("{kind} {name} must implement {count} abstract private method{plural} ({list})")
        } else if self.class.flags & class_flags::ANONYMOUS != 0 {
            format!("{kind} {name} must implement {count} abstract method{plural} ({list})")
        } else {
            format!(
                "{kind} {name} contains {count} abstract method{plural} and must therefore be \
                 declared abstract or implement the remaining methods ({list})"
            )
        };
        Err(self.error(cx, message))
    }

    /// The class or interface that first asked for a hook.
    fn requirer(
        &self,
        name: &outlast_value::PhpString,
        flag: u32,
    ) -> Option<crate::class::ClassRef> {
        self.class
            .parent
            .iter()
            .chain(&self.class.interfaces)
            .find_map(|c| c.props.get(name).filter(|p| p.flags & flag != 0))
            .map(|p| p.class.get())
    }
}

//! The errors of property access.

use super::PropLookup;
use crate::class::{ClassRef, ObjectClass, PropInfo};
use crate::{Cx, Ret, Unwind};
use outlast_bytecode::member_flags as m;
use outlast_value::{Object, PhpString};

/// "public", "protected" or "private".
pub(crate) fn visibility_name(flags: u32) -> &'static str {
    if flags & m::PRIVATE != 0 {
        "private"
    } else if flags & m::PROTECTED != 0 {
        "protected"
    } else {
        "public"
    }
}

/// "scope X" or "global scope".
pub(crate) fn scope_name(scope: Option<ClassRef>) -> String {
    scope.map_or_else(|| "global scope".to_owned(), |s| format!("scope {}", s.display_name()))
}

impl Cx {
    /// The error of a lookup that found nothing usable.
    pub(crate) fn denied_error(&mut self, class: ClassRef, found: &PropLookup) -> Unwind {
        let (flags, name) = match found {
            PropLookup::Denied(info) => (info.flags, &info.name),
            PropLookup::DeniedStatic(p) => (p.flags, &p.name),
            _ => return self.throw_error("Cannot access property starting with \"\\0\""),
        };
        self.throw_error(format!(
            "Cannot access {} property {}::${name}",
            visibility_name(flags),
            class.display_name()
        ))
    }

    /// Notice that a static property is used like an instance one; `magic`: a magic method will
    /// take care of it.
    pub(crate) fn static_as_instance(
        &mut self,
        class: ClassRef,
        name: &PhpString,
        magic: bool,
    ) -> Ret<()> {
        if magic {
            return Ok(());
        }
        self.raise_notice(format!(
            "Accessing static property {}::${name} as non static",
            class.display_name()
        ))
    }

    pub(crate) fn undefined_prop(&mut self, object: &Object, name: &PhpString) -> Ret<()> {
        self.raise_warning(format!(
            "Undefined property: {}::${name}",
            object.class().display_name()
        ))
    }

    pub(crate) fn uninitialized_error(&mut self, info: &PropInfo) -> Unwind {
        self.throw_error(format!(
            "Typed property {}::${} must not be accessed before initialization",
            info.class.get().display_name(),
            info.name
        ))
    }

    /// "Cannot modify readonly property A::$x"
    pub(crate) fn readonly_error(&mut self, info: &PropInfo, verb: &str) -> Unwind {
        self.throw_error(format!(
            "Cannot {verb} readonly property {}::${}",
            info.class.get().display_name(),
            info.name
        ))
    }

    /// "Cannot modify private(set) property A::$x from global scope"
    pub(crate) fn set_visibility_error(
        &mut self,
        info: &PropInfo,
        verb: &str,
        scope: Option<ClassRef>,
    ) -> Unwind {
        self.throw_error(format!(
            "Cannot {verb} {} {}property {}::${} from {}",
            if info.flags & m::PRIVATE_SET != 0 { "private(set)" } else { "protected(set)" },
            if info.is_readonly() { "readonly " } else { "" },
            info.class.get().display_name(),
            info.name,
            scope_name(scope)
        ))
    }

    /// May a dynamic property be made? Error or deprecation if not.
    pub(crate) fn check_dynamic(&mut self, object: &Object, name: &PhpString) -> Ret<()> {
        let class = object.class();
        if class.forbids_dynamic {
            return Err(self.throw_error(format!(
                "Cannot create dynamic property {}::${name}",
                class.display_name()
            )));
        }
        if !class.allows_dynamic {
            self.raise_deprecated(format!(
                "Creation of dynamic property {}::${name} is deprecated",
                class.display_name()
            ))?;
        }
        Ok(())
    }
}

//! The classes of a script: finding them by name, autoloading, their constants, static properties
//! and objects.

mod constants;
mod instances;
mod statics;

use crate::class::{Class, ClassRef};
use crate::types::lower;
use crate::{Cx, Ret, Unwind};
use outlast_bytecode::member_flags;
use outlast_value::{PhpString, Value};

/// What kind of class is asked for: the words of "… not found".
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClassKind {
    Class,
    Interface,
    Trait,
    Enum,
}

impl ClassKind {
    fn word(self) -> &'static str {
        match self {
            ClassKind::Class => "Class",
            ClassKind::Interface => "Interface",
            ClassKind::Trait => "Trait",
            ClassKind::Enum => "Enum",
        }
    }
}

/// A name without its leading backslash.
fn bare(name: &[u8]) -> &[u8] {
    name.strip_prefix(b"\\").unwrap_or(name)
}

/// May this be the name of a class? Autoloaders are not asked for others.
fn is_class_name(name: &[u8]) -> bool {
    name.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'\\' | 0x80..))
}

impl Cx {
    /// A class that is declared, or a native one. Nothing is autoloaded.
    pub fn class(&mut self, name: &[u8]) -> Option<ClassRef> {
        let name = bare(name);
        if name.iter().any(u8::is_ascii_uppercase) {
            let key = name.to_ascii_lowercase();
            self.class_by_key(&key)
        } else {
            self.class_by_key(name)
        }
    }

    fn class_by_key(&mut self, key: &[u8]) -> Option<ClassRef> {
        if let Some(c) = self.classes.get(key) {
            return Some(*c);
        }
        let registry = self.registry.clone();
        let (native, extension) = registry.class(key)?;
        Some(self.build_native_class(native, extension))
    }

    /// A class by name, autoloaded if asked.
    pub fn lookup_class(&mut self, name: &PhpString, autoload: bool) -> Ret<Option<ClassRef>> {
        if let Some(c) = self.class(name) {
            return Ok(Some(c));
        }
        if !autoload {
            return Ok(None);
        }
        self.autoload(name)
    }

    fn autoload(&mut self, name: &PhpString) -> Ret<Option<ClassRef>> {
        let wanted = bare(name);
        if self.autoloaders.is_empty() || wanted.is_empty() || !is_class_name(wanted) {
            return Ok(None);
        }
        let key = lower(wanted);
        if self.autoloading.contains(&key) {
            return Ok(None);
        }
        let shown = if wanted.len() == name.len() { name.clone() } else { PhpString::new(wanted) };
        self.autoloading.push(key.clone());
        let found = self.run_autoloaders(&shown, &key);
        if let Some(i) = self.autoloading.iter().rposition(|k| *k == key) {
            self.autoloading.remove(i);
        }
        found
    }

    fn run_autoloaders(&mut self, name: &PhpString, key: &PhpString) -> Ret<Option<ClassRef>> {
        let mut i = 0;
        while let Some(loader) = self.autoloaders.get(i).cloned() {
            self.call(&loader, vec![Value::Str(name.clone())])?;
            if let Some(c) = self.classes.get(key) {
                return Ok(Some(*c));
            }
            i += 1;
        }
        Ok(None)
    }

    /// A class by name, autoloaded; Error `Class "X" not found`.
    pub fn class_or_throw(&mut self, name: &PhpString) -> Ret<ClassRef> {
        self.class_of_kind_or_throw(name, ClassKind::Class)
    }

    /// The same with the wording for interfaces and the like.
    pub fn class_of_kind_or_throw(&mut self, name: &PhpString, kind: ClassKind) -> Ret<ClassRef> {
        match self.lookup_class(name, true)? {
            Some(c) => Ok(c),
            None => Err(self.class_not_found(name, kind)),
        }
    }

    /// Error `Class "X" not found`.
    pub fn class_not_found(&mut self, name: &PhpString, kind: ClassKind) -> Unwind {
        let mut message = kind.word().as_bytes().to_vec();
        message.extend_from_slice(b" \"");
        message.extend_from_slice(bare(name));
        message.extend_from_slice(b"\" not found");
        self.throw_error(message)
    }

    /// Gives a class another name (`class_alias`); false if that name is taken.
    pub fn alias_class(&mut self, class: ClassRef, alias: &[u8]) -> bool {
        if self.class(alias).is_some() {
            return false;
        }
        self.classes.insert(lower(bare(alias)), class);
        true
    }
}

/// May code of `scope` use a member of `class` with these flags?
pub(crate) fn member_access(flags: u32, class: ClassRef, scope: Option<ClassRef>) -> bool {
    if flags & member_flags::PRIVATE != 0 {
        scope == Some(class)
    } else if flags & member_flags::PROTECTED != 0 {
        crate::props::protected_access(class, scope)
    } else {
        true
    }
}

impl Class {
    /// "Class", "Interface", "Trait" or "Enum".
    pub(crate) fn kind_title(&self) -> &'static str {
        if self.is_interface() {
            "Interface"
        } else if self.is_trait() {
            "Trait"
        } else if self.is_enum() {
            "Enum"
        } else {
            "Class"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_class_name;

    #[test]
    fn odd_names_are_not_autoloaded() {
        assert!(is_class_name(b"Foo\\Bar_1"));
        assert!(is_class_name("é".as_bytes()));
        assert!(!is_class_name(b"a b"));
        assert!(!is_class_name(b"a\0b"));
        assert!(!is_class_name(b"a:b"));
    }
}

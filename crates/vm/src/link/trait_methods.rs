//! Methods that come from traits: rules, aliases, collisions.

use super::draft::Draft;
use super::methods::OverrideRules;
use crate::class::ClassRef;
use crate::function::FuncRef;
use crate::types::lower;
use crate::{Cx, Ret};
use outlast_bytecode::{ClassDecl, TraitRule, member_flags as m};
use outlast_value::PhpString;
use rustc_hash::FxHashSet;

const VISIBILITY: u32 = m::PUBLIC | m::PROTECTED | m::PRIVATE;

/// An `as` rule with its trait found.
pub(super) struct Alias {
    from: ClassRef,
    /// Lower case name of the method.
    method: PhpString,
    modifiers: u32,
    alias: Option<PhpString>,
}

/// The rules of a `use`.
#[derive(Default)]
pub(super) struct Rules {
    aliases: Vec<Alias>,
    /// Trait and lower case method that another trait's method stands in for.
    excluded: FxHashSet<(ClassRef, PhpString)>,
}

impl Draft {
    /// Takes over methods, constants and properties of the traits. Abstract methods come last:
    /// any other method may implement them.
    pub(super) fn bind_traits(&mut self, cx: &mut Cx, decl: &ClassDecl) -> Ret<()> {
        if self.class.traits.is_empty() {
            return Ok(());
        }
        let rules = self.trait_rules(cx, decl)?;
        self.bind_trait_methods(cx, &rules, false)?;
        self.bind_trait_methods(cx, &rules, true)?;
        self.trait_constants(cx)?;
        self.trait_properties(cx)
    }

    fn bind_trait_methods(&mut self, cx: &mut Cx, rules: &Rules, abstracts: bool) -> Ret<()> {
        for t in self.class.traits.clone() {
            for (key, f) in &t.methods {
                if f.is_abstract() == abstracts {
                    self.bind_trait_method(cx, t, key, f, rules)?;
                }
            }
        }
        Ok(())
    }

    fn bind_trait_method(
        &mut self,
        cx: &mut Cx,
        from: ClassRef,
        key: &PhpString,
        f: &FuncRef,
        rules: &Rules,
    ) -> Ret<()> {
        let with = |modifiers: u32| {
            let mut flags = f.modifiers;
            if modifiers & VISIBILITY != 0 {
                flags = flags & !VISIBILITY | modifiers & VISIBILITY;
            }
            flags | modifiers & m::FINAL
        };
        let applies = |a: &&Alias| a.from == from && a.method == *key;
        for a in rules.aliases.iter().filter(applies) {
            if let Some(alias) = &a.alias {
                let shown = format!("{}::{}", from.display_name(), f.name);
                let entry = (alias.clone(), PhpString::from(shown));
                if !self.class.trait_aliases.contains(&entry) {
                    self.class.trait_aliases.push(entry);
                }
                self.add_trait_method(cx, from, f, alias.clone(), with(a.modifiers))?;
            }
        }
        if rules.excluded.contains(&(from, key.clone())) {
            return Ok(());
        }
        let mut flags = f.modifiers;
        for a in rules.aliases.iter().filter(applies) {
            if a.alias.is_none() && a.modifiers != 0 {
                flags = with(a.modifiers);
            }
        }
        self.add_trait_method(cx, from, f, f.name.clone(), flags)
    }

    fn add_trait_method(
        &mut self,
        cx: &mut Cx,
        from: ClassRef,
        f: &FuncRef,
        name: PhpString,
        flags: u32,
    ) -> Ret<()> {
        let key = lower(&name);
        let adopted = self.adopt(f, name.clone(), flags, Some(from));
        if let Some(existing) = self.class.methods.get(&key).cloned() {
            if same_code(&existing, f) && existing.modifiers == flags {
                return Ok(());
            }
            if f.is_abstract() {
                // The class (or its parent) has to satisfy it, whatever the visibility.
                let rules = OverrideRules { finality: true, visibility: false };
                return self.check_override(cx, &key, &existing, f, rules);
            }
            if existing.scope() == Some(self.me) {
                let Some(other) = existing.from_trait else {
                    // Own methods override those of traits.
                    return Ok(());
                };
                if !existing.is_abstract() {
                    let message = format!(
                        "Trait method {}::{} has not been applied as {}::{name}, because of \
                         collision with {}::{}",
                        from.display_name(),
                        f.name,
                        self.name(),
                        other.display_name(),
                        original_name(&existing, other)
                    );
                    return Err(self.error(cx, message));
                }
            }
            self.check_override(cx, &key, &adopted, &existing, OverrideRules::ALL)?;
        }
        self.class.methods.insert(key, adopted);
        Ok(())
    }

    /// Finds the traits and methods that the rules name.
    fn trait_rules(&mut self, cx: &mut Cx, decl: &ClassDecl) -> Ret<Rules> {
        let mut rules = Rules::default();
        for rule in &decl.trait_rules {
            match rule {
                TraitRule::Precedence { trait_name, method, insteadof } => {
                    self.precedence(cx, &mut rules, trait_name, method, insteadof)?;
                }
                TraitRule::Alias { trait_name, method, modifiers, alias } => {
                    let from = match trait_name {
                        Some(t) => {
                            let from = self.used_trait(cx, t)?;
                            if !from.methods.contains_key(&lower(method)) {
                                let message = format!(
                                    "An alias was defined for {}::{} but this method does not exist",
                                    from.display_name(),
                                    String::from_utf8_lossy(method)
                                );
                                return Err(self.error(cx, message));
                            }
                            from
                        }
                        None => self.trait_with(cx, method, alias.as_deref())?,
                    };
                    rules.aliases.push(Alias {
                        from,
                        method: lower(method),
                        modifiers: *modifiers,
                        alias: alias.as_ref().map(|a| PhpString::new(a)),
                    });
                }
            }
        }
        Ok(rules)
    }

    fn precedence(
        &mut self,
        cx: &mut Cx,
        rules: &mut Rules,
        trait_name: &[u8],
        method: &[u8],
        insteadof: &[Box<[u8]>],
    ) -> Ret<()> {
        let from = self.used_trait(cx, trait_name)?;
        let key = lower(method);
        let shown = String::from_utf8_lossy(method).into_owned();
        if !from.methods.contains_key(&key) {
            let message = format!(
                "A precedence rule was defined for {}::{shown} but this method does not exist",
                from.display_name()
            );
            return Err(self.error(cx, message));
        }
        for other in insteadof {
            let other = self.used_trait(cx, other)?;
            if other == from {
                let name = from.display_name();
                let message = format!(
                    "Inconsistent insteadof definition. The method {shown} is to be used from \
                     {name}, but {name} is also on the exclude list"
                );
                return Err(self.error(cx, message));
            }
            if !rules.excluded.insert((other, key.clone())) {
                let message = format!(
                    "Failed to evaluate a trait precedence ({shown}). Method of trait {} was \
                     defined to be excluded multiple times",
                    other.display_name()
                );
                return Err(self.error(cx, message));
            }
        }
        Ok(())
    }

    /// A trait named in a rule: it has to be used by the class.
    fn used_trait(&mut self, cx: &mut Cx, name: &[u8]) -> Ret<ClassRef> {
        let Some(t) = cx.class(name) else {
            let message = format!("Could not find trait {}", String::from_utf8_lossy(name));
            return Err(self.error(cx, message));
        };
        if self.class.traits.contains(&t) {
            return Ok(t);
        }
        let message = if t.is_trait() {
            format!("Required Trait {} wasn't added to {}", t.display_name(), self.name())
        } else {
            format!(
                "Class {} is not a trait, Only traits may be used in 'as' and 'insteadof' statements",
                t.display_name()
            )
        };
        Err(self.error(cx, message))
    }

    /// The one trait that has a method which an alias names without a trait.
    fn trait_with(&mut self, cx: &mut Cx, method: &[u8], alias: Option<&[u8]>) -> Ret<ClassRef> {
        let key = lower(method);
        let shown = String::from_utf8_lossy(method).into_owned();
        let mut having = self.class.traits.iter().filter(|t| t.methods.contains_key(&key)).copied();
        match (having.next(), having.next()) {
            (Some(t), None) => Ok(t),
            (Some(a), Some(b)) => {
                let (a, b) = (a.display_name(), b.display_name());
                let message = format!(
                    "An alias was defined for method {shown}(), which exists in both {a} and {b}. \
                     Use {a}::{shown} or {b}::{shown} to resolve the ambiguity"
                );
                Err(self.error(cx, message))
            }
            (None, _) => {
                let message = match alias {
                    Some(a) => format!(
                        "An alias ({}) was defined for method {shown}(), but this method does not \
                         exist",
                        String::from_utf8_lossy(a)
                    ),
                    None => format!(
                        "The modifiers of the trait method {shown}() are changed, but this method \
                         does not exist. Error"
                    ),
                };
                Err(self.error(cx, message))
            }
        }
    }
}

/// Do both run the same code?
fn same_code(a: &FuncRef, b: &FuncRef) -> bool {
    match (a.user(), b.user()) {
        (Some(x), Some(y)) => std::rc::Rc::ptr_eq(&x.unit, &y.unit) && x.index == y.index,
        _ => false,
    }
}

/// The name a method has in the trait it came from.
fn original_name(f: &FuncRef, from: ClassRef) -> PhpString {
    from.methods
        .values()
        .find(|o| same_code(o, f))
        .map_or_else(|| f.name.clone(), |o| o.name.clone())
}

//! Modifiers and the rules that PHP checks while it parses them.

use super::{Parser, Result};
use crate::ast::modifiers as m;
use crate::error::ParseError;
use crate::token::TokenKind as T;

/// What modifiers stand in front of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Property,
    Method,
    Constant,
    Parameter,
    Hook,
}

impl Target {
    fn name(self) -> &'static str {
        match self {
            Target::Property => "property",
            Target::Method => "method",
            Target::Constant => "class constant",
            Target::Parameter => "parameter",
            Target::Hook => "property hook",
        }
    }

    fn allows(self, modifier: u32) -> bool {
        let access = m::PUBLIC | m::PROTECTED | m::PRIVATE;
        let set_access = m::PUBLIC_SET | m::PROTECTED_SET | m::PRIVATE_SET;
        let allowed = match self {
            Target::Property => {
                access | set_access | m::STATIC | m::ABSTRACT | m::FINAL | m::READONLY
            }
            Target::Method => access | m::STATIC | m::ABSTRACT | m::FINAL,
            Target::Constant => access | m::FINAL,
            Target::Parameter => access | set_access | m::READONLY,
            Target::Hook => m::FINAL,
        };
        allowed & modifier != 0
    }
}

fn modifier(kind: T) -> Option<u32> {
    Some(match kind {
        T::Public => m::PUBLIC,
        T::Protected => m::PROTECTED,
        T::Private => m::PRIVATE,
        T::Static => m::STATIC,
        T::Abstract => m::ABSTRACT,
        T::Final => m::FINAL,
        T::Readonly => m::READONLY,
        T::PublicSet => m::PUBLIC_SET,
        T::ProtectedSet => m::PROTECTED_SET,
        T::PrivateSet => m::PRIVATE_SET,
        _ => return None,
    })
}

fn modifier_name(flag: u32) -> &'static str {
    match flag {
        m::PUBLIC => "public",
        m::PROTECTED => "protected",
        m::PRIVATE => "private",
        m::STATIC => "static",
        m::ABSTRACT => "abstract",
        m::FINAL => "final",
        m::READONLY => "readonly",
        m::PUBLIC_SET => "public(set)",
        m::PROTECTED_SET => "protected(set)",
        _ => "private(set)",
    }
}

impl Parser<'_> {
    pub(super) fn at_modifier(&self) -> bool {
        modifier(self.token.kind).is_some()
    }

    /// Consumes modifiers, unchecked: what they apply to stands behind them.
    pub(super) fn modifier_list(&mut self) -> Vec<u32> {
        let mut flags = Vec::new();
        while let Some(flag) = modifier(self.token.kind) {
            self.advance();
            flags.push(flag);
        }
        flags
    }

    /// Consumes the modifier at hand.
    pub(super) fn one_modifier(&mut self) -> u32 {
        modifier(self.advance().kind).unwrap_or_default()
    }

    /// Checks modifiers against their target and each other, as PHP does in its parser.
    pub(super) fn check_modifiers(&self, flags: &[u32], target: Target) -> Result<u32> {
        let access = m::PUBLIC | m::PROTECTED | m::PRIVATE;
        let set_access = m::PUBLIC_SET | m::PROTECTED_SET | m::PRIVATE_SET;
        let mut all = 0;
        for &flag in flags {
            if !target.allows(flag) {
                return Err(self.compile_error(&format!(
                    "Cannot use the {} modifier on a {}",
                    modifier_name(flag),
                    target.name()
                )));
            }
            if (flag & access != 0 && all & access != 0)
                || (flag & set_access != 0 && all & set_access != 0)
            {
                return Err(self.compile_error("Multiple access type modifiers are not allowed"));
            }
            if all & flag != 0 {
                let name = modifier_name(flag);
                return Err(
                    self.compile_error(&format!("Multiple {name} modifiers are not allowed"))
                );
            }
            all |= flag;
            let final_and_abstract = all & m::FINAL != 0 && all & m::ABSTRACT != 0;
            if final_and_abstract && matches!(target, Target::Method | Target::Property) {
                return Err(self.compile_error(&format!(
                    "Cannot use the final modifier on an abstract {}",
                    target.name()
                )));
            }
        }
        Ok(all)
    }

    /// `abstract`, `final` and `readonly` in front of `class`.
    pub(super) fn class_modifiers(&mut self, anonymous: bool) -> Result<u32> {
        let mut all = 0;
        while self.at_any(&[T::Abstract, T::Final, T::Readonly]) {
            let token = self.advance();
            let flag = modifier(token.kind).unwrap_or_default();
            let name = modifier_name(flag);
            let message = if anonymous && flag != m::READONLY {
                format!("Cannot use the {name} modifier on an anonymous class")
            } else if all & flag != 0 {
                format!("Multiple {name} modifiers are not allowed")
            } else if (all | flag) & (m::FINAL | m::ABSTRACT) == m::FINAL | m::ABSTRACT {
                "Cannot use the final modifier on an abstract class".to_owned()
            } else {
                all |= flag;
                continue;
            };
            return Err(Box::new(ParseError::compile(message, token.end_line)));
        }
        Ok(all)
    }
}

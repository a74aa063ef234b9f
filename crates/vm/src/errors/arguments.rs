//! Errors about arguments and calls, in the name of the function that runs.

use crate::function::{Func, FuncRef};
use crate::{Cx, Ret, Unwind, level};
use outlast_bytecode::{Attribute, ConstExpr, Literal};

impl Cx {
    /// The native function that runs, if PHP code does not.
    pub fn running_native(&self) -> Option<&FuncRef> {
        let f = self.frames.get(self.current as usize)?;
        f.func.native().is_some().then_some(&f.func)
    }

    /// `f(): Argument #n ($name) …` of the running function.
    fn argument_text(&self, n: usize, text: &str) -> String {
        let Some(f) = self.frames.get(self.current as usize) else {
            return format!("Argument #{n} {text}");
        };
        let name = argument_name(&f.func, n).map_or_else(String::new, |name| format!(" (${name})"));
        format!("{}(): Argument #{n}{name} {text}", f.func.display_name())
    }

    /// ValueError: argument `n` (from 1) `must …`.
    #[cold]
    pub fn arg_value_error(&mut self, n: usize, text: &str) -> Unwind {
        let message = self.argument_text(n, text);
        self.throw("ValueError", message)
    }

    /// TypeError: argument `n` (from 1) `must …`.
    #[cold]
    pub fn arg_type_error(&mut self, n: usize, text: &str) -> Unwind {
        let message = self.argument_text(n, text);
        self.throw("TypeError", message)
    }

    /// Another error about argument `n` (from 1).
    #[cold]
    pub fn arg_error(&mut self, class: &str, n: usize, text: &str) -> Unwind {
        let message = self.argument_text(n, text);
        self.throw(class, message)
    }

    /// The deprecation of a function that is being called; its frame is at `index`.
    #[cold]
    pub(crate) fn report_deprecated_call(&mut self, index: usize) -> Ret<()> {
        let frame = &self.frames[index];
        let func = frame.func.clone();
        let caller = frame.caller;
        let (level, suffix) = match (func.native(), func.user()) {
            (Some(n), _) => (level::DEPRECATED, n.deprecated.unwrap_or_default().to_string()),
            (None, Some(u)) => {
                let attributes = &u.decl().attributes;
                (level::USER_DEPRECATED, deprecation_suffix(attributes))
            }
            (None, None) => (level::DEPRECATED, String::new()),
        };
        let kind = if func.class.is_some() && !func.is_closure() { "Method" } else { "Function" };
        let text = format!("{kind} {}() is deprecated{suffix}", func.display_name());
        // The line shown is that of the call.
        let running = std::mem::replace(&mut self.current, caller);
        let result = self.raise(level, text);
        self.current = running;
        result
    }
}

/// ` since X, message` of `#[\Deprecated]`.
pub(crate) fn deprecation_suffix(attributes: &[Attribute]) -> String {
    let Some(a) = attributes.iter().find(|a| a.name.eq_ignore_ascii_case(b"Deprecated")) else {
        return String::new();
    };
    let argument = |name: &[u8], place: usize| {
        let named = a.args.iter().find(|(n, _)| n.as_deref() == Some(name));
        let found = named.or_else(|| a.args.get(place).filter(|(n, _)| n.is_none()))?;
        match &found.1 {
            ConstExpr::Value(Literal::Str(s)) => Some(String::from_utf8_lossy(s).into_owned()),
            _ => None,
        }
    };
    let since = argument(b"since", 1).map_or_else(String::new, |s| format!(" since {s}"));
    let message = argument(b"message", 0).map_or_else(String::new, |m| format!(", {m}"));
    format!("{since}{message}")
}

/// Name of parameter `n` (from 1); what a variadic parameter takes has none.
fn argument_name(func: &Func, n: usize) -> Option<String> {
    let n = n.checked_sub(1)?;
    match (func.native(), func.user()) {
        (Some(f), _) => f.params.get(n).filter(|p| !p.variadic).map(|p| p.name.to_string()),
        (_, Some(u)) => u
            .decl()
            .params
            .get(n)
            .filter(|p| !p.variadic)
            .map(|p| String::from_utf8_lossy(&p.name).into_owned()),
        _ => None,
    }
}

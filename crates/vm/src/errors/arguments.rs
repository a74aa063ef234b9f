//! Errors about arguments and calls, in the name of the function that runs.

use crate::attributes::ExpressionPlace;
use crate::function::{Func, FuncRef};
use crate::{Cx, Ret, Unwind, level};

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
        let called = frame.extra.as_ref().and_then(|e| e.trampoline.clone());
        let shown = match (called, func.scope()) {
            (Some(name), Some(class)) => format!("{}::{name}", class.display_name()),
            _ => func.display_name(),
        };
        let kind = if func.class.is_some() && !func.is_closure() { "Method" } else { "Function" };
        // The line shown is that of the call.
        let running = std::mem::replace(&mut self.current, caller);
        let result = self.raise_deprecated_call(&func, &format!("{kind} {shown}()"));
        self.current = running;
        result
    }

    fn raise_deprecated_call(&mut self, func: &FuncRef, what: &str) -> Ret<()> {
        let (level, suffix) = match (func.native(), func.user()) {
            (Some(n), _) => (level::DEPRECATED, n.deprecated.unwrap_or_default().to_string()),
            (None, Some(u)) => {
                let place = ExpressionPlace { unit: Some(u.unit.clone()), scope: func.scope() };
                let suffix = self.deprecation_suffix(&u.decl().attributes, &place)?;
                (level::USER_DEPRECATED, suffix)
            }
            (None, None) => (level::DEPRECATED, String::new()),
        };
        self.raise(level, format!("{what} is deprecated{suffix}"))
    }
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

//! Backtraces as arrays and as text.

use crate::class::ObjectClass;
use crate::cx::NO_FRAME;
use crate::frame::{Frame, frame_flags};
use crate::frames::Frames;
use crate::function::FuncRef;
use crate::{Cx, Ret};
use outlast_bytecode::{IncludeMode, Op, Param, function_flags};
use outlast_value::{KeyRef, Object, PhpArray, PhpString, Value};

/// Options of `debug_backtrace`.
pub mod backtrace_options {
    /// `DEBUG_BACKTRACE_PROVIDE_OBJECT`
    pub const PROVIDE_OBJECT: i64 = 1;
    /// `DEBUG_BACKTRACE_IGNORE_ARGS`
    pub const IGNORE_ARGS: i64 = 2;
}

impl Cx {
    /// The calls under way, innermost first, the running function included; at most `limit` unless 0.
    pub fn backtrace(&mut self, options: i64, limit: usize) -> PhpArray {
        self.backtrace_from(self.current, options, limit)
    }

    /// The same without the native function that asks.
    pub fn debug_backtrace(&mut self, options: i64, limit: usize) -> PhpArray {
        let start = match self.running_native() {
            Some(_) => self.frame().caller,
            None => self.current,
        };
        // The line of the call is shown by the frame that the asker was called from.
        self.backtrace_from(start, options, limit)
    }

    fn backtrace_from(&mut self, start: u32, options: i64, limit: usize) -> PhpArray {
        let mut trace = PhpArray::new();
        self.trace_frames(start, options, limit, &mut trace);
        // A fiber was called by whoever runs it.
        for n in (0..self.resumers.len()).rev() {
            let current = self.resumers[n].current;
            std::mem::swap(&mut self.frames, &mut self.resumers[n].frames);
            self.trace_frames(current, options, limit, &mut trace);
            std::mem::swap(&mut self.frames, &mut self.resumers[n].frames);
        }
        trace
    }

    /// The calls of a stack of frames that is put aside.
    pub(crate) fn trace_of(
        &mut self,
        frames: &mut Frames,
        innermost: u32,
        options: i64,
    ) -> PhpArray {
        let mut trace = PhpArray::new();
        std::mem::swap(&mut self.frames, frames);
        self.trace_frames(innermost, options, 0, &mut trace);
        std::mem::swap(&mut self.frames, frames);
        trace
    }

    /// The calls under way from the code that runs in generator `leaf` through the `depth`
    /// generators that delegate to it.
    pub(crate) fn running_generator_trace(
        &mut self,
        leaf: &Object,
        depth: usize,
        options: i64,
    ) -> PhpArray {
        let mut trace = PhpArray::new();
        let runs_leaf = |f: &Frame| {
            f.extra.as_ref().and_then(|e| e.generator.as_ref()).is_some_and(|g| g.ptr_eq(leaf))
        };
        let Some(start) = self.frames.iter().rposition(runs_leaf) else { return trace };
        self.trace_frames(start as u32, options, depth, &mut trace);
        // Who made the outermost one run is not told.
        if let Some((key, Value::Array(mut last))) =
            trace.iter().last().map(|(key, v)| (key, v.clone()))
        {
            last.remove_str(&PhpString::from("file"));
            last.remove_str(&PhpString::from("line"));
            trace.insert(key, Value::Array(last));
        }
        trace
    }

    /// The calls under way in the running fiber alone.
    pub(crate) fn own_trace(&mut self, options: i64) -> PhpArray {
        let mut trace = PhpArray::new();
        self.trace_frames(self.current, options, 0, &mut trace);
        trace
    }

    fn trace_frames(&mut self, start: u32, options: i64, limit: usize, trace: &mut PhpArray) {
        let mut at = start;
        while at != NO_FRAME && (limit == 0 || trace.len() < limit) {
            let index = at as usize;
            at = self.frames[index].caller;
            if self.is_transparent(index) {
                continue;
            }
            // Generators that delegate to this one seem to have called it.
            let outer = self.delegators(&self.frames[index]);
            let outer: Vec<_> = outer.iter().map(Cx::suspended_frame).collect();
            let mut called: Vec<&Frame> = vec![&self.frames[index]];
            called.extend(outer.iter().filter_map(|f| f.as_ref()));
            let callers = called[1..].iter().copied().map(Some);
            let described: Vec<_> = called
                .iter()
                .zip(callers.chain([self.calling_frame(index)]))
                .filter_map(|(frame, caller)| self.describe_call(frame, caller, options))
                .collect();
            for (mut entry, func, args) in described {
                if limit != 0 && trace.len() >= limit {
                    break;
                }
                if is_main(&func) {
                    // The file included is told by the call that stands in it.
                    let last = trace.iter().last().map(|(_, call)| call.clone());
                    if let Some(Value::Array(call)) = last
                        && let Some(file) = call.get_str(b"file").cloned()
                        && !matches!(entry.get_str(b"function"), Some(Value::Str(s)) if s.as_bytes() == b"eval")
                    {
                        let path = PhpArray::from_list(vec![file]);
                        entry.insert_str(PhpString::from("args"), Value::Array(path));
                    }
                }
                if let Some(args) = args {
                    let args = self.hide_sensitive(&func, args);
                    entry.insert_str(PhpString::from("args"), Value::Array(args));
                }
                trace.push(Value::Array(entry)).ok();
            }
        }
    }

    /// A call as an array, and its arguments unless they are not wanted.
    fn describe_call(
        &self,
        frame: &Frame,
        caller: Option<&Frame>,
        options: i64,
    ) -> Option<(PhpArray, FuncRef, Option<PhpArray>)> {
        let func = frame.func.clone();
        let mut entry = PhpArray::new();
        let mut set = |name: &str, value: Value| {
            entry.insert_str(PhpString::from(name), value);
        };
        if let Some(site) = frame.extra.as_ref().and_then(|e| e.site.as_ref()) {
            set("file", Value::Str(site.file.clone()));
            set("line", Value::Int(i64::from(site.line)));
        } else if let Some(u) = caller.and_then(|c| c.func.user()) {
            let line = caller.map_or(0, Frame::line);
            set("file", Value::Str(u.unit.file.clone()));
            set("line", Value::Int(i64::from(line)));
        }
        if let Some(u) = func.user() {
            if u.decl().flags & function_flags::CONST_EXPR != 0 {
                if !frame.has(frame_flags::CONSTANT) {
                    return None;
                }
                set("function", Value::str("[constant expression]"));
                return Some((entry, func, None));
            }
            if u.index == 0 {
                let mode = caller.and_then(include_mode)?;
                set("function", Value::str(include_word(mode)));
                return Some((entry, func, None));
            }
        }
        set("function", Value::Str(func.name.clone()));
        if let Some(this) = &frame.this {
            let class = func.scope().unwrap_or_else(|| this.class());
            set("class", Value::Str(class.name.clone()));
            if options & backtrace_options::PROVIDE_OBJECT != 0 {
                set("object", Value::Object(this.clone()));
            }
            set("type", Value::str("->"));
        } else if let Some(class) = func.scope() {
            set("class", Value::Str(class.name.clone()));
            set("type", Value::str("::"));
        }
        let args = (options & backtrace_options::IGNORE_ARGS == 0).then(|| trace_arguments(frame));
        Some((entry, func, args))
    }

    /// The word of the include that the running code is at.
    pub(crate) fn including(&self) -> Option<&'static str> {
        let frame = self.frames.get(self.current as usize)?;
        include_mode(frame).map(include_word)
    }

    /// The frame that called the one at `index`, as a script sees it.
    pub(crate) fn calling_frame(&self, index: usize) -> Option<&Frame> {
        let caller = self.frames[index].caller as usize;
        let mut frame = self.frames.get(caller)?;
        if self.is_transparent(caller) {
            frame = self.frames.get(frame.caller as usize)?;
        }
        while is_constant_expression(frame) {
            frame = self.frames.get(frame.caller as usize)?;
        }
        Some(frame)
    }

    /// Native calls that PHP does without: it compiles `call_user_func` to a plain call, and
    /// iterates and reads native objects without calling their methods.
    fn is_transparent(&self, index: usize) -> bool {
        let frame = &self.frames[index];
        let Some(native) = frame.func.native() else { return false };
        if self.frames.get(frame.caller as usize).is_none_or(|c| c.func.user().is_none()) {
            return false;
        }
        if frame.func.class.is_some() {
            return frame.has(frame_flags::FROM_NATIVE) && !native.name.starts_with("__");
        }
        matches!(native.name, "call_user_func" | "call_user_func_array")
    }

    /// Arguments of `#[\SensitiveParameter]` go into a `SensitiveParameterValue`.
    fn hide_sensitive(&mut self, func: &FuncRef, args: PhpArray) -> PhpArray {
        let Some(u) = func.user() else { return args };
        let params = &u.decl().params;
        if !params.iter().any(is_sensitive) {
            return args;
        }
        let mut hidden = PhpArray::with_capacity(args.len());
        for (n, (key, value)) in args.iter().enumerate() {
            let param = params.get(n).or(params.last().filter(|p| p.variadic));
            let value = match param {
                Some(p) if is_sensitive(p) => self.sensitive(value.clone()),
                _ => value.clone(),
            };
            hidden.insert(key, value);
        }
        hidden
    }

    fn sensitive(&mut self, value: Value) -> Value {
        let Some(class) = self.class(b"SensitiveParameterValue") else { return Value::Null };
        let Ok(object) = self.instantiate(class) else { return Value::Null };
        if let Some(p) = class.props.get(&b"value"[..]) {
            object.set_slot(p.slot as usize, value);
        }
        Value::Object(object)
    }

    // ---- text

    /// A trace as `#0 file(line): Class->f(args)` and so on down to `{main}`.
    pub fn trace_to_string(&mut self, trace: &PhpArray) -> Ret<Vec<u8>> {
        let mut out = self.trace_lines(trace)?;
        out.extend_from_slice(format!("#{} {{main}}", trace.len()).as_bytes());
        Ok(out)
    }

    /// The lines of a trace without `{main}`, as `debug_print_backtrace` shows them.
    pub fn trace_lines(&mut self, trace: &PhpArray) -> Ret<Vec<u8>> {
        let mut out = Vec::new();
        for (n, frame) in trace.values().enumerate() {
            let Value::Array(frame) = frame.deref() else {
                self.raise_warning(format!("Expected array for frame {n}"))?;
                continue;
            };
            out.extend_from_slice(format!("#{n} ").as_bytes());
            match frame.get_str(b"file").map(Value::deref) {
                Some(Value::Str(file)) => {
                    let line = match frame.get_str(b"line").map(Value::deref) {
                        Some(Value::Int(line)) => line,
                        Some(_) => {
                            self.raise_warning("Line is not an int")?;
                            0
                        }
                        None => 0,
                    };
                    out.extend_from_slice(&file);
                    out.extend_from_slice(format!("({line}): ").as_bytes());
                }
                Some(_) => {
                    self.raise_warning("File name is not a string")?;
                    out.extend_from_slice(b"[unknown file]: ");
                }
                None => out.extend_from_slice(b"[internal function]: "),
            }
            for key in ["class", "type", "function"] {
                match frame.get_str(key.as_bytes()).map(Value::deref) {
                    Some(Value::Str(s)) => out.extend_from_slice(visible(&s)),
                    Some(_) => {
                        self.raise_warning(format!("Value for {key} is not a string"))?;
                        out.extend_from_slice(b"[unknown]");
                    }
                    None => {}
                }
            }
            out.push(b'(');
            match frame.get_str(b"args").map(Value::deref) {
                Some(Value::Array(args)) => {
                    for (i, (key, v)) in args.iter_refs().enumerate() {
                        if i > 0 {
                            out.extend_from_slice(b", ");
                        }
                        if let KeyRef::Str(name) = key {
                            out.extend_from_slice(name);
                            out.extend_from_slice(b": ");
                        }
                        self.trace_argument(&mut out, &v.deref());
                    }
                }
                Some(_) => self.raise_warning("args element is not an array")?,
                None => {}
            }
            out.extend_from_slice(b")\n");
        }
        Ok(out)
    }

    fn trace_argument(&mut self, out: &mut Vec<u8>, value: &Value) {
        match value {
            Value::Undef | Value::Null => out.extend_from_slice(b"NULL"),
            Value::Bool(b) => out.extend_from_slice(if *b { b"true" } else { b"false" }),
            Value::Int(i) => out.extend_from_slice(i.to_string().as_bytes()),
            Value::Float(f) => {
                let text = self.float_to_string(*f);
                out.extend_from_slice(&text);
                if text.iter().all(|b| b.is_ascii_digit() || *b == b'-') {
                    out.extend_from_slice(b".0");
                }
            }
            Value::Str(s) => {
                let most = self.ini.exception_string_param_max_len();
                let cut = &s[..s.len().min(most)];
                out.push(b'\'');
                out.extend_from_slice(&super::escape(cut));
                out.extend_from_slice(if s.len() > most { b"...'" } else { b"'" });
            }
            Value::Array(_) => out.extend_from_slice(b"Array"),
            Value::Object(o) => {
                let class = o.class();
                let name = class.display_name();
                if class.is_enum() {
                    let case = class.props.get(&b"name"[..]).map(|p| o.slot(p.slot as usize));
                    if let Some(Value::Str(case)) = case {
                        out.extend_from_slice(name.as_bytes());
                        out.extend_from_slice(b"::");
                        out.extend_from_slice(&case);
                        return;
                    }
                }
                out.extend_from_slice(format!("Object({name})").as_bytes());
            }
            Value::Resource(r) => {
                out.extend_from_slice(format!("Resource id #{}", r.id()).as_bytes());
            }
            Value::Ref(r) => self.trace_argument(out, &r.get()),
        }
    }
}

/// What the variadic parameter of a PHP function collected.
fn variadic_argument(frame: &Frame) -> PhpArray {
    if frame.func.user().is_none() || !frame.func.is_variadic() {
        return PhpArray::new();
    }
    let place = frame.func.param_count() - 1;
    if place >= frame.slots as usize {
        return PhpArray::new();
    }
    // SAFETY: the variadic parameter is a local: its slot lies within the frame.
    match unsafe { (*frame.base.add(place)).deref() } {
        Value::Array(rest) => rest,
        _ => PhpArray::new(),
    }
}

/// The arguments as backtraces show them: named ones with their names.
fn trace_arguments(frame: &Frame) -> PhpArray {
    let mut args = PhpArray::from_list(frame.arguments());
    for (key, v) in variadic_argument(frame).iter_refs() {
        if let KeyRef::Str(name) = key {
            args.insert_str(name.clone(), v.deref());
        }
    }
    for (name, v) in frame.extra.iter().flat_map(|e| &e.extra_named) {
        args.insert_str(name.clone(), v.deref());
    }
    args
}

fn is_constant_expression(frame: &Frame) -> bool {
    frame.func.user().is_some_and(|u| u.decl().flags & function_flags::CONST_EXPR != 0)
}

fn is_sensitive(param: &Param) -> bool {
    param.attributes.iter().any(|a| a.name.eq_ignore_ascii_case(b"SensitiveParameter"))
}

/// The kind of include a frame is at.
fn include_mode(caller: &Frame) -> Option<IncludeMode> {
    let code = &caller.func.user()?.decl().code;
    match code.get((caller.pc() as usize).checked_sub(1)?)? {
        Op::Include { mode, .. } => Some(*mode),
        _ => None,
    }
}

fn include_word(mode: IncludeMode) -> &'static str {
    match mode {
        IncludeMode::Include => "include",
        IncludeMode::IncludeOnce => "include_once",
        IncludeMode::Require => "require",
        IncludeMode::RequireOnce => "require_once",
        IncludeMode::Eval => "eval",
    }
}

/// A name up to its NUL byte (anonymous classes).
fn visible(name: &[u8]) -> &[u8] {
    let end = name.iter().position(|&b| b == 0).unwrap_or(name.len());
    &name[..end]
}

/// Is it the code of a file, or of `eval`?
fn is_main(func: &FuncRef) -> bool {
    func.user().is_some_and(|u| u.index == 0)
}

//! The context of one script: everything that PHP keeps per request.

use crate::class::{ClassArena, ClassRef, NameMap};
use crate::errors::ErrorState;
use crate::frame::Frame;
use crate::frames::Frames;
use crate::function::FuncRef;
use crate::ini::Ini;
use crate::native::NativeModule;
use crate::output::Output;
use crate::registry::Registry;
use crate::sapi::{Loader, Sapi};
use crate::scope::Global;
use crate::stack::Stack;
use crate::unit::LoadedUnit;
use outlast_lifecycle::Lifecycle;
use outlast_value::{Heap, Object, PhpString, Value};
use rustc_hash::FxHashMap;
use std::any::{Any, TypeId};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

/// "No frame runs."
pub const NO_FRAME: u32 = u32::MAX;

/// Makes the variables of these bits of `outlast_bytecode::auto_globals`.
pub type AutoGlobals = Rc<dyn Fn(&mut Cx, u8)>;

/// The context of a script. Native functions get it as their first argument.
pub struct Cx {
    /// Values of frames.
    pub(crate) stack: Stack,
    /// Running and pending calls, outermost first.
    pub(crate) frames: Frames,
    /// Index of the running frame.
    pub(crate) current: u32,
    /// The exception that `Unwind::Throw` stands for.
    pub exception: Option<Object>,
    /// No function of an extension is disabled: what the compiler took for a known one is it.
    pub(crate) all_functions: bool,
    /// Functions by lower case name; native ones enter when first used.
    pub functions: FxHashMap<PhpString, FuncRef>,
    /// Names of user functions in order of declaration.
    pub user_functions: Vec<PhpString>,
    /// Classes by lower case name, in order of declaration; native ones enter when first used.
    pub classes: NameMap<ClassRef>,
    /// Global constants by name (namespaces in lower case).
    pub constants: NameMap<ConstEntry>,
    /// Global variables. One that is `Undef` is an undefined variable.
    pub(crate) globals: NameMap<Global>,
    /// The variables of `outlast_bytecode::auto_globals` that are not made yet, and who makes them.
    pub(crate) auto_globals: (u8, Option<AutoGlobals>),
    /// Settings.
    pub ini: Ini,
    /// Output buffers and headers.
    pub out: Output,
    /// Error handlers, levels, last error.
    pub errors: ErrorState,
    /// Callbacks of `register_shutdown_function`.
    pub shutdown_functions: Vec<(Value, Vec<Value>)>,
    /// What extensions do behind the last output buffer, while output is still sent: the session is
    /// written.
    pub deactivation_hooks: Vec<crate::request::RequestEndHook>,
    /// What extensions do at the end of the request: streams are closed.
    pub request_end_hooks: Vec<crate::request::RequestEndHook>,
    /// Callbacks of `Outlast\on_abort`.
    pub abort_callbacks: Vec<Value>,
    /// What the waits of [`Cx::parked`] reach this context by.
    pub(crate) parking: Option<Rc<crate::request::parking::Parking>>,
    /// Callbacks of `register_tick_function`.
    pub tick_functions: Vec<(Value, Vec<Value>)>,
    /// Callbacks of `spl_autoload_register`.
    pub autoloaders: Vec<Value>,
    /// Classes being autoloaded, to stop recursion.
    pub autoloading: Vec<PhpString>,
    /// The code in use.
    pub(crate) units: Vec<Rc<LoadedUnit>>,
    /// Files included so far (resolved paths).
    pub included: NameMap<()>,
    /// Path of the main script as given.
    pub script_path: PhpString,
    /// Current directory of the script.
    pub cwd: Vec<u8>,
    /// Id of the next resource.
    pub next_resource: i64,
    /// The request's lifecycle.
    pub lifecycle: Rc<Lifecycle>,
    /// Set by the watchdog and the connection; polled at back-edges and calls.
    pub(crate) interrupt: Arc<AtomicU32>,
    /// Where the script runs.
    pub sapi: Box<dyn Sapi>,
    /// Compiles code for include and eval.
    pub loader: Rc<dyn Loader>,
    /// Native functions, classes and constants.
    pub registry: Rc<Registry>,
    /// Status for the process: set by `exit(int)` and fatal errors (255).
    pub exit_status: i32,
    /// Where that word is, for machine code.
    pub(crate) interrupt_at: *const AtomicU32,
    /// How often a function is called or its loops turn before machine code is made of it; 0: it
    /// is never made.
    pub(crate) machine_threshold: u32,
    /// What machine code returns to native code.
    pub(crate) machine_result: Value,
    /// Why machine code was left with `machine::THROWN`.
    pub(crate) machine_unwind: Option<crate::machine::Left>,
    /// Depth of native re-entries, for errors before the native stack ends.
    pub(crate) native_depth: u32,
    /// Levels of native recursion into nested values.
    pub(crate) recursion: u32,
    /// Storage of extensions, by type.
    states: FxHashMap<TypeId, Box<dyn Any>>,
    /// Counter for `{closure}`-like unique names.
    pub(crate) unique: u64,
    /// The stacks of those who resumed the running fiber, outermost first.
    pub(crate) resumers: Vec<crate::fiber::SavedStack>,
    /// The fiber that runs, if one does.
    pub(crate) fiber: Option<Object>,
    /// The class Closure, once it was needed.
    pub(crate) closure_class: Option<ClassRef>,
    /// What `new` of a class without a constructor calls.
    pub(crate) no_constructor: Option<FuncRef>,
    /// Values of frames that a stop or fatal error cut short; they die last.
    pub(crate) abandoned: Vec<Value>,
    /// Objects are not destructed any more (fatal error).
    pub(crate) no_destructors: bool,
    /// Told the addresses of objects that were keys of a WeakMap, once they are gone.
    pub weak_keys_died: Option<fn(&mut Cx, &[usize])>,
    /// Where the code of an include comes from.
    pub include_source: Option<crate::sapi::IncludeSources>,
    /// Everything allocated by the script.
    pub heap: Rc<Heap>,
    /// Owns the classes: last, so that it is dropped after all that refers to them.
    pub(crate) arena: ClassArena,
}

/// A global constant.
pub struct ConstEntry {
    pub value: Value,
    /// Defined by the script, not by an extension.
    pub user: bool,
    /// Extension or empty.
    pub extension: &'static str,
    pub deprecated: bool,
}

impl Cx {
    /// A context with nothing run yet.
    pub fn new(
        registry: Rc<Registry>,
        sapi: Box<dyn Sapi>,
        loader: Rc<dyn Loader>,
        lifecycle: Rc<Lifecycle>,
        ini: Ini,
        heap: Rc<Heap>,
    ) -> Cx {
        let interrupt = lifecycle.interrupt_word();
        let machine_threshold = crate::machine::threshold(&ini);
        let mut cx = Cx {
            stack: Stack::default(),
            frames: Frames::default(),
            current: NO_FRAME,
            exception: None,
            all_functions: ini.get("disable_functions").is_none_or(|list| list.is_empty()),
            functions: FxHashMap::default(),
            user_functions: Vec::new(),
            classes: NameMap::default(),
            constants: NameMap::default(),
            globals: NameMap::default(),
            auto_globals: (0, None),
            errors: ErrorState::new(&ini),
            out: Output::new(&ini),
            ini,
            shutdown_functions: Vec::new(),
            deactivation_hooks: Vec::new(),
            request_end_hooks: Vec::new(),
            abort_callbacks: Vec::new(),
            parking: None,
            tick_functions: Vec::new(),
            autoloaders: Vec::new(),
            autoloading: Vec::new(),
            units: Vec::new(),
            included: NameMap::default(),
            script_path: PhpString::empty(),
            cwd: std::env::current_dir()
                .map(|p| p.into_os_string().into_encoded_bytes())
                .unwrap_or_else(|_| b"/".to_vec()),
            next_resource: 4,
            lifecycle,
            interrupt_at: Arc::as_ptr(&interrupt),
            interrupt,
            sapi,
            loader,
            registry,
            exit_status: 0,
            machine_threshold,
            machine_result: Value::Undef,
            machine_unwind: None,
            native_depth: 0,
            recursion: 0,
            states: FxHashMap::default(),
            unique: 0,
            resumers: Vec::new(),
            fiber: None,
            closure_class: None,
            no_constructor: None,
            abandoned: Vec::new(),
            no_destructors: false,
            weak_keys_died: None,
            include_source: None,
            heap,
            arena: ClassArena::default(),
        };
        cx.start_default_output();
        cx
    }

    /// The state an extension keeps per script, made by `Default` when first asked for.
    pub fn state<T: Any + Default>(&mut self) -> &mut T {
        self.states
            .entry(TypeId::of::<T>())
            .or_insert_with(|| Box::<T>::default())
            .downcast_mut()
            .expect("stored under its own type")
    }

    /// Drops the state of an extension, e.g. at the end of the request.
    pub fn take_state<T: Any>(&mut self) -> Option<Box<T>> {
        self.states.remove(&TypeId::of::<T>()).and_then(|b| b.downcast().ok())
    }

    /// The running frame.
    #[inline]
    pub(crate) fn frame(&self) -> &Frame {
        &self.frames[self.current as usize]
    }

    /// The running frame.
    #[inline]
    pub(crate) fn frame_mut(&mut self) -> &mut Frame {
        &mut self.frames[self.current as usize]
    }

    /// Index of the innermost running frame of PHP code (native frames skipped).
    pub(crate) fn user_frame_index(&self) -> Option<usize> {
        let mut i = self.current;
        while i != NO_FRAME {
            let f = &self.frames[i as usize];
            if f.func.user().is_some() {
                return Some(i as usize);
            }
            i = f.caller;
        }
        None
    }

    /// File and line of the PHP code being run; empty and 0 outside of any.
    pub fn position(&self) -> (PhpString, u32) {
        match self.user_frame_index() {
            Some(i) => {
                let f = &self.frames[i];
                (f.func.user().expect("a user frame").unit.file.clone(), f.line())
            }
            None => (PhpString::empty(), 0),
        }
    }

    /// The class whose scope the running PHP code has.
    pub fn scope(&self) -> Option<ClassRef> {
        self.user_frame_index().and_then(|i| self.frames[i].scope())
    }

    /// A number that was not given out before in this script.
    pub fn unique_id(&mut self) -> u64 {
        self.unique += 1;
        self.unique
    }

    /// The native modules linked in.
    pub fn modules(&self) -> &[&'static NativeModule] {
        self.registry.modules()
    }
}

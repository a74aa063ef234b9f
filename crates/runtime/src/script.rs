//! One script from start to end.

use crate::modules;
use crate::scopes::Place;
use crate::superglobals::{self, ScriptNames};
use crate::worker::{Runtime, Worker};
use outlast_bytecode::Unit;
use outlast_fiber::Hooks;
use outlast_lifecycle::{Cause, Clock, Lifecycle, Limits};
use outlast_value::{Heap, PhpString, Value};
use outlast_vm::ini::{Ini, IniBase};
use outlast_vm::pending::{self, PendingWork};
use outlast_vm::sapi::{LoadError, Loader, Sapi};
use outlast_vm::uploads::UploadedFiles;
use outlast_vm::{Cx, Ret};
use std::cell::RefCell;
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::rc::Rc;
use std::sync::Arc;

/// The code to run.
#[derive(Debug)]
pub enum Main {
    /// A file, by its path.
    File(Vec<u8>),
    /// Source text.
    Code {
        /// The text.
        source: Vec<u8>,
        /// What messages call its file.
        name: &'static str,
        /// It has no opening tag.
        in_code: bool,
    },
}

/// A script and what it is told about itself.
#[derive(Debug)]
pub struct Job {
    /// What runs.
    pub main: Main,
    /// The script's path as it was given.
    pub path: Vec<u8>,
    /// The current directory it starts in; `None`: the process's.
    pub directory: Option<Vec<u8>>,
    /// For the superglobals.
    pub names: ScriptNames,
    /// Whose settings hold; `None`: those of php.ini and the command line alone.
    pub place: Option<Place>,
}

/// What the thread holds for the script that runs; exchanged at each switch.
struct ThreadState {
    heap: RefCell<Option<Heap>>,
    pending: RefCell<PendingWork>,
}

impl ThreadState {
    fn exchange(&self) {
        let mut heap = self.heap.borrow_mut();
        let current = Heap::swap_current(heap.take());
        *heap = current;
        pending::swap(&mut self.pending.borrow_mut());
    }
}

/// Puts the thread's state back when the script ends, by a panic too.
struct Entered(Rc<ThreadState>);

impl Entered {
    fn new(heap: Heap) -> Entered {
        let state =
            Rc::new(ThreadState { heap: RefCell::new(Some(heap)), pending: RefCell::default() });
        state.exchange();
        let switched = state.clone();
        outlast_fiber::on_switch(Some(Rc::new(move || switched.exchange())));
        Entered(state)
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        outlast_fiber::on_switch(None);
        self.0.exchange();
    }
}

impl Worker {
    /// Runs a script to the end of its shutdown sequence; returns the exit status. Called inside a
    /// green thread. A panic goes on in the caller, who knows where to report it.
    pub fn run(&self, job: &Job, sapi: Box<dyn Sapi>, lifecycle: &Rc<Lifecycle>) -> i32 {
        self.run_with(job, sapi, lifecycle, |cx| {
            let unit = self.load(&job.main).map_err(|error| cx.load_error(error))?;
            cx.run_scripts(unit)
        })
    }

    /// The same with a router script in front: where it returns false, `declined` says whether the job's own code
    /// is to run, in this folder.
    pub fn run_routed(
        &self,
        job: &Job,
        router: &Main,
        folder: Option<Vec<u8>>,
        sapi: Box<dyn Sapi>,
        lifecycle: &Rc<Lifecycle>,
        declined: impl FnOnce() -> bool,
    ) -> i32 {
        self.run_with(job, sapi, lifecycle, |cx| {
            let unit = self.load(router).map_err(|error| cx.load_error(error))?;
            if !matches!(cx.run_main(unit)?, Value::Bool(false)) || !declined() {
                return Ok(());
            }
            if let Some(folder) = folder {
                cx.cwd = folder;
            }
            let unit = self.load(&job.main).map_err(|error| cx.load_error(error))?;
            cx.run_scripts(unit)
        })
    }

    /// The same with `body` in the place of the job's own code.
    pub fn run_with(
        &self,
        job: &Job,
        mut sapi: Box<dyn Sapi>,
        lifecycle: &Rc<Lifecycle>,
        body: impl FnOnce(&mut Cx) -> Ret<()>,
    ) -> i32 {
        let ini = match &job.place {
            None => self.runtime.ini.clone(),
            Some(place) => self.places.settings(place, |text| sapi.log(text.as_bytes())),
        };
        self.with_cx(ini, sapi, lifecycle, |cx| {
            if let Some(directory) = &job.directory {
                cx.cwd = directory.clone();
            }
            cx.script_path = PhpString::new(&job.path);
            let guard = Uploads(cx);
            guard.0.execute_with(|cx| {
                if matches!(cx.sapi.name(), "cli" | "cgi-fcgi") {
                    outlast_ext_session::check_configured(cx)?;
                }
                superglobals::register(cx, &job.names)?;
                modules::start(cx)?;
                if cx.sapi.name() == "cli" {
                    for (name, value) in outlast_ext_standard::stream::standard_streams(cx) {
                        cx.define_constant(&name.into(), value);
                    }
                }
                outlast_ext_session::request_startup(cx)?;
                body(cx)
            });
            guard.0.exit_status
        })
    }

    /// Runs `body` with a fresh context whose heap is the thread's current one meanwhile.
    fn with_cx<R>(
        &self,
        ini: Arc<IniBase>,
        sapi: Box<dyn Sapi>,
        lifecycle: &Rc<Lifecycle>,
        body: impl FnOnce(&mut Cx) -> R,
    ) -> R {
        let heap = Heap::new();
        let _entered = Entered::new(heap.clone());
        // In a box: the stack of a script that waits should hold little.
        let mut cx = Box::new(Cx::new(
            self.registry.clone(),
            sapi,
            self.loader.clone(),
            lifecycle.clone(),
            Ini::new(ini),
            Rc::new(heap),
        ));
        cx.include_source = Some(outlast_ext_standard::stream::include_source);
        let result = body(&mut cx);
        cx.teardown();
        result
    }

    fn load(&self, main: &Main) -> Result<Arc<Unit>, LoadError> {
        match main {
            Main::Code { source, name, in_code } => {
                self.loader.load_code(source, name.as_bytes(), *in_code)
            }
            Main::File(path) => match self.loader.resolve(path) {
                Some(path) => self.loader.load_file(&path),
                None => self.loader.load_file(path),
            },
        }
    }
}

/// Removes the uploads that the script left where they were, however it ends.
struct Uploads<'a>(&'a mut Cx);

impl Drop for Uploads<'_> {
    fn drop(&mut self) {
        let Some(uploads) = self.0.take_state::<UploadedFiles>() else { return };
        for path in uploads.0 {
            // The script may have removed or renamed it itself.
            let _ = std::fs::remove_file(OsStr::from_bytes(&path));
        }
    }
}

/// Joins a request's state to the scheduler, where no server does.
struct AloneHooks(Rc<Lifecycle>);

impl Hooks for AloneHooks {
    fn resumed(&self) {
        self.0.resumed();
    }
    fn suspended(&self) {
        self.0.suspended();
    }
    fn stops_wait(&self) -> bool {
        self.0.pending_stop().is_some()
    }
    fn abandoned(&self) {
        self.0.request_stop(Cause::Request);
    }
}

impl Runtime {
    /// Runs `body` as the only green thread of this thread, on an event loop of its own: the command
    /// line and CGI. A panic inside goes on here.
    pub fn run_alone<R: 'static>(
        &self,
        body: impl FnOnce(&Worker, &Rc<Lifecycle>) -> R + 'static,
    ) -> io::Result<R> {
        let clock =
            Clock { cpu: outlast_host::clock::thread_cpu, wall: outlast_host::clock::monotonic };
        let word = outlast_fiber::interrupt_word();
        let lifecycle = Rc::new(Lifecycle::new(clock, word, Limits::default()));
        let worker = self.worker();
        let hooks = Rc::new(AloneHooks(lifecycle.clone()));
        match outlast_fiber::run_to_end(hooks, move || body(&worker, &lifecycle))? {
            Ok(result) => Ok(result),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

//! Who makes machine code, and when: one thread for the process, or the caller at once.

use crate::{code, emit};
use outlast_bytecode::Unit;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, OnceLock};

type Job = (Arc<Unit>, u32);

static QUEUE: OnceLock<Option<Sender<Job>>> = OnceLock::new();

/// Makes machine code of a function.
pub fn generate(unit: &Arc<Unit>, index: u32, now: bool) {
    if now {
        make(unit, index);
        return;
    }
    let queue = QUEUE.get_or_init(|| {
        let (sender, jobs) = channel::<Job>();
        let thread = std::thread::Builder::new().name("jit".into());
        // Without a thread everything stays with the interpreter.
        thread.spawn(move || jobs.iter().for_each(|(unit, index)| make(&unit, index))).ok()?;
        Some(sender)
    });
    if let Some(queue) = queue {
        // The thread takes jobs as long as the process lives.
        queue.send((unit.clone(), index)).ok();
    }
}

fn make(unit: &Unit, index: u32) {
    let function = &unit.functions[index as usize];
    // A fault in the code generator ends no script: the function stays with the interpreter.
    let emitted = catch_unwind(AssertUnwindSafe(|| emit::function(function)));
    if let Ok(Some(emitted)) = emitted
        && let Some(code) = code::Code::new(&emitted)
    {
        function.tier.publish(Box::new(code));
    }
}

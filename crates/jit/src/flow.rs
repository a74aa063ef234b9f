//! How control flows through the ops of a function: where blocks begin, where one may enter.

use outlast_bytecode::{Function, Op, SwitchTable};

/// Where an op goes.
pub struct Exits {
    /// To the op behind it.
    pub falls: bool,
    /// By jumps.
    pub targets: Vec<u32>,
}

/// The targets named by an op itself.
pub fn target(op: Op) -> Option<u32> {
    let mut found = None;
    let mut copy = op;
    copy.map_targets(|t| {
        found = Some(t);
        t
    });
    found
}

/// All targets of a jump table.
pub fn table_targets(table: &SwitchTable) -> Vec<u32> {
    let ints = table.ints.iter().map(|(_, t)| *t);
    let strings = table.strings.iter().map(|(_, t)| *t);
    let mut all: Vec<u32> = ints.chain(strings).chain([table.default]).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Where the op at `pc` goes.
pub fn exits(f: &Function, pc: usize) -> Exits {
    let op = f.code[pc];
    match op {
        Op::Jmp { target } => Exits { falls: false, targets: vec![target] },
        Op::Switch { table, .. } => {
            Exits { falls: true, targets: table_targets(&f.switches[table as usize]) }
        }
        // The call of a constructor that does not exist is passed over.
        Op::InitNew { .. } => Exits { falls: true, targets: vec![pc as u32 + 2] },
        Op::Return { .. }
        | Op::ReturnConst { .. }
        | Op::ReturnRef { .. }
        | Op::ReturnRefVal { .. }
        | Op::Throw { .. }
        | Op::Rethrow {}
        | Op::MatchError { .. }
        | Op::NeverReturned {}
        | Op::MissingReturn {}
        | Op::Exit { .. } => Exits { falls: false, targets: Vec::new() },
        op => Exits { falls: true, targets: target(op).into_iter().collect() },
    }
}

/// Does the frame go on behind this op after another frame ran in between?
fn resumes(op: Op) -> bool {
    matches!(
        op,
        Op::DoCall { .. }
            | Op::CallKnown { .. }
            | Op::Yield { .. }
            | Op::YieldRef { .. }
            | Op::YieldFrom { .. }
    )
}

/// Does the op push a pending call?
pub fn begins_call(op: Op) -> bool {
    matches!(
        op,
        Op::InitFn { .. }
            | Op::InitFnNs { .. }
            | Op::InitDyn { .. }
            | Op::InitMethod { .. }
            | Op::InitThisMethod { .. }
            | Op::InitMethodDyn { .. }
            | Op::InitStaticMethod { .. }
            | Op::InitStaticMethodDyn { .. }
            | Op::InitParentHook { .. }
            | Op::InitNew { .. }
    )
}

/// The blocks of a function that can be reached from its start.
pub struct Flow {
    /// By op: a block begins here.
    pub leader: Vec<bool>,
    /// By op: it can be entered here.
    pub entry: Vec<bool>,
    /// By op: it is reached.
    pub reached: Vec<bool>,
    /// By op: how many calls are begun and not made.
    pub pending: Vec<u16>,
}

impl Flow {
    /// Walks through a function.
    pub fn of(f: &Function) -> Flow {
        let n = f.code.len();
        let mut flow = Flow {
            leader: vec![false; n + 1],
            entry: vec![false; n + 1],
            reached: vec![false; n + 1],
            pending: vec![0; n + 3],
        };
        flow.leader[0] = true;
        flow.entry[0] = true;
        let mut open = vec![0usize];
        while let Some(start) = open.pop() {
            let mut pc = start;
            while pc < n && !flow.reached[pc] {
                flow.reached[pc] = true;
                let exits = exits(f, pc);
                let pending = flow.pending[pc];
                let after = match f.code[pc] {
                    op if begins_call(op) => pending + 1,
                    Op::DoCall { .. } | Op::CallableConvert { .. } => pending.saturating_sub(1),
                    _ => pending,
                };
                flow.pending[pc + 1] = after;
                for &t in &exits.targets {
                    let t = t as usize;
                    // Past the call of a constructor nothing is pending of it.
                    let constructor = matches!(f.code[pc], Op::InitNew { .. });
                    flow.pending[t] = if constructor { pending } else { after };
                    flow.leader[t] = true;
                    flow.entry[t] |= t <= pc;
                    open.push(t);
                }
                if resumes(f.code[pc]) {
                    flow.leader[pc + 1] = true;
                    flow.entry[pc + 1] = true;
                }
                if !exits.falls {
                    break;
                }
                if !exits.targets.is_empty() {
                    flow.leader[pc + 1] = true;
                }
                pc += 1;
            }
        }
        flow
    }
}

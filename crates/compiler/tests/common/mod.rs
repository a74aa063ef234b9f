//! Follows every path through a function and checks that each temporary is written before it is
//! read, consumed exactly once, and dropped before the function returns.

use std::collections::BTreeSet;

use outlast_bytecode::{ClassRef, Function, HandlerKind, NO_SLOT, Op, PathRoot, PathStep, Slot};

type Live = BTreeSet<Slot>;

struct Verifier<'f> {
    f: &'f Function,
    /// Slots of `finally` blocks, which come and go by their own rules.
    exempt: BTreeSet<Slot>,
    states: Vec<Option<Live>>,
    work: Vec<usize>,
}

/// Checks a function; the error names op and slot.
pub fn verify(f: &Function) -> Result<(), String> {
    let mut exempt = BTreeSet::new();
    for h in &f.handlers {
        if let HandlerKind::Finally { slot, .. } | HandlerKind::FinallyBody { slot } = h.kind {
            exempt.extend([slot, slot + 1]);
        }
    }
    for op in &f.code {
        if let Op::SetCompletion { slot, .. } = op {
            exempt.extend([*slot, *slot + 1]);
        }
    }
    let mut v = Verifier { f, exempt, states: vec![None; f.code.len()], work: Vec::new() };
    v.reach(0, &Live::new(), 0)?;
    while let Some(pc) = v.work.pop() {
        v.step(pc)?;
    }
    Ok(())
}

impl Verifier<'_> {
    fn is_temp(&self, slot: Slot) -> bool {
        slot != NO_SLOT && slot as usize >= self.f.locals.len() && !self.exempt.contains(&slot)
    }

    fn reach(&mut self, pc: usize, live: &Live, from: usize) -> Result<(), String> {
        if pc >= self.f.code.len() {
            return if self.f.code.is_empty() {
                Ok(())
            } else {
                Err(format!("{from}: runs off the end"))
            };
        }
        match &self.states[pc] {
            None => {
                self.states[pc] = Some(live.clone());
                self.work.push(pc);
                Ok(())
            }
            Some(old) if old == live => Ok(()),
            Some(old) => Err(format!("{from} -> {pc}: {live:?} meets {old:?}")),
        }
    }

    fn consume(&self, live: &mut Live, slot: Slot, pc: usize) -> Result<(), String> {
        if self.is_temp(slot) && !live.remove(&slot) {
            return Err(format!("{pc} {}: reads empty {slot}", self.f.code[pc].name()));
        }
        Ok(())
    }

    fn define(&self, live: &mut Live, slot: Slot, pc: usize) -> Result<(), String> {
        if self.is_temp(slot) && !live.insert(slot) {
            return Err(format!("{pc} {}: overwrites {slot}", self.f.code[pc].name()));
        }
        Ok(())
    }

    fn class(&self, live: &mut Live, class: u16, pc: usize) -> Result<(), String> {
        if let ClassRef::Dynamic(slot) = self.f.class_refs[class as usize] {
            self.consume(live, slot, pc)?;
        }
        Ok(())
    }

    fn path(&self, live: &mut Live, path: u16, pc: usize) -> Result<(), String> {
        let path = &self.f.paths[path as usize];
        match path.root {
            PathRoot::Temp(s) | PathRoot::VarVar(s) => self.consume(live, s, pc)?,
            PathRoot::StaticProp { class, .. } => self.class(live, class, pc)?,
            PathRoot::StaticPropDyn { class, name } => {
                self.class(live, class, pc)?;
                self.consume(live, name, pc)?;
            }
            PathRoot::Local(_) | PathRoot::This | PathRoot::Globals => {}
        }
        for step in &path.steps {
            if let PathStep::Dim(s) | PathStep::PropDyn(s) = step {
                self.consume(live, *s, pc)?;
            }
        }
        Ok(())
    }

    fn step(&mut self, pc: usize) -> Result<(), String> {
        let op = self.f.code[pc];
        let Some(before) = self.states[pc].clone() else { return Ok(()) };
        for h in &self.f.handlers {
            if pc < h.start as usize || pc >= h.end as usize {
                continue;
            }
            if let HandlerKind::Catch { target } | HandlerKind::Finally { target, .. } = h.kind {
                let kept: Live = before.iter().copied().filter(|&s| s < h.clear_from).collect();
                self.reach(target as usize, &kept, pc)?;
            }
        }
        let mut live = before;
        let mut target = None;
        let mut dsts = Vec::new();
        let mut operands = Vec::new();
        op.operands(|name, kind, value| operands.push((name, kind, value)));
        for (name, kind, value) in &operands {
            let number: u32 = value.parse().unwrap_or(u32::MAX);
            match *kind {
                "Src" if matches!(op, Op::ConcatN { .. } | Op::IterFree { .. }) => {}
                "Src" => self.consume(&mut live, number as Slot, pc)?,
                "Keep" | "Var" if !matches!(op, Op::IterNext { .. } | Op::IterNextKey { .. }) => {
                    let slot = number as Slot;
                    if self.is_temp(slot) && !live.contains(&slot) {
                        return Err(format!("{pc} {}: keeps empty {slot}", op.name()));
                    }
                }
                "Target" => target = Some(number as usize),
                "Dst" => dsts.push(number as Slot),
                _ => match *name {
                    "class" if *kind == "u16" => self.class(&mut live, number as u16, pc)?,
                    "path" => self.path(&mut live, number as u16, pc)?,
                    _ => {}
                },
            }
        }
        let mut jumped = live.clone();
        match op {
            Op::ConcatN { first, count, .. } => {
                for i in 0..count {
                    self.consume(&mut live, first + i, pc)?;
                }
            }
            Op::IterFree { iter } => {
                for i in 0..3 {
                    live.remove(&(iter + i));
                }
            }
            _ => {}
        }
        match op {
            Op::JmpNotNull { dst, .. }
            | Op::JmpTrueKeep { dst, .. }
            | Op::JmpNullsafe { dst, .. }
            | Op::JmpLocalSet { dst, .. }
            | Op::JmpNoAssert { dst, .. } => {
                if let Op::JmpNullsafe { src, .. } = op {
                    // Null needs no dropping.
                    jumped.remove(&src);
                }
                self.define(&mut jumped, dst, pc)?;
            }
            // The fall-through value is a boolean that the right operand overwrites.
            Op::JmpIfBool { dst, .. } | Op::JmpIfNotBool { dst, .. } => {
                self.define(&mut jumped, dst, pc)?;
            }
            Op::IterInit { iter, .. } | Op::IterInitRef { iter, .. } => {
                for s in [&mut live, &mut jumped] {
                    for i in 0..3 {
                        self.define(s, iter + i, pc)?;
                    }
                }
            }
            Op::IterNext { val, .. } => self.define(&mut live, val, pc)?,
            Op::IterNextKey { val, key, .. } => {
                self.define(&mut live, val, pc)?;
                self.define(&mut live, key, pc)?;
            }
            Op::IterNextRef { dst, key, .. } => {
                self.define(&mut live, dst, pc)?;
                self.define(&mut live, key, pc)?;
            }
            _ => {
                for dst in dsts {
                    self.define(&mut live, dst, pc)?;
                    self.define(&mut jumped, dst, pc)?;
                }
            }
        }
        let ends = matches!(
            op,
            Op::Return { .. }
                | Op::ReturnConst { .. }
                | Op::ReturnRef { .. }
                | Op::ReturnRefVal { .. }
                | Op::NeverReturned {}
                | Op::MissingReturn {}
        );
        if ends {
            return if live.is_empty() {
                Ok(())
            } else {
                Err(format!("{pc} {}: leaves {live:?}", op.name()))
            };
        }
        if let Op::Switch { table, .. } = op {
            let table = &self.f.switches[table as usize];
            let targets: Vec<u32> = table
                .ints
                .iter()
                .map(|e| e.1)
                .chain(table.strings.iter().map(|e| e.1))
                .chain([table.default])
                .collect();
            for t in targets {
                self.reach(t as usize, &live, pc)?;
            }
        }
        if let Some(target) = target {
            self.reach(target, &jumped, pc)?;
        }
        let stops = matches!(
            op,
            Op::Jmp { .. }
                | Op::Throw { .. }
                | Op::Rethrow {}
                | Op::Exit { .. }
                | Op::MatchError { .. }
        );
        if stops { Ok(()) } else { self.reach(pc + 1, &live, pc) }
    }
}

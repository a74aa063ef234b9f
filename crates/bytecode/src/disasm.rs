//! Prints bytecode for people: `outlast php --dump-bytecode`.

use crate::{Function, Unit};
use std::fmt::Write;

/// The listing of a whole unit.
pub fn unit(unit: &Unit) -> String {
    unit.functions.iter().map(function).collect()
}

/// The listing of one function.
pub fn function(f: &Function) -> String {
    let mut out = String::new();
    let name = if f.name.is_empty() { "{main}".into() } else { String::from_utf8_lossy(&f.name) };
    let _ = writeln!(out, "function {name}: {} params, {} slots", f.params.len(), f.slots);
    for (pc, op) in f.code.iter().enumerate() {
        let line = f.lines.get(pc).copied().unwrap_or(0);
        let _ = write!(out, "{pc:5} {line:5}  {:18}", op.name());
        op.operands(|name, kind, value| {
            let _ = write!(out, " {name}=");
            let _ = match (kind, value.as_str()) {
                ("Src" | "Keep" | "Dst" | "Var", "65535") => write!(out, "-"),
                ("Src" | "Keep" | "Dst" | "Var", v) => {
                    let slot: usize = v.parse().unwrap_or(0);
                    match f.locals.get(slot) {
                        Some(n) => write!(out, "${}", String::from_utf8_lossy(n)),
                        None => write!(out, "t{}", slot - f.locals.len()),
                    }
                }
                ("K", v) => match v.parse().ok().and_then(|i: usize| f.consts.get(i)) {
                    Some(k) => write!(out, "{k:?}"),
                    None => write!(out, "k{v}"),
                },
                ("Target", v) => write!(out, "->{v}"),
                (_, v) => write!(out, "{v}"),
            };
        });
        out.push('\n');
    }
    for h in &f.handlers {
        let _ = writeln!(out, "  handler {}..{} {:?}", h.start, h.end, h.kind);
    }
    for (i, p) in f.paths.iter().enumerate() {
        let _ = writeln!(out, "  path {i}: {:?} {:?}", p.root, p.steps);
    }
    out
}

//! Machine code in memory.

use memmap2::{Mmap, MmapMut};
use outlast_bytecode::MachineCode;

/// What is to become code: bytes without relocations, and where to enter.
pub struct Emitted {
    pub bytes: Vec<u8>,
    pub entries: Vec<u16>,
}

/// Executable pages; given back with the function.
pub struct Code {
    pages: Mmap,
    entries: Vec<u16>,
}

impl Code {
    /// Puts code into memory of its own. `None` where the system does not allow that.
    pub fn new(emitted: &Emitted) -> Option<Code> {
        let mut pages = MmapMut::map_anon(emitted.bytes.len()).ok()?;
        pages.copy_from_slice(&emitted.bytes);
        let pages = pages.make_exec().ok()?;
        Some(Code { pages, entries: emitted.entries.clone() })
    }
}

impl MachineCode for Code {
    fn address(&self) -> *const () {
        self.pages.as_ptr().cast()
    }

    fn entries(&self) -> &[u16] {
        &self.entries
    }
}

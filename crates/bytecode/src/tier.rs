//! Where the machine code of a function stands, once there is some.

use std::fmt;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering};

/// "The code cannot be entered at this op."
pub const NO_ENTRY: u16 = u16::MAX;

/// Machine code of a function. What makes it keeps it alive as long as the function lives.
pub trait MachineCode: Send + Sync {
    /// Its address.
    fn address(&self) -> *const ();
    /// By the index of an op: where to enter to go on there, or [`NO_ENTRY`].
    fn entries(&self) -> &[u16];
}

/// A function's way to machine code: shared by all scripts that run it.
#[derive(Default)]
pub struct Tier {
    heat: AtomicU32,
    asked: AtomicBool,
    address: AtomicPtr<()>,
    entries: AtomicPtr<u16>,
    mispredictions: AtomicU32,
    code: OnceLock<Box<dyn MachineCode>>,
}

/// Wrong guesses after which machine code is not entered any more.
const MISPREDICTIONS: u32 = 1000;

impl Tier {
    /// Notes a call or a turn of a loop; how many there were. Threads that note at the same time
    /// may lose some.
    #[inline(always)]
    pub fn warm(&self) -> u32 {
        let heat = self.heat.load(Ordering::Relaxed).wrapping_add(1);
        self.heat.store(heat, Ordering::Relaxed);
        heat
    }

    /// True for the first who asks: machine code is to be made.
    pub fn ask(&self) -> bool {
        !self.asked.swap(true, Ordering::Relaxed)
    }

    /// Offers the code to whoever runs the function from now on.
    pub fn publish(&self, code: Box<dyn MachineCode>) {
        let code = self.code.get_or_init(|| code);
        self.entries.store(code.entries().as_ptr().cast_mut(), Ordering::Relaxed);
        self.address.store(code.address().cast_mut(), Ordering::Release);
    }

    /// The code's address, null if there is none.
    #[inline(always)]
    pub fn address(&self) -> *const () {
        self.address.load(Ordering::Acquire)
    }

    /// By the index of an op: where to enter. As many as the function has ops, if there is code.
    #[inline(always)]
    pub fn entries(&self) -> *const u16 {
        self.entries.load(Ordering::Relaxed)
    }

    /// A guess of the code was wrong. It is given up if that happens all the time.
    pub fn mispredicted(&self) {
        if self.mispredictions.fetch_add(1, Ordering::Relaxed) > MISPREDICTIONS {
            self.address.store(ptr::null_mut(), Ordering::Release);
        }
    }
}

impl fmt::Debug for Tier {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Tier").field("address", &self.address).finish_non_exhaustive()
    }
}
